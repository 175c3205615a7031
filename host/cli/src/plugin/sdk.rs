//! What the binary carries for new plugins: the SDK's sources and the contract, packed when it was built.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

include!(concat!(env!("OUT_DIR"), "/sdk.rs"));

/// Writes files given by path and text below a folder.
pub(crate) fn unpack(files: &[(&str, impl AsRef<[u8]>)], folder: &Path) -> anyhow::Result<()> {
    for (path, text) in files {
        let file = folder.join(path);
        let written = file
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&file, text));
        written.with_context(|| {
            format!(
                "cannot write {}; see whether there is room, and who may write there",
                file.display()
            )
        })?;
    }
    Ok(())
}
