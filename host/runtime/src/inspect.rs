//! Reads a component's imports and exports before anything is compiled: is it a plugin, for which version, wanting what?

use wasmparser::{Encoding, Parser, Payload};

use crate::error::LoadError;
use crate::grants::{self, Needed};
use crate::hook::Hook;
use crate::misbuilt;

/// The package that plugins are built against.
pub(crate) const PACKAGE: &str = "portcullis:plugin";

/// The version of the contract in `wit/` that this host speaks.
pub const CONTRACT_VERSION: &str = "0.1.0";

/// Names a component imports and exports, such as `portcullis:plugin/route@0.1.0`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Surface {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

impl Surface {
    /// The hooks among the exports, in the order of a connection's life.
    pub(crate) fn hooks(&self) -> Vec<Hook> {
        let exported = |hook: &Hook| {
            let mut interfaces = self.exports.iter().filter_map(|name| interface_of(name));
            interfaces.any(|interface| interface == hook.label())
        };
        Hook::ALL.into_iter().filter(exported).collect()
    }
}

/// Checks shape and version, and returns the outer component's surface.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Surface, LoadError> {
    let surface = read_surface(bytes)?;
    for name in surface.imports.iter().chain(&surface.exports) {
        check_version(name)?;
    }
    if !surface
        .exports
        .iter()
        .any(|name| interface_of(name) == Some("lifecycle"))
    {
        return Err(LoadError::Contract(misbuilt::without_lifecycle(&surface)));
    }
    Ok(surface)
}

/// Refuses imports and exports that the operator has not granted, and imports that no host offers.
pub(crate) fn check_grants(surface: &Surface, plugin: &str, granted: impl Fn(&str) -> bool) -> Result<(), LoadError> {
    let missing = |does: &'static str, interface: &str, needed: Needed| LoadError::MissingGrant {
        plugin: plugin.to_owned(),
        does,
        interface: interface.to_owned(),
        grant: needed.example,
    };
    for import in surface.imports.iter().filter(|name| !name.starts_with("wasi:")) {
        let interface = interface_of(import);
        match interface.and_then(grants::to_import) {
            Some(needed) if !granted(needed.kind) => return Err(missing("imports", import, needed)),
            Some(needed) if needed.is_offered => {}
            None if interface.is_some_and(|interface| grants::FREE.contains(&interface)) => {}
            _ => return Err(LoadError::UnknownImport(import.clone())),
        }
    }
    for export in &surface.exports {
        match interface_of(export).and_then(grants::to_export) {
            Some(needed) if !granted(needed.kind) => return Err(missing("exports", export, needed)),
            _ => {}
        }
    }
    Ok(())
}

/// All that is done with a file's bytes before they are compiled, without any grant: for the fuzz target and its corpus.
pub fn fuzz_inspect(bytes: &[u8]) -> Result<(), LoadError> {
    check_grants(&inspect(bytes)?, "fuzzed", |_| false)
}

/// `route` of `portcullis:plugin/route@0.1.0`; none for other packages.
pub(crate) fn interface_of(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(PACKAGE)?.strip_prefix('/')?;
    Some(rest.split_once('@').map_or(rest, |(interface, _)| interface))
}

/// What every WebAssembly file begins with.
const MAGIC: &[u8] = b"\0asm";

/// Checks shape alone, and returns the outer component's surface.
pub(crate) fn read_surface(bytes: &[u8]) -> Result<Surface, LoadError> {
    if !bytes.starts_with(MAGIC) {
        return Err(LoadError::NotAComponent(misbuilt::not_webassembly(bytes)));
    }
    let damaged = |e: wasmparser::BinaryReaderError| {
        LoadError::NotAComponent(format!("it is damaged or incomplete: {e}; is it still being written?"))
    };
    let mut surface = Surface::default();
    let mut depth = 0usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(damaged)? {
            Payload::Version {
                encoding: Encoding::Module,
                ..
            } if depth == 0 => {
                return Err(LoadError::NotAComponent(misbuilt::core_module(bytes)));
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    surface.imports.push(import.map_err(damaged)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    surface.exports.push(export.map_err(damaged)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(surface)
}

/// Before 1.0 a minor version may break, so it must be equal; a newer patch may want what this host lacks.
fn check_version(name: &str) -> Result<(), LoadError> {
    if interface_of(name).is_none() {
        return Ok(());
    }
    let wanted = name.rsplit_once('@').map_or("(none)", |(_, version)| version);
    let numbers = |version: &str| -> Option<[u32; 3]> {
        let mut parts = version.split('.').map(str::parse);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(a)), Some(Ok(b)), Some(Ok(c)), None) => Some([a, b, c]),
            _ => None,
        }
    };
    let advice = match (numbers(wanted), numbers(CONTRACT_VERSION)) {
        (Some([a, b, c]), Some([x, y, z])) if (a, b) == (x, y) && c <= z => return Ok(()),
        (Some(wanted), Some(offered)) if wanted > offered => {
            "update the host, or rebuild the plugin for this host's version"
        }
        _ => "rebuild the plugin for this host's version",
    };
    Err(LoadError::Version {
        wanted: wanted.to_owned(),
        offered: CONTRACT_VERSION,
        advice,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(wat: &str) -> Vec<u8> {
        wat::parse_str(wat).unwrap()
    }

    fn message(bytes: &[u8]) -> String {
        inspect(bytes).unwrap_err().to_string()
    }

    #[test]
    fn a_truncated_component_is_damaged() {
        let whole = component(r#"(component (import "portcullis:plugin/log@0.1.0" (instance)))"#);
        assert!(message(&whole[..whole.len() - 3]).contains("damaged or incomplete"));
    }

    #[test]
    fn a_component_without_lifecycle_is_no_plugin() {
        assert!(message(&component("(component)")).contains("portcullis:plugin/lifecycle@0.1.0"));
    }

    #[test]
    fn a_foreign_version_names_both_versions() {
        let text = message(&component(
            r#"(component (import "portcullis:plugin/log@0.2.0" (instance)))"#,
        ));
        assert!(
            text.contains("0.2.0") && text.contains("0.1.0") && text.contains("update the host"),
            "{text}"
        );
    }

    #[test]
    fn an_ungranted_import_names_the_line_to_add() {
        let surface = Surface {
            imports: vec!["portcullis:plugin/control@0.1.0".into()],
            exports: vec![],
        };
        let text = check_grants(&surface, "kicker", |_| false).unwrap_err().to_string();
        assert!(text.contains(r#"[plugins.kicker]: grants = ["control"]"#), "{text}");
    }

    #[test]
    fn an_export_that_sees_what_players_do_needs_a_grant_as_well() {
        let surface = Surface {
            imports: vec![],
            exports: vec![
                "portcullis:plugin/route@0.1.0".into(),
                "portcullis:plugin/command@0.1.0".into(),
            ],
        };
        let text = check_grants(&surface, "filter", |_| false).unwrap_err().to_string();
        assert!(
            text.starts_with("it exports `portcullis:plugin/command@0.1.0`"),
            "{text}"
        );
        assert!(text.contains(r#"[plugins.filter]: grants = ["packets"]"#), "{text}");
        assert_eq!(check_grants(&surface, "filter", |kind| kind == "packets"), Ok(()));
    }

    #[test]
    fn an_unknown_import_is_refused_even_when_everything_is_granted() {
        for name in [
            "portcullis:plugin/teleport@0.1.0",
            "acme:thing/api@1.0.0",
            "portcullis:plugin/sql@0.1.0",
        ] {
            let surface = Surface {
                imports: vec![name.into()],
                exports: vec![],
            };
            assert_eq!(
                check_grants(&surface, "p", |_| true),
                Err(LoadError::UnknownImport(name.into()))
            );
        }
    }
}
