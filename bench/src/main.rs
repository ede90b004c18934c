//! The measurements that the README quotes, with one command: `cargo run --release -p picomesh-bench`.
//!
//! Each scenario starts real `picomesh` processes and drives them over HTTP from this one, so
//! client and servers share the machine. Beside every rate stands the CPU time that the
//! servers used for one operation: that figure is comparable on a busy machine, a rate is not.
//! Durability is never switched off.

#![allow(clippy::panic, reason = "a measurement that goes wrong must end, loudly")]

mod connections;
mod credentials;
mod events;
mod http;
mod idle;
mod login;
mod pair;
mod picos;
mod pings;
mod process;
mod report;

use clap::Parser;
use report::Report;

/// Measures Picomesh.
#[derive(Parser, Clone)]
pub(crate) struct Options {
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Requests under way at the same time.
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Only these scenarios: events, pings, connections, credentials, login, picos, idle.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// A Postgres server to measure on as well (postgres://…); each run makes a database.
    #[arg(long, env = "PICOMESH_BENCH_POSTGRES")]
    postgres: Option<String>,
    /// Picos of the scenario `idle`.
    #[arg(long, default_value_t = 100_000)]
    idle_picos: usize,
    /// The program to measure.
    #[arg(long, default_value = "target/release/picomesh")]
    program: String,
}

fn main() {
    let options = Options::parse();
    if options.program == "target/release/picomesh" {
        build();
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let mut report = Report::default();
    runtime.block_on(run(&options, &mut report));
    report.print();
}

/// The figures are those of the code that is here, so build it.
fn build() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let status = std::process::Command::new(cargo)
        .args(["build", "--release", "-p", "picomesh-agent"])
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the program builds");
}

async fn run(options: &Options, report: &mut Report) {
    let wants = |name: &str| options.only.is_empty() || options.only.iter().any(|o| o == name);
    if wants("events") {
        events::measure(options, report).await;
    }
    if wants("pings") {
        pings::measure(options, report).await;
    }
    if wants("connections") {
        connections::measure(options, report).await;
    }
    if wants("credentials") {
        credentials::measure(options, report).await;
    }
    if wants("login") {
        login::measure(options, report).await;
    }
    if wants("picos") {
        picos::measure(options, report).await;
    }
    if wants("idle") {
        idle::measure(options, report).await;
    }
}
