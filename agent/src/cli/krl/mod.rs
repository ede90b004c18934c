//! `picomesh krl`: tools for people who write rulesets.
//!
//! `check`, `fmt` and `eval` look at text alone. `install` and `flush` talk to a running engine
//! through its pico-engine interface, and with `--watch` go on doing so whenever a file changes.
//!
//! Exit status: 0 done, 1 something is wrong with the ruleset or the engine, 2 with the command.

mod remote;
mod text;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do with rulesets.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Say what is wrong with files.
    Check {
        /// The files; `-` is the standard input.
        files: Vec<PathBuf>,
        /// Say it in JSON.
        is_json: bool,
    },
    /// Bring files into the one form.
    Format {
        /// The files; `-` is the standard input.
        files: Vec<PathBuf>,
        /// Change nothing, name those that have another form.
        is_check: bool,
    },
    /// Say what an expression comes to.
    Evaluate {
        /// Declarations and an expression.
        source: String,
    },
    /// Install rulesets into a pico of a running engine.
    Install {
        /// The engine and the pico.
        engine: Engine,
        /// The pico's channel; without one, the root pico's.
        eci: Option<String>,
        /// URLs or files.
        sources: Vec<String>,
        /// The configuration that the pico gives the ruleset.
        config: Value,
        /// Go on and flush files that change.
        is_watching: bool,
    },
    /// Have a running engine fetch rulesets again.
    Flush {
        /// The engine.
        engine: Engine,
        /// URLs or files.
        sources: Vec<String>,
        /// Go on and flush files that change.
        is_watching: bool,
    },
}

/// A running engine.
#[derive(Clone, PartialEq)]
pub struct Engine {
    /// Its address.
    pub base: url::Url,
    /// The operator's token, where it has one.
    pub token: Option<String>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// The commands and flags.
pub(super) fn command() -> Command {
    let files = || {
        Arg::new("files")
            .value_name("FILE")
            .required(true)
            .num_args(1..)
            .value_parser(clap::value_parser!(PathBuf))
            .help("Files with a ruleset each; - is the standard input")
    };
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    let base = || {
        Arg::new("base")
            .long("base")
            .value_name("URL")
            .default_value("http://127.0.0.1:3000")
            .value_parser(base)
            .help("The running engine; where it has an operator token, give --operator-token")
    };
    let sources = || {
        let help = "URLs (http, https, file) or files of this machine, which the engine must reach";
        Arg::new("sources").value_name("URL|FILE").required(true).num_args(1..).help(help)
    };
    let watch = || switch("watch", "Go on, and flush files whenever they change");
    let eci = Arg::new("eci").long("eci").value_name("ECI").help(
        "A channel of the pico that lets engine_ui:install through, e.g. its engine,ui channel; \
         without one, the root pico's",
    );
    // Under the name of the flag that it takes the place of: here a ruleset's, not ours.
    let config = Arg::new("config-file")
        .long("config")
        .value_name("JSON")
        .value_parser(config)
        .help("The ruleset's configuration, a JSON object");
    let expression = Arg::new("expression").value_name("EXPR").required(true);
    Command::new("krl")
        .about("Check, format, try, install and flush rulesets")
        .subcommand_required(true)
        .subcommand(
            Command::new("check")
                .about("Say what is wrong with rulesets, with line, column and a hint")
                .arg(files())
                .arg(switch("json", "In JSON: a list of objects")),
        )
        .subcommand(
            Command::new("fmt")
                .about("Bring rulesets into the one form")
                .arg(files())
                .arg(switch("check", "Change nothing, name the files that have another form")),
        )
        .subcommand(
            Command::new("eval")
                .about(
                    "Say what an expression comes to, as JSON, e.g. '[1,2].map(function(x){x*2})'",
                )
                .arg(expression),
        )
        .subcommand(
            Command::new("install")
                .about("Install rulesets into a pico of a running engine")
                .args([base(), eci, config, watch(), sources()]),
        )
        .subcommand(
            Command::new("flush")
                .about("Have a running engine fetch rulesets again; state stays")
                .args([base(), watch(), sources()]),
        )
}

fn base(text: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        _ => Err("expects http://HOST or https://HOST".into()),
    }
}

fn config(text: &str) -> Result<Value, String> {
    let value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match value {
        Value::Object(_) => Ok(value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err("expects a JSON object".into())
        }
    }
}

/// Reads what [`command`] describes. `env` looks a variable up.
pub(super) fn task(matches: &ArgMatches, env: crate::config::Lookup<'_>) -> Option<Task> {
    let (name, given) = matches.subcommand()?;
    let files = || given.get_many::<PathBuf>("files").into_iter().flatten().cloned().collect();
    let sources = || given.get_many::<String>("sources").into_iter().flatten().cloned().collect();
    let token = || {
        let flag = given.get_one::<String>("operator-token").cloned();
        flag.or_else(|| env(&crate::config::env_name("operator-token")))
    };
    let engine = || {
        let base = given.get_one::<url::Url>("base")?.clone();
        Some(Engine { base, token: token() })
    };
    Some(match name {
        "check" => Task::Check { files: files(), is_json: given.get_flag("json") },
        "fmt" => Task::Format { files: files(), is_check: given.get_flag("check") },
        "eval" => Task::Evaluate { source: given.get_one::<String>("expression")?.clone() },
        "install" => Task::Install {
            engine: engine()?,
            eci: given.get_one::<String>("eci").cloned(),
            sources: sources(),
            config: given.get_one::<Value>("config-file").cloned().unwrap_or_default(),
            is_watching: given.get_flag("watch"),
        },
        "flush" => Task::Flush {
            engine: engine()?,
            sources: sources(),
            is_watching: given.get_flag("watch"),
        },
        _ => return None,
    })
}

/// Does it, and tells how it went.
#[must_use]
pub fn run(task: Task) -> ExitCode {
    let (mut out, mut notes) = (std::io::stdout(), std::io::stderr());
    let done = match task {
        Task::Check { files, is_json } => text::check(&files, is_json, &mut out),
        Task::Format { files, is_check } => text::format(&files, is_check, &mut out, &mut notes),
        Task::Evaluate { source } => text::evaluate(&source, &mut out, &mut notes),
        Task::Install { .. } | Task::Flush { .. } => remote::run(task),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("picomesh: {reason}");
            ExitCode::FAILURE
        }
    }
}
