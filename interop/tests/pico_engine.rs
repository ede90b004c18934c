//! Programs for pico-engine 1.4 answer here as they answered there.
//!
//! `interop/pico-engine/recorded/` holds what the reference answered. With
//! `PICOMESH_TEST_REFERENCE_URL` set to a running reference, the answers are recorded anew and
//! nothing is compared. `PICOMESH_TEST_SCRIPTS=a,b` runs only these scripts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends with the reason")]

use std::env;

use picomesh_interop::Picomesh;
use picomesh_interop::programs::{self, Answer, Script};

#[tokio::test]
async fn programs_answer_as_on_the_reference() {
    let reference = env::var("PICOMESH_TEST_REFERENCE_URL").ok();
    let wanted = env::var("PICOMESH_TEST_SCRIPTS").unwrap_or_default();
    let mut differences = Vec::new();
    let ours = match &reference {
        Some(_) => None,
        None => Some(Picomesh::start("").await.unwrap()),
    };
    for name in Script::names().unwrap() {
        if !wanted.is_empty() && !wanted.split(',').any(|wanted| wanted == name) {
            continue;
        }
        let script = Script::load(&name).unwrap();
        let base = reference.as_deref().or(ours.as_ref().map(Picomesh::url)).unwrap();
        match (programs::run(&script, base).await, &reference) {
            (Ok(answers), Some(_)) => Answer::record(&name, &answers).unwrap(),
            (Ok(answers), None) => differences.extend(compared(&script, &answers)),
            (Err(error), _) => differences.push(format!("{name}: {error}")),
        }
    }
    let count = differences.len();
    assert!(differences.is_empty(), "{count} differences\n{}", differences.join("\n"));
}

/// What is not as recorded, nor as the script says that it is mended.
fn compared(script: &Script, answers: &[Answer]) -> Vec<String> {
    let recorded = Answer::recorded(&script.name).unwrap();
    let installations = answers.len() - script.steps.len();
    let mut differences = Vec::new();
    for (place, answer) in answers.iter().enumerate() {
        let mended = place.checked_sub(installations).and_then(|i| script.steps[i].mended.clone());
        let mut expected = match recorded.get(place) {
            Some(expected) if expected.step == answer.step => expected.clone(),
            _ => panic!("{}: record anew, {} is not there", script.name, answer.step),
        };
        if let Some(mended) = mended {
            expected.body = mended.body;
        }
        if expected != *answer {
            differences.push(format!(
                "{} {place} {}\n  expected {} {}\n  answered {} {}",
                script.name, answer.step, expected.head, expected.body, answer.head, answer.body
            ));
        }
    }
    differences
}
