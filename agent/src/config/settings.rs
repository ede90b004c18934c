//! The table of all settings: one row is a flag, a variable, a key of the file and a line of help.

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Flag without dashes, key in the file; the variable is [`env_name`].
    pub key: &'static str,
    /// What the value is called in the help text.
    pub value_name: &'static str,
    /// One or two sentences of help.
    pub help: &'static str,
    /// What holds when nothing is given, for the help text.
    pub default: &'static str,
    /// Where it may be given.
    pub place: Place,
}

/// Where a setting may be given.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Place {
    /// Flag, environment, file.
    Anywhere,
    /// Environment alone: a key must not show in a process list or lie in a file with other things.
    Environment,
    /// File (table `limits`) and environment.
    Limits,
}

/// The variable of a setting: `public-url` is `PICOMESH_PUBLIC_URL`.
#[must_use]
pub fn env_name(key: &str) -> String {
    format!("PICOMESH_{}", key.to_uppercase().replace('-', "_"))
}

/// The value of a setting that is on or off; as a flag it needs no value.
pub const TRUTH: &str = "true|false";

const fn anywhere(
    key: &'static str,
    value_name: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { key, value_name, help, default, place: Place::Anywhere }
}

const fn limit(key: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { key, value_name: "NUMBER", help, default, place: Place::Limits }
}

/// All settings, in the order of the help text.
pub const SETTINGS: &[Setting] = &[
    anywhere(
        "listen",
        "ADDRESS",
        "127.0.0.1:3000",
        "Address and port of the HTTP server. Any address but loopback demands an operator token.",
    ),
    anywhere(
        "public-url",
        "URL",
        "http://<listen>",
        "Where others reach this server; stands in invitations and is the issuer of logins.",
    ),
    anywhere(
        "data",
        "DIR",
        "./picomesh-data",
        "Directory of the embedded database, the key file and picomesh.toml.",
    ),
    anywhere(
        "database",
        "URL",
        "sqlite in the data directory",
        "sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME.",
    ),
    anywhere(
        "operator-token",
        "TOKEN",
        "none",
        "Bearer token of the admin API, at least 16 characters. Prefer the environment or the \
         file: a flag shows in the process list.",
    ),
    anywhere(
        "key-file",
        "FILE",
        "store.key in the data directory, made at the first start",
        "File with the 32-byte store key in base64 or hex, mode 0600.",
    ),
    Setting {
        key: "store-key",
        value_name: "KEY",
        help: "The store key itself, 32 bytes in base64 or hex, instead of a key file.",
        default: "none",
        place: Place::Environment,
    },
    Setting {
        key: "store-passphrase",
        value_name: "TEXT",
        help: "A passphrase that the store key is made from, instead of a key file.",
        default: "none",
        place: Place::Environment,
    },
    anywhere(
        "allow-private-addresses",
        "WHICH",
        "false",
        "Addresses that are not public and may be called: false, loopback or all.",
    ),
    anywhere(
        "unsafe-durability",
        "refuse|allow",
        "refuse",
        "Start on a database that may lose acknowledged commits.",
    ),
    anywhere(
        "compat-get-events",
        "allow|refuse",
        "allow",
        "Take events by GET too on /c/…/event/… and /sky/event/…, as pico-engine does. A link or \
         a picture in a foreign page can then raise an event whose ECI it knows.",
    ),
    anywhere(
        "page-scripts",
        "found|any",
        "found",
        "Inline scripts that a page of a ruleset may run: those that the ruleset wrote into it, \
         or any that appear while it is shown.",
    ),
    anywhere(
        "ruleset-files",
        "WHICH",
        "all on loopback, else none",
        "Files from which rulesets may be installed by a file: URL: none, all, or directories \
         separated by colons.",
    ),
    anywhere(
        "test-mode",
        TRUTH,
        "false",
        "For conformance programs, on loopback alone: the header x-pico-test-time sets the time \
         of an event.",
    ),
    anywhere("log-format", "human|json", "human", "How log lines look."),
    anywhere("log", "FILTER", "info", "Which log lines: a level, or target=level,… ."),
    limit("connections-max", "4096", "HTTP connections at one time."),
    limit("message-bytes-max", "2097152", "Largest DIDComm message that is taken."),
    limit("request-bytes-max", "1048576", "Largest request of the admin API."),
    limit("mailbox-events-max", "1024", "Events that may wait for one pico."),
];
