//! The paths. Names are compared without case and one slash may stand at the end, as in Express.

use super::input::segments;
use warp::http::Method;

/// What a path asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// `/api/ui-context`
    UiContext,
    /// `/api/flush`
    Flush,
    /// `/c/{eci}/event/{domain}/{name}`
    Event(Target),
    /// `/c/{eci}/event-wait/{domain}/{name}`
    EventWait(Target),
    /// `/sky/event/{eci}/{eid}/{domain}/{type}`
    SkyEvent(Target, String),
    /// `/c/{eci}/event/{domain}/{name}/query/{rid}/{function}`
    EventQuery(Target, Asked),
    /// `/c/{eci}/query/{rid}/{function}`, `/sky/cloud/{eci}/{rid}/{function}`
    Query(String, Asked),
}

/// An event and where it goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) eci: String,
    pub(super) domain: String,
    pub(super) name: String,
}

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) rid: String,
    pub(super) function: String,
}

/// Whether a path belongs to this interface.
pub(in crate::http) fn is_ours(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let first = parts.next().unwrap_or_default();
    // `/c`, `/sky` and `/api` alone are nobody's.
    parts.next().is_some()
        && ["c", "sky", "api"].iter().any(|known| first.eq_ignore_ascii_case(known))
}

impl Route {
    /// Reads a path; `None` when there is no such thing.
    pub(super) fn parse(method: &Method, path: &str) -> Option<Self> {
        let parts = segments(path)?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let is = |part: &str, word: &str| part.eq_ignore_ascii_case(word);
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let target = |eci: &str, domain: &str, name: &str| Target {
            eci: eci.into(),
            domain: domain.into(),
            name: name.into(),
        };
        let asked = |rid: &str, name: &str| Asked { rid: rid.into(), function: name.into() };
        match *parts.as_slice() {
            [api, what] if is(api, "api") && is(what, "ui-context") && is_read => {
                Some(Self::UiContext)
            }
            [api, what] if is(api, "api") && is(what, "flush") => Some(Self::Flush),
            [c, eci, what, a, b] if is(c, "c") && is(what, "event") => {
                Some(Self::Event(target(eci, a, b)))
            }
            [c, eci, what, a, b] if is(c, "c") && is(what, "event-wait") => {
                Some(Self::EventWait(target(eci, a, b)))
            }
            [c, eci, what, a, b] if is(c, "c") && is(what, "query") => {
                Some(Self::Query(eci.into(), asked(a, b)))
            }
            [c, eci, what, a, b, query, rid, function]
                if is(c, "c") && is(what, "event") && is(query, "query") =>
            {
                Some(Self::EventQuery(target(eci, a, b), asked(rid, function)))
            }
            [sky, what, eci, eid, domain, name] if is(sky, "sky") && is(what, "event") => {
                Some(Self::SkyEvent(target(eci, domain, name), eid.into()))
            }
            [sky, what, eci, rid, function] if is(sky, "sky") && is(what, "cloud") => {
                Some(Self::Query(eci.into(), asked(rid, function)))
            }
            _ => None,
        }
    }

    /// Whether it changes a pico.
    pub(super) fn is_event(&self) -> bool {
        match self {
            Self::Event(_) | Self::EventWait(_) | Self::SkyEvent(..) | Self::EventQuery(..) => true,
            Self::UiContext | Self::Flush | Self::Query(..) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_lead_where_they_led() {
        let read = |path: &str| Route::parse(&Method::POST, path);
        let target = Target { eci: "E".into(), domain: "a/b".into(), name: "n o".into() };
        assert_eq!(read("/C/E/Event/a%2Fb/n%20o/"), Some(Route::Event(target)));
        assert!(matches!(read("/c/E/event-wait/a/b"), Some(Route::EventWait(_))));
        assert!(
            matches!(read("/sky/event/E/none/a/b"), Some(Route::SkyEvent(_, eid)) if eid == "none")
        );
        let asked = Asked { rid: "r".into(), function: "f.html".into() };
        assert_eq!(read("/c/E/query/r/f.html"), Some(Route::Query("E".into(), asked)));
        assert!(matches!(read("/sky/cloud/E/r/f"), Some(Route::Query(..))));
        assert!(matches!(read("/c/E/event/a/b/query/r/f"), Some(Route::EventQuery(..))));
        assert_eq!(read("/api/ui-context"), None, "only GET and HEAD");
        assert_eq!(Route::parse(&Method::HEAD, "/api/ui-context"), Some(Route::UiContext));
        for path in ["/c//event/a/b", "/c/E/event/a", "/c/E/event/a/b//", "/c/E", "/sky/x/E/a/b"] {
            assert_eq!(read(path), None, "{path}");
        }
        assert!(is_ours("/c/x") && is_ours("/SKY/x") && is_ours("/api/flush"));
        assert!(!is_ours("/c") && !is_ours("/cx/y") && !is_ours("/v1/c/x") && !is_ours("c/x"));
    }
}
