//! Label noise: which classes take the place of which, and how often.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::choice::choices;
use crate::text::suggest::nearest;

/// How far a row of a matrix may be from 1.
const ROUNDING: f64 = 1e-6;

/// A part of a whole, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Share(f64);

// It is never NaN.
impl Eq for Share {}

impl Share {
    /// All of it.
    pub const ALL: Self = Self(1.0);
    /// A tenth of it.
    pub const TENTH: Self = Self(0.1);

    /// Whether it is nothing of it.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0 == 0.0
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share = text.trim().parse().ok().filter(|share| (0.0..=1.0).contains(share));
        share.map(Self).ok_or_else(|| format!("expected a share from 0 to 1; found {text:?}"))
    }
}

super::said_as_text!(Share);

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which classes take the place of which: `symmetric:0.2`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Law {
    /// Each of the other classes, all equally likely (Han et al. 2018).
    Symmetric(Share),
    /// Any class, the right one among them, so that fewer labels are wrong.
    Inclusive(Share),
    /// The next class; the first for the last one (Han et al. 2018).
    PairFlip(Share),
    /// Digits that look alike: 2 becomes 7, 3 becomes 8, 5 and 6 each other, 7 becomes 1 (Patrini et al. 2017).
    Asymmetric(Share),
    /// A row for each class, with the share of each class that takes its place.
    Matrix(Vec<Vec<Share>>),
}

/// A law of one share.
type OfShare = fn(Share) -> Law;

/// The laws with one share, and how they are called.
const LAWS: &[(&str, OfShare)] = &[
    ("symmetric", Law::Symmetric),
    ("inclusive", Law::Inclusive),
    ("pair-flip", Law::PairFlip),
    ("asymmetric", Law::Asymmetric),
];

/// Which digit takes the place of which in [`Law::Asymmetric`].
const ALIKE: &[(usize, usize)] = &[(2, 7), (3, 8), (5, 6), (6, 5), (7, 1)];

impl Law {
    /// The share of each class (columns) that takes the place of each class (rows).
    ///
    /// # Errors
    /// If the law is not for so many classes.
    pub fn rows(&self, classes: usize) -> Result<Vec<Vec<f64>>, String> {
        let identity = |share: f64| {
            let row = |class| (0..classes).map(|own| if own == class { share } else { 0.0 }).collect();
            (0..classes).map(row).collect::<Vec<Vec<f64>>>()
        };
        if classes < 2 {
            return Err("of one class no label can be wrong".into());
        }
        let mut rows;
        match self {
            Self::Symmetric(share) => {
                rows = vec![vec![share.0 / (classes - 1) as f64; classes]; classes];
                rows.iter_mut().enumerate().for_each(|(class, row)| row[class] = 1.0 - share.0);
            }
            Self::Inclusive(share) => {
                rows = vec![vec![share.0 / classes as f64; classes]; classes];
                rows.iter_mut().enumerate().for_each(|(class, row)| row[class] += 1.0 - share.0);
            }
            Self::PairFlip(share) => {
                rows = identity(1.0 - share.0);
                rows.iter_mut().enumerate().for_each(|(class, row)| row[(class + 1) % classes] += share.0);
            }
            Self::Asymmetric(_) if classes != 10 => {
                return Err(format!(
                    "asymmetric noise is that of ten digits, and there are {classes} classes"
                ));
            }
            Self::Asymmetric(share) => {
                rows = identity(1.0);
                for &(class, other) in ALIKE {
                    rows[class][class] = 1.0 - share.0;
                    rows[class][other] = share.0;
                }
            }
            Self::Matrix(shares) if shares.len() != classes => {
                return Err(format!("a matrix of {} classes, and there are {classes}", shares.len()));
            }
            Self::Matrix(shares) => {
                rows = shares.iter().map(|row| row.iter().map(|share| share.0).collect()).collect();
            }
        }
        Ok(rows)
    }

    /// The law of a matrix, a line for each row, its numbers between commas, blanks or semicolons.
    ///
    /// # Errors
    /// What is no such matrix.
    pub fn of_table(text: &str) -> Result<Self, String> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        Self::of_rows(lines.map(|line| line.split([',', ' ', '\t', ';']).filter(|word| !word.is_empty())))
    }

    fn of_rows<'a, R: Iterator<Item = &'a str>>(rows: impl Iterator<Item = R>) -> Result<Self, String> {
        let mut matrix: Vec<Vec<Share>> = Vec::new();
        for row in rows {
            let row = row.map(str::parse).collect::<Result<Vec<Share>, String>>()?;
            let (number, sum) = (matrix.len() + 1, row.iter().map(|share| share.0).sum::<f64>());
            if (sum - 1.0).abs() > ROUNDING {
                return Err(format!("row {number} of the matrix sums to {sum}; every row sums to 1"));
            }
            matrix.push(row);
        }
        let classes = matrix.len();
        match matrix.iter().position(|row| row.len() != classes) {
            _ if !(2..=256).contains(&classes) => {
                Err(format!("expected a matrix of 2 to 256 rows; found {classes}"))
            }
            Some(row) => Err(format!(
                "expected as many numbers in each row of the matrix as there are rows, {classes}; found {} in row {}",
                matrix[row].len(),
                row + 1
            )),
            None => Ok(Self::Matrix(matrix)),
        }
    }
}

impl FromStr for Law {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || LAWS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let (name, rest) = text.split_once(':').ok_or_else(|| {
            format!(
                "expected a kind of noise and a share, such as symmetric:0.2; found {text:?}. Kinds are {}",
                names()
            )
        })?;
        if name == "matrix" {
            return Self::of_rows(rest.split(';').map(|row| row.split(',')));
        }
        let name = name.trim().replace('_', "-");
        let (_, law) =
            LAWS.iter().find(|(own, _)| *own == name || own.replace('-', "") == name).ok_or_else(|| {
                let near = nearest(&name, LAWS.iter().map(|(name, _)| *name));
                let near = near.map_or_else(String::new, |near| format!("did you mean {near}? "));
                format!("there is no kind of noise called {name:?}; {near}kinds are {} and matrix", names())
            })?;
        rest.parse().map(law)
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symmetric(share) => write!(f, "symmetric:{share}"),
            Self::Inclusive(share) => write!(f, "inclusive:{share}"),
            Self::PairFlip(share) => write!(f, "pair-flip:{share}"),
            Self::Asymmetric(share) => write!(f, "asymmetric:{share}"),
            Self::Matrix(rows) => {
                let row =
                    |row: &Vec<Share>| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
                write!(f, "matrix:{}", rows.iter().map(row).collect::<Vec<_>>().join(";"))
            }
        }
    }
}

super::said_as_text!(Law);

choices! {
    /// How labels are drawn.
    pub enum Draw, default Each {
        /// Each label by itself.
        Each = "each",
        /// As many of each class as its row says, to the next whole number; which ones is drawn.
        Exact = "exact",
        /// In turn, by NumPy's RandomState(seed).multinomial, as in Co-teaching.
        Numpy = "numpy",
    }
}

/// Labels of which some are wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// Which classes take the place of which.
    pub law: Law,
    /// How it is drawn.
    #[serde(default)]
    pub draw: Draw,
    /// The one split with noise; all of them where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// The seed.
    pub seed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laws_are_understood_and_printed() {
        for (text, printed) in [
            ("symmetric:0.2", "symmetric:0.2"),
            ("pair_flip: .45", "pair-flip:0.45"),
            ("pairflip:0", "pair-flip:0"),
            ("matrix:0.9,.1;0,1", "matrix:0.9,0.1;0,1"),
        ] {
            assert_eq!(text.parse::<Law>().unwrap().to_string(), printed);
        }
        for (bad, said) in [
            ("0.2", "such as symmetric:0.2"),
            ("symmetric:1.2", "a share from 0 to 1"),
            ("symmetric:nan", "a share from 0 to 1"),
            ("symetric:0.2", "did you mean symmetric?"),
            ("flip:0.2", "kinds are symmetric, inclusive, pair-flip, asymmetric and matrix"),
            ("matrix:0.9,0.2;0,1", "row 1 of the matrix sums to 1.1"),
            ("matrix:0.9,0.1;1", "found 1 in row 2"),
            ("matrix:1", "2 to 256 rows"),
        ] {
            let error = bad.parse::<Law>().unwrap_err();
            assert!(error.contains(said), "{bad}: {error}");
        }
        assert_eq!(Law::of_table("0.5 0.5\n\n0, 1\n"), "matrix:0.5,0.5;0,1".parse());
    }

    #[test]
    fn rows_are_shares_of_a_whole() {
        for law in ["symmetric:0.2", "inclusive:0.2", "pair-flip:0.45", "asymmetric:0.4"] {
            let rows = law.parse::<Law>().unwrap().rows(10).unwrap();
            assert!(rows.iter().all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-12), "{law}");
            assert!(rows.iter().flatten().all(|share| (0.0..=1.0).contains(share)), "{law}");
        }
        let rows = |law: &str, classes| law.parse::<Law>().unwrap().rows(classes);
        assert_eq!(rows("pair-flip:0.25", 2).unwrap(), [[0.75, 0.25], [0.25, 0.75]]);
        assert_eq!(rows("symmetric:0.5", 3).unwrap()[1], [0.25, 0.5, 0.25]);
        assert!((rows("inclusive:0.2", 10).unwrap()[3][3] - 0.82).abs() < 1e-12);
        let alike = rows("asymmetric:0.4", 10).unwrap();
        assert_eq!(
            (alike[2][7], alike[5][6], alike[6][5], alike[7][1], alike[0][0]),
            (0.4, 0.4, 0.4, 0.4, 1.0)
        );
        for (law, classes) in [("asymmetric:0.4", 9), ("matrix:1,0;0,1", 3), ("symmetric:0.1", 1)] {
            assert!(rows(law, classes).is_err(), "{law}");
        }
    }
}
