//! Connections by out-of-band 1.1 and DID exchange 1.1 between two processes.

use crate::Options;
use crate::pair::{Pair, connect, pico};
use crate::report::{Report, Running, load};
use std::sync::Arc;

/// Picos that connect at the same time, and as many clients.
const PICOS: usize = 32;

pub(crate) async fn measure(options: &Options, report: &mut Report) {
    let pair = Arc::new(Pair::start(options).await);
    let mut picos = vec![];
    for _ in 0..PICOS {
        picos.push((pico(&pair.a).await, pico(&pair.b).await));
    }
    let picos = Arc::new(picos);
    let running = Running::start(&[&pair.a, &pair.b]);
    let both = pair.clone();
    let latencies = load(PICOS, options.seconds, move |n| {
        let (pair, picos) = (both.clone(), picos.clone());
        async move {
            let (a, b) = &picos[n % PICOS];
            connect(&pair.a, a, &pair.b, b, "didexchange/1.1").await;
        }
    })
    .await;
    let what = "connection, out-of-band 1.1 + DID exchange 1.1, done on both sides";
    report.rate(what, &running, &[&pair.a, &pair.b], latencies.len(), latencies);
}
