//! What options are called elsewhere: by Keras, scikit-learn, Pillow, torchvision, and by people who do not look them up.
//!
//! One table, which the command line and recipe files use. Spellings with underscores and in capitals are the same name.

/// Names from elsewhere, and what they are called here.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere {
    /// The names, in small letters and with dashes. Who reads them knows which options there are; a name that is one of them is none of these.
    pub names: &'static [&'static str],
    /// Our options for it, without dashes in front; of these, the first that there is.
    pub ours: &'static [&'static str],
    /// What is to be done, where no option alone does it.
    pub says: Option<&'static str>,
}

/// `names => ours`, and `names : says` where there is more to say.
macro_rules! table {
    ($([$($name:literal),+] => [$($ours:literal),*] $(, $says:literal)?;)+) => {
        &[$(Elsewhere { names: &[$($name),+], ours: &[$($ours),*], says: table!(@ $($says)?) }),+]
    };
    (@) => { None };
    (@ $says:literal) => { Some($says) };
}

/// All of them.
pub const TABLE: &[Elsewhere] = table! {
    ["random-state", "random-seed", "rng", "rng-seed", "manual-seed"] => ["seed"];
    ["written-for", "library-version"] => ["compat"];
    ["output", "output-dir", "outdir", "out-dir", "output-folder", "output-path", "output-file", "dest", "destination", "save-to-dir", "save-dir",
        "target-dir", "to", "export-dir"] => ["out", "dir"];
    ["in", "source", "src", "data", "dataset", "input-dir", "input-file", "input-path", "from", "images"] => ["input"];
    ["root", "data-dir", "download-dir", "target-folder"] => ["dir", "input"];
    ["background", "bg", "bgs", "background-dir", "backgrounds-dir"] => ["backgrounds"];
    ["test-split", "test-fraction", "test-ratio", "test-frac", "test-percent"] => ["test-size"];
    ["validation-size", "validation-split", "validation-fraction", "val", "validation", "val-split", "val-fraction", "valid-size", "val-ratio"] => ["val-size"];
    ["train-split", "train-fraction", "train-ratio", "training-size"] => ["train-size"];
    ["n-splits", "n-folds", "k-folds", "kfold", "kfolds", "num-folds", "cv", "k"] => ["folds"];
    ["fold-index", "fold-id"] => ["fold"];
    ["stratified", "stratify-by"] => ["stratify"];
    ["shuffle"] => ["no-shuffle"], "leave it out: `split` shuffles, unless --no-shuffle is given";
    ["groups", "group-by", "grouped"] => ["group"];
    ["rotation", "rotations", "degrees", "max-rotation", "rotation-factor", "angle"] => ["rotation-range", "rotate"];
    ["rotate"] => ["rotation-range"];
    ["width-shift", "shift-x", "translate-x", "translation-x", "width-factor", "horizontal-shift"] => ["width-shift-range"];
    ["height-shift", "shift-y", "translate-y", "translation-y", "height-factor", "vertical-shift"] => ["height-shift-range"];
    ["shear", "shearing"] => ["shear-range"];
    ["zoom", "zoom-factor", "scale-range"] => ["zoom-range"];
    ["translate", "translation"] => ["width-shift-range"], "write --width-shift-range and --height-shift-range, as fractions of the sides";
    ["channel-shift", "channel-shift-intensity"] => ["channel-shift-range"];
    ["brightness"] => ["brightness-range"];
    ["hflip", "flip-horizontal", "flip-lr", "fliplr", "flip-left-right", "flip"] => ["horizontal-flip"];
    ["vflip", "flip-vertical", "flip-ud", "flipud", "flip-up-down"] => ["vertical-flip"];
    ["fill", "padding-mode", "border-mode", "pad-mode"] => ["fill-mode", "mode"];
    ["fill-value", "constant-value", "constant-values"] => ["cval"];
    ["interpolation"] => ["interpolation-order", "order"];
    ["rescale", "normalize", "normalise"] => ["scale"], "write floats: --dtype f32 --scale 0-1, with --format npz, npy or safetensors";
    ["featurewise-center", "featurewise-std-normalization", "standardise"] => ["scale"], "write floats: --dtype f32 --scale standardize, with --format npz, npy or safetensors";
    ["samplewise-center", "samplewise-std-normalization"] => ["scale"], "write floats: --dtype f32 --scale samplewise, with --format npz, npy or safetensors";
    ["zca-whitening", "zca-epsilon"] => ["scale"], "write floats with --dtype f32 --scale standardize, and whiten them with scikit-learn's PCA(whiten=True)";
    ["data-format"] => ["channels-first"], "write --channels-first for (N, C, H, W); without it channels come last";
    ["channel-first", "nchw", "chw"] => ["channels-first"];
    ["data-type", "x-dtype"] => ["dtype"];
    ["categorical", "to-categorical", "onehot"] => ["one-hot"];
    ["flat", "ravel"] => ["flatten"];
    ["output-format", "fmt", "file-format", "type", "file-type"] => ["format"];
    ["shard", "samples-per-shard", "rows-per-shard", "max-shard-size", "chunk-size", "num-shards"] => ["shard-size"];
    ["batch-size", "batch", "batches"] => ["shard-size"], "leave it out: batches are made by whoever loads the data; --shard-size N says how many samples a file has";
    ["compression", "compression-level", "compressed", "gzip"] => ["compress"];
    ["shard-index", "shard-id", "task-id", "array-index", "rank"] => ["part"];
    ["workers", "n-jobs", "jobs", "num-workers", "num-threads", "n-threads", "cpus", "cores", "processes", "parallel"] => ["threads"];
    ["overwrite", "replace", "exist-ok", "clobber", "yes"] => ["force"];
    ["dryrun", "dry", "simulate", "what-if"] => ["dry-run"];
    ["n-samples", "max-samples", "num-samples", "head", "max-images", "num-images", "n-images", "max-count", "nrows"] => ["limit", "count"];
    ["only-classes", "filter-labels", "keep-classes", "class", "digits", "select-classes"] => ["labels"];
    ["num-classes", "n-classes"] => ["classes"];
    ["num", "number", "n"] => ["count", "limit", "copies"];
    ["n-copies", "num-copies", "repeat", "repeats", "times", "multiplier", "num-aug"] => ["copies"];
    ["samples", "draws", "bootstrap"] => ["sample", "limit"];
    ["keep-original", "include-originals", "include-original", "with-originals"] => ["keep-originals"];
    ["preset", "augmenter", "augment", "config", "transform", "transforms", "augmentation", "augmentations", "policy", "recipe"] => ["pipeline"];
    ["per-digit", "backgrounds-per-image", "n-backgrounds", "num-backgrounds"] => ["per-image"];
    ["n-objects", "num-objects", "digits-per-image", "max-objects"] => ["objects"];
    ["num-digits-are", "object-count", "objects-per-image"] => ["objects-are"];
    ["merge-splits", "join", "concat-splits", "as-split"] => ["join-splits"];
    ["cells", "grid-size"] => ["grid"];
    ["image-size", "img-size", "target-size", "image-shape", "resize-to", "dsize"] => ["resize", "size", "shape"];
    ["size"] => ["resize"];
    ["grayscale", "greyscale", "grey", "color-mode", "to-gray", "to-grayscale"] => ["gray"];
    ["labels-file", "label-path", "labels-path", "targets"] => ["label-file"];
    ["label-col", "target-column", "target-col", "target", "y-col", "class-column"] => ["label-column"];
    ["value-range", "max-value", "pixel-range", "data-range"] => ["float-range"];
    ["label-map", "class-map", "remap", "mapping", "relabel"] => ["map"];
    ["label-offset", "offset"] => ["offset-labels"];
    ["slice"] => ["range"];
    ["subset", "part-of", "partition"] => ["split"];
    ["indexes", "indices", "idx", "ids"] => ["index"];
    ["cols", "ncols", "ncol", "n-cols", "nrow"] => ["columns"];
    ["shuffled", "random-sample"] => ["random", "shuffle-seed"];
    ["hide-labels", "no-captions", "no-text"] => ["no-labels"];
    ["padding", "spacing", "margin"] => ["gap"];
    ["re-render", "rerender", "full", "deep", "reproduce"] => ["rebuild"];
    ["overlap", "leakage", "check-leakage", "leaks"] => ["no-overlap"];
    ["url", "base-url", "mirrors"] => ["mirror"];
    ["local", "local-dir"] => ["from-dir"];
    ["local-files-only", "no-network", "no-download"] => ["offline"];
    ["check-only", "check"] => ["verify-only"];
    ["negative", "inverse", "negate"] => ["invert"];
    ["cut", "split-digits"] => ["segment"];
    ["binarize", "binarise"] => ["threshold"];
    ["silent"] => ["quiet"];
    ["debug", "log-level", "loglevel", "verbosity"] => ["verbose"];
    ["colour", "colors"] => ["color"];
    ["no-color", "no-colour"] => ["color"], "say --color never, or set NO_COLOR";
    ["log-params", "save-params"] => ["trace"];
    ["p", "prob", "probability"] => ["pipeline"], "probabilities stand in pipeline files: `mnistaug pipeline show fliplr` has an example";
    ["variable"] => ["name"];
    ["as-json", "output-json"] => ["json"];
};

/// Values of options by their names elsewhere, in the same way: formats, types.
const VALUES: &[Elsewhere] = table! {
    ["float", "float32", "np.float32", "single"] => ["f32"];
    ["float64", "double", "np.float64"] => ["f64"];
    ["uint8", "np.uint8", "byte", "bytes", "int8"] => ["u8"];
    ["float16", "half", "bfloat16"] => ["f32"], "write f32; whoever loads the data makes halves of it: x.astype(\"float16\")";
    ["hf", "huggingface", "hugging-face", "datasets", "arrow"] => ["parquet"];
    ["imagefolder", "image-folder", "images", "folder", "pictures", "jpg", "jpeg", "keras-directory"] => ["png"];
    ["numpy", "np", "array"] => ["npy"];
    ["hdf5", "h5", "hdf", "mat", "pickle", "pkl", "pt", "pth", "torch"] => ["npz"], "write --format npz, which all libraries read";
    ["idx-ubyte", "ubyte", "mnist"] => ["idx"];
    ["tfrecords", "tf", "tfds"] => ["tfrecord"];
    ["wds", "tar", "web-dataset"] => ["webdataset"];
    ["mosaicml", "streaming"] => ["mds"];
    ["pandas", "tsv", "excel", "xlsx", "table"] => ["csv"];
    ["ultralytics"] => ["yolo"];
    ["class", "labels", "y", "target"] => ["label"];
    ["source", "groups"] => ["origin"];
};

/// The line for a value that is called `name` elsewhere, of an option that takes those for which `is_there`.
pub fn value(name: &str, is_there: &dyn Fn(&str) -> bool) -> Option<(&'static Elsewhere, &'static str)> {
    VALUES.iter().filter(|line| line.names.contains(&name)).find_map(|line| {
        let ours = line.ours.iter().find(|ours| is_there(ours))?;
        Some((line, *ours))
    })
}

/// The line of the table for an option that is called `name`, with or without dashes in front, of somebody who has the options of which `is_there`.
pub fn line(name: &str, is_there: &dyn Fn(&str) -> bool) -> Option<(&'static Elsewhere, &'static str)> {
    let name = name.trim_start_matches('-').replace('_', "-").to_ascii_lowercase();
    TABLE.iter().filter(|line| line.names.contains(&name.as_str())).find_map(|line| {
        let ours = line.ours.iter().find(|ours| is_there(ours))?;
        Some((line, *ours))
    })
}

/// Which of the keys `known`, whose words are joined by underscores, is called `name` elsewhere.
#[must_use]
pub fn ours<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let is = |key: &str, ours: &str| key.replace('_', "-") == ours;
    let (_, ours) = line(name, &|ours| known.iter().any(|key| is(key, ours)))?;
    known.iter().copied().find(|key| is(key, ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_alike_and_say_one_thing() {
        let mut seen: Vec<(&str, &str)> = Vec::new();
        for line in TABLE {
            assert!(!line.ours.is_empty(), "{:?}", line.names);
            for name in line.names {
                let plain = |c: char| c.is_ascii_lowercase() || c == '-';
                assert!(name.chars().all(plain), "{name}");
                assert!(!line.ours.contains(name), "{name} is ours");
                for ours in line.ours {
                    assert!(!seen.contains(&(name, ours)), "{name} is {ours} twice");
                    seen.push((name, ours));
                }
            }
        }
    }

    #[test]
    fn keys_are_found_by_their_names_elsewhere() {
        let known = ["seed", "test_size", "rotate", "compat"];
        for (name, key) in [
            ("random_state", Some("seed")),
            ("Random-State", Some("seed")),
            ("test_split", Some("test_size")),
            ("written_for", Some("compat")),
            ("rotation", Some("rotate")),
            ("output", None),
            ("colour", None),
        ] {
            assert_eq!(ours(name, &known), key, "{name}");
        }
    }
}
