//! Picos created by the batch call.

use crate::Options;
use crate::process::Home;
use crate::report::{Report, Running, load};
use serde_json::{Value, json};

/// Picos made by one call.
const BATCH: usize = 100;

pub(crate) async fn measure(options: &Options, report: &mut Report) {
    let home = Home::sqlite();
    let process = home.start(options).await;
    let running = Running::start(&[&process]);
    let http = process.http.clone();
    let calls = load(4, options.seconds, move |n| {
        let http = http.clone();
        let children: Vec<Value> =
            (0..BATCH).map(|i| json!({ "name": format!("p{n}-{i}") })).collect();
        async move {
            http.post("/v1/picos/batch", &json!({ "children": children })).await;
        }
    })
    .await;
    report.rate("picos created, batch call", &running, &[&process], calls.len() * BATCH, vec![]);
    process.stop();
}
