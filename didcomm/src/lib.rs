//! DIDComm messages, attachments, threading and envelopes, v1 and v2.
