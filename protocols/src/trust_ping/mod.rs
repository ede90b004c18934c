//! Trust Ping 1.0 and 2.0: one side asks whether the channel works, the other says that it does.
//!
//! Source: Aries RFC 0048 (1.0, over DIDComm v1); DIDComm Messaging §Trust Ping Protocol 2.0 (over
//! v2). Roles: [`Sender`]; the receiver has nothing to remember and is the function [`answer`].
//!
//! Absent on purpose: `~timing` is neither written nor judged; whether a ping is answered at all
//! is the policy of the channel, not of this module.

mod messages;
mod receiver;
mod sender;

pub use messages::{Ping, PingResponse};
pub use receiver::answer;
pub use sender::{Effect, Input, Sender};

#[cfg(test)]
mod tests;
