//! The schema of the store, one folder per engine, embedded in the binary.
