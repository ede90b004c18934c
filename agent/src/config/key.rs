//! The store key: 32 bytes that wrap the data keys of all picos.
//!
//! Absent on purpose: what is done with the key; that is the store's.

use super::Error;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use secrecy::SecretString;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Largest key file, in bytes: a key and a line end fit many times.
const KEY_FILE_BYTES_MAX: u64 = 256;

/// Where the store key comes from.
#[derive(Clone)]
pub enum StoreKey {
    /// Given as it is.
    Given(Zeroizing<[u8; 32]>),
    /// To be made from a passphrase (Argon2id, salt in the store).
    Passphrase(SecretString),
    /// In this file, which must exist; already checked.
    File(PathBuf),
    /// In this file of the data directory, to be made at the first start.
    DefaultFile(PathBuf),
}

impl std::fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Given(_) => f.write_str("Given([redacted])"),
            Self::Passphrase(_) => f.write_str("Passphrase([redacted])"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::DefaultFile(path) => f.debug_tuple("DefaultFile").field(path).finish(),
        }
    }
}

/// Reads 32 bytes in base64 (either alphabet) or hex.
pub(super) fn parse(text: &str) -> Result<Zeroizing<[u8; 32]>, String> {
    let text = text.trim();
    let bytes = Zeroizing::new(if text.len() == 64 {
        hex::decode(text).map_err(|_| "is not hex".to_owned())?
    } else {
        STANDARD
            .decode(text)
            .or_else(|_| STANDARD_NO_PAD.decode(text))
            .or_else(|_| URL_SAFE_NO_PAD.decode(text))
            .map_err(|_| "is neither base64 nor hex".to_owned())?
    });
    let key: [u8; 32] = bytes
        .as_slice()
        .try_into()
        .map_err(|_| format!("has {} bytes instead of 32", bytes.len()))?;
    Ok(Zeroizing::new(key))
}

/// Reads the key file.
///
/// # Errors
/// When it is missing, readable for others (its mode must be 0600 or 0400), or not a key.
pub fn key_file_read(path: &Path) -> Result<Zeroizing<[u8; 32]>, Error> {
    let refused = |reason: String| Error::KeyFile { path: path.to_owned(), reason };
    let metadata = std::fs::metadata(path).map_err(|error| refused(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > KEY_FILE_BYTES_MAX {
        return Err(refused("is not a file with one key".into()));
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(refused(format!("mode {mode:04o} lets others read it; make it 0600")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    parse(&Zeroizing::new(text)).map_err(refused)
}

/// Makes a key file with mode 0600; never overwrites one. The file is on disk when this returns.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn key_file_create(path: &Path, key: &[u8; 32]) -> Result<(), Error> {
    let refused =
        |error: std::io::Error| Error::KeyFile { path: path.to_owned(), reason: error.to_string() };
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(refused)?;
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(key)));
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(refused)?;
    // The name must survive a power cut too, or the sealed store cannot be opened again.
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    std::fs::File::open(parent.unwrap_or(Path::new(".")))
        .and_then(|directory| directory.sync_all())
        .map_err(refused)
}
