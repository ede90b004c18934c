//! Bad-input rows 88, 89, 90, 94 and 96, and the choice of the policy.

use super::*;
use crate::fixture::{self, authorize, changed};
use crate::keys::{Algorithm, SigningKey};

fn error_of(changes: &[(&str, &str)]) -> String {
    match authorize(&changed(changes)) {
        Err(Refusal::Respond(response)) => {
            assert!(response.redirect_uri.starts_with("https://shop.example/cb"));
            assert_eq!(response.parameter("iss"), Some("https://op.example"), "RFC 9207");
            assert_eq!(response.parameter("code"), None);
            response.parameter("error").unwrap().to_owned()
        }
        other => panic!("{changes:?}: {other:?}"),
    }
}

fn fault_of(pairs: &[(&str, &str)]) -> Fault {
    match authorize(pairs) {
        Err(Refusal::Page(fault)) => fault,
        other => panic!("{pairs:?}: {other:?}"),
    }
}

#[test]
fn a_good_request_is_read() {
    let request = authorize(&changed(&[])).unwrap();
    assert_eq!((request.client_id(), request.policy()), ("shop", "staff"));
    assert_eq!(request.nonce.as_deref(), Some("n-1"));
    assert_eq!(request.scope, ["openid"]);
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&stored).unwrap(), request);
}

/// Row 88: exact match or a page, never a redirect.
#[test]
fn a_redirect_uri_that_is_not_registered_gets_a_page() {
    for uri in [
        "https://shop.example/cb/",
        "https://shop.example/c",
        "https://shop.example/cb2",
        "https://shop.example/CB",
        "https://SHOP.example/cb",
        "https://shop.example/x/../cb",
        "https://shop.example/cb#",
        "https://shop.example/cb?y=2",
        "https://shop.example/cb?",
        "https://shop.example:443/cb",
        "http://shop.example/cb",
        "http://localhost:8080/cb",
        "https://shop.example.evil.example/cb",
        "https://shop.example@evil.example/cb",
        " https://shop.example/cb",
        "",
    ] {
        assert_eq!(fault_of(&changed(&[("redirect_uri", uri)])), Fault::UnknownRedirect, "{uri}");
    }
    let mut twice = changed(&[]);
    twice.push(("redirect_uri", "https://shop.example/cb"));
    assert_eq!(fault_of(&twice), Fault::UnknownRedirect);
}

/// Row 89, the part without a trusted URI.
#[test]
fn an_unknown_or_disabled_client_gets_a_page() {
    assert_eq!(fault_of(&changed(&[("client_id", "other")])), Fault::UnknownClient);
    assert_eq!(fault_of(&changed(&[("client_id", "")])), Fault::UnknownClient);
    let mut twice = changed(&[]);
    twice.push(("client_id", "shop"));
    assert_eq!(fault_of(&twice), Fault::UnknownClient);
    let parameters = fixture::parameters(&changed(&[]));
    let provider = fixture::provider();
    let unknown = parse(&parameters, None, &[fixture::policy()], &provider);
    assert_eq!(unknown, Err(Refusal::Page(Fault::UnknownClient)));
    let disabled = Client { disabled: true, ..fixture::client() };
    let refused = parse(&parameters, Some(&disabled), &[fixture::policy()], &provider);
    assert_eq!(refused, Err(Refusal::Page(Fault::DisabledClient)));
}

/// Rows 89, 90, 94 and 96, the part that goes back to the client.
#[test]
fn a_request_with_a_fault_is_answered_with_its_code() {
    let long = "n".repeat(10_000);
    let jwt = "eyJhbGciOiJSUzI1NiIsImprdSI6Imh0dHBzOi8vZXZpbC5leGFtcGxlIn0.e30.AA";
    let metadata = "http://169.254.169.254/request.jwt";
    let cases: [(&[(&str, &str)], &str); 29] = [
        (&[("response_type", "")], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "id_token")], "unsupported_response_type"),
        (&[("response_type", "code id_token")], "unsupported_response_type"),
        (&[("response_type", "code"), ("response_type", "code")], "invalid_request"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("response_mode", "web_message")], "invalid_request"),
        (&[("scope", "")], "invalid_scope"),
        (&[("scope", "profile")], "invalid_scope"),
        (&[("scope", "OpenID")], "invalid_scope"),
        (&[("scope", "openid policy:nowhere")], "invalid_scope"),
        (&[("scope", "openid policy:secret")], "invalid_scope"),
        (&[("scope", "openid policy:staff policy:guest")], "invalid_scope"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "s256")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("nonce", &long)], "invalid_request"),
        (&[("nonce", "a\r\nb")], "invalid_request"),
        (&[("max_age", "soon")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "none")], "login_required"),
        (&[("request", jwt)], "request_not_supported"),
        (&[("request_uri", metadata)], "request_uri_not_supported"),
        (&[("registration", "{}")], "registration_not_supported"),
        (&[("id_token_hint", "eyJhbGciOiJub25lIn0.e30.")], "invalid_request"),
        (&[("id_token_hint", "rubbish")], "invalid_request"),
    ];
    for (changes, code) in cases {
        assert_eq!(error_of(changes), code, "{changes:?}");
    }
}

/// OIDC Core §3.1.2.1: what we do not know or cannot promise is no error.
#[test]
fn what_may_be_ignored_is_ignored() {
    for changes in [
        &[("scope", "openid profile email offline_access")] as &[_],
        &[("claims", r#"{"id_token":{"acr":{"essential":true}}}"#)],
        &[("display", "popup"), ("ui_locales", "fr-CA fr"), ("login_hint", "eve")],
        &[("unheard_of", "1"), ("unheard_of", "2")],
        &[("prompt", "login"), ("max_age", "0")],
        &[("prompt", "login consent select_account")],
        &[("acr_values", "urn:unknown")],
        &[("state", ""), ("nonce", "")],
    ] {
        assert!(authorize(&changed(changes)).is_ok(), "{changes:?}");
    }
}

#[test]
fn scope_then_acr_values_then_the_default_choose_the_policy() {
    let policy =
        |changes: &[(&str, &str)]| authorize(&changed(changes)).unwrap().policy().to_owned();
    let guest = "urn:picomesh:acr:vc:guest";
    let secret = "urn:picomesh:acr:vc:secret";
    let wish = format!("urn:x {secret} {guest}");
    assert_eq!(policy(&[]), "staff");
    assert_eq!(policy(&[("acr_values", &wish)]), "guest");
    assert_eq!(policy(&[("acr_values", secret)]), "staff", "not this client's");
    assert_eq!(policy(&[("scope", "openid policy:staff"), ("acr_values", guest)]), "staff");
    assert_eq!(policy(&[("scope", "policy:guest openid")]), "guest");
}

/// Row 94.
#[test]
fn state_is_echoed_exactly_or_refused() {
    let location = |state: &str| match authorize(&changed(&[("state", state), ("scope", "x")])) {
        Err(Refusal::Respond(response)) => {
            assert_eq!(response.parameter("state"), Some(state));
            response.location()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(
        location("s t&a=te%20é"),
        "https://shop.example/cb?error=invalid_scope&state=s+t%26a%3Dte%2520%C3%A9\
         &iss=https%3A%2F%2Fop.example"
    );
    let _ = location(&"x".repeat(2048));
    for state in ["x".repeat(2049), "x".repeat(10_000), "a\r\nb".into(), "a\0b".into()] {
        assert_eq!(fault_of(&changed(&[("state", &state)])), Fault::BadState);
    }
    let mut twice = changed(&[]);
    twice.push(("state", "x"));
    assert_eq!(fault_of(&twice), Fault::BadState);
}

#[test]
fn a_query_in_the_redirect_uri_stays() {
    let uri = "https://shop.example/cb?x=1";
    match authorize(&changed(&[("redirect_uri", uri), ("scope", "x"), ("state", "")])) {
        Err(Refusal::Respond(response)) => {
            let expected = format!("{uri}&error=invalid_scope&iss=https%3A%2F%2Fop.example");
            assert_eq!(response.location(), expected);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_genuine_hint_of_this_client_says_who_must_come_out() {
    let hint = fixture::id_token("shop", "u");
    let request = authorize(&changed(&[("id_token_hint", &hint)])).unwrap();
    assert_eq!(request.expected_sub.as_deref(), Some("u"));
    let of_other = fixture::id_token("other", "u");
    assert_eq!(error_of(&[("id_token_hint", &of_other)]), "invalid_request");
    let stranger = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let forged = stranger.sign(&serde_json::json!({"iss": "https://op.example"})).unwrap();
    assert_eq!(error_of(&[("id_token_hint", &forged)]), "invalid_request");
}

/// The answer to a form_post request is a form, and its `Debug` shows no code.
#[test]
fn form_post_is_kept_and_debug_shows_no_code() {
    let request = authorize(&changed(&[("response_mode", "form_post")])).unwrap();
    let response = request.reply.respond(&fixture::provider(), "code", "hush".into());
    assert_eq!(response.mode, Mode::FormPost);
    assert!(!format!("{response:?}").contains("hush"));
    let form = crate::page::FormPost::of(&response).unwrap();
    assert_eq!(form.fields[0], ("code", "hush".to_owned()));
}
