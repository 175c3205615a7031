//! A folder of more servers: `servers.d/*.toml`, for programs that write one file per server.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    document::{Document, Place},
    error::{ConfigError, Problem},
    provider::{Fragment, Provider},
    schema,
    server::RawServer,
    toml_file::{located, parse},
};

/// Provides the `[[server]]` tables of every `*.toml` file in a folder, in the order of their names. A folder that does not
/// exist provides nothing; hidden files are left alone, since editors and synchronising programs write those first.
#[derive(Clone, Debug)]
pub struct ServersDir {
    folder: PathBuf,
}

/// A file in `servers-dir`.
#[derive(Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct RawServersFile {
    server: Vec<RawServer>,
}

impl ServersDir {
    /// The folder need not exist.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let hidden = path
                .file_name()
                .is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
            if !hidden && path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

impl Provider for ServersDir {
    fn name(&self) -> &str {
        "servers-dir"
    }

    fn watched(&self) -> Vec<PathBuf> {
        vec![self.folder.clone()]
    }

    fn load(&self) -> (Fragment, Vec<ConfigError>) {
        let mut fragment = Fragment::default();
        let mut problems = Vec::new();
        let unreadable =
            |file: &Path, error: &io::Error| Place::root(Document::empty(file)).problem(Problem::unreadable(error));
        let files = match self.files() {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return (fragment, vec![unreadable(&self.folder, &error)]),
        };
        for file in files {
            let text = match fs::read_to_string(&file) {
                Ok(text) => text,
                // Deleted since the folder was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    problems.push(unreadable(&file, &error));
                    continue;
                }
            };
            let parsed = parse::<RawServersFile>(&file, &text, schema::servers_file(), &mut problems);
            if let Some((raw, shaped, root)) = parsed {
                fragment
                    .servers
                    .extend(located(&shaped, &root.key("server"), raw.server, |raw, place| {
                        raw.validate(place, &mut problems)
                    }));
            }
        }
        (fragment, problems)
    }
}
