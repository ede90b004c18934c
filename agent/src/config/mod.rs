//! Configuration: what the operator decided, read once at start.
//!
//! A setting comes from a flag, the environment (`PICOMESH_…`), one TOML file or its default, in
//! this order. [`SETTINGS`] is the one table behind the flags, the variables, the keys of the file
//! and the help text. Every refusal is one line that names the setting and where it was given
//! (a file with its line), and nothing is created before all settings are read.
//!
//! Absent on purpose: reloading while running, and files that include files.

mod error;
mod file;
mod key;
mod load;
mod settings;
#[cfg(test)]
mod tests;
mod values;

pub use error::{Error, Origin};
pub use key::{StoreKey, key_file_create, key_file_read};
pub use load::{Lookup, load};
pub use settings::{Place, SETTINGS, Setting, TRUTH, env_name};
pub use values::{
    AllowPrivate, Database, Limits, LogFormat, OPERATOR_TOKEN_CHARS_MIN, PageScripts, RulesetFiles,
};

use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;
use url::Url;

/// Everything an operator may decide.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the HTTP server listens; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// The data directory: embedded database, key file, `picomesh.toml`.
    pub data: PathBuf,
    /// Where the state is kept.
    pub database: Database,
    /// The address under which others reach us, when it was given.
    pub public_url: Option<Url>,
    /// The token of the operator; always there when `listen` is not loopback.
    pub operator_token: Option<SecretString>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines are written (`tracing` filter directives).
    pub log: String,
    /// Where the key comes from that seals the secrets of the store.
    pub store_key: StoreKey,
    /// Which addresses that are not public we may call.
    pub allow_private_addresses: AllowPrivate,
    /// Start although the database may lose acknowledged commits.
    pub unsafe_durability: bool,
    /// Whether a request may say at what time its event happened; only on loopback.
    pub test_mode: bool,
    /// Whether `/c/…/event/…` and `/sky/event/…` take events by any method, as pico-engine does.
    pub compat_get_events: bool,
    /// Which scripts the pages of rulesets may run.
    pub page_scripts: PageScripts,
    /// Which files `file:` URLs of rulesets may name.
    pub ruleset_files: RulesetFiles,
    /// Limits that an operator may move.
    pub limits: Limits,
    /// `[[login.client]]` tables, checked by the login crate.
    pub login_clients: Vec<Table>,
    /// `[[login.policy]]` tables, checked by the login crate.
    pub login_policies: Vec<Table>,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
}

/// A table of the file that another crate checks.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The content.
    pub value: serde_json::Value,
    /// Where it stands, for the error message: `file:line`.
    pub origin: Origin,
}

impl Config {
    /// The address under which others reach us, given the address we are bound to.
    #[must_use]
    pub fn public_url(&self, bound: SocketAddr) -> Option<Url> {
        if let Some(url) = &self.public_url {
            return Some(url.clone());
        }
        let host = match bound.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            std::net::IpAddr::V4(ip) => ip.to_string(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Url::parse(&format!("http://{host}:{}", bound.port())).ok()
    }

    /// Whether only this machine can reach us.
    #[must_use]
    pub fn is_loopback_only(&self) -> bool {
        self.listen.ip().is_loopback()
    }
}
