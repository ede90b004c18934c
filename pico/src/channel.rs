//! Channels: the addresses of a pico, each with a policy of its own.
//!
//! Source: pico-engine 1.4 (channels and policies). A channel also has a DID, made with the
//! channel or at first use. Absent on purpose: transport; a channel does not know how its
//! events arrive.

use crate::id::{Eci, PicoId};
use serde::{Deserialize, Serialize};

/// Most tags on one channel.
pub const TAGS_MAX: usize = 16;

/// An address of a pico.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// The address itself: who knows it may use it as far as the policies allow.
    pub eci: Eci,
    /// What the channel is for, in lower case.
    pub tags: Vec<String>,
    /// Which events may come in.
    pub event_policy: EventPolicy,
    /// Which queries may come in.
    pub query_policy: QueryPolicy,
    /// The channel's DID, once it has one.
    pub did: Option<String>,
    /// The relative for whom the channel is: a family channel is made by the engine, used by
    /// this pico alone, never over HTTP, and cannot be changed or deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<PicoId>,
}

/// Which events a channel lets through: no `deny` may match and some `allow` must.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventPolicy {
    /// Events let through.
    pub allow: Vec<EventPattern>,
    /// Events refused, even if allowed above.
    pub deny: Vec<EventPattern>,
}

/// A domain and a name; `*` stands for any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventPattern {
    /// The domain or `*`.
    pub domain: String,
    /// The event's name or `*`.
    pub name: String,
}

/// Which queries a channel lets through: no `deny` may match and some `allow` must.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryPolicy {
    /// Queries let through.
    pub allow: Vec<QueryPattern>,
    /// Queries refused, even if allowed above.
    pub deny: Vec<QueryPattern>,
}

/// A ruleset id and a function's name; `*` stands for any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryPattern {
    /// The ruleset id or `*`.
    pub rid: String,
    /// The function's name or `*`.
    pub name: String,
}

/// Why a channel refused an event or a query; the texts are pico-engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyRefusal {
    /// A `deny` entry matches.
    #[error("Denied by channel policy")]
    Denied,
    /// No `allow` entry matches.
    #[error("Not allowed by channel policy")]
    NotAllowed,
    /// The channel is for one relative of the pico alone.
    #[error("This is a family channel and only the owner can use it.")]
    Family,
}

impl EventPolicy {
    /// Lets everything through: the default of a channel made without policies.
    pub fn all() -> Self {
        let any = EventPattern { domain: "*".into(), name: "*".into() };
        Self { allow: vec![any], deny: vec![] }
    }

    /// Whether the policy forbids an event by name. A DIDComm message, whose sender is proven,
    /// needs no `allow`; it is held to this.
    pub fn denies(&self, domain: &str, name: &str) -> bool {
        self.deny.iter().any(|p| covers(&p.domain, domain) && covers(&p.name, name))
    }

    /// Whether an event may come in by this channel.
    pub fn check(&self, domain: &str, name: &str) -> Result<(), PolicyRefusal> {
        let matches = |p: &EventPattern| covers(&p.domain, domain) && covers(&p.name, name);
        decide(self.deny.iter().any(matches), self.allow.iter().any(matches))
    }
}

impl QueryPolicy {
    /// Lets everything through: the default of a channel made without policies.
    pub fn all() -> Self {
        let any = QueryPattern { rid: "*".into(), name: "*".into() };
        Self { allow: vec![any], deny: vec![] }
    }

    /// Whether a query may come in by this channel.
    pub fn check(&self, rid: &str, name: &str) -> Result<(), PolicyRefusal> {
        let matches = |p: &QueryPattern| covers(&p.rid, rid) && covers(&p.name, name);
        decide(self.deny.iter().any(matches), self.allow.iter().any(matches))
    }
}

impl Channel {
    /// A channel that lets nothing through but what the engine itself brings.
    pub fn closed(eci: Eci, tags: &[&str]) -> Self {
        Self {
            eci,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            event_policy: EventPolicy::default(),
            query_policy: QueryPolicy::default(),
            did: None,
            family: None,
        }
    }

    /// Brings tags to their form: lower case, other characters replaced by `-`.
    ///
    /// Refuses blank tags, `system`, and more than [`TAGS_MAX`].
    pub fn clean_tags(tags: &[String]) -> Result<Vec<String>, String> {
        if tags.len() > TAGS_MAX {
            return Err(format!("more than {TAGS_MAX} tags"));
        }
        tags.iter().map(|tag| clean_tag(tag)).collect()
    }
}

fn clean_tag(tag: &str) -> Result<String, String> {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let lower = tag.trim().to_lowercase();
    let tag: String = lower.chars().map(|c| if legal(c) { c } else { '-' }).collect();
    match tag.as_str() {
        "" => Err("a tag is blank".into()),
        "system" => Err("the tag \"system\" belongs to the engine".into()),
        _ if tag.len() > 64 => Err("a tag is longer than 64 characters".into()),
        _ => Ok(tag),
    }
}

fn covers(pattern: &str, text: &str) -> bool {
    pattern == "*" || pattern == text
}

fn decide(denied: bool, allowed: bool) -> Result<(), PolicyRefusal> {
    match (denied, allowed) {
        (true, _) => Err(PolicyRefusal::Denied),
        (false, false) => Err(PolicyRefusal::NotAllowed),
        (false, true) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(domain: &str, name: &str) -> EventPattern {
        EventPattern { domain: domain.into(), name: name.into() }
    }

    #[test]
    fn deny_wins_over_allow() {
        let policy = EventPolicy { allow: vec![pattern("*", "*")], deny: vec![pattern("a", "b")] };
        assert_eq!(policy.check("a", "b"), Err(PolicyRefusal::Denied));
        assert_eq!(policy.check("a", "c"), Ok(()));
    }

    #[test]
    fn what_is_not_allowed_is_refused() {
        let policy = EventPolicy { allow: vec![pattern("a", "*")], deny: vec![] };
        assert_eq!(policy.check("b", "b"), Err(PolicyRefusal::NotAllowed));
        assert_eq!(EventPolicy::default().check("a", "b"), Err(PolicyRefusal::NotAllowed));
    }

    #[test]
    fn tags_are_cleaned_and_bounded() {
        let clean = |tag: &str| Channel::clean_tags(&[tag.to_owned()]);
        assert_eq!(clean("My Tag!"), Ok(vec!["my-tag-".to_owned()]));
        assert!(clean(" ").is_err() && clean("System").is_err() && clean(&"x".repeat(65)).is_err());
        assert!(Channel::clean_tags(&vec!["a".to_owned(); TAGS_MAX + 1]).is_err());
    }

    #[test]
    fn a_policy_has_exactly_its_keys() {
        let extra = serde_json::json!({"allow": [], "deny": [], "x": 1});
        assert!(serde_json::from_value::<EventPolicy>(extra).is_err());
    }
}
