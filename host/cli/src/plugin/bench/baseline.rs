//! The figures of a plugin's hooks, kept in a file to compare later ones with.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// The figures of one plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Figures {
    /// The plugin's own name and version.
    pub(crate) plugin: String,
    pub(crate) version: String,
    /// By the hooks' names.
    pub(crate) hooks: BTreeMap<String, HookFigures>,
}

/// The figures of one hook. Only the fuel is the same on every machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct HookFigures {
    pub(crate) calls: u64,
    pub(crate) p50_ns: u64,
    pub(crate) p99_ns: u64,
    pub(crate) fuel: u64,
    pub(crate) memory_bytes: u64,
    /// Over all calls.
    pub(crate) memory_growth_bytes: u64,
}

impl Figures {
    pub(crate) fn load(file: &Path) -> anyhow::Result<Self> {
        let what = || format!("cannot read the baseline {}; make one with --save", file.display());
        let text = fs::read_to_string(file).with_context(what)?;
        serde_json::from_str(&text).with_context(what)
    }

    pub(crate) fn save(&self, file: &Path) -> anyhow::Result<()> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        fs::write(file, text).with_context(|| format!("cannot write the baseline {}", file.display()))
    }

    /// Hooks that execute over so many percent more than in the baseline, each with a line that says so. Hooks that the
    /// baseline has not are new, and those that only it has are gone: neither is slower.
    pub(crate) fn slower_than(&self, baseline: &Self, tolerance_percent: u32) -> Vec<String> {
        let known = self
            .hooks
            .iter()
            .filter_map(|(hook, now)| Some((hook, now, baseline.hooks.get(hook)?)));
        known
            .filter(|(_, now, before)| {
                let allowed = u128::from(before.fuel) * (100 + u128::from(tolerance_percent));
                u128::from(now.fuel) * 100 > allowed
            })
            .map(|(hook, now, before)| {
                format!(
                    "`{hook}` executes {} where the baseline has {} ({}); more than {tolerance_percent} % is not allowed",
                    now.fuel,
                    before.fuel,
                    change(before.fuel, now.fuel)
                )
            })
            .collect()
    }
}

/// `+12.5 %`.
pub(crate) fn change(before: u64, now: u64) -> String {
    // Exact enough for one decimal.
    match before {
        0 => "new".into(),
        _ => format!("{:+.1} %", (now as f64 / before as f64 - 1.0) * 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(fuel: u64) -> Figures {
        let route = HookFigures {
            calls: 100,
            p50_ns: 500,
            p99_ns: 900,
            fuel,
            memory_bytes: 1 << 20,
            memory_growth_bytes: 0,
        };
        Figures {
            plugin: "by-label".into(),
            version: "0.1.0".into(),
            hooks: BTreeMap::from([("route".to_owned(), route)]),
        }
    }

    fn check(before: u64, now: u64, tolerance_percent: u32, slower: bool) {
        let found = figures(now).slower_than(&figures(before), tolerance_percent);
        assert_eq!(!found.is_empty(), slower, "{before} -> {now}: {found:?}");
    }

    #[test]
    fn a_hook_is_slower_only_past_the_tolerance() {
        check(1_000, 1_100, 10, false);
        check(1_000, 1_101, 10, true);
        check(1_000, 1_001, 0, true);
        check(1_000, 500, 10, false);
        let text = figures(1_200).slower_than(&figures(1_000), 10).concat();
        assert!(
            text.contains("`route` executes 1200") && text.contains("+20.0 %"),
            "{text}"
        );
    }

    #[test]
    fn a_hook_that_the_baseline_has_not_is_not_slower() {
        let mut baseline = figures(1);
        baseline.hooks.clear();
        assert!(figures(1_000).slower_than(&baseline, 10).is_empty());
    }

    #[test]
    fn figures_are_read_as_they_were_saved() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("baseline.json");
        figures(1_000).save(&file).unwrap();
        assert_eq!(Figures::load(&file).unwrap(), figures(1_000));
        let missing = Figures::load(&folder.path().join("none.json")).unwrap_err().to_string();
        assert!(missing.contains("--save"), "{missing}");
    }
}
