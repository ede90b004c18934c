//! A `picomesh` process under measurement, and what the system says about it.

use crate::Options;
use crate::http::Http;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Where a process keeps its state.
pub(crate) struct Home {
    pub(crate) directory: TempDir,
    database: Option<String>,
}

/// A running process.
pub(crate) struct Process {
    child: Child,
    pub(crate) http: Http,
    /// From the start to the first "ready".
    pub(crate) ready_after: Duration,
}

impl Home {
    /// A fresh place on the embedded database.
    pub(crate) fn sqlite() -> Self {
        Self { directory: TempDir::new().expect("a directory"), database: None }
    }

    /// A fresh database on a Postgres server.
    pub(crate) fn postgres(server: &str) -> Self {
        let directory = TempDir::new().expect("a directory");
        let name = directory.path().file_name().and_then(|name| name.to_str()).expect("a name");
        let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let name = format!("bench_{}", letters.to_lowercase());
        let status = Command::new("psql")
            .args([server, "-qc", &format!("CREATE DATABASE {name}")])
            .status()
            .expect("psql runs");
        assert!(status.success(), "the database is made");
        let (root, _) = server.rsplit_once('/').expect("a URL with a database");
        Self { directory, database: Some(format!("{root}/{name}")) }
    }

    /// Starts a process here and waits until it is ready.
    pub(crate) async fn start(&self, options: &Options) -> Process {
        let port = free_port();
        let mut command = Command::new(&options.program);
        command
            .arg("--data")
            .arg(self.directory.path())
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(["--allow-private-addresses", "loopback", "--log", "error"])
            .stdout(Stdio::null());
        if let Some(database) = &self.database {
            command.args(["--database", database]);
        }
        let started = Instant::now();
        let child = command.spawn().expect("the program starts");
        let http = Http::new(format!("http://127.0.0.1:{port}"));
        while !is_ready(port).await {
            assert!(started.elapsed() < Duration::from_secs(60), "ready within a minute");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Process { child, http, ready_after: started.elapsed() }
    }

    /// Bytes that the embedded database has on disk.
    pub(crate) fn disk_bytes(&self) -> u64 {
        let files = std::fs::read_dir(self.directory.path()).expect("a directory");
        files.filter_map(Result::ok).filter_map(|file| file.metadata().ok()).map(|m| m.len()).sum()
    }
}

impl Process {
    /// CPU time used so far, user and system.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.expect("the process runs");
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|t| t.parse::<u64>().unwrap_or(0)).sum();
        // USER_HZ is 100 on every Linux that runs this.
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the process runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("");
        let kilobytes = line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok());
        kilobytes.unwrap_or(0) * 1024
    }

    /// Stops the process as an operator does.
    pub(crate) fn stop(mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn is_ready(port: u16) -> bool {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let Ok(mut stream) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await else {
        return false;
    };
    let request = b"GET /health/ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let mut answer = String::new();
    stream.write_all(request).await.is_ok()
        && stream.read_to_string(&mut answer).await.is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
