//! Folders that are filled once and kept: each is named after what it was made of, so that a change makes a new one.
//!
//! Processes take turns, and a folder appears only when it is whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folder below `parent` that `fill` filled for this fingerprint, now or earlier.
pub(crate) fn folder(
    parent: &Path,
    name: &str,
    fingerprint: &[u8],
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let folder = parent.join(format!("{name}-{:016x}", fnv1a(fingerprint)));
    if folder.is_dir() {
        return Ok(folder);
    }
    fs::create_dir_all(parent).with_context(|| format!("could not create {}", parent.display()))?;
    let lock = File::create(folder.with_extension("lock"))?;
    lock.lock()?;
    if folder.is_dir() {
        return Ok(folder);
    }
    let partial = folder.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    fs::create_dir(&partial)?;
    fill(&partial)?;
    fs::rename(&partial, &folder)?;
    Ok(folder)
}

/// FNV-1a: tells fingerprints apart and needs no dependency.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
