//! Letters that count as equal whatever their case.
//!
//! Source: ECMA-262 §22.2.2.7.3 Canonicalize.

use std::sync::OnceLock;

/// No character above has a case.
const CASED_MAX: u32 = 0x1_e943;

/// The character that stands for all its cases.
#[inline]
pub(super) fn fold(code: u32, unicode: bool) -> u32 {
    if code < 0x80 {
        let is_to_change =
            if unicode { (0x41..=0x5a).contains(&code) } else { (0x61..=0x7a).contains(&code) };
        return if is_to_change { code ^ 0x20 } else { code };
    }
    fold_beyond_ascii(code, unicode)
}

fn fold_beyond_ascii(code: u32, unicode: bool) -> u32 {
    let Some(c) = char::from_u32(code).filter(|_| code <= CASED_MAX) else { return code };
    let upper = only(c.to_uppercase()).unwrap_or(c);
    if unicode {
        // Dotless i folds to itself; its capital is an ordinary I.
        return if code == 0x131 {
            code
        } else {
            u32::from(only(upper.to_lowercase()).unwrap_or(upper))
        };
    }
    // Nothing outside of ASCII may become ASCII.
    if upper.is_ascii() { code } else { u32::from(upper) }
}

fn only(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next()?;
    mapped.next().is_none().then_some(first)
}

/// Every character that folds to another one, and that one.
pub(super) fn folding(unicode: bool) -> &'static [(u32, u32)] {
    static TABLES: [OnceLock<Vec<(u32, u32)>>; 2] = [OnceLock::new(), OnceLock::new()];
    TABLES[usize::from(unicode)].get_or_init(|| {
        let all = (0..=CASED_MAX).map(|code| (code, fold(code, unicode)));
        all.filter(|(code, folded)| code != folded).collect()
    })
}
