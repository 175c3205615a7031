//! All providers of one configuration, and the one way to load them.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    Config,
    document::Document,
    error::{ConfigError, Location, sorted},
    merge::merge,
    provider::{Fragment, Provider},
    servers_dir::ServersDir,
    toml_file::TomlFile,
};

/// Where one configuration comes from: its file, and the folder of servers that the file names. Loads as often as one likes.
#[derive(Debug)]
pub struct Sources {
    file: TomlFile,
    /// Positions in the file as it was last read.
    last: Mutex<Option<Arc<Document>>>,
}

impl Sources {
    /// `path` is `portcullis.toml`, under whatever name. Nothing is read yet.
    pub fn new(path: &Path) -> Self {
        Self {
            file: TomlFile::new(path),
            last: Mutex::new(None),
        }
    }

    /// Reads everything. Either all is right, or all problems are returned, by file and line. Blocks on the file system.
    pub fn load(&self) -> Result<Config, Vec<ConfigError>> {
        let (main, document, mut problems) = self.file.read();
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(document);
        let mut fragments = vec![main];
        for provider in self.others(fragments.first()) {
            let (fragment, found) = provider.load();
            fragments.push(fragment);
            problems.extend(found);
        }
        finish(fragments, problems)
    }

    /// Files and folders whose change means that [`Self::load`] should be called again. `config` is what it last returned.
    pub fn watched(&self, config: &Config) -> Vec<PathBuf> {
        let mut paths = self.file.watched();
        paths.extend(ServersDir::new(&config.host.servers_dir).watched());
        paths
    }

    /// The line of a value in a plugin's `config`, or the nearest thing around it, as the file was when last loaded: for
    /// problems that only show against the schema that the plugin declares. `pointer` is a JSON pointer (RFC 6901), empty
    /// for the whole configuration. Nothing if the file has no such plugin.
    pub fn locate(&self, plugin: &str, pointer: &str) -> Option<Location> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let document = last.as_ref()?;
        let table = format!("/plugins/{plugin}");
        document
            .has(&table)
            .then(|| document.locate(&format!("{table}/config{pointer}")))
    }

    /// Where a host with this configuration listens for `portcullis ctl`, whatever is wrong with the file by now: that host
    /// may have been started before. Nothing if the file does not even tell that.
    pub fn control_socket(&self) -> Option<PathBuf> {
        let (main, _, _) = self.file.read();
        main.host.map(|host| host.control)
    }

    /// The plugin folder, whatever is wrong with the rest of the file. Nothing if the file does not even tell that.
    pub fn plugin_dir(&self) -> Option<PathBuf> {
        let (main, _, _) = self.file.read();
        main.host.map(|host| host.plugin_dir)
    }

    /// The providers that the main file asks for.
    fn others(&self, main: Option<&Fragment>) -> Vec<Box<dyn Provider>> {
        let host = main.and_then(|main| main.host.as_ref());
        host.into_iter()
            .map(|host| Box::new(ServersDir::new(&host.servers_dir)) as Box<dyn Provider>)
            .collect()
    }
}

/// Loads the configuration file at `path` and what it refers to: [`Sources::load`] for those who need it once.
pub fn load(path: &Path) -> Result<Config, Vec<ConfigError>> {
    Sources::new(path).load()
}

/// What [`load`] would return if the file at `path` contained `text` and there were no other providers.
pub fn parse(path: &Path, text: &str) -> Result<Config, Vec<ConfigError>> {
    let (fragment, _, problems) = TomlFile::new(path).parse(text);
    finish(vec![fragment], problems)
}

fn finish(fragments: Vec<Fragment>, mut problems: Vec<ConfigError>) -> Result<Config, Vec<ConfigError>> {
    match merge(fragments, &mut problems) {
        Some(config) if problems.is_empty() => Ok(config),
        _ => Err(sorted(problems)),
    }
}
