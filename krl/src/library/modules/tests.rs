//! The cases that were recorded from the reference, and what it has mended.

use super::call;
use crate::library::Args;
use crate::library::tests::{args, difference, meter, recorded};
use crate::value::Value;
use serde_json::Value as Json;

/// 2026-11-22T12:31:21.709Z, when the cases were recorded.
const NOW_MS: f64 = 1_795_350_681_709.0;

fn check(cases: &[Json]) {
    let mut wrong = Vec::new();
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap();
        // The reference ignores the zone.
        if text("fn") == "now" && case["args"][0].is_object() {
            continue;
        }
        let args = args(&case["args"]).unwrap();
        let outcome = call(text("module"), text("fn"), args, NOW_MS, &mut meter()).unwrap();
        wrong.extend(difference(case, outcome));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn recorded_cases_come_out_as_recorded() {
    check(&recorded("modules.json"));
}

#[test]
fn modules_answer_as_the_reference_does() {
    check(
        &serde_json::from_str::<Vec<Json>>(include_str!("../../../vectors/modules.json")).unwrap(),
    );
}

#[test]
fn a_zone_is_heeded() {
    let run = |name: &str, json: &str| {
        let args: Args = args(&serde_json::from_str(json).unwrap()).unwrap();
        match call("time", name, args, NOW_MS, &mut meter()).unwrap().unwrap() {
            Value::String(text) => text.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(run("now", r#"[{"tz":"Australia/Sydney"}]"#), "2026-11-22T23:31:21.709+11:00");
    assert_eq!(run("now", r#"[{"tz":"nowhere"}]"#), "2026-11-22T12:31:21.709Z");
    let json = r#"["2010-10-06T18:25:55Z","%F %T %z %:z %Z",{"tz":"America/Denver"}]"#;
    assert_eq!(run("strftime", json), "2010-10-06 12:25:55 -0600 -06:00 MDT");
}

#[test]
fn other_members_are_not_here() {
    assert!(call("math", "nope", Args::default(), NOW_MS, &mut meter()).is_none());
    assert!(call("http", "get", Args::default(), NOW_MS, &mut meter()).is_none());
}
