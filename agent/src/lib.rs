//! The running agent: doors, store, delivery, command line.

pub mod cli;
pub mod config;
pub mod engine;
pub mod http;
pub mod net;
pub mod store;
pub mod telemetry;
