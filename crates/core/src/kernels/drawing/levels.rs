//! Pictures of two levels: digits cropped to their ink leave little paper to fit a surface to, but where light is even they need none.

/// The levels of paper and ink, where a picture has no others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Levels {
    pub(super) paper: f32,
    pub(super) ink: f32,
}

/// Of less ink than this, in hundredths of a picture, there is paper enough for a surface.
const LEAST: usize = 16;

/// What fills this is no ink: the frame of a scan was taken for paper.
const MOST: usize = 67;

impl Levels {
    /// The two levels of values, from 0 to 255, in rows of `width`; `None` if there are more, or much less ink than paper. `dark` says
    /// whether ink is darker than paper, where that is known.
    ///
    /// Ink is what there is less of, by area and along the frame together: a digit that fills a picture may cover half of it, but touches
    /// the frame in few places.
    pub(super) fn of(values: &[f32], width: usize, dark: Option<bool>) -> Option<Self> {
        let mut counts = [0_u64; 256];
        for v in values {
            counts[v.round().clamp(0.0, 255.0) as usize] += 1;
        }
        let parted = super::noise::parted(&counts);
        let (low, high) = (peak(&counts, 0..parted + 1)?, peak(&counts, parted + 1..256)?);
        let middle = 0.5 * (low + high);
        let above = |values: &mut dyn Iterator<Item = &f32>| {
            let (n, above) =
                values.fold((0_usize, 0_usize), |(n, above), v| (n + 1, above + usize::from(*v > middle)));
            above as f64 / n as f64
        };
        let light = above(&mut values.iter()) + above(&mut super::rim(values, width));
        let found = if dark.unwrap_or(light >= 1.0) {
            Self { paper: high, ink: low }
        } else {
            Self { paper: low, ink: high }
        };
        (found.explains(values) && !found.is_shadow(values, width)).then_some(found)
    }

    /// Whether the paper is even, nothing lies on its other side or far beyond the ink, as ink in a shadow does, and little is between the
    /// two: edges of strokes, and no shadow.
    fn explains(self, values: &[f32]) -> bool {
        /// Of the way from paper to ink: how far paper reaches, where ink begins, and where it ends.
        const EVEN: f32 = 0.12;
        const INK: f32 = 0.5;
        const END: f32 = 1.4;
        let Self { paper, ink } = self;
        if (ink - paper).abs() < 24.0 {
            return false;
        }
        let (mut beyond, mut deeper, mut between, mut inked) = (0, 0, 0, 0);
        for v in values {
            let part = (v - paper) / (ink - paper);
            beyond += usize::from(part < -EVEN);
            deeper += usize::from(part >= END);
            between += usize::from((EVEN..INK).contains(&part));
            inked += usize::from(part >= INK);
        }
        let cropped = (LEAST * values.len()..MOST * values.len()).contains(&(100 * inked));
        cropped && 50 * beyond <= values.len() && 500 * deeper <= values.len() && 5 * between <= 4 * inked
    }

    /// Whether what seems to be ink has a square in it that no pen fills: wider than two fifths of the picture's longer side.
    fn is_shadow(self, values: &[f32], width: usize) -> bool {
        let middle = 0.5 * (self.paper + self.ink);
        let longer = width.max(values.len() / width);
        // The greatest squares that end in the cells of the row above, and of this one.
        let (mut above, mut own) = (vec![0; width], vec![0; width]);
        for row in values.chunks_exact(width) {
            for (x, v) in row.iter().enumerate() {
                let inked = (*v > middle) == (self.ink > middle);
                let before = if x > 0 { above[x - 1].min(own[x - 1]) } else { 0 };
                own[x] = if inked { 1 + before.min(above[x]) } else { 0 };
            }
            if own.iter().any(|&side| 5 * side > 2 * longer) {
                return true;
            }
            std::mem::swap(&mut above, &mut own);
        }
        false
    }
}

/// The level about which the most values lie; `None` if there are no values.
fn peak(counts: &[u64; 256], range: std::ops::Range<usize>) -> Option<f32> {
    const BESIDE: usize = 4;
    let about = |at: usize| {
        let near = at.saturating_sub(BESIDE).max(range.start)..(at + BESIDE + 1).min(range.end);
        counts[near.clone()].iter().zip(near).fold((0, 0), |(n, sum), (&c, v)| (n + c, sum + c * v as u64))
    };
    let (n, sum) = range.clone().map(about).max_by_key(|&(n, _)| n)?;
    (n > 0).then(|| sum as f32 / n as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 40x40 with a value for each place.
    fn picture(value: impl Fn(usize, usize) -> f32) -> Vec<f32> {
        (0..1600).map(|at| value(at / 40, at % 40)).collect()
    }

    #[test]
    fn paper_and_ink_of_a_cropped_digit() {
        // Three bars from frame to frame, with a soft edge.
        let digit = |paper: f32, ink: f32| {
            picture(move |_, x| match x % 13 {
                4..=8 => ink,
                9 => 0.7 * paper + 0.3 * ink,
                _ => paper,
            })
        };
        let dark = Levels::of(&digit(235.0, 40.0), 40, None);
        assert_eq!(dark, Some(Levels { paper: 235.0, ink: 40.0 }));
        let light = Levels::of(&digit(45.0, 210.0), 40, None);
        assert_eq!(light, Some(Levels { paper: 45.0, ink: 210.0 }));
        assert_eq!(Levels::of(&digit(120.0, 110.0), 40, None), None, "no contrast");
        let known = Levels::of(&digit(235.0, 40.0), 40, Some(true));
        assert_eq!(known, dark);
        assert_eq!(Levels::of(&[7.0; 1600], 40, None), None, "flat");
    }

    #[test]
    fn a_shadow_is_no_ink() {
        let shadow = |y: usize, x: usize| if y + x > 44 { 120.0 } else { 220.0 };
        assert_eq!(Levels::of(&picture(shadow), 40, None), None, "too wide");
        let band = |y: usize, _: usize| if y % 20 < 8 { 120.0 } else { 220.0 };
        assert!(Levels::of(&picture(band), 40, None).is_some());
        let inked = |y: usize, x: usize| if y == 3 && x < 10 { 30.0 } else { band(y, x) };
        assert_eq!(Levels::of(&picture(inked), 40, None), None, "ink in it");
        let light = |_: usize, x: usize| 220.0 - 3.0 * x as f32;
        assert_eq!(Levels::of(&picture(light), 40, None), None, "light that falls off");
    }
}
