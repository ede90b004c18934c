//! Cases as JavaScript answers them, by every engine, and the limits.

use super::backtrack::{self, Guard};
use super::{NONE, RegExp, Search, pike};
use crate::fault::Fault;
use crate::library::Meter;
use serde_json::Value;

/// `pattern`, `flags`, `text` and what `RegExp.prototype.exec` of node 20 returns: `found`, the
/// byte ranges of the match and of its groups, or `error`, what the constructor throws.
const VECTORS: &str = include_str!("../../vectors/regex.json");

fn meter() -> Meter {
    Meter { fuel: 10_000_000, allocated: 0, heap_max: 1 << 26 }
}

fn ranges(slots: &[usize], groups: usize) -> Value {
    let range = |pair: &[usize]| match pair {
        [start, end] if *start != NONE && *end != NONE => serde_json::json!([start, end]),
        _ => Value::Null,
    };
    slots[..2 * groups + 2].chunks(2).map(range).collect()
}

fn check(case: &Value) -> Result<(), String> {
    let field = |name: &str| case[name].as_str().unwrap_or_default();
    let regexp = match RegExp::new(field("pattern"), field("flags")) {
        Ok(regexp) => regexp,
        Err(fault) if fault.to_string() == field("error") => return Ok(()),
        Err(fault) => return Err(format!("{case}: {fault}")),
    };
    if case.get("error").is_some() || case.get("source").is_some_and(|s| s != regexp.source()) {
        return Err(format!("{case}: accepted as {regexp:?}"));
    }
    let (text, groups) = (field("text"), regexp.names.len());
    let found = regexp.exec(text, 0, &mut meter()).map_err(|fault| format!("{case}: {fault}"))?;
    let found = found.map_or(Value::Null, |found| {
        let all = [Some((found.start, found.end))].into_iter().chain(found.groups);
        all.map(|range| serde_json::json!(range)).collect()
    });
    if found != case["found"] {
        return Err(format!("{case}: found {found}"));
    }
    if !regexp.program.is_linear {
        return Ok(());
    }
    let mut search = Search::new(text, &meter());
    let guard = Guard::visited(regexp.program.code.len() * (text.len() + 1), 0);
    let guarded = backtrack::find(&regexp.program, &mut search, 0, guard).map(Into::into);
    let parallel = pike::find(&regexp.program, &mut search, 0);
    for (engine, slots) in [("guarded", guarded), ("pike", parallel)] {
        let slots: Option<Vec<usize>> = slots.map_err(|fault| format!("{case}: {fault}"))?;
        let found = slots.map_or(Value::Null, |slots| ranges(&slots, groups));
        if found != case["found"] {
            return Err(format!("{case}: {engine} found {found}"));
        }
    }
    Ok(())
}

#[test]
fn every_engine_answers_as_javascript_does() {
    let cases: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let wrong: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn exec(pattern: &str, text: &str) -> Result<bool, Fault> {
    // A search without bounds would not come back.
    let found = RegExp::new(pattern, "")?.exec(text, 0, &mut meter());
    found.map(|found| found.is_some())
}

#[test]
fn a_hard_pattern_on_a_long_text_is_answered() {
    let text = "a".repeat(1 << 20) + "b";
    assert_eq!(exec("^(a+)+$", &text), Ok(false));
    assert_eq!(exec("^(a|a)*$", &text), Ok(false));
    assert_eq!(exec("(x+x+)+y", &"x".repeat(1 << 20)), Ok(false));
    let answer = exec("(a+)+$", &text);
    assert!(matches!(answer, Ok(false) | Err(Fault::Limit("REGEX_STEPS_MAX"))), "{answer:?}");
}

#[test]
fn what_only_backtracking_can_do_is_bounded() {
    let text = "a".repeat(40) + "b";
    assert_eq!(exec("^(a+)+\\1$", &text), Err(Fault::Limit("REGEX_STEPS_MAX")));
    let text = "a".repeat(2_000_000);
    assert_eq!(exec("^(.*)\\1b", &text), Err(Fault::Limit("REGEX_STACK_MAX")));
}

#[test]
fn large_patterns_are_refused() {
    for pattern in [
        "(?:a{1000}){1000}",
        "a{100000}",
        "(((a{100}){100}){100}){100}",
        "(?:(?:(?:){10000}){10000}){10000}",
        &"a|".repeat(20_000),
    ] {
        assert_eq!(exec(pattern, "a"), Err(Fault::Limit("REGEX_SIZE_MAX")), "{pattern}");
    }
    let nested = "(".repeat(10_000) + &")".repeat(10_000);
    assert_eq!(exec(&nested, "a"), Err(Fault::Limit("REGEX_NESTING_MAX")));
    let nested = "(".repeat(200) + &")".repeat(200);
    assert_eq!(exec(&nested, "a"), Ok(true));
}

#[test]
fn steps_cost_fuel() {
    let regexp = RegExp::new("(?:a|b)*c", "").unwrap();
    let text = "ab".repeat(1000);
    let mut poor = Meter { fuel: 100, ..meter() };
    assert_eq!(regexp.exec(&text, 0, &mut poor), Err(Fault::Limit("FUEL_MAX")));
    assert_eq!(poor.fuel, 0);
    let mut rich = meter();
    assert_eq!(regexp.exec(&text, 0, &mut rich), Ok(None));
    assert!(rich.fuel < meter().fuel - 100);
}

#[test]
fn searches_begin_at_the_offset() {
    let regexp = RegExp::new("é(?<rest>.)?", "gi").unwrap();
    let text = "aÉb é";
    let first = regexp.exec(text, 0, &mut meter()).unwrap().unwrap();
    assert_eq!((first.start, first.end, &first.groups[..]), (1, 4, &[Some((3, 4))][..]));
    let second = regexp.exec(text, first.end, &mut meter()).unwrap().unwrap();
    assert_eq!((second.start, second.end, &second.groups[..]), (5, 7, &[None][..]));
    assert_eq!(regexp.exec(text, 7, &mut meter()), Ok(None));
    assert_eq!(regexp.exec(text, 8, &mut meter()), Ok(None));
    assert_eq!(regexp.group_names(), [Some("rest".into())]);
    assert_eq!((regexp.source(), regexp.flags()), ("é(?<rest>.)?", "gi"));
    assert!(regexp.is_global() && regexp == RegExp::new("é(?<rest>.)?", "ig").unwrap());
    let sticky = RegExp::new("b", "y").unwrap();
    assert_eq!(sticky.exec("ab", 0, &mut meter()), Ok(None));
    assert!(sticky.exec("ab", 1, &mut meter()).unwrap().is_some());
}
