use mnistaug::base::*;
use mnistaug::formats::csv::{self, CsvLayout};
use mnistaug::formats::parquet::{self, CardSplit};
use mnistaug::formats::png::{Effort, PngEncoder};
use mnistaug::formats::tfrecord::{self, TfdsSplit};
use mnistaug::formats::webdataset::{self, Payload};
use mnistaug::formats::{Batch, Layout, safetensors};
use mnistaug::sources::Recipe;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

fn fill(split: &Split, layout: &Layout, first: u64, n: usize) -> Batch {
    let mut batch = Batch::default();
    batch.reset(layout, n);
    let mut reader = split.source.reader();
    let mut sample = Sample::default();
    for block in batch.blocks(layout, first, 1 << 30).iter_mut() {
        for row in 0..block.rows {
            reader.read(block.first + row as u64, &mut sample).unwrap();
            block.put(row, &sample);
        }
    }
    batch
}

fn best<R>(name: &str, bytes: usize, mut f: impl FnMut() -> usize) {
    let mut t = f64::MAX;
    let mut out = 0;
    for _ in 0..7 {
        let s = Instant::now();
        out = f();
        t = t.min(s.elapsed().as_secs_f64());
    }
    println!(
        "{name:32} {:8.1} MB/s raw  {:8.1} MB/s out  ratio {:.3}",
        bytes as f64 / t / 1e6,
        out as f64 / t / 1e6,
        out as f64 / bytes as f64
    );
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let recipe: Recipe =
        serde_json::from_value(serde_json::json!({"read": {"path": args[2], "splits": "all"}})).unwrap();
    let data = recipe.open().map_err(|e| e.to_string()).unwrap();
    if args[1] == "bench" {
        let split = &data.splits[0];
        let schema = split.source.schema();
        let layout = Layout::of(schema);
        let n = (split.source.len() as usize).min(4096);
        let batch = fill(split, &layout, 0, n);
        let raw = batch.x.len();
        let mut out = Vec::new();
        let names = &schema.class_names;
        let own = Effort::of(layout.shape);
        for e in [Effort::Stored, Effort::Runs, Effort::Level(1), Effort::Level(6)] {
            best::<()>(&format!("png {e:?}"), raw, || {
                out.clear();
                let mut p = PngEncoder::new(e);
                for x in batch.x.chunks(layout.shape.bytes()) {
                    p.encode(Image::new(layout.shape, x), &mut out);
                }
                out.len()
            });
        }
        best::<()>("png image crate", raw, || {
            let mut n = 0;
            for x in batch.x.chunks(layout.shape.bytes()) {
                n += mnistaug::formats::picture::encode_png(Image::new(layout.shape, x)).unwrap().len();
            }
            n
        });
        best::<()>("parquet own", raw, || {
            parquet::encode(&batch, &layout, names, 0, own, &mut out).unwrap();
            out.len()
        });
        best::<()>("parquet stored", raw, || {
            parquet::encode(&batch, &layout, names, 0, Effort::Stored, &mut out).unwrap();
            out.len()
        });
        best::<()>("webdataset own", raw, || {
            webdataset::encode(&batch, &layout, 0, Payload::Png(own), &mut out).unwrap();
            out.len()
        });
        best::<()>("webdataset stored", raw, || {
            webdataset::encode(&batch, &layout, 0, Payload::Png(Effort::Stored), &mut out).unwrap();
            out.len()
        });
        best::<()>("webdataset npy", raw, || {
            webdataset::encode(&batch, &layout, 0, Payload::Npy, &mut out).unwrap();
            out.len()
        });
        best::<()>("tfrecord own", raw, || {
            tfrecord::encode(&batch, &layout, own, &mut out);
            out.len()
        });
        best::<()>("csv kaggle", raw, || {
            out.clear();
            CsvLayout::Kaggle.rows_x(&batch, &layout, 0..n, &mut out);
            out.len()
        });
        best::<()>("csv pandas", raw, || {
            out.clear();
            CsvLayout::Pandas.rows_x(&batch, &layout, 0..n, &mut out);
            out.len()
        });
        let text = out.clone();
        let mut z = Vec::new();
        best::<()>("gzip 1 of csv (raw = text)", text.len(), || {
            z.clear();
            for b in text.chunks(1 << 20) {
                csv::gzip_member(b, 1, &mut z).unwrap();
            }
            z.len()
        });
        return;
    }
    let out = Path::new(&args[3]);
    let put = |path: &str, bytes: &[u8]| {
        let path = out.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let mut buf = Vec::new();
    let (mut cards, mut tfds) = (vec![], vec![]);
    let mut lay = None;
    let mut names = vec![];
    for split in &data.splits {
        let schema = split.source.schema();
        let layout = Layout::of(schema);
        names = schema.class_names.clone();
        lay = Some(layout);
        let n = split.source.len();
        let per = n.div_ceil(3).max(1);
        let k = n.div_ceil(per) as usize;
        let own = Effort::of(layout.shape);
        let mut csvs: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (c, cn) in [
            (CsvLayout::Kaggle, "kaggle"),
            (CsvLayout::KaggleFashion, "fashion"),
            (CsvLayout::Pandas, "pandas"),
        ] {
            let mut x = vec![];
            c.header_x(&layout, &mut x);
            let mut y = vec![];
            c.header_y(&layout, &mut y);
            csvs.insert(format!("csv/{cn}/X_{}.csv", split.name), x);
            csvs.insert(format!("csv/{cn}/y_{}.csv", split.name), y);
        }
        let (mut pb, mut tb, mut lens) = (0, 0, vec![]);
        let mut gz = vec![];
        for s in 0..k {
            let first = s as u64 * per;
            let rows = per.min(n - first) as usize;
            let batch = fill(split, &layout, first, rows);
            let effort = if s == 0 { Effort::Level(6) } else { own };
            parquet::encode(&batch, &layout, &names, first, effort, &mut buf).unwrap();
            pb += buf.len() as u64;
            put(&format!("parquet/data/{}-{s:05}-of-{k:05}.parquet", split.name), &buf);
            webdataset::encode(&batch, &layout, first, Payload::Png(effort), &mut buf).unwrap();
            put(&format!("webdataset/{}-{s:06}.tar", split.name), &buf);
            webdataset::encode(&batch, &layout, first, Payload::Npy, &mut buf).unwrap();
            put(&format!("webdataset-npy/{}-{s:06}.tar", split.name), &buf);
            tfrecord::encode(&batch, &layout, effort, &mut buf);
            tb += buf.len() as u64;
            lens.push(rows as u64);
            put(&format!("tfrecord/probe/1.0.0/{}", tfrecord::shard_name("probe", &split.name, s, k)), &buf);
            for (c, cn) in [
                (CsvLayout::Kaggle, "kaggle"),
                (CsvLayout::KaggleFashion, "fashion"),
                (CsvLayout::Pandas, "pandas"),
            ] {
                c.rows_x(
                    &batch,
                    &layout,
                    0..rows,
                    csvs.get_mut(&format!("csv/{cn}/X_{}.csv", split.name)).unwrap(),
                );
                c.rows_y(
                    &batch,
                    &layout,
                    0..rows,
                    csvs.get_mut(&format!("csv/{cn}/y_{}.csv", split.name)).unwrap(),
                );
            }
            if s == 0 {
                let mut h = vec![];
                CsvLayout::Pandas.header_x(&layout, &mut h);
                csv::gzip_member(&h, 1, &mut gz).unwrap();
            }
            let mut t = vec![];
            CsvLayout::Pandas.rows_x(&batch, &layout, 0..rows, &mut t);
            csv::gzip_member(&t, 1, &mut gz).unwrap();
        }
        put(&format!("csvgz/X_{}.csv.gz", split.name), &gz);
        for (p, b) in &csvs {
            put(p, b);
        }
        cards.push(CardSplit { name: split.name.clone(), rows: n, bytes: pb });
        tfds.push(TfdsSplit { name: split.name.clone(), shard_lengths: lens, bytes: tb });
        let batch = fill(split, &layout, 0, n as usize);
        let s = layout.shape;
        let mut xs = vec![n, s.height as u64, s.width as u64];
        if s.channels == 3 {
            xs.push(3)
        }
        let mut ys = vec![n];
        if layout.labels == LabelKind::MultiHot {
            ys.push(layout.classes as u64)
        }
        let xl = batch.x.len() as u64;
        let tensors = [
            safetensors::Tensor { name: format!("x_{}", split.name), dtype: "U8", shape: xs, bytes: 0..xl },
            safetensors::Tensor {
                name: format!("y_{}", split.name),
                dtype: "U8",
                shape: ys,
                bytes: xl..xl + batch.y.len() as u64,
            },
        ];
        let mut f =
            safetensors::header(&tensors, &BTreeMap::from([("a".to_string(), "b".to_string())])).unwrap();
        f.extend(&batch.x);
        f.extend(&batch.y);
        put(&format!("safetensors/{}.safetensors", split.name), &f);
    }
    let layout = lay.unwrap();
    put(
        "parquet/README.md",
        parquet::card("Probe", &layout, &names, &cards, Some("mit"), "Words.").as_bytes(),
    );
    put("tfrecord/probe/1.0.0/features.json", tfrecord::features_json(&layout).as_bytes());
    put(
        "tfrecord/probe/1.0.0/dataset_info.json",
        tfrecord::dataset_info_json("probe", "words", "MIT", &layout, &tfds).as_bytes(),
    );
    for (n, t) in tfrecord::label_files(&layout, &names) {
        put(&format!("tfrecord/probe/1.0.0/{n}"), t.as_bytes());
    }
}
