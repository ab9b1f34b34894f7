//! Tests of canvases with several images.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::base::Label;
use crate::recipe::place::Said;
use crate::sources::leaves::builtin::BuiltinDigits;

fn said(words: &str) -> Said {
    let mut said = Said::default();
    for (key, value) in words.split_whitespace().filter_map(|word| word.split_once('=')) {
        fn choice<T: crate::base::choice::Choice>(word: &str) -> Option<T> {
            T::ALL.iter().find(|(name, ..)| *name == word).map(|(.., value)| *value)
        }
        match key {
            "canvas" => said.canvas = Some(value.parse().unwrap()),
            "objects" => said.objects = Some(value.parse().unwrap()),
            "arrange" => said.arrange = Some(value.parse().unwrap()),
            "size" => said.size = Some(value.parse().unwrap()),
            "overlap" => said.overlap = Some(value.parse().unwrap()),
            "clutter" => said.clutter = Some(value.parse().unwrap()),
            "count" => said.count = Some(value.parse().unwrap()),
            "retries" => said.retries = Some(value.parse().unwrap()),
            "pick" => said.pick = choice(value),
            "others" => said.others = choice(value),
            "combine" => said.combine = choice(value),
            "label" => said.label = choice(value),
            "inside" => said.inside = choice(value),
            "full" => said.full = choice(value),
            "exclusive" => said.exclusive = true,
            "truth" => said.class_truth = true,
            other => panic!("{other}"),
        }
    }
    said
}

fn digits() -> Arc<dyn Source> {
    Arc::new(BuiltinDigits::new("train", 40))
}

fn place(words: &str) -> Result<Place, Fault> {
    Place::new(digits(), "train", said(words).options(), &Watch::default())
}

/// Samples of a source, and whether labels and origins are the same without pixels.
fn samples(place: &Place, count: u64) -> Vec<Sample> {
    let (mut reader, mut alone) = (place.reader(), place.reader());
    (0..count)
        .map(|index| {
            let mut sample = Sample::default();
            reader.read(index, &mut sample).unwrap();
            assert_eq!(alone.label(index).unwrap(), sample.label);
            let mut origins = Vec::new();
            alone.origins(index, &mut origins).unwrap();
            assert!(sample.objects.iter().all(|object| origins.contains(&object.origin)));
            sample
        })
        .collect()
}

#[test]
fn boxes_hold_the_ink_and_keep_their_distance() {
    for words in [
        "canvas=90x120 objects=0-6 overlap=0",
        "canvas=120x90 objects=3 overlap=0.1 size=9-40",
        "canvas=28x150 objects=5 arrange=columns inside=ink",
        "canvas=40x150 objects=1-5 arrange=row:1..9 size=20",
        "canvas=70x70 objects=2 arrange=grid:2x2",
    ] {
        let place = place(words).unwrap();
        let overlap = place.options.overlap.get();
        for sample in samples(&place, 60) {
            let image = sample.canvas.image();
            let all = sample.objects.iter().map(|object| object.tight);
            for (k, own) in all.clone().enumerate() {
                assert_eq!(own, own.clipped(image.shape), "{words}");
                for other in all.clone().skip(k + 1) {
                    let both = own.common(other).area();
                    assert!(both == 0 || (both as f64) < overlap * (own.area() + other.area() - both) as f64);
                }
            }
            // Every pixel with ink is in a box.
            for (at, &value) in image.data.iter().enumerate() {
                let (y, x) = ((at / image.shape.width) as i32, (at % image.shape.width) as i32);
                let holds = |r: Rect| (r.x0..r.x1).contains(&x) && (r.y0..r.y1).contains(&y);
                assert!(value == 0 || all.clone().any(holds), "{words}: {y}, {x}");
            }
        }
    }
}

#[test]
fn numbers_of_objects_and_places_are_even() {
    let place = place("canvas=30x29 objects=1-4 count=3000").unwrap();
    let (mut counts, mut places) = ([0; 5], [[0; 2]; 3]);
    for sample in samples(&place, 3000) {
        counts[sample.objects.len()] += 1;
        for object in &sample.objects {
            places[object.area.y0 as usize][object.area.x0 as usize] += 1;
        }
    }
    assert!(counts[0] == 0 && counts[1..].iter().all(|n| (670..830).contains(n)), "{counts:?}");
    let all: i32 = places.iter().flatten().sum();
    assert!(places.iter().flatten().all(|&n| (n - all / 6).abs() < all / 40), "{places:?}");
    let place = super::Place::new(
        digits(),
        "train",
        said("canvas=30x30 objects=1 exclusive=1").options(),
        &Watch::default(),
    );
    let seen: Vec<i32> = samples(&place.unwrap(), 40).iter().map(|s| s.objects[0].area.y0).collect();
    assert!(seen.contains(&0) && seen.contains(&1) && !seen.contains(&2), "{seen:?}");
}

#[test]
fn labels_are_those_that_are_asked_for() {
    let class = |sample: &Sample, k: usize| sample.objects[k].class;
    for (label, of) in
        [("first", (|a, _| a) as fn(u8, u8) -> u8), ("sum", |a, b| a + b), ("number", |a, b| 10 * a + b)]
    {
        let place = place(&format!("objects=2 label={label} truth=1 arrange=columns")).unwrap();
        for sample in samples(&place, 40) {
            let (a, b) = (class(&sample, 0), class(&sample, 1));
            assert_eq!(sample.label, Label::Class(of(a, b)));
            assert_eq!(sample.truth, [a, b].map(i64::from));
        }
    }
    let names = place("objects=2 label=number").unwrap().schema.class_names;
    assert_eq!((names.len(), names[7].as_str()), (100, "07"));
    let truth = place("objects=0-3 truth=1 count=50").unwrap();
    assert_eq!(truth.schema.truth, ["class_1", "class_2", "class_3"]);
    for sample in samples(&truth, 50) {
        let known = |k: usize| sample.objects.iter().find(|o| o.cell == k).map_or(-1, |o| i64::from(o.class));
        assert_eq!(sample.truth, [0, 1, 2].map(known));
    }
}

#[test]
fn images_are_picked_as_asked() {
    let origins = |words: &str| -> Vec<Vec<u64>> {
        let place = place(words).unwrap();
        let all = samples(&place, place.len());
        all.iter().map(|sample| sample.objects.iter().map(|object| object.origin).collect()).collect()
    };
    let in_order = origins("objects=2 pick=in-order");
    assert!(in_order.concat().into_iter().eq(0..40) && in_order.len() == 20);
    let mut shuffled = origins("objects=4 pick=shuffled").concat();
    assert!(!shuffled.is_sorted());
    shuffled.sort_unstable();
    assert!(shuffled.into_iter().eq(0..40));
    let rounds = origins("objects=2 pick=shuffled count=40").concat();
    assert!((0..40).all(|image| rounds.iter().filter(|own| **own == image).count() == 2));
    assert_ne!(rounds[..40], rounds[40..]);
    assert!(origins("objects=2 pick=each").iter().map(|pair| pair[0]).eq(0..40));
    for (others, same) in [("other-class", false), ("same-class", true)] {
        let place = place(&format!("objects=3 pick=each others={others}")).unwrap();
        for sample in samples(&place, 40) {
            let first = sample.objects[0].class;
            assert!(sample.objects[1..].iter().all(|object| (object.class == first) == same));
        }
    }
}

#[test]
fn clutter_lies_behind_and_has_no_boxes() {
    let (plain, cluttered) = (
        place("objects=1 pick=each").unwrap(),
        place("objects=1 pick=each clutter=6:5x7 combine=add").unwrap(),
    );
    let mut more = 0;
    for (plain, cluttered) in samples(&plain, 40).iter().zip(samples(&cluttered, 40)) {
        assert_eq!(plain.objects, cluttered.objects);
        let pairs = plain.canvas.pixels().iter().zip(cluttered.canvas.pixels());
        assert!(pairs.clone().all(|(a, b)| a <= b));
        more += usize::from(pairs.clone().any(|(a, b)| a < b));
    }
    assert!(more > 35, "{more}");
}

#[test]
fn objects_without_a_place_are_left_out_or_an_error() {
    let words = "canvas=32x32 objects=4 overlap=0 retries=20 inside=ink";
    let place_of = |full: &str| place(&format!("{words} full={full}")).unwrap();
    let fewer = place_of("fewer");
    assert!(samples(&fewer, 40).iter().any(|sample| sample.objects.len() < 4));
    assert!(fewer.probe("train").unwrap().unwrap().contains("fewer objects"));
    let error = place_of("error").probe("train").unwrap_err();
    assert!(error.to_string().contains("no place for object"), "{error}");
    assert!(
        place("objects=2 label=number canvas=28x20 size=20 arrange=row").unwrap().probe("train").is_err()
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (words, says) in [
        ("canvas=20x40", "objects of 28x28 do not fit into a canvas of 20x40"),
        ("canvas=28x50 arrange=columns", "do not fit into a column of 28x25"),
        ("canvas=50x50 arrange=grid:2x2", "do not fit into a cell of 25x25"),
        ("size=10-70", "objects of 70x70 do not fit"),
        ("clutter=3:40x4", "objects of 40x4 do not fit into images of 28x28"),
        ("objects=300", "at most 256 objects"),
        ("objects=65 truth=1", "65 objects, and truth has at most 64 columns"),
        ("objects=3 arrange=at:0,0;6,6", "2 places for 3 objects"),
        ("objects=1-2 pick=in-order", "an order of images needs a number of objects that is always the same"),
        ("objects=1-2 label=number", "--label number needs a number"),
        ("objects=0-2 label=first", "--label first needs an object"),
        ("objects=3 label=number", "labels up to 999"),
        ("objects=40 label=sum", "labels up to 360"),
        ("pick=shuffled others=same-class", "--pick shuffled takes them in turn"),
        ("pick=in-order count=21", "40 images make 20 samples of 2; 21 are asked for"),
        ("objects=5 arrange=grid:2x2", "5 objects do not fit into the 4 cells"),
    ] {
        let error = place(words).err().unwrap_or_else(|| panic!("{words}"));
        assert!(error.to_string().contains(says), "{words}: {error}");
        assert_eq!(error.kind(), crate::base::Kind::Usage, "{words}");
        assert!(error.help().is_some(), "{words}");
    }
}

proptest! {
    /// Whatever is asked for, samples have the shape that was promised, and what they show lies on it.
    #[test]
    fn anything_goes(
        (h, w) in (1_usize..90, 1_usize..90),
        (lo, more) in (0_usize..4, 0_usize..4),
        size in 1_usize..60,
        arrange in prop::sample::select(vec!["free", "columns", "row:-9..9", "grid:2x3", "at:-40,3;50,50;2,2"]),
        how in prop::sample::select(vec!["lightest", "add", "over"]),
        inside in prop::sample::select(vec!["image", "ink"]),
        overlap in prop::sample::select(vec!["0", "0.3", "1"]),
    ) {
        let hi = (lo + more).max(1);
        let words = format!(
            "canvas={h}x{w} objects={lo}-{hi} size={size} arrange={arrange} combine={how} inside={inside} overlap={overlap} count=4 retries=3"
        );
        let Ok(place) = place(&words) else { return Ok(()) };
        for sample in samples(&place, 4) {
            prop_assert_eq!(sample.canvas.shape(), Shape::gray(h, w));
            prop_assert!(sample.objects.len() <= hi);
            for object in &sample.objects {
                prop_assert_eq!(object.tight, object.tight.clipped(sample.canvas.shape()));
                prop_assert!(object.cell < place.schema.grid.unwrap().cells());
            }
        }
    }
}
