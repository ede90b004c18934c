//! What the standard rulesets do, in one pico and between several.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

#[test]
fn nothing_yet() {}
