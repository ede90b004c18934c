//! Where and how the relying party is answered.
//!
//! Source: RFC 6749 §4.1.2, RFC 9207 §2, Form Post Response Mode §2.

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::client::Client;
use crate::error::Code;
use crate::limits::STATE_BYTES_MAX;
use crate::page::Fault;
use crate::parameters::Parameters;
use crate::provider::Provider;

/// How the answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// In the query of a redirect.
    Query,
    /// In a form that the page posts.
    FormPost,
}

/// An answer to the relying party, success or error.
///
/// A success holds the code: it goes to the browser that asked, and into no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// Where to; registered, compared byte for byte.
    pub redirect_uri: String,
    /// How.
    pub mode: Mode,
    /// `code` or `error`, `state`, `iss`.
    pub parameters: Vec<(&'static str, String)>,
}

impl Response {
    /// The `Location` of a redirect with status 303; for [`Mode::Query`].
    #[must_use]
    pub fn location(&self) -> String {
        let uri = &self.redirect_uri;
        let joint = match uri.contains('?') {
            true if uri.ends_with(['?', '&']) => "",
            true => "&",
            false => "?",
        };
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.parameters).finish();
        format!("{uri}{joint}{query}")
    }

    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.parameters.iter().filter(|(key, _)| *key == name);
        named.next().map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|(name, _)| name).collect();
        f.debug_struct("Response")
            .field("redirect_uri", &self.redirect_uri)
            .field("mode", &self.mode)
            .field("parameters", &names)
            .field("error", &self.parameter("error"))
            .finish()
    }
}

/// What every answer to a request needs: where, how, and the client's `state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    pub(crate) redirect_uri: String,
    pub(crate) mode: Mode,
    pub(crate) state: Option<String>,
}

impl Reply {
    /// Reads it, or says why there is nowhere to answer to.
    pub(super) fn read(parameters: &Parameters, client: &Client) -> Result<Self, Fault> {
        let redirect_uri = parameters.one("redirect_uri").ok().flatten();
        let redirect_uri = redirect_uri
            .filter(|uri| client.redirect_uris.iter().any(|registered| registered == uri))
            .ok_or(Fault::UnknownRedirect)?;
        // RFC 6749 appendix A.5: visible characters. A state that cannot be echoed exactly would
        // leave the client with an answer that it cannot match, so there is none.
        let state = parameters.one("state").map_err(|_| Fault::BadState)?;
        let is_plain =
            |text: &str| text.len() <= STATE_BYTES_MAX && !text.contains(char::is_control);
        if !state.is_none_or(is_plain) {
            return Err(Fault::BadState);
        }
        // A wrong mode is an error of its own later; until then the default carries errors.
        let mode = match parameters.one("response_mode") {
            Ok(Some("form_post")) => Mode::FormPost,
            Ok(Some(_) | None) | Err(_) => Mode::Query,
        };
        Ok(Self { redirect_uri: redirect_uri.into(), mode, state: state.map(Into::into) })
    }

    pub(crate) fn refuse(&self, provider: &Provider, code: Code) -> Response {
        self.respond(provider, "error", code.as_str().into())
    }

    pub(crate) fn respond(
        &self,
        provider: &Provider,
        name: &'static str,
        value: String,
    ) -> Response {
        let mut parameters = vec![(name, value)];
        parameters.extend(self.state.clone().map(|state| ("state", state)));
        parameters.push(("iss", provider.issuer.as_str().into()));
        Response { redirect_uri: self.redirect_uri.clone(), mode: self.mode, parameters }
    }
}
