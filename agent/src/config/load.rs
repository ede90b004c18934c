//! Puts the settings together: flag before environment before file before default.

use super::file::{self, File};
use super::settings::Place;
use super::values::{self, Limits};
use super::{AllowPrivate, Config, Database, Error, LogFormat, Origin, SETTINGS, StoreKey};
use super::{PageScripts, RulesetFiles};
use super::{env_name, key};
use std::path::{Path, PathBuf};

/// The file that is read from the data directory when no other is named.
const DATA_FILE: &str = "picomesh.toml";
/// The key file that is made in the data directory when no key is given.
const KEY_FILE: &str = "store.key";

const CONNECTIONS_MAX: usize = 1_000_000;
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;
const MAILBOX_EVENTS_MAX: usize = 1_000_000;

/// Looks a name up: a flag without dashes or a variable.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

struct Sources<'a> {
    flag: Lookup<'a>,
    env: Lookup<'a>,
    file: File,
}

impl Sources<'_> {
    fn find(&self, key: &'static str) -> Option<(String, Origin)> {
        let place = SETTINGS.iter().find(|setting| setting.key == key)?.place;
        let flag = || (self.flag)(key).map(|text| (text, Origin::Flag));
        let env = || (self.env)(&env_name(key)).map(|text| (text, Origin::Environment));
        let file = || self.file.settings.get(key).cloned();
        match place {
            Place::Anywhere => flag().or_else(env).or_else(file),
            Place::Environment => env(),
            Place::Limits => env().or_else(file),
        }
    }

    fn read<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<(T, Origin)>, Error> {
        let Some((text, origin)) = self.find(key) else {
            return Ok(None);
        };
        match parse(&text) {
            Ok(value) => Ok(Some((value, origin))),
            Err(reason) => Err(Error::Invalid { origin, key, reason }),
        }
    }

    fn value<T>(
        &self,
        key: &'static str,
        default: T,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Error> {
        Ok(self.read(key, parse)?.map_or(default, |(value, _)| value))
    }

    fn limits(&self) -> Result<Limits, Error> {
        let default = Limits::default();
        let count = |key, default, max| self.value(key, default, |text| values::count(text, max));
        Ok(Limits {
            connections_max: count("connections-max", default.connections_max, CONNECTIONS_MAX)?,
            message_bytes_max: count(
                "message-bytes-max",
                default.message_bytes_max,
                MESSAGE_BYTES_MAX,
            )?,
            request_bytes_max: count(
                "request-bytes-max",
                default.request_bytes_max,
                MESSAGE_BYTES_MAX,
            )?,
            mailbox_events_max: count(
                "mailbox-events-max",
                default.mailbox_events_max,
                MAILBOX_EVENTS_MAX,
            )?,
        })
    }

    fn store_key(&self, data: &Path) -> Result<StoreKey, Error> {
        let given = self.read("store-key", key::parse)?;
        let passphrase = self.read("store-passphrase", passphrase)?;
        let file = self.read("key-file", path)?;
        match (given, passphrase, file) {
            (None, None, None) => {
                let path = data.join(KEY_FILE);
                if path.exists() {
                    key::key_file_read(&path)?;
                }
                Ok(StoreKey::DefaultFile(path))
            }
            (Some((key, _)), None, None) => Ok(StoreKey::Given(key)),
            (None, Some((text, _)), None) => Ok(StoreKey::Passphrase(text.into())),
            (None, None, Some((path, _))) => {
                key::key_file_read(&path)?;
                Ok(StoreKey::File(path))
            }
            (Some((_, origin)), ..) | (_, Some((_, origin)), _) => Err(Error::Invalid {
                origin,
                key: "store-key",
                reason: "give one of store-key, store-passphrase and key-file".into(),
            }),
        }
    }
}

/// Reads all settings. Creates nothing.
///
/// `file` is the file that the operator named; without it `picomesh.toml` of the data directory
/// is read when it is there.
///
/// # Errors
/// The first setting that cannot be used.
pub fn load(flag: Lookup<'_>, env: Lookup<'_>, file: Option<&Path>) -> Result<Config, Error> {
    let mut sources = Sources { flag, env, file: File::default() };
    let (data, file) = open(&mut sources, file)?;
    let default_listen = ([127, 0, 0, 1], 3000).into();
    let (listen, listen_origin) =
        sources.read("listen", values::listen)?.unwrap_or((default_listen, Origin::Default));
    let operator_token = sources.read("operator-token", values::operator_token)?;
    if !listen.ip().is_loopback() && operator_token.is_none() {
        return Err(Error::Invalid {
            origin: listen_origin,
            key: "listen",
            reason: format!("{listen} is not loopback, so operator-token must be set"),
        });
    }
    Ok(Config {
        listen,
        database: sources.value("database", Database::embedded(&data), Database::parse)?,
        public_url: sources.read("public-url", values::public_url)?.map(|(url, _)| url),
        operator_token: operator_token.map(|(token, _)| token),
        log_format: sources.value("log-format", LogFormat::Human, values::log_format)?,
        log: sources.value("log", "info".to_owned(), values::log)?,
        store_key: sources.store_key(&data)?,
        allow_private_addresses: sources.value(
            "allow-private-addresses",
            AllowPrivate::No,
            values::allow_private,
        )?,
        unsafe_durability: sources.value("unsafe-durability", false, values::unsafe_durability)?,
        test_mode: test_mode(&sources, listen)?,
        compat_get_events: sources.value("compat-get-events", true, values::compat_get_events)?,
        page_scripts: sources.value("page-scripts", PageScripts::Found, values::page_scripts)?,
        ruleset_files: sources.value(
            "ruleset-files",
            RulesetFiles::default_for(listen),
            values::ruleset_files,
        )?,
        limits: sources.limits()?,
        login_clients: sources.file.clients,
        login_policies: sources.file.policies,
        data,
        file,
    })
}

fn test_mode(sources: &Sources<'_>, listen: std::net::SocketAddr) -> Result<bool, Error> {
    match sources.read("test-mode", values::truth)? {
        Some((true, origin)) if !listen.ip().is_loopback() => Err(Error::Invalid {
            origin,
            key: "test-mode",
            reason: format!("{listen} is not loopback, and whoever reaches us could set the time"),
        }),
        given => Ok(given.is_some_and(|(is_on, _)| is_on)),
    }
}

/// Finds the data directory and the file, which may each name the other once.
fn open(
    sources: &mut Sources<'_>,
    named: Option<&Path>,
) -> Result<(PathBuf, Option<PathBuf>), Error> {
    if let Some(file) = named {
        sources.file = file::read(file)?;
    }
    let data = sources.value("data", PathBuf::from("picomesh-data"), path)?;
    if data.exists() && !data.is_dir() {
        let origin = sources.find("data").map_or(Origin::Default, |(_, origin)| origin);
        let reason = format!("{} is not a directory", data.display());
        return Err(Error::Invalid { origin, key: "data", reason });
    }
    if named.is_some() {
        return Ok((data, named.map(Path::to_owned)));
    }
    let file = data.join(DATA_FILE);
    if !file.exists() {
        return Ok((data, None));
    }
    sources.file = file::read(&file)?;
    if let Some((_, origin)) = sources.file.settings.get("data") {
        return Err(Error::Invalid {
            origin: origin.clone(),
            key: "data",
            reason: "the file in the data directory cannot move the data directory".into(),
        });
    }
    Ok((data, Some(file)))
}

fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() || text.contains('\0') {
        return Err("expects a path".into());
    }
    Ok(text.into())
}

fn passphrase(text: &str) -> Result<String, String> {
    if text.chars().count() < 12 {
        return Err("must have at least 12 characters".into());
    }
    Ok(text.to_owned())
}
