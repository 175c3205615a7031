//! Is this the file the operator trusts? Digests from the plugin's table, signatures by the keys of `[host] trusted-keys`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use minisign_verify::{PublicKey, Signature};
use sha2::{Digest as _, Sha256};

use crate::error::LoadError;

/// A detached signature is a few lines.
const MAX_SIGNATURE_BYTES: u64 = 4 << 10;

/// SHA-256 of a component's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digest(pub(crate) [u8; 32]);

impl Digest {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

pub(crate) fn check_pin(plugin: &str, found: Digest, pinned: Option<[u8; 32]>) -> Result<(), LoadError> {
    match pinned {
        Some(pinned) if pinned != found.0 => Err(LoadError::Pin {
            plugin: plugin.to_owned(),
            found: found.to_string(),
            pinned: Digest(pinned).to_string(),
        }),
        _ => Ok(()),
    }
}

/// With trusted keys, a `.minisig` by one of them must lie beside the file. Without, no signature is asked for.
pub(crate) fn check_signature(file: &Path, bytes: &[u8], trusted_keys: &[String]) -> Result<(), LoadError> {
    if trusted_keys.is_empty() {
        return Ok(());
    }
    let path = signature_path(file);
    let refuse = |reason: String| LoadError::Signature(format!("{reason}; [host] trusted-keys asks for a signature"));
    let text = read_signature(file).map_err(refuse)?;
    let signature =
        Signature::decode(&text).map_err(|e| refuse(format!("{} is not a minisign signature: {e}", path.display())))?;
    let trusted = trusted_keys.iter().filter_map(|key| PublicKey::from_base64(key).ok());
    // Legacy (not pre-hashed) signatures are accepted too: the file is in memory anyway.
    if trusted
        .into_iter()
        .any(|key| key.verify(bytes, &signature, true).is_ok())
    {
        return Ok(());
    }
    Err(refuse(format!(
        "{} was made by no trusted key, or for another file",
        path.display()
    )))
}

/// The text of the signature beside a file, or why there is none.
pub(crate) fn read_signature(file: &Path) -> Result<String, String> {
    let path = signature_path(file);
    let fail = |error: io::Error| format!("cannot read {}: {error}", path.display());
    if fs::metadata(&path).map_err(fail)?.len() > MAX_SIGNATURE_BYTES {
        return Err(format!("{} is too large for a minisign signature", path.display()));
    }
    fs::read_to_string(&path).map_err(fail)
}

fn signature_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}
