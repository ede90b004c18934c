//! What leaves, how often, and what is left when it cannot: P3, P4, P14, P15.

use picomesh_agent::engine::{Clock, Engine, JobOutcome, Work, Worker, Workers};
use picomesh_agent::store::{LeasedJob, Store};
use picomesh_pico::{Event, Fault, Native, Origin, PicoId, Query, Registry, Rid, system};
use picomesh_tests::{Home, eventually, on_both_engines};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

const RID: &str = "test.sender";
/// An hour in milliseconds: longer than any pause between two tries.
const HOUR: i64 = 3_600_000;

/// Rules that ask for effects, and one that then fails.
fn sender() -> Native {
    Native::new(Rid::literal(RID), "Sends.")
        .rule("send", "test", "send", |context, event| {
            let body = event.attrs.get("body").cloned().unwrap_or_default();
            let id = context.job("test", &event.id, body.clone(), None)?;
            context.put("sent", &body)?;
            context.directive("sent", json!({ "id": id }));
            Ok(())
        })
        .rule("flood", "test", "flood", |context, event| {
            let body = event.attrs.get("body").cloned().unwrap_or_default();
            for _ in 0..body["count"].as_u64().unwrap() {
                context.job("test", &event.id, body["body"].clone(), None)?;
            }
            Ok(())
        })
        .rule("send_and_fail", "test", "send_and_fail", |context, event| {
            let body = event.attrs.get("body").cloned().unwrap_or_default();
            context.job("test", "q", body, None)?;
            context.put("sent", &json!("by a rule that failed"))?;
            context.raise("test", "send", event.attrs.clone());
            Err(Fault::refused("no", "after the effect"))
        })
        .query("sent", |context, _| Ok(context.entity("sent")?.unwrap_or(Value::Null)))
}

/// What the world outside saw: the tries of each job, with their bodies.
#[derive(Clone, Default)]
struct World {
    tries: Arc<Mutex<BTreeMap<String, Vec<Value>>>>,
    is_away: Arc<AtomicBool>,
    accepts_poison: Arc<AtomicBool>,
}

impl World {
    fn tries(&self) -> BTreeMap<String, Vec<Value>> {
        self.tries.lock().unwrap().clone()
    }

    fn bodies(&self) -> Vec<Value> {
        self.tries().into_values().flatten().collect()
    }
}

impl Worker for World {
    fn perform<'a>(
        &'a self,
        _: &'a Engine,
        leased: &'a LeasedJob,
    ) -> Pin<Box<dyn Future<Output = JobOutcome> + Send + 'a>> {
        Box::pin(async move {
            let (id, body) = (leased.job.id.clone(), leased.job.body.clone());
            let is_poison = body == json!("poison");
            self.tries.lock().unwrap().entry(id).or_default().push(body);
            if leased.job.body == json!("silence") {
                std::future::pending::<()>().await;
            }
            if self.is_away.load(Ordering::SeqCst) {
                return JobOutcome::Unreachable("away".into());
            }
            if is_poison && !self.accepts_poison.load(Ordering::SeqCst) {
                return JobOutcome::Failed("poison".into());
            }
            JobOutcome::Done(Map::new())
        })
    }
}

/// An engine with the ruleset above on every pico, and a clock that the test turns.
struct Here {
    engine: Engine,
    root: PicoId,
    clock: Arc<AtomicI64>,
    _lock: Option<std::fs::File>,
}

impl Here {
    async fn start(home: &Home, world: &World, now: i64) -> Self {
        let (store, lock) = Store::open(&home.config()).await.unwrap();
        let clock = Arc::new(AtomicI64::new(now));
        let registry = Registry::default().with_standard(system()).with_standard(sender());
        let jobs = Workers::default().with("test", world.clone());
        let work = Work { jobs, ..Work::default() };
        let time = Clock::Given(clock.clone());
        let engine = Engine::start(store, registry, work, time, 1000).await.unwrap();
        Self { root: engine.root().clone(), engine, clock, _lock: lock }
    }

    async fn raise(&self, name: &str, queue: &str, body: Value) -> Option<String> {
        let event = Event {
            id: queue.into(),
            domain: "test".into(),
            name: name.into(),
            attrs: Map::from_iter([("body".to_owned(), body)]),
            origin: Origin::Operator,
            eci: None,
            once: None,
            for_rid: None,
            at: None,
        };
        let answer = self.engine.event(&self.root, event).await.unwrap();
        answer.directive("sent").map(|sent| sent["id"].as_str().unwrap().to_owned())
    }

    async fn sent(&self) -> Value {
        let query = Query { rid: Rid::literal(RID), name: "sent".into(), args: Map::new() };
        self.engine.query(&self.root, query).await.unwrap()
    }

    async fn stop(self) {
        self.engine.stop().await;
    }

    fn later(&self) {
        self.clock.fetch_add(HOUR, Ordering::SeqCst);
    }

    /// Jobs that wait, or that were given up.
    async fn outbox(&self, dead_only: bool) -> Vec<String> {
        let rows = self.engine.store().outbox_list(&self.root, dead_only, "", 500).await.unwrap();
        rows.into_iter().map(|row| row.id).collect()
    }
}

// P4: what a rule asked for before it failed does not happen; what others asked for does.
on_both_engines!(a_rule_that_fails_sends_nothing, engine => {
    let (home, world) = (Home::new(engine).await, World::default());
    let here = Here::start(&home, &world, 1_700_000_000_000).await;
    for n in 0..200 {
        assert_eq!(here.raise("send_and_fail", "q", json!(format!("bad {n}"))).await, None);
        if n % 10 == 0 {
            here.raise("send", "q", json!(format!("good {n}"))).await.unwrap();
        }
    }
    eventually("the good ones", async || (world.tries().len() >= 20).then_some(())).await;
    eventually("an empty outbox", async || here.outbox(false).await.is_empty().then_some(())).await;
    here.stop().await;
    let bodies = world.bodies();
    assert!(bodies.iter().all(|body| body.as_str().unwrap().starts_with("good")), "{bodies:?}");
    let here = Here::start(&home, &world, 1_700_000_000_000 + HOUR).await;
    assert_eq!(here.sent().await, "good 190");
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert_eq!(world.bodies().len(), 20);
    here.stop().await;
});

// P3: an effect happens at least once, under one id and with one body, also across restarts.
on_both_engines!(an_effect_keeps_its_id, engine => {
    let (home, world) = (Home::new(engine).await, World::default());
    world.is_away.store(true, Ordering::SeqCst);
    let mut now = 1_700_000_000_000;
    let mut expected = BTreeMap::new();
    for round in 0..3 {
        let here = Here::start(&home, &world, now).await;
        for n in 0..10 {
            let body = json!({ "round": round, "n": n });
            let id = here.raise("send", &format!("q{n}"), body.clone()).await.unwrap();
            expected.insert(id, body);
        }
        eventually("a first try of each", async || {
            here.later();
            (world.tries().len() == expected.len()).then_some(())
        }).await;
        now = here.clock.load(Ordering::SeqCst) + HOUR;
        here.stop().await;
    }
    world.is_away.store(false, Ordering::SeqCst);
    let here = Here::start(&home, &world, now).await;
    eventually("an empty outbox", async || {
        here.later();
        here.outbox(false).await.is_empty().then_some(())
    }).await;
    here.stop().await;
    let tries = world.tries();
    assert_eq!(tries.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (id, bodies) in tries {
        assert!(bodies.len() > 1, "tried again");
        assert!(bodies.iter().all(|body| *body == expected[&id]), "{id}");
    }
});

// P15: what always fails is set aside after five tries, can be tried again, and stops nobody.
on_both_engines!(poison_is_set_aside, engine => {
    let (home, world) = (Home::new(engine).await, World::default());
    let here = Here::start(&home, &world, 1_700_000_000_000).await;
    let mut poison = vec![];
    for n in 0..100 {
        let body = if n % 20 == 0 { "poison" } else { "food" };
        let id = here.raise("send", "q", json!(body)).await.unwrap();
        if body == "poison" {
            poison.push(id);
        }
    }
    poison.sort();
    eventually("all food", async || {
        let food = world.bodies().iter().filter(|body| **body == json!("food")).count();
        (food == 95).then_some(())
    }).await;
    eventually("five letters", async || {
        here.later();
        (here.outbox(true).await.len() == 5).then_some(())
    }).await;
    assert_eq!(here.outbox(true).await, poison);
    assert!(poison.iter().all(|id| world.tries()[id].len() == 5));
    // Nobody tries them any more, not even after a restart.
    here.later();
    let now = here.clock.load(Ordering::SeqCst) + HOUR;
    here.stop().await;
    let here = Here::start(&home, &world, now).await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert!(poison.iter().all(|id| world.tries()[id].len() == 5));
    assert_eq!(here.outbox(true).await, poison);
    // Until the operator says so.
    world.accepts_poison.store(true, Ordering::SeqCst);
    assert!(here.engine.redrive(&here.root, &poison[0]).await.unwrap());
    assert!(!here.engine.redrive(&here.root, "no such job").await.unwrap());
    eventually("the first letter", async || {
        (here.outbox(false).await == poison[1..]).then_some(())
    }).await;
    assert_eq!(world.tries()[&poison[0]].len(), 6);
    here.stop().await;
});

// P14: more effects for somebody who never answers than are held in memory.
on_both_engines!(a_flood_for_one_leaves_room_for_others, engine => {
    let (home, world) = (Home::new(engine).await, World::default());
    let here = Here::start(&home, &world, 1_700_000_000_000).await;
    for _ in 0..11 {
        let flood = json!({ "count": 1000, "body": "silence" });
        here.raise("flood", "dead", flood).await;
    }
    here.raise("flood", "healthy", json!({ "count": 50, "body": "food" })).await;
    eventually("what is for others", async || {
        let others = world.bodies().into_iter().filter(|body| *body == json!("food")).count();
        (others == 50).then_some(())
    }).await;
    let silent = world.bodies().into_iter().filter(|body| *body == json!("silence")).count();
    assert_eq!(silent, 4, "in flight at the same time");
});
