//! A new plugin in Python.

use std::collections::BTreeSet;

use super::Plan;
use super::script::Script;
use super::template::{HookTemplates, parts};
use crate::plugin::args::HookName;

pub(super) const HOOKS: &HookTemplates = &[
    (
        HookName::Accept,
        include_str!("../../../templates/plugin-python/hooks/accept.in"),
    ),
    (
        HookName::Handshake,
        include_str!("../../../templates/plugin-python/hooks/handshake.in"),
    ),
    (
        HookName::Status,
        include_str!("../../../templates/plugin-python/hooks/status.in"),
    ),
    (
        HookName::Route,
        include_str!("../../../templates/plugin-python/hooks/route.in"),
    ),
    (
        HookName::Session,
        include_str!("../../../templates/plugin-python/hooks/session.in"),
    ),
];

const SCRIPT: Script = Script {
    language: "Python",
    costs: "The component carries a Python interpreter of some 18 MB, which a host compiles in its first start.",
    limits: "",
    hooks: HOOKS,
    files: &[
        (
            "pyproject.toml",
            include_str!("../../../templates/plugin-python/pyproject.toml.in"),
        ),
        (
            "requirements.txt",
            include_str!("../../../templates/plugin-python/requirements.txt"),
        ),
        ("build.py", include_str!("../../../templates/plugin-python/build.py.in")),
        (
            "src/plugin.py",
            include_str!("../../../templates/plugin-python/plugin.py.in"),
        ),
        (
            "src/settings.py",
            include_str!("../../../templates/plugin-python/settings.py.in"),
        ),
        (
            "tests/test_settings.py",
            include_str!("../../../templates/plugin-python/test_settings.py"),
        ),
    ],
};

/// Writes everything, and gives the commands to go on with.
pub(super) fn fill(plan: &Plan) -> anyhow::Result<&'static [&'static str]> {
    let names = || plan.hooks.iter().map(|hook| hook.name());
    let hooks: Vec<String> = names().map(|hook| format!("\"{hook}\"")).collect();
    let modules: BTreeSet<&str> = names().chain(["lifecycle"]).collect();
    let imported = parts(plan, HOOKS, "import")
        .into_iter()
        .flat_map(|names| names.trim().split(", "));
    let imports: BTreeSet<&str> = imported.chain(["log"]).collect();
    let list = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
    SCRIPT.fill(
        plan,
        &[
            ("stage", &plan.stage().to_ascii_uppercase()),
            ("hook-list", &hooks.join(", ")),
            ("modules", &list(modules)),
            ("imports", &list(imports)),
            ("hooks", parts(plan, HOOKS, "hook").join("\n\n").trim_end()),
        ],
    )
}
