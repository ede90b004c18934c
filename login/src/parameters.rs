//! The parameters of a request: a query string or a form, read strictly.
//!
//! Source: RFC 6749 §3.1 and §3.2 (a parameter at most once, an empty one counts as absent,
//! unknown ones are ignored), appendix B (`application/x-www-form-urlencoded`, UTF-8).
//!
//! Absent on purpose: lossy decoding. A bad percent escape or bad UTF-8 refuses the request,
//! because two readers that repair differently are how checks are passed by.

use std::collections::BTreeMap;
use std::fmt;

use crate::limits::PARAMETERS_MAX;

/// Why a query or form cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// More bytes than the endpoint takes.
    #[error("the request is too long")]
    TooLong,
    /// More than [`PARAMETERS_MAX`] parameters.
    #[error("the request has too many parameters")]
    TooMany,
    /// A percent escape or a UTF-8 sequence is broken.
    #[error("the request is not well encoded")]
    Encoding,
}

/// A parameter that we need occurs more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a parameter occurs more than once")]
pub struct Repeated;

/// Decoded parameters by name. `Debug` shows the names alone, as values may be secrets.
#[derive(Clone)]
pub struct Parameters(BTreeMap<String, Slot>);

#[derive(Clone)]
enum Slot {
    Once(String),
    Repeated,
}

impl Parameters {
    /// Reads a raw query string (without `?`) or form body of at most `bytes_max` bytes.
    pub fn parse(raw: &[u8], bytes_max: usize) -> Result<Self, Malformed> {
        if raw.len() > bytes_max {
            return Err(Malformed::TooLong);
        }
        let pieces = || raw.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty());
        if pieces().take(PARAMETERS_MAX + 1).count() > PARAMETERS_MAX {
            return Err(Malformed::TooMany);
        }
        let mut slots = BTreeMap::new();
        for piece in pieces() {
            let split = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
            let name = decode(&piece[..split])?;
            let value = decode(piece.get(split + 1..).unwrap_or_default())?;
            slots
                .entry(name)
                .and_modify(|slot| *slot = Slot::Repeated)
                .or_insert(Slot::Once(value));
        }
        Ok(Self(slots))
    }

    /// The value of a parameter; absent and empty are the same.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Repeated> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Slot::Once(value)) => Ok(Some(value.as_str()).filter(|value| !value.is_empty())),
            Some(Slot::Repeated) => Err(Repeated),
        }
    }

    /// Whether the parameter occurs at all, once or more, with or without a value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Undoes `application/x-www-form-urlencoded`, or says that it cannot.
pub(crate) fn decode(encoded: &[u8]) -> Result<String, Malformed> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(rest.next())?, hex(rest.next())?);
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| Malformed::Encoding)
}

fn hex(digit: Option<u8>) -> Result<u8, Malformed> {
    match digit {
        Some(byte @ b'0'..=b'9') => Ok(byte - b'0'),
        Some(byte @ b'a'..=b'f') => Ok(byte - b'a' + 10),
        Some(byte @ b'A'..=b'F') => Ok(byte - b'A' + 10),
        Some(_) | None => Err(Malformed::Encoding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &str) -> Result<Parameters, Malformed> {
        Parameters::parse(raw.as_bytes(), 1000)
    }

    /// RFC 6749 appendix B, its own example.
    #[test]
    fn the_example_of_the_rfc_decodes() {
        let parameters = parse("x=+%25%26%2B%C2%A3%E2%82%AC").unwrap();
        assert_eq!(parameters.one("x").unwrap(), Some(" %&+£€"));
    }

    #[test]
    fn absent_and_empty_are_the_same_and_repeats_are_refused_when_asked_for() {
        let parameters = parse("a=&b&c=1&c=1&d=x=y&&").unwrap();
        assert_eq!(parameters.one("a"), Ok(None));
        assert_eq!(parameters.one("b"), Ok(None));
        assert_eq!(parameters.one("c"), Err(Repeated));
        assert_eq!(parameters.one("d"), Ok(Some("x=y")));
        assert!(parameters.has("a") && !parameters.has("e"));
    }

    #[test]
    fn broken_input_is_refused() {
        for raw in ["a=%", "a=%4", "a=%zz", "%=1", "a=%ff", "a=%c3%28", "a=%ed%a0%80"] {
            assert_eq!(parse(raw).unwrap_err(), Malformed::Encoding, "{raw}");
        }
        assert_eq!(parse(&"a".repeat(1001)).unwrap_err(), Malformed::TooLong);
        assert_eq!(parse(&"a&".repeat(65)).unwrap_err(), Malformed::TooMany);
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", parse("client_secret=hush").unwrap()), r#"{"client_secret"}"#);
    }
}
