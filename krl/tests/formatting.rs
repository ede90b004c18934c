//! The formatter: what it prints means the same, has all comments, and is laid out already.
//!
//! `PICOMESH_RANDOM_PROGRAMS` says how many random programs; `PICOMESH_RANDOM_SEED` where to
//! begin.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    reason = "a test ends where it goes wrong"
)]

mod generate;
mod tree;

use generate::Generator;
use picomesh_krl::diagnostic::Lines;
use picomesh_krl::format::{LINE_COLUMNS_MAX, format};
use picomesh_krl::lexer::comments;
use picomesh_krl::parser::parse;

#[track_caller]
fn check(source: &str) -> String {
    let parsed = parse(source);
    let lines = Lines::new(source);
    let errors: Vec<_> = parsed.errors.iter().map(|error| lines.reference_text(error)).collect();
    assert!(errors.is_empty(), "{errors:?}\n{source}");
    let printed = format(source).unwrap();
    let again = parse(&printed);
    assert_eq!(again.errors, [], "{source}\n--- printed:\n{printed}");
    let (before, after) = (parsed.ruleset.unwrap(), again.ruleset.unwrap());
    assert!(
        tree::ruleset(&before) == tree::ruleset(&after),
        "another tree: {source}\n--- printed:\n{printed}"
    );
    let texts = |source: &str| -> Vec<String> {
        comments(source).iter().map(|comment| comment.text.trim_end().to_owned()).collect()
    };
    assert_eq!(texts(source), texts(&printed), "{source}\n--- printed:\n{printed}");
    let twice = format(&printed).unwrap();
    if twice != printed {
        let at = twice.lines().zip(printed.lines()).position(|(one, two)| one != two);
        let at = at.unwrap_or_default().saturating_sub(3);
        let part = |text: &str| text.lines().skip(at).take(9).collect::<Vec<_>>().join("\n");
        panic!("not at rest:\n{}\n--- then:\n{}", part(&printed), part(&twice));
    }
    printed
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn random_programs_are_printed_as_they_are() {
    let count = number("PICOMESH_RANDOM_PROGRAMS").unwrap_or(60);
    let first = number("PICOMESH_RANDOM_SEED").unwrap_or(1);
    for seed in first..first + count {
        check(&Generator::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)).ruleset());
    }
}

#[test]
fn recorded_programs_are_printed_as_they_are() {
    let folder = std::env::var("PICOMESH_KRL_CORPUS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/krl-corpus").into());
    let Ok(text) = std::fs::read_to_string(format!("{folder}/parser-asts.json")) else {
        return println!("SKIPPED: no recorded cases at {folder}");
    };
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    for case in &cases {
        if case["entry"] == "parseRuleset" && case.get("ast").is_some() {
            check(case["src"].as_str().unwrap());
        }
    }
}

#[test]
fn the_layout_is_this() {
    let source = r#"ruleset io.some-rid { meta { name "x" use module a.b alias c
        configure using d = 1 e = 2 shares f,g } // the meta block
      global { f=function(a,b=1){a+b};
        g = function(x){ y = -x; (y) }


        // about k
        k = {"a":1,"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb":[1,2,],"cccccccccccccccccccccccc":ent:x{["a","b"]}[0],}
        m = k.map(function(v){v+1}).filter(function(v){ z = 2 v && z }) }
      rule r { select when a:b c re#x# setting(d) or any 2 (a b, c d) within 5 minutes
        foreach [1] setting(x) pre { q = x => 1 | 2 }
        if q then choose q { one => noop() setting(z) two => c:act(1); }
        fired { ent:x{"a"} := 1; ent:y := 2 if x; } else { clear ent:x } finally { last on final } } }"#;
    let wanted = r#"ruleset io.some-rid {
  meta {
    name "x"
    use module a.b alias c
    configure using
      d = 1
      e = 2
    shares f, g
  } // the meta block

  global {
    f = function(a, b = 1) { a + b }
    g = function(x) {
      y = -x;
      (y)
    }

    // about k
    k = {
      "a": 1,
      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb": [1, 2],
      "cccccccccccccccccccccccc": ent:x{["a", "b"]}[0]
    }
    m = k.map(function(v) { v + 1 }).filter(function(v) {
      z = 2
      v && z
    })
  }

  rule r {
    select when a:b c re#x# setting(d) or any 2 (a b, c d) within 5 minutes
    foreach [1] setting(x)
    pre {
      q = x => 1 | 2
    }
    if q then choose q {
      one => noop() setting(z)
      two => c:act(1)
    }
    fired {
      ent:x{"a"} := 1
      ent:y := 2 if x
    } else {
      clear ent:x
    } finally {
      last on final
    }
  }
}
"#;
    assert_eq!(check(source), wanted);
}

#[test]
fn long_lines_break_where_they_bind_least() {
    let name = "n".repeat(LINE_COLUMNS_MAX / 3);
    let source = format!(
        "ruleset a {{ global {{ x = {name} && {name} || {name} + {name} y = f({name}, {name}, {name}) }} }}"
    );
    let wanted = format!(
        "ruleset a {{\n  global {{\n    x = {name} && {name}\n      || {name} + {name}\n    y = f(\n      \
         {name},\n      {name},\n      {name}\n    )\n  }}\n}}\n"
    );
    assert_eq!(check(&source), wanted);
}

#[test]
fn what_cannot_be_read_is_not_printed() {
    let errors = format("ruleset a { global { x = ) y = 1 } rule r { wat } }").unwrap_err();
    assert_eq!(errors.len(), 2);
}
