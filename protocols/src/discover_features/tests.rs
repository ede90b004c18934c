//! Sequences, vectors and refusals of Discover Features.

use picomesh_didcomm::{Message, Version};
use serde_json::{Value, json};

use super::*;
use crate::Error;

fn parse(text: &str) -> Message {
    Message::parse(text.as_bytes()).unwrap()
}

fn features() -> Vec<Feature> {
    vec![
        Feature::protocol("https://didcomm.org/tictactoe/1.0", &["player"]),
        Feature::protocol("https://didcomm.org/trust_ping/1.0", &[]),
        Feature::new("goal-code", "aries.sell.goods.consumer"),
        Feature::new("aip", "AIP2.0"),
        Feature::new("accept", "didcomm/v2"),
        Feature::new("header", "return_route"),
    ]
}

fn told(answer: &Message) -> Value {
    Value::Object(answer.body.clone())
}

#[test]
fn stars_stand_for_any_text() {
    for (pattern, id, expected) in [
        ("*", "", true),
        ("*", "anything", true),
        ("", "", true),
        ("", "x", false),
        ("https://didcomm.org/tictactoe/1.*", "https://didcomm.org/tictactoe/1.0", true),
        ("https://didcomm.org/tictactoe/1.*", "https://didcomm.org/tictactoe/2.0", false),
        ("*/1.0", "https://didcomm.org/tictactoe/1.0", true),
        ("*tac*1.*", "https://didcomm.org/tictactoe/1.0", true),
        ("a*b*c", "abbbc", true),
        ("a*b*c", "abbb", false),
        ("a**", "a", true),
        ("A", "a", false),
        ("a.c", "abc", false),
    ] {
        assert_eq!(matches(pattern, id), expected, "{pattern} {id}");
    }
}

#[test]
fn a_pattern_made_to_hurt_ends_soon() {
    let pattern = "a*".repeat(120);
    let id = "a".repeat(10_000);
    assert!(!matches(&format!("{pattern}b"), &id));
}

/// RFC 0031 §Messages.
///
///   Requester             Responder
///     | ------- query -----> |
///     | <----- disclose ---- |
#[test]
fn version_1_is_answered_in_version_1() {
    let asked = parse(include_str!("vectors/rfc0031-query.json"));
    let answer = answer(&asked, &features(), "d1").unwrap();
    assert_eq!(answer.kind.to_string(), "https://didcomm.org/discover-features/1.0/disclose");
    assert_eq!(answer.thread_id(), asked.id);
    let expected: Value =
        serde_json::from_str(include_str!("vectors/rfc0031-disclose.json")).unwrap();
    assert_eq!(told(&answer)["protocols"], expected["protocols"]);
}

/// RFC 0557 §Messages, over DIDComm v1; the body of DIDComm v2 is the same.
#[test]
fn version_2_is_answered_in_version_2() {
    for asked in [
        parse(include_str!("vectors/rfc0557-queries.json")),
        parse(include_str!("vectors/didcomm-v2-queries.json")),
    ] {
        let answer = answer(&asked, &features(), "d1").unwrap();
        assert_eq!(
            answer.kind.to_string(),
            "https://didcomm.org/discover-features/2.0/disclosures"
        );
        assert_eq!(answer.version, asked.version);
        assert_eq!(answer.thread_id(), asked.id);
        let expected: Value =
            serde_json::from_str(include_str!("vectors/rfc0557-disclosures.json")).unwrap();
        assert_eq!(told(&answer)["disclosures"], expected["disclosures"]);
    }
}

#[test]
fn an_unknown_feature_type_discloses_nothing_and_synonyms_are_known() {
    let queries = |feature_type: &str| Queries {
        queries: vec![Query { feature_type: feature_type.to_owned(), pattern: "*".to_owned() }],
    };
    let none = answer(&queries("shoe-size").to_message(Version::V2, "q"), &features(), "d");
    assert_eq!(told(&none.unwrap()), json!({ "disclosures": [] }));
    let one = answer(&queries("decorator").to_message(Version::V1, "q"), &features(), "d");
    assert_eq!(told(&one.unwrap())["disclosures"][0]["id"], json!("return_route"));
}

#[test]
fn a_requester_learns_what_it_asked_for() {
    for version in [Version::V1, Version::V2] {
        let queries = Queries { queries: vec![Query::protocol("*tictactoe*")] };
        let begun = Requester::ask(version, "q1", &queries);
        let [Effect::Send(asked)] = &begun.effects[..] else { panic!("one message") };
        let answer = answer(asked, &features(), "d1").unwrap();
        let step = begun.state.step(Input::Disclosed(&answer)).unwrap();
        assert_eq!(step.state, Requester::Disclosed { features: features()[..1].to_vec() });
        assert_eq!((step.state.rfc_state(), step.state.is_terminal()), ("done", true));
    }
}

#[test]
fn disclosures_of_version_1_are_read_with_and_without_roles() {
    let told = Disclosures::read(&parse(include_str!("vectors/rfc0031-disclose.json"))).unwrap();
    assert_eq!(told.disclosures, features()[..1]);
    let sparse = parse(
        r#"{"@type":"https://didcomm.org/discover-features/1.0/disclose","@id":"d",
            "protocols":[{"pid":"https://didcomm.org/tictactoe/1.0"}]}"#,
    );
    assert!(Disclosures::read(&sparse).unwrap().disclosures[0].roles.is_empty());
}

#[test]
fn every_other_pair_of_state_and_input_is_refused() {
    let disclosed = parse(include_str!("vectors/rfc0031-disclose.json"));
    let state = Requester::Disclosed { features: Vec::new() };
    let refused = state.step(Input::Disclosed(&disclosed)).unwrap_err();
    assert!(matches!(refused, Error::Unexpected { .. }));
    let state = Requester::AwaitingDisclosure { thid: "other".to_owned() };
    let refused = state.step(Input::Disclosed(&disclosed)).unwrap_err();
    assert_eq!(refused, Error::OtherThread("disclosures"));
}

#[test]
fn malformed_queries_are_refused() {
    let many = vec![json!({"feature-type": "protocol", "match": "*"}); QUERIES_MAX + 1];
    let long = "x".repeat(MATCH_BYTES_MAX + 1);
    for body in [
        json!({}),
        json!({"queries": {}}),
        json!({"queries": ["*"]}),
        json!({"queries": [{"feature-type": "protocol"}]}),
        json!({"queries": [{"match": "*"}]}),
        json!({"queries": many}),
        json!({"queries": [{"feature-type": "protocol", "match": long}]}),
    ] {
        let mut message = Queries::default().to_message(Version::V2, "q");
        message.body = body.as_object().cloned().unwrap();
        assert!(matches!(answer(&message, &[], "d"), Err(Error::Malformed { .. })), "{body}");
    }
    let first = r#"{"@type":"https://didcomm.org/discover-features/1.0/query","@id":"q"}"#;
    assert!(answer(&parse(first), &[], "d").is_err());
    let over_v2 = r#"{"type":"https://didcomm.org/discover-features/1.0/query","id":"q",
        "body":{"query":"*"}}"#;
    assert!(answer(&parse(over_v2), &[], "d").is_err());
}

#[test]
fn a_flood_of_features_is_refused() {
    let disclosures =
        Disclosures { disclosures: vec![Feature::new("aip", "AIP2.0"); FEATURES_MAX + 1] };
    let asked = Queries::default().to_message(Version::V2, "q");
    let refused = Requester::told(&disclosures.reply_to(&asked, "d")).unwrap_err();
    assert!(matches!(refused, Error::Malformed { .. }));
}

#[test]
fn stored_states_of_every_release_are_read_and_unknown_fields_refused() {
    for row in [
        r#"{"awaiting_disclosure":{"thid":"q1"}}"#,
        r#"{"disclosed":{"features":[{"feature-type":"aip","id":"AIP2.0"}]}}"#,
    ] {
        let state: Requester = serde_json::from_str(row).unwrap();
        assert_eq!(serde_json::to_string(&state).unwrap(), row);
    }
    let row = r#"{"awaiting_disclosure":{"thid":"q1","since":1}}"#;
    assert!(serde_json::from_str::<Requester>(row).is_err());
}
