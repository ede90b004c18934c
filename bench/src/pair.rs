//! Two processes and connections between their picos.

use crate::Options;
use crate::process::{Home, Process};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Longest wait for anything between the two.
const WAIT: Duration = Duration::from_secs(30);
/// Time between two looks; each costs the servers something, too.
const LOOK: Duration = Duration::from_millis(30);

/// Two processes on databases of their own.
pub(crate) struct Pair {
    pub(crate) a: Process,
    pub(crate) b: Process,
    _homes: [Home; 2],
}

/// A connection between a pico of each process.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) a_pico: String,
    pub(crate) b_pico: String,
    pub(crate) a_connection: String,
}

impl Pair {
    pub(crate) async fn start(options: &Options) -> Self {
        let homes = [Home::sqlite(), Home::sqlite()];
        let a = homes[0].start(options).await;
        let b = homes[1].start(options).await;
        Self { a, b, _homes: homes }
    }

    /// Makes a pico in each process and connects them.
    pub(crate) async fn link(&self, protocol: &str) -> Link {
        let a_pico = pico(&self.a).await;
        let b_pico = pico(&self.b).await;
        let a_connection = connect(&self.a, &a_pico, &self.b, &b_pico, protocol).await;
        Link { a_pico, b_pico, a_connection }
    }
}

/// Makes a pico; returns its id.
pub(crate) async fn pico(process: &Process) -> String {
    let made = process.http.post("/v1/picos", &json!({ "name": "bench" })).await;
    text(&made, "id")
}

/// Connects two picos; returns the inviter's connection once both sides are done.
pub(crate) async fn connect(
    inviter: &Process,
    inviter_pico: &str,
    invitee: &Process,
    invitee_pico: &str,
    protocol: &str,
) -> String {
    let path = format!("/v1/picos/{inviter_pico}/invitations");
    let made = inviter.http.post(&path, &json!({ "protocol": protocol })).await;
    let path = format!("/v1/picos/{invitee_pico}/invitations/receive");
    let received = invitee.http.post(&path, &json!({ "url": made["url"] })).await;
    let theirs = text(&received, "id");
    until(invitee, &format!("/v1/picos/{invitee_pico}/connections/{theirs}"), "completed").await;
    let invitation = text(&made, "invitation_id");
    match made["connection_id"].as_str() {
        Some(id) => {
            until(inviter, &format!("/v1/picos/{inviter_pico}/connections/{id}"), "completed")
                .await;
            id.to_owned()
        }
        None => completed_of(inviter, inviter_pico, &invitation).await,
    }
}

/// The completed connection that came from an invitation.
async fn completed_of(process: &Process, pico: &str, invitation: &str) -> String {
    let started = Instant::now();
    loop {
        let path = format!("/v1/picos/{pico}/connections?state=completed");
        let listed = process.http.get(&path).await;
        let mut items = listed["items"].as_array().into_iter().flatten();
        if let Some(found) = items.find(|item| item["invitation_id"] == invitation) {
            return text(found, "id");
        }
        assert!(started.elapsed() < WAIT, "a connection from {invitation}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Polls a record until it has this state.
pub(crate) async fn until(process: &Process, path: &str, state: &str) -> Value {
    let started = Instant::now();
    loop {
        let record = process.http.get(path).await;
        if record["state"] == state {
            return record;
        }
        assert!(started.elapsed() < WAIT, "{path} is {} and not {state}", record["state"]);
        tokio::time::sleep(LOOK).await;
    }
}

/// A member that must be text.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
}
