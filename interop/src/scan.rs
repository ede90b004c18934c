//! From the text of a QR code to the invitation, as a wallet gets there.
//!
//! Source: RFC 0434 §Standard Out-of-Band Message Encoding, §URL Shortening.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::api::client;
use crate::{Error, Result};

/// The invitation that a scanned URL carries, redirects to, or answers with.
pub async fn invitation_of(scanned: &str) -> Result<Value> {
    if let Some(invitation) = carried_by(scanned)? {
        return Ok(invitation);
    }
    let unreachable = |source| Error::Unreachable { url: scanned.to_owned(), source };
    let request = client()?.get(scanned).header("accept", "application/json");
    let response = request.send().await.map_err(unreachable)?;
    if let Some(target) = response.headers().get("location").and_then(|to| to.to_str().ok()) {
        let target = target.to_owned();
        return carried_by(&target)?
            .ok_or_else(|| Error::Unexpected(format!("{scanned} redirects to {target}")));
    }
    let status = response.status();
    let body = response.text().await.map_err(unreachable)?;
    serde_json::from_str(&body)
        .map_err(|error| Error::Unexpected(format!("{scanned}: {status}, {error}: {body}")))
}

fn carried_by(url: &str) -> Result<Option<Value>> {
    let Some((_, query)) = url.split_once('?') else {
        return Ok(None);
    };
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, encoded)) = pairs.find(|(name, _)| *name == "oob") else {
        return Ok(None);
    };
    let bad = |error: &dyn std::fmt::Display| Error::Unexpected(format!("{error} in {url}"));
    let bytes =
        URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).map_err(|error| bad(&error))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| bad(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_url_carries_its_invitation_with_or_without_padding() {
        for encoded in ["eyJAaWQiOiIxIn0", "eyJAaWQiOiIxIn0="] {
            let url = format!("https://example.org/ssi?x=1&oob={encoded}");
            assert_eq!(carried_by(&url).unwrap(), Some(json!({ "@id": "1" })));
        }
        assert_eq!(carried_by("https://example.org/p/1").unwrap(), None);
        assert!(carried_by("https://example.org/?oob=%%").is_err());
    }
}
