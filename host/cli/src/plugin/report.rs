//! What is known of a component, for people and for programs.

use std::fmt::Write as _;
use std::time::Duration;

use portcullis_config::Limits;
use portcullis_runtime::Hook;
use portcullis_runtime::workbench::{Inspection, Trial};
use serde_json::{Value, json};

use super::check::Checked;
use crate::terminal::Paint;

/// Longest description of a key that is shown.
const MAX_HELP_CHARS: usize = 80;

/// For people: a page.
pub(crate) fn text(checked: &Checked) -> String {
    let paint = Paint::stdout();
    let mut page = Page::default();
    if let Some(Trial { description, .. }) = &checked.trial {
        page.line("name", &format!("{} {}", description.name, description.version));
        page.line("summary", &description.summary);
        page.line("stage", description.stage.label());
    }
    if let Some(inspection) = &checked.inspection {
        page.line("contract", &format!("portcullis:plugin {}", inspection.contract));
        page.line("hooks", &hooks(inspection));
        page.line("hot path", &hot_path(inspection));
        page.line("may wait", &slow_hooks(inspection));
        page.line("imports", &imports(inspection));
        page.line("grants", &grants(inspection));
        page.line("size", &bytes(inspection.size_bytes));
        page.line("memory", &memory(inspection, checked.trial.as_ref()));
        page.line("sha256", &inspection.sha256);
    }
    if let Some(trial) = &checked.trial {
        page.line("compiled in", &duration(trial.compile));
        page.line("started in", &duration(trial.instantiate));
        page.line("state", &state(trial));
        page.line("config", &configuration(trial));
    }
    let Page(mut text) = page;
    if let Some(snippet) = snippet(checked) {
        let _ = write!(text, "\n{snippet}");
    }
    if checked.problem.is_none() {
        let _ = writeln!(text, "\n{}", paint.good("a host would take it"));
    }
    text
}

/// For programs: everything, in one object.
pub(crate) fn json(checked: &Checked) -> Value {
    let inspection = checked.inspection.as_ref();
    let trial = checked.trial.as_ref();
    let description = trial.map(|trial| &trial.description);
    json!({
        "file": checked.file,
        "problem": checked.problem,
        "name": description.map(|it| &it.name),
        "version": description.map(|it| &it.version),
        "summary": description.map(|it| &it.summary),
        "stage": description.map(|it| it.stage.label()),
        "state-version": description.and_then(|it| it.state_version),
        "config-schema": description.and_then(|it| it.schema.as_ref()),
        "contract": inspection.map(|it| &it.contract),
        "hooks": inspection.map(|it| it.hooks.iter().map(|hook| hook.label()).collect::<Vec<_>>()),
        "hot-path": inspection.map(|it| it.hooks.iter().any(|hook| !hook.is_slow())),
        "slow-hooks": inspection.map(|it| labels(&it.hooks, Hook::is_slow)),
        "imports": inspection.map(|it| it.imports.iter().map(|import| &import.name).collect::<Vec<_>>()),
        "grants": inspection.map(|it| &it.grants),
        "size-bytes": inspection.map(|it| it.size_bytes),
        "sha256": inspection.map(|it| &it.sha256),
        "initial-memory-bytes": inspection.map(|it| it.memory.initial_bytes),
        "maximum-memory-bytes": inspection.and_then(|it| it.memory.maximum_bytes),
        "started-memory-bytes": trial.map(|it| it.memory_bytes),
        "compile-us": trial.map(|it| micros(it.compile)),
        "instantiate-us": trial.map(|it| micros(it.instantiate)),
    })
}

/// What is written into the configuration for it to be loaded with what it imports.
fn snippet(checked: &Checked) -> Option<String> {
    let grants = &checked.inspection.as_ref()?.grants;
    if grants.is_empty() {
        return None;
    }
    let list = grants
        .iter()
        .map(|grant| format!("{grant:?}"))
        .collect::<Vec<_>>()
        .join(", ");
    // Which origins is the operator's choice: the component only says that it sends requests.
    let origins = match grants.iter().any(|grant| grant.starts_with("http:")) {
        true => "# Put the origins here that it may send requests to, one grant for each.\n",
        false => "",
    };
    Some(format!("[plugins.{}]\n{origins}grants = [{list}]\n", checked.name))
}

fn hooks(inspection: &Inspection) -> String {
    match &*inspection.hooks {
        [] => "none".into(),
        hooks => hooks.iter().map(|hook| hook.label()).collect::<Vec<_>>().join(", "),
    }
}

fn hot_path(inspection: &Inspection) -> String {
    let hot = labels(&inspection.hooks, |hook| !hook.is_slow());
    if inspection.hooks.is_empty() {
        return "no: it has no hook".into();
    }
    if hot.is_empty() {
        return "no: none of its hooks runs on the network threads".into();
    }
    let budget = Limits::default().hot_call.as_millis();
    let which = match hot.len() == inspection.hooks.len() {
        true => "its hooks run".into(),
        false => format!("{} of its hooks run", hot.join(", ")),
    };
    format!("yes: {which} on the network threads, {budget} ms a call at most unless limits say otherwise")
}

fn slow_hooks(inspection: &Inspection) -> String {
    let Limits {
        slow_call,
        slow_instances,
        ..
    } = Limits::default();
    match &*labels(&inspection.hooks, Hook::is_slow) {
        [] => "nothing".into(),
        slow => format!(
            "{}: up to {} ms a call, in up to {slow_instances} further instances, unless limits say otherwise",
            slow.join(", "),
            slow_call.as_millis()
        ),
    }
}

fn labels(hooks: &[Hook], which: impl Fn(Hook) -> bool) -> Vec<&'static str> {
    let chosen = hooks.iter().copied().filter(|hook| which(*hook));
    chosen.map(Hook::label).collect()
}

/// The contract's by their short names, WASI's counted: nearly every guest has some, and they grant nothing.
fn imports(inspection: &Inspection) -> String {
    let (wasi, own): (Vec<_>, Vec<_>) = inspection
        .imports
        .iter()
        .map(|import| &*import.name)
        .partition(|name| name.starts_with("wasi:"));
    let mut shown: Vec<String> = own
        .iter()
        .map(|name| name.strip_prefix("portcullis:plugin/").unwrap_or(name))
        .map(|name| name.split_once('@').map_or(name, |(short, _)| short).to_owned())
        .collect();
    if !wasi.is_empty() {
        shown.push(format!(
            "{} of WASI (clocks, randomness, log lines; the rest is refused)",
            wasi.len()
        ));
    }
    if shown.is_empty() {
        shown.push("none".into());
    }
    shown.join(", ")
}

fn grants(inspection: &Inspection) -> String {
    match &*inspection.grants {
        [] => "none needed".into(),
        grants => grants.join(", "),
    }
}

fn memory(inspection: &Inspection, trial: Option<&Trial>) -> String {
    let mut text = format!("{} at first", bytes(inspection.memory.initial_bytes));
    if let Some(trial) = trial {
        let _ = write!(text, ", {} once started", bytes(trial.memory_bytes));
    }
    let allowed = Limits::default().memory_mib;
    match inspection.memory.maximum_bytes {
        Some(maximum) => text + &format!(", {} at most", bytes(maximum)),
        None => text + &format!(", {allowed} MiB at most unless limits say otherwise"),
    }
}

fn state(trial: &Trial) -> String {
    match trial.description.state_version {
        Some(version) => format!("version {version}, handed over in a swap"),
        None => "none to hand over in a swap".into(),
    }
}

/// Each key with its type and its first words of help; the rest is in the schema.
fn configuration(trial: &Trial) -> String {
    let Some(schema) = &trial.description.schema else {
        return "takes none".into();
    };
    let required: Vec<&str> = items(schema, "required").filter_map(Value::as_str).collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    let lines = properties.into_iter().flatten().map(|(key, property)| {
        let need = match (required.contains(&key.as_str()), property.get("default")) {
            (true, _) => ", required".into(),
            (false, Some(default)) => format!(", {default} by default"),
            (false, None) => String::new(),
        };
        let help = property.get("description").and_then(Value::as_str).unwrap_or_default();
        let help: String = help
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(MAX_HELP_CHARS)
            .collect();
        format!("{key} ({}{need}) {help}", kind(property)).trim_end().to_owned()
    });
    let lines: Vec<_> = lines.collect();
    match lines.is_empty() {
        true => "takes a table without keys".into(),
        false => lines.join("\n"),
    }
}

fn kind(property: &Value) -> String {
    match property.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any of several".into(),
    }
}

fn items<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Two columns; a text of several lines stays in its own.
#[derive(Default)]
struct Page(String);

impl Page {
    /// Wide enough for every heading.
    const WIDTH: usize = 13;

    fn line(&mut self, heading: &str, text: &str) {
        for (number, line) in text.lines().enumerate() {
            let heading = if number == 0 { heading } else { "" };
            let _ = writeln!(self.0, "{heading:<width$}{line}", width = Self::WIDTH);
        }
    }
}

/// Bytes as people say them.
pub(crate) fn bytes(number: u64) -> String {
    // Exact enough for one decimal.
    let number_f = number as f64;
    match number {
        0..1_024 => format!("{number} B"),
        1_024..1_048_576 => format!("{:.1} KiB", number_f / 1_024.0),
        _ => format!("{:.1} MiB", number_f / 1_048_576.0),
    }
}

/// A duration as people say it.
pub(crate) fn duration(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    match micros {
        0.0..1_000.0 => format!("{micros:.1} µs"),
        0.0..1_000_000.0 => format!("{:.1} ms", micros / 1e3),
        _ => format!("{:.1} s", micros / 1e6),
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_in_the_unit_that_fits() {
        assert_eq!(
            [0, 1_023, 1_024, 1_536, 1 << 20].map(bytes),
            ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB"]
        );
        let shown = [1_500, 1_500_000, 1_500_000_000].map(|nanos| duration(Duration::from_nanos(nanos)));
        assert_eq!(shown, ["1.5 µs", "1.5 ms", "1.5 s"]);
    }

    #[test]
    fn a_text_of_several_lines_stays_in_its_column() {
        let mut page = Page::default();
        page.line("config", "a\nb");
        assert_eq!(page.0, "config       a\n             b\n");
    }
}
