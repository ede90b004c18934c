//! The `*` wildcard of a query.
//!
//! Source: RFC 0557 §queries. `*` stands for any text, also none; nothing else is special.

/// Whether `id` matches `pattern`, where `*` stands for any text.
///
/// Each star remembers one place to come back to, so the work is at most the product of both
/// lengths, whatever the pattern.
#[must_use]
pub fn matches(pattern: &str, id: &str) -> bool {
    let (pattern, id) = (pattern.as_bytes(), id.as_bytes());
    let (mut p, mut i) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while i < id.len() {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            retry = Some((p, i));
        } else if pattern.get(p) == id.get(i) {
            p += 1;
            i += 1;
        } else if let Some((after_star, start)) = retry {
            // Let the last star take one byte more.
            p = after_star;
            i = start + 1;
            retry = Some((after_star, i));
        } else {
            return false;
        }
    }
    pattern.iter().skip(p).all(|byte| *byte == b'*')
}
