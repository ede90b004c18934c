//! Whether a presentation answers a definition: the verifier's side.
//!
//! Source: Presentation Exchange 2.0 §6; RFC 0510. A submission is the holder's claim; each of
//! its entries is evaluated again.

use serde_json::Value;

use super::matching::{check, suffices};
use super::{DESCRIPTORS_MAX, Definition, JsonPath};
use crate::{Contexts, Error, limits, vcdm};

/// The entries of the submission: descriptor id and the index of its credential.
pub fn submitted(presentation: &Value) -> Result<Vec<(String, usize)>, Error> {
    limits::check(presentation)?;
    let submission =
        presentation.get("presentation_submission").ok_or_else(|| malformed("there is none"))?;
    let map = submission.get("descriptor_map").and_then(Value::as_array);
    let map = map.ok_or_else(|| malformed("no descriptor_map"))?;
    if map.len() > DESCRIPTORS_MAX {
        return Err(Error::TooLarge("DESCRIPTORS_MAX"));
    }
    map.iter().map(|entry| index_of(entry, presentation)).collect()
}

fn index_of(entry: &Value, presentation: &Value) -> Result<(String, usize), Error> {
    let text = |key| entry.get(key).and_then(Value::as_str);
    let id = text("id").ok_or_else(|| malformed("an entry without id"))?;
    let path = text("path").ok_or_else(|| malformed("an entry without path"))?;
    if entry.get("path_nested").is_some_and(|nested| !nested.is_null()) {
        return Err(Error::Unsupported("path_nested".into()));
    }
    let found = JsonPath::parse(path)?.find(presentation);
    // It must be a credential that is verified, not some object that looks like one.
    let credentials = vcdm::credentials(presentation);
    let index = match found[..] {
        [value] => credentials.iter().position(|credential| std::ptr::eq(credential, value)),
        _ => None,
    };
    let index = index.ok_or_else(|| malformed(format!("{path} is no credential of it")))?;
    Ok((id.to_owned(), index))
}

/// Checks that a presentation answers the definition.
///
/// Each entry of its submission leads to a credential that matches its descriptor, and together
/// they satisfy the requirements. The signatures are for [`crate::verify_presentation`].
pub fn check_submission(
    definition: &Definition,
    presentation: &Value,
    contexts: &Contexts,
) -> Result<(), Error> {
    let entries = submitted(presentation)?;
    let of = presentation.pointer("/presentation_submission/definition_id");
    if of.and_then(Value::as_str) != Some(definition.id.as_str()) {
        return Err(malformed("of another definition"));
    }
    let holder = crate::claims::signer(presentation);
    let credentials = vcdm::credentials(presentation);
    for (id, index) in &entries {
        let descriptor = definition.input_descriptors.iter().find(|d| d.id == *id);
        let descriptor = descriptor.ok_or_else(|| malformed(format!("no descriptor {id}")))?;
        let credential = credentials.get(*index).ok_or_else(|| malformed("no such credential"))?;
        check(descriptor, credential, holder, contexts)
            .map_err(|reason| Error::NoMatch(format!("{id}: {reason}")))?;
    }
    let submitted: Vec<_> = entries.iter().map(|(id, _)| id.as_str()).collect();
    if suffices(definition, &submitted) {
        Ok(())
    } else {
        Err(Error::NoMatch(format!("{}: too little or too much", definition.id)))
    }
}

fn malformed(reason: impl Into<String>) -> Error {
    Error::malformed("presentation submission", reason)
}
