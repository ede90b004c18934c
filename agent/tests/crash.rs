//! What is acknowledged survives `kill -9`: P1, P2, P3, P7 and P20 of the promises.
//!
//! The oracle is what the clients saw acknowledged. The number of kills is
//! `PICOMESH_KILLS` (5 unless given), so that a long run needs no other code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it goes wrong")]

mod support;

use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::{Database, Process, free_port, post};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// Clients that send at the same time; so many events may be on their way at a kill.
const CLIENTS: u64 = 32;

/// Texts that are sent around each kill.
const TEXTS: u64 = 60;
/// How long the last text may take to arrive: pauses between tries grow.
const ARRIVAL_TIME_MAX: Duration = Duration::from_secs(90);

fn kills() -> u64 {
    std::env::var("PICOMESH_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(5)
}

/// What clients saw.
#[derive(Default)]
struct Ledger {
    sent: AtomicU64,
    acknowledged: AtomicU64,
    stop: AtomicBool,
}

/// Sends events until told to stop; an answer counts only when it came whole.
fn send_events(process: &Process, eci: &str, ledger: &Arc<Ledger>) -> Vec<JoinHandle<()>> {
    let client = |_| {
        let ((client, base), ledger) = (process.caller(), ledger.clone());
        let path = format!("/c/{eci}/event-wait/counter/inc");
        tokio::spawn(async move {
            while !ledger.stop.load(Ordering::Relaxed) {
                ledger.sent.fetch_add(1, Ordering::Relaxed);
                match post(&client, &base, &path, &json!({})).await {
                    Some(_) => ledger.acknowledged.fetch_add(1, Ordering::Relaxed),
                    None => return,
                };
            }
        })
    };
    (0..CLIENTS).map(client).collect()
}

async fn acknowledged_events_survive(database: Database) {
    let (data, port) = (TempDir::new().unwrap(), free_port());
    let mut process = Process::start(data.path(), port, &database).await;
    let (_, eci) = process.counter().await;
    let ledger = Arc::new(Ledger::default());
    for round in 0..kills() {
        let clients = send_events(&process, &eci, &ledger);
        tokio::time::sleep(Duration::from_millis(300 + 97 * (round % 7))).await;
        process.kill();
        for client in clients {
            client.await.unwrap();
        }
        process = Process::start(data.path(), port, &database).await;
        let counted = process.get(&format!("/c/{eci}/query/picomesh.counter/n")).await;
        let counted = counted.as_u64().unwrap();
        let (sent, acknowledged) =
            (ledger.sent.load(Ordering::Relaxed), ledger.acknowledged.load(Ordering::Relaxed));
        assert!(counted >= acknowledged, "{counted} counted, {acknowledged} acknowledged");
        assert!(counted <= sent, "{counted} counted, {sent} sent");
    }
    assert!(ledger.acknowledged.load(Ordering::Relaxed) > 100 * kills());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_events_survive_kills_on_sqlite() {
    acknowledged_events_survive(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_events_survive_kills_on_postgres() {
    acknowledged_events_survive(Database::postgres()).await;
}

/// P20: a stop under load loses nothing that was acknowledged and ends with status 0.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clean_stop_under_load_loses_nothing() {
    let (data, port) = (TempDir::new().unwrap(), free_port());
    let process = Process::start(data.path(), port, &Database::Sqlite).await;
    let (_, eci) = process.counter().await;
    let ledger = Arc::new(Ledger::default());
    let clients = send_events(&process, &eci, &ledger);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let ended_well = tokio::task::spawn_blocking(|| process.terminate()).await.unwrap();
    assert!(ended_well);
    ledger.stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    let process = Process::start(data.path(), port, &Database::Sqlite).await;
    let counted = process.get(&format!("/c/{eci}/query/picomesh.counter/n")).await;
    assert!(counted.as_u64().unwrap() >= ledger.acknowledged.load(Ordering::Relaxed));
}

/// Has the sender send texts, one after the other; stops at the first that is not acknowledged.
fn send_texts(sender: &Process, connection: &str, texts: Vec<String>) -> JoinHandle<Vec<String>> {
    let ((client, base), path) = (sender.caller(), format!("{connection}/messages"));
    tokio::spawn(async move {
        let mut acknowledged = vec![];
        for text in texts {
            if post(&client, &base, &path, &json!({ "content": text })).await.is_none() {
                break;
            }
            acknowledged.push(text);
        }
        acknowledged
    })
}

/// Connects a pico of each; returns the paths of the sender's connection and the receiver's pico.
async fn connect(sender: &Process, receiver: &Process) -> (String, String) {
    let (from, to) = (sender.pico("from").await, receiver.pico("to").await);
    let invited = receiver.post(&format!("{to}/invitations"), &json!({})).await;
    let url = json!({ "url": invited["url"] });
    sender.post(&format!("{from}/invitations/receive"), &url).await;
    let connection = sender.connection(&from).await;
    receiver.connection(&to).await;
    (connection, to)
}

/// P2 and P3 over DIDComm: the receiver is killed at each round, the sender at every third. What
/// the sender acknowledged arrives, and everything that arrives is there once.
async fn texts_arrive_once(databases: [Database; 2]) {
    let homes = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let ports = [free_port(), free_port()];
    let start = async |which: usize| {
        Process::start(homes[which].path(), ports[which], &databases[which]).await
    };
    let (mut sender, mut receiver) = (start(0).await, start(1).await);
    let (connection, pico) = connect(&sender, &receiver).await;
    let (mut sent, mut acknowledged) = (BTreeSet::new(), BTreeSet::new());
    let mut interrupted = 0;
    for round in 0..kills() {
        let texts: Vec<String> = (0..TEXTS).map(|n| format!("{round}/{n}")).collect();
        sent.extend(texts.clone());
        let sending = send_texts(&sender, &connection, texts);
        tokio::time::sleep(Duration::from_millis(60 + 53 * (round % 5))).await;
        receiver.kill();
        if round % 3 == 1 {
            sender.kill();
            sender = start(0).await;
        }
        acknowledged.extend(sending.await.unwrap());
        receiver = start(1).await;
        let arrived = receiver.texts(&pico).await.len();
        interrupted += usize::from(arrived > 0 && arrived < acknowledged.len());
    }
    assert!(interrupted > 0, "texts were under way at a kill");
    assert!(acknowledged.len() as u64 > TEXTS * kills() / 2, "{}", acknowledged.len());
    let started = Instant::now();
    let arrived = loop {
        let arrived = receiver.texts(&pico).await;
        let is_there = |text: &String| arrived.contains(text);
        if acknowledged.iter().all(is_there) {
            break arrived;
        }
        let waited = started.elapsed();
        assert!(waited < ARRIVAL_TIME_MAX, "{} of {}", arrived.len(), acknowledged.len());
        tokio::time::sleep(Duration::from_millis(250)).await;
    };
    // Whatever is still under way: a repeat would come now.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let last = receiver.texts(&pico).await;
    assert!(last.len() >= arrived.len());
    let once: BTreeSet<String> = last.iter().cloned().collect();
    assert_eq!(once.len(), last.len(), "each text once");
    assert!(once.is_subset(&sent) && once.is_superset(&acknowledged));
    // A text that was durable when the sender died, but not acknowledged, may be there as well.
    let unacknowledged = once.difference(&acknowledged).count() as u64;
    assert!(unacknowledged <= kills(), "{unacknowledged}");
    drop((sender, receiver));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_arrive_once_on_sqlite() {
    texts_arrive_once([Database::Sqlite, Database::Sqlite]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_arrive_once_on_postgres() {
    texts_arrive_once([Database::postgres(), Database::postgres()]).await;
}
