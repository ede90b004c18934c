//! Discover Features in a pico: tells connections what we speak, and asks them.
//!
//! Command: `discover_features:query {connection, query?}`. Raises
//! `discover_features:disclosed {connection, features}`.

use super::command;
use super::connection;
use super::wire::{self, Inbound};
use picomesh_didcomm::{MessageType, Version};
use picomesh_pico::{Context, Event, Fault, Native, Rid};
use picomesh_protocols::discover_features::{
    self, Effect, Feature, Input, MATCH_BYTES_MAX, Queries, Query, Requester,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Id of the ruleset.
pub(super) const RID: &str = "picomesh.discover-features";

/// Protocols with the roles that we play in them.
const PROTOCOLS: [(&str, &[&str]); 18] = [
    ("https://didcomm.org/basicmessage/1.0", &["sender", "receiver"]),
    ("https://didcomm.org/basicmessage/2.0", &["sender", "receiver"]),
    ("https://didcomm.org/connections/1.0", &["inviter", "invitee"]),
    ("https://didcomm.org/didexchange/1.0", &["requester", "responder"]),
    ("https://didcomm.org/didexchange/1.1", &["requester", "responder"]),
    ("https://didcomm.org/discover-features/1.0", &["requester", "responder"]),
    ("https://didcomm.org/discover-features/2.0", &["requester", "responder"]),
    ("https://didcomm.org/empty/1.0", &["sender", "receiver"]),
    ("https://didcomm.org/issue-credential/2.0", &["issuer", "holder"]),
    ("https://didcomm.org/notification/1.0", &["sender", "receiver"]),
    ("https://didcomm.org/out-of-band/1.0", &["sender", "receiver"]),
    ("https://didcomm.org/out-of-band/1.1", &["sender", "receiver"]),
    ("https://didcomm.org/out-of-band/2.0", &["sender", "receiver"]),
    ("https://didcomm.org/present-proof/2.0", &["prover", "verifier"]),
    ("https://didcomm.org/report-problem/1.0", &["notified"]),
    ("https://didcomm.org/report-problem/2.0", &["notifier", "notified"]),
    ("https://didcomm.org/trust_ping/1.0", &["sender", "receiver"]),
    ("https://didcomm.org/trust-ping/2.0", &["sender", "receiver"]),
];
/// Features of other types.
const FEATURES: [(&str, &str); 5] = [
    ("accept", "didcomm/aip1"),
    ("accept", "didcomm/aip2;env=rfc19"),
    ("accept", "didcomm/v2"),
    ("didcomm-version", "https://github.com/hyperledger/aries-rfcs"),
    ("didcomm-version", "https://github.com/decentralized-identity/didcomm-messaging"),
];

/// The versions of a protocol that we speak; none for one that a ruleset of others may know.
fn versions(protocol: &str) -> impl Iterator<Item = &'static str> {
    let same = |a: &str, b: &str| a.replace('-', "_") == b.replace('-', "_");
    PROTOCOLS.iter().filter_map(move |(uri, _)| {
        let (name, version) = uri.strip_prefix("https://didcomm.org/")?.split_once('/')?;
        same(name, protocol).then_some(version)
    })
}

/// Whether a message is of a protocol that we speak, in a major version that we do not
/// (RFC 0003 §Semver Rules): such a message is not looked at.
pub(crate) fn is_of_unknown_major(kind: &MessageType) -> bool {
    let major = |version: &str| version.split('.').next().and_then(|major| major.parse().ok());
    let mut spoken = versions(&kind.protocol).peekable();
    spoken.peek().is_some() && !spoken.any(|version| major(version) == Some(kind.major))
}

/// What to tell whoever sent a message of a type that nobody took.
pub(super) fn unsupported(kind: &MessageType) -> String {
    let spoken: Vec<&str> = versions(&kind.protocol).collect();
    match spoken.is_empty() {
        true => format!("Unrecognized message type {kind}"),
        false => format!("Unrecognized message type {kind}; spoken: {}", spoken.join(", ")),
    }
}

/// The ruleset.
pub(super) fn ruleset() -> Native {
    Native::new(Rid::literal(RID), "Tells what this agent speaks, and asks others.")
        .rule("answer_1", "didcomm_discover_features", "query", answer)
        .rule("answer_2", "didcomm_discover_features", "queries", answer)
        .rule("told_1", "didcomm_discover_features", "disclose", told)
        .rule("told_2", "didcomm_discover_features", "disclosures", told)
        .rule("ask", "discover_features", "query", ask)
        .query("features", features)
}

fn ours() -> Vec<Feature> {
    let protocols = PROTOCOLS.iter().map(|(piuri, roles)| Feature::protocol(piuri, roles));
    let others = FEATURES.iter().map(|(feature_type, id)| Feature::new(feature_type, id));
    protocols.chain(others).collect()
}

/// What a peer told last, and what we asked last.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    asked: Option<Requester>,
    features: Vec<Feature>,
    told_at: Option<i64>,
}

fn answer(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let connection = inbound.connection()?;
    let id = context.fresh_uuid();
    let answer = discover_features::answer(&inbound.message, &ours(), id);
    let answer = answer.map_err(|error| wire::refusal(&error, inbound.message.version))?;
    wire::send(context, connection, answer)?;
    Ok(())
}

fn told(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let (connection, message) = (inbound.connection()?, &inbound.message);
    let name = format!("about/{}", connection.id);
    let mut about: About = context.entity(&name)?.unwrap_or_default();
    let step = match about.asked.take() {
        Some(asked @ Requester::AwaitingDisclosure { .. }) => asked
            .step(Input::Disclosed(message))
            // RFC 0557 §Roles: a disclosure may come unasked.
            .or_else(|_| Requester::told(message)),
        Some(Requester::Disclosed { .. }) | None => Requester::told(message),
    };
    let step = step.map_err(|error| wire::refusal(&error, message.version))?;
    if let Requester::Disclosed { features } = step.state {
        about.features = features;
    }
    about.told_at = Some(context.now());
    context.put(&name, &about)?;
    let attrs = json!({ "connection": connection.id, "features": about.features });
    context.raise("discover_features", "disclosed", command::object(attrs));
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    connection: String,
    #[serde(default)]
    query: Option<String>,
    /// Only version 1.0 had one.
    #[serde(default)]
    #[expect(dead_code, reason = "taken for callers of version 1.0 and left out")]
    comment: Option<String>,
    #[serde(default)]
    feature_type: Option<String>,
}

fn ask(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let ask: Ask = command::own(event)?;
    let connection = connection::by_id(context, &ask.connection)?;
    let pattern = ask.query.unwrap_or_else(|| "*".to_owned());
    if pattern.len() > MATCH_BYTES_MAX {
        return Err(Fault::refused("invalid", "query: too long"));
    }
    let feature_type = ask.feature_type.unwrap_or_else(|| "protocol".to_owned());
    let version = if connection.generation == 1 { Version::V1 } else { Version::V2 };
    let id = context.fresh_uuid();
    let queries = Queries { queries: vec![Query { feature_type, pattern }] };
    let step = Requester::ask(version, &id, &queries);
    for Effect::Send(message) in step.effects {
        wire::send(context, &connection, message)?;
    }
    let name = format!("about/{}", connection.id);
    let mut about: About = context.entity(&name)?.unwrap_or_default();
    about.asked = Some(step.state);
    context.put(&name, &about)?;
    context.directive("query", json!({ "thid": id }));
    Ok(())
}

#[derive(Deserialize)]
struct Of {
    connection: String,
}

/// The query `features {connection}`: what the peer told last.
fn features(context: &mut Context, args: &Map<String, Value>) -> Result<Value, Fault> {
    let Of { connection } = command::arguments(args)?;
    let about: Option<About> = context.entity(&format!("about/{connection}"))?;
    Ok(json!(about.map(|about| json!({
        "features": about.features, "told_at": about.told_at,
    }))))
}
