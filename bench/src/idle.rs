//! What picos cost that nobody talks to: memory, time to ready, disk.

use crate::Options;
use crate::pair::text;
use crate::process::{Home, Process};
use crate::report::Report;
use serde_json::{Value, json};

/// Picos made by one call.
const BATCH: usize = 1000;

pub(crate) async fn measure(options: &Options, report: &mut Report) {
    let home = Home::sqlite();
    let process = home.start(options).await;
    report.figure("time to ready, empty", seconds(process.ready_after));
    report.figure("resident memory at start", megabytes(process.resident_bytes()));
    let mut last = Value::Null;
    for batch in 0..options.idle_picos.div_ceil(BATCH) {
        let children: Vec<Value> =
            (0..BATCH).map(|i| json!({ "name": format!("p{batch}-{i}") })).collect();
        last = process.http.post("/v1/picos/batch", &json!({ "children": children })).await;
    }
    process.stop();
    let (picos, plain) = (options.idle_picos, home.disk_bytes());
    let process = home.start(options).await;
    report.figure(&format!("time to ready, {picos} picos"), seconds(process.ready_after));
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let resident = megabytes(process.resident_bytes());
    report.figure(&format!("resident memory, {picos} idle picos"), resident);
    process.stop();
    let each = plain as f64 / picos as f64 / 1000.0;
    report.figure("disk for a pico with its channel and data key", format!("{each:.2} kB"));
    // The second half of the batch gets the longer DIDs.
    let children: Vec<Value> = last["children"].as_array().cloned().unwrap_or_default();
    let halves = children.split_at(children.len() / 2);
    for (what, generation, picos) in [("did:peer:4", 1, halves.0), ("did:peer:2", 2, halves.1)] {
        let before = home.disk_bytes();
        let process = home.start(options).await;
        give_dids(&process, picos, generation).await;
        process.stop();
        let grown = home.disk_bytes().saturating_sub(before) as f64;
        let size = format!("{:.2} kB", grown / picos.len() as f64 / 1000.0);
        report.figure(&format!("disk for a channel's DID and keys, {what}"), size);
    }
}

/// The first channels of these picos get their DIDs.
async fn give_dids(process: &Process, picos: &[Value], generation: u8) {
    for pico in picos {
        let (id, eci) = (text(pico, "id"), text(&pico["channels"][0], "eci"));
        let wanted = json!({ "generation": generation });
        process.http.post(&format!("/v1/picos/{id}/channels/{eci}/did"), &wanted).await;
    }
}

fn seconds(time: std::time::Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
