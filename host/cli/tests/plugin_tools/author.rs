//! An author at work: a folder, and commands typed in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use xtask::workspace;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_portcullis");

/// A plugin's folder. Where it lies is the same in each run, so that cargo finds what it has built.
pub(crate) struct Author {
    pub(crate) folder: PathBuf,
}

impl Author {
    /// A new plugin on the SDK of this checkout, which all tests share, so that it is built once.
    pub(crate) fn new(name: &str, hooks: &str) -> Self {
        let sdk = workspace::root().join("plugin-sdk");
        Self::with(name, &["--hook", hooks, "--sdk", &sdk.display().to_string()])
    }

    /// A new plugin made with these arguments.
    pub(crate) fn with(name: &str, arguments: &[&str]) -> Self {
        let room = room();
        let folder = room.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let made = command(&room)
            .args(["plugin", "new", name])
            .args(arguments)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", said(&made));
        Self { folder }
    }

    /// The binary with these arguments in the plugin's folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.folder);
        command.args(arguments);
        command
    }

    /// What it prints, if it succeeds.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        said(&output)
    }

    /// What it complains, and it must.
    pub(crate) fn fail(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}: {}", said(&output));
        said(&output)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.join(file), text).unwrap();
    }

    /// Replaces `from`, which must be there.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{from:?} is not in\n{text}");
        self.write(file, &text.replace(from, to));
    }
}

/// The component of a plugin that several tests look at, built once.
pub(crate) fn both_hooks() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let author = Author::new("both-hooks", "status,route");
        author.run(&["plugin", "build", "--into", "plugins"]);
        author.folder.join("plugins/both-hooks.wasm")
    })
}

/// The binary in a folder, with one target folder for every plugin.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command
        .current_dir(folder)
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-crates"),
        )
        .env("CARGO_NET_RETRY", "5")
        .env("NO_COLOR", "1")
        .env_remove("PORTCULLIS_LOG");
    command
}

/// A folder for plugins' folders.
pub(crate) fn room() -> PathBuf {
    let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-tools");
    fs::create_dir_all(&room).unwrap();
    room
}

pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
