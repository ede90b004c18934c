//! Discover Features 1.0 and 2.0: what can you do, as far as you care to tell me?
//!
//! Source: Aries RFC 0031 (1.0) and RFC 0557 (2.0), both over DIDComm v1; DIDComm Messaging
//! §Discover Features Protocol 2.0 (over v2, the same body). Roles: [`Requester`]; the responder has
//! nothing to remember and is the function [`answer`].
//!
//! Absent on purpose: what we disclose. The list of [`Feature`]s is an argument, chosen by the
//! agent for this very peer (RFC 0031 §Privacy Considerations); an empty list is a legal answer.

mod matching;
mod messages;
mod requester;
mod responder;

pub use matching::matches;
pub use messages::{Disclosures, Feature, MATCH_BYTES_MAX, QUERIES_MAX, Queries, Query};
pub use requester::{Effect, FEATURES_MAX, Input, Requester};
pub use responder::answer;

#[cfg(test)]
mod tests;
