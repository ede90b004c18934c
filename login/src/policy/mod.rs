//! A policy: which credential proves what, and which claims it gives.
//!
//! Source: OIDC Core §2 (`acr`, claims that the protocol owns), DIF Presentation Exchange for
//! the definition, which passes through unread but for its frame.
//!
//! Absent on purpose: cryptography. The crate `credentials` says what was proven
//! ([`Presentation`]); [`Policy::accept`] says whether it is enough.

mod accept;
mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::path::Path;

pub use accept::{Presentation, Proof, ProvenCredential, Reason};

/// How the credential is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// RFC 0510: DIF presentation exchange.
    #[serde(rename = "dif/presentation-exchange/definitions@v1.0")]
    PresentationExchange,
}

/// What stays the same when the same user comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A disclosed value that the issuer gives to one person alone.
    Claim(Path),
    /// The DID that held the credentials. Only for wallets that use one DID for us.
    HolderDid,
    /// Nothing: each login is a new user.
    Ephemeral,
}

/// Where a claim comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimSource {
    /// The place in the credential.
    pub path: Path,
    /// Whether a login succeeds without it.
    #[serde(default)]
    pub optional: bool,
}

/// A policy, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Asked for as the scope `policy:<id>`.
    pub id: String,
    /// Shown to the user: "Proof of …".
    pub name: String,
    /// How the credential is asked for.
    pub format: Format,
    /// For the wallet, as it stands.
    pub presentation_definition: Value,
    /// Every presented credential must be from one of these.
    pub trusted_issuers: Vec<String>,
    /// Claim of the ID token -> place in the credential.
    pub claims: BTreeMap<String, ClaimSource>,
    /// What stays the same when the same user comes again.
    pub subject: Subject,
    /// `acr` of a login by this policy.
    pub acr: String,
    /// Time that the wallet has.
    pub session_seconds: u64,
    /// Whether the proof must cover our domain beside the challenge. Only for wallets that cannot
    /// (ACA-Py signs no domain) is this switched off; the challenge then stands alone.
    #[serde(default = "binds_domain")]
    pub binds_domain: bool,
}

fn binds_domain() -> bool {
    true
}
