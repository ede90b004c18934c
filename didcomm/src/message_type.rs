//! The type of a message: which protocol, which version, which message.
//!
//! Sources: RFC 0003 §Message Type and Protocol Identifier URIs, RFC 0348, DIDComm v2 §Message Types.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

/// The prefix of the community's protocols, as we write it.
const DIDCOMM_ORG: &str = "https://didcomm.org/";
/// The same prefix as agents of AIP 1.0 write it (RFC 0348).
const DID_SOV: &str = "did:sov:BzCbsNYhMrjHiqZDTUASHg;spec/";
/// Longest message type URI.
const TYPE_BYTES_MAX: usize = 255;

/// A message type URI, taken apart.
///
/// `did:sov:BzCbsNYhMrjHiqZDTUASHg;spec/x/1.0/y` and `https://didcomm.org/x/1.0/y` are one value.
///
/// ```
/// use picomesh_didcomm::MessageType;
/// let old: MessageType = "did:sov:BzCbsNYhMrjHiqZDTUASHg;spec/trust_ping/1.0/ping".parse()?;
/// assert_eq!(old, MessageType::new("trust_ping", (1, 0), "ping"));
/// assert_eq!(old.to_string(), "https://didcomm.org/trust_ping/1.0/ping");
/// # Ok::<(), picomesh_didcomm::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageType {
    /// What stands before the protocol's name, slash included (`https://didcomm.org/`).
    pub prefix: String,
    /// The protocol's name.
    pub protocol: String,
    /// Major version: another one is another protocol.
    pub major: u16,
    /// Minor version: a higher one is understood in part (RFC 0003 §Semver Rules).
    pub minor: u16,
    /// The message's name within the protocol.
    pub name: String,
}

impl MessageType {
    /// A message type of the community (`https://didcomm.org/`).
    #[must_use]
    pub fn new(protocol: &str, version: (u16, u16), name: &str) -> Self {
        Self {
            prefix: DIDCOMM_ORG.to_owned(),
            protocol: protocol.to_owned(),
            major: version.0,
            minor: version.1,
            name: name.to_owned(),
        }
    }

    /// Whether this is a message of the community's `protocol` in this major version.
    ///
    /// The same name under someone else's prefix is another protocol.
    #[must_use]
    pub fn is(&self, protocol: &str, major: u16) -> bool {
        self.prefix == DIDCOMM_ORG && self.protocol == protocol && self.major == major
    }

    /// The protocol identifier URI, e.g. `https://didcomm.org/trust_ping/1.0`.
    #[must_use]
    pub fn protocol_uri(&self) -> String {
        format!("{}{}/{}.{}", self.prefix, self.protocol, self.major, self.minor)
    }

    /// The URI as an agent of AIP 1.0 expects it, with the prefix of RFC 0348.
    #[must_use]
    pub fn to_legacy_string(&self) -> String {
        let uri = self.to_string();
        match uri.strip_prefix(DIDCOMM_ORG) {
            Some(rest) => format!("{DID_SOV}{rest}"),
            None => uri,
        }
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefix, protocol, major, minor, name } = self;
        write!(f, "{prefix}{protocol}/{major}.{minor}/{name}")
    }
}

impl FromStr for MessageType {
    type Err = Error;

    fn from_str(uri: &str) -> Result<Self, Error> {
        if uri.len() > TYPE_BYTES_MAX {
            return Err(Error::Type);
        }
        let mut parts = uri.rsplitn(4, '/');
        let (Some(name), Some(version), Some(protocol), Some(prefix)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Error::Type);
        };
        let (major, minor) = version.split_once('.').ok_or(Error::Type)?;
        if !is_word(name) || !is_word(protocol) || !prefix.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Error::Type);
        }
        let prefix = format!("{prefix}/");
        Ok(Self {
            prefix: if prefix == DID_SOV { DIDCOMM_ORG.to_owned() } else { prefix },
            protocol: protocol.to_owned(),
            major: number(major)?,
            minor: number(minor)?,
            name: name.to_owned(),
        })
    }
}

impl Serialize for MessageType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MessageType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let uri = String::deserialize(deserializer)?;
        uri.parse().map_err(serde::de::Error::custom)
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// A version number without sign, spaces or leading zeros, so that equal values are equal texts.
fn number(text: &str) -> Result<u16, Error> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().map_err(|_| Error::Type) } else { Err(Error::Type) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_prefixes_are_one_type() {
        let new: MessageType = "https://didcomm.org/connections/1.0/request".parse().unwrap();
        let old: MessageType =
            "did:sov:BzCbsNYhMrjHiqZDTUASHg;spec/connections/1.0/request".parse().unwrap();
        assert_eq!(new, old);
        assert_eq!(old.to_string(), "https://didcomm.org/connections/1.0/request");
        assert_eq!(
            new.to_legacy_string(),
            "did:sov:BzCbsNYhMrjHiqZDTUASHg;spec/connections/1.0/request"
        );
        assert!(new.is("connections", 1) && !new.is("connections", 2));
    }

    #[test]
    fn another_prefix_is_another_protocol() {
        let other: MessageType = "https://example.org/a/b/connections/1.0/request".parse().unwrap();
        assert_eq!(other.prefix, "https://example.org/a/b/");
        assert!(!other.is("connections", 1));
        assert_eq!(other.to_string(), other.to_legacy_string());
    }

    #[test]
    fn a_minor_version_and_a_far_major_version_parse() {
        let kind: MessageType = "https://didcomm.org/trust_ping/99.7/ping".parse().unwrap();
        assert_eq!((kind.major, kind.minor), (99, 7));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        let long = format!("https://didcomm.org/{}/1.0/x", "a".repeat(300));
        for text in [
            "",
            "ping",
            "trust_ping/1.0/ping",
            "https://didcomm.org/trust_ping/1/ping",
            "https://didcomm.org/trust_ping/1.0.0/ping",
            "https://didcomm.org/trust_ping/01.0/ping",
            "https://didcomm.org/trust_ping/+1.0/ping",
            "https://didcomm.org/trust_ping/1.70000/ping",
            "https://didcomm.org/trust_ping/1.0/",
            "https://didcomm.org//1.0/ping",
            "https://didcomm.org/trust\u{0}ping/1.0/ping",
            "https://did comm.org/trust_ping/1.0/ping",
            long.as_str(),
        ] {
            assert_eq!(text.parse::<MessageType>(), Err(Error::Type), "{text}");
        }
    }
}
