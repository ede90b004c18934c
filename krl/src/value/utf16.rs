//! Text counted in UTF-16 units, with a fast path for ASCII.
//!
//! A cut through the middle of a surrogate pair leaves U+FFFD: text here is UTF-8, which has no
//! lone surrogates.

use std::borrow::Cow;

/// How many units text has.
pub fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// The units from `start` to `end`, both within the text.
pub fn slice(text: &str, start: usize, end: usize) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(&text[start.min(text.len())..end.min(text.len())]);
    }
    let units: Vec<u16> = text.encode_utf16().skip(start).take(end - start).collect();
    Cow::Owned(String::from_utf16_lossy(&units))
}

/// The unit at which a byte offset stands.
pub fn index_of(text: &str, byte: usize) -> usize {
    length(&text[..byte])
}

/// How many symbols a reader sees, by the count that `length` uses: a combining mark, a variation
/// selector, a flag and a joined emoji count with what they belong to.
///
/// Source: lodash 4.17 (`_.size` of a string).
pub fn symbols(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let chars: Vec<char> = text.chars().collect();
    if !chars.iter().any(|c| *c > '\u{FFFF}' || *c == '\u{200D}' || is_mark(*c) || is_selector(*c))
    {
        return chars.len();
    }
    let at = |place: usize| chars.get(place).copied().unwrap_or('\0');
    let (mut place, mut count) = (0, 0);
    while place < chars.len() {
        count += 1;
        if is_skin(at(place)) && is_skin(at(place + 1)) {
            place += 1;
            continue;
        }
        place = modifiers(&at, symbol(&at, place));
        while at(place) == '\u{200D}' && place + 1 < chars.len() {
            place = modifiers(&at, base(&at, place + 1));
        }
    }
    count
}

fn symbol(at: &impl Fn(usize) -> char, place: usize) -> usize {
    let next = base(at, place);
    next + usize::from(at(place) <= '\u{FFFF}' && is_mark(at(next)))
}

fn base(at: &impl Fn(usize) -> char, place: usize) -> usize {
    let is_flag = |c: char| ('\u{1F1E6}'..='\u{1F1FF}').contains(&c);
    place + if is_flag(at(place)) && is_flag(at(place + 1)) { 2 } else { 1 }
}

fn modifiers(at: &impl Fn(usize) -> char, place: usize) -> usize {
    let place = place + usize::from(is_selector(at(place)));
    place + usize::from(is_mark(at(place)) || is_skin(at(place)))
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{FE20}'..='\u{FE2F}' | '\u{20D0}'..='\u{20FF}')
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE0E}' | '\u{FE0F}')
}

fn is_skin(c: char) -> bool {
    ('\u{1F3FB}'..='\u{1F3FF}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_symbols_differ() {
        for (text, units, count) in [
            ("abc", 3, 3),
            ("é€", 2, 2),
            ("a👍b", 4, 3),
            ("👩‍👩‍👧", 8, 1),
            ("e\u{301}x", 3, 2),
            ("🇩🇪🇫🇷", 8, 2),
        ] {
            assert_eq!((length(text), symbols(text)), (units, count), "{text}");
        }
        assert_eq!(slice("a👍b", 0, 2), "a\u{FFFD}");
        assert_eq!(slice("a👍b", 1, 4), "👍b");
    }
}
