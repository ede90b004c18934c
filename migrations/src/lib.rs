//! The schema of the store, one folder per engine, embedded in the binary.
//!
//! Migrations go forward only. The two folders hold the same tables and the same steps; they
//! differ where the engines do (types, collation, storage). A database with a step that this
//! binary does not know was written by a newer one: sqlx refuses it by number.

use sqlx::migrate::Migrator;

/// The steps for SQLite.
pub static SQLITE: Migrator = sqlx::migrate!("./sqlite");
/// The steps for Postgres.
pub static POSTGRES: Migrator = sqlx::migrate!("./postgres");

#[cfg(test)]
mod tests {
    #[test]
    fn both_engines_take_the_same_steps() {
        let steps = |m: &sqlx::migrate::Migrator| {
            m.iter().map(|step| (step.version, step.description.clone())).collect::<Vec<_>>()
        };
        assert_eq!(steps(&super::SQLITE), steps(&super::POSTGRES));
    }
}
