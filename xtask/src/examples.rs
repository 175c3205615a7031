//! Builds the plugins in `examples/plugins`, each with its language's own tools, as its README says.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{kept, plugins, process, tools, workspace};

/// What builds by hand leave behind in a folder of sources.
const LEFT_BEHIND: [&str; 3] = ["node_modules", "target", "__pycache__"];
/// Files of these kinds make no component: one by hand, and the README.
const NOT_SOURCES: [&str; 2] = ["wasm", "md"];

/// A plugin that is built from the published contract alone, without anything else of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Example {
    /// Rust, with `wit-bindgen`.
    FirstRoute,
    /// JavaScript, with `componentize-js`.
    ByHour,
    /// Python, with `componentize-py`.
    ByNetwork,
    /// C, with `wit-bindgen`, Zig and `jco`.
    VersionGate,
}

/// Builds all of them and prints the files.
pub fn run() -> Result<()> {
    for file in build_all()? {
        println!("{}", file.display());
    }
    Ok(())
}

/// Builds all of them.
pub fn build_all() -> Result<Vec<PathBuf>> {
    Example::ALL.into_iter().map(Example::build).collect()
}

impl Example {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::FirstRoute, Self::ByHour, Self::ByNetwork, Self::VersionGate];

    /// The component's file name.
    pub fn file(self) -> String {
        format!("{}.wasm", self.name())
    }

    /// The plugin's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstRoute => "first-route",
            Self::ByHour => "by-hour",
            Self::ByNetwork => "by-network",
            Self::VersionGate => "version-gate",
        }
    }

    /// The component. Built and its tools installed only when that has not been done for these sources: else quick, and safe to
    /// call from several processes at once.
    pub fn build(self) -> Result<PathBuf> {
        let (name, sources) = (self.name(), self.sources()?);
        let parent = workspace::target_dir(workspace::root())?.join("examples");
        let file = self.file();
        let folder = kept::folder(&parent, name, &self.fingerprint(&sources)?, |folder| {
            eprintln!("building {name} into {}", parent.display());
            let place = folder.join("build");
            copy(&sources, &place)?;
            let built = self.build_in(&place, &folder.join(&file));
            built.with_context(|| format!("the example {name} does not build"))?;
            Ok(fs::remove_dir_all(place)?)
        })?;
        Ok(folder.join(file))
    }

    fn folder(self) -> PathBuf {
        workspace::root().join("examples/plugins").join(match self {
            Self::FirstRoute => "first-route",
            Self::ByHour => "javascript",
            Self::ByNetwork => "python",
            Self::VersionGate => "c",
        })
    }

    /// The example's own files.
    fn sources(self) -> Result<Vec<Source>> {
        let mut sources = Vec::new();
        collect(&self.folder(), Path::new(""), &mut sources)?;
        sources.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(sources)
    }

    /// What the component is made of. Tools are pinned among the sources, but for some of C's.
    fn fingerprint(self, sources: &[Source]) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for Source { path, content } in sources {
            bytes.extend(path.as_os_str().as_encoded_bytes());
            // Lengths keep one file's end from passing as another's beginning.
            bytes.extend(content.len().to_le_bytes());
            bytes.extend(content);
        }
        if self == Self::VersionGate {
            bytes.extend(tools::WIT_BINDGEN.as_bytes());
            bytes.extend(fs::read(Self::ByHour.folder().join("package-lock.json"))?);
        }
        Ok(bytes)
    }

    /// Runs the example's own build, in a copy of its folder, as somebody would who has copied it elsewhere.
    fn build_in(self, place: &Path, component: &Path) -> Result<()> {
        let mut build = match self {
            Self::FirstRoute => return build_rust(place, component),
            Self::ByHour => {
                // Node looks for packages beside the program, and nowhere else.
                std::os::unix::fs::symlink(self.node_modules()?, place.join("node_modules"))?;
                let mut node = Command::new("node");
                node.arg("build.js");
                node
            }
            Self::ByNetwork => {
                let packages = tools::requirements("componentize-py", &self.folder())?;
                let mut sh = shell(&[&packages.join("bin")])?;
                sh.env("PYTHONPATH", packages);
                sh
            }
            Self::VersionGate => {
                let packages = tools::requirements("ziglang", &self.folder())?;
                let jco = Self::ByHour.node_modules()?.join(".bin");
                let mut sh = shell(&[&tools::wit_bindgen()?, &jco])?;
                // Zig compiles its C library when it is first asked for it.
                sh.env("PYTHONPATH", packages)
                    .env("ZIG_GLOBAL_CACHE_DIR", tools::scratch("zig")?);
                sh
            }
        };
        build.arg(component).current_dir(place);
        process::output(build).map(|_| ())
    }

    fn node_modules(self) -> Result<PathBuf> {
        tools::npm("componentize-js", &self.folder())
    }
}

/// The example's `build.sh` with these folders of programs.
fn shell(programs: &[&Path]) -> Result<Command> {
    let present = env::var_os("PATH").unwrap_or_default();
    let mut path: Vec<PathBuf> = programs.iter().map(PathBuf::from).collect();
    path.extend(env::split_paths(&present));
    let path: OsString = env::join_paths(path).context("a tool's folder cannot be put on the PATH")?;
    let mut sh = Command::new("sh");
    sh.arg("build.sh").env("PATH", path);
    Ok(sh)
}

/// Plain cargo, with a target folder that outlives the copy, so that a change compiles no dependency again.
fn build_rust(place: &Path, component: &Path) -> Result<()> {
    plugins::add_target()?;
    let target = workspace::target_dir(workspace::root())?.join("examples/cargo");
    let mut cargo = workspace::cargo(place);
    cargo
        .args(["build", "--quiet", "--locked", "--release", "--target", plugins::TARGET])
        .env("CARGO_TARGET_DIR", &target);
    process::output(cargo)?;
    let built = target.join(plugins::TARGET).join("release/first_route.wasm");
    fs::copy(&built, component).with_context(|| format!("could not copy {}", built.display()))?;
    Ok(())
}

/// A file of an example.
struct Source {
    /// From the example's folder.
    path: PathBuf,
    content: Vec<u8>,
}

/// Follows links: the contract is one, so that there is one contract.
fn collect(folder: &Path, below: &Path, sources: &mut Vec<Source>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let (from, path) = (entry.path(), below.join(entry.file_name()));
        let extension = from.extension().unwrap_or_default();
        if LEFT_BEHIND.iter().any(|name| entry.file_name() == *name)
            || NOT_SOURCES.iter().any(|kind| extension == *kind)
        {
            continue;
        }
        if from.is_dir() {
            collect(&from, &path, sources)?;
        } else {
            let content = fs::read(&from).with_context(|| format!("could not read {}", from.display()))?;
            sources.push(Source { path, content });
        }
    }
    Ok(())
}

fn copy(sources: &[Source], to: &Path) -> Result<()> {
    for Source { path, content } in sources {
        let target = to.join(path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&target, content).with_context(|| format!("could not write {}", target.display()))?;
    }
    Ok(())
}
