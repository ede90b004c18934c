//! A page with a login, as a browser sees it.

use crate::site::Site;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Response, StatusCode};
use serde_json::json;

const RID: &str = "org.example.page";

struct Browser<'s> {
    site: &'s Site,
    eci: String,
    cookie: Option<String>,
}

impl Browser<'_> {
    async fn home(&self, question: &str) -> String {
        let (base, eci) = (&self.site.base, &self.eci);
        let url = format!("{base}/c/{eci}/query/{RID}/home.html{question}");
        let mut request = self.site.client.get(url);
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
        response.text().await.unwrap()
    }

    /// Sends a form to an address that the page names.
    async fn submit(&mut self, page: &str, form: &str) -> Response {
        let (_, rest) = page.split_once("action=\"").unwrap();
        let (path, _) = rest.split_once('"').unwrap();
        let mut request = self.site.client.post(format!("{}{path}", self.site.base));
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let form_type = "application/x-www-form-urlencoded";
        let request = request.header(CONTENT_TYPE, form_type).body(form.to_owned());
        let response = request.send().await.unwrap();
        if let Some(cookie) = response.headers().get(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            self.cookie = Some(cookie);
        }
        response
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_lasts_until_the_logout() {
    let site = Site::open().await;
    // SHA-256 of "ada:lovelace".
    let hash = "17bd7e8269c93411b7aa78a5ef13bb990d961a975739909179397b4cf50549c8";
    let config = json!({ "users": { "ada": hash } });
    let eci = site.install(&site.root, "page/page.krl", config, "page").await;
    let mut browser = Browser { site: &site, eci, cookie: None };

    let page = browser.home("").await;
    assert!(page.contains("Log in") && !page.contains("not right"), "{page}");
    let refused = browser.submit(&page, "user=ada&password=byron").await;
    assert_eq!(refused.status(), StatusCode::FOUND);
    let back = refused.headers()[LOCATION].to_str().unwrap().to_owned();
    assert!(back.ends_with("/home.html?failed=1") && browser.cookie.is_none());
    assert!(browser.home("?failed=1").await.contains("not right"));

    let entered = browser.submit(&page, "user=ada&password=lovelace").await;
    assert_eq!(entered.status(), StatusCode::FOUND);
    let cookie = entered.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    let page = browser.home("").await;
    assert!(page.contains("Hello ada") && page.contains("Visits: 1"), "{page}");

    let kept = browser.cookie.clone();
    browser.submit(&page, "").await;
    assert!(browser.home("").await.contains("Log in"));
    browser.cookie = kept;
    assert!(browser.home("").await.contains("Log in"), "the session is over at the pico too");
    browser.cookie = None;
    assert!(browser.home("").await.contains("Log in"));
    site.close().await;
}
