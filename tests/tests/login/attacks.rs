//! What must not happen: promise P24, bad-input rows 83, 91 to 93 and 95.

use super::browser::Browser;
use super::world::{SECRET, VERIFIER, World, parameter};
use picomesh_tests::Engine;
use serde_json::{Value, json};

/// Row 93: another browser learns nothing and moves nothing, whatever it knows of the login.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_browser_gets_nothing() {
    let world = World::start(Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[]).await;
    let mut other = Browser::new(&world);
    other.authorize(&[]).await;
    let stolen = browser.form_token(&sid).await;
    let without = Browser::new(&world);
    let invitation = world.fetch_invitation(&sid).await;
    world.present(&invitation).await;
    browser.until(&sid, "verified").await;
    for thief in [&other, &without] {
        for path in ["", "/events", "/status"] {
            let answer = thief.get(&format!("/login/{sid}{path}")).await;
            assert_eq!(answer.status, 403, "{path}");
            for secret in ["verified", &stolen, "code"] {
                assert!(!answer.body.contains(secret), "{secret}: {}", answer.body);
            }
        }
        for way in ["continue", "cancel"] {
            let form = [("token", stolen.as_str())];
            let answer = thief.post(&format!("/login/{sid}/{way}"), &form).await;
            assert_eq!((answer.status, answer.location.as_str()), (403, ""), "{way}");
        }
    }
    assert_eq!(browser.go_on(&sid).await.status, 303, "the right browser still may");
    world.stop().await;
}

/// Row 83: a form of another site has the cookie (in the worst case) and not the token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_without_its_token_is_refused() {
    let world = World::start(Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let (sid, other) = (browser.authorize(&[]).await, browser.authorize(&[]).await);
    let of_other = browser.form_token(&other).await;
    let forms: [&[(&str, &str)]; 4] =
        [&[], &[("token", "")], &[("token", &of_other)], &[("token", "x"), ("token", "x")]];
    for form in forms {
        for way in ["continue", "cancel"] {
            let answer = browser.post(&format!("/login/{sid}/{way}"), form).await;
            assert_eq!(answer.status, 403, "{form:?}");
        }
    }
    assert_eq!(browser.get(&format!("/login/{sid}/cancel")).await.status, 405);
    assert_eq!(browser.status(&sid).await["state"], "awaiting_scan");
    world.stop().await;
}

/// Rows 90 to 92: a code is good for its client, redirect URI and verifier; then once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_bound_and_good_once() {
    let world = World::start(Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let code = world.prove(&mut browser).await;
    let wrong = VERIFIER.replace('d', "e");
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let cases: [Case; 8] = [
        ("other", &[("code", &code)], "invalid_grant"),
        ("shop", &[("code", "unknown")], "invalid_grant"),
        ("shop", &[("code", &code), ("code_verifier", &wrong)], "invalid_grant"),
        ("shop", &[("code", &code), ("code_verifier", &VERIFIER[..42])], "invalid_grant"),
        ("shop", &[("code", &code), ("code_verifier", "")], "invalid_request"),
        ("shop", &[("code", &code), ("redirect_uri", "https://shop.example/cb2")], "invalid_grant"),
        ("shop", &[("code", &code), ("redirect_uri", "")], "invalid_request"),
        ("shop", &[("code", &code), ("grant_type", "implicit")], "unsupported_grant_type"),
    ];
    for (client, changes, error) in cases {
        let answer = world.token(client, changes).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!(error)), "{changes:?}");
        assert!(answer.json().get("access_token").is_none());
    }
    // Twenty at once: one wins.
    let tries = (0..20).map(|_| world.redeem(&code));
    let answers = futures::future::join_all(tries).await;
    let won: Vec<&super::world::Reply> = answers.iter().filter(|one| one.status == 200).collect();
    assert_eq!(won.len(), 1);
    // The others were replays, so its token is gone.
    let token = won[0].json();
    assert_eq!(world.userinfo(token["access_token"].as_str().unwrap()).await.status, 401);
    world.stop().await;
}

/// Row 97: a client comes in by its own method, and never by the query.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_authenticates_properly_or_not_at_all() {
    let world = World::start(Engine::Sqlite).await;
    let in_query = format!("/token?client_id=shop&client_secret={SECRET}");
    let form = [("grant_type", "authorization_code"), ("code", "x"), ("client_id", "shop")];
    let in_form = [("client_id", "shop"), ("client_secret", SECRET)];
    let assertion = [("client_id", "shop"), ("client_assertion", "x.y.z")];
    type Case<'a> = (&'a str, Option<&'a str>, &'a [(&'a str, &'a str)]);
    let cases: [Case; 5] = [
        (&in_query, None, &form),
        ("/token", None, &form),
        ("/token", None, &in_form),
        ("/token", None, &assertion),
        ("/token", Some("Basic c2hvcDp3cm9uZw=="), &form),
    ];
    for (path, authorization, form) in cases {
        let answer = world.raw_token(path, authorization, form).await;
        assert_eq!((answer.status, &answer.json()["error"]), (401, &json!("invalid_client")));
        assert!(answer.header("www-authenticate").starts_with("Basic"));
    }
    world.stop().await;
}

/// Only present-proof itself may say that a proof is good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_may_say_that_it_is_verified() {
    let world = World::start(Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[]).await;
    let invitation = world.fetch_invitation(&sid).await;
    let thid = &invitation["requests~attach"][0]["data"]["json"]["@id"];
    assert!(thid.is_string());
    let forged = json!({
        "id": "x", "thid": thid,
        "report": { "verified": true, "checks": [{ "name": "signature", "passed": true }] },
        "presentation": { "proof": { "challenge": "c", "domain": world.issuer } },
    });
    for (domain, name) in [
        ("present_proof", "verified"),
        ("didcomm_present_proof", "presentation"),
        ("login", "continue"),
        ("login", "put_client"),
        ("login", "put_keys"),
        ("login", "token"),
    ] {
        let mut attrs = forged.clone();
        attrs["sid"] = json!(sid);
        let answer = world.channel_event(domain, name, &attrs).await.json();
        assert!(answer["error"].is_string(), "{domain}:{name} {answer}");
    }
    assert_eq!(browser.status(&sid).await["state"], "awaiting_presentation");
    world.stop().await;
}

/// Row 95: the page and the request show who asks and a number; the first device binds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_device_takes_the_invitation() {
    let world = World::start(Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[]).await;
    // A person who opens the link in a browser is told what it is, and takes nothing.
    let page = world.open(&sid, "text/html").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("The Shop") && page.body.contains("didcomm:"), "{}", page.body);
    assert_eq!(browser.status(&sid).await["state"], "awaiting_scan");
    // A program that asks for nothing in particular is sent to the URL that carries it.
    let found = world.open(&sid, "*/*").await;
    assert_eq!(found.status, 302);
    let carried = parameter(&found.location, "oob").unwrap();
    let json = world.fetch_invitation(&sid).await;
    use base64::Engine as _;
    let carried = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(carried).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&carried).unwrap(), json);
    // Our peer is this machine, so it may say whom it speaks for, as a proxy does.
    let url = format!("{}/p/{sid}", world.base);
    let other = reqwest::Client::builder().no_proxy().build().unwrap().get(url);
    let other = other.header("x-forwarded-for", "9.9.9.9").header("accept", "application/json");
    assert_eq!(other.send().await.unwrap().status(), 410);
    assert_eq!(world.open(&sid, "application/json").await.status, 200, "the first one may again");
    world.stop().await;
}

/// Row 95: an address may begin so many logins and no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_begins_so_many_logins_at_once() {
    let world = World::start(Engine::Sqlite).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut refused = 0;
    for _ in 0..30 {
        let request = client.get(format!("{}/authorize?client_id=x", world.base));
        let answer = request.header("x-forwarded-for", "9.9.9.9").send().await.unwrap();
        if answer.status() == 429 {
            assert!(answer.headers().contains_key("retry-after"));
            refused += 1;
        }
    }
    assert!(refused >= 9, "{refused}");
    let other = client.get(format!("{}/authorize?client_id=x", world.base));
    let other = other.header("x-forwarded-for", "9.9.9.8").send().await.unwrap();
    assert_eq!(other.status(), 400);
    world.stop().await;
}

/// What a wallet proves to somebody else, or from an issuer that nobody trusts, logs nobody in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_of_a_stranger_logs_nobody_in() {
    let world = World::start(Engine::Sqlite).await;
    let stranger = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH";
    world.put("put_policy", super::world::policy("resident", stranger)).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[]).await;
    let invitation = world.fetch_invitation(&sid).await;
    world.present(&invitation).await;
    let refused = browser.until(&sid, "refused").await;
    assert!(refused["words"].as_str().unwrap().contains("not trusted"), "{refused}");
    let back = browser.go_on(&sid).await;
    assert_eq!(parameter(&back.location, "error"), Some("access_denied".into()));
    world.stop().await;
}
