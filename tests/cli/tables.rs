//! Tables and arrays as people have them: what separates fields, what columns hold, where labels lie, what values mean, and classes by other
//! numbers.

use std::io::{Cursor, Write};

use mnistaug::internals::NpyHeader;
use serde_json::json;

use crate::harness::{Images, Place, Shards};

/// The fields of a table: a header, and rows of the label and the pixels.
pub(crate) fn fields(images: &Images) -> Vec<Vec<String>> {
    let header = std::iter::once("label".to_owned()).chain((0..images.size()).map(|i| format!("pixel{i}")));
    let row = |i: usize| {
        std::iter::once(images.labels[i])
            .chain(images.image(i).iter().copied())
            .map(|v| v.to_string())
            .collect()
    };
    std::iter::once(header.collect()).chain((0..images.len()).map(row)).collect()
}

pub(crate) fn text(fields: &[Vec<String>], separator: &str) -> String {
    fields.iter().map(|row| row.join(separator) + "\n").collect()
}

/// Every row with other fields.
pub(crate) fn each(
    fields: &[Vec<String>],
    how: impl Fn(usize, &[String]) -> Vec<String>,
) -> Vec<Vec<String>> {
    fields.iter().enumerate().map(|(i, row)| how(i, row)).collect()
}

/// What `export` of this makes of it.
#[track_caller]
pub(crate) fn read(place: &Place, words: &str) -> Shards {
    place.run(&format!("export -i {words} --split train --force -o out")).ok();
    place.run("verify out --rebuild").ok();
    place.shards("out", "train")
}

#[track_caller]
fn gives(place: &Place, words: &str, images: &Images) {
    let found = read(place, words);
    assert_eq!(found.y, images.labels, "{words}");
    assert!(found.x == images.pixels, "{words}: pixels differ");
}

pub(crate) fn names(place: &Place) -> serde_json::Value {
    place.manifest("out")["splits"][0]["schema"]["class_names"].clone()
}

#[test]
fn fields_are_told_apart_whatever_separates_them() {
    let (place, images) = (Place::new(), Images::new(5, 3, 3));
    let plain = fields(&images);
    let rows = &plain[1..];
    let number = |form: fn(f64) -> String| {
        each(rows, |_, row| row.iter().map(|field| form(field.parse().unwrap())).collect())
    };
    for (name, content) in [
        ("semicolons.csv", text(&plain, ";")),
        ("tabs.csv", text(&plain, "\t")),
        ("tabs.tsv", text(&plain, "\t")),
        ("bars.csv", text(&plain, "|")),
        ("blanks.csv", text(&plain, " ")),
        ("comma.csv", text(&number(|v| format!("{v:.1}").replace('.', ",")), ";")),
        ("savetxt.txt", text(&number(|v| format!("{v:.18e}")), " ")),
        ("savetxt.csv", text(&number(|v| format!("{v:.18e}")), ",")),
        ("floats.csv", text(&number(|v| format!("{v:.1}")), ",")),
        ("quoted.csv", text(&each(&plain, |_, row| row.iter().map(|f| format!("\"{f}\"")).collect()), ";")),
        ("excel.csv", format!("sep=;\r\n{}", text(&plain, ";").replace('\n', "\r\n"))),
        ("trailing.csv", text(&plain, ",").replace('\n', ",\n")),
        ("spaced.csv", format!("\n\n{}", text(&plain, ", "))),
    ] {
        place.write(name, content);
        gives(&place, name, &images);
    }
    let wide: Vec<u8> = text(&plain, "\t").encode_utf16().flat_map(u16::to_le_bytes).collect();
    place.write("wide.csv", [b"\xff\xfe", &wide[..]].concat());
    gives(&place, "wide.csv", &images);
}

#[test]
fn columns_are_what_they_are_called() {
    let (place, images) = (Place::new(), Images::new(5, 4, 4));
    let plain = fields(&images);
    // By name, whatever the order: as texts sort, and the label in the middle.
    let mut order: Vec<usize> = (0..plain[0].len()).collect();
    order.sort_by_key(|&i| plain[0][i].replace("label", "pixel2x"));
    let by = |order: &[usize]| each(&plain, |_, row| order.iter().map(|&i| row[i].clone()).collect());
    place.write("sorted.csv", text(&by(&order), ","));
    gives(&place, "sorted.csv", &images);
    // Rows and columns of pixels, the columns first.
    let name =
        |i: usize| if i == 0 { "label".into() } else { format!("{}x{}", (i - 1) / 4 + 1, (i - 1) % 4 + 1) };
    let grid = each(&plain, |r, row| if r == 0 { (0..17).map(name).collect() } else { row.to_vec() });
    let turned: Vec<usize> = std::iter::once(0).chain((0..16).map(|i| i % 4 * 4 + i / 4 + 1)).collect();
    place.write(
        "grid.csv",
        text(&each(&grid, |_, row| turned.iter().map(|&i| row[i].clone()).collect()), ","),
    );
    gives(&place, "grid.csv", &images);
    let with = |name: &str, value: fn(usize) -> String| {
        each(&plain, |r, row| {
            let more = if r == 0 { name.to_owned() } else { value(r) };
            std::iter::once(more).chain(row.iter().cloned()).collect()
        })
    };
    place.write("index.csv", text(&with("Unnamed: 0", |r| (r * 1000).to_string()), ","));
    gives(&place, "index.csv", &images);
    place.write("writer.csv", text(&with("writer", |r| format!("nobody {r}")), ","));
    gives(&place, "writer.csv", &images);
    place.run("info writer.csv").ok().says(&["warning: writer.csv: passed over the columns writer"]);
    // Any name for the only column that is no pixel.
    place.write("glyph.csv", text(&plain, ",").replace("label", "glyph"));
    gives(&place, "glyph.csv", &images);
    place.write("two.csv", text(&with("label", |_| "7".into()), ",").replace("label,label", "label,truth"));
    assert_eq!(read(&place, "two.csv").y, [7; 5]);
    gives(&place, "two.csv --label-column truth", &images);
    gives(&place, "two.csv --label-column 2", &images);
}

#[test]
fn a_label_may_be_in_any_column_of_a_table_without_names() {
    let (place, images) = (Place::new(), Images::new(6, 4, 4));
    let rows = fields(&images);
    let at = |place: usize| {
        each(&rows[1..], |_, row| {
            let mut row = row.to_vec();
            let label = row.remove(0);
            row.insert(place, label);
            row
        })
    };
    place.write("last.csv", text(&at(16), ",")).write("middle.csv", text(&at(5), ","));
    gives(&place, "last.csv --label-column last", &images);
    gives(&place, "last.csv --label-column 17", &images);
    gives(&place, "middle.csv --label-column 6", &images);
    place.run("info last.csv --label-column 18").fails(2, &["--label-column 18", "17 columns", "from 1"]);
    place.run("info last.csv --label-column digit").fails(2, &["--label-column digit", "without names"]);
    place.run("info digits:5 --label-column last").fails(2, &["--label-column last", "CSV tables"]);
    // First pixels that are all 0 are no labels, if the last column can be.
    let mut dark = images.clone();
    (0..6).for_each(|i| dark.pixels[i * 16] = 0);
    let rows = fields(&dark);
    let last = each(&rows[1..], |_, row| [&row[1..], &row[..1]].concat());
    place.write("dark.csv", text(&last, ","));
    gives(&place, "dark.csv", &dark);
    place
        .run("info dark.csv")
        .ok()
        .says(&["warning: dark.csv: taken for labels: the last column", "--label-column first"]);
    assert_eq!(read(&place, "dark.csv --label-column first").y, [0; 6]);
    // Nor are first pixels that are more than there are classes.
    (0..6).for_each(|i| dark.pixels[i * 16] = 90 + i as u8);
    let last = each(&fields(&dark)[1..], |_, row| [&row[1..], &row[..1]].concat());
    place.write("light.csv", text(&last, ","));
    gives(&place, "light.csv", &dark);
    place.run("info light.csv").ok().says(&["the first one goes up to 95", "--label-column first"]);
}

#[test]
fn a_label_in_the_last_column_is_found_whatever_is_said_of_values_and_columns() {
    let place = Place::new();
    // Digits of 16 shades, whose first pixels are black, as those of scikit-learn are.
    let mut images = Images::new(6, 4, 4);
    for (i, pixel) in images.pixels.iter_mut().enumerate() {
        *pixel = if i % 16 == 0 { 0 } else { (i % 17 * 255 / 16) as u8 };
    }
    let scaled = |white: f64| {
        each(&fields(&images)[1..], |_, row| {
            let pixel = |field: &String| (field.parse::<f64>().unwrap() / 255.0 * white).to_string();
            row[1..].iter().map(pixel).chain([row[0].clone()]).collect()
        })
    };
    let counted: Vec<String> = (0..17).map(|i| i.to_string()).collect();
    let with_header = |rows: Vec<Vec<String>>| [vec![counted.clone()], rows].concat();
    place
        .write("unit.csv", text(&scaled(1.0), ","))
        .write("unit-header.csv", text(&with_header(scaled(1.0)), ","));
    place
        .write("five.csv", text(&scaled(5.0), ","))
        .write("five-header.csv", text(&with_header(scaled(5.0)), ","));
    for words in [
        "unit.csv",
        "unit.csv --float-range 0-1",
        "unit-header.csv",
        "unit-header.csv --float-range 0-1",
        "five.csv --float-range 0-5",
        "five-header.csv --float-range 0-5",
    ] {
        gives(&place, words, &images);
        place.run(&format!("info {words}")).ok().says(&["taken for labels: the last column"]);
    }
    // Yes and no: nothing but the label goes beyond 1, even where first pixels are not all black.
    images.pixels.iter_mut().enumerate().for_each(|(i, pixel)| *pixel = if i % 5 == 0 { 255 } else { 0 });
    let flags = each(&fields(&images)[1..], |_, row| {
        let flag = |field: &String| String::from(if field == "0" { "0" } else { "1" });
        row[1..].iter().map(flag).chain([row[0].clone()]).collect()
    });
    place.write("flags.csv", text(&flags, ","));
    gives(&place, "flags.csv --float-range 0-1", &images);
    assert_eq!(read(&place, "flags.csv").y, images.labels);
    // The suffix does not matter.
    place.write("optdigits.tra", text(&flags, ","));
    gives(&place, "optdigits.tra --float-range 0-1", &images);
}

#[test]
fn images_and_labels_of_a_folder_are_found_by_one_table_of_words() {
    let images = Images::new(5, 3, 3);
    let rows = fields(&images);
    let x = text(&each(&rows, |_, row| row[1..].to_vec()), ",");
    let y = text(&each(&rows, |_, row| row[..1].to_vec()), ",");
    for [images_name, labels_name] in [
        ["x.csv", "y.csv"],
        ["train_x.csv", "train_y.csv"],
        ["trainX.csv", "trainY.csv"],
        ["xtrain.csv", "ytrain.csv"],
        ["x_tr.csv", "y_tr.csv"],
        ["X_train.csv", "labels_train.csv"],
        ["train_data.csv", "train_labels.csv"],
        ["training_set.csv", "training_labels.csv"],
        ["train.csv", "train_labels.csv"],
        ["features.csv", "labels.csv"],
        ["csvTrainImages 5x9.csv", "csvTrainLabel 5x1.csv"],
        ["X_train.txt", "y_train.txt"],
    ] {
        let place = Place::new();
        place.write(&format!("in/{images_name}"), &x).write(&format!("in/{labels_name}"), &y);
        gives(&place, "in", &images);
    }
    let place = Place::new();
    place.write("in/trainingData.csv", text(&rows, ",")).write("in/testData.csv", text(&rows, ","));
    place.write("txt/train.txt", text(&rows[1..], " ")).write("txt/test.txt", text(&rows[1..], " "));
    for folder in ["in", "txt"] {
        gives(&place, folder, &images);
        place.run(&format!("info {folder} --split test")).ok();
    }
    place.write("two/train.csv", text(&rows, ",")).write("two/train_small.csv", text(&rows, ","));
    place.run("info two").fails(65, &["two/train.csv", "two/train_small.csv", "--label-file"]);
    place.write("e/emnist-digits-train.csv", text(&rows, ","));
    place.run("info e").ok().says(&["published transposed", "--transpose"]);
}

#[test]
fn tables_of_labels_are_joined_by_ids() {
    let (place, images) = (Place::new(), Images::new(5, 2, 3));
    let rows = fields(&images);
    let x = |name: &str, ids: [u32; 5]| {
        let head = each(&rows, |r, row| {
            let id = if r == 0 { name.to_owned() } else { ids[r - 1].to_string() };
            std::iter::once(id).chain(row[1..].iter().cloned()).collect()
        });
        text(&head, ",")
    };
    let y = |head: &str, ids: [u32; 5], order: [usize; 5]| {
        order.iter().fold(format!("{head}\n"), |text, &i| format!("{text}{},{}\n", ids[i], images.labels[i]))
    };
    let (ids, turned) = ([70, 8, 900, 11, 3], [4, 2, 0, 1, 3]);
    place.write("a/X_train.csv", x("id", ids)).write("a/y_train.csv", y("id,label", ids, turned));
    gives(&place, "a --shape 2x3", &images);
    // pandas' index, the same in both or counted anew in one.
    place.write("b/X_train.csv", x("", ids)).write("b/y_train.csv", y(",0", ids, turned));
    gives(&place, "b --shape 2x3", &images);
    place.write("b/y_train.csv", y(",label", [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]));
    gives(&place, "b --shape 2x3", &images);
    place.run("info b --shape 2x3").ok().says(&["warning:", "different indexes"]);
    // An index without a name or a header.
    place.write("c.csv", text(&each(&rows, |_, row| row[1..].to_vec()), ","));
    let bare = y("", [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]);
    place.write("labels.csv", bare.trim_start());
    gives(&place, "c.csv --label-file labels.csv --shape 2x3", &images);
    place.write("a/y_train.csv", y("id,label", [70, 8, 900, 11, 4], turned));
    place.run("info a --shape 2x3").fails(65, &["y_train.csv", "the id \"3\"", "X_train.csv"]);
    place.write("a/y_train.csv", y("id,label", [70, 8, 900, 11, 11], turned));
    place.run("info a --shape 2x3").fails(65, &["y_train.csv", "the id \"11\" stands in it twice"]);
}

#[test]
fn labels_may_be_texts_in_text_order() {
    let (place, images) = (Place::new(), Images::new(4, 3, 3));
    let said = ["boot", "Bag", "coat", "boot"];
    let rows = each(&fields(&images), |r, row| {
        let label = if r == 0 { row[0].clone() } else { said[r - 1].to_owned() };
        std::iter::once(label).chain(row[1..].iter().cloned()).collect()
    });
    place.write("words.csv", text(&rows, ",")).write("bare.csv", text(&rows[1..], ";"));
    for name in ["words.csv", "bare.csv"] {
        assert_eq!(read(&place, name).y, [1, 0, 2, 1], "{name}");
        assert_eq!(names(&place), json!(["Bag", "boot", "coat"]));
    }
    place.run("info words.csv").ok().says(&["warning: words.csv: labels are texts", "Bag, boot, coat"]);
    place.write("p/X_train.csv", text(&each(&rows, |_, row| row[1..].to_vec()), ","));
    place.write("p/y_train.csv", said.join("\n") + "\n");
    assert_eq!(read(&place, "p").y, [1, 0, 2, 1]);
    // A list says in which order.
    place.write("p/classes.txt", "coat\nboot\nhat\nBag\n");
    assert_eq!(read(&place, "p").y, [1, 3, 0, 1]);
    assert_eq!(read(&place, "p --labels coat,BAG").y, [3, 0]);
    place.run("info p --labels shoe").fails(2, &["--labels shoe: there is no class shoe"]);
    place.run("info p --labels coad").fails(2, &["write coat"]);
    place.run("info words.csv --classes 9").fails(2, &["--classes 9", "3 names of classes"]);
}

#[test]
fn values_say_their_range_or_are_asked_for_it() {
    let place = Place::new();
    let images =
        Images { shape: [2, 2, 1], pixels: vec![0, 255, 51, 102, 255, 0, 0, 204], labels: vec![3, 4] };
    let of = |white: f64| {
        each(&fields(&images), |r, row| {
            let scaled = |field: &String| (field.parse::<f64>().unwrap() / 255.0 * white).to_string();
            if r == 0 {
                row.to_vec()
            } else {
                std::iter::once(row[0].clone()).chain(row[1..].iter().map(scaled)).collect()
            }
        })
    };
    place.write("unit.csv", text(&of(1.0), ",")).write("five.csv", text(&of(5.0), ","));
    gives(&place, "unit.csv", &images);
    gives(&place, "five.csv --float-range 0-5", &images);
    place.run("info five.csv").ok().says(&["warning: five.csv", "from 0 to 5 of 255", "--float-range 0-5"]);
    place.write("flags.csv", "label,pixel0,pixel1,pixel2,pixel3\n1,0,1,1,0\n");
    place
        .run("info flags.csv")
        .ok()
        .says(&["warning: flags.csv: pixels are 0 and 1 only", "--float-range 0-1"]);
    assert_eq!(read(&place, "flags.csv --float-range 0-1").x, [0, 255, 255, 0]);
    assert_eq!(read(&place, "flags.csv --float-range 0-255").x, [0, 1, 1, 0]);
    place.run("info five.csv --float-range 0-1").fails(65, &["line 2, column 3", "from 0 to 1", "\"5\""]);
    place.write("minus.csv", "label,pixel0,pixel1,pixel2,pixel3\n1,-0.4,1.2,0,0.5\n");
    let run = place.run("info minus.csv").fails(65, &["values from -0.4 to 1.2", "standardization"]);
    assert!(!run.err.contains("uint8"), "{}", run.err);
    // Arrays are asked the same: small numbers, yes and no, and half-precision floats.
    let npz = |descr: &str, body: &[u8]| {
        let array =
            |descr: &str, shape: &[usize], body: &[u8]| [&NpyHeader::encode(descr, shape), body].concat();
        zip(&[("x.npy", array(descr, &[1, 1, 2], body)), ("y.npy", array("|u1", &[1], &[3]))])
    };
    place.write("small.npz", npz("|u1", &[0, 16])).write("bools.npz", npz("|b1", &[0, 1]));
    place.write("half.npz", npz("<f2", &[0, 0x38, 0, 0x3c]));
    assert_eq!(read(&place, "small.npz --float-range 0-16").x, [0, 255]);
    place.run("info small.npz").ok().says(&["--float-range 0-16"]);
    // scikit-learn's digits: whole numbers from 0 to 16, as floats.
    let floats: Vec<u8> = [0.0_f64, 16.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    place.write("floats.npz", npz("<f8", &floats));
    place.run("info floats.npz").ok().says(&["from 0 to 16 of 255", "--float-range 0-16"]);
    assert_eq!((read(&place, "bools.npz").x, read(&place, "half.npz").x), (vec![0, 255], vec![128, 255]));
}

fn zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn headers_that_were_rows_are_told() {
    let place = Place::new();
    place
        .write("again.csv", "label,0,0.1,7,0.2\n1,2,3,4,5\n")
        .write("bare.csv", "5,0,0.1,7,0.2\n1,2,3,4,5\n");
    place
        .write("index.csv", ",5,0,0.1,7,0.2\n0,1,2,3,4,5\n")
        .write("floats.csv", "1.0e+00,0.0e+00,0.0e+00.1,1.0e+02,0.0e+00.2\n1,2,3,4,5\n");
    for name in ["again.csv", "bare.csv", "index.csv", "floats.csv"] {
        place.run(&format!("info {name}")).ok().says(&["warning:", "header", "first row", "header=None"]);
        assert_eq!((read(&place, name).y, read(&place, name).x), (vec![1], vec![2, 3, 4, 5]));
    }
    place.write("text.csv", "A,0,0.1,7,0.2\nB,2,3,4,5\n");
    place.run("info text.csv").ok().says(&["the header (A, 0, 0.1, 7, 0.2, ...)", "labels are texts"]);
    // The label of the image that is missing is the name of the other table's column.
    place.write("xy/X_train.csv", "0,0.1,7,0.2\n2,3,4,5\n6,7,8,9\n").write("xy/y_train.csv", "5\n1\n2\n");
    place.run("info xy").ok().says(&["looks like a first row", "y_train.csv: its first row"]);
    assert_eq!(read(&place, "xy").y, [1, 2]);
}

#[test]
fn what_other_programs_write_is_read() {
    let (place, images) = (Place::new(), Images::new(4, 3, 3));
    let rows = fields(&images);
    // R's write.table gives rows names and their column none.
    let named = each(&rows, |r, row| {
        let name = (r > 0).then(|| format!("\"{r}\""));
        name.into_iter().chain(row.iter().cloned()).collect()
    });
    place.write("r.txt", text(&named, " "));
    gives(&place, "r.txt", &images);
    // Tables behind each other, and lines that end as on old Macintoshes.
    place.write("cat.csv", [text(&rows[..3], ","), text(&rows[..1], ","), text(&rows[3..], ",")].concat());
    gives(&place, "cat.csv", &images);
    place.write("mac.csv", text(&rows, ",").replace('\n', "\r"));
    gives(&place, "mac.csv", &images);
    // Yes and no of pandas, as pixels and as one-hot labels.
    let mut flags = images.clone();
    flags.pixels.iter_mut().for_each(|pixel| *pixel = if *pixel > 127 { 255 } else { 0 });
    let word = |yes: bool| String::from(if yes { "True" } else { "False" });
    let table = each(&fields(&flags), |r, row| {
        let words = row[1..].iter().map(|field| if r == 0 { field.clone() } else { word(field == "255") });
        std::iter::once(row[0].clone()).chain(words).collect()
    });
    place.write("flags.csv", text(&table, ","));
    gives(&place, "flags.csv", &flags);
    let hot = each(&rows, |r, row| {
        let of = |class: u8| if r == 0 { class.to_string() } else { word(row[0] == class.to_string()) };
        (0..10).map(of).collect()
    });
    place.write("hot/X_train.csv", text(&each(&rows, |_, row| row[1..].to_vec()), ","));
    place.write("hot/y_train.csv", text(&hot, ","));
    gives(&place, "hot", &images);
    // Pixels in one text, and integers of 16 bits: named.
    let one = (0..16).map(|i| i.to_string()).collect::<Vec<_>>().join(" ");
    place.write("fer.csv", format!("emotion,pixels,Usage\n1,\"{one}\",Training\n"));
    place.run("info fer.csv").fails(65, &["column 2", "numbers in one text", "split the text"]);
    place.write("wide.csv", "label,pixel0,pixel1,pixel2,pixel3\n1,0,65535,1,2\n");
    place.run("info wide.csv").fails(65, &["\"65535\"", "--float-range 0-65535"]);
}

#[test]
fn black_may_be_minus_one() {
    let (place, images) = (Place::new(), Images::new(4, 3, 3));
    let value = |pixel: u8| f64::from(pixel) / 127.5 - 1.0;
    let rows = each(&fields(&images), |r, row| {
        let pixel =
            |field: &String| if r == 0 { field.clone() } else { value(field.parse().unwrap()).to_string() };
        std::iter::once(row[0].clone()).chain(row[1..].iter().map(pixel)).collect()
    });
    place.write("signed.csv", text(&rows, ","));
    let body: Vec<u8> = images.pixels.iter().flat_map(|&pixel| (value(pixel) as f32).to_le_bytes()).collect();
    let x = [&NpyHeader::encode("<f4", &[4, 3, 3]), &body[..]].concat();
    let y = [&NpyHeader::encode("|u1", &[4]), &images.labels[..]].concat();
    place.write("signed.npz", zip(&[("x.npy", x), ("y.npy", y)]));
    for name in ["signed.csv", "signed.npz"] {
        for range in ["-1-1", "-1..1", "-1,1"] {
            gives(&place, &format!("{name} --float-range {range}"), &images);
        }
        place.run(&format!("info {name}")).fails(65, &["--float-range -1-1"]);
    }
}

#[test]
fn rows_may_hold_one_channel_after_the_other() {
    let (place, images) = (Place::new(), Images::with_channels(3, 2, 4, 3));
    let first: Vec<u8> = (0..3)
        .flat_map(|i| (0..24).map(move |k| (i, k % 8 * 3 + k / 8)))
        .map(|(i, at): (usize, usize)| images.image(i)[at])
        .collect();
    let rows: Vec<String> = first
        .chunks(24)
        .zip(&images.labels)
        .map(|(row, label)| {
            format!("{label},{}", row.iter().map(u8::to_string).collect::<Vec<_>>().join(","))
        })
        .collect();
    place.write("planes.csv", rows.join("\n"));
    gives(&place, "planes.csv --shape 3x2x4", &images);
    let y = [&NpyHeader::encode("|u1", &[3]), &images.labels[..]].concat();
    let x = [&NpyHeader::encode("|u1", &[3, 24]), &first[..]].concat();
    place.write("planes.npz", zip(&[("x.npy", x), ("y.npy", y)]));
    gives(&place, "planes.npz --shape 3x2x4", &images);
}

#[test]
fn arrays_may_lie_in_two_files() {
    let (place, images) = (Place::new(), Images::new(4, 3, 2));
    let x = zip(&[("arr_0.npy", [&NpyHeader::encode("|u1", &[4, 3, 2]), &images.pixels[..]].concat())]);
    let y = zip(&[("arr_0.npy", [&NpyHeader::encode("|u1", &[4]), &images.labels[..]].concat())]);
    place.write("k/kmnist-train-imgs.npz", &x).write("k/kmnist-train-labels.npz", &y);
    place.write("k/kmnist-test-imgs.npz", &x).write("k/kmnist-test-labels.npz", &y).write("other.npz", &y);
    gives(&place, "k", &images);
    gives(&place, "k/kmnist-train-imgs.npz", &images);
    gives(&place, "k/kmnist-test-imgs.npz --label-file other.npz", &images);
    let two = zip(&[
        ("arr_0.npy", [&NpyHeader::encode("|u1", &[4, 3, 2]), &images.pixels[..]].concat()),
        ("arr_1.npy", [&NpyHeader::encode("|u1", &[4]), &images.labels[..]].concat()),
    ]);
    place.write("two.npz", &two);
    gives(&place, "two.npz", &images);
    place.run("info two.npz --label-file other.npz").fails(2, &["\"arr_0\", \"arr_1\""]);
    let minus =
        [&NpyHeader::encode("<i4", &[4]), &[-1_i32, 0, 1, 2].map(i32::to_le_bytes).concat()[..]].concat();
    let images = [&NpyHeader::encode("|u1", &[4, 3, 2]), &images.pixels[..]].concat();
    place.write("minus.npz", zip(&[("x.npy", images), ("y.npy", minus)]));
    let run = place.run("info minus.npz").fails(65, &["array \"y\"", "class ids from 0 to 255", "-1"]);
    assert!(!run.err.contains("uint8") && !run.err.contains("scale"), "{}", run.err);
}

#[test]
fn images_without_labels_are_a_source() {
    let (place, images) = (Place::new(), Images::new(4, 3, 5));
    place
        .write("images.idx", images.idx())
        .write("test.csv", text(&each(&fields(&images), |_, row| row[1..].to_vec()), ","));
    for words in ["images.idx", "test.csv --shape 3x5"] {
        let run = place
            .run(&format!("augment -i {words} --split test --pipeline imgaug-light --force -o more"))
            .ok();
        run.says(&["has no labels"]);
        place.run("verify more --rebuild").ok();
        assert_eq!((read(&place, words).x, names(&place)), (images.pixels.clone(), json!(["unlabeled"])));
        place.run(&format!("preview {words} -o sheet.png")).ok();
    }
}

#[test]
fn lists_beside_pictures_hold_their_labels() {
    let place = Place::new();
    let shades = [10_u8, 20, 30, 40];
    let pictures = |folder: &str, names: [&str; 4]| {
        for (name, shade) in names.iter().zip(shades) {
            place.picture(&format!("{folder}/{name}"), 2, 3, |_, _| [shade; 3]);
        }
    };
    let labels = |words: &str| -> Vec<(u8, u8)> {
        let found = read(&place, words);
        (0..found.rows).map(|i| (found.image(i)[0], found.y[i])).collect()
    };
    let plain = ["1.png", "2.png", "3.png", "10.png"];
    let by_shade = |mut found: Vec<(u8, u8)>| {
        found.sort_unstable();
        found
    };
    let expected = vec![(10, 4), (20, 1), (30, 3), (40, 11)];
    pictures("a", plain);
    place.write("a/labels.csv", "filename,label\n10.png,11\n1.png,4\n2.png,1\n3.png,3\n");
    assert_eq!(by_shade(labels("a")), expected);
    pictures("b/train", plain);
    place.write("b/train/metadata.csv", "file_name,label\n1.png,4\n2.png,1\n3.png,3\n10.png,11\n");
    assert_eq!(by_shade(labels("b")), expected);
    pictures("c", plain);
    let line = |(name, label): (&str, u8)| format!("{{\"file_name\": \"{name}\", \"label\": {label}}}\n");
    place.write("c/metadata.jsonl", plain.into_iter().zip([4, 1, 3, 11]).map(line).collect::<String>());
    assert_eq!(by_shade(labels("c")), expected);
    // Ids without endings, no header, folders in names.
    pictures("d/all", plain);
    place.write("d/train.csv", "all/1.png;4\nall/2.png;1\nall/3.png;3\nall/10.png;11\n");
    assert_eq!(by_shade(labels("d")), expected);
    pictures("e", plain);
    place.write("e/y.csv", "id,label\n1,4\n2,1\n3,3\n10,11\n");
    assert_eq!(by_shade(labels("e")), expected);
    // Texts, and pictures that are in no list.
    place.write("e/y.csv", "id,label\n1,dog\n2,cat\n3,dog\n99,cow\n");
    assert_eq!(by_shade(labels("e")), [(10, 2), (20, 0), (30, 2)]);
    assert_eq!(names(&place), json!(["cat", "cow", "dog"]));
    place
        .run("info e")
        .ok()
        .says(&["passed over 1 of 4 pictures", "1 of 4 pictures that it lists are not here"]);
    place.write("e/y.csv", "filename,label\n../1.png,1\n");
    place.run("info e").fails(65, &["y.csv: row 1", "out of the folder"]);
    place.write("e/y.csv", "filename,label\n1.png,1\n1.png,2\n");
    place.run("info e").fails(65, &["y.csv: row 2", "1.png"]);
    place.run("info a/labels.csv").fails(65, &["names of pictures", "name the folder"]);

    place.run("import a --invert no --size 2x3 -o mine").ok();
    let mine = place.shards("mine", "train");
    let found = (0..4).map(|i| (mine.image(i)[0], mine.y[i])).collect();
    assert_eq!(by_shade(found), expected);
    // Labels by hand are for pictures as they are counted.
    pictures("f", plain);
    place.run("import f --invert no --size 2x3 --label 4,1,3,11 -o counted").ok();
    let counted = place.shards("counted", "train");
    let found: Vec<(u8, u8)> = (0..4).map(|i| (counted.image(i)[0], counted.y[i])).collect();
    assert_eq!(found, expected);
}
