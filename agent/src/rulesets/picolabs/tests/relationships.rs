//! Relationships, also when messages come late, twice or in the wrong order.

use super::world::World;
use serde_json::{Value, json};

const SUBSCRIPTION: &str = "io.picolabs.subscription";

/// Two picos with open channels, and the well-known channel of the second.
struct Pair {
    world: World,
    one: String,
    two: String,
    well_known: String,
}

fn pair() -> Pair {
    let mut world = World::new();
    let root = world.root_ui();
    for name in ["one", "two"] {
        world.tell(&root, "engine_ui", "new", json!({ "name": name }));
    }
    world.settle();
    let pages = world.ask(&root, super::UI, "box", json!({}));
    let page = |at: usize| pages["children"][at].as_str().unwrap().to_owned();
    let (one, two) = (page(0), page(1));
    let (one, two) = (world.open_channel(&one), world.open_channel(&two));
    let well_known = world.ask(&two, SUBSCRIPTION, "wellKnown_Rx", json!({}));
    let well_known = well_known["id"].as_str().unwrap().to_owned();
    Pair { world, one, two, well_known }
}

impl Pair {
    fn propose(&mut self) {
        let attrs = json!({ "wellKnown_Tx": self.well_known, "Rx_role": "r1", "Tx_role": "r2",
            "name": "nm", "channel_type": "ct" });
        self.world.tell(&self.one, "wrangler", "subscription", attrs);
    }

    fn list(&mut self, eci: &str, state: &str) -> Vec<Value> {
        self.world.ask(eci, SUBSCRIPTION, state, json!({})).as_array().unwrap().clone()
    }

    /// What both have, in every state: (outbound, inbound, established) of each.
    fn counts(&mut self) -> [[usize; 3]; 2] {
        [self.one.clone(), self.two.clone()].map(|eci| {
            ["outbound", "inbound", "established"].map(|state| self.list(&eci, state).len())
        })
    }

    fn approve(&mut self) {
        let two = self.two.clone();
        let id = self.list(&two, "inbound")[0]["Id"].clone();
        let attrs = json!({ "Id": id });
        self.world.tell(&two, "wrangler", "pending_subscription_approval", attrs);
    }
}

#[test]
fn a_proposal_is_approved_and_ended() {
    let mut pair = pair();
    pair.propose();
    pair.world.settle();
    assert_eq!(pair.counts(), [[1, 0, 0], [0, 1, 0]]);
    pair.approve();
    pair.world.settle();
    assert_eq!(pair.counts(), [[0, 0, 1], [0, 0, 1]]);
    let (one, two) = (pair.one.clone(), pair.two.clone());
    let (mine, theirs) = (pair.list(&one, "established"), pair.list(&two, "established"));
    assert_eq!((&mine[0]["Tx"], &mine[0]["Rx"]), (&theirs[0]["Rx"], &theirs[0]["Tx"]));
    assert_eq!((&mine[0]["Rx_role"], &theirs[0]["Rx_role"]), (&json!("r1"), &json!("r2")));
    let again = pair.world.try_tell(
        &two,
        "wrangler",
        "pending_subscription_approval",
        json!({ "Id": mine[0]["Id"] }),
    );
    assert_eq!(again.as_deref(), Some("TypeError: eci was null instead of a string"));
    let attrs = json!({ "Id": mine[0]["Id"] });
    // Both end it before they hear of each other.
    pair.world.tell(&one, "wrangler", "subscription_cancellation", attrs.clone());
    pair.world.tell(&two, "wrangler", "subscription_cancellation", attrs);
    pair.world.settle();
    assert_eq!(pair.counts(), [[0; 3]; 2]);
}

#[test]
fn both_may_propose_at_once() {
    let mut pair = pair();
    pair.propose();
    let one = pair.one.clone();
    let well_known = pair.world.ask(&one, SUBSCRIPTION, "wellKnown_Rx", json!({}));
    let attrs = json!({ "wellKnown_Tx": well_known["id"] });
    let two = pair.two.clone();
    pair.world.tell(&two, "wrangler", "subscription", attrs);
    pair.world.settle();
    assert_eq!(pair.counts(), [[1, 1, 0], [1, 1, 0]]);
    pair.approve();
    let id = pair.list(&one, "inbound")[0]["Id"].clone();
    let attrs = json!({ "Id": id });
    pair.world.tell(&one, "wrangler", "pending_subscription_approval", attrs);
    pair.world.settle();
    assert_eq!(pair.counts(), [[0, 0, 2], [0, 0, 2]]);
}

#[test]
fn a_withdrawal_and_an_approval_may_cross() {
    let mut pair = pair();
    pair.propose();
    pair.world.settle();
    pair.approve();
    let one = pair.one.clone();
    let id = pair.list(&one, "outbound")[0]["Id"].clone();
    pair.world.tell(&one, "wrangler", "outbound_cancellation", json!({ "Id": id }));
    pair.world.settle();
    assert_eq!(pair.counts(), [[0; 3]; 2]);
}

#[test]
fn a_withdrawal_may_overtake_its_proposal() {
    let mut pair = pair();
    pair.propose();
    let one = pair.one.clone();
    let id = pair.list(&one, "outbound")[0]["Id"].clone();
    pair.world.tell(&one, "wrangler", "outbound_cancellation", json!({ "Id": id }));
    pair.world.settle_backwards();
    assert_eq!(pair.counts(), [[0; 3]; 2]);
}

#[test]
fn an_end_may_overtake_the_approval() {
    let mut pair = pair();
    pair.propose();
    pair.world.settle();
    pair.approve();
    let two = pair.two.clone();
    let id = pair.list(&two, "established")[0]["Id"].clone();
    pair.world.tell(&two, "wrangler", "subscription_cancellation", json!({ "Id": id }));
    pair.world.settle_backwards();
    assert_eq!(pair.counts(), [[0; 3]; 2]);
}

#[test]
fn a_deleted_pico_leaves_no_relationship() {
    let mut pair = pair();
    pair.propose();
    pair.world.settle();
    pair.approve();
    pair.world.settle();
    let root = pair.world.root_ui();
    let pages = pair.world.ask(&root, super::UI, "box", json!({}));
    pair.world.tell(&root, "engine_ui", "del", json!({ "eci": pages["children"][0] }));
    pair.world.settle();
    let two = pair.two.clone();
    assert_eq!(pair.list(&two, "established"), Vec::<Value>::new());
}

#[test]
fn what_fits_the_configuration_is_approved_by_itself() {
    let mut pair = pair();
    let two = pair.two.clone();
    let attrs =
        json!({ "configName": "c", "password": "p", "regexMap": "{\"Rx_role\":[\"^r2$\"]}" });
    pair.world.tell(&two, "wrangler", "autoAcceptConfigUpdate", attrs);
    pair.propose();
    pair.world.settle();
    assert_eq!(pair.counts(), [[0, 0, 1], [0, 0, 1]]);
}
