//! Percent encoding as JavaScript has it: `decodeURIComponent`, and what Express makes of a URL.

/// Reads `%xx`; `None` where JavaScript throws: a lone `%`, or bytes that are no UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let (bytes, is_whole) = decode_bytes(text);
    if is_whole { String::from_utf8(bytes).ok() } else { None }
}

/// As a form has it: `+` is a blank.
pub(super) fn decode_form(text: &str) -> Result<String, String> {
    let text = text.replace('+', " ");
    decode(&text).ok_or(text)
}

/// The bytes of a text, and whether each `%` in it began an escape.
pub(super) fn decode_bytes(text: &str) -> (Vec<u8>, bool) {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut rest, mut is_whole) = (text.as_bytes(), true);
    while let Some((first, after)) = rest.split_first() {
        match (*first, escaped(after)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (byte, _) => {
                is_whole &= byte != b'%';
                bytes.push(byte);
                rest = after;
            }
        }
    }
    (bytes, is_whole)
}

/// The byte that two hexadecimal digits name.
fn escaped(after: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// A URL for the `Location` header: what is escaped stays, what may not stand in a URL is escaped.
pub(super) fn encode_url(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    for (at, byte) in url.bytes().enumerate() {
        let is_plain = match byte {
            b'%' => escaped(url.as_bytes().get(at + 1..).unwrap_or_default()).is_some(),
            0x21 | 0x23..=0x3B | 0x3D | 0x3F..=0x5F | 0x61..=0x7A | b'|' | b'~' => true,
            _ => false,
        };
        if is_plain {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_javascript_reads_them() {
        assert_eq!(decode("a%20b%C3%A9+").as_deref(), Some("a b\u{e9}+"));
        for bad in ["%", "%4", "%zz", "%E0%A4%A", "%ff"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        assert_eq!(decode_form("a+%2B").as_deref(), Ok("a +"));
        assert_eq!(decode_form("a+%zz"), Err("a %zz".to_owned()));
    }

    #[test]
    fn a_location_is_a_url() {
        assert_eq!(encode_url("/there?x=\u{e9} y&z=%20%zz"), "/there?x=%C3%A9%20y&z=%20%25zz");
        assert_eq!(encode_url("http://h/[a]|~\"<>{}"), "http://h/[a]|~%22%3C%3E%7B%7D");
    }
}
