//! Why a configuration is refused, in one line.

use std::fmt;
use std::path::PathBuf;

/// Where a setting was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On the command line.
    Flag,
    /// In the environment.
    Environment,
    /// In a file, at this line (counted from 1).
    File {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// Nowhere: the default.
    Default,
}

impl Origin {
    /// Names the setting `key` in the words of the place where it was given.
    #[must_use]
    pub fn name(&self, key: &str) -> String {
        match self {
            Self::Flag => format!("--{key}"),
            Self::Environment => super::env_name(key),
            Self::File { path, line } => format!("{}:{line}: {key}", path.display()),
            Self::Default => format!("{key} (default)"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("command line"),
            Self::Environment => f.write_str("environment"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Why a configuration is refused. All of them are the operator's to mend; exit status 2.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("{path}: {reason}", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The file is not TOML.
    #[error("{origin}: {reason}")]
    Syntax {
        /// Where.
        origin: Origin,
        /// What the parser says, in one line.
        reason: String,
    },
    /// The file has a key that we do not know.
    #[error("{origin}: unknown key `{key}`")]
    UnknownKey {
        /// Where.
        origin: Origin,
        /// The key, with its table.
        key: String,
    },
    /// A value cannot be used.
    #[error("{}: {reason}", origin.name(.key))]
    Invalid {
        /// Where it was given.
        origin: Origin,
        /// The setting.
        key: &'static str,
        /// Why; never contains a secret.
        reason: String,
    },
    /// The key file cannot be used.
    #[error("key-file {path}: {reason}", path = .path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}
