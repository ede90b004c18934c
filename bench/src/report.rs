//! Rates, times and sizes, as they go into the README.

use crate::process::Process;
use std::time::{Duration, Instant};

/// All rows, in the order in which they were measured.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<[String; 4]>,
}

/// A measurement that is running: the clock and the CPU time of the servers.
pub(crate) struct Running {
    started: Instant,
    cpu: Duration,
}

impl Running {
    pub(crate) fn start(servers: &[&Process]) -> Self {
        Self { started: Instant::now(), cpu: servers.iter().map(|server| server.cpu()).sum() }
    }
}

impl Report {
    /// A rate with its latencies.
    pub(crate) fn rate(
        &mut self,
        what: &str,
        running: &Running,
        servers: &[&Process],
        operations: usize,
        mut latencies: Vec<Duration>,
    ) {
        let seconds = running.started.elapsed().as_secs_f64();
        let cpu: Duration =
            servers.iter().map(|server| server.cpu()).sum::<Duration>() - running.cpu;
        let per_operation = cpu.as_secs_f64() * 1000.0 / operations.max(1) as f64;
        latencies.sort_unstable();
        let at = |part: f64| {
            let index = (latencies.len() as f64 * part) as usize;
            latencies.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
        };
        let times = match latencies.is_empty() {
            true => "–".to_owned(),
            false => format!("{:.1} / {:.1} ms", at(0.5), at(0.99)),
        };
        self.row(
            what,
            format!("{:.0}/s", operations as f64 / seconds),
            format!("{per_operation:.2} ms"),
            times,
        );
    }

    /// A single figure.
    pub(crate) fn figure(&mut self, what: &str, figure: String) {
        self.row(what, figure, "–".into(), "–".into());
    }

    fn row(&mut self, what: &str, figure: String, cpu: String, times: String) {
        eprintln!("{what}: {figure}, CPU {cpu}, p50 / p99 {times}");
        self.rows.push([what.to_owned(), figure, cpu, times]);
    }

    /// Prints the table for the README.
    pub(crate) fn print(&self) {
        println!("| what | measured | server CPU an operation | p50 / p99 |");
        println!("|---|---|---|---|");
        for [what, figure, cpu, times] in &self.rows {
            println!("| {what} | {figure} | {cpu} | {times} |");
        }
    }
}

/// Runs `operation` again and again from so many clients for so long; returns the latencies.
pub(crate) async fn load<F, Fut>(clients: usize, seconds: u64, operation: F) -> Vec<Duration>
where
    F: Fn(usize) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    let until = Instant::now() + Duration::from_secs(seconds);
    let tasks = (0..clients).map(|client| {
        let operation = operation.clone();
        tokio::spawn(async move {
            let mut latencies = vec![];
            let mut n = client;
            while Instant::now() < until {
                let started = Instant::now();
                operation(n).await;
                latencies.push(started.elapsed());
                n += clients;
            }
            latencies
        })
    });
    let all = futures::future::join_all(tasks).await;
    all.into_iter().flat_map(|latencies| latencies.expect("a client ends well")).collect()
}
