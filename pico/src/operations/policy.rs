//! Tags and policies of channels as programs give them.

use crate::channel::{EventPattern, EventPolicy, QueryPattern, QueryPolicy, TAGS_MAX};
use crate::fault::Fault;
use crate::operations::truthy;
use serde_json::{Map, Value};

/// Longest tag, in bytes: a DID is a tag of its channel.
const TAG_BYTES_MAX: usize = 1024;

/// Reads tags: lower case, whatever is not `a-z 0-9 _ -` replaced by `-`.
pub fn clean_tags(tags: &Value) -> Result<Vec<String>, Fault> {
    let refuse = || Fault::type_error("Channel `tags` must be an array of non-empty strings.");
    let tags = tags.as_array().ok_or_else(refuse)?;
    if tags.len() > TAGS_MAX {
        return Err(Fault::Limit { name: "TAGS_MAX" });
    }
    tags.iter().map(|tag| clean_tag(tag.as_str().ok_or_else(refuse)?)).collect()
}

fn clean_tag(tag: &str) -> Result<String, Fault> {
    let mut clean = String::with_capacity(tag.len());
    for word in tag.trim().chars() {
        let legal = word.is_ascii_alphanumeric() || word == '_';
        match legal {
            true => clean.push(word.to_ascii_lowercase()),
            false if clean.ends_with('-') => {}
            false => clean.push('-'),
        }
    }
    let clean = clean.trim_matches('-');
    match clean {
        "" => Err(Fault::type_error("Channel tag cannot be a blank string.")),
        "system" => Err(Fault::type_error("Cannot tag channel as \"system\".")),
        _ if clean.len() > TAG_BYTES_MAX => Err(Fault::Limit { name: "TAG_BYTES_MAX" }),
        _ => Ok(clean.into()),
    }
}

/// Reads a policy for events; none lets everything through.
pub fn event_policy(policy: &Value) -> Result<EventPolicy, Fault> {
    if !truthy(policy) {
        return Ok(EventPolicy::all());
    }
    let (allow, deny) = both(policy).ok_or_else(|| {
        Fault::type_error("EventPolicy expects {allow: EventPolicyRule[], deny: EventPolicyRule[]}")
    })?;
    let rules = |rules: &[Value]| -> Result<Vec<EventPattern>, Fault> {
        let rule = |rule: &Value| -> Result<EventPattern, Fault> {
            let (domain, name) = pair(rule, "domain").ok_or_else(|| {
                Fault::type_error("EventPolicyRule expects {domain: string, name: string}")
            })?;
            Ok(EventPattern { domain, name })
        };
        rules.iter().map(rule).collect()
    };
    Ok(EventPolicy { allow: rules(allow)?, deny: rules(deny)? })
}

/// Reads a policy for queries; none lets everything through.
pub fn query_policy(policy: &Value) -> Result<QueryPolicy, Fault> {
    if !truthy(policy) {
        return Ok(QueryPolicy::all());
    }
    let (allow, deny) = both(policy).ok_or_else(|| {
        Fault::type_error("QueryPolicy expects {allow: QueryPolicyRule[], deny: QueryPolicyRule[]}")
    })?;
    let rules = |rules: &[Value]| -> Result<Vec<QueryPattern>, Fault> {
        let rule = |rule: &Value| -> Result<QueryPattern, Fault> {
            let (rid, name) = pair(rule, "rid").ok_or_else(|| {
                Fault::type_error("QueryPolicyRule expects {rid: string, name: string}")
            })?;
            Ok(QueryPattern { rid, name })
        };
        rules.iter().map(rule).collect()
    };
    Ok(QueryPolicy { allow: rules(allow)?, deny: rules(deny)? })
}

/// A policy has exactly the keys `allow` and `deny`, both lists.
fn both(policy: &Value) -> Option<(&[Value], &[Value])> {
    let map = policy.as_object().filter(|map| map.len() == 2)?;
    Some((map.get("allow")?.as_array()?, map.get("deny")?.as_array()?))
}

/// A rule has exactly the key `first` and `name`, both text that is not blank.
fn pair(rule: &Value, first: &str) -> Option<(String, String)> {
    let map = rule.as_object().filter(|map| map.len() == 2)?;
    Some((filled(map, first)?, filled(map, "name")?))
}

fn filled(map: &Map<String, Value>, key: &str) -> Option<String> {
    let text = map.get(key)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tags_are_cleaned_as_the_reference_cleans_them() {
        let clean = |tag: &str| clean_tags(&json!([tag])).map(|tags| tags[0].clone());
        assert_eq!(clean(" My  Tag! ").unwrap(), "my-tag");
        assert_eq!(clean("wellKnown_Rx").unwrap(), "wellknown_rx");
        let text = |tag: &str| clean(tag).unwrap_err().to_string();
        assert_eq!(text(" - "), "TypeError: Channel tag cannot be a blank string.");
        assert_eq!(text("System"), "TypeError: Cannot tag channel as \"system\".");
        assert!(clean_tags(&json!("a")).is_err() && clean_tags(&json!([1])).is_err());
    }

    #[test]
    fn a_policy_has_exactly_its_keys() {
        assert_eq!(event_policy(&Value::Null).unwrap(), EventPolicy::all());
        let text = event_policy(&json!("x")).unwrap_err().to_string();
        assert!(text.starts_with("TypeError: EventPolicy expects"), "{text}");
        assert!(query_policy(&json!({"allow": [], "deny": [], "x": 1})).is_err());
        let blank = json!({"allow": [{"domain": " ", "name": "a"}], "deny": []});
        let text = event_policy(&blank).unwrap_err().to_string();
        assert_eq!(text, "TypeError: EventPolicyRule expects {domain: string, name: string}");
    }
}
