//! Compositions: images a second on one core.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use mnistaug::kernels::colorize::{Span, ink_over, stretch};

fn main() {
    divan::main();
}

fn spans() -> [Span; 3] {
    [Span::between(3.25, 250.5), Span::between(100.0, 20.0), Span::between(0.5, 99.0)]
}

#[divan::bench]
fn stretch_28x28(bencher: Bencher<'_, '_>) {
    let levels: Vec<f32> = (0..2352).map(|i| (i % 100) as f32 / 99.0).collect();
    let mut out = vec![0; 2352];
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| stretch(black_box(&levels), spans(), &mut out));
}

#[divan::bench]
fn ink_150_pixels(bencher: Bencher<'_, '_>) {
    let ink: Vec<(u32, u8)> = (0..150).map(|i| (i * 5, (i * 3 + 1) as u8)).collect();
    let mut out = vec![0; 2352];
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| ink_over(black_box(&ink), spans(), &mut out));
}
