//! Sequences, refusals and vectors of present proof 2.0.

mod refusals;
mod sequences;
mod vectors;

use serde_json::json;

use super::*;
use crate::attached::Attached;
use crate::problem::Problem;

fn definition(text: &str) -> Vec<Attached> {
    vec![Attached::new(DIF_DEFINITIONS, json!({ "presentation_definition": { "id": text } }))]
}

fn proposal(text: &str) -> Proposal {
    Proposal { attached: definition(text), ..Proposal::default() }
}

/// A request whose verifier will confirm.
fn request(text: &str) -> Request {
    Request { attached: definition(text), will_confirm: true, ..Request::default() }
}

/// A request whose verifier will not confirm.
fn curt(text: &str) -> Request {
    Request { will_confirm: false, ..request(text) }
}

fn presentation(text: &str) -> Presentation {
    let attached = vec![Attached::new(DIF_SUBMISSION, json!({ "id": text }))];
    Presentation { attached, ..Presentation::default() }
}

fn problem() -> Problem {
    Problem::new(ABANDONED, "no")
}
