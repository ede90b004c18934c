//! The one form of a ruleset's address, so that one ruleset is not kept under two.
//!
//! Source: the form that pico-engine 1.4 brings addresses to: no user, no `www.`, no `utm_`
//! parameters, sorted parameters, no slash at the end, no double slashes.

use crate::fault::Fault;
use url::Url;

/// Longest address, in bytes.
const URL_BYTES_MAX: usize = 8192;

/// Brings an address to its one form.
pub fn normalize_url(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    let invalid = || Fault::type_error("Invalid URL");
    if text.len() > URL_BYTES_MAX {
        return Err(invalid());
    }
    if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:")) {
        return Ok(text.into());
    }
    let mut url = Url::parse(&with_scheme(text)).map_err(|_| invalid())?;
    // An address without a host has no user: nothing to remove.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if !url.cannot_be_a_base() {
        let path = decoded(&single_slashes(url.path()));
        url.set_path(path.strip_suffix('/').unwrap_or(&path));
    }
    if let Some(host) = url.host_str() {
        let host = plain_host(host);
        let _ = url.set_host(Some(&host));
    }
    if url.query().is_some() {
        sort_parameters(&mut url);
    }
    let text = url.to_string();
    if url.fragment().is_none() {
        return Ok(text.strip_suffix('/').unwrap_or(&text).into());
    }
    Ok(text)
}

fn with_scheme(text: &str) -> String {
    if let Some(rest) = text.strip_prefix("//") {
        return format!("http://{rest}");
    }
    let has_scheme = text.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    let is_relative = text.trim_start_matches('.').starts_with('/');
    if has_scheme || is_relative { text.into() } else { format!("http:{text}") }
}

/// Replaces runs of slashes by one, but for those of an address within the path.
fn single_slashes(path: &str) -> String {
    let mut single = String::with_capacity(path.len());
    for c in path.chars() {
        let is_second = single.ends_with('/') && !single.ends_with(":/");
        if c != '/' || !is_second {
            single.push(c);
        }
    }
    single
}

/// Decodes what need not be encoded; the writer encodes what must.
fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = pair.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) if bytes[at] == b'%' && !b";/?:@&=+$,#%".contains(&byte) => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| path.to_owned())
}

fn plain_host(host: &str) -> String {
    let host = host.strip_suffix('.').unwrap_or(host);
    match host.strip_prefix("www.") {
        Some(rest) if rest.contains('.') && !rest.starts_with("www.") => rest.into(),
        _ => host.into(),
    }
}

fn sort_parameters(url: &mut Url) {
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !name.to_ascii_lowercase().starts_with("utm_"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    if pairs.is_empty() {
        return url.set_query(None);
    }
    url.query_pairs_mut().clear().extend_pairs(pairs);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_form() {
        for (given, expected) in [
            ("example.com/a.krl", "http://example.com/a.krl"),
            ("//www.example.com/", "http://example.com"),
            ("https://u:p@example.com//a//b/?z=1&a=2&utm_x=3", "https://example.com/a/b?a=2&z=1"),
            ("file:///tmp/a%20b.krl", "file:///tmp/a%20b.krl"),
            ("http://h/%41#frag", "http://h/A#frag"),
            ("picomesh://standard/io.picolabs.pds.krl", "picomesh://standard/io.picolabs.pds.krl"),
        ] {
            assert_eq!(normalize_url(given).unwrap(), expected, "{given}");
        }
        let text = normalize_url("/x").unwrap_err().to_string();
        assert_eq!(text, "TypeError: Invalid URL");
    }
}
