//! Puts the parts of an agent together.

use crate::config::{AllowPrivate, Config};
use crate::delivery::{Deliver, Packer};
use crate::effects::check::Check;
use crate::effects::event::SendEvent;
use crate::effects::present::Present;
use crate::effects::resolve::ResolveWorker;
use crate::effects::sign::Sign;
use crate::engine::{Clock, Engine, EngineError, Outwards, Work, Workers};
use crate::krl::dido::{DidoOutward, Inbound};
use crate::krl::work::HttpWork;
use crate::library::Fetcher;
use crate::net;
use crate::receive::Receiver;
use crate::resolver::Resolver;
use crate::rulesets::{self, Setting};
use crate::store::{OpenError, Store};
use picomesh_did_resolver::address::Policy;
use picomesh_pico::{Event, Origin, Registry};
use std::sync::Arc;
use url::Url;

/// Why an agent does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store does not open.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The engine does not start.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The client for outbound calls does not start.
    #[error(transparent)]
    Net(#[from] net::Error),
    /// Logins cannot be served as they are configured.
    #[error(transparent)]
    Login(#[from] rulesets::login::StartError),
    /// The public URL cannot carry our paths.
    #[error("public-url: {0}")]
    PublicUrl(#[from] url::ParseError),
}

/// A running agent: everything but the doors.
#[derive(Clone)]
pub struct Agent {
    /// The picos.
    pub engine: Engine,
    /// Takes envelopes in.
    pub receiver: Receiver,
    /// Takes in messages to the DIDs that programs in KRL made.
    pub dido: Inbound,
    /// Resolves DIDs.
    pub resolver: Resolver,
    /// Calls other servers.
    pub client: net::Client,
    /// What rulesets know about the agent.
    pub setting: Arc<Setting>,
    _lock: Arc<Option<std::fs::File>>,
}

impl Agent {
    /// Opens the store and starts its picos; `public_url` is where others reach us.
    pub async fn start(config: &Config, public_url: Url) -> Result<Self, StartError> {
        Self::start_with(config, public_url, |registry| registry).await
    }

    /// As [`Agent::start`], with rulesets of one's own: `more` is given the registry of the
    /// agent's own rulesets and returns it with others added.
    ///
    /// Each ruleset needs an id of its own; `picomesh.` belongs to the agent.
    ///
    /// ```no_run
    /// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
    /// use picomesh_agent::{assemble::Agent, config};
    /// use picomesh_pico::{Native, Rid};
    ///
    /// let config = config::load(&|_| None, &|_| None, None)?;
    /// let lamp = Native::new(Rid::literal("example.lamp"), "A lamp.")
    ///     .rule("switch", "lamp", "switch", |context, _event| {
    ///         let is_on: bool = context.entity("is_on")?.unwrap_or(false);
    ///         context.put("is_on", &!is_on)
    ///     });
    /// let url = "https://mesh.example".parse()?;
    /// let agent = Agent::start_with(&config, url, |registry| registry.with_installable(lamp)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn start_with(
        config: &Config,
        public_url: Url,
        more: impl FnOnce(Registry) -> Registry,
    ) -> Result<Self, StartError> {
        let (store, lock) = Store::open(config).await?;
        let client = net::Client::new(address_policy(config.allow_private_addresses))?;
        let resolver = Resolver::new(client.clone());
        let setting =
            Setting { endpoint: public_url.join("didcomm")?, public_url, label: "Picomesh".into() };
        let packer = Packer::new(resolver.clone());
        let contexts = Arc::new(picomesh_credentials::Contexts::new());
        let dido = DidoOutward::new(client.clone());
        let workers = Workers::default()
            .with("dido", dido.clone())
            .with("deliver", Deliver::new(packer, client.clone()))
            .with("event", SendEvent::new(client.clone()))
            .with("resolve", ResolveWorker::new(resolver.clone()))
            .with("sign", Sign::new(contexts.clone()))
            .with("check", Check::new(resolver.clone(), contexts.clone()))
            .with("present", Present::new(contexts));
        let http = HttpWork::new(client.clone());
        let outwards = Outwards::default().with("dido", dido).with("http", http);
        let sources = Box::new(Fetcher::new(client.clone(), config.ruleset_files.clone()));
        let work = Work { jobs: workers, outwards, sources };
        let host = setting.public_url.as_str().trim_end_matches('/');
        let registry = rulesets::registry(setting.clone()).with_host(host);
        let registry = more(match config.test_mode {
            true => rulesets::with_test_module(registry),
            false => registry,
        });
        let inputs_max = config.limits.mailbox_events_max;
        let engine = Engine::start(store, registry, work, Clock::System, inputs_max).await?;
        rulesets::login::start(&engine, &setting, config).await?;
        tell_started(&engine).await;
        let receiver = Receiver::new(engine.clone(), resolver.clone());
        let dido = Inbound::new(engine.clone());
        let (setting, lock) = (Arc::new(setting), Arc::new(lock));
        Ok(Self { engine, receiver, dido, resolver, client, setting, _lock: lock })
    }

    /// Takes nothing more in, lets what is under way finish, closes the store.
    pub async fn stop(&self) {
        self.engine.stop().await;
    }
}

/// Tells the root that the engine runs; its rulesets may have work that waits for that.
async fn tell_started(engine: &Engine) {
    let mut entropy = picomesh_pico::Entropy::new(Engine::seed());
    let event = Event {
        id: entropy.ordered_id(engine.clock().now()),
        domain: "engine".into(),
        name: "started".into(),
        attrs: serde_json::Map::new(),
        origin: Origin::Engine,
        eci: None,
        once: None,
        for_rid: None,
        at: None,
    };
    if let Err(error) = engine.event(engine.root(), event).await {
        tracing::warn!(%error, "the root was not told that the engine runs");
    }
}

fn address_policy(allow: AllowPrivate) -> Policy {
    match allow {
        AllowPrivate::No => Policy { loopback: false, private: false },
        AllowPrivate::Loopback => Policy { loopback: true, private: false },
        AllowPrivate::All => Policy { loopback: true, private: true },
    }
}
