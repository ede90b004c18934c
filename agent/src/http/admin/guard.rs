//! Who may use the admin API.
//!
//! Whoever shows the operator's token. Where no token is set we listen on loopback alone, and then
//! programs on this machine may; but a page in this machine's browser may not, whatever name it
//! was loaded under (DNS rebinding), and nobody through a proxy may.

use crate::http::Problem;
use crate::http::serve::Peer;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use warp::http::HeaderMap;
use warp::http::header::{AUTHORIZATION, FORWARDED, HOST, ORIGIN};

/// Headers that a proxy adds: then the one who asks is not on this machine.
const PROXY_HEADERS: [&str; 3] = ["x-forwarded-for", "x-forwarded-host", "via"];

/// Lets the operator in, and nobody else.
#[derive(Clone, Debug)]
pub struct Guard {
    /// SHA-256 of the token: equal lengths, so that comparing tells nothing.
    token: Option<[u8; 32]>,
}

impl Guard {
    /// With a token, or for this machine alone.
    #[must_use]
    pub fn new(token: Option<&SecretString>) -> Self {
        Self { token: token.map(|token| Sha256::digest(token.expose_secret()).into()) }
    }

    /// Whether this request may come in.
    ///
    /// # Errors
    /// 401 without a valid token, 403 for a page or a proxy where no token is set.
    pub fn check(&self, headers: &HeaderMap, peer: Option<Peer>) -> Result<(), Problem> {
        let Some(token) = &self.token else {
            return local(headers, peer);
        };
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else {
            return Err(Problem::unauthorized());
        };
        // RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1).
        let bearer = value.to_str().ok().and_then(|value| value.split_once(' '));
        match bearer {
            Some((scheme, given)) if scheme.eq_ignore_ascii_case("bearer") => {
                let given: [u8; 32] = Sha256::digest(given.trim()).into();
                bool::from(given.ct_eq(token)).then_some(()).ok_or_else(Problem::unauthorized)
            }
            Some(_) | None => Err(Problem::unauthorized()),
        }
    }
}

fn local(headers: &HeaderMap, peer: Option<Peer>) -> Result<(), Problem> {
    if !peer.is_some_and(|Peer(address)| address.ip().is_loopback()) {
        return Err(Problem::unauthorized());
    }
    let is_proxied = PROXY_HEADERS.iter().any(|name| headers.contains_key(*name));
    if is_proxied || headers.contains_key(FORWARDED) {
        return Err(Problem::forbidden("behind a proxy an operator token must be set"));
    }
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(HOST).unwrap_or_default();
    if !is_loopback_host(host) {
        return Err(Problem::forbidden("without an operator token the Host must be loopback"));
    }
    if text(ORIGIN).is_some_and(|origin| origin != format!("http://{host}")) {
        return Err(Problem::forbidden("a page of another origin may not do this"));
    }
    let site = headers.get("sec-fetch-site").map(|value| value.to_str().unwrap_or_default());
    match site {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => Err(Problem::forbidden("a page of another site may not do this")),
    }
}

/// Whether a Host header names this machine by a name that only this machine has.
fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn check(guard: &Guard, pairs: &[(&'static str, &str)], peer: &str) -> u16 {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        let peer = Some(Peer(peer.parse().unwrap()));
        guard.check(&headers, peer).map_or_else(|problem| problem.status, |()| 200)
    }

    #[test]
    fn without_a_token_only_programs_of_this_machine_come_in() {
        let guard = Guard::new(None);
        let here = "127.0.0.1:5";
        for host in ["localhost", "localhost:3000", "127.0.0.1:3000", "[::1]:3000", "127.9.9.9"] {
            assert_eq!(check(&guard, &[("host", host)], here), 200, "{host}");
        }
        for host in ["mesh.example", "localhost.example", "10.0.0.1", "", "localhost:x", "[::2]"] {
            assert_eq!(check(&guard, &[("host", host)], here), 403, "{host}");
        }
        let host = ("host", "localhost:3000");
        let cases = [
            (("origin", "http://localhost:3000"), 200),
            (("origin", "http://evil.example"), 403),
            (("origin", "null"), 403),
            (("origin", "https://localhost:3000"), 403),
            (("sec-fetch-site", "same-origin"), 200),
            (("sec-fetch-site", "cross-site"), 403),
            (("sec-fetch-site", "same-site"), 403),
            (("x-forwarded-for", "1.2.3.4"), 403),
            (("forwarded", "for=1.2.3.4"), 403),
        ];
        for (header, expected) in cases {
            assert_eq!(check(&guard, &[host, header], here), expected, "{header:?}");
        }
        assert_eq!(check(&guard, &[host], "10.0.0.1:5"), 401);
    }

    #[test]
    fn with_a_token_only_the_token_counts() {
        let token = SecretString::from("0123456789abcdef");
        let guard = Guard::new(Some(&token));
        let cases = [
            (vec![("authorization", "Bearer 0123456789abcdef")], 200),
            (vec![("authorization", "bearer 0123456789abcdef"), ("host", "x.example")], 200),
            (vec![], 401),
            (vec![("authorization", "Bearer 0123456789abcdeg")], 401),
            (vec![("authorization", "Bearer 0123456789abcdef0")], 401),
            (vec![("authorization", "Bearer")], 401),
            (vec![("authorization", "Bearer ")], 401),
            (vec![("authorization", "Basic 0123456789abcdef")], 401),
            (
                vec![
                    ("authorization", "Bearer 0123456789abcdef"),
                    ("authorization", "Bearer 0123456789abcdef"),
                ],
                401,
            ),
        ];
        for (headers, expected) in cases {
            assert_eq!(check(&guard, &headers, "127.0.0.1:5"), expected, "{headers:?}");
            assert_eq!(check(&guard, &headers, "10.0.0.1:5"), expected, "{headers:?}");
        }
    }
}
