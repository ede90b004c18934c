//! Wire messages of Discover Features. One pair of types covers the three forms: a query of 1.0 is
//! a list of one query for protocols, a protocol descriptor of 1.0 is a feature.

use picomesh_didcomm::{Message, MessageType, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Error, body, error::expect_kind};

/// Most queries in one message.
pub const QUERIES_MAX: usize = 32;
/// Longest `match` of a query, in bytes.
pub const MATCH_BYTES_MAX: usize = 255;

/// What the requester wants to know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queries {
    /// Each is answered on its own; their answers come in one list.
    pub queries: Vec<Query>,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// `protocol`, `goal-code`, `aip`, `accept`, …
    #[serde(rename = "feature-type")]
    pub feature_type: String,
    /// The id asked for; `*` stands for any text.
    #[serde(rename = "match")]
    pub pattern: String,
}

/// What the responder tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosures {
    /// The features, in no meaningful order.
    pub disclosures: Vec<Feature>,
}

/// One feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// As in [`Query`].
    #[serde(rename = "feature-type")]
    pub feature_type: String,
    /// The id: for a protocol its PIURI.
    pub id: String,
    /// The roles we play in a protocol; an empty list gives no detail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

impl Feature {
    /// A protocol with the roles that we play in it.
    #[must_use]
    pub fn protocol(piuri: &str, roles: &[&str]) -> Self {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        Self { feature_type: "protocol".to_owned(), id: piuri.to_owned(), roles }
    }

    /// A feature of another type.
    #[must_use]
    pub fn new(feature_type: &str, id: &str) -> Self {
        Self { feature_type: feature_type.to_owned(), id: id.to_owned(), roles: Vec::new() }
    }
}

impl Queries {
    /// Reads `query` of 1.0 or `queries` of 2.0.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another message, or above [`QUERIES_MAX`] or
    /// [`MATCH_BYTES_MAX`].
    pub fn read(message: &Message) -> Result<Self, Error> {
        let malformed = |reason: String| Error::Malformed { message: "queries", reason };
        let queries = if is_first(message) {
            expect_kind(message, PROTOCOL, 1, "query")?;
            let pattern = message.body.get("query").and_then(Value::as_str);
            let pattern = pattern.ok_or_else(|| malformed("`query` is not a string".to_owned()))?;
            Self { queries: vec![Query::protocol(pattern)] }
        } else {
            expect_kind(message, PROTOCOL, 2, "queries")?;
            body::read::<Self>(message).map_err(malformed)?
        };
        if queries.queries.len() > QUERIES_MAX {
            return Err(malformed(format!("more than {QUERIES_MAX} queries")));
        }
        if queries.queries.iter().any(|query| query.pattern.len() > MATCH_BYTES_MAX) {
            return Err(malformed(format!("a match above {MATCH_BYTES_MAX} bytes")));
        }
        Ok(queries)
    }

    /// The `queries` message of 2.0.
    #[must_use]
    pub fn to_message(&self, version: Version, id: impl Into<String>) -> Message {
        let kind = MessageType::new(PROTOCOL, (2, 0), "queries");
        body::write(Message::new(version, id, kind), self)
    }
}

impl Query {
    /// A question for protocols.
    #[must_use]
    pub fn protocol(pattern: &str) -> Self {
        Self { feature_type: "protocol".to_owned(), pattern: pattern.to_owned() }
    }

    /// The `query` message of 1.0, which asks for protocols only.
    #[must_use]
    pub fn to_first_message(&self, id: impl Into<String>) -> Message {
        let kind = MessageType::new(PROTOCOL, (1, 0), "query");
        let mut message = Message::new(Version::V1, id, kind);
        message.body.insert("query".to_owned(), json!(self.pattern));
        message
    }
}

impl Disclosures {
    /// Reads `disclose` of 1.0 or `disclosures` of 2.0.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another message or not a list of features.
    pub fn read(message: &Message) -> Result<Self, Error> {
        let malformed = |reason: String| Error::Malformed { message: "disclosures", reason };
        if is_first(message) {
            expect_kind(message, PROTOCOL, 1, "disclose")?;
            let first: First = body::read(message).map_err(malformed)?;
            return Ok(first.into());
        }
        expect_kind(message, PROTOCOL, 2, "disclosures")?;
        body::read(message).map_err(malformed)
    }

    /// The answer to a `query` or `queries`, in its version and on its thread.
    #[must_use]
    pub fn reply_to(&self, asked: &Message, id: impl Into<String>) -> Message {
        if is_first(asked) {
            let kind = MessageType::new(PROTOCOL, (1, 0), "disclose");
            return body::write(asked.reply(id, kind), &self.to_first());
        }
        let kind = MessageType::new(PROTOCOL, (2, 0), "disclosures");
        body::write(asked.reply(id, kind), self)
    }

    fn to_first(&self) -> Map<String, Value> {
        let protocols = self.disclosures.iter().map(|feature| {
            let mut descriptor = json!({ "pid": feature.id });
            if !feature.roles.is_empty() {
                descriptor["roles"] = json!(feature.roles);
            }
            descriptor
        });
        Map::from_iter([("protocols".to_owned(), Value::Array(protocols.collect()))])
    }
}

/// `disclose` of 1.0.
#[derive(Deserialize)]
struct First {
    protocols: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    pid: String,
    #[serde(default)]
    roles: Option<Vec<String>>,
}

impl From<First> for Disclosures {
    fn from(first: First) -> Self {
        let feature = |descriptor: Descriptor| Feature {
            feature_type: "protocol".to_owned(),
            id: descriptor.pid,
            roles: descriptor.roles.unwrap_or_default(),
        };
        Self { disclosures: first.protocols.into_iter().map(feature).collect() }
    }
}

const PROTOCOL: &str = "discover-features";

fn is_first(message: &Message) -> bool {
    message.version == Version::V1 && message.kind.major == 1
}
