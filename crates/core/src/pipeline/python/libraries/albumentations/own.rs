//! What stands in a pipeline and is no transform of the library: classes of the file and of other modules, which are
//! Python and do not run. In a sequence they are left out; where one of several is drawn, nothing is done in their place.

use super::super::super::eval::Res;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, Unknown, V, Val};
use super::steps;
use super::version::Told;
use crate::text::tree::{Tree, Value};

/// How often a transform runs that does not say so.
const USUAL: f64 = 0.5;

/// Transforms of the library that are not read here.
pub(super) const UNREAD: &[&str] = &[
    "AdvancedBlur",
    "AtLeastOneBBoxRandomCrop",
    "AutoContrast",
    "BBoxSafeRandomCrop",
    "CenterCrop3D",
    "ChromaticAberration",
    "CoarseDropout3D",
    "ConstrainedCoarseDropout",
    "CubicSymmetry",
    "Defocus",
    "FrequencyMasking",
    "GridElasticDeform",
    "HEStain",
    "IAACropAndPad",
    "Illumination",
    "MaskDropout",
    "Morphological",
    "Pad3D",
    "PadIfNeeded3D",
    "PlanckianJitter",
    "PlasmaBrightnessContrast",
    "PlasmaShadow",
    "RandomCrop3D",
    "RandomCropNearBBox",
    "RandomGravel",
    "RandomSunFlare",
    "RingingOvershoot",
    "SaltAndPepper",
    "SelectiveChannelTransform",
    "ShotNoise",
    "Spatter",
    "ThinPlateSpline",
    "TimeMasking",
    "TimeReverse",
    "ToRGB",
    "ToSepia",
    "UnsharpMask",
    "XYMasking",
    "ZoomBlur",
];

/// Transforms that need other pictures, or texts, beside the image.
pub(super) const OTHER_PICTURES: &[&str] = &[
    "FDA",
    "HistogramMatching",
    "MixUp",
    "Mosaic",
    "OverlayElements",
    "PixelDistributionAdaptation",
    "TemplateTransform",
    "TextImage",
];

/// Something in the list of a container.
pub(super) enum Piece<'v, 'a> {
    /// A transform of the library.
    Transform(&'v Call<'a>),
    /// Python of somebody's own.
    Own(&'v Val<'a>),
}

impl<'a> Translator<'a> {
    /// What stands in the list of a container; something alone stands for a list of it.
    pub(super) fn alb_pieces<'v>(&self, bound: &Bound<'v, 'a>) -> Res<Vec<Piece<'v, 'a>>> {
        let value = bound.passed("transforms").filter(|list| !matches!(list.kind, V::None));
        let Some(list) = value else {
            let message = format!("{} takes a list of transforms", bound.call.name());
            return Err(self.complain(bound.call.name_at, message));
        };
        if let Some(items) = list.items() {
            return items.iter().map(|item| self.alb_piece(item)).collect();
        }
        match &list.kind {
            V::Call(_) | V::Object(_) => Ok(vec![self.alb_piece(list)?]),
            V::Unknown(unknown) => Err(unknown.complaint.clone()),
            V::None
            | V::Bool(_)
            | V::Int(_)
            | V::Float(_)
            | V::Text(_)
            | V::List(_)
            | V::Tuple(_)
            | V::Dict(_)
            | V::Path(_)
            | V::Function(_)
            | V::Class(_) => {
                let message = format!("{} takes a list of transforms", bound.call.name());
                Err(self.complain(bound.call.name_at, message))
            }
        }
    }

    fn alb_piece<'v>(&self, value: &'v Val<'a>) -> Res<Piece<'v, 'a>> {
        match &value.kind {
            V::Call(call) if call.path.starts_with("albumentations.") && is_there(call.name()) => {
                Ok(Piece::Transform(call))
            }
            V::Call(_) | V::Object(_) => Ok(Piece::Own(value)),
            V::Unknown(unknown) if self.alb_makes_own(value, unknown) => Ok(Piece::Own(value)),
            V::Unknown(unknown) => Err(unknown.complaint.clone()),
            V::None
            | V::Bool(_)
            | V::Int(_)
            | V::Float(_)
            | V::Text(_)
            | V::List(_)
            | V::Tuple(_)
            | V::Dict(_)
            | V::Path(_)
            | V::Function(_)
            | V::Class(_) => {
                Err(self.complain(value.at, format!("expected a transform, not {}", value.kind())))
            }
        }
    }

    /// Whether it is a call of a class that lacks its import.
    fn alb_makes_own(&self, value: &Val<'a>, unknown: &Unknown) -> bool {
        let source = self.lines.source(value.at).unwrap_or_default();
        let name = source.split('(').next().unwrap_or_default();
        unknown.set.as_ref().is_none_or(|set| set.contains('('))
            && source.ends_with(')')
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    }

    /// The steps of a list of which everything runs.
    pub(super) fn alb_inner(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Vec<Tree>> {
        let (mut steps, mut tensor) = (Vec::new(), false);
        for piece in self.alb_pieces(bound)? {
            match piece {
                Piece::Transform(call) => {
                    // Behind these there are numbers that are no levels of gray.
                    tensor |= call.name().starts_with("ToTensor") || call.name() == "Normalize";
                    steps.extend(self.alb_transform(call, None, told)?);
                }
                Piece::Own(value) => self.left_out(value, tensor),
            }
        }
        Ok(steps)
    }

    /// Does nothing where something of somebody's own is drawn.
    pub(super) fn alb_nothing(&mut self, value: &Val<'a>) -> Res<Tree> {
        let what = self.lines.written(value.at).map_or_else(|| value.kind(), str::to_owned);
        self.lost = true;
        self.warn(
            value.at,
            format!("{what} is left out: it is Python that does not run here; where it is drawn, images stay as they are"),
        );
        let nothing = self.tree(value.at, Value::Map(Vec::new()))?;
        self.wrap(value.at, "noop", nothing)
    }

    /// The p of something in a list, which need not be that by which it runs.
    pub(super) fn alb_weight(&self, piece: &Piece<'_, 'a>, told: Told) -> Res<f64> {
        let own = match piece {
            Piece::Transform(call) => {
                return match steps::p_of(call, told) {
                    Ok(p) => self.number(p, "p"),
                    Err(default) => Ok(default),
                };
            }
            Piece::Own(Val { kind: V::Call(call), .. }) => {
                call.keywords.iter().find(|(name, ..)| name == "p").map(|(.., p)| p)
            }
            Piece::Own(Val { kind: V::Object(object), .. }) => {
                object.attributes.get("p").map(|binding| &binding.value)
            }
            Piece::Own(_) => None,
        };
        Ok(own.and_then(Val::number).unwrap_or(USUAL))
    }
}

/// Whether the library has a transform or a container of this name.
pub(super) fn is_there(name: &str) -> bool {
    super::PASSED.contains(&name)
        || super::containers::NAMES.contains(&name)
        || super::table::signature(name).is_some()
        || super::pixels::names().any(|own| own == name)
        || UNREAD.contains(&name)
        || OTHER_PICTURES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_not_called_unread() {
        assert!(UNREAD.windows(2).all(|pair| pair[0] < pair[1]));
        for name in UNREAD.iter().chain(OTHER_PICTURES) {
            assert!(super::super::table::signature(name).is_none(), "{name}");
            assert!(super::super::pixels::names().all(|own| own != *name), "{name}");
        }
    }
}
