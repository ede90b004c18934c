//! What programs in KRL ask of the outside.
//!
//! Source: the modules of pico-engine 1.4.

pub mod dido;
pub mod http;
pub mod work;
