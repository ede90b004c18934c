//! A web application that logs its users in through a standard OpenID Connect library.

use std::process::Command;

use crate::{Process, Result, free_port, installed};

const START_SECONDS_MAX: u64 = 30;

/// Which library the application uses.
#[derive(Clone, Copy, Debug)]
pub enum Library {
    /// Python: Flask with Authlib.
    Authlib,
    /// Node: openid-client, certified by the OpenID Foundation.
    OpenidClient,
}

/// The application's process.
#[derive(Debug)]
pub struct RelyingParty {
    process: Process,
    base: String,
}

impl RelyingParty {
    /// A base URL for an application that starts later: the provider registers it beforehand.
    ///
    /// It says `localhost` where the provider says `127.0.0.1`, so that their cookies stay apart.
    pub fn reserve() -> Result<(u16, String)> {
        let port = free_port()?;
        Ok((port, format!("http://localhost:{port}")))
    }

    /// Where the provider sends the browser back to.
    #[must_use]
    pub fn redirect_uri(base: &str) -> String {
        format!("{base}/callback")
    }

    /// Starts the application on the port that was reserved.
    pub async fn start(
        library: Library,
        port: u16,
        issuer: &str,
        client: (&str, &str),
        scope: &str,
    ) -> Result<Self> {
        let mut command = match library {
            Library::Authlib => {
                let python = installed::from_variable("PICOMESH_TEST_RELYING_PARTY_PYTHON")?;
                let mut command = Command::new(python);
                command.arg(installed::peer_file("rp_authlib.py"));
                command
            }
            Library::OpenidClient => {
                let packages = installed::from_variable("PICOMESH_TEST_NODE_PEERS")?;
                let mut command = Command::new("node");
                command.env("PICOMESH_TEST_NODE_PEERS", packages);
                command.arg(installed::peer_file("rp_openid_client.mjs"));
                command
            }
        };
        command.arg(port.to_string()).args([issuer, client.0, client.1, scope]);
        let name = format!("web application ({library:?})");
        let mut process = Process::start(&name, &mut command)?;
        let log = process.folder().join("log");
        process
            .ready(START_SECONDS_MAX, async || match std::fs::read_to_string(&log) {
                Ok(text) if text.contains("ready") => Ok(()),
                Ok(_) => Err("it does not listen yet".to_owned()),
                Err(error) => Err(error.to_string()),
            })
            .await?;
        Ok(Self { process, base: format!("http://localhost:{port}") })
    }

    /// The page that begins a login.
    #[must_use]
    pub fn login_url(&self) -> String {
        format!("{}/login", self.base)
    }

    /// The page that shows who is logged in, as JSON.
    #[must_use]
    pub fn home_url(&self) -> String {
        format!("{}/", self.base)
    }

    /// What it wrote.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log()
    }
}
