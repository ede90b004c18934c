//! The DIDComm and Aries protocols, one folder each.
