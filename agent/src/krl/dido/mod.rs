//! DIDComm v2 for programs in KRL: the module `dido`, and what stands behind it.
//!
//! Source: pico-engine 1.4, module `dido` 1.0 and the ruleset `io.picolabs.did-o`, over the
//! library `didcomm-node` 0.4: did:peer:2 with one X25519 key, one Ed25519 key and one service,
//! key ids `did#<base58>`, messages encrypted by the sender's key and signed.
//!
//! The state is the calling ruleset's: its entity variables `didDocs`, `didMap`, `routes` and
//! `pendingRotations`. Private keys are not in it; they lie with the channel, as those of every
//! DID of ours.
//!
//! | | |
//! |---|---|
//! | [`generate_did`], [`rotate_did`], … | DIDs and what the ruleset remembers of them |
//! | [`generate_message`], [`pack`], [`unpack`] | messages |
//! | [`send()`], [`send_query`] | to others |
//! | [`Inbound`], [`route()`], [`admit`] | from others |
//!
//! Mended: a message acts only if its sender is proven; an event or a query from another pico
//! acts only if the sender is one that the ruleset knows, and as far as the policy of the channel
//! allows ([`route()`]); a rotation is checked against the sender; a query is answered by an
//! encrypted message where the asker understands it. Absent: mediators, other kinds of DIDs than
//! those that carry their document.

mod documents;
mod generate;
mod inbound;
mod keys;
mod message;
mod open;
mod outward;
mod policy;
mod prior;
mod query;
mod rotate;
mod route;
mod seal;
mod send;
mod state;
#[cfg(test)]
mod tests;

pub use documents::document_json;
pub use generate::{add_labels, create_invite_url, generate_did};
pub use inbound::{Inbound, Taken};
pub use message::{generate_message, pack, unpack};
pub use outward::DidoOutward;
pub use query::door;
pub use rotate::{clear_pending_rotations, rotate_did, rotate_invite_did};
pub use route::{admit, route};
pub use send::{send, send_query};
pub use state::{
    add_route, clear_did_docs, clear_did_map, delete_did, map_did, store_did_doc, update_did,
};

/// The ruleset that speaks DIDComm for a pico.
pub const DID_O: &str = "io.picolabs.did-o";
/// An event for another pico.
pub const EVENT: &str = "https://picolabs.io/event/1.0/event";
/// A query to another pico.
pub const QUERY: &str = "https://picolabs.io/query/1.0/query";
/// Our answer to a query, for those who understand it.
const ANSWER: &str = "https://picolabs.io/query/1.0/answer";

/// What a message is told that was not taken; there is no more to tell a stranger.
const NOT_TAKEN: &str = "Error: the message was not taken";
