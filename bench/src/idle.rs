//! What picos cost that nobody talks to: memory, time to ready, disk.

use crate::Options;
use crate::process::Home;
use crate::report::Report;
use serde_json::{Value, json};

/// Picos made by one call.
const BATCH: usize = 1000;

pub(crate) async fn measure(options: &Options, report: &mut Report) {
    let home = Home::sqlite();
    let process = home.start(options).await;
    let empty = home.disk_bytes();
    report.figure("time to ready, empty", seconds(process.ready_after));
    report.figure("resident memory at start", megabytes(process.resident_bytes()));
    for batch in 0..options.idle_picos.div_ceil(BATCH) {
        let children: Vec<Value> =
            (0..BATCH).map(|i| json!({ "name": format!("p{batch}-{i}") })).collect();
        process.http.post("/v1/picos/batch", &json!({ "children": children })).await;
    }
    process.stop();
    let process = home.start(options).await;
    let picos = options.idle_picos;
    report.figure(&format!("time to ready, {picos} picos"), seconds(process.ready_after));
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let resident = megabytes(process.resident_bytes());
    report.figure(&format!("resident memory, {picos} idle picos"), resident);
    process.stop();
    let each = home.disk_bytes().saturating_sub(empty) as f64 / picos as f64 / 1000.0;
    report.figure("disk for a pico with its channel and data key", format!("{each:.2} kB"));
}

fn seconds(time: std::time::Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
