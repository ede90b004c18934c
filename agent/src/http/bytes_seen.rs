//! Remembers the heads of requests as they came, to see what the parser hides.
//!
//! hyper drops `Content-Length` when `Transfer-Encoding` is there (RFC 9112 §6.3 allows either
//! that or a refusal). A proxy in front may have decided the other way, and then two requests are
//! read where one was sent; so we refuse, and need the bytes to know.

use std::sync::{Arc, Mutex, PoisonError};

/// As much as the parser takes for one head.
const BYTES_MAX: usize = super::serve::HEADER_BYTES_MAX;

#[derive(Debug, Default)]
struct Seen {
    bytes: Vec<u8>,
    is_answered: bool,
}

/// The bytes of the requests that are not answered yet; shared by a connection and its requests.
#[derive(Clone, Debug, Default)]
pub(super) struct BytesSeen(Arc<Mutex<Seen>>);

impl BytesSeen {
    /// Bytes came in. The first after an answer begin a new request.
    pub(super) fn read(&self, bytes: &[u8]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_answered {
            seen.is_answered = false;
            seen.bytes.clear();
        }
        let room = BYTES_MAX.saturating_sub(seen.bytes.len());
        seen.bytes.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }

    /// Bytes went out.
    pub(super) fn wrote(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_answered = true;
    }

    /// Whether a head with both `Content-Length` and `Transfer-Encoding` came. Where requests
    /// are sent without waiting, a body may be taken for a head: then one is refused too many.
    pub(super) fn has_two_lengths(&self) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut length, mut encoding) = (false, false);
        for line in seen.bytes.split(|byte| *byte == b'\n') {
            if line.strip_suffix(b"\r").unwrap_or(line).is_empty() {
                (length, encoding) = (false, false);
            }
            length |= starts_with(line, b"content-length");
            encoding |= starts_with(line, b"transfer-encoding");
            if length && encoding {
                return true;
            }
        }
        false
    }
}

fn starts_with(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}
