//! The authorization endpoint: reading a request, and answering the relying party.
//!
//! Source: OIDC Core §3.1.2, RFC 6749 §4.1, RFC 7636 §4.3, RFC 9207 (`iss` in every answer),
//! OAuth 2.0 Form Post Response Mode.
//!
//! Absent on purpose: request objects (`request`, `request_uri`: refused, never fetched), the
//! `claims` parameter (ignored, as discovery says), implicit and hybrid flows, single sign-on:
//! as each login is a fresh proof, `prompt=none` can never succeed and `max_age` always does.

mod request;
mod response;

use crate::client::Client;
use crate::error::Code;
use crate::page::Fault;
use crate::parameters::Parameters;
use crate::policy::Policy;
use crate::provider::Provider;

pub use request::Request;
pub use response::{Mode, Response};

/// Why a request does not lead to a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Status 400 and a page for the user: nobody that we trust to redirect to.
    Page(Fault),
    /// An error for the client, at its registered redirect URI.
    Respond(Response),
}

/// The client that a request names, for the caller to load.
pub fn client_id(parameters: &Parameters) -> Result<&str, Fault> {
    parameters.one("client_id").ok().flatten().ok_or(Fault::UnknownClient)
}

/// Reads a request of `client` (none: unknown), who may use those of `policies` that it lists.
///
/// Until the redirect URI is known to be the client's, every refusal is a page.
pub fn parse(
    parameters: &Parameters,
    client: Option<&Client>,
    policies: &[Policy],
    provider: &Provider,
) -> Result<Request, Refusal> {
    let client = client
        .filter(|client| client_id(parameters) == Ok(client.id.as_str()))
        .ok_or(Refusal::Page(Fault::UnknownClient))?;
    // RFC 6749 would let us redirect; a client that was switched off is not one to send users to.
    if client.disabled {
        return Err(Refusal::Page(Fault::DisabledClient));
    }
    let reply = response::Reply::read(parameters, client).map_err(Refusal::Page)?;
    request::read(parameters, client, policies, provider, &reply)
        .map_err(|code| Refusal::Respond(reply.refuse(provider, code)))
}

type Checked<T> = Result<T, Code>;

#[cfg(test)]
mod tests;
