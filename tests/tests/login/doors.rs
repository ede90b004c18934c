//! What the doors do with requests that are not as they should be: rows 88 to 90, 94 and 96.

use super::browser::Browser;
use super::world::{REDIRECT, World, parameter};
use picomesh_tests::Engine;

/// Rows 88 and 94: nobody is redirected to where nobody registered; 400 and a page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_trusted_is_not_redirected_to() {
    let world = World::start(Engine::Sqlite).await;
    let browser = Browser::new(&world);
    let long = "x".repeat(2049);
    let cases = [
        ("redirect_uri", "https://shop.example/cb/"),
        ("redirect_uri", "https://shop.example/c"),
        ("redirect_uri", "https://shop.example/CB"),
        ("redirect_uri", "https://shop.example/x/../cb"),
        ("redirect_uri", "https://shop.example/cb#f"),
        ("redirect_uri", "https://shop.example/cb?x=1"),
        ("redirect_uri", "http://shop.example/cb"),
        ("redirect_uri", "http://localhost:9999/cb"),
        ("redirect_uri", "https://shop.example.evil.example/cb"),
        ("redirect_uri", ""),
        ("client_id", "unknown"),
        ("client_id", "../shop"),
        ("client_id", "\u{0}"),
        ("client_id", ""),
        ("state", &long),
        ("state", "a\r\nSet-Cookie: x=1"),
    ];
    for change in cases {
        let answer = browser.ask(&[change]).await;
        assert_eq!((answer.status, answer.location.as_str()), (400, ""), "{change:?}");
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    world.stop().await;
}

/// Rows 89, 90 and 96: errors go where the client registered, with `state` and `iss`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_of_a_known_client_go_back_to_it() {
    let world = World::start(Engine::Sqlite).await;
    let browser = Browser::new(&world);
    let cases = [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("scope", "profile"), "invalid_scope"),
        (("scope", "openid policy:secret"), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("nonce", "a\nb"), "invalid_request"),
        (("id_token_hint", "eyJhbGciOiJub25lIn0.e30."), "invalid_request"),
        (("request", "eyJhbGciOiJub25lIn0.e30."), "request_not_supported"),
        (("request_uri", "http://169.254.169.254/"), "request_uri_not_supported"),
        (("prompt", "none"), "login_required"),
    ];
    for (change, error) in cases {
        let answer = browser.ask(&[change]).await;
        assert_eq!(answer.status, 303, "{change:?}");
        assert!(answer.location.starts_with(&format!("{REDIRECT}?error={error}&")), "{change:?}");
        assert_eq!(parameter(&answer.location, "state"), Some("s t&a=te".into()));
        assert_eq!(parameter(&answer.location, "iss"), Some(world.issuer.clone()));
    }
    world.stop().await;
}

/// Rows 78 and 80: what is not there is not there, and nothing strange comes of strange ids.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strange_paths_and_methods_are_refused() {
    let world = World::start(Engine::Sqlite).await;
    let browser = Browser::new(&world);
    let long = format!("/login/{}", "a".repeat(5000));
    let unknown = format!("/login/{}", "a".repeat(43));
    for path in ["/login/x", "/login/%2e%2e", "/login/a%00b", "/p/x", &long, &unknown] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    for path in ["/login", "/login/assets/none.js", "/login/x/y/z", "/login/x/other"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    let token = browser.get("/token").await;
    assert_eq!((token.status, token.header("allow")), (405, "POST, OPTIONS"));
    assert_eq!(browser.post("/jwks", &[]).await.status, 405);
    let huge = "x".repeat(40_000);
    assert_eq!(browser.post("/token", &[("code", &huge)]).await.status, 413);
    world.stop().await;
}

/// A page may load nothing but its own style and script, and stands in no frame.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_locked_down() {
    let world = World::start(Engine::Sqlite).await;
    let mut browser = Browser::new(&world);
    let sid = browser.authorize(&[]).await;
    let page = browser.get(&format!("/login/{sid}")).await;
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(!page.headers.contains_key("access-control-allow-origin"));
    for asset in ["login.css", "login.js", "form.js"] {
        assert!(asset == "form.js" || page.body.contains(asset), "{asset}");
        assert_eq!(world.get(&format!("/login/assets/{asset}")).await.status, 200);
    }
    // Without scripts the page looks again by itself.
    assert!(page.body.contains("http-equiv=\"refresh\""));
    world.stop().await;
}
