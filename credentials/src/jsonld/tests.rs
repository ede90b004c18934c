#![allow(clippy::unwrap_used, clippy::panic)]
//! The canonical form, against documents that another implementation canonicalized.

use serde_json::Value;

use crate::Contexts;

/// For comparing by hand: `HAND_CASES=dir`, one `*.json` beside its `*.nq` each.
#[test]
#[ignore = "needs a folder of cases"]
#[expect(clippy::disallowed_methods, reason = "a test by hand reads its cases")]
fn cases_of_another_implementation() {
    let dir = std::env::var("HAND_CASES").unwrap();
    let (mut same, mut refused, mut different) = (0, Vec::new(), Vec::new());
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let document: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let expected = std::fs::read_to_string(path.with_extension("nq")).unwrap();
        match super::canonical(&document, &Contexts::new().with_inline()) {
            Ok(text) if text == expected => same += 1,
            Ok(text) => different.push(format!("{name}\n--- ours\n{text}--- theirs\n{expected}")),
            Err(error) => refused.push(format!("{name}: {error}")),
        }
    }
    println!(
        "same {same}\nrefused {}\n{}",
        refused.len(),
        refused.join("\n")
    );
    println!("different {}\n{}", different.len(), different.join("\n"));
    assert!(different.is_empty());
}
