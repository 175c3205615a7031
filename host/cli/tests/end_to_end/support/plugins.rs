//! Built plugins, examples and fixtures, and the ways in which their files arrive in a plugin folder.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use xtask::examples::Example;

/// A built component by file name, for example `router.wasm`.
pub(crate) fn built(file: &str) -> PathBuf {
    if let Some(example) = Example::ALL.into_iter().find(|example| example.file() == file) {
        return example.build().expect("the example builds");
    }
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| xtask::plugins::build().expect("the plugins build"));
    let path = folder.join(file);
    assert!(path.exists(), "no {file} in {}", folder.display());
    path
}

/// Puts a file in place at once, as a careful operator does: written beside it, then renamed over it.
pub(crate) fn put(target: &Path, content: &[u8]) {
    let beside = target.with_extension("new");
    fs::write(&beside, content).expect("the folder can be written");
    fs::rename(beside, target).expect("the folder can be written");
}

/// Puts a built component in place at once.
pub(crate) fn install(file: &str, target: &Path) {
    put(target, &fs::read(built(file)).expect("a built component can be read"));
}

/// A built component as another build of it would be: the same but for a custom section, so that its hash differs.
pub(crate) fn rebuilt(file: &str, number: u8) -> Vec<u8> {
    const CUSTOM_SECTION: u8 = 0;
    let component = fs::read(built(file)).expect("a built component can be read");
    [&component[..], &[CUSTOM_SECTION, 6, 4], b"note", &[number]].concat()
}
