//! The command line.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

fn run(line: &str) -> Result<(Action, Config), ExitCode> {
    match parse(line.split_whitespace().map(OsString::from))? {
        Parsed::Engine(action, config) => Ok((action, *config)),
        Parsed::Krl(task) => panic!("{task:?}"),
    }
}

fn krl(line: &str) -> krl::Task {
    match parse(line.split_whitespace().map(OsString::from)).unwrap() {
        Parsed::Krl(task) => *task,
        Parsed::Engine(action, _) => panic!("{action:?}"),
    }
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
        "picomesh --test-mode=perhaps",
        "picomesh krl",
        "picomesh krl check",
        "picomesh krl install --config [] a.krl",
        "picomesh krl flush --base ftp://x a.krl",
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

#[test]
fn test_mode_needs_no_value() {
    for line in ["picomesh up --test-mode", "picomesh --test-mode up", "picomesh --test-mode=true"]
    {
        assert!(run(line).unwrap().1.test_mode, "{line}");
    }
    assert!(!run("picomesh --test-mode=false").unwrap().1.test_mode);
    assert!(
        run("picomesh --test-mode --listen 0.0.0.0:1 --operator-token 0123456789abcdef").is_err()
    );
}

#[test]
fn krl_commands_need_no_settings() {
    let task = krl("picomesh krl check --json a.krl b.krl");
    assert_eq!(
        task,
        krl::Task::Check { files: vec!["a.krl".into(), "b.krl".into()], is_json: true }
    );
    let task = krl("picomesh krl fmt --check -");
    assert_eq!(task, krl::Task::Format { files: vec!["-".into()], is_check: true });
    assert_eq!(krl("picomesh krl eval 1+1"), krl::Task::Evaluate { source: "1+1".into() });
    let line = "picomesh krl install --base http://h:1/ --eci E --config {\"a\":1} --watch \
                --operator-token t x.krl";
    let engine = krl::Engine { base: "http://h:1".parse().unwrap(), token: Some("t".into()) };
    assert_eq!(
        krl(line),
        krl::Task::Install {
            engine,
            eci: Some("E".into()),
            sources: vec!["x.krl".into()],
            config: serde_json::json!({ "a": 1 }),
            is_watching: true,
        }
    );
    assert!(matches!(krl("picomesh krl flush x.krl"), krl::Task::Flush { is_watching: false, .. }));
}
