//! Numbers for people.

/// Whole numbers with thousands separated.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes for people.
#[must_use]
pub fn bytes(number: u64) -> String {
    let (mut value, mut prefixes) = (number as f64, ["", "k", "M", "G", "T", "P", "E"].into_iter());
    let mut prefix = prefixes.next().unwrap_or_default();
    while value >= 1000.0 {
        let Some(next) = prefixes.next() else { break };
        (value, prefix) = (value / 1000.0, next);
    }
    if prefix.is_empty() { format!("{number} B") } else { format!("{value:.2} {prefix}B") }
}

/// `1 image`, `2 images`.
#[must_use]
pub fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// The classes of a soft label that have weight, and how much, the greatest first.
#[must_use]
pub fn shares(weights: &[f32]) -> Vec<(usize, f32)> {
    let mut shares: Vec<(usize, f32)> =
        weights.iter().copied().enumerate().filter(|(_, weight)| *weight > 0.0).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    shares
}

/// A class and its weight, to three places: `3 0.7`.
#[must_use]
pub fn share(class: &str, weight: f32) -> String {
    if weight < 0.0005 {
        return format!("{class} <0.001");
    }
    let text = format!("{weight:.3}");
    format!("{class} {}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_labels_are_told_from_their_strongest_class() {
        let told = |weights: &[f32]| {
            let one = |(class, weight): (usize, f32)| share(&class.to_string(), weight);
            shares(weights).into_iter().map(one).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(told(&[0.3, 0.0, 0.7]), "2 0.7, 0 0.3");
        assert_eq!(told(&[0.5, 0.5]), "0 0.5, 1 0.5");
        assert_eq!(told(&[0.0, 1.0]), "1 1");
        assert_eq!(told(&[0.9996, 0.0004]), "0 1, 1 <0.001");
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (360_000, "360,000"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
        for (number, text) in
            [(0, "0 B"), (999, "999 B"), (1_000, "1.00 kB"), (2_345_678, "2.35 MB"), (7 << 40, "7.70 TB")]
        {
            assert_eq!(bytes(number), text);
        }
        assert_eq!(counted(1, "shard"), "1 shard");
        assert_eq!(counted(36, "shard"), "36 shards");
    }
}
