//! KRL, the rule language of picos.
//!
//! From source text to effects: [`lexer`] and [`parser`] make an [`ast`] and report every error
//! of a file; [`check`] says what is legal beyond syntax; [`compile`] makes a program; a
//! [`machine`] runs it. The machine has its own stack, counts fuel, depth and heap, and yields
//! whatever it wants from the outside as a request, so it opens no socket and knows no pico.
//!
//! Source: pico-engine 1.4 (krl-parser, krl-compiler, krl-stdlib), whose programs run unmodified.
//! Absent on purpose: storage, clocks, sockets, picos.

pub mod ast;
pub mod check;
pub mod compile;
pub mod diagnostic;
mod evaluate;
pub mod fault;
pub mod format;
pub mod lexer;
pub mod library;
pub mod machine;
pub mod parser;
pub mod regex;
pub mod select;
pub mod value;

pub use evaluate::{Error, evaluate};
