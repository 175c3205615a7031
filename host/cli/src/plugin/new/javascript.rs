//! A new plugin in JavaScript.

use super::Plan;
use super::script::Script;
use super::template::{HookTemplates, parts};
use crate::plugin::args::HookName;

pub(super) const HOOKS: &HookTemplates = &[
    (
        HookName::Accept,
        include_str!("../../../templates/plugin-js/hooks/accept.in"),
    ),
    (
        HookName::Handshake,
        include_str!("../../../templates/plugin-js/hooks/handshake.in"),
    ),
    (
        HookName::Status,
        include_str!("../../../templates/plugin-js/hooks/status.in"),
    ),
    (
        HookName::Route,
        include_str!("../../../templates/plugin-js/hooks/route.in"),
    ),
    (
        HookName::Session,
        include_str!("../../../templates/plugin-js/hooks/session.in"),
    ),
];

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
            ("imports", &parts(plan, HOOKS, "import").concat()),
            ("hooks", parts(plan, HOOKS, "hook").join("\n").trim_end()),
        ],
    )
}
