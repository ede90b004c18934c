//! A peer's process: its log in a file, its end with the test's end.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Error, Result};

/// How much of a log an error shows.
const LOG_LINES_SHOWN_MAX: usize = 40;

/// Pause between two looks at something that is waited for.
const POLL_MILLISECONDS: u64 = 100;

/// A child process with a folder of its own; killed when dropped.
///
/// If the test is failing at that moment, the end of its log is printed.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    folder: TempDir,
}

impl Process {
    /// Starts `command` with a new folder as its working directory and `HOME`.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        Self::start_in(name, command, TempDir::with_prefix("picomesh-peer-")?)
    }

    /// The same in a folder that is there already.
    pub fn start_in(name: &str, command: &mut Command, folder: TempDir) -> Result<Self> {
        let log = File::options().create(true).append(true).open(folder.path().join("log"))?;
        let child = command
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .map_err(|error| {
                Error::Unexpected(format!("{name}: {:?}: {error}", command.get_program()))
            })?;
        Ok(Self { name: name.to_owned(), child, folder })
    }

    /// Its working directory.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The number by which the system knows it.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything it wrote so far.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The last lines that it wrote.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES_SHOWN_MAX)..].join("\n")
    }

    /// Fails once the process has ended.
    pub fn check_alive(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(Error::Ended {
                peer: self.name.clone(),
                status: status.to_string(),
                log: self.log_tail(),
            }),
        }
    }

    /// Waits until `probe` succeeds, as long as the process lives; a failure says what is there.
    pub async fn ready(
        &mut self,
        seconds: u64,
        mut probe: impl AsyncFnMut() -> std::result::Result<(), String>,
    ) -> Result<()> {
        let what = format!("{} becoming ready", self.name);
        until(&what, seconds, async || {
            self.check_alive()?;
            let seen = probe().await;
            Ok(seen.map_err(|seen| format!("{seen}\n{}", self.log_tail())))
        })
        .await
    }

    /// Kills it (SIGKILL) and gives back its folder, so that it can be started again.
    pub fn kill(mut self) -> Result<TempDir> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(std::mem::replace(&mut self.folder, TempDir::new()?))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail when it has ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- end of the log of {}:\n{}\n---", self.name, self.log_tail());
        }
    }
}

/// Asks again and again until `probe` answers `Ok(Ok(value))`.
///
/// `Ok(Err(seen))` says what is there instead and asks again; `Err` ends the wait.
pub async fn until<T>(
    what: &str,
    seconds: u64,
    mut probe: impl AsyncFnMut() -> Result<std::result::Result<T, String>>,
) -> Result<T> {
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        match probe().await? {
            Ok(value) => return Ok(value),
            Err(last) if Instant::now() >= end => {
                return Err(Error::Late { what: what.to_owned(), seconds, last });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(POLL_MILLISECONDS)).await,
        }
    }
}

/// A port of the loopback interface that was free a moment ago.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
