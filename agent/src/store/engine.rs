//! The two database engines.

use sqlx::{PgPool, SqlitePool};

/// An open database.
pub enum Engine {
    /// The embedded one: many readers, one writer.
    Sqlite {
        /// Connections for reading.
        read: SqlitePool,
        /// The one connection for writing.
        write: SqlitePool,
    },
    /// The one for real.
    Postgres(PgPool),
}

/// Runs one text on whichever engine is open, for reading.
macro_rules! on_read {
    ($engine:expr, $pool:ident => $body:expr) => {
        match $engine {
            $crate::store::Engine::Sqlite { read: $pool, .. } => $body,
            $crate::store::Engine::Postgres($pool) => $body,
        }
    };
}

/// Runs one text on whichever engine is open, for writing.
macro_rules! on_write {
    ($engine:expr, $pool:ident => $body:expr) => {
        match $engine {
            $crate::store::Engine::Sqlite { write: $pool, .. } => $body,
            $crate::store::Engine::Postgres($pool) => $body,
        }
    };
}

pub(super) use {on_read, on_write};
