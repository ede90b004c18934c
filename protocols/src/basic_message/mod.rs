//! Basic Message 1.0 and 2.0: a text for a person at the other end.
//!
//! Source: Aries RFC 0095 (1.0, over DIDComm v1); didcomm.org Basic Message 2.0 (over v2).
//! Roles: sender and receiver; neither remembers anything, so there are only messages.
//!
//! Absent on purpose: receipts, threads and attachments, which RFC 0095 §Out of Scope excludes.

mod messages;

pub use messages::BasicMessage;

#[cfg(test)]
mod tests;
