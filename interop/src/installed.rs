//! Where `./test` put the peers.

use std::env;
use std::path::PathBuf;

use crate::{Error, Result};

/// The file that a variable names: one of the environment, or as the last `./test` noted it.
pub(crate) fn from_variable(name: &'static str) -> Result<PathBuf> {
    env::var_os(name)
        .map(PathBuf::from)
        .or_else(|| noted(name))
        .filter(|path| path.exists())
        .ok_or(Error::Absent(name))
}

/// Looks into the file that `./test` leaves in its cache, so that `cargo test` alone works too.
fn noted(name: &str) -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))?;
    let notes = std::fs::read_to_string(cache.join("picomesh-tests").join("variables")).ok()?;
    let mut pairs = notes.lines().filter_map(|line| line.split_once('='));
    pairs.find(|(noted, _)| *noted == name).map(|(_, path)| PathBuf::from(path))
}

/// A script or file of `interop/peers/`.
pub(crate) fn peer_file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// Our own binary: named by a variable, or beside the test that runs (`target/<profile>/`).
pub(crate) fn picomesh() -> Result<PathBuf> {
    const VARIABLE: &str = "PICOMESH_TEST_BINARY";
    if env::var_os(VARIABLE).is_some() {
        return from_variable(VARIABLE);
    }
    let test = env::current_exe()?;
    test.ancestors()
        .skip(1)
        .take(2)
        .map(|dir| dir.join("picomesh"))
        .find(|path| path.exists())
        .ok_or(Error::Absent(VARIABLE))
}
