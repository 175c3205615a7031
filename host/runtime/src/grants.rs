//! What needs the operator's consent. What a component imports, and some of what it exports, is its request; `grants` in its table
//! is the answer.

/// Interfaces that every plugin may import.
pub(crate) const FREE: &[&str] = &[
    "types",
    "session-facts",
    "state",
    "bucket",
    "servers",
    "log",
    "metrics",
    "clock",
    "random",
];

/// What the operator must write to allow an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needed {
    /// The grant's name, before any colon.
    pub(crate) kind: &'static str,
    /// A grant as it would be written.
    pub(crate) example: &'static str,
    /// Whether this version of the host offers it at all. Other names are kept, so that a plugin made for a later one is told
    /// what it will need.
    pub(crate) is_offered: bool,
}

/// The grant that importing an interface needs.
pub(crate) fn to_import(interface: &str) -> Option<Needed> {
    let (kind, example, is_offered) = match interface {
        "http" => ("http", "http:https://example.com", true),
        "control" => ("control", "control", true),
        "packets" => ("packets", "packets", true),
        "sql" => ("sql", "sql", false),
        "secrets" => ("secrets", "secrets:NAME", false),
        _ => return None,
    };
    Some(Needed {
        kind,
        example,
        is_offered,
    })
}

/// The grant that exporting an interface needs: for those that see what players do and say.
pub(crate) fn to_export(interface: &str) -> Option<Needed> {
    match interface {
        "packet" | "message" | "command" | "transfer" | "cookie" | "resource-pack" => to_import("packets"),
        _ => None,
    }
}
