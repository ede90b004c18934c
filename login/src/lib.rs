//! An OpenID provider whose users log in with a credential.
//!
//! A relying party sends its user's browser here; the user shows a credential from a wallet;
//! the browser goes back with a code that the relying party changes into an ID token.
//!
//! Source: OpenID Connect Core 1.0 and Discovery 1.0, RP-Initiated Logout 1.0, RFC 6749, 6750,
//! 7636 (PKCE, S256 alone), 7638, 9207, and the advice of RFC 9700.
//!
//! # The walk of one login
//!
//! | door | calls | keeps |
//! |---|---|---|
//! | `/authorize` | [`Parameters::parse`], [`authorize::parse`], [`Session::open`] | session |
//! | wallet | [`Session::step`] with `Scanned`, `Presented` | session |
//! | check done | [`Policy::accept`], [`Session::step`] with `Verified` or `Failed` | session |
//! | browser | [`Session::step`] with `Continued` | session, code record |
//! | `/token` | [`client_auth::Presented`], [`token::Request`], [`token::exchange`] | code, access |
//! | `/userinfo` | [`userinfo::bearer`], [`userinfo::claims`] | nothing |
//!
//! Every value that is kept is serialisable; every secret that is kept is a [`Fingerprint`].
//!
//! Absent on purpose: HTTP, HTML and SQL (the agent's), proofs and DIDs (the crate
//! `credentials` checks, this crate judges what was proven), refresh tokens, the implicit and
//! hybrid flows, request objects, single sign-on: each login is a fresh proof. No clock and no
//! random numbers, except inside key generation and ECDSA, where the library owns them.

pub mod authorize;
pub mod client;
pub mod client_auth;
pub mod code;
pub mod discovery;
pub mod error;
mod fields;
#[cfg(test)]
mod fixture;
mod hint;
pub mod issuer;
pub mod keys;
pub mod limits;
pub mod logout;
pub mod page;
pub mod parameters;
pub mod path;
pub mod pkce;
pub mod policy;
pub mod provider;
pub mod rate;
pub mod secret;
pub mod session;
#[cfg(test)]
mod stored;
pub mod subject;
pub mod token;
pub mod userinfo;

pub use client::Client;
pub use error::Invalid;
pub use issuer::Issuer;
pub use parameters::Parameters;
pub use policy::Policy;
pub use provider::Provider;
pub use secret::{Fingerprint, Private};
pub use session::Session;
