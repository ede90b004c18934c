//! Reading a policy from JSON, with a pointer to the first fault.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ClaimSource, Format, Policy, Subject};
use crate::client::{check_id, check_name};
use crate::error::Invalid;
use crate::fields::{Fields, pointer};
use crate::limits::{
    CLAIMS_MAX, NAME_BYTES_MAX, PRESENTATION_DEFINITION_BYTES_MAX, SESSION_SECONDS,
    SESSION_SECONDS_MAX, SESSION_SECONDS_MIN, TRUSTED_ISSUERS_MAX,
};
use crate::path::Path;

/// Claims that the protocol owns: a credential must not be able to speak in their place.
const OWN_CLAIMS: [&str; 25] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "sid",
    "at_hash",
    "c_hash",
    "s_hash",
    "cnf",
    "events",
    "sub_jwk",
    "act",
    "vp",
    "typ",
    "client_id",
    "_claim_names",
    "_claim_sources",
];

impl Policy {
    /// Reads a policy.
    ///
    /// A claim is `"name": "$.path"` or `"name": {"path": "$.path", "optional": true}`. The
    /// subject is `{"claim": "$.path"}`, `"holder_did"` or `"ephemeral"`. `acr` defaults to
    /// `urn:picomesh:acr:vc:<id>`.
    pub fn read(document: Value) -> Result<Self, Invalid> {
        let mut fields = Fields::new(document)?;
        let id: String = fields.required("id")?;
        check_id("/id", &id)?;
        let policy = Self {
            name: fields.required("name")?,
            format: fields.optional("format")?.unwrap_or(Format::PresentationExchange),
            presentation_definition: fields.required("presentation_definition")?,
            trusted_issuers: fields.required("trusted_issuers")?,
            claims: read_claims(fields.optional("claims")?.unwrap_or_default())?,
            subject: fields.required::<Subject>("subject")?,
            acr: match fields.optional("acr")? {
                Some(acr) => acr,
                None => format!("urn:picomesh:acr:vc:{id}"),
            },
            session_seconds: fields.optional("session_seconds")?.unwrap_or(SESSION_SECONDS),
            binds_domain: fields.optional("binds_domain")?.unwrap_or(true),
            id,
        };
        fields.finish()?;
        policy.check()?;
        Ok(policy)
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("/name", &self.name)?;
        check_definition(&self.presentation_definition)?;
        if self.trusted_issuers.is_empty() || self.trusted_issuers.len() > TRUSTED_ISSUERS_MAX {
            let reason = format!("must be 1 to {TRUSTED_ISSUERS_MAX} issuers");
            return Err(Invalid::new("/trusted_issuers", reason));
        }
        for (index, issuer) in self.trusted_issuers.iter().enumerate() {
            let is_did = issuer.starts_with("did:") || issuer.starts_with("https://");
            if !is_did || !issuer.bytes().all(|byte| byte.is_ascii_graphic()) {
                let place = format!("/trusted_issuers/{index}");
                return Err(Invalid::new(place, "must be a DID or an https URL"));
            }
        }
        // `acr_values` is a list split by spaces.
        let is_one_word = self.acr.bytes().all(|byte| byte.is_ascii_graphic());
        if self.acr.is_empty() || self.acr.len() > NAME_BYTES_MAX || !is_one_word {
            return Err(Invalid::new("/acr", "must be one word of visible ASCII"));
        }
        if !(SESSION_SECONDS_MIN..=SESSION_SECONDS_MAX).contains(&self.session_seconds) {
            let reason = format!("must be {SESSION_SECONDS_MIN} to {SESSION_SECONDS_MAX} seconds");
            return Err(Invalid::new("/session_seconds", reason));
        }
        Ok(())
    }
}

fn read_claims(claims: BTreeMap<String, Value>) -> Result<BTreeMap<String, ClaimSource>, Invalid> {
    if claims.len() > CLAIMS_MAX {
        return Err(Invalid::new("/claims", format!("must be at most {CLAIMS_MAX}")));
    }
    let read = |(name, source): (String, Value)| {
        let place = format!("/claims{}", pointer(&name));
        if name.is_empty() || OWN_CLAIMS.contains(&name.as_str()) {
            return Err(Invalid::new(place, "is a name that the protocol owns"));
        }
        let source = match source.as_str() {
            Some(path) => Path::parse(path)
                .map(|path| ClaimSource { path, optional: false })
                .map_err(str::to_owned),
            None => serde_json::from_value(source).map_err(|error| error.to_string()),
        };
        source.map(|source| (name, source)).map_err(|reason| Invalid::new(place, reason))
    };
    claims.into_iter().map(read).collect()
}

/// Presentation Exchange §5: an `id` and at least one input descriptor.
fn check_definition(definition: &Value) -> Result<(), Invalid> {
    let place = "/presentation_definition";
    let descriptors = definition.get("input_descriptors").and_then(Value::as_array);
    if !definition.get("id").is_some_and(Value::is_string) {
        return Err(Invalid::new(format!("{place}/id"), "must be a string"));
    }
    if !descriptors.is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_object)) {
        let place = format!("{place}/input_descriptors");
        return Err(Invalid::new(place, "must be a list of objects, not empty"));
    }
    if definition.to_string().len() > PRESENTATION_DEFINITION_BYTES_MAX {
        let reason = format!("must be at most {PRESENTATION_DEFINITION_BYTES_MAX} bytes");
        return Err(Invalid::new(place, reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "id": "staff",
            "name": "Staff card",
            "presentation_definition": {"id": "d", "input_descriptors": [{"id": "card"}]},
            "trusted_issuers": ["did:key:z6MkIssuer"],
            "claims": {
                "given_name": "$.credentialSubject.givenName",
                "email": {"path": "$.credentialSubject.email", "optional": true},
            },
            "subject": {"claim": "$.credentialSubject.number"},
        })
    }

    #[test]
    fn a_policy_survives_the_store() {
        let policy = Policy::read(document()).unwrap();
        assert_eq!(policy.acr, "urn:picomesh:acr:vc:staff");
        assert_eq!(policy.session_seconds, 120);
        assert!(policy.claims["email"].optional && !policy.claims["given_name"].optional);
        let stored = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&stored).unwrap(), policy);
        for subject in [json!("holder_did"), json!("ephemeral")] {
            let mut document = document();
            document["subject"] = subject;
            Policy::read(document).unwrap();
        }
    }

    /// Bad-input row 77.
    #[test]
    fn a_fault_is_named_by_its_place() {
        let cases = [
            ("colour", json!("red"), "/colour"),
            ("id", json!("a:b"), "/id"),
            ("name", json!(""), "/name"),
            ("format", json!("pdf"), "/format"),
            ("presentation_definition", json!({}), "/presentation_definition/id"),
            (
                "presentation_definition",
                json!({"id": "d", "input_descriptors": []}),
                "/presentation_definition/input_descriptors",
            ),
            ("trusted_issuers", json!([]), "/trusted_issuers"),
            ("trusted_issuers", json!(["*"]), "/trusted_issuers/0"),
            ("claims", json!({"sub": "$.a"}), "/claims/sub"),
            ("claims", json!({"acr": "$.a"}), "/claims/acr"),
            ("claims", json!({"a/b": "a"}), "/claims/a~1b"),
            ("claims", json!({"a": {"path": "$.a", "needed": true}}), "/claims/a"),
            ("subject", json!("me"), "/subject"),
            ("subject", json!({"claim": "x"}), "/subject"),
            ("acr", json!("a b"), "/acr"),
            ("session_seconds", json!(5), "/session_seconds"),
            ("session_seconds", json!(-5), "/session_seconds"),
        ];
        for (member, value, pointer) in cases {
            let mut document = document();
            document[member] = value;
            let invalid = Policy::read(document).unwrap_err();
            assert_eq!(invalid.pointer, pointer, "{invalid}");
        }
        assert_eq!(Policy::read(json!("x")).unwrap_err().pointer, "");
        assert_eq!(Policy::read(json!({})).unwrap_err().pointer, "/id");
    }
}
