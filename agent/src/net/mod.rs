//! Calls to other servers: guarded by address, time and size.
//!
//! What a peer names must not reach our own network: a URL is checked before its name is
//! resolved, every address that the name leads to is checked after, and the connection goes to an
//! address that passed (so a name that changes its answer gains nothing). Redirects are followed
//! for fetches alone, each checked like the first URL.
//!
//! Absent on purpose: decompression (an answer is taken as it came), cookies, proxies from the
//! environment, and retries: the outbox has them.

mod client;
mod error;
mod resolve;
#[cfg(test)]
mod tests;
mod tls;

pub use client::{ANSWER_BYTES_MAX, Answer, CALL_TIMEOUT, Client, REDIRECTS_MAX};
pub use error::Error;
pub use resolve::Lookup;

use crate::config::AllowPrivate;
use picomesh_did_resolver::address::Policy;

impl From<AllowPrivate> for Policy {
    fn from(allow: AllowPrivate) -> Self {
        match allow {
            AllowPrivate::No => Self { loopback: false, private: false },
            AllowPrivate::Loopback => Self { loopback: true, private: false },
            AllowPrivate::All => Self { loopback: true, private: true },
        }
    }
}
