//! Delivery: packs a message for its recipient and sends it.
//!
//! Step 8 of the walk of a message. Packing waits until now, as keys may have rotated since
//! the message was written; a second try asks the connection for its route again.
//!
//! Absent on purpose: when to try again, which is the outbox's, and what a message means.

mod pack;
mod send;

pub use pack::{PackError, Packed, Packer};
pub use send::Deliver;
