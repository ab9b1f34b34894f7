//! Hue, saturation and value of 0..1, as scikit-image converts them.

/// Hue, saturation and value of red, green and blue.
#[must_use]
pub fn hsv_of_rgb([r, g, b]: [f64; 3]) -> [f64; 3] {
    let value = r.max(g).max(b);
    let delta = value - r.min(g).min(b);
    if delta == 0.0 {
        return [0.0, 0.0, value];
    }
    let sixths = if b == value {
        4.0 + (r - g) / delta
    } else if g == value {
        2.0 + (b - r) / delta
    } else {
        (g - b) / delta
    };
    let hue = sixths / 6.0;
    [hue - hue.floor(), delta / value, value]
}

/// Red, green and blue of hue, saturation and value.
#[must_use]
pub fn rgb_of_hsv([h, s, v]: [f64; 3]) -> [f64; 3] {
    let sector = (h * 6.0).floor();
    let f = h * 6.0 - sector;
    let p = v * (1.0 - s);
    let q = v * (1.0 - f * s);
    let t = v * (1.0 - (1.0 - f) * s);
    match (sector as i32).rem_euclid(6) {
        0 => [v, t, p],
        1 => [q, v, p],
        2 => [p, v, t],
        3 => [p, q, v],
        4 => [t, p, v],
        _ => [v, p, q],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_come_back() {
        let near = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near(hsv_of_rgb([0.2, 0.6, 0.4]), [2.5 / 6.0, 2.0 / 3.0, 0.6]));
        assert_eq!(hsv_of_rgb([0.3; 3]), [0.0, 0.0, 0.3]);
        for i in 0..1000 {
            let rgb = [i % 10, i / 10 % 10, i / 100].map(|v| f64::from(v) / 9.0);
            let again = rgb_of_hsv(hsv_of_rgb(rgb));
            assert!(near(rgb, again), "{rgb:?} {again:?}");
        }
    }
}
