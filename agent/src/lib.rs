//! The running agent: doors, store, delivery, command line.

pub mod assemble;
pub mod cli;
pub mod config;
pub mod delivery;
pub mod effects;
pub mod engine;
pub mod http;
pub mod krl;
pub mod library;
pub mod net;
pub mod receive;
pub mod resolver;
pub mod rulesets;
pub mod running;
pub mod store;
pub mod telemetry;
