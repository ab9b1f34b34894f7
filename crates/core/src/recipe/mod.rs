//! What a data set is made of, as data: a tree of sources with all options that decide its samples.
//!
//! Commands and recipe files make it, manifests keep it, and `sources` opens it: for building, for looking at single
//! samples, and for rendering everything again. It is plain data; nothing is read here.
//!
//! A kind of node is a file here with its options, a line in `nodes!`, and a file in `sources` that opens it. A kind that is a stage of
//! recipe files as well has a function `stage` in its file, which reads the stage, and says so in its line.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub mod input;
pub mod noise;
mod number;
pub mod parameters;
mod record;
pub mod stage;

pub use convert::Size;
pub use import::{Background, Invert, Labels, Placing};
pub use number::Within;
pub use read::{FloatRange, LabelColumn, Splits};
pub use record::{Record, Unreadable};

use stage::{Pipelines, Stage, StageError};

/// What every kind of node can tell of itself.
pub trait Node {
    /// What it wraps; a leaf wraps nothing.
    fn children(&self) -> &[Recipe];

    /// What it wraps.
    fn children_mut(&mut self) -> &mut [Recipe];

    /// Whether several of its samples may show one image: then origins are more than the numbers of samples.
    fn makes_copies(&self) -> bool;

    /// The seed of its random streams, if it draws any. Two nodes of one kind with the same seed draw the same numbers.
    fn seed(&self) -> Option<u64>;

    /// Where a leaf reads its samples from.
    fn inputs(&self) -> &[PathBuf] {
        &[]
    }

    /// Has a leaf read its samples from `path` instead.
    fn read_from(&mut self, _path: &Path) {}

    /// Empties all paths of its own: where something lies decides no sample.
    fn forget_paths(&mut self) {}
}

/// Types that manifests hold as the texts by which they are said: what `FromStr` reads and `Display` writes.
macro_rules! said_as_text {
    ($($kind:ty),+) => {
        $(
            impl TryFrom<String> for $kind {
                type Error = String;

                fn try_from(text: String) -> Result<Self, String> {
                    text.parse()
                }
            }

            impl From<$kind> for String {
                fn from(value: $kind) -> Self {
                    value.to_string()
                }
            }
        )+
    };
}
use said_as_text;

/// Reads a stage as a node that wraps a recipe.
type ReadStage = fn(&Stage, Recipe, &mut dyn Pipelines) -> Result<Recipe, StageError>;

/// Declares all kinds of nodes: `module Kind`, or `module Kind stage` where there is a stage of recipe files called as the module. The
/// name of the module is the key in manifests. Callers put a single `$` in front, which the macro that it makes needs.
macro_rules! nodes {
    ($d:tt $($(#[doc = $doc:literal])+ $module:ident $kind:ident $($stage:ident)?;)+) => {
        $(pub mod $module;)+
        $(pub use $module::$kind;)+

        /// A tree of sources.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Recipe {
            $($(#[doc = $doc])+ $kind($kind),)+
        }

        /// The keys of all kinds in manifests.
        pub const KINDS: &[&str] = &[$(stringify!($module)),+];

        /// The kinds that are stages of recipe files, and how they are read.
        const STAGES: &[(&str, ReadStage)] = &[$($((stringify!($module), $module::$stage as ReadStage),)?)+];

        $(impl From<$kind> for Recipe {
            fn from(node: $kind) -> Self {
                Self::$kind(node)
            }
        })+

        impl Recipe {
            /// The kind's key in manifests; of the kinds that are commands also the command's name.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => stringify!($module),)+
                }
            }

            /// The node at the top.
            #[must_use]
            pub fn node(&self) -> &dyn Node {
                match self {
                    $(Self::$kind(node) => node,)+
                }
            }

            /// The node at the top.
            pub fn node_mut(&mut self) -> &mut dyn Node {
                match self {
                    $(Self::$kind(node) => node,)+
                }
            }
        }

        /// Binds the node at the top of a recipe, whatever its kind: `each_node!(recipe, node => node.open())`.
        #[doc(hidden)]
        #[macro_export]
        macro_rules! each_node {
            ($d recipe:expr, $d node:ident => $d body:expr) => {
                match $d recipe {
                    $($crate::recipe::Recipe::$kind($d node) => $d body,)+
                }
            };
        }
    };
}

nodes! {
    $
    /// A leaf: a folder, a file, or the built-in digits.
    read Read;
    /// A leaf: the user's own drawings.
    import Import;
    /// Inputs one after the other, split by split.
    concat Concat;
    /// Some of the samples of each split.
    select Select stage;
    /// Class ids by other numbers, or at random.
    relabel Relabel stage;
    /// Exact numbers of samples of each class.
    balance Balance stage;
    /// Two images in one, with soft labels.
    mix Mix stage;
    /// Pixels in another order.
    permute Permute stage;
    /// Colors that go with the class.
    tint Tint;
    /// Images in gray, or of another size.
    convert Convert;
    /// Digits on backgrounds.
    colorize Colorize stage;
    /// Images through a pipeline.
    augment Augment stage;
    /// All samples, split anew.
    split Split stage;
    /// Images in the cells of a canvas.
    quadrant Quadrant stage;
    /// Several images on a canvas.
    place Place stage;
    /// Images that move.
    sequence Sequence stage;
    /// Channels as pictures of their own.
    planes Planes stage;
}

/// What the numbers that a node draws are addressed by, besides split, sample and step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    /// The kind of node, which is the command.
    pub kind: &'static str,
    /// The seed.
    pub seed: u64,
}

impl Draws {
    /// The least seed by which the same kind draws other numbers than all of these.
    #[must_use]
    pub fn another_seed(self, taken: &[Self]) -> u64 {
        (0..=taken.len() as u64).find(|&seed| !taken.contains(&Self { seed, ..self })).unwrap_or(self.seed)
    }
}

impl Recipe {
    /// What the node at the top wraps.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        self.node().children()
    }

    /// What the node at the top wraps.
    pub fn children_mut(&mut self) -> &mut [Self] {
        self.node_mut().children_mut()
    }

    /// Shows every node, wrapping ones before what they wrap.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Self)) {
        see(self);
        self.children().iter().for_each(|child| child.visit(see));
    }

    /// Changes every node.
    fn change(&mut self, how: &dyn Fn(&mut dyn Node)) {
        how(self.node_mut());
        self.children_mut().iter_mut().for_each(|child| child.change(how));
    }

    /// Where its samples come from, as the recipe says it.
    #[must_use]
    pub fn inputs(&self) -> Vec<&Path> {
        let mut inputs = Vec::new();
        self.visit(&mut |recipe| inputs.extend(recipe.node().inputs().iter().map(PathBuf::as_path)));
        inputs
    }

    /// What it reads first, for error messages.
    #[must_use]
    pub fn title(&self) -> String {
        self.inputs().first().map_or_else(String::new, |path| path.display().to_string())
    }

    /// The same recipe with all leaves read from `path`, for data that has moved.
    #[must_use]
    pub fn with_input(mut self, path: &Path) -> Self {
        self.change(&|node| node.read_from(path));
        self
    }

    /// The same recipe with its leaves read from `paths`, one for each in their order, or from one path that is for all. `None` if there are
    /// neither one nor as many as leaves.
    #[must_use]
    pub fn with_inputs(mut self, paths: &[PathBuf]) -> Option<Self> {
        if let [one] = paths {
            return Some(self.with_input(one));
        }
        let mut leaves = 0;
        self.visit(&mut |recipe| leaves += usize::from(!recipe.node().inputs().is_empty()));
        let next = std::cell::Cell::new(0);
        if leaves != paths.len() {
            return None;
        }
        self.change(&|node| {
            if !node.inputs().is_empty()
                && let Some(path) = paths.get(next.replace(next.get() + 1))
            {
                node.read_from(path);
            }
        });
        Some(self)
    }

    /// The recipe without paths: what is equal here makes the same samples of the same inputs, wherever they lie.
    #[must_use]
    pub fn identity(&self) -> Self {
        let mut recipe = self.clone();
        recipe.change(&|node| node.forget_paths());
        recipe
    }

    /// What the node at the top draws its numbers by, if it draws any: the kind and the seed. Two nodes with the same of both draw
    /// the same numbers.
    #[must_use]
    pub fn draws(&self) -> Option<Draws> {
        self.node().seed().map(|seed| Draws { kind: self.kind(), seed })
    }

    /// What all its nodes draw their numbers by.
    #[must_use]
    pub fn all_draws(&self) -> Vec<Draws> {
        let mut all = Vec::new();
        self.visit(&mut |recipe| all.extend(recipe.draws()));
        all
    }

    /// What the node at the top draws its numbers by, if a node below it draws the same ones.
    #[must_use]
    pub fn draws_again(&self) -> Option<Draws> {
        let own = self.draws()?;
        self.children().iter().any(|child| child.all_draws().contains(&own)).then_some(own)
    }

    /// Whether several of its samples may show one image.
    #[must_use]
    pub fn makes_copies(&self) -> bool {
        let mut copies = false;
        self.visit(&mut |recipe| copies |= recipe.node().makes_copies());
        copies
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A recipe of every kind of node, as manifests of earlier versions have them.
    fn old_forms() -> Vec<Value> {
        let digits = json!({ "read": { "path": "digits:9", "splits": "train" } });
        vec![
            digits.clone(),
            json!({ "read": {
                "path": "a.npy", "splits": "all", "label_file": "b.npy", "classes": 4, "float_range": "0-1",
                "shape": { "height": 2, "width": 3, "channels": 1 },
            } }),
            json!({ "read": {
                "path": "a.csv", "splits": "all", "float_range": "0-16", "shape": { "height": 2, "width": 3, "channels": 3 },
                "channels_first": true, "label_column": "last",
            } }),
            json!({ "import": {
                "files": ["a.png"], "split": "train", "invert": "auto", "size": "28x28", "fit": "stretch", "segment": false,
                "background": "estimate",
            } }),
            json!({ "import": {
                "files": ["a.png", "b"], "split": "train", "invert": "auto", "size": "28x28", "fit": "mnist", "label": "3,1",
                "segment": true, "threshold": 99,
            } }),
            json!({ "concat": { "of": [digits, { "read": { "path": "in", "splits": "train,test" } }] } }),
            json!({ "concat": { "of": [{ "read": { "path": "in", "splits": "all" } }], "join": "train" } }),
            json!({ "select": { "of": digits, "labels": "0-4,7", "range": "2:9", "limit": 5 } }),
            json!({ "select": { "of": digits, "objects": "0-2", "shuffle": 3, "range": "1::6" } }),
            json!({ "relabel": { "of": digits, "map": "3=0,Bag=1" } }),
            json!({ "relabel": { "of": digits, "offset": -1 } }),
            json!({ "relabel": { "of": digits, "noise": {
                "law": "symmetric:0.2", "draw": "exact", "only": "train", "seed": 3,
            } } }),
            json!({ "balance": { "of": digits, "options": {
                "to": "long-tail:0.01", "head": 5000, "repeat": true, "order": "class", "draw": "numpy", "only": "train",
                "seed": 6,
            } } }),
            json!({ "mix": { "of": digits, "options": {
                "method": "either", "compat": "keras", "alpha": "0.4", "probability": "0.5", "only": "train", "seed": 8,
            } } }),
            json!({ "permute": { "of": digits, "seed": 7 } }),
            json!({ "tint": { "of": digits, "options": {
                "palette": "lff", "share": "0.995", "test_share": "0.1", "on": "background", "jitter": "0.005",
                "assign": "counted", "seed": 2,
            } } }),
            json!({ "convert": { "of": digits, "gray": true, "resize": "6x5" } }),
            json!({ "colorize": {
                "of": digits, "backgrounds": "pictures", "skip_unreadable": true,
                "options": { "style": "difference", "fit": "crop", "per_image": 3, "seed": 7 },
            } }),
            json!({ "augment": { "of": digits, "options": {
                "pipeline": { "version": 1, "pipeline": [{ "fliplr": { "p": 0.5 } }] },
                "which": { "copies": 2 }, "keep_originals": true, "seed": 4,
            } } }),
            json!({ "split": { "of": digits, "options": {
                "test": 0.3, "train": 10, "in_order": false, "stratify": true, "group_origin": false, "seed": 42,
            } } }),
            json!({ "quadrant": { "of": digits, "options": {
                "grid": { "rows": 2, "columns": 3 }, "objects": "0-4", "count": 8, "seed": 1,
            } } }),
            json!({ "place": { "of": digits, "options": {
                "canvas": "64x48", "objects": "1-3", "count": 8, "pick": "each", "others": "other-class", "arrange": "row:-2..3",
                "size": "15-40", "inside": "ink", "exclusive": true, "overlap": "0.25", "retries": 50, "full": "error",
                "combine": "add", "clutter": "8:9x9", "label": "sum", "class_truth": true, "masks": true,
                "seed": 1,
            } } }),
            json!({ "sequence": { "of": digits, "options": {
                "canvas": "64x64", "frames": 20, "objects": 2, "step": "0.1", "count": 5, "pick": "shuffled", "combine": "lightest",
                "seed": 2,
            } } }),
            json!({ "planes": { "of": digits, "channels": "rg" } }),
        ]
    }

    fn read(json: &Value) -> Recipe {
        serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{json}: {error}"))
    }

    #[test]
    fn manifests_of_earlier_versions_are_read_and_written_as_they_were() {
        let mut seen = Vec::new();
        for old in old_forms() {
            let recipe = read(&old);
            assert_eq!(serde_json::to_value(&recipe).unwrap(), old);
            seen.push(recipe.kind());
        }
        seen.dedup();
        assert_eq!(seen, KINDS, "a form of every kind");
    }

    #[test]
    fn identity_has_no_paths_and_all_else() {
        for old in old_forms() {
            let recipe = read(&old);
            let text = serde_json::to_string(&recipe.identity()).unwrap();
            for path in ["digits", "\"in\"", "a.npy", "b.npy", "a.png", "pictures"] {
                assert!(!text.contains(path), "{path} in {text}");
            }
            assert_eq!(recipe.clone().with_input(Path::new("elsewhere")).identity(), recipe.identity());
        }
        let seeds = |seed: u64| {
            read(&json!({ "colorize": {
            "of": { "read": { "path": "in", "splits": "train" } }, "options": { "style": "minmax", "fit": "cover", "seed": seed },
        } }))
        };
        assert_ne!(seeds(1).identity(), seeds(2).identity());
    }

    #[test]
    fn the_same_numbers_are_noticed_where_one_draws_behind_the_other() {
        let forms = old_forms();
        let form = |kind: &str| forms.iter().rfind(|form| form.get(kind).is_some()).unwrap();
        let [augment, split] = ["augment", "split"].map(form);
        let again = |of: &Value, seed: u64| {
            let mut again = augment.clone();
            again["augment"]["of"] = of.clone();
            again["augment"]["options"]["seed"] = seed.into();
            read(&again)
        };
        let twice = Draws { kind: "augment", seed: 4 };
        assert_eq!(again(augment, 4).draws_again(), Some(twice));
        assert_eq!(again(augment, 5).draws_again(), None);
        assert_eq!(twice.another_seed(&again(augment, 0).all_draws()), 1);
        // Behind other nodes as well, but not side by side.
        let both = json!({ "concat": { "of": [augment, augment] } });
        assert_eq!((read(&both).draws_again(), again(&both, 4).draws_again()), (None, Some(twice)));
        // scikit-learn's numbers are drawn twice on purpose.
        let mut splits = split.clone();
        splits["split"]["of"] = split.clone();
        assert_eq!(read(&splits).draws_again(), None);
    }

    #[test]
    fn inputs_are_those_of_all_leaves() {
        let forms = old_forms();
        let has_two = |form: &&Value| form["concat"]["of"].as_array().is_none_or(|of| of.len() == 2);
        let form = |kind: &str| forms.iter().rfind(|form| form.get(kind).is_some() && has_two(form)).unwrap();
        let [import, concat, colorize] = ["import", "concat", "colorize"].map(form);
        assert_eq!(read(import).inputs(), [Path::new("a.png"), Path::new("b")]);
        assert_eq!(read(concat).inputs(), [Path::new("digits:9"), Path::new("in")]);
        assert_eq!(read(colorize).title(), "digits:9");
        let moved = read(concat).with_input(Path::new("new"));
        assert_eq!(moved.inputs(), [Path::new("new"), Path::new("new")]);
        let moved = read(concat).with_inputs(&["a".into(), "b".into()]).unwrap();
        assert_eq!(moved.inputs(), [Path::new("a"), Path::new("b")]);
        assert!(read(concat).with_inputs(&["a".into(), "b".into(), "c".into()]).is_none());
    }

    #[test]
    fn copies_are_made_by_some() {
        let copying: Vec<&str> =
            old_forms().iter().map(read).filter(Recipe::makes_copies).map(|recipe| recipe.kind()).collect();
        assert_eq!(
            copying,
            ["concat", "balance", "mix", "colorize", "augment", "quadrant", "place", "sequence"]
        );
        let augment = old_forms().into_iter().find(|form| form.get("augment").is_some()).unwrap();
        let inside = json!({ "split": { "of": augment, "options": { "seed": 0 } } });
        assert!(read(&inside).makes_copies(), "what is inside counts");
        // The word in a path is no node.
        let named = json!({ "read": { "path": "a\"augment\":", "splits": "all" } });
        assert!(!read(&named).makes_copies());
    }
}
