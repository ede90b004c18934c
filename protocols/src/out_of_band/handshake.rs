//! The protocols that make a connection, as `handshake_protocols` names them.

use std::str::FromStr;

use picomesh_didcomm::MessageType;
use serde::{Deserialize, Serialize};

/// A handshake that we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Handshake {
    /// DID Exchange 1.1 (RFC 0023).
    #[serde(rename = "https://didcomm.org/didexchange/1.1")]
    DidExchange11,
    /// DID Exchange 1.0 (RFC 0023).
    #[serde(rename = "https://didcomm.org/didexchange/1.0")]
    DidExchange10,
    /// Connections 1.0 (RFC 0160).
    #[serde(rename = "https://didcomm.org/connections/1.0")]
    Connections10,
}

impl Handshake {
    /// All that we know, in the order in which our invitations offer them.
    pub const ALL: [Self; 3] = [Self::DidExchange11, Self::DidExchange10, Self::Connections10];

    /// The protocol identifier URI.
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::DidExchange11 => "https://didcomm.org/didexchange/1.1",
            Self::DidExchange10 => "https://didcomm.org/didexchange/1.0",
            Self::Connections10 => "https://didcomm.org/connections/1.0",
        }
    }
}

/// A handshake that we do not know; the next one in the list may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown;

impl FromStr for Handshake {
    type Err = Unknown;

    /// Takes both prefixes of RFC 0348; a higher minor version is spoken as our highest.
    fn from_str(uri: &str) -> Result<Self, Unknown> {
        let kind: MessageType = format!("{uri}/x").parse().map_err(|_| Unknown)?;
        match (kind.is("didexchange", 1), kind.is("connections", 1), kind.minor) {
            (true, _, 0) => Ok(Self::DidExchange10),
            (true, _, _) => Ok(Self::DidExchange11),
            (_, true, _) => Ok(Self::Connections10),
            _ => Err(Unknown),
        }
    }
}
