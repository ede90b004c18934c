//! Services of a DID document, in the forms that two generations of DIDComm gave them.
//!
//! Source: RFC 0067 §Service Conventions (`did-communication`, `IndyAgent`); DIDComm v2.1 §Service
//! Endpoint (`DIDCommMessaging`: one object or an array of them; a string before 2.0 was final).
//!
//! Absent on purpose: a check of the endpoint's address. `address` does it before each use.

use serde_json::{Value, json};

use crate::{Error, did::DID_URL_BYTES_MAX};

/// Most recipient keys, routing keys or profiles in one service.
pub const KEYS_PER_SERVICE_MAX: usize = 50;
/// Longest endpoint or service id, in bytes. An endpoint may itself be a DID (a mediator's).
const TEXT_BYTES_MAX: usize = DID_URL_BYTES_MAX;

const V2: &str = "DIDCommMessaging";
const V1: [&str; 2] = ["did-communication", "IndyAgent"];

/// The `type`s of services for DIDComm v1.
#[must_use]
pub fn didcomm_v1_kinds() -> [&'static str; 2] {
    V1
}

/// The `type` of services for DIDComm v2.
#[must_use]
pub fn didcomm_v2_kind() -> &'static str {
    V2
}

/// One way to reach the subject of a DID document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Absolute DID URL in a document that was read; may be relative (`#didcomm`) in input.
    pub id: String,
    /// The `type`.
    pub kind: String,
    /// A URI: http(s), ws(s), `didcomm:transport/queue`, or the DID of a mediator.
    pub endpoint: String,
    /// Keys of the mediators on the way, outermost last (RFC 0067, DIDComm v2 §Routing).
    pub routing_keys: Vec<String>,
    /// DIDComm v1 only: keys of the recipient; see `DidDocument::recipient_ed25519_keys`.
    pub recipient_keys: Vec<String>,
    /// Media types or profiles, best first.
    pub accept: Vec<String>,
    /// RFC 0067: the lowest number is tried first.
    pub priority: i64,
}

impl Service {
    /// Whether the service takes DIDComm v1 envelopes by its type.
    #[must_use]
    pub fn is_didcomm_v1(&self) -> bool {
        V1.contains(&self.kind.as_str())
    }

    /// Whether the service takes DIDComm v2 envelopes by its type.
    #[must_use]
    pub fn is_didcomm_v2(&self) -> bool {
        self.kind == V2
    }

    /// The service as JSON, with the endpoint in the form that belongs to the type.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut value = json!({ "id": self.id, "type": self.kind });
        if self.is_didcomm_v2() {
            let mut endpoint = json!({ "uri": self.endpoint });
            insert(&mut endpoint, "accept", &self.accept);
            insert(&mut endpoint, "routingKeys", &self.routing_keys);
            value["serviceEndpoint"] = endpoint;
        } else {
            value["serviceEndpoint"] = self.endpoint.as_str().into();
            insert(&mut value, "accept", &self.accept);
            insert(&mut value, "routingKeys", &self.routing_keys);
        }
        insert(&mut value, "recipientKeys", &self.recipient_keys);
        if self.is_didcomm_v1() || self.priority != 0 {
            value["priority"] = self.priority.into();
        }
        if self.is_didcomm_v1() {
            // Older agents expect both lists to be there.
            value["recipientKeys"] = self.recipient_keys.clone().into();
            value["routingKeys"] = self.routing_keys.clone().into();
        }
        value
    }
}

fn insert(value: &mut Value, name: &str, list: &[String]) {
    if !list.is_empty() {
        value[name] = list.into();
    }
}

/// Reads one `service` entry; an array of endpoints gives one service each, with the same id.
///
/// A service whose endpoint is of a form we do not know gives none.
pub(crate) fn read(value: &Value, base: &str) -> Result<Vec<Service>, Error> {
    if !value.is_object() {
        return Err(Error::MalformedDocument("a service is not an object"));
    }
    let id = text(value, "id")?.unwrap_or_default();
    let shared = Service {
        id: if id.starts_with('#') { format!("{base}{id}") } else { id.to_owned() },
        // DID Core §5.4 allows several types; the one that we know wins.
        kind: kind(value).ok_or(Error::MalformedDocument("a service without a type"))?,
        endpoint: String::new(),
        routing_keys: list(value, "routingKeys")?,
        recipient_keys: list(value, "recipientKeys")?,
        accept: list(value, "accept")?,
        priority: value.get("priority").and_then(Value::as_i64).unwrap_or_default(),
    };
    match value.get("serviceEndpoint") {
        Some(Value::Array(endpoints)) if endpoints.len() > super::SERVICES_MAX => {
            Err(Error::TooLarge { what: "service endpoints", max: super::SERVICES_MAX })
        }
        Some(Value::Array(endpoints)) => {
            let read = endpoints.iter().map(|endpoint| read_endpoint(endpoint, &shared));
            Ok(read.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        }
        Some(endpoint) => Ok(read_endpoint(endpoint, &shared)?.into_iter().collect()),
        None => Err(Error::MalformedDocument("a service without `serviceEndpoint`")),
    }
}

fn read_endpoint(endpoint: &Value, shared: &Service) -> Result<Option<Service>, Error> {
    let mut service = shared.clone();
    if let Some(uri) = endpoint.as_str() {
        bounded(uri)?.clone_into(&mut service.endpoint);
    } else if let Some(uri) = text(endpoint, "uri")? {
        uri.clone_into(&mut service.endpoint);
        for (name, target) in
            [("routingKeys", &mut service.routing_keys), ("accept", &mut service.accept)]
        {
            if endpoint.get(name).is_some() {
                *target = list(endpoint, name)?;
            }
        }
    } else {
        return Ok(None);
    }
    Ok(Some(service))
}

fn kind(value: &Value) -> Option<String> {
    let kinds = value.get("type")?;
    let Some(kinds) = kinds.as_array() else {
        return kinds.as_str().map(str::to_owned);
    };
    let mut kinds = kinds.iter().take(KEYS_PER_SERVICE_MAX).filter_map(Value::as_str);
    let first = kinds.next()?;
    let is_known = |kind: &&str| *kind == V2 || V1.contains(kind);
    let known = Some(first).filter(is_known).or_else(|| kinds.find(is_known));
    Some(known.unwrap_or(first).to_owned())
}

fn text<'a>(value: &'a Value, name: &str) -> Result<Option<&'a str>, Error> {
    value.get(name).and_then(Value::as_str).map(bounded).transpose()
}

fn bounded(text: &str) -> Result<&str, Error> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Error::TooLarge { what: "bytes of a service entry", max: TEXT_BYTES_MAX });
    }
    Ok(text)
}

fn list(value: &Value, name: &str) -> Result<Vec<String>, Error> {
    let items = match value.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => {
            return Err(Error::MalformedDocument("a list of a service is not an array"));
        }
    };
    if items.len() > KEYS_PER_SERVICE_MAX {
        return Err(Error::TooLarge { what: "keys of a service", max: KEYS_PER_SERVICE_MAX });
    }
    let item = |item: &Value| {
        let text =
            item.as_str().ok_or(Error::MalformedDocument("a key of a service is no text"))?;
        bounded(text).map(str::to_owned)
    };
    items.iter().map(item).collect()
}
