//! The command line.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

fn run(line: &str) -> Result<(Action, Config), ExitCode> {
    parse(line.split_whitespace().map(OsString::from))
}

#[test]
fn commands_and_flags_stand_in_any_order() {
    let data = "--data /nowhere/data";
    let (action, config) = run(&format!("picomesh {data} --listen 127.0.0.1:0")).unwrap();
    assert_eq!((action, config.listen.port()), (Action::Up, 0));
    let (action, config) = run(&format!("picomesh up --listen 127.0.0.1:1 {data}")).unwrap();
    assert_eq!((action, config.listen.port()), (Action::Up, 1));
    let (action, _) = run(&format!("picomesh {data} demo --once")).unwrap();
    assert_eq!(action, Action::Demo { is_once: true });
    let (action, config) = run(&format!("picomesh config check {data}")).unwrap();
    assert_eq!(action, Action::ConfigCheck);
    assert!(describe(&config).contains("database        sqlite:/nowhere/data/picomesh.db"));
}

#[test]
fn a_wrong_line_ends_with_2() {
    for line in [
        "picomesh --nonsense",
        "picomesh fly",
        "picomesh config",
        "picomesh --listen 127.0.0.1:70000",
        "picomesh --listen 0.0.0.0:3000",
        "picomesh --config /nowhere.toml",
        "picomesh --store-key x",
    ] {
        let status = run(line).unwrap_err();
        assert_eq!(format!("{status:?}"), format!("{:?}", ExitCode::from(2)), "{line}");
    }
    for line in ["picomesh --help", "picomesh --version"] {
        let status = run(line).unwrap_err();
        assert_eq!(format!("{status:?}"), format!("{:?}", ExitCode::SUCCESS), "{line}");
    }
}

#[test]
fn the_flags_are_sound() {
    command().debug_assert();
}
