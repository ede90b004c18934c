//! Where `./test` put the peers.

use std::env;
use std::path::PathBuf;

use crate::{Error, Result};

/// The file that an environment variable names.
pub(crate) fn from_variable(name: &'static str) -> Result<PathBuf> {
    env::var_os(name).map(PathBuf::from).filter(|path| path.exists()).ok_or(Error::Absent(name))
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
