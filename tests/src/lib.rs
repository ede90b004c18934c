//! Whole agents in one process, on real databases.
//!
//! Each test runs on SQLite and on Postgres ([`Engine`]). Postgres is the server that
//! `PICOMESH_TEST_POSTGRES` names; every test makes a database of its own there.
//! Absent on purpose: anything that stands for a part of the agent.

#![allow(clippy::unwrap_used, clippy::panic)]

pub mod jose;
pub mod peer;

use picomesh_agent::config::{
    AllowPrivate, Config, Database, Limits, LogFormat, PageScripts, RulesetFiles, StoreKey,
};
use picomesh_agent::engine::Answer;
use picomesh_agent::running::Running;
use picomesh_pico::{Event, Origin, PicoId, Query, Rid};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use sqlx::Connection;
use std::ops::Deref;
use std::path::Path;
use tempfile::TempDir;

/// The databases that every test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The server of `PICOMESH_TEST_POSTGRES`.
    Postgres,
}

/// Runs a test body on both engines, one after the other.
#[macro_export]
macro_rules! on_both_engines {
    ($name:ident, $engine:ident => $body:block) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let $engine = $crate::Engine::Sqlite;
                $body
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let $engine = $crate::Engine::Postgres;
                $body
            }
        }
    };
}

/// A place where an agent keeps its state; agents can be started on it again and again.
pub struct Home {
    /// The data directory.
    pub directory: TempDir,
    database: Database,
}

impl Home {
    /// A fresh place.
    pub async fn new(engine: Engine) -> Self {
        let directory = TempDir::new().unwrap();
        let database = match engine {
            Engine::Sqlite => Database::Sqlite(directory.path().join("picomesh.db")),
            Engine::Postgres => Database::Postgres(fresh_postgres(directory.path()).await.into()),
        };
        Self { directory, database }
    }

    /// The configuration of an agent here, on a port of its own.
    pub fn config(&self) -> Config {
        Config {
            listen: ([127, 0, 0, 1], 0).into(),
            data: self.directory.path().to_owned(),
            database: self.database.clone(),
            public_url: None,
            operator_token: None,
            log_format: LogFormat::Human,
            log: "warn".into(),
            store_key: StoreKey::DefaultFile(self.directory.path().join("store.key")),
            allow_private_addresses: AllowPrivate::Loopback,
            unsafe_durability: false,
            test_mode: false,
            compat_get_events: true,
            page_scripts: PageScripts::Found,
            ruleset_files: RulesetFiles::All,
            limits: Limits::default(),
            login_clients: vec![],
            login_policies: vec![],
            file: None,
        }
    }

    /// The database itself, past the agent.
    pub async fn sql(&self) -> Sql {
        match &self.database {
            Database::Sqlite(path) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                Sql::Sqlite(sqlx::SqliteConnection::connect_with(&options).await.unwrap())
            }
            Database::Postgres(url) => {
                let url = url.expose_secret();
                Sql::Postgres(sqlx::PgConnection::connect(url).await.unwrap())
            }
        }
    }

    /// Starts an agent here.
    pub async fn start(&self) -> TestAgent {
        self.start_with(self.config()).await
    }

    /// Starts an agent here with its own configuration.
    pub async fn start_with(&self, config: Config) -> TestAgent {
        // Two providers are linked; whoever asks for the default gets ring.
        let _ = rustls::crypto::ring::default_provider().install_default();
        TestAgent { running: Running::start(&config).await.unwrap() }
    }
}

/// A connection to a database.
pub enum Sql {
    /// To a file.
    Sqlite(sqlx::SqliteConnection),
    /// To a server.
    Postgres(sqlx::PgConnection),
}

impl Sql {
    /// Runs statements.
    pub async fn run(&mut self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(db) => drop(sqlx::raw_sql(sql).execute(db).await.unwrap()),
            Self::Postgres(db) => drop(sqlx::raw_sql(sql).execute(db).await.unwrap()),
        }
    }

    /// The first column of what a query finds.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(db) => sqlx::query_scalar(sql).fetch_all(db).await.unwrap(),
            Self::Postgres(db) => sqlx::query_scalar(sql).fetch_all(db).await.unwrap(),
        }
    }
}

/// Makes a database that is named after a fresh directory.
async fn fresh_postgres(directory: &Path) -> String {
    let url = std::env::var("PICOMESH_TEST_POSTGRES")
        .expect("PICOMESH_TEST_POSTGRES names a Postgres server; ./test starts one");
    let name = directory.file_name().unwrap().to_str().unwrap();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = format!("test_{}_{}", name.to_lowercase(), std::process::id());
    let mut conn = sqlx::PgConnection::connect(&url).await.unwrap();
    // The name is made of letters and digits alone.
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&mut conn).await.unwrap();
    let mut url = url::Url::parse(&url).unwrap();
    url.set_path(&name);
    url.into()
}

/// An agent that runs in this process.
pub struct TestAgent {
    /// The agent and its doors.
    pub running: Running,
}

impl Deref for TestAgent {
    type Target = Running;
    fn deref(&self) -> &Running {
        &self.running
    }
}

impl TestAgent {
    /// Raises an event as the operator.
    pub async fn event(&self, pico: &PicoId, domain: &str, name: &str, attrs: Value) -> Answer {
        let Value::Object(attrs) = attrs else { panic!("attributes are an object") };
        let (id, domain, name) = ("test".into(), domain.into(), name.into());
        let origin = Origin::Operator;
        let event = Event {
            id,
            domain,
            name,
            attrs,
            origin,
            eci: None,
            once: None,
            for_rid: None,
            at: None,
        };
        self.agent.engine.event(pico, event).await.unwrap()
    }

    /// As [`TestAgent::event`], returning the options of a directive that must be there.
    pub async fn directive(
        &self,
        pico: &PicoId,
        (domain, name): (&str, &str),
        attrs: Value,
        directive: &str,
    ) -> Value {
        let answer = self.event(pico, domain, name, attrs).await;
        let found = answer.directive(directive).cloned();
        found.unwrap_or_else(|| panic!("no {directive:?} in {answer:?}"))
    }

    /// Asks a ruleset.
    pub async fn query(&self, pico: &PicoId, rid: &str, name: &str, args: Value) -> Value {
        let Value::Object(args) = args else { panic!("arguments are an object") };
        let query = Query { rid: Rid::parse(rid).unwrap(), name: name.into(), args };
        self.agent.engine.query(pico, query).await.unwrap()
    }

    /// Creates a child of the root pico.
    pub async fn create_pico(&self, name: &str) -> PicoId {
        let root = self.agent.engine.root().clone();
        let children = json!({ "children": [{ "name": name }] });
        let made = self.directive(&root, ("pico", "create_children"), children, "children").await;
        PicoId::parse(made[0]["id"].as_str().unwrap()).unwrap()
    }

    /// The first channel of a pico.
    pub async fn channel_of(&self, pico: &PicoId) -> String {
        let channels = self.query(pico, "picomesh.pico", "channels", json!({})).await;
        channels[0]["eci"].as_str().unwrap().to_owned()
    }

    /// Stops the agent as SIGTERM does.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// Waits until a condition holds, at most ten seconds.
pub async fn eventually<F, T>(what: &str, mut condition: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    for _ in 0..200 {
        if let Some(value) = condition().await {
            return value;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what} did not happen within ten seconds")
}

/// An empty set of attributes.
pub fn none() -> Map<String, Value> {
    Map::new()
}
