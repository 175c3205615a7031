//! What new plugins in JavaScript and in Python have in common: the contract beside them, a world, a build script.

use super::template::{self, HookTemplates, fill as filled, lines, parts};
use super::{GITIGNORE, PORTCULLIS_TOML, Plan};
use crate::plugin::sdk;

const WORLD: &str = include_str!("../../../templates/world.wit.in");
const README: &str = include_str!("../../../templates/script-readme.md.in");

/// Where tools look for the packages that a world names.
const CONTRACT: &str = "wit/deps/portcullis-plugin-0.1.0";

/// A language with an interpreter that the component carries.
pub(super) struct Script {
    pub(super) language: &'static str,
    /// What the interpreter in the component costs an operator.
    pub(super) costs: &'static str,
    /// What it needs beyond the defaults, as a line of the plugin's table; empty: nothing.
    pub(super) limits: &'static str,
    pub(super) hooks: HookTemplates,
    /// Paths, and templates with these words: `name`, `summary`, `stage`, and those of `words`.
    pub(super) files: &'static [(&'static str, &'static str)],
}

impl Script {
    /// Writes everything, and gives the commands to go on with.
    pub(super) fn fill(&self, plan: &Plan, words: &[(&str, &str)]) -> anyhow::Result<&'static [&'static str]> {
        let name = &*plan.names.kebab;
        let part = |name| parts(plan, self.hooks, name).concat();
        let named = |text: &str| filled(text, &[("name", name)]);
        let exports: Vec<String> = plan
            .hooks
            .iter()
            .map(|hook| format!("    export portcullis:plugin/{}@0.1.0;\n", hook.name()))
            .collect();
        let imports = lines(plan, self.hooks, "world")
            .into_iter()
            .map(|line| format!("{line}\n"));
        let world = [
            ("name", name),
            ("imports", &imports.collect::<String>()),
            ("exports", &exports.concat()),
        ];
        let (config, schema) = (named(&part("toml")), named(&part("schema")));
        let limits = template::grants(plan, self.hooks) + self.limits;
        let company = plan.company();
        let mut values = vec![
            ("name", name),
            ("summary", plan.summary()),
            ("language", self.language),
            ("costs", self.costs),
            ("limits", &*limits),
            ("company", &*company),
            ("config", &*config),
        ];
        values.extend_from_slice(words);
        let indent = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
        let schema = indent(&schema);
        values.push(("schema", schema.trim_end().trim_end_matches(',')));
        let mut files = vec![
            (".gitignore", GITIGNORE.to_owned()),
            ("README.md", filled(README, &values)),
            ("portcullis.toml", filled(PORTCULLIS_TOML, &values)),
            ("wit/world.wit", filled(WORLD, &world)),
        ];
        files.extend(
            self.files
                .iter()
                .map(|(path, template)| (*path, filled(template, &values))),
        );
        sdk::unpack(&files, &plan.folder)?;
        sdk::unpack(sdk::CONTRACT, &plan.folder.join(CONTRACT))?;
        Ok(&[
            "portcullis plugin test",
            "portcullis plugin build --into plugins",
            "portcullis run",
        ])
    }
}
