//! The names of things: picos, channels, rulesets.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Longest id of a pico or a channel, and longest ruleset id, in bytes.
const ID_BYTES_MAX: usize = 128;

/// The text is not an id: empty, too long, or with characters an id cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {kind}: {text:?}")]
pub struct IdError {
    kind: &'static str,
    text: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Reads an id: 1 to 128 characters of `A-Z a-z 0-9 . _ -`.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
                if text.is_empty() || text.len() > ID_BYTES_MAX || !text.bytes().all(legal) {
                    let text = text.chars().take(32).collect();
                    return Err(IdError { kind: $kind, text });
                }
                Ok(Self(text.into()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }
    };
}

id!(
    /// Names a pico for as long as it lives; never reused.
    PicoId,
    "a pico id"
);
id!(
    /// Event channel identifier: the address of a pico's channel, a bearer capability.
    Eci,
    "a channel id"
);
id!(
    /// Ruleset id: symbols joined by `.` or `-`.
    Rid,
    "a ruleset id"
);

impl Rid {
    /// A ruleset id that the program itself spells.
    ///
    /// Panics when the literal is not an id, which a test of the ruleset finds.
    pub fn literal(text: &'static str) -> Self {
        Self::parse(text).expect("a ruleset id in the source is well-formed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_refuse_paths_quotes_and_length() {
        for bad in ["", "../x", "a'b", "a\0", "a b", "a/b", "é", &"x".repeat(129)] {
            assert!(PicoId::parse(bad).is_err(), "{bad:?}");
            assert!(serde_json::from_value::<Eci>(bad.into()).is_err(), "{bad:?}");
        }
        assert_eq!(Rid::parse("io.picolabs.did-o").unwrap().as_str(), "io.picolabs.did-o");
    }
}
