//! What lies beyond the border of an image: for warps, filters and padding.

/// What is read where there is no pixel. Warps apply it to each tap, so that an interpolated value may lie between a
/// pixel and what is beyond the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// A constant color.
    Constant,
    /// The nearest border pixel: `aaa|abcd|ddd`.
    Edge,
    /// Mirrored with the border pixel repeated: `cba|abcd|dcb`.
    Symmetric,
    /// Mirrored with the border pixel not repeated: `dcb|abcd|cba`.
    Reflect,
    /// Repeated: `bcd|abcd|abc`.
    Wrap,
}

impl Border {
    /// The pixel in `0..n` that is read for index `i`; `None` stands for the constant color.
    #[inline]
    #[must_use]
    pub fn index(self, i: i32, n: usize) -> Option<usize> {
        let last = n as i32 - 1;
        if (0..=last).contains(&i) {
            return Some(i as usize);
        }
        match self {
            Self::Constant => None,
            Self::Edge => Some(edge(i, n)),
            Self::Symmetric | Self::Reflect | Self::Wrap => {
                let folded = i.rem_euclid(self.period(n));
                Some(if folded <= last { folded } else { self.period(n) - folded - self.repeats() } as usize)
            }
        }
    }

    /// After how many pixels the continuation of an axis of `n` pixels repeats; for the modes that do.
    #[must_use]
    pub fn period(self, n: usize) -> i32 {
        match self {
            Self::Symmetric => 2 * n as i32,
            Self::Reflect => (2 * n as i32 - 2).max(1),
            Self::Constant | Self::Edge | Self::Wrap => n as i32,
        }
    }

    /// 1 where the mirrored axis begins with the border pixel again, else 0.
    fn repeats(self) -> i32 {
        i32::from(self == Self::Symmetric)
    }

    /// Whether far outside nothing changes any more.
    pub(super) fn clamps(self) -> bool {
        matches!(self, Self::Constant | Self::Edge)
    }
}

/// The pixel in `0..n` that is nearest to index `i`, as [`Border::Edge`] says; `n` is at least 1.
#[inline]
#[must_use]
pub fn edge(i: i32, n: usize) -> usize {
    i.clamp(0, n as i32 - 1) as usize
}

/// A color for what lies beyond the border; gray images use the first value.
pub type Cval = [u8; 3];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_continue_as_drawn() {
        let read = |border: Border| -> String {
            (-3..7).map(|i| border.index(i, 4).map_or('.', |k| ['a', 'b', 'c', 'd'][k])).collect()
        };
        assert_eq!(read(Border::Constant), "...abcd...");
        assert_eq!(read(Border::Edge), "aaaabcdddd");
        assert_eq!(read(Border::Symmetric), "cbaabcddcb");
        assert_eq!(read(Border::Reflect), "dcbabcdcba");
        assert_eq!(read(Border::Wrap), "bcdabcdabc");
        for border in [Border::Edge, Border::Symmetric, Border::Reflect, Border::Wrap] {
            assert!((-9..9).all(|i| border.index(i, 1) == Some(0)), "{border:?}");
        }
    }
}
