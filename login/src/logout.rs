//! Logout that a relying party asks for.
//!
//! Source: RP-Initiated Logout 1.0 §2 and §3.
//!
//! Absent on purpose: a session to end. Each login is a fresh proof, so what a logout does is
//! revoke the access tokens of that login and send the browser back. Without a genuine
//! `id_token_hint` it does neither: anybody can write a link.

use crate::client::Client;
use crate::hint::{self, Hint};
use crate::limits::STATE_BYTES_MAX;
use crate::page::Fault;
use crate::parameters::Parameters;
use crate::provider::Provider;

/// A logout request that was read, but not yet judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    hint: Option<Hint>,
    redirect_uri: Option<String>,
    state: Option<String>,
}

/// What a logout does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Revoke the access tokens of this login.
    pub revoke_sid: Option<String>,
    /// Where the browser goes; none: a page that says that all is done.
    pub location: Option<String>,
}

/// Reads a request, query or form.
pub fn parse(parameters: &Parameters, provider: &Provider) -> Result<Request, Fault> {
    let one = |name| parameters.one(name).map_err(|_| Fault::BadLogout);
    let hint = one("id_token_hint")?
        .map(|token| hint::read(provider, token))
        .transpose()
        .map_err(|_| Fault::BadLogout)?;
    // §2: a client_id beside a hint must be that of the hint.
    if let (Some(id), Some(hint)) = (one("client_id")?, &hint)
        && id != hint.aud
    {
        return Err(Fault::BadLogout);
    }
    let state = one("state")?.map(str::to_owned);
    let is_plain =
        |text: &String| text.len() <= STATE_BYTES_MAX && !text.contains(char::is_control);
    if !state.as_ref().is_none_or(is_plain) {
        return Err(Fault::BadState);
    }
    let redirect_uri = one("post_logout_redirect_uri")?.map(str::to_owned);
    Ok(Request { hint, redirect_uri, state })
}

impl Request {
    /// The client that the hint names, for the caller to load.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.hint.as_ref().map(|hint| hint.aud.as_str())
    }

    /// Judges the request; `client` is the one of [`Self::client_id`], if it still exists.
    pub fn decide(self, client: Option<&Client>) -> Result<Outcome, Fault> {
        let client = client.filter(|client| Some(client.id.as_str()) == self.client_id());
        let location = match (&self.redirect_uri, client) {
            (None, _) => None,
            (Some(uri), Some(client))
                if !client.disabled && client.post_logout_redirect_uris.contains(uri) =>
            {
                Some(location(uri, self.state.as_deref()))
            }
            (Some(_), _) => return Err(Fault::UnknownRedirect),
        };
        Ok(Outcome { revoke_sid: self.hint.and_then(|hint| hint.sid), location })
    }
}

fn location(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else {
        return uri.to_owned();
    };
    let joint = if uri.contains('?') { '&' } else { '?' };
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    format!("{uri}{joint}{query}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture;
    use crate::keys::{Algorithm, SigningKey};

    const BYE: &str = "https://shop.example/bye";

    fn run(pairs: &[(&str, &str)]) -> Result<Outcome, Fault> {
        let client = fixture::client();
        let request = parse(&fixture::parameters(pairs), &fixture::provider())?;
        request.decide(Some(&client))
    }

    #[test]
    fn a_genuine_hint_sends_the_browser_back_and_revokes() {
        let hint = fixture::id_token("shop", "u");
        let outcome = run(&[
            ("id_token_hint", &hint),
            ("post_logout_redirect_uri", BYE),
            ("client_id", "shop"),
            ("state", "a b"),
        ]);
        let location = Some(format!("{BYE}?state=a+b"));
        assert_eq!(outcome, Ok(Outcome { revoke_sid: Some("sid-1".into()), location }));
        let outcome = run(&[("id_token_hint", &hint)]).unwrap();
        assert_eq!(outcome.location, None);
    }

    #[test]
    fn without_a_hint_nothing_happens() {
        assert_eq!(run(&[]), Ok(Outcome { revoke_sid: None, location: None }));
        let refused = run(&[("client_id", "shop"), ("post_logout_redirect_uri", BYE)]);
        assert_eq!(refused, Err(Fault::UnknownRedirect));
    }

    #[test]
    fn what_is_not_registered_or_not_genuine_is_refused() {
        let hint = fixture::id_token("shop", "u");
        let of_other = fixture::id_token("other", "u");
        let stranger = SigningKey::generate(Algorithm::EdDsa).unwrap();
        let forged =
            stranger.sign(&json!({"iss": "https://op.example", "sub": "u", "aud": "shop"}));
        let forged = forged.unwrap();
        let evil = "https://shop.example/bye/../evil";
        let long = "x".repeat(3000);
        let cases: [(&[(&str, &str)], Fault); 7] = [
            (
                &[("id_token_hint", &hint), ("post_logout_redirect_uri", evil)],
                Fault::UnknownRedirect,
            ),
            (
                &[("id_token_hint", &of_other), ("post_logout_redirect_uri", BYE)],
                Fault::UnknownRedirect,
            ),
            (&[("id_token_hint", &hint), ("client_id", "other")], Fault::BadLogout),
            (&[("id_token_hint", &forged)], Fault::BadLogout),
            (&[("id_token_hint", &hint), ("id_token_hint", &hint)], Fault::BadLogout),
            (&[("id_token_hint", &hint), ("state", "a\r\nb")], Fault::BadState),
            (&[("id_token_hint", &hint), ("state", &long)], Fault::BadState),
        ];
        for (pairs, fault) in cases {
            assert_eq!(run(pairs), Err(fault), "{pairs:?}");
        }
    }
}
