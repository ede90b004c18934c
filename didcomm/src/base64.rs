//! Base64 in the spellings that peers use.
//!
//! Source: RFC 4648; RFC 0019 and RFC 7515 ask for base64url without padding, Indy and ACA-Py
//! write padding. Whitespace, mixed alphabets and stray bits are refused.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STRICT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::RequireNone);

const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, STRICT);
const URL_LENIENT: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const STANDARD_LENIENT: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// Base64url without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL.encode(bytes)
}

/// Base64url with padding: what libsodium writes and demands.
pub(crate) fn encode_padded(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE.encode(bytes)
}

/// Base64url, unpadded: DIDComm v2.
pub(crate) fn decode_url(text: &str) -> Option<Vec<u8>> {
    URL.decode(text).ok()
}

/// Base64url, padded or not: DIDComm v1.
pub(crate) fn decode_url_lenient(text: &str) -> Option<Vec<u8>> {
    URL_LENIENT.decode(text).ok()
}

/// Either alphabet, padded or not: attachments.
pub(crate) fn decode_any(text: &str) -> Option<Vec<u8>> {
    URL_LENIENT.decode(text).or_else(|_| STANDARD_LENIENT.decode(text)).ok()
}
