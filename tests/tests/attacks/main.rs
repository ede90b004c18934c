//! Attacks on whole agents over real sockets and databases: T-D1 to T-D18 of the promises, and
//! the promises about effects and about rest that need no crash.
//!
//! Absent on purpose: T-D11 (from_prior is not taken at all), T-D12 (we are no mediator), T-D19
//! and T-D20 (tests of `agent/src/net`), the crashes (`agent/tests/crash.rs`).

#![allow(clippy::unwrap_used, clippy::panic)]

mod at_rest;
mod effects;
mod envelopes;
mod handshakes;
mod network;
mod senders;
mod threads;
