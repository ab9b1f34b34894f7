//! Which digit a drawing shows: by hand, or by the names of folders.

use crate::base::Fault;
use crate::base::sample::numbered_classes;
use crate::recipe::Labels;
use crate::sources::leaves::pictures::classes;

use super::error::DrawingError;

/// Classes that there are at least where they are numbers, as in MNIST.
const DIGITS: usize = 10;

/// The class ids. A word of several digits is one label for each piece of a strip; otherwise it is one class.
fn ids(text: &str, segment: bool) -> Result<Vec<u8>, DrawingError> {
    if segment && text.len() > 1 && !text.contains(',') {
        return Ok(text.bytes().map(|digit| digit - b'0').collect());
    }
    let ids = text.split(',').map(|label| label.trim().parse()).collect::<Result<_, _>>();
    ids.map_err(|_| DrawingError::Label { text: text.to_owned() })
}

/// Labels, names of classes, and what the user should know.
pub(super) struct Found {
    pub(super) labels: Vec<u8>,
    pub(super) classes: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// The label of each drawing: those given, one for all or one for each, or what `folders` say. `order` has the names of all classes by id, if that is
/// known.
pub(super) fn of(
    given: Option<&Labels>,
    segment: bool,
    folders: &[Option<&str>],
    order: Option<&[String]>,
) -> Result<Found, Fault> {
    if let Some(given) = given {
        let ids = ids(given.text(), segment)?;
        let labels = match ids[..] {
            [one] => vec![one; folders.len()],
            _ if ids.len() == folders.len() => ids,
            _ => {
                return Err(DrawingError::Labels {
                    text: given.text().to_owned(),
                    labels: ids.len(),
                    drawings: folders.len(),
                    segment,
                }
                .into());
            }
        };
        return Ok(numbered(labels, None));
    }
    let without = folders.iter().filter(|folder| folder.is_none()).count();
    if folders.iter().flatten().all(|name| name.parse::<u8>().is_ok()) {
        let labels =
            folders.iter().map(|name| name.and_then(|name| name.parse().ok()).unwrap_or(0)).collect();
        let note = (without > 0).then(|| {
            format!(
                "{without} of {} drawings have no label and are of class 0; add --label, or put them into folders named after their classes",
                folders.len()
            )
        });
        return Ok(numbered(labels, note));
    }
    if without > 0 {
        return Err(DrawingError::NoFolder { without, drawings: folders.len() }.into());
    }
    let names: Vec<String> = folders.iter().flatten().map(|name| (*name).to_owned()).collect();
    let mut notes = Vec::new();
    let (ids, classes) = classes::numbered(&names, None, order, &mut notes);
    if classes.len() > 256 {
        return Err(DrawingError::Classes { found: classes.len() }.into());
    }
    Ok(Found { labels: ids.into_iter().map(|id| id as u8).collect(), classes, notes })
}

fn numbered(labels: Vec<u8>, note: Option<String>) -> Found {
    let most = labels.iter().max().map_or(0, |most| usize::from(*most) + 1);
    Found { labels, classes: numbered_classes(most.max(DIGITS)), notes: note.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str, segment: bool, drawings: usize) -> Result<Vec<u8>, String> {
        let labels: Labels = text.parse()?;
        let folders = vec![Some("9"); drawings];
        of(Some(&labels), segment, &folders, None)
            .map(|found| found.labels)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn labels_by_hand() {
        assert_eq!(given("7", false, 3).unwrap(), [7, 7, 7]);
        assert_eq!(given("3,1, 4", false, 3).unwrap(), [3, 1, 4]);
        assert_eq!(given("12", false, 1).unwrap(), [12]);
        assert_eq!(given("12", true, 2).unwrap(), [1, 2]);
        assert_eq!(given("31415", true, 5).unwrap(), [3, 1, 4, 1, 5]);
        assert_eq!(given("7", true, 2).unwrap(), [7, 7]);
        for (text, segment, drawings) in
            [("3,1", false, 3), ("314", true, 4), ("31415", false, 5), ("300", false, 1)]
        {
            assert!(given(text, segment, drawings).is_err(), "{text}");
        }
        for bad in ["", "a", "3,,1", "-1", "3;1", "1,256"] {
            assert!(bad.parse::<Labels>().is_err(), "{bad}");
        }
    }

    #[test]
    fn labels_by_folders() {
        let found = of(None, false, &[Some("3"), Some("11"), None], None).unwrap();
        assert_eq!((&found.labels[..], found.classes.len()), (&[3, 11, 0][..], 12));
        assert!(found.notes[0].starts_with("1 of 3"));
        let found = of(None, false, &[Some("dog"), Some("cat"), Some("dog")], None).unwrap();
        assert_eq!((&found.labels[..], found.classes), (&[1, 0, 1][..], vec!["cat".into(), "dog".into()]));
        assert!(found.notes.is_empty());
        assert!(of(None, false, &[Some("dog"), None], None).is_err());
    }
}
