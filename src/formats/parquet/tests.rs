//! Tests of Parquet files.

use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;

use super::*;
use crate::base::{Grid, Shape, sample::numbered_classes};
use crate::formats::codec::picture;

fn reader(bytes: &[u8]) -> SerializedFileReader<std::fs::File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    SerializedFileReader::new(file).unwrap()
}

#[test]
fn columns_lie_within_their_file() {
    let layout = Layout::plain(Shape::gray(2, 3), LabelKind::Class, 10);
    let mut batch = Batch::default();
    batch.reset(&layout, 4);
    let mut out = Vec::new();
    encode(&batch, &layout, &numbered_classes(10), 0, Effort::Stored, &mut out).unwrap();
    let file = reader(&out);
    let column = file.metadata().row_group(0).column(0);
    let length = out.len() as u64;
    assert!(lies_within(column, length));
    for (at, bytes) in [(-1, 5), (4, -5), (4, length as i64), (i64::MAX, i64::MAX)] {
        let builder = column.clone().into_builder().set_dictionary_page_offset(None);
        let column = builder.set_data_page_offset(at).set_total_compressed_size(bytes).build().unwrap();
        assert!(!lies_within(&column, length), "{at} {bytes}");
    }
}

#[test]
fn any_byte_may_be_another() {
    let layout = Layout::plain(Shape::gray(2, 3), LabelKind::Class, 10);
    let mut batch = Batch::default();
    batch.reset(&layout, 4);
    let mut whole = Vec::new();
    encode(&batch, &layout, &numbered_classes(10), 0, Effort::Stored, &mut whole).unwrap();
    let mut refused = 0;
    for at in 0..whole.len() {
        for change in [0x01, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&bytes).unwrap();
            refused += usize::from(Parquet.decode(file.path(), &layout, 4, Want::All).is_err());
        }
    }
    assert!(refused > whole.len() / 4, "{refused} of {}", 2 * whole.len());
}

#[test]
fn images_paths_and_labels_come_back() {
    let layout = Layout::plain(Shape::rgb(5, 7), LabelKind::Class, 256);
    let mut batch = Batch::default();
    batch.reset(&layout, 5000);
    batch.x.iter_mut().enumerate().for_each(|(i, v)| *v = (i * 31 % 251) as u8);
    batch.y.iter_mut().enumerate().for_each(|(i, v)| *v = (i % 256) as u8);
    let names = numbered_classes(256);
    let mut out = b"old".to_vec();
    encode(&batch, &layout, &names, 70, Effort::Stored, &mut out).unwrap();
    let file = reader(&out);
    let head = file.metadata().file_metadata();
    assert_eq!((head.num_rows(), head.created_by()), (5000, Some("mnistaug")));
    let said = &head.key_value_metadata().unwrap()[0];
    let said: Value = serde_json::from_str(said.value.as_ref().unwrap()).unwrap();
    assert_eq!(said["info"]["features"]["image"], json!({ "_type": "Image" }));
    assert_eq!(said["info"]["features"]["label"]["names"][255], "255");
    for (i, row) in file.get_row_iter(None).unwrap().enumerate() {
        let row = row.unwrap();
        let image = row.get_group(0).unwrap();
        assert_eq!(row.get_long(1).unwrap(), (i % 256) as i64);
        assert_eq!(image.get_string(1).unwrap(), &format!("{:09}.png", i + 70));
        if i % 997 == 0 {
            let picture = picture::read_bytes(image.get_bytes(0).unwrap().data(), Path::new("x")).unwrap();
            assert_eq!(picture.data, batch.x[i * 105..(i + 1) * 105]);
        }
    }
    let mut again = Vec::new();
    encode(&batch, &layout, &names, 70, Effort::Stored, &mut again).unwrap();
    assert_eq!(out, again);
}

#[test]
fn composed_images_keep_their_lists() {
    let grid = Some(Grid { rows: 1, columns: 2 });
    let layout = Layout { grid, ..Layout::plain(Shape::gray(1, 1), LabelKind::MultiHot, 3) };
    let mut batch = Batch::default();
    batch.reset(&layout, 3);
    batch.y.copy_from_slice(&[0, 1, 1, 0, 0, 0, 1, 0, 0]);
    batch.cells.copy_from_slice(&[2, 1, -1, -1, -1, 0]);
    batch.boxes.fill(-1);
    batch.boxes[..8].copy_from_slice(&[1, 2, 5, 4, 3, 3, 9, 10]);
    batch.boxes[20..].copy_from_slice(&[6, 6, 7, 8]);
    let mut out = Vec::new();
    encode(&batch, &layout, &numbered_classes(3), 0, Effort::Runs, &mut out).unwrap();
    let file = reader(&out);
    let rows: Vec<_> = file.get_row_iter(None).unwrap().map(|row| format!("{}", row.unwrap())).collect();
    for (row, labels, boxes, classes) in [
        (0, "[0, 1, 1]", "[[1.0, 2.0, 4.0, 2.0], [3.0, 3.0, 6.0, 7.0]]", "[2, 1]"),
        (1, "[0, 0, 0]", "[]", "[]"),
        (2, "[1, 0, 0]", "[[6.0, 6.0, 1.0, 2.0]]", "[0]"),
    ] {
        let lists = format!("labels: {labels}, objects: {{bbox: {boxes}, categories: {classes}}}}}");
        assert!(rows[row].ends_with(&lists), "{} does not end with {lists}", rows[row]);
    }
}
