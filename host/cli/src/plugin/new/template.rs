//! Fills templates: `{{word}}` becomes its value. A hook's template has several parts, each below a line `%% name`.

use std::collections::BTreeSet;

use super::Plan;
use crate::plugin::args::HookName;

/// A language's template of the parts that a hook adds.
pub(super) type HookTemplates = fn(HookName) -> &'static str;

/// The [`HookTemplates`] in a folder of `templates`. Without a file for each hook it does not compile.
macro_rules! hook_templates {
    ($folder:literal) => {
        hook_templates!($folder:
            Accept "accept", Handshake "handshake", Status "status", Login "login", Route "route", Forward "forward",
            Backend "backend", Session "session", Packet "packet", Message "message", Command "command",
            Transfer "transfer", Cookie "cookie", ResourcePack "resource-pack"
        )
    };
    ($folder:literal: $($hook:ident $file:literal),*) => {
        |hook| match hook {
            $($crate::plugin::args::HookName::$hook => {
                include_str!(concat!("../../../templates/", $folder, "/hooks/", $file, ".in"))
            })*
        }
    };
}
pub(super) use hook_templates;

/// The template with every word replaced. Words that have no value stay.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    for (word, value) in values {
        text = text.replace(&format!("{{{{{word}}}}}"), value);
    }
    text
}

/// One part of each of the plan's hooks, those that have it, in order.
pub(super) fn parts(plan: &Plan, templates: HookTemplates, part: &str) -> Vec<&'static str> {
    let chosen = plan.hooks.iter().map(|hook| templates(*hook));
    chosen.filter_map(|template| find(template, part)).collect()
}

/// The lines of one part of the plan's hooks, each once.
pub(super) fn lines(plan: &Plan, templates: HookTemplates, part: &str) -> BTreeSet<&'static str> {
    parts(plan, templates, part).into_iter().flat_map(str::lines).collect()
}

/// What the operator must grant, as a line of the plugin's table; empty: nothing.
pub(super) fn grants(plan: &Plan, templates: HookTemplates) -> String {
    let grants = lines(plan, templates, "grant");
    match grants.is_empty() {
        true => String::new(),
        false => format!("grants = [{}]\n", quoted(&grants)),
    }
}

/// The elements of a list in TOML.
pub(super) fn quoted(words: &BTreeSet<&str>) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    quoted.join(", ")
}

fn find<'a>(template: &'a str, part: &str) -> Option<&'a str> {
    let head = format!("%% {part}\n");
    let start = template.find(&head)? + head.len();
    let rest = template.get(start..)?;
    let end = rest.find("%% ").unwrap_or(rest.len());
    rest.get(..end)
}

/// Hooks that look at what passes between players and servers.
const BEHIND_THE_LOGIN: [HookName; 6] = [
    HookName::Packet,
    HookName::Message,
    HookName::Command,
    HookName::Transfer,
    HookName::Cookie,
    HookName::ResourcePack,
];

impl Plan {
    /// Where the plugin stands in a chain: where the last of its hooks belongs.
    pub(super) fn stage(&self) -> &'static str {
        let has = |hook| self.hooks.contains(&hook);
        match () {
            () if BEHIND_THE_LOGIN.into_iter().any(has) => "transform",
            () if has(HookName::Forward) => "forward",
            () if has(HookName::Route) || has(HookName::Backend) => "route",
            () if has(HookName::Login) => "login",
            () if has(HookName::Status) => "status",
            () if has(HookName::Accept) || has(HookName::Handshake) => "guard",
            () => "observe",
        }
    }

    /// Which plugins it needs beside it to be asked at all, as a paragraph; empty: none.
    pub(super) fn company(&self) -> String {
        let has = |hook: &HookName| self.hooks.contains(hook);
        let in_the_middle = has(&HookName::Backend) || BEHIND_THE_LOGIN.iter().any(has);
        let missing = [
            (
                HookName::Login,
                "a plugin that says who players are, such as `auth-offline`",
            ),
            (HookName::Route, "a plugin that says where they go, such as `router`"),
        ];
        let missing: Vec<&str> = missing
            .iter()
            .filter(|(hook, _)| !has(hook))
            .map(|(_, plugin)| *plugin)
            .collect();
        if !in_the_middle || missing.is_empty() {
            return String::new();
        }
        format!(
            "\nNot all of its hooks are asked in a chain of it alone: the host must stand in the middle of the session. Put in front \
             of it {}.\n",
            missing.join(", and ")
        )
    }

    /// One line about it, to be replaced by the author's own.
    pub(super) fn summary(&self) -> &'static str {
        match self.stage() {
            "transform" => "Looks at what passes between players and servers.",
            "forward" => "Tells servers of players.",
            "route" => "Sends players to one place.",
            "login" => "Says who players are.",
            "status" => "Answers the server list.",
            "guard" => "Lets players in, or not.",
            _ => "Looks at who joins.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::Names;
    use super::*;
    use crate::plugin::args::Language;

    #[test]
    fn every_word_is_replaced_wherever_it_stands() {
        let text = fill("{{name}}: {{name}}, {{ other }}", &[("name", "by-label")]);
        assert_eq!(text, "by-label: by-label, {{ other }}");
    }

    #[test]
    fn a_plugin_is_sent_to_the_company_that_it_lacks() {
        let check = |hooks: &[HookName], expect: [bool; 2]| {
            let plan = Plan {
                names: Names::new("by-label", Language::Rust).unwrap(),
                hooks: hooks.to_vec(),
                folder: "by-label".into(),
            };
            let company = plan.company();
            assert_eq!(
                ["auth-offline", "router"].map(|plugin| company.contains(plugin)),
                expect,
                "{hooks:?}"
            );
        };
        check(&[HookName::Route], [false, false]);
        check(&[HookName::Login], [false, false]);
        check(&[HookName::Packet], [true, true]);
        check(&[HookName::Packet, HookName::Route], [true, false]);
        check(&[HookName::Login, HookName::Command], [false, true]);
        check(&[HookName::Login, HookName::Route, HookName::Cookie], [false, false]);
    }

    #[test]
    fn a_part_ends_where_the_next_begins() {
        let template = "%% a\none\ntwo\n%% b\nthree\n";
        let found = ["a", "b", "c"].map(|part| find(template, part));
        assert_eq!(found, [Some("one\ntwo\n"), Some("three\n"), None]);
    }
}
