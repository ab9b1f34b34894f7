//! Addresses without what only their owner should know.

use std::borrow::Cow;

/// A text in which user names and passwords in addresses, and what stands behind a question mark in them, are stars: `http://***@host/x?***`.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\' | '`');
        let address = &after[..after.find(ends).unwrap_or(after.len())];
        rest = &after[address.len()..];
        let (place, query) =
            address.split_once('?').map_or((address, None), |(place, query)| (place, Some(query)));
        let host_end = place.find(['/', '#']).unwrap_or(place.len());
        match place[..host_end].rfind('@') {
            Some(user) => {
                out.push_str("***");
                out.push_str(&place[user..]);
            }
            // A password may hold a slash, though it should not.
            None if place.split('/').next().is_some_and(|host| host.contains(':')) && place.contains('@') => {
                let user = place.rfind('@').unwrap_or(0);
                out.push_str("***");
                out.push_str(&place[user..]);
            }
            None => out.push_str(place),
        }
        if let Some(query) = query {
            out.push('?');
            // What follows an address in a sentence is no part of it.
            let tail = query.trim_end_matches(['.', ',', ';', ':', ')', '\'']).len();
            out.push_str(if tail == 0 { "" } else { "***" });
            out.push_str(&query[tail..]);
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_stars() {
        for (text, shown) in [
            ("http://user:s3cret@127.0.0.1:1/a.gz: failed", "http://***@127.0.0.1:1/a.gz: failed"),
            (
                "see https://token@h.example, and http://h.example/x.",
                "see https://***@h.example, and http://h.example/x.",
            ),
            ("https://h/x?sig=abc&t=1: no", "https://h/x?***: no"),
            ("\"http://a:b@c/d\",\"e@f\"", "\"http://***@c/d\",\"e@f\""),
            ("http://u:p/w@host/x", "http://***@host/x"),
            ("s3://bucket/key", "s3://bucket/key"),
            ("a@b.c: no address", "a@b.c: no address"),
            ("file:///a/b@c", "file:///a/b@c"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }
}
