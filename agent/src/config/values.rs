//! The values of the settings: how each is read and what it means.

use secrecy::{ExposeSecret, SecretString};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use url::Url;

/// Shortest operator token, in characters.
pub const OPERATOR_TOKEN_CHARS_MIN: usize = 16;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Which addresses that are not public we may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowPrivate {
    /// None.
    No,
    /// This machine: for development.
    Loopback,
    /// All: for a closed network.
    All,
}

/// Which scripts the pages of rulesets may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageScripts {
    /// The inline scripts that stand in the page as the ruleset made it.
    Found,
    /// Any inline script, those that appear later included.
    Any,
}

/// Which files `file:` URLs of rulesets may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulesetFiles {
    /// None.
    None,
    /// All that the process may read.
    All,
    /// Those under these directories.
    Under(Vec<PathBuf>),
}

impl RulesetFiles {
    /// Where only this machine asks, it may name its files.
    pub(super) fn default_for(listen: SocketAddr) -> Self {
        if listen.ip().is_loopback() { Self::All } else { Self::None }
    }

    /// Whether this file may be read; links are followed before they are judged.
    #[must_use]
    pub fn allows(&self, file: &Path) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Under(directories) => file.canonicalize().is_ok_and(|file| {
                let holds = |directory: &PathBuf| {
                    directory.canonicalize().is_ok_and(|directory| file.starts_with(directory))
                };
                directories.iter().any(holds)
            }),
        }
    }
}

/// Where the state is kept.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file of the embedded database.
    Sqlite(PathBuf),
    /// A Postgres URL; secret because it may hold a password.
    Postgres(SecretString),
}

impl Database {
    /// Reads `sqlite:FILE`, `postgres://…` or `postgresql://…`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(['?', '\0']) {
                return Err("expects sqlite:FILE".into());
            }
            return Ok(Self::Sqlite(path.into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let url = Url::parse(text).map_err(|error| error.to_string())?;
            if url.host_str().is_none_or(str::is_empty) && url.query().is_none() {
                return Err("the URL names no host".into());
            }
            return Ok(Self::Postgres(text.to_owned().into()));
        }
        Err("expects sqlite:FILE or postgres://…".into())
    }

    /// What may be shown: without user and password.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => Url::parse(url.expose_secret()).map_or_else(
                |_| "postgres".into(),
                |url| format!("postgres://{}{}", url.host_str().unwrap_or(""), url.path()),
            ),
        }
    }

    /// The default: a file in the data directory.
    pub(super) fn embedded(data: &Path) -> Self {
        Self::Sqlite(data.join("picomesh.db"))
    }
}

/// Limits that an operator may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// HTTP connections at one time.
    pub connections_max: usize,
    /// Largest DIDComm message, in bytes.
    pub message_bytes_max: usize,
    /// Largest request of the admin API, in bytes.
    pub request_bytes_max: usize,
    /// Events that may wait for one pico.
    pub mailbox_events_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 4096,
            message_bytes_max: 2 * 1024 * 1024,
            request_bytes_max: 1024 * 1024,
            mailbox_events_max: 1024,
        }
    }
}

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    if let Some(port) = text.strip_prefix("localhost:") {
        let port = port.parse().map_err(|_| format!("`{port}` is not a port"))?;
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    text.parse().map_err(|_| format!("`{text}` is not ADDRESS:PORT with a port up to 65535"))
}

pub(super) fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`{text}` is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("expects http://HOST or https://HOST".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user or password".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not contain a query or fragment".into());
    }
    Ok(url)
}

pub(super) fn operator_token(text: &str) -> Result<SecretString, String> {
    if text.chars().count() < OPERATOR_TOKEN_CHARS_MIN {
        return Err(format!("must have at least {OPERATOR_TOKEN_CHARS_MIN} characters"));
    }
    // RFC 6750 §2.1: what may stand in an Authorization header.
    if !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err("must be printable ASCII without spaces".into());
    }
    Ok(text.to_owned().into())
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        other => Err(format!("`{other}` is neither human nor json")),
    }
}

pub(super) fn log(text: &str) -> Result<String, String> {
    tracing_subscriber::EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| error.to_string().replace('\n', " "))
}

pub(super) fn allow_private(text: &str) -> Result<AllowPrivate, String> {
    match text {
        "false" => Ok(AllowPrivate::No),
        "loopback" => Ok(AllowPrivate::Loopback),
        "all" => Ok(AllowPrivate::All),
        other => Err(format!("`{other}` is not one of false, loopback, all")),
    }
}

pub(super) fn unsafe_durability(text: &str) -> Result<bool, String> {
    match text {
        "refuse" => Ok(false),
        "allow" => Ok(true),
        other => Err(format!("`{other}` is neither refuse nor allow")),
    }
}

pub(super) fn truth(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("`{other}` is neither true nor false")),
    }
}

pub(super) fn compat_get_events(text: &str) -> Result<bool, String> {
    match text {
        "allow" => Ok(true),
        "refuse" => Ok(false),
        other => Err(format!("`{other}` is neither allow nor refuse")),
    }
}

pub(super) fn page_scripts(text: &str) -> Result<PageScripts, String> {
    match text {
        "found" => Ok(PageScripts::Found),
        "any" => Ok(PageScripts::Any),
        other => Err(format!("`{other}` is neither found nor any")),
    }
}

pub(super) fn ruleset_files(text: &str) -> Result<RulesetFiles, String> {
    match text {
        "none" => Ok(RulesetFiles::None),
        "all" => Ok(RulesetFiles::All),
        text => {
            let directories: Vec<PathBuf> = text.split(':').map(PathBuf::from).collect();
            match directories.iter().find(|directory| !directory.is_absolute()) {
                Some(wrong) => Err(format!(
                    "`{}` is neither none, all nor an absolute directory",
                    wrong.display()
                )),
                None => Ok(RulesetFiles::Under(directories)),
            }
        }
    }
}

/// A count from 1 to `max`.
pub(super) fn count(text: &str, max: usize) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=max).contains(&number) => Ok(number),
        _ => Err(format!("`{text}` is not a number from 1 to {max}")),
    }
}
