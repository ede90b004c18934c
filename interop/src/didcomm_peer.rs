//! A DIDComm v2 agent made of the PyPI package `didcomm`, driven by JSON lines.
//!
//! `peers/didcomm_peer.py` says which operations there are.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::{Error, Result, installed};

const ANSWER_SECONDS_MAX: u64 = 60;

/// The peer's process; ends when dropped.
#[derive(Debug)]
pub struct DidcommPeer {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl DidcommPeer {
    /// Starts the peer.
    pub fn start() -> Result<Self> {
        let mut child = Command::new(installed::from_variable("PICOMESH_TEST_DIDCOMM_PYTHON")?)
            .arg(installed::peer_file("didcomm_peer.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pipe = || Error::Unexpected("the peer has no pipes".to_owned());
        let input = child.stdin.take().ok_or_else(pipe)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(pipe)?).lines();
        Ok(Self { input, output, _child: child })
    }

    /// Carries out one operation.
    pub async fn ask(&mut self, request: Value) -> Result<Value> {
        self.input.write_all(format!("{request}\n").as_bytes()).await?;
        let line = timeout(Duration::from_secs(ANSWER_SECONDS_MAX), self.output.next_line())
            .await
            .map_err(|_| Error::Late {
                what: "the answer of the didcomm peer".to_owned(),
                seconds: ANSWER_SECONDS_MAX,
                last: request.to_string(),
            })??
            .ok_or_else(|| Error::Unexpected("the didcomm peer ended".to_owned()))?;
        let mut answer: Value = serde_json::from_str(&line)
            .map_err(|error| Error::Unexpected(format!("{error} in {line}")))?;
        match answer["error"].as_str() {
            Some(error) => Err(Error::Unexpected(format!("didcomm peer: {error}"))),
            None => Ok(answer["ok"].take()),
        }
    }

    /// Listens for envelopes and makes a DID whose service says where.
    pub async fn new_did(&mut self) -> Result<String> {
        let mut request = self.ask(json!({ "op": "listen" })).await?;
        request["op"] = json!("new");
        let answer = self.ask(request).await?;
        Ok(answer["did"].as_str().ok_or_else(|| Error::missing("did", &answer))?.to_owned())
    }

    /// Waits for the next envelope and opens it: `{"message", "metadata"}`.
    pub async fn receive(&mut self, seconds: u64) -> Result<Value> {
        let mut envelope = self.ask(json!({ "op": "receive", "seconds": seconds })).await?;
        envelope["op"] = json!("unpack");
        self.ask(envelope).await
    }
}
