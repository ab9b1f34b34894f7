//! Compositions: images a second on one core, and rendering alone, with hashing, on two.

use std::sync::Arc;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use mnistaug::internals::{Backgrounds, Batch, BuiltinDigits, Colorize, Renderer, pool};
use mnistaug_core::base::{Fault, Image, Label, Pass, Reader, Sample, Schema, Source};
use mnistaug_core::kernels::colorize::{Span, ink_over, stretch};
use mnistaug_core::recipe::colorize::Options;

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

/// Digits that lie in memory, as those of an IDX file do.
struct InMemory {
    schema: Schema,
    pixels: Vec<u8>,
}

impl InMemory {
    fn digits(count: u64) -> Self {
        let digits = BuiltinDigits::new("train", count);
        let (mut reader, mut sample) = (digits.reader(), Sample::default());
        let mut pixels = Vec::new();
        for index in 0..count {
            reader.read(index, &mut sample).expect("digits are drawn");
            pixels.extend(sample.canvas.pixels());
        }
        Self { schema: digits.schema().clone(), pixels }
    }
}

impl Source for InMemory {
    fn len(&self) -> u64 {
        (self.pixels.len() / self.schema.shape.bytes()) as u64
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(InMemoryReader(self))
    }
}

struct InMemoryReader<'a>(&'a InMemory);

impl Reader for InMemoryReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let shape = self.0.schema.shape;
        let at = index as usize * shape.bytes();
        sample.canvas.load(Image::new(shape, &self.0.pixels[at..at + shape.bytes()]));
        sample.label = Label::Class((index % 10) as u8);
        sample.origin = index;
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        Ok(Label::Class((index % 10) as u8))
    }
}

/// A shard of 12,000 colored digits, rendered and hashed on two threads.
#[divan::bench]
fn render_on_two_threads(bencher: Bencher<'_, '_>) {
    let digits = Arc::new(InMemory::digits(2000));
    let backgrounds = Backgrounds::load(None, false).expect("the built-in backgrounds");
    let (colorize, _) =
        Colorize::new(digits, "train", &backgrounds, Options::default()).expect("gray digits can be colored");
    let renderer = Renderer::new(&colorize);
    let pool = pool(2).expect("two threads");
    let mut batch = Batch::default();
    let pass = Pass::default();
    bencher.counter(ItemsCount::new(12_000_u32)).bench_local(|| {
        pool.install(|| renderer.render(0, 12_000, &mut batch, &pass)).expect("rendering does not fail");
    });
}
