//! Which column of a table holds the labels, where nothing names it: the first one or the last one.

use std::path::Path;

use crate::base::{Fault, Pass};
use crate::formats::codec::table::{Columns, Reading, Table};

use super::super::arrays::MOST_GUESSED;
use super::Says;
use super::roles::Roles;

/// What stands in a column.
#[derive(Clone, Copy, Debug)]
struct Column {
    least: f64,
    most: f64,
    whole: bool,
    /// Whether not all is the same.
    varied: bool,
    /// Whether something is no number.
    texts: bool,
    first: Option<f64>,
}

impl Column {
    const NONE: Self = Self {
        least: f64::INFINITY,
        most: f64::NEG_INFINITY,
        whole: true,
        varied: false,
        texts: false,
        first: None,
    };

    fn see(&mut self, number: Option<f64>) {
        let Some(number) = number else {
            self.texts = true;
            return;
        };
        self.varied |= self.first.is_some_and(|first| first != number);
        self.first = self.first.or(Some(number));
        self.least = self.least.min(number);
        self.most = self.most.max(number);
        self.whole &= number.fract() == 0.0;
    }

    /// Whether these are numbers of classes.
    fn is_label(&self) -> bool {
        !self.texts && self.whole && self.least >= 0.0 && self.most <= f64::from(MOST_GUESSED)
    }
}

/// What stands in the first and in the last column of pixels, and how far those between them go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guess {
    first: Column,
    last: Column,
    between: f64,
    /// The places of the two.
    places: [usize; 2],
    header: bool,
    is_whole: bool,
}

impl Guess {
    fn new(roles: &Roles, header: bool) -> Self {
        let (mut at, mut places) = (0, None::<[usize; 2]>);
        for run in &roles.columns {
            if matches!(run, Columns::Pixels(_)) && run.len() > 0 {
                places = Some([places.map_or(at, |[first, _]| first), at + run.len() - 1]);
            }
            at += run.len();
        }
        Self {
            first: Column::NONE,
            last: Column::NONE,
            between: f64::NEG_INFINITY,
            places: places.unwrap_or_default(),
            header,
            is_whole: false,
        }
    }

    /// Of the beginning of a table, from its values as they stand there.
    pub(super) fn of(table: &Table, roles: &Roles, header: bool) -> Self {
        let mut guess = Self { is_whole: table.is_whole(), ..Self::new(roles, header) };
        let [first, last] = guess.places;
        table.each_number(header, |place, number| {
            if place == first {
                guess.first.see(number);
            } else if place == last {
                guess.last.see(number);
            } else if (first..last).contains(&place) {
                guess.between = guess.between.max(number.unwrap_or(f64::NEG_INFINITY));
            }
        });
        guess
    }

    /// Of all of a table. How far the columns between go is left out.
    pub(super) fn of_whole(path: &Path, roles: &Roles, header: bool, pass: &Pass) -> Result<Self, Fault> {
        let mut guess = Self { is_whole: true, between: f64::INFINITY, ..Self::new(roles, header) };
        let [first, last] = guess.places;
        let total: usize = roles.columns.iter().map(Columns::len).sum();
        let columns = vec![
            Columns::Skip(first),
            Columns::Ids(1),
            Columns::Skip(last - first - 1),
            Columns::Ids(1),
            Columns::Skip(total - last - 1),
        ];
        let table = Table::open(path)?;
        let dialect = table.dialect();
        let values = table.read_as(&Reading { header, columns, ..Reading::default() }, pass)?;
        for [first, last] in values.ids.as_chunks::<2>().0 {
            guess.first.see(dialect.number(first));
            guess.last.see(dialect.number(last));
        }
        Ok(guess)
    }

    /// Why the label is in the last column, if it is; the whole table is looked at where its beginning says so.
    pub(super) fn last(
        self,
        path: &Path,
        roles: &Roles,
        says: Says<'_>,
        pass: &Pass,
    ) -> Result<Option<String>, Fault> {
        let why = self.why_last(says);
        if why.is_none() || self.is_whole {
            return Ok(why);
        }
        let whole = Self::of_whole(path, roles, self.header, pass)?;
        Ok(Self { between: self.between, ..whole }.why_last(says))
    }

    /// Why the label is in the last column, if it is.
    ///
    /// The label comes first where nobody says otherwise; but if all first values are 0, as the first pixels of digits are, or are none that
    /// labels are, and the last ones could be labels, then the label is last. So it is if the last ones alone go beyond what is white.
    pub(super) fn why_last(&self, says: Says<'_>) -> Option<String> {
        let Self { first, last, between, .. } = self;
        if last.texts && !first.texts {
            return Some("it alone holds texts".into());
        }
        if first.texts || !last.is_label() || !last.varied {
            return None;
        }
        if first.most == 0.0 && first.least == 0.0 {
            return Some("the first one is 0 throughout".into());
        }
        if !first.is_label() {
            return Some(if !first.whole {
                "the first one holds fractions".into()
            } else if first.least < 0.0 {
                format!("the first one begins at {}", first.least)
            } else {
                format!("the first one goes up to {}", first.most)
            });
        }
        let white = says.float_range.map(crate::recipe::FloatRange::white);
        let white = white.or_else(|| Some(*between).filter(|most| *most <= 1.0))?;
        (last.most > white && first.most <= white && (*between <= white || says.float_range.is_some()))
            .then(|| format!("it alone goes beyond {white}"))
    }
}
