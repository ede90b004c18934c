//! Who the client is, at the token endpoint.
//!
//! Source: RFC 6749 §2.3 and §3.2.1, OIDC Core §9.
//!
//! Absent on purpose: `client_secret_jwt` and `private_key_jwt` (an assertion is refused), and
//! secrets in the query, which the door must refuse before it comes here (bad-input row 97).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::client::{AuthMethod, Client};
use crate::error::{Code, Refused};
use crate::parameters::{Parameters, decode};

/// What a request presents; the caller loads the client by [`Self::client_id`].
pub struct Presented {
    client_id: String,
    method: AuthMethod,
    secret: Option<Zeroizing<String>>,
}

impl Presented {
    /// Reads the `Authorization` header and the form: exactly one method.
    pub fn parse(authorization: Option<&str>, form: &Parameters) -> Result<Self, Refused> {
        if form.has("client_assertion") || form.has("client_assertion_type") {
            return Err(Refused::unknown_client());
        }
        let repeated = |_| Refused::new(Code::InvalidRequest, "a parameter occurs more than once");
        let form_id = form.one("client_id").map_err(repeated)?;
        let form_secret = form.one("client_secret").map_err(repeated)?;
        let Some(header) = authorization else {
            let client_id = form_id.ok_or_else(Refused::unknown_client)?.to_owned();
            let secret = form_secret.map(|secret| Zeroizing::new(secret.to_owned()));
            let method = if secret.is_some() { AuthMethod::Post } else { AuthMethod::None };
            return Ok(Self { client_id, method, secret });
        };
        if form_secret.is_some() {
            let description = "the client authenticates in more than one way";
            return Err(Refused::new(Code::InvalidRequest, description));
        }
        let (client_id, secret) = basic(header).ok_or_else(Refused::unknown_client)?;
        if form_id.is_some_and(|id| id != client_id) {
            let description = "client_id is not that of the Authorization header";
            return Err(Refused::new(Code::InvalidRequest, description));
        }
        Ok(Self { client_id, method: AuthMethod::Basic, secret: Some(secret) })
    }

    /// The client that it claims to be.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Whether the claim is true, by the one method that the client registered.
    pub fn verify(&self, client: &Client) -> Result<(), Refused> {
        let is_proven = match (&client.secret, &self.secret) {
            (Some(expected), Some(secret)) => expected.matches(secret),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let is_client = client.id == self.client_id && !client.disabled;
        match is_proven && is_client && client.auth_method == self.method {
            true => Ok(()),
            false => Err(Refused::unknown_client()),
        }
    }
}

/// RFC 6749 §2.3.1: id and secret are form-encoded, then joined, then base64.
fn basic(header: &str) -> Option<(String, Zeroizing<String>)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = Zeroizing::new(STANDARD.decode(credentials.trim()).ok()?);
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let client_id = decode(&bytes[..colon]).ok()?;
    let secret = Zeroizing::new(decode(&bytes[colon + 1..]).ok()?);
    Some((client_id, secret))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECRET: &str = "a+secret:with%odd&signs=0123456789";

    fn client(method: &str) -> Client {
        let mut document = json!({
            "client_id": "shop",
            "client_name": "The Shop",
            "redirect_uris": ["https://shop.example/cb"],
            "policies": ["staff"],
            "token_endpoint_auth_method": method,
        });
        if method != "none" {
            document["client_secret"] = json!(SECRET);
        }
        Client::register(document, &[0; 32]).unwrap().client
    }

    fn header(id: &str, secret: &str) -> String {
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(id), encode(secret))))
    }

    fn authenticate(
        client: &Client,
        header: Option<&str>,
        form: &[(&str, &str)],
    ) -> Result<(), Code> {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let form = Parameters::parse(form.as_bytes(), 1000).unwrap();
        let presented = Presented::parse(header, &form).map_err(|refused| refused.code)?;
        presented.verify(client).map_err(|refused| refused.code)
    }

    /// RFC 6749 §2.3.1, its example.
    #[test]
    fn the_header_of_the_rfc_is_read() {
        let (id, secret) = basic("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW").unwrap();
        assert_eq!((id.as_str(), secret.as_str()), ("s6BhdRkqt3", "gX1fBat3bV"));
    }

    #[test]
    fn each_client_comes_in_by_its_own_method() {
        let (basic, post) = (client("client_secret_basic"), client("client_secret_post"));
        let header = header("shop", SECRET);
        let form = [("client_id", "shop"), ("client_secret", SECRET)];
        assert_eq!(authenticate(&basic, Some(&header), &[]), Ok(()));
        assert_eq!(authenticate(&basic, Some(&header), &[("client_id", "shop")]), Ok(()));
        assert_eq!(authenticate(&post, None, &form), Ok(()));
        assert_eq!(authenticate(&client("none"), None, &form[..1]), Ok(()));
    }

    /// Bad-input row 97.
    #[test]
    fn every_other_way_is_refused() {
        let [basic, post, public] =
            ["client_secret_basic", "client_secret_post", "none"].map(client);
        let disabled = Client { disabled: true, ..basic.clone() };
        let right = header("shop", SECRET);
        let (wrong, other) = (header("shop", "wrong"), header("other", SECRET));
        let form = [("client_id", "shop"), ("client_secret", SECRET)];
        let id = &form[..1];
        let empty = [("client_id", "shop"), ("client_secret", "")];
        let assertion = [("client_id", "shop"), ("client_assertion", "x.y.z")];
        type Case<'a> = (&'a Client, Option<&'a str>, &'a [(&'a str, &'a str)], Code);
        let cases: [Case<'_>; 17] = [
            (&basic, None, &form, Code::InvalidClient),
            (&basic, None, id, Code::InvalidClient),
            (&basic, None, &[], Code::InvalidClient),
            (&basic, None, &empty, Code::InvalidClient),
            (&basic, Some(&wrong), &[], Code::InvalidClient),
            (&basic, Some(&other), &[], Code::InvalidClient),
            (&basic, Some("Basic"), &[], Code::InvalidClient),
            (&basic, Some("Basic !"), &[], Code::InvalidClient),
            (&basic, Some("Bearer x"), &[], Code::InvalidClient),
            (&basic, Some(&right), &form, Code::InvalidRequest),
            (&basic, Some(&right), &[("client_id", "other")], Code::InvalidRequest),
            (&basic, Some(&right), &[("client_id", "a"), ("client_id", "a")], Code::InvalidRequest),
            (&basic, Some(&right), &assertion, Code::InvalidClient),
            (&post, Some(&right), &[], Code::InvalidClient),
            (&public, Some(&right), &[], Code::InvalidClient),
            (&public, None, &form, Code::InvalidClient),
            (&disabled, Some(&right), &[], Code::InvalidClient),
        ];
        for (index, (client, header, form, code)) in cases.into_iter().enumerate() {
            assert_eq!(authenticate(client, header, form), Err(code), "case {index}");
        }
    }
}
