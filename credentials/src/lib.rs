//! W3C credentials and presentations: build, check, present.
