//! Opening the store: engine, durability, schema, key.

use super::directory::{setting, setting_put};
use super::seal::DataKey;
use super::{Engine, Store, StoreError};
use crate::config::{self, Config, Database, StoreKey};
use argon2::Argon2;
use rand_core::{OsRng, RngCore};
use secrecy::ExposeSecret;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a start waits for Postgres, which needs seconds to recover after a crash.
const CONNECT_SECONDS_MAX: u32 = 60;
/// Connections for reading the embedded database.
const SQLITE_READERS: u32 = 4;
/// Connections to Postgres.
const POSTGRES_CONNECTIONS: u32 = 12;
/// How long a connection waits for a lock of SQLite.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the store does not open. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The configuration does not fit.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// The data directory or the lock file cannot be used.
    #[error("{path}: {reason}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another process has the embedded database open.
    #[error("{0}: another process has this database open")]
    Locked(PathBuf),
    /// The database may lose what it acknowledged.
    #[error(
        "the database may lose acknowledged commits: {0}; set it, or start with \
         --unsafe-durability allow"
    )]
    Unsafe(String),
    /// A newer binary wrote this database.
    #[error(
        "the database has schema step {0}, which this version does not know: start a newer one"
    )]
    Newer(i64),
    /// The schema could not be brought up to date.
    #[error("schema: {0}")]
    Schema(sqlx::migrate::MigrateError),
    /// The store was sealed with another key.
    #[error("the store key does not open this database: it was made with another key")]
    WrongKey,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Opens the store as configured; creates it when there is none.
    ///
    /// The second value holds the lock on the embedded database for as long as it lives.
    pub async fn open(config: &Config) -> Result<(Self, Option<std::fs::File>), OpenError> {
        let (engine, lock) = match &config.database {
            Database::Sqlite(path) => {
                let lock = lock(path)?;
                (open_sqlite(path).await?, Some(lock))
            }
            Database::Postgres(url) => (open_postgres(url.expose_secret()).await?, None),
        };
        check_durability(&engine, config.unsafe_durability).await?;
        migrate(&engine).await?;
        let key = store_key(&engine, &config.store_key).await?;
        let store = Self { engine, key };
        store.check_key().await?;
        Ok((store, lock))
    }

    /// Whether the key is the one that this store was made with; a fresh store takes it.
    async fn check_key(&self) -> Result<(), OpenError> {
        const NAME: &str = "key_check";
        let expected = b"picomesh";
        if self.setting(NAME).await?.is_none() {
            self.setting_put(NAME, &self.key.seal(&["store", NAME], expected)).await?;
        }
        let sealed = self.setting(NAME).await?.unwrap_or_default();
        match self.key.open(&["store", NAME], &sealed) {
            Ok(opened) if opened == expected => Ok(()),
            _ => Err(OpenError::WrongKey),
        }
    }
}

/// Two processes on one SQLite file would keep two versions of every pico in memory.
fn lock(database: &Path) -> Result<std::fs::File, OpenError> {
    let path = database.with_extension("lock");
    let fail =
        |error: std::io::Error| OpenError::File { path: path.clone(), reason: error.to_string() };
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(fail)?;
    }
    let file = std::fs::File::options().create(true).append(true).open(&path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::Locked(database.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(fail(error)),
    }
}

async fn open_sqlite(path: &Path) -> Result<Engine, OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", "-16000")
        .pragma("wal_autocheckpoint", "4000");
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await?;
    let read = SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options.pragma("cache_size", "-4000").pragma("query_only", "ON"))
        .await?;
    Ok(Engine::Sqlite { read, write })
}

/// Postgres may be recovering from a crash: keep trying for a minute.
async fn open_postgres(url: &str) -> Result<Engine, OpenError> {
    let options = PgConnectOptions::from_str(url)?;
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false);
    let mut waited = 0;
    loop {
        match pool.clone().connect_with(options.clone()).await {
            Ok(pool) => return Ok(Engine::Postgres(pool)),
            Err(error) if is_permanent(&error) || waited >= CONNECT_SECONDS_MAX => {
                return Err(error.into());
            }
            Err(error) => {
                tracing::warn!(%error, "Postgres is not there yet");
                let jitter = u64::from(OsRng.next_u32() % 500);
                tokio::time::sleep(Duration::from_millis(750 + jitter)).await;
                waited += 1;
            }
        }
    }
}

/// The database answered with a no that waiting does not change: name, password, database.
fn is_permanent(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code.starts_with("28") || code.starts_with("3D"))
}

async fn check_durability(engine: &Engine, allow: bool) -> Result<(), OpenError> {
    let mut faults = vec![];
    match engine {
        Engine::Sqlite { write, .. } => {
            let synchronous: i64 =
                sqlx::query_scalar("PRAGMA synchronous").fetch_one(write).await?;
            let journal: String =
                sqlx::query_scalar("PRAGMA journal_mode").fetch_one(write).await?;
            if synchronous < 2 {
                faults.push(format!("synchronous={synchronous}"));
            }
            if journal != "wal" {
                faults.push(format!("journal_mode={journal}"));
            }
        }
        Engine::Postgres(pool) => {
            const SQL: &str = "SELECT name, setting FROM pg_settings
                 WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')";
            let rows: Vec<(String, String)> = sqlx::query_as(SQL).fetch_all(pool).await?;
            let off = rows.into_iter().filter(|(_, setting)| setting == "off");
            faults.extend(off.map(|(name, setting)| format!("{name}={setting}")));
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false if allow => {
            tracing::warn!(settings = faults.join(", "), "acknowledged commits may be lost");
            Ok(())
        }
        false => Err(OpenError::Unsafe(faults.join(", "))),
    }
}

async fn migrate(engine: &Engine) -> Result<(), OpenError> {
    let done = match engine {
        Engine::Sqlite { write, .. } => picomesh_migrations::SQLITE.run(write).await,
        Engine::Postgres(pool) => picomesh_migrations::POSTGRES.run(pool).await,
    };
    done.map_err(|error| {
        if let sqlx::migrate::MigrateError::VersionMissing(step) = error {
            return OpenError::Newer(step);
        }
        OpenError::Schema(error)
    })
}

async fn store_key(engine: &Engine, source: &StoreKey) -> Result<DataKey, OpenError> {
    let bytes = match source {
        StoreKey::Given(bytes) => bytes.clone(),
        StoreKey::File(path) => config::key_file_read(path)?,
        StoreKey::DefaultFile(path) if path.exists() => config::key_file_read(path)?,
        StoreKey::DefaultFile(path) => {
            if setting(engine, "key_check").await?.is_some() {
                let reason = "the key file of this database is missing".to_owned();
                return Err(OpenError::File { path: path.clone(), reason });
            }
            let mut bytes = Zeroizing::new([0; 32]);
            OsRng.fill_bytes(bytes.as_mut());
            config::key_file_create(path, &bytes)?;
            tracing::info!(path = %path.display(), "made a store key; keep a copy of it safe");
            bytes
        }
        StoreKey::Passphrase(passphrase) => {
            from_passphrase(engine, passphrase.expose_secret().as_bytes()).await?
        }
    };
    Ok(DataKey::new(bytes))
}

/// Argon2id with a salt that the store keeps.
async fn from_passphrase(
    engine: &Engine,
    passphrase: &[u8],
) -> Result<Zeroizing<[u8; 32]>, OpenError> {
    const NAME: &str = "passphrase_salt";
    if setting(engine, NAME).await?.is_none() {
        let mut salt = [0; 16];
        OsRng.fill_bytes(&mut salt);
        setting_put(engine, NAME, &salt).await?;
    }
    let salt = setting(engine, NAME).await?.unwrap_or_default();
    let mut key = Zeroizing::new([0; 32]);
    let made = Argon2::default().hash_password_into(passphrase, &salt, key.as_mut());
    made.map_err(|error| StoreError::Corrupt { what: NAME, reason: error.to_string() })?;
    Ok(key)
}
