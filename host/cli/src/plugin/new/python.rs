//! A new plugin in Python.

use std::collections::BTreeSet;

use super::Plan;
use super::script::Script;
use super::template::{HookTemplates, hook_templates, lines, parts};

const HOOKS: HookTemplates = hook_templates!("plugin-python");

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
    let modules: BTreeSet<String> = names()
        .chain(["lifecycle"])
        .map(|hook| hook.replace('-', "_"))
        .collect();
    let modules: Vec<String> = modules.into_iter().collect();
    let imported = lines(plan, HOOKS, "import");
    let imports: BTreeSet<&str> = imported
        .iter()
        .flat_map(|names| names.split(", "))
        .chain(["log"])
        .collect();
    let imports: Vec<&str> = imports.into_iter().collect();
    SCRIPT.fill(
        plan,
        &[
            ("stage", &plan.stage().to_ascii_uppercase()),
            ("hook-list", &hooks.join(", ")),
            ("modules", &modules.join(", ")),
            ("imports", &imports.join(", ")),
            ("hooks", parts(plan, HOOKS, "hook").join("\n\n").trim_end()),
        ],
    )
}
