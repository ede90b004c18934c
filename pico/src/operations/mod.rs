//! What a ruleset may do with its pico: channels, children, rulesets, events to others.
//!
//! Source: pico-engine 1.4, whose checks and error texts these are. KRL reaches them through
//! the modules `ctx` and `event`, the standard rulesets directly.

mod channel;
mod pico;
mod policy;
mod ruleset;
mod send;
mod text;

pub use channel::{
    channel_json, channels_json, delete_channel, find_channel, new_channel, put_channel,
    upsert_channel,
};
pub use pico::{
    add_child, children_ecis, delete_pico, fresh_pico_id, new_pico, own_parent_eci, pico_rows,
};
pub use policy::{clean_tags, event_policy, query_policy};
pub use ruleset::{
    flush, install, installed_rids, normalize_url, rulesets_json, standard_url, uninstall,
};
pub use send::{event_send, event_to};
pub use text::{js_text, krl_text, truthy, type_name};
