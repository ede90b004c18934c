//! The configuration file. A refusal is one line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_agent::config;
use std::sync::LazyLock;
use tempfile::TempDir;

static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a directory"));

fuzz_target!(|bytes: &[u8]| {
    let path = DIRECTORY.path().join("picomesh.toml");
    std::fs::write(&path, bytes).expect("the directory is ours");
    match config::load(&|_| None, &|_| None, Some(&path)) {
        Ok(config) => drop(format!("{config:?}")),
        Err(error) => assert!(!error.to_string().contains('\n'), "{error:?}"),
    }
});
