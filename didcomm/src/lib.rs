//! DIDComm messages, attachments, threading and envelopes, v1 and v2.
//!
//! Sources: Aries RFCs 0005, 0008, 0011, 0017, 0019, 0020, 0035, 0092; DIDComm Messaging v2.1.
//!
//! Data walks through here in three steps: [`envelope::parse`] names the keys that it needs,
//! [`envelope::v1::open`] or [`envelope::v2::open`] says who proved what, and [`bind::bind`]
//! holds the plaintext's claims against that proof.
//!
//! Absent on purpose: key storage, resolution, transports, clocks. Secrets, DID documents and
//! the time are arguments. The v1 code takes its entropy as an argument too; the v2 code goes
//! through the crate `didcomm`, which draws its own randomness when it packs.

pub mod attachment;
mod base64;
pub mod bind;
pub mod envelope;
mod error;
pub mod json;
pub mod jws;
mod message;
mod message_type;
pub mod problem_report;

pub use attachment::{Attachment, AttachmentData};
pub use error::Error;
pub use message::{ID_BYTES_MAX, Message, PTHID_BYTES_MAX, ReturnRoute, TO_MAX, Version};
pub use message_type::MessageType;
