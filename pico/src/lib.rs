//! Picos, channels, rulesets, events, queries and one turn.
