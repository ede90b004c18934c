//! Sequences, refusals and vectors of issue credential 2.0.

mod refusals;
mod sequences;
mod vectors;

use serde_json::json;

use super::*;
use crate::attached::Attached;
use crate::problem::Problem;

fn detail(text: &str) -> Vec<Attached> {
    vec![Attached::new(LD_PROOF_VC_DETAIL, json!({ "credential": { "id": text } }))]
}

fn vc(text: &str) -> Vec<Attached> {
    vec![Attached::new(LD_PROOF_VC, json!({ "id": text, "proof": {} }))]
}

fn proposal(text: &str) -> Proposal {
    Proposal { attached: detail(text), ..Proposal::default() }
}

fn offer(text: &str) -> Offer {
    let replacement_id = Some("r-1".to_owned());
    Offer { attached: detail(text), replacement_id, ..Offer::default() }
}

fn request(text: &str) -> Request {
    Request { attached: detail(text), ..Request::default() }
}

fn credential(text: &str) -> Credential {
    Credential {
        attached: vc(text),
        replacement_id: Some("r-1".to_owned()),
        please_ack: true,
        ..Credential::default()
    }
}

fn problem() -> Problem {
    Problem::new(ISSUANCE_ABANDONED, "no")
}
