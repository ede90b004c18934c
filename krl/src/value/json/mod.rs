//! JSON, read and written as JavaScript does.
//!
//! Source: ECMA-262 §25.5 (`JSON.parse`, `JSON.stringify`). Nothing recurses. Two styles of
//! writing: [`encode`] is KRL's `encode`, [`answer`] is what leaves the engine.

mod convert;
mod read;
mod write;

pub use convert::{from_json, to_json};
pub use read::decode;
pub use write::{answer, encode};
