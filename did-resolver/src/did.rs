//! DIDs and DID URLs: the syntax, and nothing about what they lead to.
//!
//! Source: W3C DID Core 1.0 §3.1 and §3.2; RFC 0160 for unqualified DIDs.
//!
//! Absent on purpose: percent decoding and normalisation. Two DIDs are equal when their bytes are.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Error, encoding};

/// Longest DID that we accept, in bytes. A did:peer:4 carries a document; base58 costs the square.
pub const DID_BYTES_MAX: usize = 8 * 1024;
/// Longest DID URL that we accept, in bytes.
pub const DID_URL_BYTES_MAX: usize = DID_BYTES_MAX + 1024;

/// A decentralized identifier: `did:method:…`, or the unqualified form of RFC 0160.
///
/// An unqualified DID is the base58 of 16 to 22 bytes (Indy: the first 16 bytes of a key); a raw
/// key of 32 bytes is therefore never taken for one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Did(String);

impl Did {
    /// The method's name; empty for an unqualified DID.
    #[must_use]
    pub fn method(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// The part after `did:method:`; the whole of an unqualified DID.
    #[must_use]
    pub fn method_specific_id(&self) -> &str {
        self.0.splitn(3, ':').nth(2).unwrap_or(&self.0)
    }

    /// Whether this is a DID without `did:method:` in front (RFC 0160).
    #[must_use]
    pub fn is_unqualified(&self) -> bool {
        !self.0.contains(':')
    }

    /// The DID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The absolute DID URL of a fragment given without its `#`.
    #[must_use]
    pub fn with_fragment(&self, fragment: &str) -> String {
        format!("{}#{fragment}", self.0)
    }

    fn check(text: &str) -> Result<(), Error> {
        if text.len() > DID_BYTES_MAX {
            return Err(Error::TooLarge { what: "bytes of a DID", max: DID_BYTES_MAX });
        }
        let Some(rest) = text.strip_prefix("did:") else {
            return match encoding::base58(text, 32) {
                Some(bytes) if (16..=22).contains(&bytes.len()) => Ok(()),
                Some(_) | None => Err(Error::MalformedDid("neither `did:` nor an unqualified DID")),
            };
        };
        let (method, id) = rest.split_once(':').ok_or(Error::MalformedDid("no method"))?;
        let is_method = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if method.is_empty() || !method.bytes().all(is_method) {
            return Err(Error::MalformedDid("bad method name"));
        }
        if id.is_empty() || id.ends_with(':') {
            return Err(Error::MalformedDid("empty method-specific id"));
        }
        if !is_id(id.as_bytes()) {
            return Err(Error::MalformedDid("character that is not allowed in a DID"));
        }
        Ok(())
    }
}

/// DID Core §3.1: `idchar` is a letter, a digit, `.`, `-`, `_` or a percent triplet; `:` separates.
fn is_id(mut bytes: &[u8]) -> bool {
    while let [first, rest @ ..] = bytes {
        bytes = match (first, rest) {
            (b'%', [a, b, rest @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => rest,
            (b'.' | b'-' | b'_' | b':', _) => rest,
            (byte, _) if byte.is_ascii_alphanumeric() => rest,
            _ => return false,
        };
    }
    true
}

impl FromStr for Did {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::check(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<&str> for Did {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

impl TryFrom<String> for Did {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::check(&text)?;
        Ok(Self(text))
    }
}

impl From<Did> for String {
    fn from(did: Did) -> Self {
        did.0
    }
}

impl AsRef<str> for Did {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A DID URL, split into its parts; each part is given without its delimiter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DidUrl {
    /// The DID.
    pub did: Did,
    /// The path, with its leading `/`; empty when there is none.
    pub path: String,
    /// The query, without `?`.
    pub query: Option<String>,
    /// The fragment, without `#`.
    pub fragment: Option<String>,
}

impl FromStr for DidUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.len() > DID_URL_BYTES_MAX {
            return Err(Error::TooLarge { what: "bytes of a DID URL", max: DID_URL_BYTES_MAX });
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::MalformedDidUrl("character that is not allowed in a URL"));
        }
        let (rest, fragment) = split_off(text, '#');
        let (rest, query) = split_off(rest, '?');
        let path_at = rest.find('/').unwrap_or(rest.len());
        let (did, path) = rest.split_at(path_at);
        if fragment.is_some_and(|fragment| fragment.contains('#')) {
            return Err(Error::MalformedDidUrl("two fragments"));
        }
        Ok(Self {
            did: did.parse()?,
            path: path.to_owned(),
            query: query.map(str::to_owned),
            fragment: fragment.map(str::to_owned),
        })
    }
}

fn split_off(text: &str, delimiter: char) -> (&str, Option<&str>) {
    text.split_once(delimiter).map_or((text, None), |(before, after)| (before, Some(after)))
}

impl fmt::Display for DidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.did, self.path)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        if let Some(fragment) = &self.fragment {
            write!(f, "#{fragment}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualified_and_unqualified_dids_are_read() {
        let did: Did = "did:web:example.com%3A8080:a:b".parse().unwrap();
        assert_eq!((did.method(), did.is_unqualified()), ("web", false));
        assert_eq!(did.method_specific_id(), "example.com%3A8080:a:b");
        let did: Did = "WgWxqztrNooG92RXvxSTWv".parse().unwrap();
        assert_eq!((did.method(), did.is_unqualified()), ("", true));
        assert_eq!(did.method_specific_id(), "WgWxqztrNooG92RXvxSTWv");
    }

    #[test]
    fn text_that_is_no_did_is_refused() {
        let long = format!("did:x:{}", "a".repeat(DID_BYTES_MAX));
        for text in [
            "",
            "did",
            "did:",
            "did:x",
            "did:x:",
            "did:x:a:",
            "did::a",
            "DID:x:a",
            "did:X:a",
            "did:x:ü",
            "did:x:a b",
            "did:x:a/b",
            "did:x:a#b",
            "did:x:a@b",
            "did:x:%",
            "did:x:%2",
            "did:x:%zz",
            "did:x:a\0",
            "http://a",
            "8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7K",
            "I0Ol",
            &long,
        ] {
            assert!(text.parse::<Did>().is_err(), "{text:.40}");
            assert!(serde_json::from_value::<Did>(text.into()).is_err(), "{text:.40}");
        }
    }

    #[test]
    fn a_did_url_is_split_and_put_together_again() {
        for text in ["did:x:a/p?q=1#f", "did:x:a#f", "did:x:a?q", "did:x:a", "did:x:a#f?/"] {
            let url: DidUrl = text.parse().unwrap();
            assert_eq!((url.did.as_str(), url.to_string().as_str()), ("did:x:a", text));
        }
        for text in ["#f", "/p", "did:x:a#b#c", "did:x:a# ", "did:x:a#\u{e9}"] {
            assert!(text.parse::<DidUrl>().is_err(), "{text}");
        }
    }
}
