//! Picos, channels, events and queries on real databases.

#![allow(clippy::unwrap_used, clippy::panic)]

use picomesh_pico::{Eci, Event, Origin, PicoId, Query, Rid};
use picomesh_tests::{Home, TestAgent, eventually, none, on_both_engines};
use serde_json::json;

async fn counter(agent: &TestAgent) -> PicoId {
    let pico = agent.create_pico("counter").await;
    let rid = json!({ "rid": "picomesh.counter" });
    agent.directive(&pico, ("pico", "install_ruleset"), rid, "ruleset").await;
    pico
}

async fn count_of(agent: &TestAgent, pico: &PicoId) -> u64 {
    agent.query(pico, "picomesh.counter", "n", json!({})).await.as_u64().unwrap()
}

fn increment(once: Option<[u8; 32]>) -> Event {
    let (id, domain, name) = ("e".into(), "counter".into(), "inc".into());
    Event {
        id,
        domain,
        name,
        attrs: none(),
        origin: Origin::Operator,
        eci: None,
        once,
        for_rid: None,
        at: None,
    }
}

on_both_engines!(a_count_survives_a_restart, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = counter(&agent).await;
    for _ in 0..5 {
        agent.event(&pico, "counter", "inc", json!({})).await;
    }
    agent.stop().await;
    let agent = home.start().await;
    assert_eq!(count_of(&agent, &pico).await, 5);
    agent.stop().await;
});

on_both_engines!(many_events_at_once_are_all_counted, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let picos = [counter(&agent).await, counter(&agent).await, counter(&agent).await];
    let events = (0..300).map(|i| agent.agent.engine.event(&picos[i % 3], increment(None)));
    for answer in futures_all(events).await {
        assert!(answer.unwrap().fault.is_none());
    }
    for pico in &picos {
        assert_eq!(count_of(&agent, pico).await, 100);
    }
    agent.stop().await;
});

on_both_engines!(an_input_that_comes_twice_acts_once, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = counter(&agent).await;
    let again = (0..50).map(|_| agent.agent.engine.event(&pico, increment(Some([7; 32]))));
    let answers = futures_all(again).await;
    let acted = answers.iter().filter(|answer| !answer.as_ref().unwrap().is_repeat).count();
    assert_eq!((acted, count_of(&agent, &pico).await), (1, 1));
    agent.stop().await;
});

on_both_engines!(a_subtree_is_gone_with_everything_below, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let root = agent.agent.engine.root().clone();
    let child = agent.create_pico("child").await;
    let made = agent.directive(&child, ("pico", "create_children"),
        json!({ "children": [{ "name": "grandchild" }] }), "children").await;
    let grandchild = PicoId::parse(made[0]["id"].as_str().unwrap()).unwrap();
    let eci = Eci::parse(made[0]["channels"][0]["eci"].as_str().unwrap()).unwrap();
    assert_eq!(agent.agent.engine.pico_by_eci(&eci).await.unwrap(), grandchild);
    agent.directive(&root, ("pico", "delete_child"), json!({ "id": child }), "deleted").await;
    assert!(agent.agent.engine.pico_by_eci(&eci).await.is_err());
    assert!(agent.agent.engine.event(&grandchild, increment(None)).await.is_err());
    assert!(!agent.agent.engine.has_pico(&child).await.unwrap());
    let outsider = agent.event(&root, "pico", "delete_child", json!({ "id": root })).await;
    assert!(outsider.fault.is_some(), "a pico does not delete itself or its parents");
    agent.stop().await;
});

on_both_engines!(a_channel_lets_through_what_its_policy_allows, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = counter(&agent).await;
    let channel = agent.directive(&pico, ("pico", "create_channel"), json!({
        "tags": ["Narrow"],
        "event_policy": { "allow": [{ "domain": "counter", "name": "inc" }], "deny": [] },
        "query_policy": { "allow": [{ "rid": "picomesh.counter", "name": "n" }], "deny": [] },
    }), "channel").await;
    let eci = Eci::parse(channel["eci"].as_str().unwrap()).unwrap();
    let by_channel = |event| agent.agent.engine.channel_event(&eci, event);
    let event = Event { origin: Origin::Channel, ..increment(None) };
    assert!(by_channel(event.clone()).await.is_ok());
    let other = Event { name: "reset".into(), ..event.clone() };
    assert_eq!(by_channel(other).await.unwrap_err().to_string(), "Not allowed by channel policy");
    let ask = |rid, name: &str| {
        let query = Query { rid: Rid::literal(rid), name: name.into(), args: none() };
        agent.agent.engine.channel_query(&eci, query)
    };
    assert_eq!(ask("picomesh.counter", "n").await.unwrap(), Some(json!(1)));
    assert!(ask("picomesh.pico", "channels").await.is_err());
    agent.event(&pico, "pico", "delete_channel", json!({ "eci": eci })).await;
    assert!(by_channel(event).await.is_err());
    agent.stop().await;
});

on_both_engines!(a_channel_gets_its_did_at_first_use, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = agent.create_pico("p").await;
    let eci = agent.channel_of(&pico).await;
    for (generation, start) in [(1, "did:peer:4"), (2, "did:peer:2")] {
        let eci = match generation {
            1 => eci.clone(),
            _ => {
                let channel = json!({ "tags": ["second"] });
                let made = ("pico", "create_channel");
                let made = agent.directive(&pico, made, channel, "channel").await;
                made["eci"].as_str().unwrap().to_owned()
            }
        };
        let give = json!({ "eci": eci, "generation": generation });
        let first = agent.directive(&pico, ("channel_did", "give"), give.clone(), "did").await;
        assert!(first["long_did"].as_str().unwrap().starts_with(start), "{first}");
        assert_eq!(agent.directive(&pico, ("channel_did", "give"), give, "did").await, first);
        let channel = json!({ "eci": eci });
        let channel = agent.query(&pico, "picomesh.pico", "channel", channel).await;
        assert_eq!(channel["did"], first["did"]);
    }
    agent.stop().await;
});

on_both_engines!(a_schedule_fires_and_survives_a_restart, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = counter(&agent).await;
    let now = agent.agent.engine.clock().now();
    let at = |at: i64| json!({ "domain": "counter", "name": "inc", "at": at });
    agent.directive(&pico, ("pico", "schedule"), at(now + 600), "schedule").await;
    agent.stop().await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let agent = home.start().await;
    eventually("the overdue schedule", || async {
        (count_of(&agent, &pico).await == 1).then_some(())
    }).await;
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert_eq!(count_of(&agent, &pico).await, 1);
    let left = agent.query(&pico, "picomesh.pico", "schedules", json!({})).await;
    assert_eq!(left, json!([]));
    agent.stop().await;
});

on_both_engines!(a_ruleset_that_is_uninstalled_forgets, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = counter(&agent).await;
    agent.event(&pico, "counter", "inc", json!({})).await;
    let rid = json!({ "rid": "picomesh.counter" });
    agent.event(&pico, "pico", "uninstall_ruleset", rid.clone()).await;
    assert_eq!(agent.event(&pico, "counter", "inc", json!({})).await.fired, 0);
    agent.directive(&pico, ("pico", "install_ruleset"), rid, "ruleset").await;
    assert_eq!(count_of(&agent, &pico).await, 0);
    agent.stop().await;
});

on_both_engines!(the_store_does_not_open_with_another_key, engine => {
    let home = Home::new(engine).await;
    home.start().await.stop().await;
    let key = home.directory.path().join("store.key");
    let mut config = home.config();
    config.store_key = picomesh_agent::config::StoreKey::Given([1; 32].into());
    let refused = picomesh_agent::running::Running::start(&config).await.err().unwrap();
    assert!(refused.to_string().contains("store key does not open"), "{refused}");
    std::fs::remove_file(key).unwrap();
    let refused = picomesh_agent::running::Running::start(&home.config()).await.err().unwrap();
    assert!(refused.to_string().contains("key file"), "{refused}");
});

#[tokio::test]
async fn two_processes_do_not_share_an_embedded_database() {
    let home = Home::new(picomesh_tests::Engine::Sqlite).await;
    let agent = home.start().await;
    let second = picomesh_agent::running::Running::start(&home.config()).await.err().unwrap();
    assert!(second.to_string().contains("another process"), "{second}");
    agent.stop().await;
}

/// `pico.version` keeps a second process honest: both count, nothing is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_postgres_count_together() {
    let home = Home::new(picomesh_tests::Engine::Postgres).await;
    let (a, b) = (home.start().await, home.start().await);
    let pico = counter(&a).await;
    for _ in 0..20 {
        let both = [&a, &b].map(|agent| agent.agent.engine.event(&pico, increment(None)));
        for answer in futures_all(both).await {
            answer.unwrap();
        }
    }
    a.stop().await;
    b.stop().await;
    let again = home.start().await;
    assert_eq!(count_of(&again, &pico).await, 40);
    again.stop().await;
}

async fn futures_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    futures::future::join_all(futures).await
}
