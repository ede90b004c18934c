//! Our own agent as a process, reached over HTTP like any other.

use std::process::Command;

use tempfile::TempDir;

use crate::{Api, Process, Result, free_port, installed};

const START_SECONDS_MAX: u64 = 30;

/// One `picomesh up` on the embedded database.
#[derive(Debug)]
pub struct Picomesh {
    /// Its HTTP interface.
    pub api: Api,
    process: Process,
    port: u16,
}

impl Picomesh {
    /// Starts an empty agent; more configuration comes as a TOML text.
    pub async fn start(configuration: &str) -> Result<Self> {
        let folder = TempDir::with_prefix("picomesh-peer-")?;
        std::fs::write(folder.path().join("picomesh.toml"), configuration)?;
        Self::start_in(folder, free_port()?).await
    }

    /// Kills it (SIGKILL) and starts it again on what it stored.
    pub async fn restart(self) -> Result<Self> {
        let folder = self.process.kill()?;
        Self::start_in(folder, self.port).await
    }

    /// The URL under which it is reached.
    #[must_use]
    pub fn url(&self) -> &str {
        self.api.base()
    }

    /// The binary that was started, for whoever uses its other commands.
    pub fn binary() -> Result<std::path::PathBuf> {
        installed::picomesh()
    }

    /// What it wrote.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log()
    }

    async fn start_in(folder: TempDir, port: u16) -> Result<Self> {
        let mut command = Command::new(installed::picomesh()?);
        command
            .arg("up")
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(["--data", "data", "--config", "picomesh.toml"])
            // The peers live on the loopback interface, which the address filter refuses.
            .args(["--allow-private-addresses", "loopback"]);
        let mut process = Process::start_in("picomesh", &mut command, folder)?;
        let api = Api::new(&format!("http://127.0.0.1:{port}"))?;
        process
            .ready(START_SECONDS_MAX, async || match api.get_text("/health/ready").await {
                Ok((200, _)) => Ok(()),
                Ok((status, text)) => Err(format!("{status} {text}")),
                Err(error) => Err(error.to_string()),
            })
            .await?;
        Ok(Self { api, process, port })
    }
}
