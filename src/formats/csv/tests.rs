//! Tests of CSV files and their layouts.

use super::*;
use crate::base::Shape;
use crate::formats::arrays::Moments;

fn batch(labels: LabelKind) -> (Batch, Layout) {
    let layout = Layout::plain(Shape::gray(16, 16), labels, 3);
    let mut batch = Batch::default();
    batch.reset(&layout, 2);
    batch.x.iter_mut().enumerate().for_each(|(i, v)| *v = (i * 7) as u8);
    batch.y.iter_mut().enumerate().for_each(|(i, v)| *v = (i % 2) as u8);
    if labels == LabelKind::Soft {
        batch.y = [0.1_f32, 0.0, 0.9, 1.0, 0.0, 1e-7].map(f32::to_le_bytes).as_flattened().to_vec();
    }
    (batch, layout)
}

/// The same with two columns of truth.
fn with_truth(labels: LabelKind) -> (Batch, Layout) {
    let (mut batch, layout) = batch(labels);
    batch.truth = vec![-1, i64::MAX, 3, i64::MIN];
    (batch, Layout { truth: ["a", "b_2"].map(str::to_owned).into(), ..layout })
}

#[test]
fn rows_are_what_the_csv_crate_would_write() {
    for labels in [LabelKind::Class, LabelKind::MultiHot] {
        let (batch, layout) = batch(labels);
        let mut ours = b"old".to_vec();
        encode(&batch, &layout, &mut ours).unwrap();
        let mut theirs = csv::Writer::from_writer(Vec::new());
        theirs.write_record(header(&layout)).unwrap();
        for (y, x) in batch.y.chunks(layout.y()).zip(batch.x.chunks(256)) {
            theirs.write_record(y.iter().chain(x).map(u8::to_string)).unwrap();
        }
        assert_eq!(
            String::from_utf8(ours).unwrap(),
            String::from_utf8(theirs.into_inner().unwrap()).unwrap()
        );
    }
}

#[test]
fn layouts_are_those_of_pandas_and_kaggle() {
    let texts = |layout: CsvLayout, name, (batch, mut form): (Batch, Layout)| {
        form.shape = Shape::gray(1, 2);
        let csv = Csv { layout: Some(layout), packed: None, blind: layout == CsvLayout::Kaggle };
        let split = SplitOf { name, rows: 2, layout: &form };
        let text = |file: WholeFile| {
            let [member] = &file.members[..] else { panic!("one table a file") };
            let (mut text, mut room) = (member.head.clone(), Vec::new());
            match member.part {
                Part::X => {
                    text.extend(csv.x(&batch, &split, &Moments::default().constants(None, 1), &mut room));
                }
                Part::Y => csv.append_y(&batch, &split, &mut text),
                Part::Masks => unreachable!("tables have no room for masks"),
                Part::Truth(part) => csv.append_truth(&batch, &split, part, &mut text),
            }
            (file.name, String::from_utf8(text).unwrap())
        };
        csv.files(&[split]).into_iter().map(text).collect::<Vec<_>>()
    };
    let text = |layout, kind| {
        texts(layout, "train", batch(kind)).into_iter().map(|(_, text)| text).collect::<Vec<_>>()
    };
    // Truth comes last, with labels where these are hidden, and never between what programs take for labels or pixels.
    let named = |layout, name, files: &[(&str, &str)]| {
        let found = texts(layout, name, with_truth(LabelKind::Class));
        let found: Vec<(&str, &str)> = found.iter().map(|(name, text)| (&name[..], &text[..])).collect();
        assert_eq!(found, files);
    };
    let truth = "truth_a,truth_b_2\n-1,9223372036854775807\n3,-9223372036854775808\n";
    named(
        CsvLayout::Pandas,
        "train",
        &[("X_train.csv", "0,1\n0,7\n14,21\n"), ("y_train.csv", "0\n0\n1\n"), ("truth_train.csv", truth)],
    );
    let row = "label,pixel0,pixel1,truth_a,truth_b_2\n0,0,7,-1,9223372036854775807\n";
    named(CsvLayout::Kaggle, "train", &[("train.csv", &format!("{row}1,14,21,3,-9223372036854775808\n"))]);
    let hidden = "label,truth_a,truth_b_2\n0,-1,9223372036854775807\n1,3,-9223372036854775808\n";
    let files = [("test.csv", "pixel0,pixel1\n0,7\n14,21\n"), (".mnistaug/test-labels.csv", hidden)];
    named(CsvLayout::Kaggle, "test", &files);
    // The shortest numbers that are these floats.
    let soft = LabelKind::Soft;
    assert_eq!(text(CsvLayout::Pandas, soft)[1], "0,1,2\n0.1,0.0,0.9\n1.0,0.0,1e-07\n");
    assert!(
        text(CsvLayout::KaggleFashion, soft)[0].ends_with("pixel2\n0.1,0.0,0.9,0,7\n1.0,0.0,1e-07,14,21\n")
    );
    let class = LabelKind::Class;
    assert_eq!(text(CsvLayout::Pandas, class), ["0,1\n0,7\n14,21\n", "0\n0\n1\n"]);
    assert_eq!(text(CsvLayout::Kaggle, class)[0], "label,pixel0,pixel1\n0,0,7\n1,14,21\n");
    assert_eq!(text(CsvLayout::KaggleFashion, class)[0], "label,pixel1,pixel2\n0,0,7\n1,14,21\n");
    let several = LabelKind::MultiHot;
    assert_eq!(text(CsvLayout::Pandas, several)[1], "0,1,2\n0,1,0\n1,0,1\n");
    assert_eq!(
        text(CsvLayout::Kaggle, several)[0].lines().next(),
        Some("label0,label1,label2,pixel0,pixel1")
    );
    assert!(
        text(CsvLayout::KaggleFashion, several)[0]
            .starts_with("label0,label1,label2,pixel1,pixel2\n0,1,0,0,7\n")
    );
}

#[test]
fn gzip_members_follow_each_other() {
    use std::io::Read;
    let mut packed = Vec::new();
    gzip_member(b"0,1\n", 1, &mut packed).unwrap();
    let first = packed.len();
    gzip_member(b"2,3\n", 6, &mut packed).unwrap();
    for head in [&packed[..], &packed[first..]] {
        assert_eq!(head[..4], [0x1f, 0x8b, 8, 0]);
        assert_eq!((&head[4..8], head[9]), (&[0; 4][..], 255));
    }
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, "0,1\n2,3\n");
}

#[test]
fn what_is_written_is_read() {
    let read = |spool: &Spool, length: usize| {
        let mut bytes = vec![0; length];
        spool.read_at(0, &mut bytes).unwrap();
        bytes
    };
    for labels in [LabelKind::Class, LabelKind::MultiHot, LabelKind::Soft] {
        let (batch, layout) = with_truth(labels);
        let mut bytes = Vec::new();
        encode(&batch, &layout, &mut bytes).unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let columns = Csv::default().decode(file.path(), &layout, 2, Want::All).unwrap();
        assert_eq!(read(&columns.y, batch.y.len()), batch.y);
        assert_eq!(read(&columns.x, batch.x.len()), batch.x);
        let truth: Vec<Vec<u8>> = columns.truth.iter().map(|column| read(column, 16)).collect();
        assert_eq!(truth[1], [i64::MAX, i64::MIN].map(i64::to_le_bytes).as_flattened());
    }
}

#[test]
fn damage_is_named_by_its_line() {
    let (batch, layout) = batch(LabelKind::Class);
    let mut bytes = Vec::new();
    encode(&batch, &layout, &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let last = text.trim_end();
    for (text, part) in [
        (last.rsplit_once(',').unwrap().0.to_owned(), "line 3: expected 257 values, found 256"),
        (format!("{last}0\n"), "line 3: expected integers from 0 to 255"),
        (format!("{last}\n{}", last.lines().next_back().unwrap()), "line 4: expected 2 rows, found more"),
        (text.lines().take(2).collect::<Vec<_>>().join("\n"), "line 3: expected 2 rows, found 1"),
        (text.replacen("label", "target", 1), "line 1: expected the 257 columns label, pixel0"),
    ] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let error = Csv::default().decode(file.path(), &layout, 2, Want::All).unwrap_err();
        assert!(error.to_string().contains(part), "{error} does not say {part:?}");
    }
}
