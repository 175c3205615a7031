//! Which imports need the operator's consent. A component's import list is its request; `grants` in its table is the answer.

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
}

/// The grant that an interface needs. None of these is offered by this version of the host, but their names are kept, so
/// that a plugin made for a later one is told what it will need.
pub(crate) fn needed_by(interface: &str) -> Option<Needed> {
    let (kind, example) = match interface {
        "http" => ("http", "http:https://example.com"),
        "sql" => ("sql", "sql"),
        "secrets" => ("secrets", "secrets:NAME"),
        "control" => ("control", "control"),
        "packets" => ("packets", "packets"),
        _ => return None,
    };
    Some(Needed { kind, example })
}
