//! Tests of what arrays look like and how they are read back.

use super::*;

/// Two images of 1x2x3 and the classes 2 and 0.
fn batch() -> (Batch, Layout) {
    let layout = Layout::plain(Shape::rgb(1, 2), LabelKind::Class, 3);
    let mut batch = Batch::default();
    batch.reset(&layout, 2);
    batch.x = vec![0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 255];
    batch.y = vec![2, 0];
    (batch, layout)
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}

#[test]
fn axes_follow_the_options() {
    let color = Shape::rgb(2, 5);
    let gray = Shape::gray(2, 5);
    let of = |change: fn(&mut Arrays), shape| {
        let mut arrays = Arrays::PLAIN;
        change(&mut arrays);
        arrays.x_axes(&Layout { shape, ..batch().1 })
    };
    assert_eq!(of(|_| {}, gray), [2, 5]);
    assert_eq!(of(|_| {}, color), [2, 5, 3]);
    assert_eq!(of(|a| a.add_channel = true, gray), [2, 5, 1]);
    assert_eq!(of(|a| a.channels_first = true, color), [3, 2, 5]);
    assert_eq!(of(|a| a.channels_first = true, gray), [1, 2, 5]);
    assert_eq!(of(|a| (a.channels_first, a.add_channel) = (true, true), gray), [1, 2, 5]);
    assert_eq!(of(|a| a.flatten = true, color), [30]);
}

#[test]
fn frames_stand_in_front_of_rows() {
    let (batch, layout) = batch();
    // Two frames of 1x1x3 in each image.
    let layout = Layout { shape: Shape::rgb(2, 1), frames: Some(2), ..layout };
    let arrays = Arrays { channels_first: true, ..Arrays::PLAIN };
    assert_eq!(arrays.x_axes(&layout), [2, 3, 1, 1]);
    assert_eq!(Arrays::PLAIN.x_axes(&layout), [2, 1, 1, 3]);
    assert_eq!(layout.x_axes(), [2, 1, 1, 3]);
    let (constants, mut room) = (Moments::default().constants(None, 3), Vec::new());
    let x = arrays.x(&batch, &layout, &constants, &mut room).to_vec();
    // Of one pixel each, planes are what pixels are.
    assert_eq!(x, batch.x);
    let layout = Layout { shape: Shape::rgb(2, 2), frames: Some(2), ..layout };
    let x = arrays.x(&batch, &layout, &constants, &mut room).to_vec();
    assert_eq!(x, [0, 30, 10, 40, 20, 50, 60, 90, 70, 100, 80, 255]);
    let split = SplitOf { name: "train", rows: 1, layout: &layout };
    let columns = arrays.columns(Path::new("x"), &split, None, |array| {
        Ok(Spool::Memory(if array.part == Part::X { x.clone() } else { vec![2] }.into()))
    });
    let columns = columns.unwrap();
    let mut back = vec![0; 12];
    columns.x.read_at(0, &mut back).unwrap();
    assert_eq!(back, batch.x);
}

#[test]
fn channels_first_puts_planes_one_after_the_other() {
    let (batch, layout) = batch();
    let arrays = Arrays { channels_first: true, ..Arrays::PLAIN };
    let constants = Moments::default().constants(None, 3);
    let mut room = Vec::new();
    let x = arrays.x(&batch, &layout, &constants, &mut room);
    assert_eq!(x, [0, 30, 10, 40, 20, 50, 60, 90, 70, 100, 80, 255]);
}

#[test]
fn scales_are_what_numpy_computes() {
    let (batch, layout) = batch();
    let mut moments = Moments::default();
    moments.take(&batch.x[..6], 3);
    let mut rest = Moments::default();
    rest.take(&batch.x[6..], 3);
    moments.add(&rest);
    let scaled = |scale| {
        let arrays = Arrays { dtype: Dtype::F32, scale, ..Arrays::PLAIN };
        let constants = moments.constants(scale, 3);
        let mut room = Vec::new();
        floats(arrays.x(&batch, &layout, &constants, &mut room))
    };
    let of = |f: fn(f64) -> f64| batch.x.iter().map(|&v| f(f64::from(v)) as f32).collect::<Vec<_>>();
    assert_eq!(scaled(None), of(|v| v));
    assert_eq!(scaled(Some(Scale::Unit)), of(|v| v / 255.0));
    assert_eq!(scaled(Some(Scale::Minmax)), of(|v| v / 255.0));
    // numpy: x.reshape(-1, 3).mean(0) == [45, 55, 101.25], .std(0) == [33.54102, 33.54102, 91.16...]
    let constants = moments.constants(Some(Scale::Standardize), 3);
    assert_eq!(constants.subtract, [45.0, 55.0, 101.25]);
    let variance =
        [20.0_f64, 50.0, 80.0, 255.0].map(|v| (v - 101.25) * (v - 101.25)).iter().sum::<f64>() / 4.0;
    assert!((constants.divide[2] - variance.sqrt() - 1e-6).abs() < 1e-9);
    assert!((scaled(Some(Scale::Standardize))[0] + 45.0 / 33.541_02).abs() < 1e-5);
    let own = scaled(Some(Scale::Samplewise));
    for image in own.chunks(6) {
        assert!(image.iter().sum::<f32>().abs() < 1e-5);
        assert!((image.iter().map(|v| v * v).sum::<f32>() / 6.0 - 1.0).abs() < 1e-5);
    }
}

#[test]
fn labels_become_rows() {
    let (batch, layout) = batch();
    let y = |arrays: Arrays| {
        let mut out = Vec::new();
        arrays.append_y(&batch, &layout, &mut out);
        out
    };
    assert_eq!(y(Arrays::PLAIN), [2, 0]);
    assert_eq!(y(Arrays { one_hot: true, ..Arrays::PLAIN }), [0, 0, 1, 1, 0, 0]);
    let float = y(Arrays { one_hot: true, dtype: Dtype::F32, ..Arrays::PLAIN });
    assert_eq!(floats(&float), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
}

#[test]
fn what_cannot_be_said_is_refused() {
    let of = |options: Options| Arrays::of("npz", &options, None);
    assert_eq!(of(Options::default()), Ok(Arrays::PLAIN));
    let scaled = Options { scale: Some(Scale::Unit), ..Options::default() };
    assert!(of(scaled.clone()).unwrap_err().help.contains("--dtype f32"));
    assert!(of(Options { dtype: Some(Dtype::F32), ..scaled }).is_ok());
    assert!(of(Options { flatten: true, channels_first: true, ..Options::default() }).is_err());
}

/// Whatever arrays look like, they are read back as they were.
#[test]
fn all_forms_are_read_back() {
    let (batch, layout) = batch();
    let mut moments = Moments::default();
    moments.take(&batch.x, 3);
    let spool = |bytes: &[u8]| Spool::Memory(bytes.to_vec().into());
    for dtype in [Dtype::U8, Dtype::F32, Dtype::F64] {
        for scale in [None, Some(Scale::Unit), Some(Scale::Minmax), Some(Scale::Standardize)] {
            for (one_hot, channels_first) in [(false, false), (true, true)] {
                if dtype == Dtype::U8 && scale.is_some() {
                    continue;
                }
                let arrays = Arrays { dtype, scale, one_hot, channels_first, ..Arrays::PLAIN };
                let constants = moments.constants(scale, 3);
                let (mut room, mut y) = (Vec::new(), Vec::new());
                let x = spool(arrays.x(&batch, &layout, &constants, &mut room));
                arrays.append_y(&batch, &layout, &mut y);
                let split = SplitOf { name: "train", rows: 2, layout: &layout };
                let columns = arrays.columns(Path::new("x"), &split, Some(&constants), |array| {
                    Ok(if array.part == Part::X { x.clone() } else { spool(&y) })
                });
                let columns = columns.unwrap();
                let (mut x, mut y) = (vec![0; batch.x.len()], vec![0; 2]);
                columns.x.read_at(0, &mut x).unwrap();
                columns.y.read_at(0, &mut y).unwrap();
                assert_eq!((&x, &y), (&batch.x, &batch.y), "{arrays:?}");
            }
        }
    }
}
