//! Logging in with a credential, through the doors: promise P24, bad-input rows 83 and 88 to 97.
//!
//! One agent is the OpenID provider (its root pico), the issuer and the wallet; the relying
//! party and the browser are plain HTTP. Absent on purpose: time; what depends on it is tested
//! with given times in the ruleset.

#![allow(clippy::unwrap_used, clippy::panic)]

mod attacks;
mod browser;
mod doors;
mod world;

use browser::Browser;
use picomesh_tests::{eventually, on_both_engines};
use serde_json::{Value, json};
use world::{REDIRECT, World, claims_of, parameter};

/// OIDC Core §3.1, with a wallet in the middle.
///
///   Relying party      Browser            OP pico              Wallet
///      | -- authorize --> | --------------> |                     |
///      |                  | <--- page ----- |                     |
///      |                  |                 | <-- opens /p/{sid} - |
///      |                  |                 | <-- presentation --- |
///      |                  | <-- verified -- | ------- ack -------> |
///      |                  | -- continue --> |                     |
///      | <---- code ----- | <-------------- |                     |
///      | ------------- code, verifier ----> |                     |
///      | <------------- ID token ---------- |                     |
async fn log_in(engine: picomesh_tests::Engine) {
    let world = World::start(engine).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[]).await;
    let page = browser.get(&format!("/login/{sid}")).await;
    assert_eq!(page.status, 200);
    for shown in
        ["The Shop", "Permanent resident", "<svg class=\"qr\"", "didcomm:&#x2f;&#x2f;?oob="]
    {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert_eq!(browser.status(&sid).await["state"], "awaiting_scan");

    let invitation = world.fetch_invitation(&sid).await;
    assert_eq!(invitation["@type"], "https://didcomm.org/out-of-band/1.1/invitation");
    assert_eq!(invitation["goal_code"], "request-proof");
    let request = &invitation["requests~attach"][0]["data"]["json"];
    assert_eq!(request["@type"], "https://didcomm.org/present-proof/2.0/request-presentation");
    assert!(page.body.contains(&world.match_number(request)), "{request}");
    assert_eq!(browser.status(&sid).await["state"], "awaiting_presentation");
    assert_eq!(browser.go_on(&sid).await.status, 409, "nothing is proven yet");

    world.present(&invitation).await;
    let verified = browser.until(&sid, "verified").await;
    assert_eq!(verified["is_over"], false);
    let back = browser.go_on(&sid).await;
    assert_eq!(back.status, 303, "{}", back.body);
    assert!(back.location.starts_with(&format!("{REDIRECT}?code=")), "{}", back.location);
    assert_eq!(parameter(&back.location, "state"), Some("s t&a=te".into()));
    assert_eq!(parameter(&back.location, "iss"), Some(world.issuer.clone()));
    let code = parameter(&back.location, "code").unwrap();
    assert_eq!(browser.go_on(&sid).await.status, 409, "once");

    let token = world.redeem(&code).await;
    assert_eq!(token.status, 200, "{}", token.body);
    assert_eq!(token.header("cache-control"), "no-store");
    let token = token.json();
    let claims = claims_of(token["id_token"].as_str().unwrap());
    let expected = json!({
        "iss": world.issuer, "aud": "shop", "azp": "shop", "nonce": "n-1", "amr": ["vc"],
        "acr": "urn:picomesh:acr:vc:resident", "family_name": "SMITH",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&claims[name], value, "{name}");
    }
    let userinfo = world.userinfo(token["access_token"].as_str().unwrap()).await;
    assert_eq!(userinfo.status, 200);
    assert_eq!(userinfo.json(), json!({ "sub": claims["sub"], "family_name": "SMITH" }));

    // Row 91: the code comes again, so somebody else holds it: the tokens of its first use go.
    let replay = world.redeem(&code).await;
    assert_eq!((replay.status, replay.json()["error"].clone()), (400, json!("invalid_grant")));
    let userinfo = world.userinfo(token["access_token"].as_str().unwrap()).await;
    assert_eq!(userinfo.status, 401);
    assert!(userinfo.header("www-authenticate").contains("invalid_token"));
    world.stop().await;
}

on_both_engines!(a_holder_logs_in, engine => { log_in(engine).await; });

on_both_engines!(a_login_survives_a_restart, engine => {
    let world = World::start(engine).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[]).await;
    let invitation = world.fetch_invitation(&sid).await;
    world.present(&invitation).await;
    browser.until(&sid, "verified").await;
    let keys = world.get("/jwks").await.json();
    let world = world.restart().await;
    browser.base.clone_from(&world.base);
    assert_eq!(world.get("/jwks").await.json(), keys);
    let code = parameter(&browser.go_on(&sid).await.location, "code").unwrap();
    assert_eq!(world.redeem(&code).await.status, 200);
    world.stop().await;
});

/// The same user is the same `sub` for one relying party, whatever login it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_subject_is_stable() {
    let world = World::start(picomesh_tests::Engine::Sqlite).await;
    let mut subjects = vec![];
    for _ in 0..2 {
        let mut browser = Browser::new(&world);
        let code = world.prove(&mut browser).await;
        let token = world.redeem(&code).await.json();
        subjects.push(claims_of(token["id_token"].as_str().unwrap())["sub"].clone());
    }
    assert_eq!(subjects[0], subjects[1]);
    world.stop().await;
}

/// The page is told at once, by its stream, and another browser is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stream_follows_the_state() {
    let world = World::start(picomesh_tests::Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[]).await;
    let stranger = Browser::new(&world);
    assert_eq!(stranger.get(&format!("/login/{sid}/events")).await.status, 403);
    let mut stream = browser.stream(&sid).await;
    assert_eq!(stream.next().await["state"], "awaiting_scan");
    let invitation = world.fetch_invitation(&sid).await;
    assert_eq!(stream.next().await["state"], "awaiting_presentation");
    world.present(&invitation).await;
    let mut states = vec![];
    while states.last() != Some(&json!("verified")) {
        states.push(stream.next().await["state"].clone());
    }
    assert!(states.len() <= 2, "awaiting_check may pass by unseen: {states:?}");
    browser.go_on(&sid).await;
    let last = stream.next().await;
    assert_eq!((&last["state"], &last["is_over"]), (&json!("completed"), &json!(true)));
    assert_eq!(stream.rest().await, Value::Null, "the stream ends with the login");
    world.stop().await;
}

/// The user gives up: the relying party is told so, and the wallet comes too late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_login_goes_back_with_an_error() {
    let world = World::start(picomesh_tests::Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[]).await;
    let invitation = world.fetch_invitation(&sid).await;
    let back = browser.leave(&sid, "cancel").await;
    assert_eq!(parameter(&back.location, "error"), Some("access_denied".into()));
    assert_eq!(parameter(&back.location, "code"), None);
    world.present(&invitation).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(browser.status(&sid).await["state"], "refused");
    let again = browser.go_on(&sid).await;
    assert_eq!(parameter(&again.location, "error"), Some("access_denied".into()));
    world.stop().await;
}

/// A wallet that declines ends the login; the page says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wallet_may_decline() {
    let world = World::start(picomesh_tests::Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[]).await;
    let invitation = world.fetch_invitation(&sid).await;
    world.decline(&invitation).await;
    let refused = browser.until(&sid, "refused").await;
    assert!(refused["words"].as_str().unwrap().contains("declined"), "{refused}");
    world.stop().await;
}

/// `response_mode=form_post`: a page that posts itself, and says the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_may_travel_in_a_form() {
    let world = World::start(picomesh_tests::Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[("response_mode", "form_post")]).await;
    let invitation = world.fetch_invitation(&sid).await;
    world.present(&invitation).await;
    browser.until(&sid, "verified").await;
    let page = browser.go_on(&sid).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("name=\"code\""), "{}", page.body);
    assert!(page.body.contains("value=\"s t&amp;a=te\""), "{}", page.body);
    world.stop().await;
}

/// RP-Initiated Logout: the access token of the login goes, the browser goes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_takes_the_token_back() {
    let world = World::start(picomesh_tests::Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let code = world.prove(&mut browser).await;
    let token = world.redeem(&code).await.json();
    let (id, access) =
        (token["id_token"].as_str().unwrap(), token["access_token"].as_str().unwrap());
    assert_eq!(world.userinfo(access).await.status, 200);
    let hint = format!("/end_session?id_token_hint={id}&state=bye&post_logout_redirect_uri=");
    let evil = browser.get(&format!("{hint}https%3A%2F%2Fevil.example%2F")).await;
    assert_eq!(evil.status, 400);
    assert_eq!(world.userinfo(access).await.status, 200);
    let bye = browser.get(&format!("{hint}https%3A%2F%2Fshop.example%2Fbye")).await;
    assert_eq!((bye.status, bye.location.as_str()), (303, "https://shop.example/bye?state=bye"));
    assert_eq!(world.userinfo(access).await.status, 401);
    world.stop().await;
}

/// The keys are made beside: until they are there, nobody is told anything else than 503.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn discovery_says_what_is_served() {
    let world = World::start(picomesh_tests::Engine::Sqlite).await;
    let found = world.get("/.well-known/openid-configuration").await;
    assert_eq!(found.header("access-control-allow-origin"), "*");
    let found = found.json();
    assert_eq!(found["issuer"], json!(world.issuer));
    assert_eq!(found["scopes_supported"], json!(["openid", "policy:resident"]));
    assert_eq!(found["id_token_signing_alg_values_supported"], json!(["ES256", "EdDSA", "RS256"]));
    let keys = world.get("/jwks").await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 3);
    assert!(!keys.to_string().contains("\"d\""), "no private part");
    eventually("every endpoint that is named answers", async || {
        for name in ["authorization_endpoint", "jwks_uri", "end_session_endpoint"] {
            let path = found[name].as_str()?.strip_prefix(&world.issuer)?;
            assert_ne!(world.get(path).await.status, 404, "{name}");
        }
        Some(())
    })
    .await;
    world.stop().await;
}
