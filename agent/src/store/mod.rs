//! All SQL of the agent: one engine embedded (SQLite), one for real (Postgres).
//!
//! A turn's writes are collected as [`Writes`], and many turns' writes are committed together
//! ([`Store::commit`]). Everything else is a function per question, one text for both engines.
//! What a pico keeps is sealed with the pico's own key before it comes here ([`seal`]).
//!
//! Absent on purpose: what rows mean. No protocol, no HTTP.

mod commit;
mod directory;
mod engine;
mod error;
mod load;
mod open;
mod outbox;
mod rulesets;
pub mod seal;
mod statement;
mod sweep;
#[cfg(test)]
mod tests;
mod writes;

pub use commit::{Committed, Unit};
pub use engine::Engine;
pub use error::StoreError;
pub use open::OpenError;
pub use outbox::{DeadLetter, LeasedJob};
pub use rulesets::RulesetRow;
pub use sweep::DueSchedule;
pub(crate) use writes::Place;
pub use writes::{RetryRow, Writes};

use seal::DataKey;

/// The database and the key that seals it.
pub struct Store {
    engine: Engine,
    key: DataKey,
}

impl Store {
    /// The key that wraps the picos' own keys.
    pub(crate) fn key(&self) -> &DataKey {
        &self.key
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        engine::on_read!(&self.engine, pool => {
            sqlx::query("SELECT 1").execute(pool).await.is_ok()
        })
    }

    /// The kind of database, for people.
    pub fn engine_name(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite { .. } => "SQLite",
            Engine::Postgres(_) => "Postgres",
        }
    }

    /// How many commits are worth running at the same time: SQLite has one writer.
    pub fn committers(&self) -> usize {
        match self.engine {
            Engine::Sqlite { .. } => 1,
            Engine::Postgres(_) => 3,
        }
    }

    /// Whether no other process can have this database open.
    pub fn is_exclusive(&self) -> bool {
        matches!(self.engine, Engine::Sqlite { .. })
    }

    /// Closes the database.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Engine::Postgres(pool) => pool.close().await,
        }
    }
}
