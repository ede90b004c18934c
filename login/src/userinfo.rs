//! The userinfo endpoint: what an access token opens.
//!
//! Source: OIDC Core §5.3, RFC 6750 §2.1, §2.2 and §3.
//!
//! Absent on purpose: the token in the query (RFC 6750 §2.3: it ends up in logs), signed
//! answers. CORS is the door's.

use serde_json::{Value, json};

use crate::error::{Code, Refused};
use crate::parameters::Parameters;
use crate::secret::Fingerprint;
use crate::token::Access;

/// Why userinfo is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No token at all: 401, and a challenge without an error code (RFC 6750 §3.1).
    #[error("no access token")]
    Absent,
    /// A token that is not good, or a request that is not.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl Error {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Absent => 401,
            Self::Refused(refused) => refused.status(),
        }
    }

    /// The `WWW-Authenticate` header.
    #[must_use]
    pub fn www_authenticate(&self) -> String {
        match self {
            Self::Absent => "Bearer".into(),
            Self::Refused(Refused { code, description }) => {
                let code = code.as_str();
                format!("Bearer error=\"{code}\", error_description=\"{description}\"")
            }
        }
    }
}

/// The key of the access token in the store, from the header or (POST alone) from the form.
pub fn bearer(
    authorization: Option<&str>,
    form: Option<&Parameters>,
) -> Result<Fingerprint, Error> {
    let malformed =
        || Refused::new(Code::InvalidRequest, "the access token is given in no proper way");
    let in_header = match authorization {
        None => None,
        Some(header) => Some(header_token(header).ok_or_else(malformed)?),
    };
    let in_form = match form {
        None => None,
        Some(form) => form.one("access_token").map_err(|_| malformed())?,
    };
    match (in_header, in_form) {
        (None, None) => Err(Error::Absent),
        (Some(token), None) | (None, Some(token)) => Ok(Fingerprint::of(token)),
        // RFC 6750 §2: one method per request.
        (Some(_), Some(_)) => Err(malformed().into()),
    }
}

/// The claims of the user, if the token is known and fresh; none: unknown or revoked.
pub fn claims(access: Option<&Access>, now: u64) -> Result<Value, Error> {
    let access = access.filter(|access| now < access.expires_at).ok_or_else(|| {
        Refused::new(Code::InvalidToken, "the access token is unknown, expired or revoked")
    })?;
    let mut claims = access.claims.0.clone();
    claims.insert("sub".into(), json!(access.sub));
    Ok(Value::Object(claims))
}

/// RFC 6750 §2.1: `Bearer` (any case, RFC 9110 §11.1), one space, b64token.
fn header_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let is_b64token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let is_right = scheme.eq_ignore_ascii_case("bearer")
        && !token.is_empty()
        && token.bytes().all(is_b64token);
    is_right.then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Parameters {
        Parameters::parse(text.as_bytes(), 1000).unwrap()
    }

    #[test]
    fn a_token_comes_in_the_header_or_in_the_form() {
        let expected = Ok(Fingerprint::of("mF_9.B5f-4.1JqM"));
        assert_eq!(bearer(Some("Bearer mF_9.B5f-4.1JqM"), None), expected);
        assert_eq!(bearer(Some("bearer mF_9.B5f-4.1JqM"), Some(&form(""))), expected);
        assert_eq!(bearer(None, Some(&form("access_token=mF_9.B5f-4.1JqM"))), expected);
    }

    #[test]
    fn other_ways_are_refused() {
        assert_eq!(bearer(None, None), Err(Error::Absent));
        assert_eq!(Error::Absent.www_authenticate(), "Bearer");
        for (header, form) in [
            (Some("Basic eDp5"), None),
            (Some("Bearer"), None),
            (Some("Bearer "), None),
            (Some("Bearer a b"), None),
            (Some("Bearer a"), Some(form("access_token=a"))),
            (None, Some(form("access_token=a&access_token=a"))),
        ] {
            let error = bearer(header, form.as_ref()).unwrap_err();
            assert_eq!(error.status(), 400, "{header:?}");
            assert!(error.www_authenticate().contains("invalid_request"));
        }
    }

    #[test]
    fn an_expired_or_unknown_token_opens_nothing() {
        let access = Access {
            client_id: "c".into(),
            sid: "s".into(),
            sub: "u".into(),
            claims: crate::fixture::grant().claims,
            expires_at: 100,
        };
        assert_eq!(claims(Some(&access), 99), Ok(json!({"sub": "u", "name": "Eve"})));
        for refused in [claims(Some(&access), 100), claims(None, 0)] {
            let error = refused.unwrap_err();
            assert_eq!(error.status(), 401);
            assert!(error.www_authenticate().contains("invalid_token"));
        }
    }
}
