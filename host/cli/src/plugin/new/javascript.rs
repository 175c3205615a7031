//! A new plugin in JavaScript.

use std::collections::{BTreeMap, BTreeSet};

use super::Plan;
use super::script::Script;
use super::template::{HookTemplates, hook_templates, lines, parts};

const HOOKS: HookTemplates = hook_templates!("plugin-js");

const SCRIPT: Script = Script {
    language: "JavaScript",
    costs: "The component carries a JavaScript engine of some 12 MB, which a host compiles in its first start. The engine collects garbage late:\n\
            give it the room and the time that `limits` says.",
    limits: "limits = { memory-mib = 256, hot-call-ms = 100 }\n",
    hooks: HOOKS,
    files: &[
        (
            "package.json",
            include_str!("../../../templates/plugin-js/package.json.in"),
        ),
        ("build.js", include_str!("../../../templates/plugin-js/build.js.in")),
        (
            "src/plugin.js",
            include_str!("../../../templates/plugin-js/plugin.js.in"),
        ),
        (
            "src/settings.js",
            include_str!("../../../templates/plugin-js/settings.js.in"),
        ),
        (
            "tests/settings.test.js",
            include_str!("../../../templates/plugin-js/settings.test.js"),
        ),
    ],
};

/// Writes everything, and gives the commands to go on with.
pub(super) fn fill(plan: &Plan) -> anyhow::Result<&'static [&'static str]> {
    let hooks: Vec<String> = plan.hooks.iter().map(|hook| format!("'{}'", hook.name())).collect();
    SCRIPT.fill(
        plan,
        &[
            ("stage", plan.stage()),
            ("hook-list", &hooks.join(", ")),
            ("imports", &imports(plan)),
            ("hooks", parts(plan, HOOKS, "hook").join("\n").trim_end()),
        ],
    )
}

/// A statement for each interface, with the functions of it that the hooks use.
fn imports(plan: &Plan) -> String {
    let mut interfaces: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let used = lines(plan, HOOKS, "import");
    for (interface, function) in used
        .iter()
        .filter_map(|line| line.split_once(": "))
        .chain([("log", "log")])
    {
        interfaces.entry(interface).or_default().insert(function);
    }
    let statement = |(interface, functions): (&str, BTreeSet<&str>)| {
        let functions: Vec<&str> = functions.into_iter().collect();
        format!(
            "import {{ {} }} from 'portcullis:plugin/{interface}@0.1.0'\n",
            functions.join(", ")
        )
    };
    interfaces.into_iter().map(statement).collect()
}
