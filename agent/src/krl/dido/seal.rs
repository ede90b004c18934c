//! Closing a message: encrypted with the sender's key, and signed.
//!
//! The signature is what pico-engine asks for and sends. It lets the recipient show others what
//! was written, which encryption alone would not.

use super::keys::Keys;
use picomesh_did_resolver::DidDocument;
use picomesh_didcomm::Error;
use picomesh_didcomm::envelope::v2::{DidcommCrate, Pack};
use serde_json::{Map, Value};

/// The envelope of a message from one of our DIDs.
pub(super) fn seal(
    message: &Map<String, Value>,
    from: &Keys,
    to: &DidDocument,
) -> Result<Vec<u8>, Error> {
    let stated = |(name, value): (&String, &Value)| {
        (!value.is_null()).then(|| (name.clone(), value.clone()))
    };
    let plaintext: Map<String, Value> = message.iter().filter_map(stated).collect();
    let plaintext = Value::Object(plaintext).to_string();
    let sender = (&from.document, &from.agreement);
    DidcommCrate.authcrypt(plaintext.as_bytes(), sender, to, Some(&from.signing), false)
}
