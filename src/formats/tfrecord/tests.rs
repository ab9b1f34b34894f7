//! Tests of TFRecord files.

use std::path::Path;

use super::*;
use crate::base::{Grid, Shape};
use crate::formats::codec::picture;

/// The records of a file, checked.
fn records(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        assert_eq!(bytes[8..12], masked_crc(&bytes[..8]).to_le_bytes());
        let data = &bytes[12..12 + length];
        assert_eq!(bytes[12 + length..16 + length], masked_crc(data).to_le_bytes());
        found.push(data.to_vec());
        bytes = &bytes[16 + length..];
    }
    found
}

/// The fields of a message, all of which hold bytes.
fn fields(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = bytes[0];
        let values = numbers(&bytes[1..]);
        let length = values[0] as usize;
        let mut head = Vec::new();
        varint(length as u64, &mut head);
        let start = 1 + head.len();
        found.push((tag, bytes[start..start + length].to_vec()));
        bytes = &bytes[start + length..];
    }
    found
}

fn numbers(bytes: &[u8]) -> Vec<u64> {
    let (mut found, mut value, mut shift) = (Vec::new(), 0_u64, 0);
    for byte in bytes {
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte & 0x80 == 0 {
            found.push(std::mem::take(&mut value));
            shift = 0;
        }
    }
    found
}

/// Name, kind and value of each feature of an example.
fn features(record: &[u8]) -> Vec<(String, u8, Vec<u8>)> {
    let example = fields(record);
    assert_eq!((example.len(), example[0].0), (1, FIELD_1));
    fields(&example[0].1)
        .iter()
        .map(|(_, entry)| {
            let entry = fields(entry);
            let list = fields(&entry[1].1);
            (String::from_utf8(entry[0].1.clone()).unwrap(), list[0].0, fields(&list[0].1)[0].1.clone())
        })
        .collect()
}

#[test]
fn examples_hold_an_image_and_a_label() {
    let layout = Layout::plain(Shape::rgb(9, 40), LabelKind::Class, 256);
    let mut batch = Batch::default();
    batch.reset(&layout, 2);
    batch.x.iter_mut().enumerate().for_each(|(i, v)| *v = (i * 7 % 253) as u8);
    batch.y.copy_from_slice(&[3, 200]);
    let mut out = b"old".to_vec();
    encode(&batch, &layout, Effort::Stored, &mut out);
    let records = records(&out);
    assert_eq!(records.len(), 2);
    let found = features(&records[1]);
    assert_eq!((found[0].0.as_str(), found[0].1), ("image", 0x0a));
    let picture = picture::read_bytes(&found[0].2, Path::new("x")).unwrap();
    assert_eq!(picture.data, batch.x[layout.shape.bytes()..]);
    assert_eq!((found[1].0.as_str(), found[1].1, numbers(&found[1].2)), ("label", 0x1a, vec![200]));
}

#[test]
fn composed_images_have_a_sequence_of_boxes() {
    let grid = Some(Grid { rows: 1, columns: 3 });
    let layout = Layout { grid, ..Layout::plain(Shape::gray(4, 8), LabelKind::MultiHot, 2) };
    let mut batch = Batch::default();
    batch.reset(&layout, 1);
    batch.y.copy_from_slice(&[0, 1]);
    batch.cells.copy_from_slice(&[1, -1, 1]);
    batch.boxes.copy_from_slice(&[2, 1, 4, 3, -1, -1, -1, -1, 0, 0, 8, 4]);
    let mut out = Vec::new();
    encode(&batch, &layout, Effort::Runs, &mut out);
    let found = features(&records(&out)[0]);
    let names: Vec<_> = found.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["image", "labels", "objects/bbox", "objects/label"]);
    assert_eq!((numbers(&found[1].2), numbers(&found[3].2)), (vec![0, 1], vec![1, 1]));
    let boxes: Vec<f32> = found[2].2.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    assert_eq!(boxes, [0.25, 0.25, 0.75, 0.5, 0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn side_files_spell_numbers_as_strings() {
    let layout = Layout::plain(Shape::gray(28, 30), LabelKind::Class, 10);
    let features: Value = serde_json::from_str(&features_json(&layout)).unwrap();
    let image = &features["featuresDict"]["features"]["image"]["image"];
    assert_eq!(image["shape"]["dimensions"], json!(["28", "30", "1"]));
    let split = TfdsSplit { name: "train".into(), shard_lengths: vec![5, 2], bytes: 700 };
    let info: Value =
        serde_json::from_str(&dataset_info_json("digits", "", "MIT", &layout, &[split])).unwrap();
    assert_eq!(info["splits"][0]["shardLengths"], json!(["5", "2"]));
    assert_eq!(info["splits"][0]["numBytes"], "700");
    assert_eq!(shard_name("digits", "train", 1, 2), "digits-train.tfrecord-00001-of-00002");
    let names: Vec<String> = (0..10).map(|i| format!("c{i}")).collect();
    assert_eq!(label_files(&layout, &names)[0].1.lines().count(), 10);
}
