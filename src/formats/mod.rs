//! Formats: how a data set lies on the disk. One file a format, and one line in the list at the end of this file.
//!
//! A file says what its format is called, which options apply, what it can hold, how files are named, encoded and decoded, and what
//! stands beside them. Folders, journals, locks and digests are not its business.

pub mod arrays;
pub mod batch;
pub mod codec;
pub mod collections;
pub mod columns;
pub mod options;
pub mod scale;
pub mod ways;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use batch::{Batch, Layout};
pub use codec::spool::{Spool, SpoolWriter};
pub use columns::{Columns, Objects, Want};
pub use options::{Compress, Opt, Options, Segmentation, Unfit};
pub use ways::{About, Describe, Facts, Pieces, SideFile, Way};

use crate::base::Schema;

/// A name on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// A line of help.
    pub summary: &'static str,
    takes: fn(&Options) -> &'static [Opt],
    of: fn(&str, &Options, &Facts) -> Result<Format, Unfit>,
}

impl Entry {
    /// Whether it takes an option where a layout is given, which nobody has given.
    fn takes_with_layout(&self, option: Opt) -> bool {
        let with = Options { layout: Some(csv::CsvLayout::Pandas), ..Options::default() };
        option != Opt::Layout && (self.takes)(&with).contains(&option)
    }
}

/// Makes the modules of the formats, [`Format`] with one variant for each, and its dispatch.
macro_rules! formats {
    ($($(#[$when:meta])* $module:ident::$kind:ident,)+) => {
        $($(#[$when])* pub mod $module;)+

        /// How a data set lies on the disk.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Format {
            $(
                #[doc = concat!("See [`", stringify!($module), "`].")]
                $(#[$when])*
                $kind($module::$kind),
            )+
        }

        $($(#[$when])* impl From<$module::$kind> for Format {
            fn from(format: $module::$kind) -> Self {
                Self::$kind(format)
            }
        })+

        impl Format {
            /// Its name on the command line.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $($(#[$when])* Self::$kind(format) => format.name(),)+ }
            }

            /// Whether it can hold samples of this schema. Images of different sizes go into pictures only.
            ///
            /// # Errors
            /// Why not, and what helps.
            pub fn check(&self, schema: &Schema) -> Result<(), Unfit> {
                match self { $($(#[$when])* Self::$kind(format) => {
                    check_frames(format, schema)?;
                    format.check(schema)
                })+ }
            }

            /// Whether what reads it knows a split by this name.
            ///
            /// # Errors
            /// Why not, and what helps.
            pub fn check_split(&self, name: &str) -> Result<(), Unfit> {
                match self { $($(#[$when])* Self::$kind(format) => format.check_split(name),)+ }
            }

            /// How it is written and read.
            #[must_use]
            pub fn way(&self) -> Way<'_> {
                match self { $($(#[$when])* Self::$kind(format) => format.way(),)+ }
            }

            fn to_manifest(&self) -> serde_json::Value {
                match self { $($(#[$when])* Self::$kind(format) => format.to_manifest(),)+ }
            }

            fn of_manifest(said: &serde_json::Value) -> Option<Self> {
                $($(#[$when])* if let Some(format) = $module::$kind::of_manifest(said) {
                    return Some(Self::$kind(format));
                })+
                None
            }
        }

        /// All names, in the order of the list.
        #[must_use]
        pub fn entries() -> Vec<Entry> {
            let mut entries = Vec::new();
            $($(#[$when])* entries.extend($module::$kind::NAMES.iter().map(|&(name, summary)| Entry {
                name,
                summary,
                takes: $module::$kind::takes,
                of: |name, options, facts| $module::$kind::of(name, options, facts).map(Format::$kind),
            }));)+
            entries
        }
    };
}

impl Default for Format {
    /// This program's own shards, stored.
    fn default() -> Self {
        Self::Shards(shards::Shards::default())
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.to_manifest().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let said = serde_json::Value::deserialize(from)?;
        let format = Self::of_manifest(&said).ok_or_else(|| {
            let said: String = said.to_string().chars().take(80).collect();
            serde::de::Error::custom(format_args!("the format {said} is not known to this build"))
        })?;
        match unknown_key(&said, &format.to_manifest()) {
            None => Ok(format),
            Some(key) => Err(serde::de::Error::custom(format_args!("the format has an unknown key {key:?}"))),
        }
    }
}

/// Refuses images of several frames where there is no axis for them.
fn check_frames(format: &impl Describe, schema: &Schema) -> Result<(), Unfit> {
    if schema.frames.is_none() || format.holds_frames() {
        return Ok(());
    }
    Err(Unfit::new(
        format.name(),
        "it holds single pictures, and these images have several frames each",
        "choose --format npz, npy, safetensors, webdataset-npy or shards",
    ))
}

/// A key that is said and not known.
fn unknown_key<'a>(said: &'a serde_json::Value, known: &serde_json::Value) -> Option<&'a str> {
    let said = said.as_object()?;
    said.iter().find_map(|(key, value)| match known.get(key) {
        None => Some(key.as_str()),
        Some(known) => unknown_key(value, known),
    })
}

impl Format {
    /// The format called `name`, as the options say.
    ///
    /// # Errors
    /// [`Unfit`] for options that do not apply, or make no sense together.
    ///
    /// # Panics
    /// If there is no such name: names come from [`entries`].
    pub fn of(name: &str, options: &Options, facts: &Facts) -> Result<Self, Unfit> {
        let entries = entries();
        let entry = entries.iter().find(|entry| entry.name == name).expect("names come from the list");
        let takes = (entry.takes)(options);
        if let Some(&option) = options.given().iter().find(|option| !takes.contains(option)) {
            return Err(Unfit::new(
                entry.name,
                format!("{} does not apply to this format", option.flag()),
                match takers(option, &entries) {
                    _ if entry.takes_with_layout(option) => {
                        format!(
                            "add --layout pandas (whole files: {} goes with them), or leave it out",
                            option.flag()
                        )
                    }
                    others if others.is_empty() => "leave it out".to_owned(),
                    others => format!("leave it out, or choose {others}"),
                },
            ));
        }
        (entry.of)(name, options, facts)
    }

    /// Whether splits are cut into shards, each on record by itself.
    #[must_use]
    pub fn is_sharded(&self) -> bool {
        !matches!(self.way(), Way::Whole(_))
    }

    /// Whether it takes images that differ in size.
    #[must_use]
    pub fn takes_varied(&self) -> bool {
        matches!(self.way(), Way::Pictures(_))
    }

    /// Whether its own files keep origins and objects.
    #[must_use]
    pub fn keeps_objects(&self) -> bool {
        match self.way() {
            Way::Shards(format) => format.keeps_objects(),
            Way::Whole(_) => false,
            // Their lists do.
            Way::Pictures(_) => true,
        }
    }

    /// Whether its own files keep truth in columns of its own; otherwise it lies where origins and objects do.
    #[must_use]
    pub fn keeps_truth(&self) -> bool {
        match self.way() {
            Way::Shards(format) => !format.keeps_objects(),
            Way::Whole(format) => format.keeps_truth(),
            Way::Pictures(_) => false,
        }
    }

    /// Whether its own files keep masks in arrays of their own; otherwise they lie where origins and objects do.
    #[must_use]
    pub fn keeps_masks(&self) -> bool {
        match self.way() {
            Way::Whole(format) => format.keeps_masks(),
            Way::Shards(_) | Way::Pictures(_) => false,
        }
    }
}

/// The formats that take an option, for a sentence.
fn takers(option: Opt, entries: &[Entry]) -> String {
    let mut alone = Options::default();
    match option {
        Opt::Layout => alone.layout = Some(csv::CsvLayout::Pandas),
        Opt::Compress => alone.compress = Compress::Level(1),
        Opt::Dtype
        | Opt::Scale
        | Opt::OneHot
        | Opt::Flatten
        | Opt::AddChannel
        | Opt::ChannelsFirst
        | Opt::Keys
        | Opt::Segmentation
        | Opt::ShardSize
        | Opt::Part
        | Opt::Trace => {}
    }
    let names: Vec<&str> = entries
        .iter()
        .filter(|entry| (entry.takes)(&alone).contains(&option))
        .map(|entry| entry.name)
        .collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => format!("--format {last}"),
        Some((last, rest)) => format!("--format {} or {last}", rest.join(", ")),
    }
}

formats! {
    shards::Shards,
    npz::Npz,
    npy::Npy,
    csv::Csv,
    idx::Idx,
    image_folder::ImageFolder,
    coco::Coco,
    yolo::Yolo,
    voc::Voc,
    safetensors::Safetensors,
    #[cfg(feature = "parquet")]
    parquet::Parquet,
    webdataset::Webdataset,
    tfrecord::Tfrecord,
    mds::Mds,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every name makes a format that knows its name and is found again in a manifest; no two names are one.
    #[test]
    fn names_and_manifests_are_kept() {
        let facts = Facts { gray: true, folder: "My set".into(), collection: None };
        let mut said: Vec<serde_json::Value> = Vec::new();
        for entry in entries() {
            for layout in [None, Some(csv::CsvLayout::Pandas), Some(csv::CsvLayout::KaggleFashion)] {
                let options = Options { layout, ..Options::default() };
                if layout.is_some() && !(entry.takes)(&options).contains(&Opt::Layout) {
                    let error = Format::of(entry.name, &options, &facts).unwrap_err();
                    assert_eq!(error.help, "leave it out, or choose --format csv");
                    continue;
                }
                let format = Format::of(entry.name, &options, &facts).unwrap();
                assert_eq!(format.name(), entry.name);
                let json = serde_json::to_value(&format).unwrap();
                assert_eq!(serde_json::from_value::<Format>(json.clone()).unwrap(), format);
                assert!(!said.contains(&json), "{json} is said by two formats");
                said.push(json);
            }
        }
        assert!(serde_json::from_value::<Format>("papyrus".into()).is_err());
    }

    /// What the manifests of earlier versions say.
    #[test]
    fn older_manifests_are_understood() {
        for (said, name) in [
            (r#""npz""#, "shards"),
            (r#"{"npz_deflated":1}"#, "shards"),
            (r#""csv""#, "csv"),
            (r#"{"webdataset":{"npy":true}}"#, "webdataset-npy"),
            (r#"{"tfrecord":{"name":"out"}}"#, "tfrecord"),
            (r#"{"pictures":"image_folder"}"#, "png"),
            (r#"{"pictures":"yolo"}"#, "yolo"),
            (
                r#"{"arrays":{"container":"npz","packed":1,"dtype":"f32","scale":"0-1","one_hot":true,"flatten":false,"add_channel":false,
                    "channels_first":true,"keys":"keras"}}"#,
                "npz",
            ),
            (r#"{"arrays":{"container":{"csv":"pandas"},"packed":null,"dtype":"u8","keys":"keras"}}"#, "csv"),
            (r#"{"arrays":{"container":"idx","packed":null,"dtype":"u8","keys":"keras"}}"#, "idx"),
        ] {
            let format: Format = serde_json::from_str(said).unwrap();
            assert_eq!(format.name(), name);
        }
    }

    #[test]
    fn options_that_do_not_apply_are_refused_with_those_that_take_them() {
        let refuse =
            |name: &str, options: Options| Format::of(name, &options, &Facts::default()).unwrap_err();
        let error = refuse("png", Options { one_hot: true, ..Options::default() });
        assert_eq!(error.to_string(), "--format png: --one-hot does not apply to this format");
        assert_eq!(error.help, "leave it out, or choose --format npz, npy or safetensors");
        let error = refuse("npy", Options { compress: Compress::Level(3), ..Options::default() });
        assert_eq!(error.help, "leave it out, or choose --format shards, npz or idx");
        let error = refuse("csv", Options { compress: Compress::Level(3), ..Options::default() });
        assert_eq!(
            error.help,
            "add --layout pandas (whole files: --compress goes with them), or leave it out"
        );
        let error = refuse("npz", Options { part: true, ..Options::default() });
        assert!(
            error.help.starts_with("leave it out, or choose --format shards, csv, png"),
            "{}",
            error.help
        );
        for none in [Compress::Auto, Compress::None] {
            assert!(
                Format::of("npy", &Options { compress: none, ..Options::default() }, &Facts::default())
                    .is_ok()
            );
        }
    }
}
