//! What a page that a ruleset made may do in a browser: its content security policy.
//!
//! Source: Content Security Policy Level 3. The inline scripts and event handlers that stand in
//! the page as the ruleset wrote it may run, by their hashes; so may scripts from our own origin
//! and from origins that the page names in a `<script src>`. What appears in the page later does
//! not run: not what somebody else's text smuggles in through `innerHTML`. An operator whose
//! rulesets make pages that write handlers themselves sets `page-scripts = "any"`.
//!
//! Absent on purpose: a judgement on the page itself. Who installs a ruleset trusts its pages.

use crate::config::PageScripts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use url::Url;

/// Most sources that one header names; a page with more scripts may run any.
const SOURCES_MAX: usize = 100;

/// All but scripts: pictures, styles and calls from and to anywhere, frames by ourselves alone.
const REST: &str = "style-src * 'unsafe-inline';img-src * data: blob:;font-src * data:;\
                    media-src * data: blob:;connect-src *;frame-src *;form-action *;\
                    base-uri 'self';object-src 'none';frame-ancestors 'self'";

/// The policy of a page.
pub(super) fn policy(page: &str, scripts: PageScripts) -> String {
    let found = Found::read(page);
    let mut sources = String::from("'self'");
    for origin in found.origins.iter().take(SOURCES_MAX) {
        sources.push(' ');
        sources.push_str(origin);
    }
    let is_any = scripts == PageScripts::Any || found.hashes.len() > SOURCES_MAX;
    if is_any {
        sources.push_str(" 'unsafe-inline'");
    } else {
        if found.has_handlers {
            sources.push_str(" 'unsafe-hashes'");
        }
        for hash in &found.hashes {
            sources.push_str(&format!(" 'sha256-{hash}'"));
        }
    }
    format!("default-src 'self';script-src {sources};{REST}")
}

/// What a page has in it.
#[derive(Debug, Default)]
struct Found {
    hashes: BTreeSet<String>,
    origins: BTreeSet<String>,
    has_handlers: bool,
}

impl Found {
    fn read(page: &str) -> Self {
        let mut found = Self::default();
        let mut rest = page;
        while let Some(at) = rest.find('<') {
            rest = &rest[at..];
            rest = if let Some(comment) = rest.strip_prefix("<!--") {
                comment.find("-->").map_or("", |end| &comment[end + 3..])
            } else if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
                found.tag(&rest[1..])
            } else {
                &rest[1..]
            };
        }
        found
    }

    /// Reads a tag from its name on, and what is in it if it is a script; the text after.
    fn tag<'p>(&mut self, text: &'p str) -> &'p str {
        let end = text.find(|c: char| c.is_ascii_whitespace() || "/>".contains(c));
        let (name, mut rest) = text.split_at(end.unwrap_or(text.len()));
        let is_script = name.eq_ignore_ascii_case("script");
        let mut has_source = false;
        while let Some((attribute, value, after)) = attribute(rest) {
            rest = after;
            let attribute = attribute.to_ascii_lowercase();
            if is_script && attribute == "src" {
                has_source = true;
                self.origins.extend(origin(&value));
            } else if attribute.starts_with("on") {
                self.has_handlers = true;
                self.hashes.insert(hash(&value));
            }
        }
        let rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
        if !is_script {
            return rest;
        }
        let end = find_close(rest).unwrap_or(rest.len());
        if !has_source {
            self.hashes.insert(hash(&rest[..end]));
        }
        &rest[end..]
    }
}

/// The next attribute of a tag, its value, and the text after.
fn attribute(text: &str) -> Option<(&str, String, &str)> {
    let text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
    let end = text.find(|c: char| c.is_ascii_whitespace() || "/>=".contains(c))?;
    // A name may begin with `=`.
    let end = if end == 0 && text.starts_with('=') { 1 } else { end };
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    let Some(value) = rest.trim_ascii_start().strip_prefix('=') else {
        return Some((name, String::new(), rest));
    };
    let value = value.trim_ascii_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (value, rest) = match quote {
        Some(quote) => value[1..].split_once(quote)?,
        None => {
            let end = value.find(|c: char| c.is_ascii_whitespace() || c == '>');
            value.split_at(end.unwrap_or(value.len()))
        }
    };
    Some((name, unescape(value), rest))
}

/// Where a script ends.
fn find_close(text: &str) -> Option<usize> {
    let is_close = |part: &[u8]| part.eq_ignore_ascii_case(b"</script");
    text.as_bytes().windows(8).position(is_close)
}

/// The references that people write in attributes; others stay and their handler does not run.
fn unescape(value: &str) -> String {
    let pairs = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    if !value.contains('&') {
        return value.to_owned();
    }
    pairs.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Of the script as the browser has it: with single line ends.
fn hash(script: &str) -> String {
    let script = script.replace("\r\n", "\n").replace('\r', "\n");
    STANDARD.encode(Sha256::digest(script))
}

fn origin(source: &str) -> Option<String> {
    let source = source.trim();
    let whole = if source.starts_with("//") { format!("https:{source}") } else { source.into() };
    let url = Url::parse(&whole).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    // A host may have characters that would end the header's list.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]/".contains(c);
    let origin = url.origin().ascii_serialization();
    (is_web && origin.chars().all(is_plain)).then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(page: &str) -> String {
        let policy = policy(page, PageScripts::Found);
        policy.split(';').nth(1).unwrap_or_default().to_owned()
    }

    fn sha(script: &str) -> String {
        format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script)))
    }

    #[test]
    fn the_scripts_of_a_page_may_run() {
        let page = "<!-- <script>no()</script> --><p>a < b<SCRIPT type='text/javascript'>\r\n\
                    if (a < b) go(\"<b>\")\r</Script ><script src=\"https://cdn.example/x.js?y\">\
                    </script><script src=/local.js></script><script>two()</script>";
        let allowed = allowed(page);
        assert!(allowed.contains(&sha("\nif (a < b) go(\"<b>\")\n")), "{allowed}");
        assert!(allowed.contains(&sha("two()")) && allowed.contains(" https://cdn.example "));
        assert_eq!(allowed.matches("sha256").count(), 2, "{allowed}");
        assert!(!allowed.contains("unsafe"), "{allowed}");
    }

    #[test]
    fn the_handlers_of_a_page_may_run() {
        let allowed = allowed("<a href=x onClick=\"go(&quot;x&quot;)\" x='>'><b/onload=now()>");
        assert!(allowed.contains(" 'unsafe-hashes' "), "{allowed}");
        assert!(allowed.contains(&sha("go(\"x\")")) && allowed.contains(&sha("now()")));
    }

    #[test]
    fn a_setting_or_very_many_scripts_let_all_run() {
        let any = policy("<script>a()</script>", PageScripts::Any);
        assert!(any.contains("script-src 'self' 'unsafe-inline';"), "{any}");
        let many: String = (0..200).map(|i| format!("<script>f({i})</script>")).collect();
        assert!(policy(&many, PageScripts::Found).contains("'unsafe-inline'"));
    }

    /// No page makes it fail or go on for ever, and none writes into the header.
    #[test]
    fn any_text_is_a_page() {
        let parts = [
            "<script",
            "<",
            ">",
            "<!--",
            "</script",
            "'",
            "\"",
            "=",
            " ",
            "on",
            "src=//a;b",
            "\u{e9}",
        ];
        let mut seed = 1_u32;
        for _ in 0..2000 {
            let mut page = String::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                page.push_str(parts[(seed >> 16) as usize % parts.len()]);
            }
            let policy = policy(&page, PageScripts::Found);
            assert!(policy.is_ascii() && policy.matches("script-src").count() == 1, "{page}");
            assert_eq!(policy.matches(';').count(), 11, "{page}: {policy}");
        }
        policy(&"<script x=".repeat(100_000), PageScripts::Found);
    }
}
