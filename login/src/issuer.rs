//! The issuer identifier, and which URLs may carry credentials of ours.
//!
//! Source: OIDC Discovery §3 (`issuer`: https, no query, no fragment), RFC 8252 §8.3 (loopback
//! redirects may be http).

use url::{Host, Url};

use crate::error::Invalid;
use crate::limits::URI_BYTES_MAX;

/// The issuer identifier: the prefix of all endpoints, and `iss` of every token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// Takes an https URL (http on loopback) without query, fragment, user or final slash.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let url = web_url(text).map_err(|reason| Invalid::new("/issuer", reason))?;
        if url.query().is_some() || text.ends_with('/') {
            return Err(Invalid::new("/issuer", "must have no query and no final slash"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The identifier, compared as text everywhere.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of an endpoint; `path` starts with a slash.
    #[must_use]
    pub fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// An absolute URL in normal form: visible ASCII, no user, no fragment, no dot segments.
pub(crate) fn plain_url(text: &str) -> Result<Url, &'static str> {
    if text.len() > URI_BYTES_MAX {
        return Err("is too long");
    }
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte);
    if !text.bytes().all(is_plain) {
        return Err("has a character that a URI may not have");
    }
    let url = Url::parse(text).map_err(|_| "is not an absolute URI")?;
    if text.contains('#') {
        return Err("must have no fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must have no user");
    }
    // Two readings of one text are how checks are passed by: dot segments, `https:host`,
    // upper-case hosts and default ports are all refused by this comparison.
    if url.as_str() != text && url.as_str().strip_suffix('/') != Some(text) {
        return Err("is not in normal form");
    }
    Ok(url)
}

/// A plain URL with https, or http on loopback.
pub(crate) fn web_url(text: &str) -> Result<Url, &'static str> {
    let url = plain_url(text)?;
    match url.scheme() {
        "https" if url.host().is_some() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err("must be https; http is for loopback alone"),
        _ => Err("must be an https URL"),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_loopback() {
        for good in ["https://op.example", "https://op.example/login/1", "http://127.0.0.1:3000"] {
            let issuer = Issuer::parse(good).unwrap();
            assert_eq!(issuer.endpoint("/token"), format!("{good}/token"));
        }
        for bad in [
            "http://op.example",
            "https://op.example/",
            "https://op.example?x=1",
            "https://op.example#",
            "https://u@op.example",
            "https://op.example/a/../b",
            "https://op.example/%2e%2E/b",
            "https://op.exa mple",
            "https:op.example",
            "https:///op.example",
            "https://OP.example",
            "https://op.example:443",
            "https://op.example\\@evil.example",
            "ftp://op.example",
            "op.example",
            "",
        ] {
            assert!(Issuer::parse(bad).is_err(), "{bad}");
        }
    }
}
