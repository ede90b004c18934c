//! Rows 100 and 101: databases on which an agent does not start.

use picomesh_agent::config::{Config, Database};
use picomesh_agent::running::Running;
use picomesh_tests::{Engine, Home, on_both_engines};

async fn refusal(config: &Config) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Running::start(config).await.err().expect("it does not start").to_string()
}

// Row 100: a database that a newer program wrote is left alone.
on_both_engines!(a_newer_schema_is_refused, engine => {
    let home = Home::new(engine).await;
    home.start().await.stop().await;
    home.sql().await.run(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT 9999, 'from the future', success, checksum, execution_time
           FROM _sqlx_migrations WHERE version = 1",
    ).await;
    let refused = refusal(&home.config()).await;
    assert!(refused.contains("9999") && refused.contains("newer"), "{refused}");
    home.sql().await.run("DELETE FROM _sqlx_migrations WHERE version = 9999").await;
    home.start().await.stop().await;
});

// Row 100: a Postgres that may lose what it acknowledged is refused, unless the operator insists.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unsafe_postgres_is_refused() {
    let home = Home::new(Engine::Postgres).await;
    let Database::Postgres(url) = &home.config().database else { panic!("not Postgres") };
    let url = secrecy::ExposeSecret::expose_secret(url);
    let name = url.rsplit('/').next().unwrap().to_owned();
    home.sql().await.run(&format!("ALTER DATABASE {name} SET synchronous_commit = off")).await;
    let refused = refusal(&home.config()).await;
    assert!(refused.contains("synchronous_commit=off"), "{refused}");
    assert!(!refused.contains("postgres://"), "{refused}");
    let mut config = home.config();
    config.unsafe_durability = true;
    home.start_with(config).await.stop().await;
    home.sql().await.run(&format!("ALTER DATABASE {name} SET synchronous_commit = on")).await;
    home.start().await.stop().await;
}

// Row 101: a file that is no database is refused and left as it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_no_database_is_left_alone() {
    let home = Home::new(Engine::Sqlite).await;
    home.start().await.stop().await;
    let path = home.directory.path().join("picomesh.db");
    let whole = std::fs::read(&path).unwrap();
    let half = whole[..whole.len() / 2 + 100].to_vec();
    let mut overwritten = whole.clone();
    overwritten[..4096].fill(b'x');
    for bad in
        [b"not a database, but long enough to be read as one ".repeat(100), half, overwritten]
    {
        std::fs::write(&path, &bad).unwrap();
        let refused = refusal(&home.config()).await;
        assert!(!refused.is_empty());
        assert!(std::fs::read(&path).unwrap() == bad, "untouched: {refused}");
    }
    std::fs::write(&path, &whole).unwrap();
    home.start().await.stop().await;
}
