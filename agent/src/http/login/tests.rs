//! The table of doors.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

#[test]
fn every_path_has_one_door() {
    let cases = [
        ("/.well-known/openid-configuration", Some("GET, HEAD, OPTIONS")),
        ("/jwks", Some("GET, HEAD, OPTIONS")),
        ("/authorize", Some("GET, POST")),
        ("/token", Some("POST, OPTIONS")),
        ("/userinfo", Some("GET, POST, OPTIONS")),
        ("/end_session", Some("GET, POST")),
        ("/login/s", Some("GET, HEAD")),
        ("/login/s/events", Some("GET, HEAD")),
        ("/login/s/status", Some("GET, HEAD")),
        ("/login/s/continue", Some("POST")),
        ("/login/s/cancel", Some("POST")),
        ("/login/assets/login.css", Some("GET, HEAD")),
        ("/p/s", Some("GET, HEAD")),
        ("/", None),
        ("/login", None),
        ("/login/s/", None),
        ("/login/s/other", None),
        ("/login/s/continue/x", None),
        ("/p", None),
        ("/p/s/x", None),
        ("/Token", None),
    ];
    for (path, expected) in cases {
        assert_eq!(allow(path), expected, "{path}");
    }
}

/// Programs of other origins may call what knows no cookie, and nothing else.
#[test]
fn no_page_is_open_to_other_origins() {
    for path in ["/authorize", "/end_session", "/login/s", "/login/s/status", "/login/s/continue"] {
        assert!(!allow(path).unwrap().contains("OPTIONS"), "{path}");
    }
}
