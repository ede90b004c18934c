//! KRL as text: read, checked, printed. What is printed means the same, and is printed alike.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_krl::diagnostic::{Diagnostic, Lines};
use picomesh_krl::{check, compile, format, parser};

fuzz_target!(|source: &str| {
    let lines = Lines::new(source);
    let _ = parser::parse_source(source);
    let parsed = parser::parse(source);
    for error in &parsed.errors {
        let _ = (lines.reference_text(error), lines.locate(error));
    }
    let Some(ruleset) = parsed.ruleset else { return };
    let found = check::check(&ruleset);
    for found in &found {
        let _ = (lines.reference_refusal(found), lines.reference_warning(found));
    }
    if !parsed.errors.is_empty() {
        assert!(format::format(source).is_err());
        return;
    }
    if !found.iter().any(Diagnostic::is_error)
        && let Err(error) = compile::compile(&ruleset)
    {
        assert!(is_limit(&error.message), "checked, but {error}");
    }
    let printed = format::format(source).expect("it was read");
    let again = parser::parse(&printed);
    let Some(again) = again.ruleset.filter(|_| again.errors.is_empty()) else {
        panic!("{printed}\n{:?}", again.errors);
    };
    assert_eq!(tree(&ruleset), tree(&again), "{printed}");
    assert_eq!(format::format(&printed).as_ref(), Ok(&printed));
});

fn is_limit(message: &str) -> bool {
    message.starts_with("Too many") || message.contains("limit ")
}

/// The tree without its places.
fn tree(ruleset: &picomesh_krl::ast::Ruleset) -> String {
    let text = format!("{ruleset:?}");
    let mut pieces = text.split("Span { start: ");
    let mut tree = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        tree.push_str(piece.split_once('}').map_or("", |(_, rest)| rest));
    }
    tree
}
