//! The libraries whose pipelines are read: a file and a line below for each. Nothing else names one.

use super::eval::Res;
use super::tree::Translator;
use super::value::{Call, V, Val, last};
use crate::text::tree::Tree;

/// Makes steps of a list.
type ListReader = for<'a> fn(&mut Translator<'a>, &Val<'a>) -> Res<Vec<Tree>>;

/// What a call of a full name does in a chain.
type Linker = fn(&str) -> Option<Link>;

/// What the reader must know of a library.
pub(super) struct Library {
    /// What it is called.
    name: &'static str,
    /// How its pipelines look, for messages.
    example: &'static str,
    /// Names under which everybody imports it, and what they stand for: for excerpts that lack their first lines.
    usual: &'static [(&'static str, &'static str)],
    /// Its constants, by their full names, and the texts that stand for them.
    constants: &'static [(&'static str, &'static str)],
    /// Whether a call of this full name makes a pipeline.
    owns: fn(&str) -> bool,
    /// What such a call does.
    pub(super) role: fn(&Call<'_>) -> Role,
    /// Whether a call in a pipeline is passed over, so that its values do not matter.
    pub(super) passes: fn(&Call<'_>) -> bool,
    /// Pipelines without a list: the name of the call that keeps their steps, and which calls are links.
    chain: Option<(&'static str, Linker)>,
    /// Its versions that differ, as `--compat` calls them.
    versions: &'static [&'static str],
    /// The parameter with the list that `append` and `add` make longer.
    pub(super) grows: &'static str,
    /// The steps that a call becomes.
    pub(super) translate: for<'a> fn(&mut Translator<'a>, &Val<'a>, &Call<'a>) -> Res<Vec<Tree>>,
    /// The call that one of a project's own is taken for, where a file has no pipeline otherwise.
    namesake: fn(&str) -> Option<String>,
    /// The steps of a list that no call is around, for the one library where that is a pipeline.
    bare_list: Option<ListReader>,
    /// Its calls that become the operation of this name.
    signatures: fn(&str) -> Vec<Signature>,
    /// A small file with a pipeline.
    #[cfg(test)]
    sample: &'static str,
}

/// What a call that a library owns does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It changes images.
    Augments,
    /// It only scales, cuts to size or makes tensors.
    Idle,
    /// It is something else, such as a network.
    Other,
}

/// What a call does with a value that passes through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// It is a step.
    Step,
    /// It makes a layer; a call of that is a step.
    Layer,
    /// It makes a layer that is a step behind others, and begins no pipeline.
    Behind,
    /// It leaves bytes as they are, such as a cast.
    Through,
}

impl Library {
    /// Whether `call` is called as whole pipelines are.
    pub(super) fn is_whole(&self, call: &Call<'_>) -> bool {
        self.example.contains(&format!("{}(", call.name()))
    }
}

mod lambdas;
mod unknown_sizes;

macro_rules! libraries {
    ($($module:ident,)*) => {
        $(mod $module;)*

        /// All libraries; the first that owns a name has it.
        static ALL: &[&Library] = &[$(&$module::LIBRARY),*];
    };
}

libraries! {
    imgaug,
    keras_generator,
    keras_layers,
    keras_functional,
    tf_image,
    torchvision,
    albumentations,
    picked,
}

pub(super) use picked::either as either_of;
pub(super) use torchvision::scripted;

/// What is called, and the parameters that are heeded.
type Signature = (String, Vec<&'static str>);

/// The calls that become the operation called `key`, as Python: `iaa.Fliplr(p)`.
pub(in crate::pipeline) fn signatures(key: &str) -> Vec<String> {
    let all = ALL.iter().flat_map(|library| (library.signatures)(key));
    all.map(|(name, params)| format!("{name}({})", params.join(", "))).collect()
}

/// Whether some library has a version of this name.
pub(super) fn is_version(name: &str) -> bool {
    ALL.iter().any(|library| library.versions.contains(&name))
}

/// The library that a call of `path` makes a pipeline of.
pub(super) fn of(path: &str) -> Option<&'static Library> {
    ALL.iter().copied().find(|library| (library.owns)(path))
}

/// The call of a library that one of a project's own modules is taken for, by its name.
pub(super) fn namesake(path: &str) -> Option<String> {
    if known(path) {
        return None;
    }
    ALL.iter().find_map(|library| (library.namesake)(path))
}

/// The chain that calls of `path` are links of, and what they do there.
pub(super) fn link(path: &str) -> Option<(&'static str, Link)> {
    ALL.iter().find_map(|library| {
        let (chain, link) = library.chain?;
        Some((chain, link(path)?))
    })
}

/// The call that keeps layers which are called one after the other.
pub(super) fn layers_chain() -> Option<&'static str> {
    keras_functional::LIBRARY.chain.map(|(chain, _)| chain)
}

/// The calls that keep the steps of chains.
pub(super) fn chains() -> impl Iterator<Item = &'static str> {
    ALL.iter().filter_map(|library| library.chain.map(|(chain, _)| chain))
}

/// Whether a call of `path` makes a pipeline, or a piece of one.
pub(super) fn is_piece(path: &str) -> bool {
    of(path).is_some() || matches!(link(path), Some((_, Link::Layer)))
}

/// Whether a call of `path` makes a layer that draws.
pub(super) fn is_random_layer(path: &str) -> bool {
    matches!(link(path), Some((_, Link::Layer))) && keras_layers::augments(last(path))
}

/// What a class called `name` stands for that lacks its import, by the layers that are in it.
pub(super) fn by_layers(name: &str, args: &[Val<'_>]) -> Option<&'static str> {
    let layers = args.first().and_then(Val::items)?;
    let layer = |value: &Val<'_>| matches!(&value.kind, V::Call(call) if is_random_layer(&call.path) || is_model(call));
    (name == "Sequential" && layers.iter().any(layer)).then_some("tensorflow.keras.Sequential")
}

/// The list in a pipeline that has the name `name` there, such as the `transforms` of a `Compose`.
pub(super) fn list_in<'v, 'a>(call: &'v Call<'a>, name: &str) -> Option<&'v Val<'a>> {
    let grows = of(&call.path).map_or("", |library| library.grows);
    let named = || call.keywords.iter().find(|(own, ..)| own == name).map(|(.., list)| list);
    (grows == name && !grows.is_empty()).then(|| call.args.first().or_else(named)).flatten()
}

/// The same pipeline with another list; `name` is that of [`list_in`].
pub(super) fn with_list<'a>(call: &Call<'a>, name: &str, list: &Val<'a>) -> Option<Call<'a>> {
    list_in(call, name)?;
    let mut changed = Call::clone(call);
    match changed.args.first_mut() {
        Some(own) => *own = list.clone(),
        None => changed.keywords.iter_mut().find(|(own, ..)| own == name)?.2 = list.clone(),
    }
    Some(changed)
}

/// Whether a call makes a model of layers that draw, which may be called with an image.
pub(super) fn is_model(call: &Call<'_>) -> bool {
    call.name() == "Sequential" && keras_layers::is_keras_layer(&call.path) && keras_layers::is_random(call)
}

/// What stands in front of a network that has no layers of its own that draw, if that is a pipeline.
pub(super) fn front<'a>(call: &Call<'a>) -> Option<Call<'a>> {
    keras_layers::front(call)
}

/// The chain that calls of both chains may stand in, if they are two.
pub(super) fn mixed(own: &str, other: &'static str) -> &'static str {
    if own == other { other } else { tf_image::CHAIN }
}

/// Whether `path` is the call that keeps the steps of a chain.
pub(super) fn is_chain(path: &str) -> bool {
    ALL.iter().any(|library| library.chain.is_some_and(|(chain, _)| chain == path))
}

/// Modules whose names and constants are what everybody knows; all others the user may give.
const KNOWN: &[&str] = &[
    "PIL",
    "albumentations",
    "cv2",
    "imgaug",
    "keras",
    "keras_core",
    "keras_cv",
    "keras_preprocessing",
    "math",
    "np",
    "numpy",
    "random",
    "tensorflow",
    "tf_keras",
    "torch",
    "torchvision",
];

/// Whether a name belongs to a module that is known here.
pub(super) fn known(path: &str) -> bool {
    KNOWN.contains(&path.split('.').next().unwrap_or(path))
}

/// Whether calls of what this module has make pipelines.
pub(super) fn is_home(module: &str) -> bool {
    ["Compose", "Sequential"].into_iter().any(|name| of(&format!("{module}.{name}")).is_some())
}

/// The module of a library that `path` is a copy of, or another name for, where it is imported as `name`: `as` gives it
/// the name that everybody gives that library. Libraries that heed the names of single classes are not meant.
pub(super) fn copied(name: &str, path: &str) -> Option<&'static str> {
    if known(path) || name == last(path) {
        return None;
    }
    let libraries = ALL.iter().filter(|library| (library.namesake)(&format!("{path}.Compose")).is_none());
    let usual = libraries.flat_map(|library| library.usual).find(|(own, _)| *own == name);
    usual.map(|(_, usual)| *usual).filter(|usual| *usual != path && last(usual) == last(path))
}

/// What `name` stands for where it is never imported.
pub(super) fn usual(name: &str) -> Option<&'static str> {
    ALL.iter().flat_map(|library| library.usual).find(|(own, _)| *own == name).map(|(_, path)| *path)
}

/// The text that stands for the constant with the full name `path`.
pub(super) fn constant(path: &str) -> Option<&'static str> {
    ALL.iter().flat_map(|library| library.constants).find(|(own, _)| *own == path).map(|(_, text)| *text)
}

/// How pipelines look: `a of X, b of Y or c of Z`.
pub(super) fn examples() -> String {
    let all: Vec<String> =
        ALL.iter().map(|library| format!("{} of {}", library.example, library.name)).collect();
    match all.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The steps of a list without a call around it.
pub(super) fn bare_list<'a>(translator: &mut Translator<'a>, value: &Val<'a>) -> Res<Vec<Tree>> {
    match ALL.iter().find_map(|library| library.bare_list) {
        Some(read) => read(translator, value),
        None => Err(translator.complain(value.at, "a list is no pipeline")),
    }
}

/// Whether the last part of `path` is written as classes are.
fn is_class(path: &str) -> bool {
    last(path).starts_with(|c: char| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Spec, Wanted, translate};
    use super::*;

    /// Every library reads its own sample, with and without its imports, and no other takes it for its own.
    #[test]
    fn every_library_is_found_and_read() {
        assert!(ALL.len() >= 4);
        let (mut names, mut specs) = (BTreeSet::new(), Vec::<Spec>::new());
        for library in ALL {
            let translation = translate("sample.py", library.sample, &Wanted::default()).unwrap();
            assert_eq!(translation.spec.pipeline.len(), 1, "{}", library.sample);
            assert_eq!(
                translation.spec,
                translate("sample.py", &excerpt(library), &Wanted::default()).unwrap().spec
            );
            specs.push(translation.spec);
            assert!(examples().contains(&format!("{} of {}", library.example, library.name)));
            for (name, path) in library.usual {
                assert!(names.insert(*name), "{name} has two meanings");
                assert_eq!(usual(name), Some(*path));
            }
            for (path, text) in library.constants {
                assert_eq!(constant(path), Some(*text));
            }
        }
        assert_eq!(ALL.iter().filter(|library| library.bare_list.is_some()).count(), 1);
        assert!(of("os.path.Join").is_none() && usual("os").is_none());
    }

    fn excerpt(library: &Library) -> String {
        library.sample.lines().skip(1).collect()
    }

    #[test]
    fn no_name_has_two_owners() {
        for (path, name) in [
            ("imgaug.augmenters.Sequential", "iaa.Sequential([...])"),
            ("keras.preprocessing.image.ImageDataGenerator", "ImageDataGenerator(...)"),
            ("tensorflow.keras.Sequential", "Sequential([...])"),
            ("albumentations.Compose", "A.Compose([...])"),
        ] {
            let owners: Vec<_> = ALL.iter().filter(|library| (library.owns)(path)).collect();
            assert_eq!(owners.iter().map(|owner| owner.example).collect::<Vec<_>>(), [name], "{path}");
        }
    }
}
