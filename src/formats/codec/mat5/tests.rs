//! Files that are made here, byte by byte.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;

use super::*;

/// An element: its tag, its data, and what pads them.
fn element(kind: u32, data: &[u8], big: bool) -> Vec<u8> {
    let word = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let length = data.len() as u32;
    if (1..=4).contains(&length) {
        let mut short = [&word(length << 16 | kind)[..], data].concat();
        short.resize(8, 0);
        return short;
    }
    let mut whole = [&word(kind)[..], &word(length), data].concat();
    whole.resize(whole.len().next_multiple_of(8), 0);
    whole
}

fn matrix(class: u32, name: &str, shape: &[u32], rest: &[u8], big: bool) -> Vec<u8> {
    let words = |ns: &[u32]| -> Vec<u8> {
        ns.iter().flat_map(|n| if big { n.to_be_bytes() } else { n.to_le_bytes() }).collect()
    };
    let parts = [
        element(6, &words(&[class, 0]), big),
        element(5, &words(shape), big),
        element(1, name.as_bytes(), big),
        rest.to_vec(),
    ];
    element(MATRIX, &parts.concat(), big)
}

fn structure(name: &str, fields: &[(&str, Vec<u8>)], big: bool) -> Vec<u8> {
    let names: Vec<u8> = fields
        .iter()
        .flat_map(|(name, _)| {
            let mut name = name.as_bytes().to_vec();
            name.resize(8, 0);
            name
        })
        .collect();
    let length = if big { 8_u32.to_be_bytes() } else { 8_u32.to_le_bytes() };
    let mut rest = [element(5, &length, big), element(1, &names, big)].concat();
    for (_, field) in fields {
        rest.extend(field);
    }
    matrix(2, name, &[1, 1], &rest, big)
}

fn header(big: bool) -> Vec<u8> {
    let mut header = b"MATLAB 5.0 MAT-file".to_vec();
    header.resize(HEADER - 4, b' ');
    header.extend(if big { b"\x01\x00MI" } else { b"\x00\x01IM" });
    header
}

/// A file of two images (2 x 2) and their labels.
pub(crate) fn images_and_labels() -> Vec<u8> {
    let images = matrix(9, "images", &[2, 2, 2], &element(2, &[7; 8], false), false);
    let labels = matrix(9, "labels", &[2, 1], &element(2, &[0, 1], false), false);
    [header(false), images, labels].concat()
}

fn packed(element: &[u8]) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::default());
    out.write_all(element).unwrap();
    let data = out.finish().unwrap();
    [&PACKED.to_le_bytes()[..], &(data.len() as u32).to_le_bytes(), &data].concat()
}

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// Name, type, axes and values of an array.
type Whole = (String, String, Vec<u64>, Vec<u8>);

/// All arrays of a file, with their values.
fn read(bytes: &[u8]) -> Result<Vec<Whole>, ArrayError> {
    let file = file(bytes);
    let arrays = scan(file.path())?.arrays.into_iter().map(|(name, array)| {
        let mut values = Vec::new();
        array.open(file.path()).unwrap().reader.read_to_end(&mut values).unwrap();
        assert_eq!(values.len() as u64, array.bytes);
        (name, array.descr, array.shape, values)
    });
    Ok(arrays.collect())
}

/// `dataset` with `train.images` (3 x 4) and `train.labels` (3 x 1), and a short array besides.
fn sample(big: bool) -> [Vec<u8>; 2] {
    let images = matrix(9, "", &[3, 4], &element(2, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], big), big);
    let doubles: Vec<u8> = [0.5_f64, 2.0, 3.0]
        .iter()
        .flat_map(|x| if big { x.to_be_bytes() } else { x.to_le_bytes() })
        .collect();
    let labels = matrix(6, "", &[3, 1], &element(9, &doubles, big), big);
    let text = matrix(4, "", &[1, 2], &element(16, b"ab", big), big);
    let train = structure("", &[("images", images), ("note", text), ("labels", labels)], big);
    let dataset = structure("dataset", &[("train", train)], big);
    [dataset, matrix(9, "k", &[1, 2], &element(2, &[8, 9], big), big)]
}

#[test]
fn arrays_are_found_however_deep_and_packed() {
    for big in [false, true] {
        let plain = read(&[header(big), sample(big).concat()].concat()).unwrap();
        let names: Vec<&str> = plain.iter().map(|(name, ..)| &name[..]).collect();
        assert_eq!(names, ["dataset.train.images", "dataset.train.labels", "k"]);
        assert_eq!((&plain[0].1[..], &plain[0].2[..]), ("|u1", &[3, 4][..]));
        assert_eq!(plain[0].3, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!((&plain[1].1[..], plain[1].3.len()), (if big { ">f8" } else { "<f8" }, 24));
        assert_eq!(plain[2].3, [8, 9]);
        let whole = file(&[header(big), sample(big).concat()].concat());
        let others = scan(whole.path()).unwrap().others;
        assert_eq!(others.get("dataset.train.note"), Some(&"a text"));
        if !big {
            let both = sample(false).map(|element| packed(&element)).concat();
            assert_eq!(read(&[header(false), both].concat()).unwrap(), plain);
        }
    }
}

#[test]
fn what_is_too_long_or_unpacks_without_end_is_refused() {
    let whole = [header(false), sample(false)[0].clone()].concat();
    for cut in [HEADER + 8, HEADER + 60, whole.len() - 8] {
        assert!(read(&whole[..cut]).is_err(), "{cut}");
    }
    let huge = matrix(9, "x", &[i32::MAX as u32; 4], &element(2, &[1; 8], false), false);
    assert!(read(&[header(false), huge].concat()).is_err());
    let bomb = [&MATRIX.to_le_bytes()[..], &(u32::MAX - 7).to_le_bytes(), &[0; 4096]].concat();
    let error = read(&[header(false), packed(&bomb)].concat()).unwrap_err().to_string();
    assert!(error.contains("expected"), "{error}");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(at in 0_usize..700, byte: u8, cut in 0_usize..700, squeeze: bool) {
        let [dataset, k] = sample(false);
        let mut bytes = [header(false), dataset, k].concat();
        let length = bytes.len();
        bytes[at % length] = byte;
        if squeeze {
            bytes = [header(false), packed(&bytes[HEADER..])].concat();
        }
        bytes.truncate(bytes.len() - cut % bytes.len());
        let file = file(&bytes);
        for (_, array) in scan(file.path()).unwrap_or_default().arrays {
            // What is read is what was announced, or an error.
            let mut values = Vec::new();
            let _ = array.open(file.path()).unwrap().reader.read_to_end(&mut values);
            prop_assert!(values.len() as u64 <= array.bytes);
        }
    }
}
