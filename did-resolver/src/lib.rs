//! DIDs, DID documents and the methods that resolve them.
