//! What a file or folder looked like, cheaply: enough to see that it changed, without reading it.

use std::{
    collections::BTreeMap,
    fs::{self, Metadata},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Files by path: the path itself if it is one, the entries if it is a folder, nothing if there is nothing. Symbolic links
/// are followed, so that a link that was pointed elsewhere shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp(BTreeMap<PathBuf, Seen>);

/// Any change of contents, by writing or by replacing the file, changes one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    device: u64,
    inode: u64,
    len: u64,
    modified_ns: i128,
    changed_ns: i128,
}

impl Stamp {
    pub(crate) fn of(path: &Path) -> Self {
        let mut seen = BTreeMap::new();
        if let Ok(metadata) = fs::metadata(path) {
            if metadata.is_dir() {
                for entry in fs::read_dir(path).into_iter().flatten().flatten() {
                    let path = entry.path();
                    if let Ok(metadata) = fs::metadata(&path) {
                        seen.insert(path, Seen::of(&metadata));
                    }
                }
            } else {
                seen.insert(path.to_owned(), Seen::of(&metadata));
            }
        }
        Self(seen)
    }

    /// Paths that are new, gone or different in `now`.
    pub(crate) fn changed<'a>(&'a self, now: &'a Self) -> impl Iterator<Item = &'a PathBuf> {
        let new_or_different = now.0.iter().filter(|(path, seen)| self.0.get(*path) != Some(seen));
        let gone = self.0.keys().filter(|path| !now.0.contains_key(*path));
        new_or_different.map(|(path, _)| path).chain(gone)
    }
}

impl Seen {
    fn of(metadata: &Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            len: metadata.len(),
            modified_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}
