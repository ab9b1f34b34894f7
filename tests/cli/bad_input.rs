//! Input that is not what it should be: which file, where in it, what was expected, what was found, what to do.

use crate::harness::{Images, Place, gzip, idx};

/// A folder with sound labels for five images of 2x3, and these bytes for images.
fn images(name: &str, bytes: &[u8]) -> Place {
    let place = Place::new();
    place.write(&format!("in/{name}"), bytes).write("in/train-labels-idx1-ubyte", idx(&[5], &[0; 5]));
    place
}

/// Each command that reads refuses it in the same words, and nothing is written.
#[track_caller]
fn refused(place: &Place, code: i32, says: &[&str]) {
    for command in [
        "export -i in -o out",
        "colorize -i in -o out",
        "quadrant -i in -o out",
        "info in",
        "preview in -o out.png",
    ] {
        place.run(command).fails(code, says);
        assert!(!place.path("out").exists() && !place.path("out.png").exists(), "{command} wrote something");
    }
}

const RAW: &str = "train-images-idx3-ubyte";
const GZ: &str = "train-images-idx3-ubyte.gz";

#[test]
fn wrong_magic() {
    let place = images(RAW, b"\x00\x00\x0a\x03\x00\x00\x00\x05 and so on");
    refused(&place, 65, &[RAW, "offset 0", "expected", "0x00000803", "found", "0x00000a03"]);
    let place = images(GZ, &gzip(b"\x00\x00\x0a\x03\x00\x00\x00\x05 and so on"));
    refused(&place, 65, &[GZ, "offset 0", "0x00000a03"]);
    // Of a type that is known, and cut off.
    let place = images(RAW, b"\x00\x00\x0d\x03\x00\x00\x00\x05 and so on");
    refused(&place, 65, &[RAW, "cut off"]);
    // Labels where images should be, and the other way round.
    let place = images(RAW, &idx(&[5], &[0; 5]));
    refused(&place, 65, &[RAW, "0x00000801", "labels", "swapped"]);
    place.write("in/train-images-idx3-ubyte", idx(&[5, 2, 3], &[0; 30]));
    place.write("in/train-labels-idx1-ubyte", idx(&[5, 2, 3], &[0; 30]));
    refused(&place, 65, &["train-labels-idx1-ubyte", "0x00000803", "images"]);
}

#[test]
fn dimensions_that_are_not_there() {
    for (dims, says) in [
        (vec![5, 2, 4], "56"),
        (vec![6, 2, 3], "52"),
        (vec![4_000_000_000, 2, 3], "24000000016"),
        (vec![65_536, 65_536, 65_536], "281474976710672"),
    ] {
        let file = idx(&dims, &[0; 30]);
        refused(&images(RAW, &file), 65, &[RAW, "offset 46", says, "damaged"]);
        refused(&images(GZ, &gzip(&file)), 65, &[GZ, "offset 46", says]);
    }
    // More than can be addressed; nothing of the kind is allocated.
    let all = u32::MAX as usize;
    for dims in [vec![all, all, all], vec![all, all, all, 3]] {
        refused(&images(RAW, &idx(&dims, &[0; 30])), 65, &[RAW, "offset 4", "4294967295"]);
        refused(&images(GZ, &gzip(&idx(&dims, &[0; 30]))), 65, &[GZ, "offset 4", "4294967295"]);
    }
    for dims in [[0, 2, 3], [5, 0, 3], [5, 2, 0]] {
        refused(&images(RAW, &idx(&dims, &[])), 65, &[RAW, "offset 4", "0"]);
    }
    let place = images(RAW, &idx(&[0, 2, 3], &[]));
    place.write("in/train-labels-idx1-ubyte", idx(&[0], &[]));
    refused(&place, 65, &[RAW, "offset 4", "no images"]);
    // Neither gray nor RGB.
    refused(&images(RAW, &idx(&[5, 2, 3, 2], &[0; 60])), 65, &[RAW, "offset 4", "[5, 2, 3, 2]"]);
}

#[test]
fn files_that_end_early() {
    let file = idx(&[5, 2, 3], &[7; 30]);
    for length in [0, 3, 9, 15] {
        let offset = format!("offset {length}");
        refused(&images(RAW, &file[..length]), 65, &[RAW, &offset, "header"]);
        refused(&images(GZ, &gzip(&file[..length])), 65, &[GZ, &offset, "header"]);
    }
    refused(&images(RAW, &file[..45]), 65, &[RAW, "offset 45", "46"]);
    refused(&images(GZ, &gzip(&file[..45])), 65, &[GZ, "offset 45", "46"]);
    let place = images(RAW, &file);
    place.write("in/train-labels-idx1-ubyte", &idx(&[5], &[0; 5])[..11]);
    refused(&place, 65, &["train-labels-idx1-ubyte", "offset 11", "13"]);
}

#[test]
fn files_that_go_on_after_their_end() {
    let mut file = idx(&[5, 2, 3], &[7; 30]);
    file.extend(b"123");
    refused(&images(RAW, &file), 65, &[RAW, "offset 46", "3 more bytes"]);
    refused(&images(GZ, &gzip(&file)), 65, &[GZ, "offset 46", "more data"]);
    let mut packed = gzip(&idx(&[5, 2, 3], &[7; 30]));
    packed.extend(b"junk");
    refused(&images(GZ, &packed), 65, &[GZ, "offset 46", "behind the gzip data"]);
}

#[test]
fn damaged_gzip() {
    let images_of = Images::new(200, 9, 9);
    let place = Place::new();
    place.write("in/train-labels-idx1-ubyte", images_of.label_idx());
    let packed = gzip(&images_of.idx());
    let write = |bytes: &[u8]| place.write(&format!("in/{GZ}"), bytes);
    for length in [5, 15, packed.len() / 2, packed.len() - 8, packed.len() - 1] {
        write(&packed[..length]);
        refused(&place, 65, &[GZ, "gzip", "get it again"]);
    }
    let mut flipped = packed.clone();
    flipped[packed.len() / 2] ^= 0x10;
    write(&flipped);
    refused(&place, 65, &[GZ, "get it again"]);
    // Only the checksum is wrong: every byte looks right.
    let mut checksum = packed.clone();
    checksum[packed.len() - 6] ^= 1;
    write(&checksum);
    refused(&place, 65, &[GZ, "gzip", "get it again"]);
    write(&packed);
    place.run("info in").ok();
}

#[test]
fn a_web_page_saved_as_gz() {
    for (page, kind) in [
        ("<!DOCTYPE html><html>", "an HTML page"),
        ("\n <html lang=en>", "an HTML page"),
        ("<?xml version='1.0'?><Error/>", "XML"),
    ] {
        refused(&images(GZ, page.as_bytes()), 65, &[GZ, "expected an IDX file", kind, "get"]);
        refused(&images(GZ, &gzip(page.as_bytes())), 65, &[GZ, kind]);
    }
}

#[test]
fn counts_that_differ() {
    let place = images(RAW, &idx(&[6, 2, 3], &[7; 36]));
    refused(&place, 65, &[RAW, "6 images", "train-labels-idx1-ubyte", "5 labels"]);
}

#[test]
fn labels_that_are_missing_or_no_class() {
    let place = images(RAW, &idx(&[5, 2, 3], &[7; 30]));
    place.write("in/train-labels-idx1-ubyte", idx(&[5], &[0, 9, 3, 66, 1]));
    refused(
        &place,
        65,
        &["train-labels-idx1-ubyte", "offset 11", "0 to 9", "found 66", "--classes", "classes.txt"],
    );
    place.write("in/train-labels-idx1-ubyte", idx(&[5], &[0, 9, 3, 26, 1]));
    place.run("info in").ok().says(&["labels go up to 26, so there are 27 classes"]);
    place.run("info in --classes 26").fails(65, &["0 to 25"]);
    place.run("info in --classes 27").ok();
    place.write("in/classes.txt", "a\nb\n");
    place.run("info in").fails(65, &["offset 9", "0 to 1", "found 9"]);
    std::fs::remove_file(place.path("in/train-labels-idx1-ubyte")).unwrap();
    refused(&place, 66, &[RAW, "expected", "train-labels-idx1-ubyte"]);
}

#[test]
fn inputs_that_are_not_there() {
    let place = Place::new();
    place.mkdir("in");
    refused(&place, 66, &["in: expected ", "IDX files (train-images", "an empty folder", "digits"]);
    place.write("in/holiday.gif", "").write("in/letter.txt", "");
    refused(&place, 66, &["in: expected ", "IDX files (train-images", "holiday.gif, letter.txt"]);
    std::fs::remove_dir_all(place.path("in")).unwrap();
    refused(&place, 66, &["in: no such file or folder"]);
    place.write("in", "this is no IDX file at all, but it is long enough for one");
    place.write("labels", idx(&[5], &[0; 5]));
    place.run("info in").fails(65, &["in: expected", "text that begins \"this is no IDX file"]);
    place.run("info in --label-file labels").fails(65, &["in: expected", "text that begins"]);
    place.run("info in --label-file nothing").exits(66).says(&["nothing"]);
    place.write("in", idx(&[1, 2, 2], &[0; 4]));
    // Images alone are a source of images.
    place.run("info in").ok().says(&["warning: in has no labels", "--label-file"]);
}

#[test]
fn splits_that_are_not_there() {
    let place = images(RAW, &idx(&[5, 2, 3], &[7; 30]));
    place.run("export -i in --split test -o out").exits(2).says(&["in: ", "no split \"test\"", "train"]);
    place.run("export --split valid -o out").exits(2).says(&["digits: ", "\"valid\"", "train, test"]);
}

#[test]
fn backgrounds_that_are_none() {
    let place = images(RAW, &idx(&[5, 2, 3], &[7; 30]));
    let refused = |code: i32, says: &[&str]| {
        place.run("colorize -i in --backgrounds b -o out").fails(code, says);
        assert!(!place.path("out").exists());
    };
    refused(66, &["b: no such file or folder"]);
    place.mkdir("b");
    refused(65, &["b: expected PNG", "found none", "built-in"]);
    place.write("b/.hidden.png", "");
    refused(65, &["found none"]);
    place.picture("b/a.png", 9, 9, |_, _| [1, 2, 3]);
    let png = std::fs::read(place.path("b/a.png")).unwrap();
    place.write("b/a.png", &png[..png.len() / 2]);
    refused(65, &["b/a.png", "damaged", "--skip-unreadable"]);
    place.write("b/a.png", "");
    refused(65, &["b/a.png", "expected a PNG"]);
    place.run("colorize -i in -b b --skip-unreadable -o out").fails(65, &["found none"]);
    // A header that promises a picture of 16 GB.
    let mut huge = png;
    huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    place.write("b/a.png", &huge);
    refused(65, &["b/a.png"]);
}

#[test]
fn color_is_not_colored() {
    let place = Place::new();
    place.idx("in", &Images::with_channels(3, 2, 2, 3));
    place.run("colorize -i in -o out").fails(65, &["gray", "2x2x3"]);
}

#[test]
fn shards_that_are_damaged() {
    let place = Place::new();
    place.idx("in", &Images::new(30, 5, 7));
    place.run("export -i in --compress none -o data").ok();
    let path = "data/train-00000-of-00001.npz";
    let sound = std::fs::read(place.path(path)).unwrap();
    place.write(path, &sound[..sound.len() / 2]);
    place.run("export -i data -o out").exits(65).says(&["train-00000-of-00001.npz"]);
    std::fs::remove_file(place.path(path)).unwrap();
    place.run("export -i data -o out2").exits(66).says(&["train-00000-of-00001.npz"]);
    place.write("data/manifest.json", "{ \"manifest\": 1,\n oops");
    place.run("info data").fails(65, &["data/manifest.json", "line 2"]);
}
