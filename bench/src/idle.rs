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
    give_dids(&process, &last).await;
    process.stop();
    let each = plain as f64 / picos as f64 / 1000.0;
    let did = home.disk_bytes().saturating_sub(plain) as f64 / BATCH as f64 / 1000.0;
    let sizes = format!("{:.2} kB ({each:.2} kB + {did:.2} kB)", each + did);
    report.figure("disk for a pico with its channel, and for the channel's DID and keys", sizes);
}

/// The channels of one batch get their DIDs.
async fn give_dids(process: &Process, batch: &Value) {
    for pico in batch["children"].as_array().into_iter().flatten() {
        let (id, eci) = (text(pico, "id"), text(&pico["channels"][0], "eci"));
        process.http.post(&format!("/v1/picos/{id}/channels/{eci}/did"), &json!({})).await;
    }
}

fn seconds(time: std::time::Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
