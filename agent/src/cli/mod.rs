//! The command line: `picomesh [up | demo | config check | krl …]`.
//!
//! The flags come from the table of settings, so that a flag, a variable and a key of the file are
//! one thing. Exit status: 0 done, 1 it failed while running, 2 the configuration is wrong.

pub mod demo;
pub mod krl;
#[cfg(test)]
mod tests;
pub mod up;

use crate::config::{self, Config, Place, SETTINGS, Setting, TRUTH, env_name};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Run the engine.
    Up,
    /// Run the engine and tell its story.
    Demo {
        /// End after the story.
        is_once: bool,
    },
    /// Read the configuration and say what holds.
    ConfigCheck,
}

/// What a command line says.
#[derive(Debug)]
pub enum Parsed {
    /// Something with an engine, which has settings.
    Engine(Action, Box<Config>),
    /// Something with rulesets.
    Krl(Box<krl::Task>),
}

const ABOUT: &str = "A pico engine in which every pico is a DIDComm agent";
const AFTER_HELP: &str = "\
A setting is taken from its flag, else from the environment, else from the file, else it has its
default. The file is TOML with the same names, e.g. `public-url = \"https://mesh.example\"`; it is
FILE of --config (or PICOMESH_CONFIG), else picomesh.toml in the data directory.

Examples:
  picomesh                                   run on 127.0.0.1:3000 with an embedded database
  picomesh demo                              issue, present and log in, explained step by step
  picomesh --listen 0.0.0.0:80 --public-url https://mesh.example
                                             run for others; needs PICOMESH_OPERATOR_TOKEN
  picomesh krl check *.krl                   say what is wrong with rulesets
  picomesh krl install --watch counter.krl   install into the running engine, follow the file
  picomesh config check                      read the settings, say what holds, create nothing";

/// The commands and flags.
#[must_use]
pub fn command() -> Command {
    let once = Arg::new("once")
        .long("once")
        .action(ArgAction::SetTrue)
        .help("End after the story; the exit status tells whether it went well");
    let config = Command::new("config")
        .about("Look at the settings")
        .subcommand_required(true)
        .subcommand(Command::new("check").about("Read the settings and say what holds"));
    let file = Arg::new("config-file")
        .long("config")
        .value_name("FILE")
        .global(true)
        .help("Read the settings of this file [env: PICOMESH_CONFIG]");
    Command::new("picomesh")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(AFTER_HELP)
        .max_term_width(100)
        .subcommand(Command::new("up").about("Run the engine (the default)"))
        .subcommand(Command::new("demo").about("Run the engine and tell its story").arg(once))
        .subcommand(config)
        .subcommand(krl::command())
        .arg(file)
        .args(SETTINGS.iter().filter(|setting| setting.place == Place::Anywhere).map(flag))
}

fn flag(setting: &Setting) -> Arg {
    let (key, help, default) = (setting.key, setting.help, setting.default);
    let flag = Arg::new(key)
        .long(key)
        .value_name(setting.value_name)
        .global(true)
        .help(format!("{help} [env: {}] [default: {default}]", env_name(key)));
    match setting.value_name {
        TRUTH => flag.num_args(0..=1).require_equals(true).default_missing_value("true"),
        _ => flag,
    }
}

/// Reads the command line and all settings. Creates nothing.
///
/// # Errors
/// The exit status, when there is nothing to do or the settings are wrong; it has been said why.
pub fn parse<I>(arguments: I) -> Result<Parsed, ExitCode>
where
    I: IntoIterator<Item = OsString>,
{
    let matches = command().try_get_matches_from(arguments).map_err(|error| {
        let is_said = error.print().is_ok();
        ExitCode::from(if is_said && !error.use_stderr() { 0 } else { 2 })
    })?;
    if let Some(("krl", krl)) = matches.subcommand() {
        let env = |name: &str| std::env::var(name).ok();
        return krl::task(krl, &env)
            .map(|task| Parsed::Krl(Box::new(task)))
            .ok_or(ExitCode::from(2));
    }
    let config = settings(&matches).map_err(|error| {
        eprintln!("picomesh: {error}");
        ExitCode::from(2)
    })?;
    let action = match matches.subcommand() {
        Some(("demo", demo)) => Action::Demo { is_once: demo.get_flag("once") },
        Some(("config", _)) => Action::ConfigCheck,
        Some(_) | None => Action::Up,
    };
    Ok(Parsed::Engine(action, Box::new(config)))
}

fn settings(matches: &ArgMatches) -> Result<Config, config::Error> {
    let flag = |key: &str| matches.get_one::<String>(key).cloned();
    let env = |name: &str| std::env::var(name).ok();
    let file = flag("config-file").or_else(|| env("PICOMESH_CONFIG")).map(PathBuf::from);
    config::load(&flag, &env, file.as_deref())
}

/// What holds, for `config check`; no secrets.
#[must_use]
pub fn describe(config: &Config) -> String {
    let given = |is: bool| if is { "given" } else { "none" };
    let url = config.public_url(config.listen).map_or_else(String::new, |url| url.to_string());
    let file = config.file.as_ref().map_or("none".into(), |path| path.display().to_string());
    let key = match &config.store_key {
        config::StoreKey::Given(_) => "given".to_owned(),
        config::StoreKey::Passphrase(_) => "from a passphrase".to_owned(),
        config::StoreKey::File(path) => path.display().to_string(),
        config::StoreKey::DefaultFile(path) if path.exists() => path.display().to_string(),
        config::StoreKey::DefaultFile(path) => format!("{} (to be made)", path.display()),
    };
    [
        ("file", file),
        ("listen", config.listen.to_string()),
        ("public-url", url),
        ("data", config.data.display().to_string()),
        ("database", config.database.shown()),
        ("operator-token", given(config.operator_token.is_some()).to_owned()),
        ("test-mode", config.test_mode.to_string()),
        ("store key", key),
        ("login clients", config.login_clients.len().to_string()),
        ("login policies", config.login_policies.len().to_string()),
    ]
    .map(|(name, value)| format!("{name:<16}{value}\n"))
    .concat()
}
