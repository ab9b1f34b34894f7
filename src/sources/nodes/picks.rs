//! Which images of a source stand together in a sample, for nodes that show several.

use std::ops::Range;
use std::sync::Arc;

use crate::base::{Fault, Source, Stage, Stream, Watch};
use crate::recipe::place::{Others, Pick};
use crate::recipe::quadrant::Objects;

use super::NodeError;
use super::labels::classes_of;
use super::order::Order;
use super::place::PlacingError;

/// Images by their classes.
struct ByClass {
    classes: Vec<u8>,
    /// Numbers of images, class after class.
    images: Vec<u32>,
    /// Where each class begins among them.
    starts: Vec<usize>,
}

impl ByClass {
    fn new(classes: Vec<u8>) -> Self {
        let mut starts = vec![0; 257];
        for &class in &classes {
            starts[usize::from(class) + 1] += 1;
        }
        for class in 0..256 {
            starts[class + 1] += starts[class];
        }
        let mut images: Vec<u32> = (0..).take(classes.len()).collect();
        images.sort_by_key(|&image| classes[image as usize]);
        Self { classes, images, starts }
    }

    fn class(&self, image: u64) -> Range<usize> {
        let class = usize::from(self.classes[image as usize]);
        self.starts[class]..self.starts[class + 1]
    }

    /// Whether there is one class only.
    fn is_one(&self) -> bool {
        self.images.first().is_some_and(|&image| self.class(image.into()).len() == self.images.len())
    }

    /// An image of another class than `image` has.
    fn other(&self, image: u64, stream: &mut Stream) -> u64 {
        let own = self.class(image);
        let place = stream.index(self.images.len() - own.len());
        u64::from(self.images[if place < own.start { place } else { place + own.len() }])
    }

    /// Another image of the class that `image` has; itself if there is none.
    fn same(&self, image: u64, stream: &mut Stream) -> u64 {
        let own = &self.images[self.class(image)];
        if own.len() == 1 {
            return image;
        }
        let place = stream.index(own.len() - 1);
        // The last one stands in for the image itself.
        let found = u64::from(own[place]);
        if found == image { own.last().map_or(image, |&last| u64::from(last)) } else { found }
    }
}

/// What is asked of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// How many images a sample shows.
    pub objects: Objects,
    /// How many samples.
    pub count: Option<u64>,
    /// Which images.
    pub pick: Pick,
    /// Classes of those behind the first.
    pub others: Others,
    /// The seed.
    pub seed: u64,
}

/// Which images stand together.
pub(super) struct Picks {
    asked: Asked,
    images: u64,
    stage: Stage,
    by_class: Option<ByClass>,
}

impl Picks {
    /// Of the images of `of`, which is the split named `split`.
    ///
    /// # Errors
    /// If there are not as many as asked for, or labels cannot be read.
    pub(super) fn new(
        of: &Arc<dyn Source>,
        (split, stage): (&str, Stage),
        asked: Asked,
        watch: &Watch,
    ) -> Result<Self, Fault> {
        let Objects { lo, hi } = asked.objects;
        let ordered = match asked.pick {
            Pick::InOrder => Some("in-order"),
            Pick::Shuffled => Some("shuffled"),
            Pick::Random | Pick::Each => None,
        };
        match ordered {
            Some(_) if lo != hi => {
                let (option, objects) = ("an order of images", asked.objects);
                return Err(PlacingError::Range { option, objects }.into());
            }
            Some(pick) if asked.others != Others::Any => return Err(PlacingError::Ordered(pick).into()),
            Some(_) | None => {}
        }
        let by_class = match asked.others {
            Others::OtherClass | Others::SameClass if u32::try_from(of.len()).is_err() => {
                return Err(NodeError::Uncountable { images: of.len() }.into());
            }
            Others::Any => None,
            Others::OtherClass | Others::SameClass => Some(ByClass::new(classes_of(&**of, watch)?)),
        };
        if asked.others == Others::OtherClass && by_class.as_ref().is_some_and(ByClass::is_one) {
            return Err(PlacingError::OneClass { split: split.to_owned() }.into());
        }
        let picks = Self { asked, images: of.len(), stage, by_class };
        if of.is_empty() && picks.count() > 0 {
            return Err(NodeError::NothingLeft { of: 0 }.into());
        }
        if let Some(count) = asked.count.filter(|&count| asked.pick == Pick::InOrder && count > picks.sets())
        {
            let (split, images, sets) = (split.to_owned(), picks.images, picks.sets());
            return Err(PlacingError::Sets { split, images, sets, objects: lo, count }.into());
        }
        Ok(picks)
    }

    /// As many samples as all images make if each is shown once, or comes first once.
    fn sets(&self) -> u64 {
        match self.asked.pick {
            Pick::InOrder | Pick::Shuffled => self.images / self.asked.objects.lo.max(1) as u64,
            Pick::Random | Pick::Each => self.images,
        }
    }

    /// How many samples there are.
    pub(super) fn count(&self) -> u64 {
        self.asked.count.unwrap_or_else(|| self.sets())
    }

    /// How many images a sample shows.
    pub(super) fn number(&self, stream: &mut Stream) -> usize {
        let Objects { lo, hi } = self.asked.objects;
        if lo == hi { lo } else { stream.integer(lo as i64, hi as i64) as usize }
    }

    /// The image that is number `k` of the `objects` ones of sample `index`, whose first one is `first`.
    pub(super) fn image(
        &self,
        index: u64,
        (k, objects): (usize, usize),
        first: Option<u64>,
        stream: &mut Stream,
    ) -> u64 {
        let next = || index * objects as u64 + k as u64;
        match (self.asked.pick, self.asked.others, &self.by_class, first) {
            (Pick::InOrder, ..) => next(),
            (Pick::Shuffled, ..) => {
                let (epoch, place) = (next() / self.images, next() % self.images);
                Order::new(self.images, self.asked.seed, self.stage, epoch).at(place)
            }
            (Pick::Each, ..) if k == 0 => index % self.images,
            (Pick::Each | Pick::Random, Others::OtherClass, Some(by), Some(first)) => by.other(first, stream),
            (Pick::Each | Pick::Random, Others::SameClass, Some(by), Some(first)) => by.same(first, stream),
            (Pick::Each | Pick::Random, ..) => stream.below(self.images),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::leaves::builtin::BuiltinDigits;

    #[test]
    fn nothing_cannot_be_drawn_from() {
        let none: Arc<dyn Source> = Arc::new(BuiltinDigits::new("train", 0));
        let objects = Objects { lo: 2, hi: 2 };
        for pick in [Pick::Random, Pick::Each, Pick::Shuffled] {
            let asked = Asked { objects, count: Some(3), pick, others: Others::Any, seed: 0 };
            let place = ("train", Stage::new("place", "train"));
            assert!(Picks::new(&none, place, asked, &Watch::default()).is_err(), "{pick:?}");
            let asked = Asked { count: None, ..asked };
            assert_eq!(Picks::new(&none, place, asked, &Watch::default()).unwrap().count(), 0);
        }
    }

    #[test]
    fn others_have_the_class_that_is_asked_for() {
        let by = ByClass::new(vec![3, 1, 3, 1, 1, 0]);
        let mut stream = Stream::at(0, Stage::new("place", ""), 0, 0);
        for image in 0..6 {
            let (mut others, mut sames) = ([0; 6], [0; 6]);
            for _ in 0..400 {
                others[by.other(image, &mut stream) as usize] += 1;
                sames[by.same(image, &mut stream) as usize] += 1;
            }
            for k in 0..6 {
                let is_own = by.classes[k] == by.classes[image as usize];
                assert_eq!(others[k] == 0, is_own, "{image}: {others:?}");
                let is_same = is_own && (k != image as usize || image == 5);
                assert_eq!(sames[k] > 100, is_same, "{image}: {sames:?}");
            }
        }
        assert!(ByClass::new(vec![4; 3]).is_one() && !by.is_one());
    }
}
