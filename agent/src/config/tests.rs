//! Settings: precedence, and one refusal for every way to get one wrong (bad-inputs row 99).
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use secrecy::ExposeSecret as _;
use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn try_load(
    flags: &[(&str, &str)],
    env: &[(&str, &str)],
    file: Option<&Path>,
) -> Result<Config, Error> {
    let map = |pairs: &[(&str, &str)]| -> HashMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let (flags, env) = (map(flags), map(env));
    load(&|key| flags.get(key).cloned(), &|key| env.get(key).cloned(), file)
}

fn write(directory: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[test]
fn defaults_are_loopback_and_the_embedded_database() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let config = try_load(&[("data", data.to_str().unwrap())], &[], None).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
    assert!(
        matches!(&config.database, Database::Sqlite(path) if *path == data.join("picomesh.db"))
    );
    assert!(
        matches!(&config.store_key, StoreKey::DefaultFile(path) if *path == data.join("store.key"))
    );
    assert_eq!(config.allow_private_addresses, AllowPrivate::No);
    assert_eq!(config.public_url(config.listen).unwrap().as_str(), "http://127.0.0.1:3000/");
    assert!(!data.exists(), "reading the configuration creates nothing");
}

#[test]
fn a_flag_beats_the_environment_beats_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = write(directory.path(), "a.toml", "listen = '127.0.0.1:1'\nlog = 'warn'", 0o644);
    let env = [("PICOMESH_LISTEN", "127.0.0.1:2")];
    let flag = [("listen", "127.0.0.1:3")];
    let port = |flags: &[(&str, &str)], env: &[(&str, &str)]| {
        try_load(flags, env, Some(&file)).unwrap().listen.port()
    };
    assert_eq!((port(&flag, &env), port(&[], &env), port(&[], &[])), (3, 2, 1));
    assert_eq!(try_load(&flag, &env, Some(&file)).unwrap().log, "warn");
}

#[test]
fn the_file_of_the_data_directory_is_read() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "picomesh.toml", "listen = 'localhost:4'", 0o644);
    let flags = [("data", directory.path().to_str().unwrap())];
    assert_eq!(try_load(&flags, &[], None).unwrap().listen.port(), 4);
    write(directory.path(), "picomesh.toml", "\ndata = '/elsewhere'", 0o644);
    let error = try_load(&flags, &[], None).unwrap_err().to_string();
    assert!(error.contains("picomesh.toml:2: data:"), "{error}");
}

#[test]
fn login_tables_pass_through_with_their_line() {
    let directory = tempfile::tempdir().unwrap();
    let text = "[limits]\nconnections-max = 1_000\n\n[[login.client]]\nid = 'web'\n\
                redirect_uris = ['https://a.example/cb']\n\n[[login.policy]]\nid = 'p'\n\
                max_age_seconds = 5\n";
    let file = write(directory.path(), "a.toml", text, 0o644);
    let config = try_load(&[], &[], Some(&file)).unwrap();
    assert_eq!(config.limits.connections_max, 1000);
    assert_eq!(config.login_clients[0].value["redirect_uris"][0], "https://a.example/cb");
    assert_eq!(config.login_policies[0].value["max_age_seconds"], 5);
    assert!(config.login_policies[0].origin.to_string().ends_with("a.toml:8"));
}

/// bad-inputs row 99: one line that names the setting and the place.
#[test]
fn a_wrong_file_is_refused_by_line() {
    let directory = tempfile::tempdir().unwrap();
    let cases = [
        ("\nlisten = '127.0.0.1:70000'", "a.toml:2: listen: `127.0.0.1:70000`"),
        ("a = 1", "a.toml:1: unknown key `a`"),
        ("\n\n[limits]\nx = 1", "a.toml:4: unknown key `limits.x`"),
        ("[login]\nx = 1", "a.toml:2: unknown key `login.x`"),
        ("[login]\nclient = 1", "a.toml:2: write it as [[login.client]]"),
        ("listen = ", "a.toml:1: "),
        ("log = 'x'\nlog = 'y'", "a.toml:2: duplicate key"),
        ("listen = [1]", "a.toml:1: `listen` must be a address"),
        ("store-key = 'x'", "a.toml:1: unknown key `store-key`"),
        ("limits = 3", "a.toml:1: `limits` must be a table"),
        ("public-url = 'ftp://x'", "a.toml:1: public-url: expects http"),
        ("public-url = 'https://u:p@x'", "must not contain a user"),
        ("public-url = 'nonsense'", "is not a URL"),
        ("database = 'mysql://x'", "a.toml:1: database: expects sqlite:FILE"),
        ("log = 'a=b=c'", "a.toml:1: log: "),
        ("log-format = 'xml'", "neither human nor json"),
        ("allow-private-addresses = true", "not one of false, loopback, all"),
        ("unsafe-durability = true", "neither refuse nor allow"),
        ("operator-token = 'short'", "a.toml:1: operator-token: must have at least 16"),
        ("[limits]\nconnections-max = 0", "a.toml:2: connections-max: `0` is not a number"),
        ("listen = '0.0.0.0:3000'", "a.toml:1: listen: 0.0.0.0:3000 is not loopback"),
        ("listen = '[::]:3000'", "is not loopback"),
    ];
    for (text, expected) in cases {
        let file = write(directory.path(), "a.toml", text, 0o644);
        let error = try_load(&[], &[], Some(&file)).unwrap_err().to_string();
        assert!(error.contains(expected), "{text:?} says {error:?}");
        assert!(!error.contains('\n'), "one line: {error:?}");
    }
}

#[test]
fn a_wrong_flag_or_variable_is_refused_by_name() {
    let error = try_load(&[("listen", "x")], &[], None).unwrap_err().to_string();
    assert!(error.starts_with("--listen: "), "{error}");
    let error = try_load(&[], &[("PICOMESH_PUBLIC_URL", "x")], None).unwrap_err().to_string();
    assert!(error.starts_with("PICOMESH_PUBLIC_URL: "), "{error}");
    let error = try_load(&[], &[], Some(Path::new("/nowhere.toml"))).unwrap_err().to_string();
    assert!(error.starts_with("/nowhere.toml: "), "{error}");
}

#[test]
fn listening_to_others_needs_a_token_and_nobody_prints_it() {
    let token = ("PICOMESH_OPERATOR_TOKEN", "0123456789abcdef");
    let config = try_load(&[("listen", "0.0.0.0:0")], &[token], None).unwrap();
    assert_eq!(config.operator_token.as_ref().unwrap().expose_secret(), token.1);
    assert!(!format!("{config:?}").contains(token.1));
    let url = "postgres://user:hunter22@db.example/x";
    let config = try_load(&[("database", url)], &[], None).unwrap();
    assert!(!format!("{config:?}").contains("hunter22"));
    assert_eq!(config.database.shown(), "postgres://db.example/x");
}

#[test]
fn a_key_file_is_private_and_has_32_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let hex = "00".repeat(32);
    let base64 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for good in [hex.as_str(), base64, &format!("{base64}\n")] {
        let path = write(directory.path(), "good", good, 0o600);
        assert_eq!(*key_file_read(&path).unwrap(), [0; 32]);
    }
    let cases = [
        (hex.as_str(), 0o644, "mode 0644"),
        (hex.as_str(), 0o640, "mode 0640"),
        ("AAAA", 0o600, "has 3 bytes instead of 32"),
        ("!", 0o600, "neither base64 nor hex"),
        ("", 0o600, "has 0 bytes"),
    ];
    for (text, mode, expected) in cases {
        let path = write(directory.path(), "bad", text, mode);
        let flags = [("key-file", path.to_str().unwrap())];
        let error = try_load(&flags, &[], None).unwrap_err().to_string();
        assert!(error.contains(expected) && error.starts_with("key-file "), "{error}");
    }
    let flags = [("key-file", "/nowhere.key")];
    assert!(try_load(&flags, &[], None).unwrap_err().to_string().contains("/nowhere.key"));
}

#[test]
fn a_key_file_is_made_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.key");
    key_file_create(&path, &[7; 32]).unwrap();
    assert_eq!(*key_file_read(&path).unwrap(), [7; 32]);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    key_file_create(&path, &[8; 32]).unwrap_err();
}

#[test]
fn one_store_key_is_enough() {
    let hex = "00".repeat(32);
    let env = [("PICOMESH_STORE_KEY", hex.as_str())];
    assert!(matches!(try_load(&[], &env, None).unwrap().store_key, StoreKey::Given(_)));
    let env = [env[0], ("PICOMESH_STORE_PASSPHRASE", "correct horse battery")];
    let error = try_load(&[], &env, None).unwrap_err().to_string();
    assert!(error.starts_with("PICOMESH_STORE_KEY: give one of"), "{error}");
    let env = [("PICOMESH_STORE_KEY", "abcd")];
    let error = try_load(&[], &env, None).unwrap_err().to_string();
    assert_eq!(error, "PICOMESH_STORE_KEY: has 3 bytes instead of 32");
}

#[test]
fn what_programs_for_pico_engine_need_is_set() {
    let config = try_load(&[], &[], None).unwrap();
    assert!(config.compat_get_events && !config.test_mode);
    assert_eq!(config.page_scripts, PageScripts::Found);
    assert_eq!(config.ruleset_files, RulesetFiles::All);
    let flags = [
        ("compat-get-events", "refuse"),
        ("page-scripts", "any"),
        ("ruleset-files", "/a:/b"),
        ("test-mode", "true"),
    ];
    let config = try_load(&flags, &[], None).unwrap();
    assert!(!config.compat_get_events && config.test_mode);
    assert_eq!(config.page_scripts, PageScripts::Any);
    assert_eq!(config.ruleset_files, RulesetFiles::Under(vec!["/a".into(), "/b".into()]));
}

/// Elsewhere than on loopback nobody sets the time, and no file is read for a stranger.
#[test]
fn test_mode_and_files_are_for_loopback() {
    let open = [("listen", "0.0.0.0:1"), ("operator-token", "0123456789abcdef")];
    assert_eq!(try_load(&open, &[], None).unwrap().ruleset_files, RulesetFiles::None);
    let env = [("PICOMESH_TEST_MODE", "true")];
    let error = try_load(&open, &env, None).unwrap_err().to_string();
    assert!(error.starts_with("PICOMESH_TEST_MODE: 0.0.0.0:1 is not loopback"), "{error}");
    assert!(!try_load(&open, &[("PICOMESH_TEST_MODE", "false")], None).unwrap().test_mode);
    for (key, value) in [("test-mode", "1"), ("ruleset-files", "here"), ("page-scripts", "no")] {
        assert!(try_load(&[(key, value)], &[], None).is_err(), "{key}");
    }
}

#[test]
fn ruleset_files_stay_under_their_directories() {
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("in");
    std::fs::create_dir(&inside).unwrap();
    let good = write(&inside, "a.krl", "", 0o644);
    let secret = write(directory.path(), "b.krl", "", 0o644);
    std::os::unix::fs::symlink(&secret, inside.join("link.krl")).unwrap();
    let files = RulesetFiles::Under(vec![inside.clone()]);
    assert!(files.allows(&good));
    for bad in [secret, inside.join("../b.krl"), inside.join("link.krl"), inside.join("none.krl")] {
        assert!(!files.allows(&bad), "{}", bad.display());
    }
    assert!(RulesetFiles::All.allows(&good) && !RulesetFiles::None.allows(&good));
}
