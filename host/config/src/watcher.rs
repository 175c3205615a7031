//! Says when files or folders change, however they change: written in place, renamed over, deleted and recreated, behind
//! a symbolic link, or in a folder that does not exist yet.
//!
//! The kernel's notifications only wake the thread and name files that were written; the truth is a comparison of what is
//! there with what was there. So lost, merged or misleading notifications cost at most [`RECHECK`], and none are needed on
//! file systems that have none.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode},
};

use crate::stamp::Stamp;

/// Silence after which a change counts as finished: editors and copying programs touch a file several times.
const DEBOUNCE: Duration = Duration::from_millis(100);
/// Longest a change is held back while more keep coming.
const DEBOUNCE_AT_MOST: Duration = Duration::from_secs(1);
/// Between two looks without a notification: NFS and some container mounts send none, nor does a renamed folder further up.
const RECHECK: Duration = Duration::from_secs(2);

/// Watches files and folders until dropped. Folders are watched for their entries, not for those of folders in them.
pub struct Watcher {
    shared: Arc<Shared>,
    wake: mpsc::Sender<Wake>,
    thread: Option<thread::JoinHandle<()>>,
}

/// Why files cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The system's limit of watches (`fs.inotify.max_user_instances`, `max_user_watches`) is reached.
    #[error("files cannot be watched: {0}")]
    Notify(#[from] notify::Error),
    /// The system's limit of threads is reached.
    #[error("no thread to watch files with: {0}")]
    Thread(#[source] io::Error),
    /// A relative path, and the working folder is gone.
    #[error("`{}` has no absolute path: {cause}", .path.display())]
    Path {
        /// As given.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
}

impl Watcher {
    /// Calls `on_change` from a thread of its own with the files that changed, spelt as under the paths given: for a folder
    /// the entries that are new, gone or written. Paths need not exist. Changes are gathered until there is silence for
    /// 100 ms, a second at most; a call may name a file that has been written with what it had before.
    ///
    /// A change before this returns is not reported: create the watcher first, then read the files.
    pub fn new(
        paths: impl IntoIterator<Item = PathBuf>,
        on_change: impl Fn(Vec<PathBuf>) + Send + 'static,
    ) -> Result<Self, WatchError> {
        let (wake, woken) = mpsc::channel();
        let to_thread = wake.clone();
        let notifier = notify::recommended_watcher(move |event| {
            // Fails only after the watcher is gone.
            let _ = to_thread.send(Wake::Event(event));
        })?;
        let state = State {
            notifier,
            armed: BTreeMap::new(),
            watched: BTreeMap::new(),
        };
        let shared = Arc::new(Shared(Mutex::new(state)));
        shared.lock().watch(paths)?;
        let for_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("watcher".into())
            .spawn(move || run(&for_thread, &woken, on_change))
            .map_err(WatchError::Thread)?;
        Ok(Self {
            shared,
            wake,
            thread: Some(thread),
        })
    }

    /// Watches these paths and no others from now on. What happens to a path that was watched before is not missed.
    pub fn watch(&mut self, paths: impl IntoIterator<Item = PathBuf>) -> Result<(), WatchError> {
        self.shared.lock().watch(paths)
    }
}

impl Drop for Watcher {
    /// `on_change` is not called after this, unless it is what drops the watcher.
    fn drop(&mut self) {
        let _ = self.wake.send(Wake::Stop);
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

enum Wake {
    Event(notify::Result<Event>),
    Stop,
}

struct Shared(Mutex<State>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct State {
    notifier: RecommendedWatcher,
    /// Folders with a kernel watch, and which folder (device, inode) it is on.
    armed: BTreeMap<PathBuf, (u64, u64)>,
    /// By absolute path: as given, and as last seen.
    watched: BTreeMap<PathBuf, (PathBuf, Stamp)>,
}

impl State {
    fn watch(&mut self, paths: impl IntoIterator<Item = PathBuf>) -> Result<(), WatchError> {
        let mut watched = BTreeMap::new();
        for path in paths {
            let absolute = std::path::absolute(&path).map_err(|cause| WatchError::Path {
                path: path.clone(),
                cause,
            })?;
            let before = self.watched.remove(&absolute).map(|(_, stamp)| stamp);
            let is_new = before.is_none();
            watched.insert(absolute, (path, before.unwrap_or_default(), is_new));
        }
        let is_new: Vec<PathBuf> = watched
            .iter()
            .filter(|(_, (_, _, is_new))| *is_new)
            .map(|(path, _)| path.clone())
            .collect();
        self.watched = watched
            .into_iter()
            .map(|(path, (given, stamp, _))| (path, (given, stamp)))
            .collect();
        let armed = self.arm();
        for path in is_new {
            if let Some((_, stamp)) = self.watched.get_mut(&path) {
                *stamp = Stamp::of(&path);
            }
        }
        Ok(armed?)
    }

    /// Puts a kernel watch on each watched folder and on the nearest existing folder above each path: there a missing or
    /// replaced one will appear. Returns the last failure, having armed what can be.
    fn arm(&mut self) -> notify::Result<()> {
        let mut wanted = BTreeMap::new();
        for path in self.watched.keys() {
            let above = path
                .ancestors()
                .skip(1)
                .find_map(|folder| Some((folder.to_owned(), folder_id(folder)?)));
            let itself = folder_id(path).map(|id| (path.clone(), id));
            wanted.extend(above.into_iter().chain(itself));
        }
        let stale: Vec<PathBuf> = self
            .armed
            .iter()
            .filter(|(path, id)| wanted.get(*path) != Some(id))
            .map(|(path, _)| path.clone())
            .collect();
        for path in stale {
            self.armed.remove(&path);
            // Already gone with its folder, perhaps.
            let _ = self.notifier.unwatch(&path);
        }
        let mut outcome = Ok(());
        for (path, id) in wanted {
            if !self.armed.contains_key(&path) {
                match self.notifier.watch(&path, RecursiveMode::NonRecursive) {
                    Ok(()) => {
                        self.armed.insert(path, id);
                    }
                    Err(error) => outcome = Err(error),
                }
            }
        }
        outcome
    }

    /// Looks at everything, and returns what is not as it was, together with `written`, spelt as given.
    fn look(&mut self, written: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        // First the watches, then the look: what happens between the two shows in the look.
        if let Err(error) = self.arm() {
            tracing::debug!(%error, "a folder cannot be watched, looked at it now and then instead");
        }
        let mut changed = BTreeSet::new();
        for (path, (given, stamp)) in &mut self.watched {
            let now = Stamp::of(path);
            let within = written
                .iter()
                .filter(|file| *file == path || file.parent() == Some(path));
            for file in stamp.changed(&now).chain(within) {
                changed.insert(match file.strip_prefix(path) {
                    Ok(below) if !below.as_os_str().is_empty() => given.join(below),
                    _ => given.clone(),
                });
            }
            *stamp = now;
        }
        changed
    }
}

fn run(shared: &Shared, woken: &mpsc::Receiver<Wake>, on_change: impl Fn(Vec<PathBuf>)) {
    let mut next_look = Instant::now() + RECHECK;
    loop {
        let mut written = BTreeSet::new();
        match woken.recv_timeout(next_look.saturating_duration_since(Instant::now())) {
            Ok(Wake::Event(event)) => {
                if !note(&event, &mut written) {
                    continue;
                }
                if !wait_for_silence(woken, &mut written) {
                    return;
                }
            }
            Ok(Wake::Stop) | Err(mpsc::RecvTimeoutError::Disconnected) => return,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        let changed = shared.lock().look(&written);
        next_look = Instant::now() + RECHECK;
        // Without the lock, since whoever is told may want to watch something else.
        if !changed.is_empty() {
            on_change(changed.into_iter().collect());
        }
    }
}

/// Gathers events until there are no more for a while; returns whether to go on at all.
fn wait_for_silence(woken: &mpsc::Receiver<Wake>, written: &mut BTreeSet<PathBuf>) -> bool {
    let at_the_latest = Instant::now() + DEBOUNCE_AT_MOST;
    loop {
        let patience = DEBOUNCE.min(at_the_latest.saturating_duration_since(Instant::now()));
        match woken.recv_timeout(patience) {
            Ok(Wake::Event(event)) => {
                note(&event, written);
                if patience.is_zero() {
                    return true;
                }
            }
            Ok(Wake::Stop) | Err(mpsc::RecvTimeoutError::Disconnected) => return false,
            Err(mpsc::RecvTimeoutError::Timeout) => return true,
        }
    }
}

/// Whether an event may mean a change; files that were written join `written`.
fn note(event: &notify::Result<Event>, written: &mut BTreeSet<PathBuf>) -> bool {
    match event {
        Ok(event) => match event.kind {
            // Ours and others' reading.
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
            EventKind::Access(_) => false,
            // Also a write that leaves length and, within the clock's resolution, time as they were.
            EventKind::Modify(_) => {
                written.extend(event.paths.iter().cloned());
                true
            }
            _ => true,
        },
        // Lost events, a vanished folder: a look tells.
        Err(_) => true,
    }
}

fn folder_id(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    metadata.is_dir().then(|| (metadata.dev(), metadata.ino()))
}
