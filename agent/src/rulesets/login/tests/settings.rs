//! Clients, policies and keys: by the API and by the file.

use super::super::start::{self, StartError};
use super::*;
use crate::config::{Config, Origin as Place, Table};

async fn list(op: &Op, query: &str) -> Vec<Value> {
    let found = op.ask(super::super::RID, query, json!({})).await.unwrap();
    found[query].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_client_keeps_its_secret_until_it_is_given_another() {
    let op = Op::start().await;
    let mut document = client();
    document["client_id"] = json!("new");
    document.as_object_mut().unwrap().remove("client_secret");
    let made = op.done("put_client", document.clone()).await;
    let made = made.directive("client").unwrap();
    assert_eq!(made["client_secret"].as_str().unwrap().len(), 43);
    assert!(made.get("client_secret_sha256").is_none());
    document["client_name"] = json!("Renamed");
    let again = op.done("put_client", document).await;
    let again = again.directive("client").unwrap();
    assert_eq!(again["client_name"], "Renamed");
    assert!(again.get("client_secret").is_none(), "shown once");
    let listed = list(&op, "clients").await;
    assert_eq!(listed.len(), 2);
    assert!(!json!(listed).to_string().contains("secret_sha256"));
    op.engine.stop().await;
}

#[tokio::test]
async fn what_is_used_is_not_deleted_and_what_is_wrong_is_not_kept() {
    let op = Op::start().await;
    assert!(op.refused("delete_policy", json!({ "id": "staff" })).await.contains("shop"));
    assert!(op.refused("delete_policy", json!({ "id": "none" })).await.contains("not found"));
    let mut wrong = client();
    wrong["policies"] = json!(["none"]);
    assert_eq!(op.refused("put_client", wrong).await, "/policies/0: there is no such policy");
    let mut wrong = client();
    wrong["redirect_uris"] = json!(["http://shop.example/cb"]);
    assert!(op.refused("put_client", wrong).await.starts_with("/redirect_uris/0: "));
    op.done("delete_client", json!({ "client_id": "shop" })).await;
    op.done("delete_policy", json!({ "id": "staff" })).await;
    assert!(list(&op, "clients").await.is_empty() && list(&op, "policies").await.is_empty());
    op.engine.stop().await;
}

#[tokio::test]
async fn strangers_change_nothing() {
    let op = Op::start().await;
    let keys = op.ask(super::super::RID, "jwks", json!({})).await.unwrap();
    for origin in [Origin::Channel, Origin::Peer, Origin::Job("j".into())] {
        for name in [
            "put_client",
            "delete_client",
            "put_policy",
            "delete_policy",
            "configure",
            "put_keys",
            "open",
            "scanned",
            "continue",
            "cancel",
            "token",
            "end_session",
            "sweep",
        ] {
            let answer = op.raise("login", name, client(), origin.clone()).await;
            assert!(answer.fault.is_some(), "{name}");
        }
    }
    // The first keys stay, also when the operator puts others.
    op.done("put_keys", serde_json::to_value(Keys::generate(&[8; 32]).unwrap()).unwrap()).await;
    assert_eq!(op.ask(super::super::RID, "jwks", json!({})).await.unwrap(), keys);
    op.engine.stop().await;
}

fn table(line: usize, value: Value) -> Table {
    Table { value, origin: Place::File { path: "p.toml".into(), line } }
}

fn config(clients: Vec<Table>, policies: Vec<Table>) -> Config {
    let mut config = crate::config::load(&|_| None, &|_| None, None).unwrap();
    (config.login_clients, config.login_policies) = (clients, policies);
    config
}

async fn configure(op: &Op, clients: Vec<Table>, policies: Vec<Table>) -> Result<(), String> {
    let setting = Setting {
        endpoint: "https://op.example/didcomm".parse().unwrap(),
        public_url: ISSUER.parse().unwrap(),
        label: "Test".into(),
    };
    let started = start::start(&op.engine, &setting, &config(clients, policies)).await;
    started.map_err(|error: StartError| error.to_string())
}

/// The file says what there is; what it says no longer goes, what the API put stays.
#[tokio::test]
async fn the_file_rules_over_what_it_names() {
    let op = Op::start().await;
    let mut document = client();
    document["client_id"] = json!("filed");
    let mut filed_policy = policy();
    filed_policy["id"] = json!("filed");
    document["policies"] = json!(["filed"]);
    let (clients, policies) = (vec![table(9, document)], vec![table(1, filed_policy)]);
    configure(&op, clients.clone(), policies.clone()).await.unwrap();
    configure(&op, clients, policies).await.unwrap();
    assert_eq!((list(&op, "clients").await.len(), list(&op, "policies").await.len()), (2, 2));
    configure(&op, vec![], vec![]).await.unwrap();
    let left = list(&op, "clients").await;
    assert_eq!((left.len(), &left[0]["client_id"]), (1, &json!("shop")));
    assert_eq!(list(&op, "policies").await.len(), 1);
    op.engine.stop().await;
}

/// Bad-input row 99: one line with file and line; nothing of a file with a fault is taken.
#[tokio::test]
async fn a_fault_in_the_file_is_named_by_its_line() {
    let op = Op::start().await;
    let with = |name: &str, value: Value| {
        let mut document = client();
        document["client_id"] = json!("filed");
        document[name] = value;
        table(7, document)
    };
    let mut secretless = with("client_name", json!("S"));
    secretless.value.as_object_mut().unwrap().remove("client_secret");
    let cases = [
        (with("redirect_uris", json!([])), "p.toml:7: login.client: /redirect_uris"),
        (with("policies", json!(["none"])), "p.toml:7: login.client: /policies/0"),
        (with("colour", json!("red")), "p.toml:7: login.client: /colour"),
        (secretless, "p.toml:7: login.client: /client_secret"),
    ];
    for (document, expected) in cases {
        let error = configure(&op, vec![document], vec![]).await.unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
    let twice = vec![with("client_name", json!("A")), with("client_name", json!("B"))];
    let error = configure(&op, twice, vec![]).await.unwrap_err();
    assert!(error.contains("occurs before"), "{error}");
    let mut wrong = policy();
    wrong["trusted_issuers"] = json!([]);
    let error = configure(&op, vec![], vec![table(3, wrong)]).await.unwrap_err();
    assert!(error.starts_with("p.toml:3: login.policy: /trusted_issuers"), "{error}");
    assert_eq!(list(&op, "clients").await.len(), 1);
    op.engine.stop().await;
}

/// Without keys nothing is served, and everybody may try again.
#[tokio::test]
async fn without_keys_it_is_not_ready() {
    let op = Op::start().await;
    let child = json!({ "children": [{ "name": "other" }] });
    let made = op.raise("pico", "create_children", child, Origin::Operator).await;
    let id = made.directive("children").unwrap()[0]["id"].clone();
    let other = serde_json::from_value(id).unwrap();
    let query = |name: &str| Query {
        rid: Rid::literal(super::super::RID),
        name: name.into(),
        args: Map::new(),
    };
    assert_eq!(op.engine.query(&other, query("ready")).await.unwrap(), false);
    let error = op.engine.query(&other, query("discovery")).await.unwrap_err();
    assert!(error.to_string().contains("being made"), "{error}");
    op.engine.stop().await;
}
