//! What the provider says about itself.
//!
//! Source: OIDC Discovery 1.0 §3 and §4, RFC 8414 §2, RFC 9207 §3, RP-Initiated Logout §2.1.
//!
//! Absent on purpose: anything that is not served. A client that believes this document is
//! never refused for it.

use serde_json::{Value, json};

use crate::keys::Algorithm;
use crate::policy::Policy;
use crate::provider::Provider;

/// Paths below the issuer, for the document and for the doors alike.
pub mod path {
    /// The document itself, OIDC Discovery §4.
    pub const CONFIGURATION: &str = "/.well-known/openid-configuration";
    /// The JWK set.
    pub const JWKS: &str = "/jwks";
    /// The authorization endpoint.
    pub const AUTHORIZE: &str = "/authorize";
    /// The token endpoint.
    pub const TOKEN: &str = "/token";
    /// The userinfo endpoint.
    pub const USERINFO: &str = "/userinfo";
    /// The end-session endpoint.
    pub const END_SESSION: &str = "/end_session";
}

/// The configuration document; `policies` are those that some client may use.
#[must_use]
pub fn document(provider: &Provider, policies: &[Policy]) -> Value {
    let issuer = &provider.issuer;
    let algorithms: Vec<_> =
        provider.keys.algorithms().into_iter().map(Algorithm::as_str).collect();
    let mut scopes = vec!["openid".to_owned()];
    scopes.extend(policies.iter().map(|policy| format!("policy:{}", policy.id)));
    let mut claims: Vec<&str> = vec![
        "iss",
        "sub",
        "aud",
        "azp",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "sid",
        "at_hash",
        "vp",
    ];
    claims.extend(policies.iter().flat_map(|policy| policy.claims.keys()).map(String::as_str));
    claims.sort_unstable();
    claims.dedup();
    let mut acrs: Vec<_> = policies.iter().map(|policy| policy.acr.as_str()).collect();
    acrs.sort_unstable();
    acrs.dedup();
    json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.endpoint(path::AUTHORIZE),
        "token_endpoint": issuer.endpoint(path::TOKEN),
        "userinfo_endpoint": issuer.endpoint(path::USERINFO),
        "jwks_uri": issuer.endpoint(path::JWKS),
        "end_session_endpoint": issuer.endpoint(path::END_SESSION),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code"],
        "acr_values_supported": acrs,
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "authorization_response_iss_parameter_supported": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    /// OIDC Discovery §3: every member marked REQUIRED.
    #[test]
    fn the_document_has_what_is_required_and_promises_nothing_else() {
        let document = document(&fixture::provider(), &[fixture::policy()]);
        for required in [
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "response_types_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
        ] {
            assert!(document.get(required).is_some(), "{required}");
        }
        assert_eq!(document["token_endpoint"], "https://op.example/token");
        assert_eq!(document["grant_types_supported"], json!(["authorization_code"]));
        assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(document["scopes_supported"], json!(["openid", "policy:staff"]));
        assert!(document["claims_supported"].as_array().unwrap().contains(&json!("name")));
    }
}
