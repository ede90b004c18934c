//! What is acknowledged survives `kill -9`: P1, P2, P7 and P20 of the promises.
//!
//! The oracle is the count of acknowledgements that the clients saw. The number of kills is
//! `PICOMESH_KILLS` (5 unless given), so that a long run needs no other code.

mod support;

use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use support::{Database, Process, free_port, post};
use tempfile::TempDir;

/// Clients that send at the same time; so many events may be on their way at a kill.
const CLIENTS: u64 = 32;

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
fn send_events(process: &Process, eci: &str, ledger: &Arc<Ledger>) -> Vec<tokio::task::JoinHandle<()>> {
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
