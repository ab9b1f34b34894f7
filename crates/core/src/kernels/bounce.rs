//! Points that move straight and turn back at walls.

use crate::base::math;

/// A point in the unit square that moves by a step a frame and turns back at the sides.
///
/// The generator of Moving MNIST (Srivastava, Mansimov and Salakhutdinov 2015): it moves first and is put back on the side that it left.
#[derive(Clone, Copy, Debug)]
pub struct Bounce {
    place: [f64; 2],
    step: [f64; 2],
}

impl Bounce {
    /// From `place`, its row and column from 0 to 1, into the direction `theta` in radians, by `step` a frame.
    #[must_use]
    pub fn new(place: [f64; 2], theta: f64, step: f64) -> Self {
        Self { place, step: [math::sin(theta) * step, math::cos(theta) * step] }
    }

    /// The place in the next frame, as row and column from 0 to 1.
    pub fn advance(&mut self) -> [f64; 2] {
        for (place, step) in self.place.iter_mut().zip(&mut self.step) {
            *place += *step;
            if *place <= 0.0 {
                (*place, *step) = (0.0, -*step);
            }
            if *place >= 1.0 {
                (*place, *step) = (1.0, -*step);
            }
        }
        self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_turn_back_at_the_sides() {
        let mut point = Bounce::new([0.5, 0.75], 0.0, 0.5);
        let places: Vec<[f64; 2]> = (0..4).map(|_| point.advance()).collect();
        assert_eq!(places, [[0.5, 1.0], [0.5, 0.5], [0.5, 0.0], [0.5, 0.5]]);
    }
}
