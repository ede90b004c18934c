use futures::{FutureExt, future};
use serde_json::json;

use super::*;

/// A web with one page.
struct Page {
    url: &'static str,
    answer: Result<Vec<u8>, FetchError>,
}

impl Fetch for Page {
    fn fetch(&self, url: &Url) -> impl Future<Output = Result<Vec<u8>, FetchError>> + Send {
        let is_here = url.as_str() == self.url;
        let answer = self.answer.clone();
        future::ready(if is_here { answer } else { Err(FetchError::Status(404)) })
    }
}

fn resolve_now(did: &str, page: &Page) -> Result<DidDocument, Error> {
    resolve(&did.parse().unwrap(), page).now_or_never().unwrap()
}

#[test]
fn a_did_web_is_fetched_and_the_others_are_not() {
    let body = json!({ "id": "did:web:example.com" }).to_string().into_bytes();
    let page = Page { url: "https://example.com/.well-known/did.json", answer: Ok(body) };
    assert_eq!(resolve_now("did:web:example.com", &page).unwrap().id.method(), "web");
    let missing = resolve_now("did:web:example.org", &page).unwrap_err();
    assert_eq!(missing, Error::Fetch(FetchError::Status(404)));
    assert!(!missing.is_transient());
    let key = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";
    assert_eq!(resolve_now(key, &page).unwrap().id.as_str(), key);
}

#[test]
fn a_refused_address_is_not_fetched() {
    let page = Page { url: "http://localhost/.well-known/did.json", answer: Ok(Vec::new()) };
    assert!(matches!(resolve_now("did:web:localhost", &page), Err(Error::Refused(_))));
    assert!(matches!(resolve_now("did:web:127.0.0.1", &page), Err(Error::MalformedDid(_))));
}

#[test]
fn faults_of_the_network_tell_whether_to_try_again() {
    use FetchError::{Refused, Status, Timeout, TooLarge, TooManyRedirects, Unreachable};
    for (fault, is_transient) in [
        (Timeout, true),
        (Unreachable("reset".into()), true),
        (Status(503), true),
        (Status(429), true),
        (Status(410), false),
        (TooLarge, false),
        (TooManyRedirects, false),
        (Refused, false),
    ] {
        let url = "https://example.com/.well-known/did.json";
        let error = resolve_now("did:web:example.com", &Page { url, answer: Err(fault) });
        let error = error.unwrap_err();
        assert_eq!(error.is_transient(), is_transient, "{error}");
        assert_eq!(error.problem_code(), "e.p.did.not-resolvable");
    }
}

#[test]
fn dids_without_their_document_say_so() {
    for did in [
        "WgWxqztrNooG92RXvxSTWv",
        "did:sov:WgWxqztrNooG92RXvxSTWv",
        "did:peer:3zQmS19jtYDvGtKVrJhQnRFpBQAx3pJ9omx2HpNrcXFuRCz9",
        "did:peer:1zQmS19jtYDvGtKVrJhQnRFpBQAx3pJ9omx2HpNrcXFuRCz9",
        "did:peer:4zQmd8CpeFPci817KDsbSAKWcXAE2mjvCQSasRewvbSF54Bd",
    ] {
        let result = resolve_local(&did.parse().unwrap());
        assert_eq!(result, Some(Err(Error::NotSelfContained)), "{did}");
    }
    for did in ["did:example:a", "did:peer:5z", "did:peer:9"] {
        let result = resolve_local(&did.parse().unwrap());
        assert_eq!(result, Some(Err(Error::UnsupportedMethod)), "{did}");
    }
    assert_eq!(resolve_local(&"did:web:example.com".parse().unwrap()), None);
}
