//! Ack 1.0: what you sent had its outcome, and it was positive.
//!
//! Source: Aries RFC 0015, also as adopted by other protocols under their own type.
//! Roles: none of its own; the protocol that adopts it decides what an ack means.
//!
//! Absent on purpose: `~please_ack` (RFC 0317, removed from AIP 2.0).

mod messages;

pub use messages::{Ack, Status};

#[cfg(test)]
mod tests;
