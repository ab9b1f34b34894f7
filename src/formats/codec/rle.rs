//! Masks as COCO writes them: lengths of runs, column by column, as a text.
//!
//! A mask is the lengths of its runs of 0 and 1 in turn, beginning with 0, down the columns. Each length, from the third on less the one two
//! before it, is written in groups of five bits, the lowest first, each a character from `0` on; the sixth bit says that more follow
//! (`rleToString` in pycocotools' maskApi.c).

/// Appends the run-length text of where `ids` (rows x columns, row after row) is `id`.
pub fn encode(ids: &[u8], [height, width]: [usize; 2], id: u8, out: &mut String) {
    let (mut run, mut inside) = (0_i64, false);
    let mut before = [0_i64; 2];
    let mut count = 0;
    let mut push = |run: i64, out: &mut String| {
        let mut value = if count > 2 { run - before[0] } else { run };
        before = [before[1], run];
        count += 1;
        loop {
            let group = (value & 0x1f) as u8;
            value >>= 5;
            let more = if group & 0x10 != 0 { value != -1 } else { value != 0 };
            out.push(char::from(group + if more { 0x20 } else { 0 } + b'0'));
            if !more {
                break;
            }
        }
    };
    for x in 0..width {
        for y in 0..height {
            if (ids[y * width + x] == id) != inside {
                push(run, out);
                (run, inside) = (0, !inside);
            }
            run += 1;
        }
    }
    push(run, out);
}

/// Tells the lengths of the runs of a text, of 0 and of 1 in turn; `None` if it is none.
fn runs(text: &str, mut tell: impl FnMut(usize) -> Option<()>) -> Option<()> {
    let mut before = [0_i64; 2];
    let mut count = 0;
    let mut letters = text.bytes();
    while let Some(first) = letters.next() {
        let (mut value, mut shift, mut letter) = (0_i64, 0_u32, first);
        loop {
            let group = i64::from(letter.checked_sub(b'0').filter(|group| *group < 0x40)?);
            if shift > 50 {
                return None;
            }
            value |= (group & 0x1f) << shift;
            shift += 5;
            if group & 0x20 == 0 {
                if group & 0x10 != 0 {
                    value |= -1 << shift;
                }
                break;
            }
            letter = letters.next()?;
        }
        let run = if count > 2 { value.checked_add(before[0])? } else { value };
        before = [before[1], run];
        count += 1;
        tell(usize::try_from(run).ok()?)?;
    }
    Some(())
}

/// Puts `id` into `ids` where the text says so.
///
/// `None` if it is not the text of a mask of this size.
#[must_use]
pub fn decode(text: &str, ids: &mut [u8], [height, width]: [usize; 2], id: u8) -> Option<()> {
    let (mut place, mut inside) = (0_usize, false);
    runs(text, |run| {
        let end = place.checked_add(run).filter(|end| *end <= height * width)?;
        if inside {
            (place..end).for_each(|at| ids[at % height * width + at / height] = id);
        }
        (place, inside) = (end, !inside);
        Some(())
    })?;
    (place == height * width).then_some(())
}

/// How many pixels a mask has.
#[must_use]
pub fn area(text: &str) -> u64 {
    let (mut sum, mut inside) = (0_u64, false);
    let _ = runs(text, |run| {
        sum += if inside { run as u64 } else { 0 };
        inside = !inside;
        Some(())
    });
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Printed by `pycocotools.mask.encode`.
    #[test]
    fn texts_are_those_of_pycocotools() {
        let mut ids = vec![0; 30];
        for (y, x) in [(1, 2), (2, 2), (2, 3), (4, 0)] {
            ids[y * 6 + x] = 7;
        }
        let mut text = String::new();
        encode(&ids, [5, 6], 7, &mut text);
        assert_eq!(text, PYCOCO);
        assert_eq!(area(&text), 4);
    }

    const PYCOCO: &str = "4161NO8";

    proptest! {
        #[test]
        fn what_is_written_is_read(
            (h, w, ids) in (1_usize..40, 1_usize..40).prop_flat_map(|(h, w)| {
                (Just(h), Just(w), prop::collection::vec(prop_oneof![6 => Just(0_u8), 3 => Just(1_u8), 1 => Just(2_u8)], h * w))
            }),
        ) {
            let mut back = vec![0; h * w];
            for id in [1, 2] {
                let mut text = String::new();
                encode(&ids, [h, w], id, &mut text);
                prop_assert!(decode(&text, &mut back, [h, w], id).is_some());
            }
            prop_assert_eq!(back, ids);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[ -~]{0,30}") {
            let _ = decode(&text, &mut [0; 35], [5, 7], 1);
        }
    }
}
