//! Alice's browser and her wallet, for the login of the story.

use super::story::{CLIENT, Cast, POLICY};
use super::world::{World, text};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand_core::{OsRng, RngCore};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use url::Url;

/// Alice opens the application, her pico shows the credential, she is logged in.
pub(super) async fn log_in(world: &World, cast: &Cast, redirect_uri: &str) -> Result<(), String> {
    let (state, nonce, verifier) = (random(), random(), random());
    let authorize = authorize_url(&world.base, redirect_uri, (&state, &nonce, &verifier))?;
    let (page, cookie) = open(world, authorize.as_str()).await?;
    world.tell("Alice opens the login page", page.as_str());
    let html = load(world, page.as_str(), &cookie).await?;
    let invitation = attribute(&html, "data-oob").ok_or("no QR code on the page")?;
    let receive = format!("v1/picos/{}/invitations/receive", cast.alice);
    world.post(&receive, json!({ "url": invitation })).await?;
    world.tell("Her pico takes the QR code's link", "and shows the credential");
    verified(world, &page, &cookie).await?;
    let token = attribute(&html, "name=\"token\" value").ok_or("no form on the page")?;
    let back = go_on(world, &page, &cookie, &token).await?;
    let answer: HashMap<String, String> = back.query_pairs().into_owned().collect();
    if answer.get("state") != Some(&state) {
        return Err("the answer belongs to another request".into());
    }
    let code = answer.get("code").ok_or_else(|| format!("no code in {back}"))?;
    let claims = redeem(world, code, redirect_uri, &verifier).await?;
    if claims["nonce"] != nonce.as_str() {
        return Err("the ID token belongs to another request".into());
    }
    let who = format!("{} as {}", text(&claims, "name")?, text(&claims, "sub")?);
    world.tell("The web application knows who she is", &who);
    Ok(())
}

/// A random value as a browser application makes them.
pub(super) fn random() -> String {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The authorization request (code, PKCE S256).
pub(super) fn authorize_url(
    base: &str,
    redirect_uri: &str,
    (state, nonce, verifier): (&str, &str, &str),
) -> Result<Url, String> {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let scope = format!("openid policy:{POLICY}");
    let parameters = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", redirect_uri),
        ("scope", &scope),
        ("state", state),
        ("nonce", nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    Url::parse_with_params(&format!("{base}authorize"), parameters)
        .map_err(|error| error.to_string())
}

/// Opens a page that redirects to the login page; returns that page and the cookie.
async fn open(world: &World, url: &str) -> Result<(Url, String), String> {
    let answer = world.client.get(url).send().await.map_err(|error| error.to_string())?;
    let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let cookie = header(SET_COOKIE).and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
    let page = header(LOCATION).and_then(|location| answer.url().join(location).ok());
    match (page, cookie) {
        (Some(page), Some(cookie)) => Ok((page, cookie)),
        _ => {
            let status = answer.status();
            let body = answer.text().await.unwrap_or_default();
            Err(format!("{url} answered {status}: {body}"))
        }
    }
}

async fn load(world: &World, url: &str, cookie: &str) -> Result<String, String> {
    let answer = world.client.get(url).header(COOKIE, cookie).send().await;
    let answer = answer.map_err(|error| error.to_string())?;
    let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
    if !status.is_success() {
        return Err(format!("{url} answered {status}: {text}"));
    }
    Ok(text)
}

/// The value of the first attribute of this name in a page of ours.
fn attribute(html: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&#x2f;", "/").replace("&amp;", "&"))
}

/// Waits as the page does.
async fn verified(world: &World, page: &Url, cookie: &str) -> Result<(), String> {
    for _ in 0..500 {
        let now = load(world, &format!("{page}/status"), cookie).await?;
        let now: Value = serde_json::from_str(&now).map_err(|error| error.to_string())?;
        match now["state"].as_str() {
            Some("verified") => return Ok(()),
            Some("refused" | "expired") => return Err(format!("the login failed: {now}")),
            _ => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
    Err("the proof did not come".into())
}

async fn go_on(world: &World, page: &Url, cookie: &str, token: &str) -> Result<Url, String> {
    let form = form(&[("token", token)]);
    let request = world.client.post(format!("{page}/continue")).header(COOKIE, cookie);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let location = location.ok_or_else(|| format!("no redirect: {}", answer.status()))?;
    Url::parse(location).map_err(|error| error.to_string())
}

/// Exchanges the code and reads the ID token's claims, its signature checked.
pub(super) async fn redeem(
    world: &World,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<Value, String> {
    let form = form(&[
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier),
    ]);
    let request = world.client.post(format!("{}token", world.base));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let answer = answer.text().await.map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    let token = text(&answer, "id_token")?;
    check_signature(world, &token).await
}

async fn check_signature(world: &World, token: &str) -> Result<Value, String> {
    let jwks = world.get("jwks").await?;
    let mut parts = token.split('.');
    let (Some(header), Some(body), Some(signature)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err("not a JWT".into());
    };
    let read = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).map_err(|e| e.to_string());
    let kid = read(decode(header)?)?["kid"].clone();
    let key = jwks["keys"].as_array().into_iter().flatten().find(|key| key["kid"] == kid);
    let key = key.ok_or("the key is not published")?;
    let point = [vec![4], decode(&text(key, "x")?)?, decode(&text(key, "y")?)?].concat();
    let algorithm = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
    aws_lc_rs::signature::UnparsedPublicKey::new(algorithm, point)
        .verify(format!("{header}.{body}").as_bytes(), &decode(signature)?)
        .map_err(|_| "the ID token's signature is not valid".to_owned())?;
    read(decode(body)?)
}

fn decode(part: &str) -> Result<Vec<u8>, String> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| "not base64url".to_owned())
}

fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
