//! Trust pings between two processes, every step durable on both sides.

use crate::Options;
use crate::pair::{Link, Pair};
use crate::report::{Report, Running, load};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Pairs of picos that ping each other.
const LINKS: usize = 16;
/// Pings that may wait for their answer.
const OPEN_MAX: u64 = 1024;

pub(crate) async fn measure(options: &Options, report: &mut Report) {
    let pair = Pair::start(options).await;
    for (what, protocol) in [
        ("trust ping round trip, DIDComm v1", "didexchange/1.1"),
        ("trust ping round trip, DIDComm v2", "out-of-band/2.0"),
    ] {
        let mut links = vec![];
        for _ in 0..LINKS {
            links.push(pair.link(protocol).await);
        }
        round_trips(&pair, Arc::new(links), what, options, report).await;
    }
}

async fn round_trips(
    pair: &Pair,
    links: Arc<Vec<Link>>,
    what: &str,
    options: &Options,
    report: &mut Report,
) {
    let (sent, answered) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let running = Running::start(&[&pair.a, &pair.b]);
    let watching = tokio::spawn(watch(pair.a.http.clone(), links.clone(), answered.clone()));
    let (http, count, seen) = (pair.a.http.clone(), sent.clone(), answered.clone());
    load(options.clients, options.seconds, move |n| {
        let (http, link) = (http.clone(), links[n % LINKS].clone());
        let (count, seen) = (count.clone(), seen.clone());
        async move {
            while count.load(Ordering::Relaxed) >= seen.load(Ordering::Relaxed) + OPEN_MAX {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            count.fetch_add(1, Ordering::Relaxed);
            let path = format!("/v1/picos/{}/connections/{}/pings", link.a_pico, link.a_connection);
            http.post(&path, &json!({})).await;
        }
    })
    .await;
    let total = sent.load(Ordering::Relaxed);
    let started = Instant::now();
    while answered.load(Ordering::Relaxed) < total {
        assert!(started.elapsed() < Duration::from_secs(30), "every ping is answered");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    report.rate(what, &running, &[&pair.a, &pair.b], total as usize, vec![]);
    watching.abort();
}

/// Adds up the answered pings of all picos, again and again.
async fn watch(http: crate::http::Http, links: Arc<Vec<Link>>, answered: Arc<AtomicU64>) {
    loop {
        let mut sum = 0;
        for link in links.iter() {
            let pings = http.get(&format!("/v1/picos/{}/pings", link.a_pico)).await;
            sum += pings["answered"].as_u64().expect("a count of answered pings");
        }
        answered.store(sum, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
