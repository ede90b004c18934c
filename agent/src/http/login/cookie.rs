//! The cookie that ties a login to the browser that asked.
//!
//! Source: RFC 6265bis §4.1.3.2: a `__Host-` cookie is set over https by this very host for all
//! paths, so no neighbour domain can plant one. On http (loopback) browsers refuse that name.
//! `SameSite=Lax`: it comes along when another site sends the browser here by a link or a
//! redirect, and stays away from that site's forms.

use crate::engine::Engine;
use url::Url;
use warp::http::HeaderMap;
use warp::http::header::{COOKIE, SET_COOKIE};
use warp::reply::Response;

/// Characters of the value: 256 bits in base64url.
const VALUE_CHARS: usize = 43;

/// How the cookie is called here.
#[derive(Clone, Copy, Debug)]
pub(super) struct CookieName {
    is_secure: bool,
}

impl CookieName {
    /// The cookie of a provider with this URL.
    pub(super) fn of(public_url: &Url) -> Self {
        Self { is_secure: public_url.scheme() == "https" }
    }

    fn name(self) -> &'static str {
        match self.is_secure {
            true => "__Host-picomesh-login",
            false => "picomesh-login",
        }
    }

    /// The value that the browser holds; empty if it holds none that could be ours.
    pub(super) fn read(self, headers: &HeaderMap) -> String {
        let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = pairs.flat_map(|pairs| pairs.split(';'));
        let mut named = pairs.filter_map(|pair| match pair.trim().split_once('=') {
            Some((name, value)) if name == self.name() => Some(value),
            Some(_) | None => None,
        });
        let value = named.next().filter(|value| is_value(value));
        value.unwrap_or_default().to_owned()
    }

    /// The value that the browser holds, or a fresh one: two tabs are one browser.
    pub(super) fn read_or_make(self, headers: &HeaderMap) -> String {
        match self.read(headers) {
            held if held.is_empty() => picomesh_login::secret::text(&Engine::seed()),
            held => held,
        }
    }

    /// Gives the value to the browser, until it is closed.
    pub(super) fn give(self, response: &mut Response, value: &str) {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}", self.name());
        super::answer::set(response, SET_COOKIE, &cookie);
    }
}

fn is_value(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    value.len() == VALUE_CHARS && value.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn read(url: &str, cookies: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookies.parse().unwrap());
        CookieName::of(&url.parse().unwrap()).read(&headers)
    }

    #[test]
    fn https_takes_the_host_cookie_alone() {
        let value = "a".repeat(VALUE_CHARS);
        let (plain, host) =
            (format!("picomesh-login={value}"), format!("__Host-picomesh-login={value}"));
        assert_eq!(read("https://op.example", &format!("x=1; {host}; y=2")), value);
        assert_eq!(read("https://op.example", &plain), "");
        assert_eq!(read("http://127.0.0.1:1", &plain), value);
    }

    #[test]
    fn what_cannot_be_ours_is_no_cookie() {
        for value in ["", "short", &"a".repeat(44), &format!("{}!", "a".repeat(42))] {
            assert_eq!(read("http://localhost", &format!("picomesh-login={value}")), "");
        }
    }

    #[test]
    fn the_browser_may_show_it_to_no_script() {
        let mut response = Response::default();
        CookieName::of(&"https://op.example".parse().unwrap()).give(&mut response, "v");
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
        assert_eq!(cookie, "__Host-picomesh-login=v; Path=/; HttpOnly; SameSite=Lax; Secure");
    }
}
