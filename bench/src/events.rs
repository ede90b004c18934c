//! Durable events: a counter on a native ruleset, 100 picos, through HTTP.

use crate::Options;
use crate::process::{Home, Process};
use crate::report::{Report, Running, load};
use serde_json::{Value, json};
use std::sync::Arc;

/// Picos that are counted on.
const PICOS: usize = 100;

pub(crate) async fn measure(options: &Options, report: &mut Report) {
    on(&Home::sqlite(), "SQLite, synchronous=FULL", options, report).await;
    if let Some(server) = &options.postgres {
        on(&Home::postgres(server), "Postgres", options, report).await;
    }
}

async fn on(home: &Home, engine: &str, options: &Options, report: &mut Report) {
    let process = home.start(options).await;
    let ecis = Arc::new(counters(&process).await);
    let before = total(&process, &ecis).await;
    let running = Running::start(&[&process]);
    let (http, targets) = (process.http.clone(), ecis.clone());
    let latencies = load(options.clients, options.seconds, move |n| {
        let (http, eci) = (http.clone(), targets[n % PICOS].clone());
        async move {
            http.post(&format!("/c/{eci}/event-wait/counter/inc"), &json!({})).await;
        }
    })
    .await;
    let what =
        format!("durable counter event, {} clients, {PICOS} picos, {engine}", options.clients);
    report.rate(&what, &running, &[&process], latencies.len(), latencies.clone());
    let counted = total(&process, &ecis).await - before;
    assert_eq!(counted, latencies.len() as u64, "every acknowledged event is counted once");
    process.stop();
}

/// Makes the picos and returns a channel of each.
async fn counters(process: &Process) -> Vec<String> {
    let children: Vec<Value> = (0..PICOS).map(|n| json!({ "name": format!("p{n}") })).collect();
    let made = process.http.post("/v1/picos/batch", &json!({ "children": children })).await;
    let mut ecis = vec![];
    for pico in made["children"].as_array().expect("picos") {
        let id = pico["id"].as_str().expect("an id");
        let rid = json!({ "rid": "picomesh.counter" });
        process.http.post(&format!("/v1/picos/{id}/rulesets"), &rid).await;
        ecis.push(pico["channels"][0]["eci"].as_str().expect("a channel").to_owned());
    }
    ecis
}

async fn total(process: &Process, ecis: &[String]) -> u64 {
    let mut total = 0;
    for eci in ecis {
        let n = process.http.get(&format!("/c/{eci}/query/picomesh.counter/n")).await;
        total += n.as_u64().expect("a count");
    }
    total
}
