//! did:peer:2: keys and services, one after the other in the DID.
//!
//! Source: Peer DID Method Specification §Method 2, with its clarifications: keys are `#key-1`,
//! `#key-2`, …, services without an id `#service`, `#service-1`, ….
//!
//! Read beyond the current text, because agents made them: one `.S` element with a JSON array of
//! services (the first iteration), an endpoint that is a string with `r` and `a` beside it, and
//! padded base64url. Absent on purpose: `I` and `D` keys are counted but get no relationship, as the
//! document has none.

use serde_json::{Map, Value};

use crate::{
    Did, DidDocument, Error, PublicKey, Service, VerificationMethod, document::read_service,
    encoding,
};

/// Most elements (keys and services) of one did:peer:2.
pub(super) const ELEMENTS_MAX: usize = 64;

/// Nesting that is looked into for abbreviations: a service, its endpoint, an array of endpoints.
const ABBREVIATION_DEPTH_MAX: usize = 4;

/// §Common String Abbreviations, for the names of members.
const NAMES: [(&str, &str); 4] =
    [("t", "type"), ("s", "serviceEndpoint"), ("r", "routingKeys"), ("a", "accept")];

/// What a key of a did:peer:2 is for (§Purpose Codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `A`
    Assertion,
    /// `E`, key agreement.
    Encryption,
    /// `V`, authentication.
    Verification,
    /// `I`
    CapabilityInvocation,
    /// `D`
    CapabilityDelegation,
}

impl Purpose {
    fn code(self) -> char {
        match self {
            Self::Assertion => 'A',
            Self::Encryption => 'E',
            Self::Verification => 'V',
            Self::CapabilityInvocation => 'I',
            Self::CapabilityDelegation => 'D',
        }
    }

    fn from_code(code: char) -> Option<Self> {
        Some(match code {
            'A' => Self::Assertion,
            'E' => Self::Encryption,
            'V' => Self::Verification,
            'I' => Self::CapabilityInvocation,
            'D' => Self::CapabilityDelegation,
            _ => return None,
        })
    }
}

/// Makes a did:peer:2 of keys and services, in this order; the keys become `#key-1`, `#key-2`, ….
///
/// A service id is kept when it is relative (`#…`); recipient keys of a service should refer to
/// `#key-N`.
///
/// # Errors
/// [`Error::TooLarge`] for more than 64 elements or a DID above [`crate::DID_BYTES_MAX`].
pub fn create_2(keys: &[(Purpose, PublicKey)], services: &[Service]) -> Result<Did, Error> {
    if keys.len() + services.len() > ELEMENTS_MAX {
        return Err(Error::TooLarge { what: "elements of a did:peer:2", max: ELEMENTS_MAX });
    }
    let mut did = "did:peer:2".to_owned();
    for (purpose, key) in keys {
        did.push('.');
        did.push(purpose.code());
        did.push_str(&key.to_multibase());
    }
    for service in services {
        let mut value = service.to_json();
        if let Some(object) = value.as_object_mut()
            && !service.id.starts_with('#')
        {
            object.remove("id");
        }
        let json = rename(value, ABBREVIATION_DEPTH_MAX, Direction::Abbreviate).to_string();
        did.push_str(".S");
        did.push_str(&encoding::to_base64url(json.as_bytes()));
    }
    did.try_into()
}

/// The document of `did:peer:2` followed by `elements`.
pub(super) fn document(did: &Did, elements: &str) -> Result<DidDocument, Error> {
    let elements = elements.strip_prefix('.').ok_or(Error::MalformedDid("no elements"))?;
    if elements.split('.').count() > ELEMENTS_MAX {
        return Err(Error::TooLarge { what: "elements of a did:peer:2", max: ELEMENTS_MAX });
    }
    let mut document = DidDocument::new(did.clone());
    let mut services: Vec<Value> = Vec::new();
    for element in elements.split('.') {
        let mut rest = element.chars();
        let code = rest.next().ok_or(Error::MalformedDid("an empty element"))?;
        match Purpose::from_code(code) {
            Some(purpose) => add_key(&mut document, purpose, rest.as_str())?,
            None if code == 'S' => services.extend(decode_services(rest.as_str())?),
            None => return Err(Error::MalformedDid("unknown purpose code")),
        }
    }
    if services.len() > ELEMENTS_MAX {
        return Err(Error::TooLarge { what: "services of a did:peer:2", max: ELEMENTS_MAX });
    }
    add_services(&mut document, services)?;
    document.also_known_as = super::short_form(did).iter().map(ToString::to_string).collect();
    Ok(document)
}

fn add_key(document: &mut DidDocument, purpose: Purpose, multibase: &str) -> Result<(), Error> {
    let key = PublicKey::from_multibase(multibase)?;
    let id = document.id.with_fragment(&format!("key-{}", document.verification_method.len() + 1));
    match purpose {
        Purpose::Assertion => document.assertion_method.push(id.clone()),
        Purpose::Encryption if !key.is_for_agreement() => {
            return Err(Error::MalformedKey("a key for signatures in place of key agreement"));
        }
        Purpose::Encryption => document.key_agreement.push(id.clone()),
        Purpose::Verification if matches!(key, PublicKey::X25519(_)) => {
            return Err(Error::MalformedKey("a key for key agreement in place of signatures"));
        }
        Purpose::Verification => document.authentication.push(id.clone()),
        Purpose::CapabilityInvocation | Purpose::CapabilityDelegation => {}
    }
    let (kind, controller) = ("Multikey".to_owned(), document.id.to_string());
    document.verification_method.push(VerificationMethod { id, kind, controller, key });
    Ok(())
}

fn decode_services(text: &str) -> Result<Vec<Value>, Error> {
    let json = encoding::base64url(text.trim_end_matches('='))
        .ok_or(Error::MalformedDid("a service is not base64url"))?;
    let value =
        serde_json::from_slice(&json).map_err(|_| Error::MalformedDid("a service is not JSON"))?;
    Ok(match value {
        Value::Array(services) => services,
        Value::Object(_) => vec![value],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(Error::MalformedDid("a service is not an object"));
        }
    })
}

fn add_services(document: &mut DidDocument, services: Vec<Value>) -> Result<(), Error> {
    let mut unnamed = 0_usize;
    for service in services {
        let mut service = rename(service, ABBREVIATION_DEPTH_MAX, Direction::Expand);
        if service.is_object() && service.get("id").and_then(Value::as_str).is_none() {
            let id = if unnamed == 0 { "#service".into() } else { format!("#service-{unnamed}") };
            service["id"] = id.into();
            unnamed += 1;
        }
        document.service.extend(read_service(&service, document.id.as_str())?);
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Abbreviate,
    Expand,
}

/// Replaces the common strings in names, and in the value of the type.
fn rename(value: Value, depth: usize, direction: Direction) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return value;
    };
    match value {
        Value::Array(items) => {
            items.into_iter().map(|item| rename(item, depth, direction)).collect()
        }
        Value::Object(object) => {
            let renamed = object.into_iter().map(|(name, value)| {
                let is_type = name == "t" || name == "type";
                let value = if is_type { rename_type(value, direction) } else { value };
                (rename_name(name, direction), rename(value, depth, direction))
            });
            Value::Object(renamed.collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn rename_name(name: String, direction: Direction) -> String {
    let found = NAMES.iter().find_map(|(short, long)| match direction {
        Direction::Abbreviate => (name == *long).then_some(*short),
        Direction::Expand => (name == *short).then_some(*long),
    });
    found.map_or(name, str::to_owned)
}

fn rename_type(value: Value, direction: Direction) -> Value {
    match (value.as_str(), direction) {
        (Some("DIDCommMessaging"), Direction::Abbreviate) => "dm".into(),
        (Some("dm"), Direction::Expand) => "DIDCommMessaging".into(),
        _ => value,
    }
}
