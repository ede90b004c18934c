//! Which credentials answer a definition.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::definition::{Definition, Field, InputDescriptor, Requirement, Rule, SchemaUri, Source};
use crate::{Contexts, Error, jsonld, vcdm};

/// Every credential has this type; to match it says nothing.
const ANY_CREDENTIAL: &str = "https://www.w3.org/2018/credentials#VerifiableCredential";

/// The credentials that answer a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    definition_id: String,
    /// For each descriptor that anything matches, the indexes of all that do.
    pub candidates: BTreeMap<String, Vec<usize>>,
    /// The descriptors to answer, each with the index of the credential that does. The first
    /// candidate is chosen; who knows better may choose another of the candidates.
    pub chosen: BTreeMap<String, usize>,
}

impl Selection {
    /// The indexes of the chosen credentials, each once, in the order of the presentation.
    pub fn credentials(&self) -> Vec<usize> {
        let mut indexes: Vec<_> = self.chosen.values().copied().collect();
        indexes.sort_unstable();
        indexes.dedup();
        indexes
    }

    /// The `presentation_submission` for a presentation of exactly [`Self::credentials`].
    pub fn submission(&self, id: &str) -> Value {
        let order = self.credentials();
        let map: Vec<_> = self
            .chosen
            .iter()
            .filter_map(|(descriptor, index)| {
                let place = order.iter().position(|other| other == index)?;
                let path = format!("$.verifiableCredential[{place}]");
                Some(json!({ "id": descriptor, "format": "ldp_vc", "path": path }))
            })
            .collect();
        json!({ "id": id, "definition_id": self.definition_id, "descriptor_map": map })
    }
}

/// Finds credentials that satisfy the definition. `holder` is the DID that would present.
pub fn matching(
    definition: &Definition,
    credentials: &[Value],
    holder: Option<&str>,
    contexts: &Contexts,
) -> Result<Selection, Error> {
    let mut candidates = BTreeMap::new();
    for descriptor in &definition.input_descriptors {
        let fits = |credential: &Value| check(descriptor, credential, holder, contexts).is_ok();
        let indexes: Vec<_> = credentials
            .iter()
            .enumerate()
            .filter(|(_, credential)| fits(credential))
            .map(|(index, _)| index)
            .collect();
        if !indexes.is_empty() {
            candidates.insert(descriptor.id.clone(), indexes);
        }
    }
    let available: Vec<&str> = candidates.keys().map(String::as_str).collect();
    let needed =
        select(definition, &available).ok_or_else(|| Error::NoMatch(definition.id.clone()))?;
    let chosen = needed
        .into_iter()
        .filter_map(|id| Some((id.to_owned(), *candidates.get(id)?.first()?)))
        .collect();
    Ok(Selection { definition_id: definition.id.clone(), candidates, chosen })
}

/// The descriptors to answer, of those that can be; `None` if that does not suffice.
fn select<'a>(definition: &'a Definition, available: &[&str]) -> Option<Vec<&'a str>> {
    if definition.requirements.is_empty() {
        let all: Vec<_> = definition.input_descriptors.iter().map(|d| d.id.as_str()).collect();
        return all.iter().all(|id| available.contains(id)).then_some(all);
    }
    let mut selected = Vec::new();
    for requirement in &definition.requirements {
        selected.extend(choose(requirement, definition, available)?);
    }
    Some(selected)
}

fn choose<'a>(
    requirement: &'a Requirement,
    definition: &'a Definition,
    available: &[&str],
) -> Option<Vec<&'a str>> {
    let (total, mut options): (usize, Vec<Vec<&str>>) = match &requirement.source {
        Source::Group(group) => {
            let of_group: Vec<_> = group_of(definition, group).collect();
            let found = of_group.iter().filter(|id| available.contains(id));
            (of_group.len(), found.map(|id| vec![*id]).collect())
        }
        Source::Nested(nested) => {
            let found = nested.iter().filter_map(|inner| choose(inner, definition, available));
            (nested.len(), found.collect())
        }
    };
    let wanted = match requirement.rule {
        Rule::All => total,
        Rule::Pick { count: Some(count), .. } => count,
        Rule::Pick { count: None, min, max } => {
            let least = min.unwrap_or(1);
            if max.is_some_and(|max| max < least) {
                return None;
            }
            least
        }
    };
    if options.len() < wanted {
        return None;
    }
    options.truncate(wanted);
    Some(options.concat())
}

/// Whether the submitted descriptors suffice; for the verifier.
pub(super) fn suffices(definition: &Definition, submitted: &[&str]) -> bool {
    if definition.requirements.is_empty() {
        let ids = definition.input_descriptors.iter().map(|descriptor| descriptor.id.as_str());
        return ids.into_iter().all(|id| submitted.contains(&id));
    }
    definition.requirements.iter().all(|requirement| holds(requirement, definition, submitted))
}

fn holds(requirement: &Requirement, definition: &Definition, submitted: &[&str]) -> bool {
    let (total, found) = match &requirement.source {
        Source::Group(group) => {
            let of_group: Vec<_> = group_of(definition, group).collect();
            let found = of_group.iter().filter(|id| submitted.contains(id)).count();
            (of_group.len(), found)
        }
        Source::Nested(nested) => {
            let found = nested.iter().filter(|inner| holds(inner, definition, submitted)).count();
            (nested.len(), found)
        }
    };
    match requirement.rule {
        Rule::All => found == total,
        Rule::Pick { count, min, max } => {
            count.is_none_or(|count| found == count)
                && min.is_none_or(|min| found >= min)
                && max.is_none_or(|max| found <= max)
                && (found > 0 || count.is_some() || min.is_some())
        }
    }
}

fn group_of<'a>(definition: &'a Definition, group: &str) -> impl Iterator<Item = &'a str> {
    let group = group.to_owned();
    definition
        .input_descriptors
        .iter()
        .filter(move |descriptor| descriptor.groups.contains(&group))
        .map(|descriptor| descriptor.id.as_str())
}

/// Whether a credential answers a descriptor, or why not.
pub(super) fn check(
    descriptor: &InputDescriptor,
    credential: &Value,
    holder: Option<&str>,
    contexts: &Contexts,
) -> Result<(), String> {
    if descriptor.limit_disclosure {
        return Err("limited disclosure is required, and no suite of ours can".into());
    }
    schema(&descriptor.schema, credential, contexts)?;
    let subjects = vcdm::each(credential.get("credentialSubject"));
    let all_are = |id: Option<&str>| {
        let is = |subject: &Value| subject.get("id").and_then(Value::as_str) == id;
        id.is_some() && !subjects.is_empty() && subjects.iter().all(is)
    };
    if descriptor.is_holder && !all_are(holder) {
        return Err("the holder is not the subject".into());
    }
    if descriptor.subject_is_issuer && !all_are(vcdm::issuer(credential)) {
        return Err("the issuer is not the subject".into());
    }
    match descriptor.fields.iter().find(|field| !fits(field, credential)) {
        Some(field) => Err(format!("no match for {}", field.paths[0].as_str())),
        None => Ok(()),
    }
}

fn fits(field: &Field, credential: &Value) -> bool {
    let found: Vec<_> = field.paths.iter().flat_map(|path| path.find(credential)).collect();
    if found.is_empty() {
        return field.optional;
    }
    found.iter().any(|value| field.filter.as_ref().is_none_or(|filter| filter.accepts(value)))
}

/// v1 `schema`: in one of the groups every required URI matches, and one that says something.
fn schema(
    groups: &[Vec<SchemaUri>],
    credential: &Value,
    contexts: &Contexts,
) -> Result<(), String> {
    if groups.is_empty() {
        return Ok(());
    }
    let types = jsonld::type_iris(credential, contexts).map_err(|error| error.to_string())?;
    let schemas = vcdm::each(credential.get("credentialSchema"));
    let matches = |schema: &SchemaUri| {
        types.contains(&schema.uri) || schemas.iter().any(|s| vcdm::id_of(s) == Some(&schema.uri))
    };
    let group_matches = |group: &Vec<SchemaUri>| {
        let mut telling = group.iter().filter(|schema| schema.uri != ANY_CREDENTIAL).peekable();
        let any = telling.peek().is_none() || telling.any(matches);
        let required = group.iter().filter(|schema| schema.required).all(matches);
        any && required && group.iter().any(matches)
    };
    if groups.iter().any(group_matches) { Ok(()) } else { Err("no schema matches".into()) }
}
