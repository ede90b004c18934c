//! The modules of the OpenID Connect Basic OP and Config OP plans that concern pure decisions,
//! by their names in the conformance suite, run against the public API alone.
//!
//! Source: module names of the OpenID Foundation's conformance suite; behaviour from OIDC Core.
//! This is our own reading of them: no certificate. One rule is ours: PKCE in every request.
//! Modules that need a browser with a session (`prompt=none` after a login, `max_age` with a
//! session) do not apply: every login is a fresh proof.

#![allow(clippy::unwrap_used, clippy::panic)]

mod world;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use picomesh_login::authorize::Refusal;
use picomesh_login::client_auth::Presented;
use picomesh_login::keys::{Algorithm, KeySet, SigningKey, open};
use picomesh_login::{discovery, token, userinfo};
use serde_json::{Value, json};
use world::{Login, NOW, SECRET, World, form};

#[test]
fn oidcc_server() {
    let world = World::new(json!({}));
    let login = world.login(&[]);
    assert_eq!(login.id_token["iss"], "https://op.example");
    assert_eq!(login.id_token["aud"], "rp");
    assert_eq!(login.id_token["azp"], "rp");
    assert_eq!(login.id_token["nonce"], "no");
    assert_eq!(login.id_token["auth_time"], NOW);
    assert_eq!(login.id_token["exp"], NOW + 600);
    assert_eq!(login.id_token["amr"], json!(["vc"]));
    assert_eq!(login.id_token["acr"], "urn:picomesh:acr:vc:person");
    assert_eq!(login.id_token["vp"]["issuers"], json!(["did:x:issuer"]));
    assert_eq!(login.id_token["name"], "Eve");
    assert_eq!(login.body["token_type"], "Bearer");
    assert_eq!(login.body["expires_in"], 600);
    assert!(login.body.get("refresh_token").is_none());
}

#[test]
fn oidcc_idtoken_signature() {
    for algorithm in Algorithm::ALL {
        let world = World::new(json!({"id_token_signed_response_alg": algorithm.as_str()}));
        let login = world.login(&[]);
        let header = login.body["id_token"].as_str().unwrap().split('.').next().unwrap();
        let header = URL_SAFE_NO_PAD.decode(header).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        let key = &world.provider.keys.jwks()["keys"][0];
        assert_eq!(header["alg"], algorithm.as_str());
        assert_eq!((&header["kid"], &header["alg"]), (&key["kid"], &key["alg"]));
    }
}

#[test]
fn oidcc_response_type_missing() {
    assert_eq!(World::new(json!({})).error(&[("response_type", "")]), "invalid_request");
}

#[test]
fn oidcc_userinfo_get() {
    let world = World::new(json!({}));
    let login = world.login(&[]);
    let header = format!("Bearer {}", login.body["access_token"].as_str().unwrap());
    assert!(userinfo::bearer(Some(&header), None).is_ok());
    let claims = userinfo::claims(Some(&login.access), NOW).unwrap();
    assert_eq!(claims, json!({"sub": login.id_token["sub"], "name": "Eve"}));
}

#[test]
fn oidcc_userinfo_post_body() {
    let form = form(&[("access_token", "x")]);
    assert_eq!(userinfo::bearer(None, Some(&form)), userinfo::bearer(Some("Bearer x"), None));
}

#[test]
fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let login = World::new(json!({})).login(&[("nonce", "")]);
    assert!(login.id_token.get("nonce").is_none());
}

#[test]
fn oidcc_scope_profile_email_address_phone() {
    let login = World::new(json!({})).login(&[("scope", "openid profile email address phone")]);
    assert_eq!(login.body["scope"], "openid");
}

#[test]
fn oidcc_display_ui_locales_claims_locales_login_hint() {
    let world = World::new(json!({}));
    for name in ["display", "ui_locales", "claims_locales", "login_hint", "extra"] {
        assert!(world.authorize(&[(name, "page")]).is_ok(), "{name}");
    }
}

#[test]
fn oidcc_prompt_login() {
    assert!(World::new(json!({})).authorize(&[("prompt", "login")]).is_ok());
}

#[test]
fn oidcc_prompt_none_not_logged_in() {
    assert_eq!(World::new(json!({})).error(&[("prompt", "none")]), "login_required");
}

#[test]
fn oidcc_max_age_1() {
    let login = World::new(json!({})).login(&[("max_age", "1")]);
    assert_eq!(login.id_token["auth_time"], NOW);
}

#[test]
fn oidcc_ensure_request_with_acr_values_succeeds() {
    let acr = "urn:picomesh:acr:vc:person";
    let login = World::new(json!({})).login(&[("acr_values", &format!("1 {acr}"))]);
    assert_eq!(login.id_token["acr"], acr);
}

#[test]
fn oidcc_id_token_hint() {
    let world = World::new(json!({}));
    let first = world.login(&[]);
    let hint = first.body["id_token"].as_str().unwrap();
    let again = world.login(&[("id_token_hint", hint)]);
    assert_eq!(again.id_token["sub"], first.id_token["sub"]);
}

#[test]
fn oidcc_claims_essential() {
    let claims = r#"{"userinfo":{"name":{"essential":true}}}"#;
    assert!(World::new(json!({})).authorize(&[("claims", claims)]).is_ok());
}

#[test]
fn oidcc_ensure_registered_redirect_uri() {
    let refused = World::new(json!({})).authorize(&[("redirect_uri", "https://rp.example/x")]);
    assert!(matches!(refused, Err(Refusal::Page(_))));
}

#[test]
fn oidcc_redirect_uri_query_ok_mismatch_and_added() {
    let world = World::new(json!({}));
    let login = world.login(&[("redirect_uri", "https://rp.example/cb?foo=bar")]);
    assert!(login.body["id_token"].is_string());
    for uri in ["https://rp.example/cb?foo=baz", "https://rp.example/cb?foo=bar&x=y"] {
        assert!(matches!(world.authorize(&[("redirect_uri", uri)]), Err(Refusal::Page(_))));
    }
}

#[test]
fn oidcc_request_uri_and_request_object_not_supported() {
    let world = World::new(json!({}));
    let uri = "https://rp.example/request.jwt";
    assert_eq!(world.error(&[("request_uri", uri)]), "request_uri_not_supported");
    assert_eq!(world.error(&[("request", "eyJhbGciOiJub25lIn0.e30.")]), "request_not_supported");
}

#[test]
fn oidcc_server_client_secret_post() {
    let world = World::new(json!({"token_endpoint_auth_method": "client_secret_post"}));
    let form = form(&[("client_id", "rp"), ("client_secret", SECRET)]);
    assert!(Presented::parse(None, &form).unwrap().verify(&world.client).is_ok());
}

#[test]
fn oidcc_server_client_secret_basic() {
    let header = format!("Basic {}", STANDARD.encode(format!("rp:{SECRET}")));
    let presented = Presented::parse(Some(&header), &form(&[])).unwrap();
    assert_eq!(presented.client_id(), "rp");
    assert!(presented.verify(&World::new(json!({})).client).is_ok());
}

#[test]
fn oidcc_codereuse() {
    let world = World::new(json!({}));
    let Login { record, request, body, .. } = world.login(&[]);
    let replay = token::exchange(record, &request, &world.client, &world.provider, &[8; 32], NOW);
    let error = replay.err().unwrap();
    assert_eq!(error.refused().body()["error"], "invalid_grant");
    let first = body["access_token"].as_str().unwrap();
    assert!(error.revoke().unwrap().matches(first));
}

#[test]
fn oidcc_codereuse_30seconds() {
    let world = World::new(json!({}));
    let Login { record, request, .. } = world.login(&[]);
    let late = NOW + 30;
    let replay = token::exchange(record, &request, &world.client, &world.provider, &[8; 32], late);
    assert!(replay.err().unwrap().revoke().is_some());
}

#[test]
fn oidcc_server_rotate_keys() {
    let old = SigningKey::generate(Algorithm::Es256).unwrap();
    let token = old.sign(&json!({"sub": "u"})).unwrap();
    let keys = KeySet::new(vec![old, SigningKey::generate(Algorithm::Es256).unwrap()]);
    let jwks = keys.jwks();
    assert_ne!(jwks["keys"][0]["kid"], jwks["keys"][1]["kid"]);
    assert!(open::<Value>(&keys, &token).is_ok());
}

#[test]
fn oidcc_discovery_endpoint_verification() {
    let world = World::new(json!({}));
    let document = discovery::document(&world.provider, std::slice::from_ref(&world.policy));
    assert_eq!(document["issuer"], "https://op.example");
    for (name, value) in document.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            assert!(value.as_str().unwrap().starts_with("https://op.example/"), "{name}");
        }
    }
}

/// OIDC Core §8.1: the same person is somebody else to another sector.
#[test]
fn pairwise_subjects_differ_by_sector_and_stay_the_same_within_one() {
    let world = World::new(json!({}));
    let again = world.login(&[]).id_token["sub"].clone();
    assert_eq!(world.login(&[]).id_token["sub"], again);
    let elsewhere = World::new(json!({"sector_identifier": "other.example"}));
    assert_ne!(elsewhere.login(&[]).id_token["sub"], again);
}
