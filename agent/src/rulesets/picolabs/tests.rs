//! What the standard rulesets do, in one pico and between several.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod relationships;
mod world;

use serde_json::{Value, json};
use world::World;

const UI: &str = "io.picolabs.pico-engine-ui";
const WRANGLER: &str = "io.picolabs.wrangler";
const PDS: &str = "io.picolabs.pds";

/// A root with one child; the addresses of their pages.
fn family() -> (World, String, String) {
    let mut world = World::new();
    let root = world.root_ui();
    let (name, colour) = ("kid", "#ff0000");
    world.tell(&root, "engine_ui", "new", json!({ "name": name, "backgroundColor": colour }));
    world.settle();
    let page = world.ask(&root, UI, "box", json!({}));
    let child = page["children"][0].as_str().unwrap().to_owned();
    (world, root, child)
}

#[test]
fn a_child_starts_as_the_reference_leaves_it() {
    let (mut world, root, child) = family();
    let page = world.ask(&child, UI, "box", json!({}));
    assert_eq!(
        page,
        json!({ "eci": child, "parent": root, "children": [], "name": "kid",
            "backgroundColor": "#ff0000", "x": 100, "y": 100, "width": 100, "height": 100 })
    );
    let pico = world.ask(&child, UI, "pico", json!({}));
    let tags: Vec<&Value> =
        pico["channels"].as_array().unwrap().iter().map(|c| &c["tags"]).collect();
    assert_eq!(
        json!(tags),
        json!([
            ["system", "self"],
            ["system", "child"],
            ["engine", "ui"],
            ["pds"],
            ["wellknown_rx", "tx_rx"]
        ])
    );
    let rids: Vec<&Value> =
        pico["rulesets"].as_array().unwrap().iter().map(|r| &r["rid"]).collect();
    assert_eq!(
        json!(rids),
        json!([UI, WRANGLER, PDS, "io.picolabs.subscription", "io.picolabs.did-o"])
    );
    assert_eq!(pico["channels"][2]["eventPolicy"]["allow"].as_array().unwrap().len(), 16);
}

#[test]
fn a_child_knows_itself_and_its_parent_is_told() {
    let (mut world, root, child) = family();
    let open = world.open_channel(&child);
    let myself = world.ask(&open, WRANGLER, "myself", json!({}));
    assert_eq!(myself["name"], "kid");
    let root_open = world.open_channel(&root);
    let children = world.ask(&root_open, WRANGLER, "children", json!({}));
    let parent_eci = world.ask(&open, WRANGLER, "parent_eci", json!({}));
    let expected = json!([{ "eci": myself["eci"], "name": "kid", "parent_eci": parent_eci }]);
    assert_eq!(children, expected);
    let profile = world.ask(&open, PDS, "profile", json!({}));
    assert_eq!(profile["profile"]["name"], "kid");
    assert!(world.heard.iter().any(|(_, event)| event == "wrangler:child_initialized"));
}

#[test]
fn a_page_is_changed_and_a_child_deleted() {
    let (mut world, root, child) = family();
    world.tell(&child, "engine_ui", "box", json!({ "x": "12", "y": 0, "backgroundColor": "red" }));
    let page = world.ask(&child, UI, "box", json!({}));
    assert_eq!((&page["x"], &page["y"]), (&json!(12), &json!(100)));
    assert_eq!(page["backgroundColor"], "#ff0000");
    let fault = world.try_tell(&root, "engine_ui", "del", json!({ "eci": "nope" }));
    let text = "Error: delPico(undefined) - not found in children ECIs";
    assert_eq!(fault.as_deref(), Some(text));
    world.tell(&root, "engine_ui", "del", json!({ "eci": child }));
    assert_eq!(world.ask(&root, UI, "box", json!({}))["children"], json!([]));
    assert_eq!(world.picos(), 1);
}

#[test]
fn channels_are_made_with_the_checks_of_the_reference() {
    let (mut world, _, child) = family();
    let open = world.open_channel(&child);
    let refused = |world: &mut World, name: &str, attrs: Value| {
        world.try_tell(&open, "wrangler", name, attrs).unwrap()
    };
    let policy = json!({ "tags": "a", "eventPolicy": "x", "queryPolicy": "y" });
    assert_eq!(
        refused(&mut world, "new_channel_request", policy),
        "TypeError: Channel `tags` must be an array of non-empty strings."
    );
    let eci = json!({ "eci": "nope" });
    assert_eq!(refused(&mut world, "channel_deletion_request", eci), "Error: ECI not found nope");
    let rid = json!({ "rid": WRANGLER });
    assert_eq!(
        refused(&mut world, "uninstall_ruleset_request", rid),
        "Error: Cannot uninstall io.picolabs.wrangler because io.picolabs.pds and \
         io.picolabs.subscription and io.picolabs.did-o depends on it"
    );
    let found = world.ask(&open, WRANGLER, "channels", json!({ "tags": "UI,engine" }));
    assert_eq!(found[0]["id"], child.as_str());
}

#[test]
fn data_are_kept_by_namespace() {
    let (mut world, _, child) = family();
    let open = world.open_channel(&child);
    let attrs = json!({ "namespace": "n", "key": "k", "value": { "a": 1 } });
    world.tell(&open, "pds", "new_data_available", attrs);
    let attrs = json!({ "namespace": "n", "key": "k", "value": { "b": [2] } });
    world.tell(&open, "pds", "updated_data_available", attrs);
    world.tell(&open, "pds", "map_item", json!({ "namespace": "m", "mapvalues": "{\"z\":1}" }));
    let items = world.ask(&open, PDS, "items", json!({}));
    let general = json!({ "n": { "k": { "a": 1, "b": [2] } }, "m": { "z": 1 } });
    assert_eq!(items, json!({ "status": "failed", "general": general }));
    world.tell(&open, "pds", "remove_old_data", json!({ "namespace": "n", "key": "k" }));
    let item = world.ask(&open, PDS, "items", json!({ "namespace": "n" }));
    assert_eq!(item, json!({ "status": "success", "general": {} }));
    let attrs = json!({ "name": "sn", "keyed_rid": "r.r", "data_key": "dk", "value": "v" });
    world.tell(&open, "pds", "add_settings", attrs);
    let names = world.ask(&open, PDS, "settings_names", json!({}));
    assert_eq!(names, json!([{ "setRID": "r.r", "setName": "sn" }]));
}
