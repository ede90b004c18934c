//! What we say when we refuse: OAuth error codes, and configuration errors with a pointer.
//!
//! Source: RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, OIDC Core §3.1.2.6.
//!
//! Absent on purpose: pages for people (see [`crate::page`]) and log lines. A description here
//! is fixed text: nothing that a request carried comes back in it.

use serde_json::{Value, json};

/// A registered error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    /// A parameter is missing, repeated or malformed.
    InvalidRequest,
    /// The client did not prove who it is.
    InvalidClient,
    /// The code is unknown, used, expired or not for this client.
    InvalidGrant,
    /// The client may not do this.
    UnauthorizedClient,
    /// Only `authorization_code` is served.
    UnsupportedGrantType,
    /// The scope lacks `openid` or names a policy that the client may not use.
    InvalidScope,
    /// The user or the policy said no.
    AccessDenied,
    /// Only `code` is served.
    UnsupportedResponseType,
    /// A fault of ours.
    ServerError,
    /// Something that we need is away for the moment.
    TemporarilyUnavailable,
    /// The user must show a credential, and the request forbids to ask.
    LoginRequired,
    /// Request objects are not supported.
    RequestNotSupported,
    /// Request objects by reference are not supported.
    RequestUriNotSupported,
    /// Registration within the request is not supported.
    RegistrationNotSupported,
    /// The access token is unknown, expired or revoked.
    InvalidToken,
}

impl Code {
    /// The code as it stands on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidToken => "invalid_token",
        }
    }
}

/// Why the token, userinfo or end-session endpoint refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", code.as_str())]
pub struct Refused {
    /// The registered code.
    pub code: Code,
    /// Fixed text for the developer of the client.
    pub description: &'static str,
}

impl Refused {
    pub(crate) fn new(code: Code, description: &'static str) -> Self {
        Self { code, description }
    }

    /// The client is unknown; the same words as for a wrong secret.
    #[must_use]
    pub fn unknown_client() -> Self {
        Self::new(Code::InvalidClient, "client authentication failed")
    }

    /// The code is unknown; the same words as for one of another client.
    #[must_use]
    pub fn unknown_code() -> Self {
        Self::new(Code::InvalidGrant, "the code is not valid for this client")
    }

    /// The JSON body, RFC 6749 §5.2.
    #[must_use]
    pub fn body(&self) -> Value {
        json!({ "error": self.code.as_str(), "error_description": self.description })
    }

    /// The HTTP status of the token endpoint: 401 for a client that failed to authenticate.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.code {
            Code::InvalidClient | Code::InvalidToken => 401,
            Code::InvalidRequest
            | Code::InvalidGrant
            | Code::UnauthorizedClient
            | Code::UnsupportedGrantType
            | Code::InvalidScope
            | Code::AccessDenied
            | Code::UnsupportedResponseType
            | Code::LoginRequired
            | Code::RequestNotSupported
            | Code::RequestUriNotSupported
            | Code::RegistrationNotSupported => 400,
            Code::ServerError => 500,
            Code::TemporarilyUnavailable => 503,
        }
    }

    /// `WWW-Authenticate` of the token endpoint; RFC 6749 §5.2 wants it with every 401.
    #[must_use]
    pub fn www_authenticate(&self) -> Option<&'static str> {
        (self.code == Code::InvalidClient).then_some("Basic realm=\"token\", charset=\"UTF-8\"")
    }
}

/// A client or a policy that is not well formed, with the place of the fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {reason}")]
pub struct Invalid {
    /// JSON Pointer (RFC 6901) to the member; empty for the whole document.
    pub pointer: String,
    /// What is wrong with it, for the operator.
    pub reason: String,
}

impl Invalid {
    pub(crate) fn new(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), reason: reason.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_failed_client_gets_401_and_a_challenge() {
        let refused = Refused::unknown_client();
        assert_eq!((refused.status(), refused.www_authenticate().is_some()), (401, true));
        let refused = Refused::unknown_code();
        assert_eq!((refused.status(), refused.www_authenticate()), (400, None));
        assert_eq!(refused.body()["error"], "invalid_grant");
    }
}
