//! From the configuration's JSON to a [`Router`], or to everything that is wrong with it.

use std::fmt;

use host_pattern::{Pattern, Table, Template};
use settings::Object;

use crate::decide::{Action, Route, Router, Unknown};

/// Most servers and groups in one `to`: the most that the host takes.
const MAX_CANDIDATES: usize = 64;

/// Most regular expressions: an ordinary one takes up to 0.05 ms, all may be asked at once, and a hook has 2 ms.
const MAX_EXPRESSIONS: usize = 16;

/// Shown to a player whose host is unknown, unless configured.
const UNKNOWN_TEXT: &str = "<red>There is no server at this address.";

/// What is wrong with a configuration: one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

impl Router {
    /// Reads and checks a configuration.
    pub fn parse(json: &str) -> Result<Self, ConfigError> {
        let mut raw = Object::parse(json).map_err(|reason| ConfigError(vec![reason]))?;
        let mut problems = Vec::new();
        let routes = problem(&mut problems, "the configuration", raw.list("routes"))
            .flatten()
            .unwrap_or_default();
        let unknown = problem(&mut problems, "the configuration", parse_unknown(&mut raw));
        problem(&mut problems, "the configuration", raw.finish());
        let mut entries = Vec::with_capacity(routes.len());
        for (position, route) in routes.into_iter().enumerate() {
            let mut route = route.object().unwrap_or_default();
            let host = route.text("host").ok().flatten();
            let name = format!("route {} ({:?})", position + 1, host.as_deref().unwrap_or_default());
            entries.extend(problem(&mut problems, &name, parse_route(host, route)));
        }
        let expressions = entries.iter().filter(|(pattern, _)| pattern.is_expression()).count();
        if expressions > MAX_EXPRESSIONS {
            problems.push(format!(
                "{expressions} routes are regular expressions; at most {MAX_EXPRESSIONS} may be"
            ));
        }
        // Positions of clashes are those of the file only when every route could be read.
        if problems.is_empty() {
            match (Table::build(entries), unknown) {
                (Ok(table), Some(unknown)) => return Ok(Self::new(table, unknown)),
                (Ok(_), None) => {}
                (Err(clashes), _) => problems.extend(clashes.iter().map(|clash| clash.explain("route"))),
            }
        }
        Err(ConfigError(problems))
    }
}

/// The value, or one problem more.
fn problem<T>(problems: &mut Vec<String>, whose: &str, result: Result<T, String>) -> Option<T> {
    result.map_err(|reason| problems.push(format!("{whose} {reason}"))).ok()
}

fn parse_route(host: Option<String>, mut raw: Object) -> Result<(Pattern, Route), String> {
    let host = host.ok_or("has no \"host\"")?;
    let (regex, priority) = (raw.flag("regex")?, raw.integer("priority")?.unwrap_or_default());
    let pattern = if regex {
        Pattern::expression(&host, priority)
    } else {
        Pattern::literal(&host, priority)
    };
    let pattern = pattern.map_err(|error| error.to_string())?;
    let mode = raw.choice("mode")?;
    let action = match (raw.texts("to")?, raw.text("disconnect")?) {
        (Some(to), None) => Action::To(parse_candidates("to", &to, pattern.captures())?),
        (None, Some(_)) if mode.is_some() => return Err("has a mode, but disconnects".into()),
        (None, Some(text)) => Action::Disconnect(text),
        (Some(_), Some(_)) => return Err("has both \"to\" and \"disconnect\"".into()),
        (None, None) => return Err("has neither \"to\" nor \"disconnect\"".into()),
    };
    raw.finish()?;
    Ok((pattern, Route { action, mode }))
}

fn parse_candidates(key: &str, names: &[String], captures: usize) -> Result<Vec<Template>, String> {
    if names.is_empty() || names.len() > MAX_CANDIDATES {
        return Err(format!(
            "has {} names in {key:?}; 1 to {MAX_CANDIDATES} are allowed",
            names.len()
        ));
    }
    let parse = |name: &String| {
        Template::parse(name, captures).map_err(|error| format!("has a name in {key:?}, {name:?}, that {error}"))
    };
    names.iter().map(parse).collect()
}

fn parse_unknown(raw: &mut Object) -> Result<Unknown, String> {
    let default = raw
        .texts("default")?
        .map(|names| parse_candidates("default", &names, 0))
        .transpose()?;
    let text = raw.text("unknown-text")?.unwrap_or_else(|| UNKNOWN_TEXT.to_owned());
    match (raw.text("unknown")?.as_deref(), default) {
        (Some("drop"), _) => Ok(Unknown::Drop),
        (None | Some("default"), Some(to)) => Ok(Unknown::Default { to, text }),
        (Some("default"), None) => Err("has unknown = \"default\", but no \"default\"".into()),
        (Some("disconnect"), _) | (None, None) => Ok(Unknown::Disconnect(text)),
        (Some(other), _) => Err(format!(
            "has unknown = {other:?}; it may be \"default\", \"disconnect\" or \"drop\""
        )),
    }
}
