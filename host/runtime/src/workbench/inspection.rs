//! What a component tells without being run.

use super::memory::{self, Memory};
use crate::error::LoadError;
use crate::grants::{self, Needed};
use crate::hook::Hook;
use crate::inspect as checks;
use crate::inspect::{PACKAGE, Surface, interface_of};
use crate::pins::Digest;

/// A component, looked at from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// Of the file.
    pub size_bytes: u64,
    /// Of the file, in hexadecimal: what a `sha256` pin would say.
    pub sha256: String,
    /// Version of the contract that it was built for.
    pub contract: String,
    /// Hooks that it exports.
    pub hooks: Vec<Hook>,
    /// The grants that it needs for what it imports and exports, each once, as they would be written.
    pub grants: Vec<&'static str>,
    /// What it imports, WASI included.
    pub imports: Vec<Import>,
    /// Linear memory that it declares.
    pub memory: Memory,
}

/// Something that a component imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// As the component names it, for example `portcullis:plugin/log@0.1.0`.
    pub name: String,
    /// The grant that it needs, as it would be written; absent: none.
    pub grant: Option<&'static str>,
}

/// Looks at a component. Fails where no host of this version would even compile it.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, LoadError> {
    let surface = checks::inspect(bytes)?;
    Ok(Inspection {
        size_bytes: bytes.len() as u64,
        sha256: Digest::of(bytes).to_string(),
        contract: contract(&surface),
        hooks: surface.hooks(),
        grants: needed(&surface),
        memory: memory::declared(bytes),
        imports: surface.imports.into_iter().map(import).collect(),
    })
}

fn import(name: String) -> Import {
    let needed = interface_of(&name).and_then(grants::to_import);
    Import {
        grant: needed.map(|needed| needed.example),
        name,
    }
}

fn needed(surface: &Surface) -> Vec<&'static str> {
    let of = |names: &[String], needed: fn(&str) -> Option<Needed>| -> Vec<_> {
        let interfaces = names.iter().filter_map(|name| interface_of(name));
        interfaces.filter_map(needed).map(|needed| needed.example).collect()
    };
    let mut grants = of(&surface.imports, grants::to_import);
    grants.append(&mut of(&surface.exports, grants::to_export));
    grants.sort_unstable();
    grants.dedup();
    grants
}

/// All names agree as far as a host takes them; the newest patch is what the component needs.
fn contract(surface: &Surface) -> String {
    let names = surface.imports.iter().chain(&surface.exports);
    let versions = names
        .filter(|name| name.starts_with(PACKAGE))
        .filter_map(|name| semver::Version::parse(name.rsplit_once('@')?.1).ok());
    versions.max().map(|version| version.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inspection_names_hooks_imports_and_the_grants_they_need() {
        let component = wat::parse_str(
            r#"(component
                (import "portcullis:plugin/log@0.1.0" (instance))
                (import "portcullis:plugin/sql@0.1.0" (instance))
                (import "wasi:clocks/wall-clock@0.2.3" (instance))
                (core module (memory 2 5))
                (instance $nothing)
                (export "portcullis:plugin/lifecycle@0.1.0" (instance $nothing))
                (export "portcullis:plugin/route@0.1.0" (instance $nothing))
                (export "portcullis:plugin/packet@0.1.0" (instance $nothing))
            )"#,
        )
        .unwrap();
        let found = inspect(&component).unwrap();
        assert_eq!(found.size_bytes, component.len() as u64);
        assert_eq!(
            (&*found.contract, &*found.hooks),
            ("0.1.0", &[Hook::Route, Hook::Packet][..])
        );
        let imports: Vec<_> = found.imports.iter().map(|i| (&*i.name, i.grant)).collect();
        assert_eq!(
            imports,
            [
                ("portcullis:plugin/log@0.1.0", None),
                ("portcullis:plugin/sql@0.1.0", Some("sql")),
                ("wasi:clocks/wall-clock@0.2.3", None),
            ]
        );
        assert_eq!(found.grants, ["packets", "sql"]);
        assert_eq!(found.memory.initial_bytes, 2 << 16);
        assert_eq!(found.memory.maximum_bytes, Some(5 << 16));
    }
}
