//! The watcher, with real files. Each test waits for what it expects, never for time to pass.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::Write,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{Mutex, mpsc},
    time::Duration,
};

use portcullis_config::Watcher;

/// Far beyond what a notification takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

struct Watched {
    watcher: Watcher,
    told: mpsc::Receiver<Vec<PathBuf>>,
}

impl Watched {
    fn new(paths: &[&Path]) -> Self {
        let (tell, told) = mpsc::channel();
        let on_change = move |changed| {
            let _ = tell.send(changed);
        };
        Self {
            watcher: Watcher::new(owned(paths), on_change).unwrap(),
            told,
        }
    }

    /// What the next call names.
    fn next(&self) -> Vec<PathBuf> {
        self.told.recv_timeout(PATIENCE).expect("a change to be told")
    }

    /// Waits for a call that names a path; returns all that was named up to then.
    fn until(&self, path: &Path) -> Vec<PathBuf> {
        let mut named = Vec::new();
        while !named.iter().any(|known| known == path) {
            named.extend(self.next());
        }
        named
    }
}

fn owned(paths: &[&Path]) -> Vec<PathBuf> {
    paths.iter().map(|path| path.to_path_buf()).collect()
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

#[test]
fn a_file_written_in_place_is_named_and_its_neighbours_are_not() {
    let (_guard, folder) = folder();
    let file = folder.join("portcullis.toml");
    fs::write(&file, "one").unwrap();
    let watched = Watched::new(&[&file]);
    fs::write(folder.join("neighbour"), "x").unwrap();
    fs::write(&file, "two").unwrap();
    let named = watched.until(&file);
    assert!(named.iter().all(|path| *path == file), "{named:?}");
}

#[test]
fn a_file_renamed_over_is_named_each_time() {
    let (_guard, folder) = folder();
    let file = folder.join("portcullis.toml");
    fs::write(&file, "0").unwrap();
    let watched = Watched::new(&[&file]);
    for round in 1..4 {
        let fresh = folder.join(".portcullis.toml.new");
        fs::write(&fresh, round.to_string()).unwrap();
        fs::rename(&fresh, &file).unwrap();
        watched.until(&file);
    }
}

#[test]
fn a_file_moved_away_and_written_anew_as_editors_do_is_named() {
    let (_guard, folder) = folder();
    let file = folder.join("portcullis.toml");
    fs::write(&file, "old").unwrap();
    let watched = Watched::new(&[&file]);
    fs::rename(&file, folder.join("portcullis.toml~")).unwrap();
    fs::write(&file, "new").unwrap();
    watched.until(&file);
}

#[test]
fn a_partial_write_is_followed_by_a_call_when_it_is_complete() {
    let (_guard, folder) = folder();
    let file = folder.join("router.wasm");
    let (tell, told) = mpsc::channel();
    let read = file.clone();
    let _watcher = Watcher::new([folder.clone()], move |_| {
        let _ = tell.send(fs::read_to_string(&read).unwrap_or_default());
    })
    .unwrap();
    let mut writing = fs::File::create(&file).unwrap();
    writing.write_all(b"half").unwrap();
    while told.recv_timeout(PATIENCE).unwrap() != "half" {}
    writing.write_all(b" and half").unwrap();
    drop(writing);
    while told.recv_timeout(PATIENCE).unwrap() != "half and half" {}
}

#[test]
fn a_write_that_leaves_length_and_time_as_they_were_is_named() {
    let (_guard, folder) = folder();
    let file = folder.join("portcullis.toml");
    fs::write(&file, "a = 1").unwrap();
    let modified = fs::metadata(&file).unwrap().modified().unwrap();
    let watched = Watched::new(&[&file]);
    fs::write(&file, "a = 2").unwrap();
    fs::File::options()
        .append(true)
        .open(&file)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    watched.until(&file);
}

#[test]
fn a_deleted_file_is_named_and_so_is_its_return() {
    let (_guard, folder) = folder();
    let file = folder.join("portcullis.toml");
    fs::write(&file, "x").unwrap();
    let watched = Watched::new(&[&file]);
    fs::remove_file(&file).unwrap();
    watched.until(&file);
    fs::write(&file, "x").unwrap();
    watched.until(&file);
}

#[test]
fn a_folders_entries_are_named_when_they_come_change_and_go() {
    let (_guard, folder) = folder();
    let (old, new) = (folder.join("old.wasm"), folder.join("new.wasm"));
    fs::write(&old, "x").unwrap();
    let watched = Watched::new(&[&folder]);
    fs::write(&new, "x").unwrap();
    watched.until(&new);
    fs::write(&new, "xx").unwrap();
    watched.until(&new);
    fs::remove_file(&old).unwrap();
    watched.until(&old);
}

#[test]
fn a_folder_that_does_not_exist_yet_is_watched_from_its_birth() {
    let (_guard, folder) = folder();
    let late = folder.join("a/b/servers.d");
    let watched = Watched::new(&[&late]);
    fs::create_dir_all(&late).unwrap();
    fs::write(late.join("1.toml"), "x").unwrap();
    watched.until(&late.join("1.toml"));
    fs::write(late.join("2.toml"), "x").unwrap();
    watched.until(&late.join("2.toml"));
}

#[test]
fn a_file_in_a_folder_that_does_not_exist_yet_is_named() {
    let (_guard, folder) = folder();
    let file = folder.join("etc/portcullis/portcullis.toml");
    let watched = Watched::new(&[&file]);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "x").unwrap();
    watched.until(&file);
}

#[test]
fn a_folder_deleted_and_recreated_is_watched_again() {
    let (_guard, folder) = folder();
    let plugins = folder.join("plugins");
    fs::create_dir(&plugins).unwrap();
    fs::write(plugins.join("a.wasm"), "x").unwrap();
    let watched = Watched::new(&[&plugins]);
    fs::remove_dir_all(&plugins).unwrap();
    watched.until(&plugins.join("a.wasm"));
    fs::create_dir(&plugins).unwrap();
    fs::write(plugins.join("b.wasm"), "x").unwrap();
    watched.until(&plugins.join("b.wasm"));
    fs::write(plugins.join("c.wasm"), "x").unwrap();
    watched.until(&plugins.join("c.wasm"));
}

#[test]
fn a_folder_replaced_by_another_is_compared_and_watched() {
    let (_guard, folder) = folder();
    let (plugins, other) = (folder.join("plugins"), folder.join("other"));
    fs::create_dir(&plugins).unwrap();
    fs::create_dir(&other).unwrap();
    fs::write(other.join("b.wasm"), "x").unwrap();
    let watched = Watched::new(&[&plugins]);
    fs::rename(&plugins, folder.join("gone")).unwrap();
    fs::rename(&other, &plugins).unwrap();
    watched.until(&plugins.join("b.wasm"));
    fs::write(plugins.join("c.wasm"), "x").unwrap();
    watched.until(&plugins.join("c.wasm"));
}

#[test]
fn a_symbolic_link_pointed_elsewhere_is_a_change_of_what_it_leads_to() {
    // As a mounted ConfigMap is updated: the file is a link into a link to a folder, and the folder's link is replaced.
    let (_guard, folder) = folder();
    for (version, text) in [("v1", "one"), ("v2", "two")] {
        fs::create_dir(folder.join(version)).unwrap();
        fs::write(folder.join(version).join("portcullis.toml"), text).unwrap();
    }
    symlink("v1", folder.join("data")).unwrap();
    let file = folder.join("portcullis.toml");
    symlink("data/portcullis.toml", &file).unwrap();
    let watched = Watched::new(&[&file]);
    symlink("v2", folder.join("fresh")).unwrap();
    fs::rename(folder.join("fresh"), folder.join("data")).unwrap();
    watched.until(&file);
}

#[test]
fn reading_is_no_change() {
    let (_guard, folder) = folder();
    let (read, written) = (folder.join("read"), folder.join("written"));
    fs::write(&read, "x").unwrap();
    let watched = Watched::new(&[&folder]);
    assert_eq!(fs::read_to_string(&read).unwrap(), "x");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    fs::write(&written, "x").unwrap();
    let named = watched.until(&written);
    assert!(!named.contains(&read), "{named:?}");
}

#[test]
fn paths_are_spelt_as_they_were_given() {
    let (_guard, folder) = folder();
    fs::create_dir(folder.join("etc")).unwrap();
    let file = folder.join("etc/./portcullis.toml");
    let watched = Watched::new(&[&file]);
    fs::write(&file, "x").unwrap();
    assert_eq!(watched.next()[0].as_os_str(), file.as_os_str());
}

#[test]
fn other_paths_can_be_watched_without_missing_a_change_of_those_that_stay() {
    let (_guard, folder) = folder();
    let [stays, goes, comes] = ["stays", "goes", "comes"].map(|name| folder.join(name));
    let mut watched = Watched::new(&[&stays, &goes]);
    fs::write(&stays, "x").unwrap();
    watched.watcher.watch(owned(&[&stays, &comes])).unwrap();
    watched.until(&stays);
    fs::write(&goes, "x").unwrap();
    fs::write(&comes, "x").unwrap();
    let named = watched.until(&comes);
    assert!(!named.contains(&goes), "{named:?}");
}

#[test]
fn whoever_is_told_may_watch_something_else() {
    let (_guard, folder) = folder();
    let (first, second) = (folder.join("first"), folder.join("second"));
    let (tell, told) = mpsc::channel();
    let watcher: &'static Mutex<Option<Watcher>> = Box::leak(Box::default());
    let next = second.clone();
    let on_change = move |changed| {
        if let Some(watcher) = watcher.lock().unwrap().as_mut() {
            watcher.watch([next.clone()]).unwrap();
        }
        let _ = tell.send(changed);
    };
    *watcher.lock().unwrap() = Some(Watcher::new([first.clone()], on_change).unwrap());
    fs::write(&first, "x").unwrap();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), [first]);
    fs::write(&second, "x").unwrap();
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), [second]);
}

#[test]
fn a_dropped_watcher_has_ended() {
    let (_guard, folder) = folder();
    let Watched { watcher, told } = Watched::new(&[&folder]);
    drop(watcher);
    fs::write(folder.join("x"), "x").unwrap();
    assert_eq!(told.recv(), Err(mpsc::RecvError));
}
