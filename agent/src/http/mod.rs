//! The doors: HTTP/1.1 in, status codes out.
//!
//! [`serve`] takes connections and guards them, [`body`] reads requests within limits,
//! [`problem`] says what went wrong (RFC 9457), [`health`] says how we are.
//!
//! Absent on purpose: TLS (a proxy in front has it), HTTP/2 in the clear, and anything that
//! decides: a door knows no SQL and no protocol.

pub mod admin;
pub mod body;
mod bytes_seen;
pub mod compat;
pub mod didcomm;
pub mod doors;
pub mod health;
mod io;
pub mod login;
pub mod problem;
pub mod serve;
#[cfg(test)]
mod tests;

pub use body::body_limited;
pub use problem::Problem;
