//! Every example runs to its end.

#![allow(clippy::unwrap_used, clippy::panic)]

use picomesh_examples::{greeter, issue, thermostat};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_thermostat_counts_cools_and_sums_up() {
    let data = tempfile::tempdir().unwrap();
    let report = thermostat::run(data.path()).await.unwrap();
    assert_eq!(report.cooled_at, [26.0, 29.0], "it tells when it becomes too hot, once");
    assert_eq!(report.summary["readings"], 5);
    assert_eq!(report.summary["mean"], 25.0);
    assert_eq!(report.summary["alarms"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_greeter_answers_a_peer_once() {
    let data = tempfile::tempdir().unwrap();
    let said = greeter::run(data.path()).await.unwrap();
    let by = |direction: &str| {
        let all = said.iter().filter(|(by, _)| by == direction);
        let mut texts: Vec<&str> = all.map(|(_, content)| content.as_str()).collect();
        texts.sort_unstable();
        texts
    };
    assert_eq!(by("sent"), ["Good morning", "Still there?"]);
    let greeting = "Ada greets you and has read \"Good morning\".";
    assert_eq!(by("received"), [greeting, "Goodbye"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_is_issued_and_held() {
    let data = tempfile::tempdir().unwrap();
    let credential = issue::run(data.path()).await.unwrap();
    assert_eq!(credential["proof"]["type"], "Ed25519Signature2020");
    assert_eq!(credential["credentialSubject"]["degree"]["name"], "Bachelor of Arts");
}
