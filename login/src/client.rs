//! A client: a relying party that may send its users here.
//!
//! Source: RFC 7591 §2 for the names of the members, OIDC Core §8.1 (sector), RFC 9700 §2.1
//! (exact redirect URIs), RFC 8252 §7 (native applications).
//!
//! Absent on purpose: fetching a `sector_identifier_uri` (the sector is given), wildcards and
//! prefixes in redirect URIs, any port on loopback, `private_key_jwt`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::error::Invalid;
use crate::fields::{Fields, pointer};
use crate::issuer::{plain_url, web_url};
use crate::keys::Algorithm;
use crate::limits::{
    CLIENT_POLICIES_MAX, CLIENT_SECRET_CHARS_MAX, CLIENT_SECRET_CHARS_MIN, ID_CHARS_MAX,
    NAME_BYTES_MAX, URIS_MAX,
};
use crate::secret::{self, Entropy, Fingerprint};

/// How the client proves at the token endpoint who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthMethod {
    /// Secret in the `Authorization` header.
    #[default]
    #[serde(rename = "client_secret_basic")]
    Basic,
    /// Secret in the form.
    #[serde(rename = "client_secret_post")]
    Post,
    /// A public client: PKCE alone protects its codes.
    #[serde(rename = "none")]
    None,
}

/// A registered client, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// `client_id`.
    #[serde(rename = "client_id")]
    pub id: String,
    /// Shown to the user on the page and in the wallet.
    #[serde(rename = "client_name")]
    pub name: String,
    /// Compared as text, byte for byte.
    pub redirect_uris: Vec<String>,
    /// Compared as text, byte for byte.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// The one method that is accepted.
    #[serde(rename = "token_endpoint_auth_method")]
    pub auth_method: AuthMethod,
    /// SHA-256 of the secret; none for a public client.
    #[serde(rename = "client_secret_sha256")]
    pub secret: Option<Fingerprint>,
    /// What its ID tokens are signed with.
    #[serde(rename = "id_token_signed_response_alg")]
    pub id_token_alg: Algorithm,
    /// Clients of one sector see the same `sub`.
    #[serde(rename = "sector_identifier")]
    pub sector: String,
    /// Ids of the policies that it may use; the first is its default.
    pub policies: Vec<String>,
    /// A disabled client gets nothing, not even a redirect.
    #[serde(default)]
    pub disabled: bool,
}

/// A client just registered.
pub struct Registration {
    /// To store.
    pub client: Client,
    /// The secret that was made for it, to be shown once.
    pub secret: Option<Zeroizing<String>>,
}

impl Client {
    /// Reads a registration.
    ///
    /// A confidential client without `client_secret` gets one made of `entropy`. The default
    /// algorithm is RS256 (OIDC Registration §2); the default sector is the host that all
    /// redirect URIs share.
    pub fn register(document: Value, entropy: &Entropy) -> Result<Registration, Invalid> {
        let mut fields = Fields::new(document)?;
        let auth_method = fields.optional("token_endpoint_auth_method")?.unwrap_or_default();
        let given: Option<String> = fields.optional("client_secret")?;
        let made = (given.is_none() && auth_method != AuthMethod::None)
            .then(|| Zeroizing::new(secret::text(entropy)));
        let given = given.map(Zeroizing::new);
        check_secret(given.as_deref().map(String::as_str), auth_method)?;
        let redirect_uris: Vec<String> = fields.required("redirect_uris")?;
        check_redirect_uris(&redirect_uris, auth_method)?;
        let sector = match fields.optional("sector_identifier")? {
            Some(sector) => sector,
            None => shared_host(&redirect_uris)?,
        };
        let client = Self {
            id: fields.required("client_id")?,
            name: fields.required("client_name")?,
            redirect_uris,
            post_logout_redirect_uris: fields
                .optional("post_logout_redirect_uris")?
                .unwrap_or_default(),
            auth_method,
            secret: given.as_ref().or(made.as_ref()).map(|secret| Fingerprint::of(secret)),
            id_token_alg: fields
                .optional("id_token_signed_response_alg")?
                .unwrap_or(Algorithm::Rs256),
            sector,
            policies: fields.required("policies")?,
            disabled: fields.optional("disabled")?.unwrap_or_default(),
        };
        fields.finish()?;
        client.check()?;
        Ok(Registration { client, secret: made })
    }

    fn check(&self) -> Result<(), Invalid> {
        check_id("/client_id", &self.id)?;
        check_name("/client_name", &self.name)?;
        check_uris("post_logout_redirect_uris", &self.post_logout_redirect_uris, web_url)?;
        if self.sector.is_empty() || !self.sector.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Invalid::new("/sector_identifier", "must be visible ASCII"));
        }
        if self.policies.is_empty() || self.policies.len() > CLIENT_POLICIES_MAX {
            let reason = format!("must name 1 to {CLIENT_POLICIES_MAX} policies");
            return Err(Invalid::new("/policies", reason));
        }
        for (index, policy) in self.policies.iter().enumerate() {
            check_id(&format!("/policies/{index}"), policy)?;
        }
        Ok(())
    }
}

/// An id travels in URLs, headers and scopes: unreserved characters alone.
pub(crate) fn check_id(pointer: &str, id: &str) -> Result<(), Invalid> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    match (1..=ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(is_plain) {
        true => Ok(()),
        false => Err(Invalid::new(
            pointer,
            format!("must be 1 to {ID_CHARS_MAX} letters, digits, `-`, `.`, `_` or `~`"),
        )),
    }
}

/// A name is read by people: not empty, no control characters.
pub(crate) fn check_name(pointer: &str, name: &str) -> Result<(), Invalid> {
    let is_readable = !name.trim().is_empty() && !name.chars().any(char::is_control);
    match is_readable && name.len() <= NAME_BYTES_MAX {
        true => Ok(()),
        false => Err(Invalid::new(
            pointer,
            format!("must be 1 to {NAME_BYTES_MAX} bytes without control characters"),
        )),
    }
}

/// RFC 6749 appendix A.2: visible ASCII. Long enough that a plain hash is safe to keep.
fn check_secret(secret: Option<&str>, method: AuthMethod) -> Result<(), Invalid> {
    let refuse = |reason: String| Err(Invalid::new("/client_secret", reason));
    match (secret, method) {
        (Some(_), AuthMethod::None) => refuse("a public client has no secret".into()),
        (Some(secret), AuthMethod::Basic | AuthMethod::Post) => {
            let lengths = CLIENT_SECRET_CHARS_MIN..=CLIENT_SECRET_CHARS_MAX;
            let is_right = lengths.contains(&secret.len())
                && secret.bytes().all(|byte| byte.is_ascii_graphic());
            match is_right {
                true => Ok(()),
                false => refuse(format!(
                    "must be {CLIENT_SECRET_CHARS_MIN} to {CLIENT_SECRET_CHARS_MAX} characters \
                     of visible ASCII"
                )),
            }
        }
        (None, AuthMethod::Basic | AuthMethod::Post | AuthMethod::None) => Ok(()),
    }
}

/// https, http on loopback, or (public clients) a private-use scheme, RFC 8252 §7.1.
fn check_redirect_uris(uris: &[String], method: AuthMethod) -> Result<(), Invalid> {
    if uris.is_empty() {
        return Err(Invalid::new("/redirect_uris", "must not be empty"));
    }
    check_uris("redirect_uris", uris, |uri| {
        let url = plain_url(uri)?;
        match method == AuthMethod::None && url.scheme().contains('.') {
            true => Ok(url),
            false => web_url(uri),
        }
    })
}

fn check_uris(
    member: &str,
    uris: &[String],
    check: impl Fn(&str) -> Result<url::Url, &'static str>,
) -> Result<(), Invalid> {
    if uris.len() > URIS_MAX {
        return Err(Invalid::new(pointer(member), format!("must be at most {URIS_MAX}")));
    }
    for (index, uri) in uris.iter().enumerate() {
        check(uri).map_err(|reason| Invalid::new(format!("/{member}/{index}"), reason))?;
    }
    Ok(())
}

/// OIDC Core §8.1: one host is the sector; several hosts need it said.
fn shared_host(uris: &[String]) -> Result<String, Invalid> {
    let mut hosts = uris
        .iter()
        .map(|uri| plain_url(uri).ok().and_then(|url| url.host_str().map(str::to_owned)));
    let first = hosts.next().flatten();
    match first {
        Some(host) if hosts.all(|other| other.as_ref() == Some(&host)) => Ok(host),
        Some(_) | None => Err(Invalid::new(
            "/sector_identifier",
            "is needed, as the redirect URIs do not share one host",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "client_id": "shop",
            "client_name": "The Shop",
            "redirect_uris": ["https://shop.example/cb"],
            "policies": ["staff"],
        })
    }

    fn with(member: &str, value: Value) -> Value {
        let mut document = document();
        document[member] = value;
        document
    }

    #[test]
    fn a_confidential_client_gets_a_secret_that_is_kept_as_a_hash() {
        let registration = Client::register(document(), &[9; 32]).unwrap();
        let secret = registration.secret.unwrap();
        let client = registration.client;
        assert!(client.secret.unwrap().matches(&secret));
        assert_eq!(client.sector, "shop.example");
        assert_eq!(client.id_token_alg, Algorithm::Rs256);
        let stored = serde_json::to_string(&client).unwrap();
        assert!(!stored.contains(secret.as_str()));
        assert_eq!(serde_json::from_str::<Client>(&stored).unwrap(), client);
    }

    #[test]
    fn a_public_client_may_use_a_scheme_of_its_own() {
        let mut document = with("token_endpoint_auth_method", json!("none"));
        document["redirect_uris"] = json!(["com.example.app:/cb"]);
        document["sector_identifier"] = json!("app.example");
        let registration = Client::register(document, &[9; 32]).unwrap();
        assert!(registration.secret.is_none() && registration.client.secret.is_none());
    }

    /// Bad-input row 77, and row 88 at registration.
    #[test]
    fn a_fault_is_named_by_its_place() {
        let cases = [
            (json!([]), ""),
            (with("colour", json!("red")), "/colour"),
            (with("client_id", json!(7)), "/client_id"),
            (with("client_id", json!("a b")), "/client_id"),
            (with("client_name", json!("a\nb")), "/client_name"),
            (with("client_name", Value::Null), "/client_name"),
            (with("client_secret", json!("short")), "/client_secret"),
            (with("redirect_uris", json!([])), "/redirect_uris"),
            (with("redirect_uris", json!("https://shop.example")), "/redirect_uris"),
            (with("redirect_uris", json!(["http://shop.example/cb"])), "/redirect_uris/0"),
            (with("redirect_uris", json!(["https://shop.example/cb#x"])), "/redirect_uris/0"),
            (with("redirect_uris", json!(["https://shop.example/a/../b"])), "/redirect_uris/0"),
            (with("redirect_uris", json!(["javascript:alert(1)"])), "/redirect_uris/0"),
            (with("redirect_uris", json!(["com.example.app:/cb"])), "/redirect_uris/0"),
            (
                with("redirect_uris", json!(["https://a.example", "https://b.example"])),
                "/sector_identifier",
            ),
            (with("post_logout_redirect_uris", json!(["x"])), "/post_logout_redirect_uris/0"),
            (with("id_token_signed_response_alg", json!("none")), "/id_token_signed_response_alg"),
            (with("token_endpoint_auth_method", json!("magic")), "/token_endpoint_auth_method"),
            (with("policies", json!([])), "/policies"),
            (with("policies", json!(["a b"])), "/policies/0"),
        ];
        for (document, pointer) in cases {
            let invalid = Client::register(document.clone(), &[9; 32]).err().unwrap();
            assert_eq!(invalid.pointer, pointer, "{document}: {invalid}");
        }
    }
}
