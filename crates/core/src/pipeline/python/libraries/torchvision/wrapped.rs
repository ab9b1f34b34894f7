//! What stands in a list of transforms and is more than its Python: a class around a pipeline of another library, and
//! what a network's weights say of its images.

use super::super::super::eval::Res;
use super::super::super::libraries::{self, Role};
use super::super::super::tree::Translator;
use super::super::super::value::{Call, V, Val};
use super::{Item, Tree};

/// What stands there, if it is one of these.
pub(super) fn meaning<'v, 'a>(translator: &Translator<'a>, value: &'v Val<'a>) -> Option<Item<'v, 'a>> {
    if is_of_weights(translator, value) {
        return Some(Item::Weights(value));
    }
    let (pipeline, call) = pipeline_in(value)?;
    Some(Item::Wrapped(value, pipeline, call))
}

/// Whether it is `weights.transforms()`.
fn is_of_weights(translator: &Translator<'_>, value: &Val<'_>) -> bool {
    let source = translator.lines.source(value.at);
    matches!(&value.kind, V::Call(call) if call.name() == "transforms" && call.path.contains("_Weights."))
        || value.why().is_some() && source.is_some_and(|source| source.ends_with("weights.transforms()"))
}

/// The only whole pipeline that somebody's own class is given or keeps.
fn pipeline_in<'v, 'a>(value: &'v Val<'a>) -> Option<(&'v Val<'a>, &'v Call<'a>)> {
    let mut inner: Vec<&Val<'a>> = Vec::new();
    if let V::Call(call) = &value.kind
        && libraries::of(&call.path).is_none()
        && !libraries::known(&call.path)
    {
        inner.extend(call.args.iter().chain(call.keywords.iter().map(|(.., value)| value)));
    } else if let V::Object(object) = &value.kind {
        inner.extend(object.attributes.values().map(|binding| &binding.value));
    }
    let mut whole = inner.into_iter().filter_map(|value| {
        let V::Call(call) = &value.kind else { return None };
        let library = libraries::of(&call.path)?;
        (library.is_whole(call) && (library.role)(call) == Role::Augments).then_some((value, &**call))
    });
    let only = whole.next();
    if whole.next().is_none() { only } else { None }
}

impl<'a> Translator<'a> {
    /// The steps of a pipeline inside of a class, which is told.
    pub(super) fn wrapped(
        &mut self,
        value: &Val<'a>,
        pipeline: &Val<'a>,
        call: &Call<'a>,
        steps: &mut Vec<Tree>,
    ) -> Res<()> {
        let Some(library) = libraries::of(&call.path) else { return Ok(()) };
        let what = self.lines.written(value.at).map_or_else(|| value.kind(), str::to_owned);
        let message = format!(
            "{what} is read as the {} of {} that is in it; what else it does is Python that does not run here",
            call.name(),
            library.name
        );
        self.warn(value.at, message);
        let own = (library.translate)(self, pipeline, call)?;
        steps.extend(self.as_often(pipeline, &what, own)?);
        Ok(())
    }

    /// Passes over what weights say of the images of their network.
    pub(super) fn of_weights(&mut self, value: &Val<'a>) {
        self.warn(
            value.at,
            "what weights say of their network's images is passed over: it brings them to a size, and makes numbers of them",
        );
    }
}
