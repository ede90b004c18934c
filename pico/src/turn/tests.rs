//! Turns of small native rulesets.

use super::*;
use crate::native::Native;
use crate::schedule::{Repeat, Schedule};
use crate::state::{Loaded, Pico};
use crate::{Asking, PicoId, Query, system};
use serde_json::{Map, json};

const SEED: [u8; 32] = [3; 32];

fn state() -> State {
    let id = PicoId::parse("p").unwrap();
    State::new(Pico { id, parent: None, name: "p".into(), version: 0, rulesets: vec![] })
}

fn event(domain: &str, name: &str, origin: Origin) -> Event {
    let (domain, name) = (domain.into(), name.into());
    Event {
        id: "e".into(),
        domain,
        name,
        attrs: Map::new(),
        origin,
        eci: None,
        once: None,
        for_rid: None,
        at: None,
    }
}

/// Loads what the turn asks for, always "nothing there", and runs it to the end.
fn run_on(state: &mut State, registry: &Registry, event: &Event) -> Outcome {
    let mut turn = Turn::new(state, event, 5_000, SEED);
    loop {
        match turn.run(state, registry) {
            Progress::Done(outcome) => return outcome,
            Progress::Load(key) => {
                let loaded = nothing(&key);
                state.insert(key, loaded);
            }
            stop @ Progress::Outside(_) | stop @ Progress::Pause => panic!("{stop:?}"),
        }
    }
}

fn ask(state: &mut State, registry: &Registry, name: &str) -> Result<Value, Fault> {
    let query = Query { rid: Rid::literal("test.counter"), name: name.into(), args: Map::new() };
    match Asking::new(state, query, 0, SEED).run(state, registry) {
        Progress::Done(answer) => answer.map(Option::unwrap_or_default),
        stop @ Progress::Load(_) | stop @ Progress::Outside(_) | stop @ Progress::Pause => {
            panic!("{stop:?}")
        }
    }
}

fn nothing(key: &Key) -> Loaded {
    match key {
        Key::Entity(..) => Loaded::Entity(None),
        Key::Entities { .. } => Loaded::Entities(vec![]),
        Key::Channel(_) => Loaded::Channel(None),
        Key::Channels { .. } => Loaded::Channels(vec![]),
        Key::Children { .. } => Loaded::Children(vec![]),
        Key::Descendant(_) => Loaded::Descendant(false),
        Key::Did(_) => Loaded::Did(None),
        Key::Secret(_) => Loaded::Secret(None),
        Key::Secrets(_) => Loaded::Secrets(vec![]),
        Key::Schedule(_) => Loaded::Schedule(None),
        Key::Schedules => Loaded::Schedules(vec![]),
        Key::Seen(_) => Loaded::Seen(false),
        Key::Ruleset(_) => Loaded::Ruleset(None),
    }
}

fn counter() -> Native {
    Native::new(Rid::literal("test.counter"), "Counts.")
        .rule("count", "counter", "inc", |context, _| {
            let n: u64 = context.entity("n")?.unwrap_or(0);
            context.put("n", &(n + 1))?;
            context.directive("n", json!(n + 1));
            Ok(())
        })
        .query("n", |context, _| Ok(context.entity::<u64>("n")?.unwrap_or(0).into()))
        .query("write", |context, _| context.put("n", &1).map(|()| Value::Null))
}

#[test]
fn a_rule_reads_what_earlier_turns_wrote() {
    let (mut state, registry) = (state(), Registry::default().with_standard(counter()));
    for n in 1..=3 {
        let outcome = run_on(&mut state, &registry, &event("counter", "inc", Origin::Channel));
        assert_eq!(outcome.directives[0].options, json!(n));
        state.apply(&outcome.changes);
        assert_eq!(state.pico.version, n);
    }
    assert_eq!(ask(&mut state, &registry, "n"), Ok(json!(3)));
}

#[test]
fn a_query_may_not_write() {
    let (mut state, registry) = (state(), Registry::default().with_standard(counter()));
    let answer = ask(&mut state, &registry, "write");
    assert!(matches!(answer, Err(Fault::Refused { code, .. }) if code == "read-only"));
}

/// Decision 7: completed rules stay, the failed one leaves nothing, later ones do not run.
#[test]
fn a_rule_that_fails_leaves_nothing_and_ends_the_turn() {
    let ruleset = Native::new(Rid::literal("test.three"), "")
        .rule("first", "d", "n", |context, _| context.put("first", &1))
        .rule("second", "d", "n", |context, _| {
            context.put("second", &1)?;
            context.raise("d", "later", Map::new());
            context.job("deliver", "q", json!({}), None)?;
            Err(Fault::refused("no", "on purpose"))
        })
        .rule("third", "d", "n", |context, _| context.put("third", &1));
    let registry = Registry::default().with_standard(ruleset);
    let outcome = run_on(&mut state(), &registry, &event("d", "n", Origin::Channel));
    assert_eq!(outcome.changes.len(), 1);
    assert!(matches!(&outcome.changes[0], Change::Entity { name, .. } if name == "first"));
    assert_eq!(outcome.fault.unwrap().rule, "second");
}

#[test]
fn events_raised_inside_run_in_order_and_are_bounded() {
    let ruleset =
        Native::new(Rid::literal("test.loop"), "").rule("again", "d", "n", |context, _| {
            let n: u64 = context.entity("n")?.unwrap_or(0);
            context.put("n", &(n + 1))?;
            context.raise("d", "n", Map::new());
            Ok(())
        });
    let registry = Registry::default().with_standard(ruleset);
    let outcome = run_on(&mut state(), &registry, &event("d", "n", Origin::Channel));
    assert_eq!(outcome.fired, TURN_EVENTS_MAX);
    let limit = Fault::Limit { name: "TURN_EVENTS_MAX" };
    assert_eq!(outcome.fault.unwrap().fault, limit);
}

#[test]
fn an_input_acts_once() {
    let (mut state, registry) = (state(), Registry::default().with_standard(counter()));
    let event = Event { once: Some([9; 32]), ..event("counter", "inc", Origin::Channel) };
    let outcome = run_on(&mut state, &registry, &event);
    assert!(outcome.changes.contains(&Change::Seen([9; 32])));
    state.apply(&outcome.changes);
    let again = run_on(&mut state, &registry, &event);
    assert!(again.is_repeat && again.changes.is_empty());
}

#[test]
fn a_schedule_fires_once_for_each_due_time() {
    let (mut state, registry) = (state(), Registry::default().with_standard(counter()));
    let schedule = Schedule {
        id: "s".into(),
        domain: "counter".into(),
        name: "inc".into(),
        attrs: Map::new(),
        due_at: 1_000,
        repeat: Some(Repeat::EverySeconds(10)),
        rid: None,
        eci: None,
    };
    state.insert(Key::Schedule("s".into()), Loaded::Schedule(Some(schedule)));
    let due = event("counter", "inc", Origin::Schedule { id: "s".into(), due_at: 1_000 });
    let outcome = run_on(&mut state, &registry, &due);
    assert_eq!(outcome.fired, 1);
    state.apply(&outcome.changes);
    assert!(run_on(&mut state, &registry, &due).is_repeat);
}

#[test]
fn a_refused_message_raises_an_event_that_can_report_it() {
    let ruleset = Native::new(Rid::literal("test.peer"), "")
        .rule("no", "didcomm_x", "y", |_, _| Err(Fault::refused("code", "reason")))
        .rule("report", "didcomm", "refused", |context, event| {
            assert_eq!(event.text("code"), Some("code"));
            context.put("reported", &true)
        })
        .rule("unknown", "didcomm", "unsupported", |context, _| context.put("unknown", &true));
    let registry = Registry::default().with_standard(ruleset);
    let outcome = run_on(&mut state(), &registry, &event("didcomm_x", "y", Origin::Peer));
    assert_eq!((outcome.changes.len(), outcome.fired), (1, 1));
    let outcome = run_on(&mut state(), &registry, &event("didcomm_x", "z", Origin::Peer));
    assert!(outcome.fault.is_none() && outcome.fired == 1);
}

#[test]
fn a_scan_sees_the_wishes_of_its_own_turn() {
    let ruleset = Native::new(Rid::literal("test.scan"), "").rule("r", "d", "n", |context, _| {
        context.put("k/b", &2)?;
        context.put("k/a", &1)?;
        context.put("other", &3)?;
        context.delete("k/c")?;
        let rows: Vec<(String, u64)> = context.scan("k/", "", 10)?;
        assert_eq!(rows, [("k/a".into(), 1), ("k/b".into(), 2)]);
        let rows: Vec<(String, u64)> = context.scan("k/", "k/a", 10)?;
        assert_eq!(rows, [("k/b".into(), 2)]);
        Ok(())
    });
    let registry = Registry::default().with_standard(ruleset);
    let outcome = run_on(&mut state(), &registry, &event("d", "n", Origin::Channel));
    assert_eq!(outcome.fault, None);
}

#[test]
fn children_are_made_by_the_operator_alone() {
    let registry = Registry::default().with_standard(system());
    let mut create = event("pico", "create_children", Origin::Operator);
    create.attrs.insert("children".into(), json!([{"name": "a"}, {"name": "b"}]));
    let outcome = run_on(&mut state(), &registry, &create);
    let children = outcome.changes.iter().filter(|change| matches!(change, Change::Child(_)));
    assert_eq!(children.count(), 2);
    let outcome = run_on(&mut state(), &registry, &Event { origin: Origin::Channel, ..create });
    assert!(outcome.changes.is_empty() && outcome.fault.is_some());
}
