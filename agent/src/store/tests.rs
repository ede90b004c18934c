//! Opening, loading and committing, on the embedded engine and on Postgres when there is one.
