#![allow(clippy::unwrap_used, clippy::panic)]
//! Definitions, what answers them, and what must not.

use serde_json::{Value, json};

use super::*;
use crate::tests::{
    CHALLENGE, CREATED, NOW, did, documents, key, presented, sign, signed, signer, unsigned,
};
use crate::{
    Contexts, Expected, Policy, Presentation, Report, Suite, present, verify_presentation,
};

const V1: &str = include_str!("../../vectors/definition-acapy-v1.json");
const V2: &str = include_str!("../../vectors/definition-v2.json");
const ACAPY: &str = include_str!("../../vectors/acapy-Ed25519Signature2018.json");

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn v1() -> Definition {
    Request::parse(&read(V1)).unwrap().definition
}

fn v2() -> Definition {
    Definition::parse(&read(V2)).unwrap()
}

fn verify(presentation: &Value, definition: &Definition) -> Report {
    let expected = Expected { challenge: CHALLENGE, domain: None, definition: Some(definition) };
    let (known, policy) = (documents(presentation), Policy::default());
    verify_presentation(presentation, &expected, &known, NOW, &policy, &Contexts::new())
}

fn submit(selection: &Selection, credentials: &[Value]) -> Value {
    let credentials = selection.credentials().into_iter().map(|index| credentials[index].clone());
    let presentation = Presentation {
        credentials: credentials.collect(),
        submission: Some(selection.submission("d0a4b1ff-8a3d-4f2c-a9ab-3ee3f2b2d8b1")),
        challenge: CHALLENGE,
        ..Presentation::default()
    };
    let (key, contexts) = (key(2), Contexts::new());
    present(presentation, Suite::Ed25519Signature2020, &signer(&key), CREATED, &contexts).unwrap()
}

fn refuses(presentation: &Value, definition: &Definition) {
    let report = verify(presentation, definition);
    assert!(!report.is_valid());
    assert!(report.failures().any(|check| check.name == "submission"), "{:#}", report.to_json());
}

#[test]
fn a_presentation_of_aca_py_answers_its_definition() {
    let presentation = &read(ACAPY)["presentation"];
    let report = verify(presentation, &v1());
    assert!(report.is_valid(), "{:#}", report.to_json());
    assert_eq!(submitted(presentation).unwrap(), [("citizenship_input_1".to_owned(), 0)]);
    refuses(presentation, &v2());
}

#[test]
fn a_request_reads_and_writes() {
    let request = Request::parse(&read(V1)).unwrap();
    assert_eq!(request.challenge.as_deref(), Some(CHALLENGE));
    assert_eq!(request.to_json(), read(V1));
}

#[test]
fn a_holder_answers_both_versions() {
    let credential = read(ACAPY)["credential"].clone();
    let others = [signed(Suite::Ed25519Signature2018), signed(Suite::EddsaJcs2022), credential];
    let holder = did(&key(2));
    let contexts = Contexts::new();
    let selection = matching(&v1(), &others, Some(&holder), &contexts).unwrap();
    assert_eq!(selection.credentials(), [2]);
    let report = verify(&submit(&selection, &others), &v1());
    assert!(report.is_valid(), "{:#}", report.to_json());
    let selection = matching(&v2(), &others, Some(&holder), &contexts).unwrap();
    assert_eq!(selection.candidates["card"], [0, 2]);
    assert_eq!(selection.credentials(), [0, 1]);
    let report = verify(&submit(&selection, &others), &v2());
    assert!(report.is_valid(), "{:#}", report.to_json());
    // Without the diploma nothing suffices; as somebody else neither.
    assert!(matching(&v2(), &others[..1], Some(&holder), &contexts).is_err());
    assert!(matching(&v1(), &others, Some("did:example:other"), &contexts).is_err());
    assert!(matching(&v1(), &others, None, &contexts).is_err());
}

#[test]
fn a_submission_is_evaluated_and_not_believed() {
    let holder = did(&key(2));
    let credentials = [read(ACAPY)["credential"].clone(), signed(Suite::EddsaRdfc2022)];
    let selection = matching(&v1(), &credentials, Some(&holder), &Contexts::new()).unwrap();
    let submission = selection.submission("s");
    let answer = |credentials: Vec<Value>, submission: Value| {
        let presentation = Presentation {
            credentials,
            submission: Some(submission),
            challenge: CHALLENGE,
            ..Presentation::default()
        };
        let (key, contexts) = (key(2), Contexts::new());
        let suite = Suite::Ed25519Signature2020;
        present(presentation, suite, &signer(&key), CREATED, &contexts).unwrap()
    };
    let good = vec![credentials[0].clone()];
    assert!(verify(&answer(good.clone(), submission.clone()), &v1()).is_valid());
    // A true credential of another kind, and one whose claim has another value.
    refuses(&answer(vec![credentials[1].clone()], submission.clone()), &v1());
    refuses(&answer(vec![signed(Suite::Ed25519Signature2018)], submission.clone()), &v1());
    let edit = |pointer: &str, value: Value| {
        let mut edited = submission.clone();
        *edited.pointer_mut(pointer).unwrap() = value;
        edited
    };
    for (pointer, value) in [
        ("/definition_id", json!("another")),
        ("/descriptor_map", json!([])),
        ("/descriptor_map/0/id", json!("another")),
        ("/descriptor_map/0/path", json!("$.verifiableCredential[1]")),
        ("/descriptor_map/0/path", json!("$.verifiableCredential[0].credentialSubject")),
        ("/descriptor_map/0/path", json!("$")),
        ("/descriptor_map/0/path", json!("$..*")),
    ] {
        refuses(&answer(good.clone(), edit(pointer, value)), &v1());
    }
    // None at all, though a definition was given.
    refuses(&presented(good, Suite::Ed25519Signature2018, None), &v1());
}

#[test]
fn is_holder_and_subject_is_issuer_look_at_the_subject() {
    let mut definition = read(V1)["presentation_definition"].clone();
    definition["input_descriptors"][0]["schema"] = json!(null);
    definition["input_descriptors"][0]["constraints"] = json!({ "subject_is_issuer": "required" });
    let definition = Definition::parse(&definition).unwrap();
    let suite = Suite::Ed25519Signature2018;
    let mut own = unsigned(suite);
    own["credentialSubject"] = json!({ "id": did(&key(1)) });
    let own = sign(own, suite, 1);
    let contexts = Contexts::new();
    assert!(matching(&definition, &[signed(suite)], None, &contexts).is_err());
    assert_eq!(matching(&definition, &[own], None, &contexts).unwrap().credentials(), [0]);
}

#[test]
fn schema_matches_types_by_iri_and_credential_schemas_by_id() {
    let contexts = Contexts::new();
    let credential = signed(Suite::Ed25519Signature2018);
    let matches = |schema: Value| {
        let definition = json!({
            "id": "d", "input_descriptors": [{ "id": "i", "schema": schema }]
        });
        let definition = Definition::parse(&definition).unwrap();
        matching(&definition, std::slice::from_ref(&credential), None, &contexts).is_ok()
    };
    let any = json!({ "uri": "https://www.w3.org/2018/credentials#VerifiableCredential" });
    let card = json!({ "uri": "https://w3id.org/citizenship#PermanentResidentCard" });
    let other = json!({ "uri": "https://w3id.org/citizenship#Other" });
    let other_required = json!({ "uri": "https://w3id.org/citizenship#Other", "required": true });
    assert!(matches(json!([any])) && matches(json!([any, card])) && matches(json!([card])));
    assert!(matches(json!([other, card])));
    assert!(!matches(json!([any, other])) && !matches(json!([other, any])));
    assert!(!matches(json!([card, other_required])));
    assert!(matches(json!({ "oneof_filter": [[other], [any, card]] })));
    assert!(matches(json!({ "oneof_filter": [other, card] })));
    assert!(!matches(json!({ "oneof_filter": [[other], [any, other]] })));
    // A context is not signed, and a bare name is not an IRI.
    assert!(!matches(json!([{ "uri": "https://w3id.org/citizenship/v1" }])));
    assert!(!matches(json!([{ "uri": "PermanentResidentCard" }])));
}

#[test]
fn what_our_suites_cannot_do_matches_nothing() {
    let credential = signed(Suite::Ed25519Signature2018);
    let try_with = |constraints: Value| {
        let definition = json!({
            "id": "d", "input_descriptors": [{ "id": "i", "constraints": constraints }]
        });
        let definition = Definition::parse(&definition).unwrap();
        matching(&definition, std::slice::from_ref(&credential), None, &Contexts::new())
    };
    let field = json!({ "path": ["$.issuer"] });
    assert!(try_with(json!({ "fields": [field], "limit_disclosure": "preferred" })).is_ok());
    assert!(try_with(json!({ "fields": [field], "limit_disclosure": "required" })).is_err());
    let predicate = json!({ "path": ["$.issuer"], "predicate": "required" });
    assert!(try_with(json!({ "fields": [predicate] })).is_err());
    assert!(try_with(json!({ "fields": [{ "path": ["$.none"] }] })).is_err());
}

#[test]
fn requirements_count() {
    let definition = |requirements: Value| {
        let descriptors: Vec<_> =
            ["a", "b", "c"].iter().map(|id| json!({ "id": id, "group": ["G"] })).collect();
        Definition::parse(&json!({
            "id": "d", "input_descriptors": descriptors, "submission_requirements": requirements
        }))
        .unwrap()
    };
    let suffices = |requirement: Value, submitted: &[&str]| {
        super::matching::suffices(&definition(json!([requirement])), submitted)
    };
    assert!(suffices(json!({ "rule": "all", "from": "G" }), &["a", "b", "c"]));
    assert!(!suffices(json!({ "rule": "all", "from": "G" }), &["a", "b"]));
    let two = json!({ "rule": "pick", "count": 2, "from": "G" });
    assert!(suffices(two.clone(), &["a", "c"]));
    assert!(!suffices(two.clone(), &["a"]) && !suffices(two.clone(), &["a", "b", "c"]));
    let range = json!({ "rule": "pick", "min": 1, "max": 2, "from": "G" });
    assert!(suffices(range.clone(), &["a"]) && suffices(range.clone(), &["a", "b"]));
    assert!(!suffices(range.clone(), &[]) && !suffices(range.clone(), &["a", "b", "c"]));
    let nested = json!({ "rule": "all", "from_nested": [two, range] });
    assert!(suffices(nested.clone(), &["a", "b"]) && !suffices(nested, &["a"]));
    assert!(!suffices(json!({ "rule": "pick", "from": "G" }), &[]));
    // What is chosen is what suffices.
    let credential = signed(Suite::EddsaJcs2022);
    let credentials = std::slice::from_ref(&credential);
    for requirement in [two, range] {
        let definition = definition(json!([requirement]));
        let selection = matching(&definition, credentials, None, &Contexts::new()).unwrap();
        let chosen: Vec<_> = selection.chosen.keys().map(String::as_str).collect();
        assert!(super::matching::suffices(&definition, &chosen));
    }
}

#[test]
fn a_definition_that_we_cannot_carry_out_is_refused() {
    let descriptor = |value: Value| json!({ "id": "d", "input_descriptors": [value] });
    let constraints = |value: Value| descriptor(json!({ "id": "i", "constraints": value }));
    let requirement = |value: Value| {
        json!({
            "id": "d", "input_descriptors": [{ "id": "i", "group": ["A"] }],
            "submission_requirements": [value]
        })
    };
    let mut nested = json!({ "rule": "all", "from": "A" });
    for _ in 0..7 {
        nested = json!({ "rule": "all", "from_nested": [nested] });
    }
    for definition in [
        json!(null),
        json!({}),
        json!({ "id": "d" }),
        json!({ "id": "d", "input_descriptors": [] }),
        json!({ "id": 1, "input_descriptors": [{ "id": "i" }] }),
        json!({ "id": "d", "input_descriptors": [{ "id": "i" }, { "id": "i" }] }),
        json!({ "id": "d", "input_descriptors": vec![json!({ "id": "i" }); 51] }),
        descriptor(json!({})),
        descriptor(json!({ "id": "i", "schema": [] })),
        descriptor(json!({ "id": "i", "schema": [{ "url": "x" }] })),
        descriptor(json!({ "id": "i", "group": 1 })),
        constraints(json!([])),
        constraints(json!({ "fields": [{}] })),
        constraints(json!({ "fields": [{ "path": [] }] })),
        constraints(json!({ "fields": [{ "path": ["x"] }] })),
        constraints(json!({ "fields": [{ "path": ["$.a"], "filter": { "allOf": [] } }] })),
        constraints(json!({ "fields": vec![json!({ "path": ["$.a"] }); 51] })),
        constraints(json!({ "limit_disclosure": "maybe" })),
        constraints(json!({ "same_subject": [{ "directive": "required", "field_id": ["a"] }] })),
        constraints(json!({ "statuses": { "active": { "directive": "required" } } })),
        constraints(json!({ "is_holder": [{ "field_id": ["a"], "directive": 1 }] })),
        requirement(json!({ "rule": "some", "from": "A" })),
        requirement(json!({ "rule": "all" })),
        requirement(json!({ "rule": "all", "from": "B" })),
        requirement(json!({ "rule": "pick", "count": -1, "from": "A" })),
        requirement(
            json!({ "rule": "all", "from": "A", "from_nested": [{ "rule": "all", "from": "A" }] }),
        ),
        requirement(nested),
    ] {
        assert!(Definition::parse(&definition).is_err(), "{definition}");
    }
    assert!(Request::parse(&json!({})).is_err());
    let mut long = read(V1);
    long["options"]["challenge"] = json!("x".repeat(2000));
    assert!(Request::parse(&long).is_err());
}
