//! What the columns of a table hold, by their names and by what stands in the first lines.

use std::collections::BTreeMap;

use crate::formats::codec::table::Columns;

/// Names of columns that hold labels; `label0`, `label1`, ... are several.
const LABELS: [&str; 9] =
    ["label", "labels", "class", "target", "targets", "digit", "category", "y", "class_id"];
/// Names of columns that tell rows apart.
const IDS: [&str; 6] = ["id", "imageid", "image_id", "index", "row_id", ""];
/// Names of columns that hold names of files.
const FILES: [&str; 9] =
    ["filename", "file_name", "file", "image", "img", "path", "filepath", "file_path", "image_path"];
/// What channels are called in names of columns.
const CHANNELS: [[&str; 2]; 3] = [["r", "red"], ["g", "green"], ["b", "blue"]];
/// Whether a column of this name holds labels.
pub(in crate::sources::leaves) fn is_label(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let several =
        lower.strip_prefix("label").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    several || LABELS.contains(&lower.as_str())
}

/// Whether a column of this name tells rows apart.
pub(in crate::sources::leaves) fn is_id(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    IDS.contains(&lower.as_str()) || is_unnamed(name)
}

/// Whether this is what pandas calls an index without a name.
pub(super) fn is_unnamed(name: &str) -> bool {
    name.is_empty() || name.to_ascii_lowercase().starts_with("unnamed:")
}

/// Whether a column of this name holds names of files.
pub(in crate::sources::leaves) fn is_file(name: &str) -> bool {
    FILES.contains(&name.to_ascii_lowercase().as_str())
}

/// The column by which rows are told apart: one with a name before an index without.
pub(super) fn id_column(names: &[String]) -> Option<usize> {
    let ids = || names.iter().enumerate().filter(|(_, name)| is_id(name));
    ids().find(|(_, name)| !is_unnamed(name)).or_else(|| ids().next()).map(|(place, _)| place)
}

/// What columns hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Roles {
    /// In the order of the columns.
    pub(super) columns: Vec<Columns>,
    /// The place of each pixel of a row by the number in its name, where that is another one.
    pub(super) order: Option<Vec<u32>>,
    /// Whether names say of which channel each value is, and `order` puts a pixel's channels beside each other.
    pub(super) by_channel: bool,
    /// Names of columns that are passed over.
    pub(super) passed: Vec<String>,
    /// Names of columns that hold names of files.
    pub(super) files: Vec<String>,
}

impl Roles {
    /// Of a table with these names of columns.
    pub(super) fn by_name(names: &[String], label: Option<usize>) -> Self {
        let labels = |place: usize, name: &str| label.map_or_else(|| is_label(name), |label| place == label);
        let mut all: Vec<Columns> = Vec::with_capacity(names.len());
        let mut roles = Self::default();
        let id = id_column(names);
        for (place, name) in names.iter().enumerate() {
            all.push(if labels(place, name) {
                Columns::Labels(1)
            } else if id == Some(place) {
                Columns::Ids(1)
            } else if is_id(name) || is_file(name) || is_label(name) {
                roles.files.extend(Some(name).filter(|name| is_file(name)).cloned());
                Columns::Skip(1)
            } else {
                Columns::Pixels(1)
            });
        }
        // Where most names are one word with numbers in it, what is called otherwise holds something else.
        let mut words: BTreeMap<String, usize> = BTreeMap::new();
        let mut parsed: Vec<(String, Vec<u64>)> = names.iter().map(|name| numbered(name)).collect();
        let pixels: Vec<usize> =
            (0..all.len()).filter(|&place| matches!(all[place], Columns::Pixels(_))).collect();
        roles.by_channel = number_channels(&mut parsed, &pixels);
        for &place in &pixels {
            let (word, numbers) = &parsed[place];
            if !numbers.is_empty() {
                *words.entry(word.clone()).or_default() += 1;
            }
        }
        let most =
            words.iter().max_by_key(|(_, count)| **count).filter(|(_, count)| **count * 2 > pixels.len());
        if let Some((word, _)) = most {
            let others: Vec<usize> =
                pixels.iter().copied().filter(|&place| parsed[place].0 != *word).collect();
            let labeled = all.iter().any(|column| matches!(column, Columns::Labels(_)));
            match others[..] {
                // The one that is left is the label, whatever it is called.
                [one] if !labeled => all[one] = Columns::Labels(1),
                _ => {
                    for place in others {
                        all[place] = Columns::Skip(1);
                        roles.passed.push(names[place].clone());
                    }
                }
            }
            let keys: Vec<&[u64]> = (0..all.len())
                .filter(|&place| matches!(all[place], Columns::Pixels(_)))
                .map(|place| &parsed[place].1[..])
                .collect();
            roles.order = places(&keys);
        }
        roles.columns = runs(&all);
        roles
    }

    /// Of a table without names, all of which are pixels but the label, an index before them and, at its end, what is empty.
    pub(super) fn by_place(first: &[String], label: Option<usize>, index: bool) -> Self {
        let last = first.len().saturating_sub(1);
        let of = |(place, field): (usize, &String)| {
            if label == Some(place) {
                Columns::Labels(1)
            } else if index && place == 0 {
                Columns::Ids(1)
            } else if place == last && place > 0 && field.is_empty() {
                Columns::Skip(1)
            } else {
                Columns::Pixels(1)
            }
        };
        let all: Vec<Columns> = first.iter().enumerate().map(of).collect();
        Self { columns: runs(&all), ..Self::default() }
    }

    /// How many columns are of a kind.
    pub(super) fn count(&self, is: fn(&Columns) -> bool) -> usize {
        self.columns.iter().filter(|run| is(run)).map(Columns::len).sum()
    }

    pub(super) fn pixels(&self) -> usize {
        self.count(|run| matches!(run, Columns::Pixels(_)))
    }

    pub(super) fn labels(&self) -> usize {
        self.count(|run| matches!(run, Columns::Labels(_)))
    }

    /// Passes over all columns of one kind.
    pub(super) fn skip(&mut self, is: fn(&Columns) -> bool) {
        for run in &mut self.columns {
            if is(run) {
                *run = Columns::Skip(run.len());
            }
        }
    }

    /// Makes the first column of pixels the label, or the last one.
    pub(super) fn take_label(&mut self, last: bool) {
        let is = |run: &Columns| matches!(run, Columns::Pixels(_));
        let at = if last { self.columns.iter().rposition(is) } else { self.columns.iter().position(is) };
        if let Some(at) = at {
            let n = self.columns[at].len();
            self.columns[at] = Columns::Pixels(n - 1);
            self.columns.insert(if last { at + 1 } else { at }, Columns::Labels(1));
        }
        // Names of all columns numbered through stand in their order.
        self.order = None;
    }
}

/// Columns of one kind behind each other as one run.
pub(super) fn runs(all: &[Columns]) -> Vec<Columns> {
    let mut runs: Vec<Columns> = Vec::new();
    for one in all {
        match (runs.last_mut(), one) {
            (Some(Columns::Labels(n)), Columns::Labels(_))
            | (Some(Columns::Skip(n)), Columns::Skip(_))
            | (Some(Columns::Ids(n)), Columns::Ids(_))
            | (Some(Columns::Pixels(n)), Columns::Pixels(_)) => *n += 1,
            _ => runs.push(*one),
        }
    }
    runs
}

/// A name without its numbers, and these.
fn numbered(name: &str) -> (String, Vec<u64>) {
    let (mut word, mut numbers, mut digits) = (String::new(), Vec::new(), String::new());
    for c in name.chars().chain([' ']) {
        if c.is_ascii_digit() && digits.len() < 18 {
            digits.push(c);
            continue;
        }
        if let Ok(number) = digits.parse() {
            numbers.push(number);
            word.push('#');
        }
        digits.clear();
        word.push(c.to_ascii_lowercase());
    }
    (word, numbers)
}

/// Makes a channel in names a number of theirs: `r0` and `pixel_0_red` are channel 0 of pixel 0. Only if there are as many names of each channel.
fn number_channels(parsed: &mut [(String, Vec<u64>)], pixels: &[usize]) -> bool {
    let of_channel = |word: &str| {
        let at = |part: &str| CHANNELS.iter().position(|names| names.contains(&part));
        let parts: Vec<&str> = word.split_inclusive(|c: char| !c.is_ascii_alphabetic()).collect();
        let known: Vec<(usize, usize)> = (0..)
            .zip(&parts)
            .filter_map(|(i, part)| Some((i, at(part.trim_end_matches(|c: char| !c.is_ascii_alphabetic()))?)))
            .collect();
        let [(place, channel)] = known[..] else { return None };
        let rest: Vec<&str> = (0..).zip(&parts).filter(|(i, _)| *i != place).map(|(_, part)| *part).collect();
        Some((rest.concat(), channel))
    };
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let found: Vec<(usize, String, usize)> = pixels
        .iter()
        .filter(|&&place| !parsed[place].1.is_empty())
        .filter_map(|&place| of_channel(&parsed[place].0).map(|(word, channel)| (place, word, channel)))
        .collect();
    for (_, word, channel) in &found {
        counts.entry(word.clone()).or_default()[*channel] += 1;
    }
    let Some((word, &[n, g, b])) = counts.iter().max_by_key(|(_, counts)| counts.iter().sum::<usize>())
    else {
        return false;
    };
    if n == 0 || [g, b] != [n, n] || 6 * n <= pixels.len() {
        return false;
    }
    for (place, own, channel) in found.iter().filter(|(_, own, _)| own == word) {
        parsed[*place].0.clone_from(own);
        parsed[*place].1.push(*channel as u64);
    }
    true
}

/// For each key its place among all, where it is another one than it has. `None` where two are the same as well.
fn places(keys: &[&[u64]]) -> Option<Vec<u32>> {
    let sorted: BTreeMap<&[u64], usize> = keys.iter().enumerate().map(|(i, key)| (*key, i)).collect();
    if sorted.len() < keys.len() || keys.is_sorted() {
        return None;
    }
    let mut places = vec![0; keys.len()];
    for (place, at) in (0..).zip(sorted.into_values()) {
        places[at] = place;
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use crate::formats::codec::table::Dialect;

    use super::super::header::First;
    use super::*;

    fn line(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    fn header(text: &str) -> (bool, Vec<Columns>) {
        let first = line(text);
        let header = First::of(&first, Dialect::default()) != First::Row;
        let roles = if header { Roles::by_name(&first, None) } else { Roles::by_place(&first, None, false) };
        (header, roles.columns)
    }

    #[test]
    fn names_say_what_columns_hold() {
        use Columns::{Ids, Labels, Pixels, Skip};
        assert_eq!(header("label,pixel0,pixel1"), (true, vec![Labels(1), Pixels(2)]));
        assert_eq!(header("id,Label,1x1,1x2,CLASS"), (true, vec![Ids(1), Labels(1), Pixels(2), Labels(1)]));
        assert_eq!(header("label0,label1,pixel0"), (true, vec![Labels(2), Pixels(1)]));
        assert_eq!(header("0,1,2"), (true, vec![Pixels(3)]));
        assert_eq!(header(",0,1,2"), (true, vec![Ids(1), Pixels(3)]));
        assert_eq!(header("Unnamed: 0,label,pixel0"), (true, vec![Ids(1), Labels(1), Pixels(1)]));
        assert_eq!(header("character,p0,p1,p2"), (true, vec![Labels(1), Pixels(3)]));
        assert_eq!(header("label,writer,p0,p1,p2"), (true, vec![Labels(1), Skip(1), Pixels(3)]));
        assert_eq!(header("5,0,0"), (false, vec![Pixels(3)]));
        assert_eq!(header("0,0,0,"), (false, vec![Pixels(3), Skip(1)]));
        assert!(!header("4.0e+00,0.0e+00,nan").0);
        assert_eq!((header("E,7,0,7").0, header("7,0,7,E").0, header("7,x,0").0), (false, false, true));
        assert_eq!(header("label,a,b,c"), (true, vec![Labels(1), Pixels(3)]));
    }

    #[test]
    fn pixels_are_where_their_numbers_say() {
        let order = |text: &str| Roles::by_name(&line(text), None).order;
        assert_eq!(order("label,pixel0,pixel1,pixel10,pixel2"), Some(vec![0, 1, 3, 2]));
        assert_eq!(order("2x1,1x1,1x2,2x2,label"), Some(vec![2, 0, 1, 3]));
        assert_eq!(
            (order("pixel1,pixel2,pixel3"), order("pixel1,pixel1,pixel0"), order("b,a")),
            (None, None, None)
        );
        // Channels beside each other, however they lie.
        for text in [
            "r0,r1,g0,g1,b0,b1",
            "red_0,red_1,green_0,green_1,blue_0,blue_1",
            "0_R,1_R,0_G,1_G,0_B,1_B,label",
        ] {
            let roles = Roles::by_name(&line(text), None);
            assert_eq!(
                (roles.pixels(), roles.order, roles.by_channel),
                (6, Some(vec![0, 3, 1, 4, 2, 5]), true),
                "{text}"
            );
        }
        for text in ["p0r,p0g,p0b,p1r,p1g,p1b", "label,r0,g0,b0"] {
            let roles = Roles::by_name(&line(text), None);
            assert_eq!((roles.order, roles.by_channel), (None, true), "{text}");
        }
        assert!(!Roles::by_name(&line("r0,r1,r2,g0,label"), None).by_channel);
        let roles = Roles::by_name(&line("kind,id,pixel1,pixel0,note"), Some(0));
        assert_eq!(
            (roles.labels(), roles.order, roles.passed),
            (1, Some(vec![1, 0]), vec!["note".to_owned()])
        );
    }
}
