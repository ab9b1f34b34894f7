//! Reusable buffers for kernels that need room to work in.

/// A pool of typed buffers, one pool per worker.
///
/// A kernel takes what it needs and gives it back, so that after the first image nothing is
/// allocated any more. Buffers come back with the asked length and unspecified content
/// (whatever the last user left, or zeros); a kernel that relies on zeros must fill them. Pools are stacks: what was taken last
/// is given back first, so that a buffer meets the same use, and the same size, with every image.
#[derive(Debug, Default)]
pub struct Scratch {
    u8s: Vec<Vec<u8>>,
    i16s: Vec<Vec<i16>>,
    u16s: Vec<Vec<u16>>,
    u64s: Vec<Vec<u64>>,
    i32s: Vec<Vec<i32>>,
    f32s: Vec<Vec<f32>>,
    f64s: Vec<Vec<f64>>,
}

macro_rules! pool {
    ($take:ident, $give:ident, $field:ident, $ty:ty, $zero:expr) => {
        #[doc = concat!("Takes a buffer of `len` values of `", stringify!($ty), "`; give it back when done.")]
        #[must_use]
        pub fn $take(&mut self, len: usize) -> Vec<$ty> {
            let mut buffer = self.$field.pop().unwrap_or_default();
            buffer.resize(len, $zero);
            buffer
        }

        #[doc = concat!("Gives a buffer of `", stringify!($ty), "` back to the pool.")]
        pub fn $give(&mut self, buffer: Vec<$ty>) {
            self.$field.push(buffer);
        }
    };
}

impl Scratch {
    pool!(take_u8, give_u8, u8s, u8, 0);
    pool!(take_i16, give_i16, i16s, i16, 0);
    pool!(take_u16, give_u16, u16s, u16, 0);
    pool!(take_u64, give_u64, u64s, u64, 0);
    pool!(take_i32, give_i32, i32s, i32, 0);
    pool!(take_f32, give_f32, f32s, f32, 0.0);
    pool!(take_f64, give_f64, f64s, f64, 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_that_came_back_is_handed_out_again() {
        let mut scratch = Scratch::default();
        let first = scratch.take_f32(100);
        let place = first.as_ptr();
        scratch.give_f32(first);
        let second = scratch.take_f32(60);
        assert_eq!(second.len(), 60);
        assert_eq!(second.as_ptr(), place);
    }
}
