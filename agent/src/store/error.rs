//! Why the store did not do what was asked.

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A row does not open with its key: damaged, or moved from another place.
    #[error("sealed {0} does not open: damaged, moved, or written with another key")]
    Sealed(&'static str),
    /// A row does not decode.
    #[error("stored {what} does not decode: {reason}")]
    Corrupt {
        /// Which kind of row.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The database failed or is away.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}
