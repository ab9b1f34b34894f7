//! Images placed in the cells of a larger canvas: what [`Place`] does with a grid, under the name and with the numbers that it always had.

use std::sync::Arc;

use crate::base::{DataSet, Fault, Source, Watch};
use crate::recipe;
use crate::recipe::place::{Arrange, Combine, Pick, Said};
use crate::recipe::quadrant::{Objects, Options};
use crate::sources::open::{Open, each_split};

use super::place::Place;

impl Open for recipe::Quadrant {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let Self { of, options } = self;
        each_split(of.open_watched(watch)?, |split| {
            Ok(Arc::new(quadrant(split.source, &split.name, *options, watch)?))
        })
    }
}

/// Compositions of the images of `of`, which is the split named `split`.
///
/// With exactly one object, output `i` shows image `i` (counted round, where more are wanted) in a random cell, and keeps its class
/// label. Otherwise each output draws a number of objects, draws them from all images with replacement, and puts them into
/// distinct random cells; its label is the set of their classes.
///
/// # Errors
/// If the grid is too small or too large, or the images have several labels each.
pub fn quadrant(of: Arc<dyn Source>, split: &str, options: Options, watch: &Watch) -> Result<Place, Fault> {
    let Options { grid, objects, count, masks, seed } = options;
    let pick = if objects == Objects::ONE { Pick::Each } else { Pick::Random };
    let said = Said {
        arrange: Some(Arrange::Grid(grid)),
        objects: Some(objects),
        pick: Some(pick),
        combine: Some(Combine::Over),
        masks,
        seed,
        ..Said::default()
    };
    let options = recipe::place::Options { count, ..said.options() };
    Place::called("quadrant", of, split, options, watch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Grid, LabelKind, Sample};
    use crate::sources::leaves::builtin::BuiltinDigits;

    fn composed(grid: (usize, usize), objects: &str, count: Option<u64>) -> Result<Place, Fault> {
        let options = Options {
            grid: Grid { rows: grid.0, columns: grid.1 },
            objects: objects.parse().unwrap(),
            count,
            masks: false,
            seed: 1,
        };
        quadrant(Arc::new(BuiltinDigits::new("train", 30)), "train", options, &Watch::default())
    }

    #[test]
    fn one_object_keeps_its_image_and_class() {
        let quadrant = composed((2, 2), "1", None).unwrap();
        assert_eq!((quadrant.len(), quadrant.schema().labels), (30, LabelKind::Class));
        let digits = BuiltinDigits::new("train", 30);
        let (mut reader, mut plain) = (quadrant.reader(), digits.reader());
        let (mut sample, mut digit) = (Sample::default(), Sample::default());
        let mut cells = [0; 4];
        for index in 0..30 {
            reader.read(index, &mut sample).unwrap();
            plain.read(index, &mut digit).unwrap();
            assert_eq!(sample.label, digit.label);
            assert_eq!(reader.label(index).unwrap(), digit.label);
            assert_eq!(sample.origin, index);
            let [object] = sample.objects[..] else { panic!("one object") };
            cells[object.cell] += 1;
            let ink = |s: &Sample| s.canvas.pixels().iter().map(|&v| u32::from(v)).sum::<u32>();
            assert_eq!(ink(&sample), ink(&digit));
            let (r, a) = (object.tight, object.area);
            assert!(r.x0 >= a.x0 && r.x1 <= a.x1 && r.y0 >= a.y0 && r.y1 <= a.y1 && r.x0 < r.x1);
        }
        assert!(cells.iter().all(|&n| n > 1), "{cells:?}");
    }

    #[test]
    fn many_objects_sit_in_cells_of_their_own() {
        let quadrant = composed((2, 3), "0-4", Some(400)).unwrap();
        let mut reader = quadrant.reader();
        let mut sample = Sample::default();
        let mut counts = [0; 5];
        for index in 0..400 {
            reader.read(index, &mut sample).unwrap();
            counts[sample.objects.len()] += 1;
            let cells: Vec<_> = sample.objects.iter().map(|o| o.cell).collect();
            assert!(cells.is_sorted_by(|a, b| a < b) && cells.iter().all(|c| *c < 6));
            for class in 0..10 {
                assert_eq!(sample.label.has(class), sample.objects.iter().any(|o| o.class == class));
            }
            assert_eq!(reader.label(index).unwrap(), sample.label);
        }
        assert!(counts.iter().all(|&n| (50..110).contains(&n)), "{counts:?}");
    }

    #[test]
    fn more_objects_than_cells_are_refused() {
        let error = composed((2, 2), "0-5", None).err().unwrap();
        assert!(error.to_string().contains("5 objects do not fit into the 4 cells"), "{error}");
        for bad in ["", "x", "4-0", "0", "1-", "-1"] {
            assert!(bad.parse::<Objects>().is_err(), "{bad}");
        }
    }
}
