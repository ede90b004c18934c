//! Foreign agents over the network: helpers that start them, drive them and watch them.
//!
//! The tests in `tests/` connect a real `picomesh` process with ACA-Py, with a web application
//! that logs its users in through Authlib or openid-client, with a browser, and with the Python
//! package `didcomm`; [`programs`] compares with what pico-engine answered. `./test` installs
//! them and says in `PICOMESH_TEST_…` variables where.
//!
//! Absent on purpose: mocks. A peer that is not installed makes its tests fail with a reason.
//! Nothing here ships in the binary, and our own agent is reached over HTTP only.

mod acapy;
mod api;
mod browser;
mod didcomm_peer;
mod error;
mod installed;
mod pico;
mod picomesh;
mod process;
pub mod programs;
mod qr;
mod relying_party;
pub mod residence;
mod scan;
mod webhooks;

pub use acapy::Acapy;
pub use api::Api;
pub use browser::Browser;
pub use didcomm_peer::DidcommPeer;
pub use error::{Error, Result};
pub use pico::Pico;
pub use picomesh::Picomesh;
pub use process::{Process, free_port, until};
pub use qr::decode as decode_qr;
pub use relying_party::{Library, RelyingParty};
pub use scan::invitation_of;
pub use webhooks::Webhooks;
