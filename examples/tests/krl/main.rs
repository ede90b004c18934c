//! The programs in `examples/krl/` do what they say: each is installed from its file into a whole
//! agent and spoken to over HTTP, as people would.

#![allow(clippy::unwrap_used, clippy::panic)]

mod chat;
mod counter;
mod page;
mod sensors;
mod site;
