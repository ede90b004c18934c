//! What a request asks for, parameter by parameter.
//!
//! Source: OIDC Core §3.1.2.1 and §6, RFC 7636 §4.3.

use serde::{Deserialize, Serialize};

use super::Checked;
use super::response::Reply;
use crate::client::Client;
use crate::error::Code;
use crate::hint;
use crate::limits::{NONCE_BYTES_MAX, SCOPE_BYTES_MAX};
use crate::parameters::Parameters;
use crate::pkce::Challenge;
use crate::policy::Policy;
use crate::provider::Provider;

/// A request that every rule was kept by. Comes out of [`super::parse`] alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub(crate) client_id: String,
    pub(crate) reply: Reply,
    pub(crate) nonce: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) code_challenge: Challenge,
    pub(crate) policy: String,
    pub(crate) expected_sub: Option<String>,
}

impl Request {
    /// The client that asked.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The policy that was chosen.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }
}

pub(super) fn read(
    parameters: &Parameters,
    client: &Client,
    policies: &[Policy],
    provider: &Provider,
    reply: &Reply,
) -> Checked<Request> {
    refuse_request_objects(parameters)?;
    match one(parameters, "response_type")? {
        Some("code") => {}
        Some(_) => return Err(Code::UnsupportedResponseType),
        None => return Err(Code::InvalidRequest),
    }
    match one(parameters, "response_mode")? {
        None | Some("query" | "form_post") => {}
        Some(_) => return Err(Code::InvalidRequest),
    }
    let (scope, policy) = choose_policy(parameters, client, policies)?;
    let nonce = one(parameters, "nonce")?;
    if nonce.is_some_and(|nonce| nonce.len() > NONCE_BYTES_MAX || nonce.contains(char::is_control))
    {
        return Err(Code::InvalidRequest);
    }
    let code_challenge = read_challenge(parameters)?;
    let expected_sub = read_hint(parameters, client, provider)?;
    check_max_age(parameters)?;
    // Last, so that a request with other faults hears of those first.
    check_prompt(parameters)?;
    Ok(Request {
        client_id: client.id.clone(),
        reply: reply.clone(),
        nonce: nonce.map(Into::into),
        scope,
        code_challenge,
        policy,
        expected_sub,
    })
}

/// RFC 6749 §3.1: a repeated parameter refuses the request.
fn one<'a>(parameters: &'a Parameters, name: &str) -> Checked<Option<&'a str>> {
    parameters.one(name).map_err(|_| Code::InvalidRequest)
}

/// OIDC Core §3.1.2.6 has a code for each; nothing is read from them, let alone fetched.
fn refuse_request_objects(parameters: &Parameters) -> Checked<()> {
    let unsupported = [
        ("request", Code::RequestNotSupported),
        ("request_uri", Code::RequestUriNotSupported),
        ("registration", Code::RegistrationNotSupported),
    ];
    match unsupported.into_iter().find(|(name, _)| parameters.has(name)) {
        Some((_, code)) => Err(code),
        None => Ok(()),
    }
}

/// `policy:<id>` in the scope, else the first known of `acr_values`, else the client's first.
///
/// Unknown scopes are ignored (OIDC Core §3.1.2.1), but an unknown policy is not: the client
/// would take another proof for the one that it asked for. `acr_values` is a wish.
fn choose_policy(
    parameters: &Parameters,
    client: &Client,
    policies: &[Policy],
) -> Checked<(Vec<String>, String)> {
    let scope = one(parameters, "scope")?.unwrap_or_default();
    let acr_values = one(parameters, "acr_values")?.unwrap_or_default();
    if scope.len() > SCOPE_BYTES_MAX || acr_values.len() > SCOPE_BYTES_MAX {
        return Err(Code::InvalidRequest);
    }
    if !scope.split(' ').any(|word| word == "openid") {
        return Err(Code::InvalidScope);
    }
    let may_use = |id: &str| {
        let is_listed = client.policies.iter().any(|listed| listed == id);
        policies.iter().find(|policy| is_listed && policy.id == id)
    };
    let mut granted = vec!["openid".to_owned()];
    let mut asked = scope.split(' ').filter_map(|word| word.strip_prefix("policy:"));
    if let Some(id) = asked.next() {
        if !asked.all(|other| other == id) {
            return Err(Code::InvalidScope);
        }
        let policy = may_use(id).ok_or(Code::InvalidScope)?;
        granted.push(format!("policy:{id}"));
        return Ok((granted, policy.id.clone()));
    }
    let wished = acr_values.split(' ').find_map(|acr| {
        let mut listed = client.policies.iter().filter_map(|id| may_use(id));
        listed.find(|policy| policy.acr == acr)
    });
    let default = || client.policies.first().and_then(|id| may_use(id));
    // A client whose policy is gone is our operator's fault, not the client's.
    let policy = wished.or_else(default).ok_or(Code::ServerError)?;
    Ok((granted, policy.id.clone()))
}

/// Required of every client, S256 alone (RFC 9700 §2.1.1); an absent method means `plain`.
fn read_challenge(parameters: &Parameters) -> Checked<Challenge> {
    let challenge = one(parameters, "code_challenge")?.ok_or(Code::InvalidRequest)?;
    match one(parameters, "code_challenge_method")? {
        Some("S256") => Challenge::parse(challenge).map_err(|_| Code::InvalidRequest),
        Some(_) | None => Err(Code::InvalidRequest),
    }
}

/// The `sub` that must come out, if the client named one by a token of ours made for it.
fn read_hint(
    parameters: &Parameters,
    client: &Client,
    provider: &Provider,
) -> Checked<Option<String>> {
    let Some(token) = one(parameters, "id_token_hint")? else {
        return Ok(None);
    };
    let hint = hint::read(provider, token).map_err(|_| Code::InvalidRequest)?;
    match hint.aud == client.id {
        true => Ok(Some(hint.sub)),
        false => Err(Code::InvalidRequest),
    }
}

/// Every login proves anew, so any age is met; only nonsense is refused.
fn check_max_age(parameters: &Parameters) -> Checked<()> {
    match one(parameters, "max_age")?.map(str::parse::<u64>) {
        None | Some(Ok(_)) => Ok(()),
        Some(Err(_)) => Err(Code::InvalidRequest),
    }
}

/// `none` must stand alone, and cannot succeed: nobody is ever logged in already.
fn check_prompt(parameters: &Parameters) -> Checked<()> {
    let words: Vec<_> = one(parameters, "prompt")?.unwrap_or_default().split(' ').collect();
    match words.as_slice() {
        ["none"] => Err(Code::LoginRequired),
        words if words.contains(&"none") => Err(Code::InvalidRequest),
        _ => Ok(()),
    }
}
