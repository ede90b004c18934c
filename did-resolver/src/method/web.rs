//! did:web: the document lies on a web server.
//!
//! Source: did:web §3.2 (Read).
//!
//! Absent on purpose: the fetch itself, and DNS. Addresses are refused as names; the agent checks
//! what the name resolves to. Plain http is for loopback development alone.

use url::{Host, Url};

use crate::{
    Did, DidDocument, Error,
    address::{Policy, check_url, is_local_name},
};

/// Most path segments of a did:web.
const SEGMENTS_MAX: usize = 20;

/// The URL of the document of a did:web.
///
/// # Errors
/// [`Error::MalformedDid`] for traversal, user information or an address in place of a name;
/// [`Error::Refused`] for what the policy forbids.
pub fn url(did: &Did, policy: &Policy) -> Result<Url, Error> {
    if did.method() != "web" {
        return Err(Error::UnsupportedMethod);
    }
    let mut parts = did.method_specific_id().split(':');
    let authority = authority(parts.next().unwrap_or_default())?;
    let segments: Vec<&str> = parts.collect();
    if segments.len() > SEGMENTS_MAX {
        return Err(Error::TooLarge { what: "path segments", max: SEGMENTS_MAX });
    }
    if !segments.iter().all(|segment| is_plain(segment)) {
        return Err(Error::MalformedDid("a path segment that is not plain"));
    }
    let path = if segments.is_empty() { ".well-known".to_owned() } else { segments.join("/") };
    let name = authority.split(':').next().unwrap_or_default();
    let scheme = if policy.loopback && is_local_name(name) { "http" } else { "https" };
    let url = Url::parse(&format!("{scheme}://{authority}/{path}/did.json"))
        .map_err(|_| Error::MalformedDid("no such host name"))?;
    // A last look at what the parser made of it: a name, and exactly our path.
    if !matches!(url.host(), Some(Host::Domain(_))) || url.path() != format!("/{path}/did.json") {
        return Err(Error::MalformedDid("an address in place of a name, or a path that moves"));
    }
    check_url(&url, policy)?;
    Ok(url)
}

/// Reads the document that was fetched and checks that it is about this DID.
///
/// # Errors
/// [`Error::WrongSubject`]; otherwise as [`DidDocument::from_json`].
pub fn document(did: &Did, bytes: &[u8]) -> Result<DidDocument, Error> {
    let document = DidDocument::from_json(bytes)?;
    if document.id == *did { Ok(document) } else { Err(Error::WrongSubject) }
}

/// Host name and port: did:web §3 lets `%3A` separate them; no other percent triplet is allowed.
fn authority(text: &str) -> Result<String, Error> {
    let bad = || Error::MalformedDid("not a host name with an optional port");
    let authority = text.replace("%3A", ":").replace("%3a", ":");
    let (name, port) =
        authority.split_once(':').map_or((&*authority, None), |(name, port)| (name, Some(port)));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if name.split('.').any(str::is_empty) || !name.bytes().all(is_name) {
        return Err(bad());
    }
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|n| n > 0)
    };
    if !port.is_none_or(is_port) {
        return Err(bad());
    }
    Ok(authority)
}

/// Letters, digits, `-`, `_`, `~` and dots that do not climb; triplets could hide `/` or `..`.
fn is_plain(segment: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !segment.is_empty() && segment != "." && segment != ".." && segment.bytes().all(is_safe)
}

#[cfg(test)]
mod tests;
