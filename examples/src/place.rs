//! An agent in this process, and how its operator talks to the picos.

use picomesh_agent::config;
use picomesh_agent::engine::Answer;
use picomesh_agent::running::Running;
use picomesh_pico::{Eci, Event, Origin, PicoId, Query, Registry, Rid};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Why an example came to nothing.
pub type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Longest wait for something that another pico does.
const WAIT: Duration = Duration::from_secs(20);
/// Time between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// A running agent.
pub struct Place {
    running: Running,
}

impl Place {
    /// Starts an agent that keeps its state in a directory and listens on a free port of this
    /// machine; `more` adds rulesets to those that it has.
    ///
    /// # Errors
    /// When the agent does not start.
    pub async fn open(
        data: &Path,
        more: impl FnOnce(Registry) -> Registry,
    ) -> Result<Self, Problem> {
        // A process chooses its TLS provider once; it does not matter who was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = data.to_str().ok_or("the directory's name is not UTF-8")?;
        let flag = |name: &str| match name {
            "data" => Some(data.to_owned()),
            "listen" => Some("127.0.0.1:0".to_owned()),
            // The picos of an example post their messages to this very process.
            "allow-private-addresses" => Some("loopback".to_owned()),
            _ => None,
        };
        let config = config::load(&flag, &|_| None, None)?;
        Ok(Self { running: Running::start_with(&config, more).await? })
    }

    /// Where the agent is reached by HTTP, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.running.address)
    }

    /// Stops the agent; what it acknowledged is on disk.
    pub async fn close(self) {
        self.running.stop().await;
    }

    /// Makes a pico below the root; returns it with its first channel, which lets all through.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn pico(&self, name: &str) -> Result<(PicoId, Eci), Problem> {
        let root = self.running.agent.engine.root().clone();
        let children = json!({ "children": [{ "name": name }] });
        let made = self.command(&root, "pico:create_children", children, "children").await?;
        let id = text(&made[0], "id")?;
        let eci = text(&made[0]["channels"][0], "eci")?;
        Ok((PicoId::parse(&id)?, Eci::parse(&eci)?))
    }

    /// Installs a ruleset on a pico.
    ///
    /// # Errors
    /// When there is no such ruleset.
    pub async fn install(&self, pico: &PicoId, rid: &str, config: Value) -> Result<(), Problem> {
        let what = json!({ "rid": rid, "config": config });
        self.command(pico, "pico:install_ruleset", what, "ruleset").await.map(drop)
    }

    /// Tells a pico something as its operator; `event` is `domain:name`. When this returns, what
    /// the pico did is on disk.
    ///
    /// # Errors
    /// When the engine or a rule refuses.
    pub async fn tell(&self, pico: &PicoId, event: &str, attrs: Value) -> Result<Answer, Problem> {
        let event = new_event(event, attrs, Origin::Operator)?;
        done(self.running.agent.engine.event(pico, event).await?)
    }

    /// As [`Place::tell`]; returns the options of the directive that answers.
    ///
    /// # Errors
    /// When the engine or a rule refuses, or no rule answers so.
    pub async fn command(
        &self,
        pico: &PicoId,
        event: &str,
        attrs: Value,
        directive: &str,
    ) -> Result<Value, Problem> {
        let answer = self.tell(pico, event, attrs).await?;
        let options = answer.directive(directive).cloned();
        options.ok_or_else(|| format!("{event} did not answer with {directive:?}").into())
    }

    /// Tells a pico something as a stranger who knows one of its channels.
    ///
    /// # Errors
    /// When the channel's policy or a rule refuses.
    pub async fn tell_by(&self, eci: &Eci, event: &str, attrs: Value) -> Result<Answer, Problem> {
        let event = new_event(event, attrs, Origin::Channel)?;
        done(self.running.agent.engine.channel_event(eci, event).await?)
    }

    /// Asks a function that a ruleset shares.
    ///
    /// # Errors
    /// When the ruleset is not there or refuses.
    pub async fn ask(
        &self,
        pico: &PicoId,
        rid: &str,
        name: &str,
        args: Value,
    ) -> Result<Value, Problem> {
        let (rid, name, args) = (Rid::parse(rid)?, name.into(), object(args)?);
        Ok(self.running.agent.engine.query(pico, Query { rid, name, args }).await?)
    }

    /// Connects two picos by an invitation; returns the inviter's and the invitee's end of it.
    ///
    /// # Errors
    /// When the handshake does not complete in time.
    pub async fn connect(
        &self,
        inviter: &PicoId,
        invitee: &PicoId,
    ) -> Result<(String, String), Problem> {
        let create = "connections:create_invitation";
        let made = self.command(inviter, create, json!({}), "invitation").await?;
        let receive = "connections:receive_invitation";
        let url = json!({ "url": made["url"] });
        let theirs = text(&self.command(invitee, receive, url, "connection").await?, "id")?;
        let is_ours = json!({ "id": made["connection_id"] });
        for (pico, id) in [(invitee, json!({ "id": theirs })), (inviter, is_ours)] {
            let asked = ("picomesh.connections", "connection", id);
            self.until(pico, asked, |one| one["state"] == "completed").await?;
        }
        Ok((text(&made, "connection_id")?, theirs))
    }

    /// Asks again and again until the answer is good: `(rid, name, arguments)`.
    ///
    /// # Errors
    /// When it does not become good in time.
    pub async fn until(
        &self,
        pico: &PicoId,
        (rid, name, args): (&str, &str, Value),
        is_good: impl Fn(&Value) -> bool,
    ) -> Result<Value, Problem> {
        let started = Instant::now();
        loop {
            let answer = self.ask(pico, rid, name, args.clone()).await?;
            if is_good(&answer) {
                return Ok(answer);
            }
            if started.elapsed() > WAIT {
                return Err(format!("{rid} {name} stays {answer}").into());
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn new_event(event: &str, attrs: Value, origin: Origin) -> Result<Event, Problem> {
    let (domain, name) = event.split_once(':').ok_or("an event is domain:name")?;
    let (id, domain, name) = ("example".into(), domain.into(), name.into());
    Ok(Event {
        id,
        domain,
        name,
        attrs: object(attrs)?,
        origin,
        eci: None,
        once: None,
        for_rid: None,
        at: None,
    })
}

/// A rule that refused is an error to us; the engine tells it apart because others still count.
fn done(answer: Answer) -> Result<Answer, Problem> {
    match &answer.fault {
        None => Ok(answer),
        Some(failed) => Err(format!("{} {}: {}", failed.rid, failed.rule, failed.fault).into()),
    }
}

fn object(value: Value) -> Result<Map<String, Value>, Problem> {
    serde_json::from_value(value).map_err(|_| "attributes are an object".into())
}

/// A member that must be text.
///
/// # Errors
/// When it is not.
pub fn text(value: &Value, member: &str) -> Result<String, Problem> {
    let found = value[member].as_str().map(str::to_owned);
    found.ok_or_else(|| format!("no {member} in {value}").into())
}

/// Runs an example in a fresh directory that goes away afterwards and shows what came of it.
///
/// # Errors
/// What the example says.
pub fn main<T: std::fmt::Debug>(
    run: impl AsyncFnOnce(&Path) -> Result<T, Problem>,
) -> Result<(), Problem> {
    let data = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!("{:#?}", runtime.block_on(run(data.path()))?);
    Ok(())
}
