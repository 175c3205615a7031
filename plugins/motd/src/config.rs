//! From the configuration's JSON to a [`Motd`], or to everything that is wrong with it.

use std::fmt;

use host_pattern::{Pattern, Table, Template};
use settings::{Json, Object};

use crate::answer::Answer;
use crate::reply::{Motd, Passthrough, Reply};

/// Most regular expressions: an ordinary one takes up to 0.05 ms, all may be asked at once, and a hook has 2 ms.
const MAX_EXPRESSIONS: usize = 16;

/// For how long an answer of the plugin's own is kept, unless configured, in milliseconds: short enough for a player
/// count to look alive.
const TTL_MS: u32 = 1_000;

/// The same for a server's answer, and for a server's failure to give one.
const PASSTHROUGH_TTL_MS: u32 = 5_000;

/// How long to wait for one server, unless configured, in milliseconds.
const TIMEOUT_MS: u32 = 2_000;

/// Longest wait that the host allows, in milliseconds.
const MAX_TIMEOUT_MS: u32 = 10_000;

/// What is wrong with a configuration: one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

impl Motd {
    /// Reads and checks a configuration.
    pub fn parse(json: &str) -> Result<Self, ConfigError> {
        let mut raw = Object::parse(json).map_err(|reason| ConfigError(vec![reason]))?;
        let mut problems = Vec::new();
        let list = problem(&mut problems, "the configuration", raw.list("entries"))
            .flatten()
            .unwrap_or_default();
        let default = problem(&mut problems, "the default", parse_default(raw.value("default")));
        problem(&mut problems, "the configuration", raw.finish());
        let mut entries = Vec::with_capacity(list.len());
        for (position, entry) in list.into_iter().enumerate() {
            let mut entry = entry.object().unwrap_or_default();
            let host = entry.text("host").ok().flatten();
            let name = format!("entry {} ({:?})", position + 1, host.as_deref().unwrap_or_default());
            entries.extend(problem(&mut problems, &name, parse_entry(host, entry)));
        }
        let expressions = entries.iter().filter(|(pattern, _)| pattern.is_expression()).count();
        if expressions > MAX_EXPRESSIONS {
            problems.push(format!(
                "{expressions} entries are regular expressions; at most {MAX_EXPRESSIONS} may be"
            ));
        }
        // Positions of clashes are those of the file only when every entry could be read.
        if problems.is_empty() {
            match (Table::build(entries), default) {
                (Ok(table), Some(default)) => return Ok(Self::new(table, default)),
                (Ok(_), None) => {}
                (Err(clashes), _) => problems.extend(clashes.iter().map(|clash| clash.explain("entry"))),
            }
        }
        Err(ConfigError(problems))
    }
}

/// The value, or one problem more.
fn problem<T>(problems: &mut Vec<String>, whose: &str, result: Result<T, String>) -> Option<T> {
    result.map_err(|reason| problems.push(format!("{whose} {reason}"))).ok()
}

fn parse_default(raw: Option<Json>) -> Result<Reply, String> {
    match raw {
        None => Ok(Reply::Next),
        Some(Json::Text(word)) if word == "next" => Ok(Reply::Next),
        Some(Json::Text(word)) if word == "drop" => Ok(Reply::Drop),
        Some(Json::Object(raw)) => parse_reply(raw, 0),
        Some(_) => Err("is neither an answer, \"next\" nor \"drop\"".into()),
    }
}

fn parse_entry(host: Option<String>, mut raw: Object) -> Result<(Pattern, Reply), String> {
    let host = host.ok_or("has no \"host\"")?;
    let (regex, priority) = (raw.flag("regex")?, raw.integer("priority")?.unwrap_or_default());
    let pattern = if regex {
        Pattern::expression(&host, priority)
    } else {
        Pattern::literal(&host, priority)
    };
    let pattern = pattern.map_err(|error| error.to_string())?;
    let reply = parse_reply(raw, pattern.captures())?;
    Ok((pattern, reply))
}

fn parse_reply(mut raw: Object, captures: usize) -> Result<Reply, String> {
    let reply = match raw.text("passthrough")? {
        Some(to) => Reply::Passthrough(Box::new(take_passthrough(&mut raw, &to, captures)?)),
        None => {
            let ttl_ms = raw.integer("ttl-ms")?.unwrap_or(TTL_MS);
            Reply::Answer(Box::new(Answer::take(&mut raw, ttl_ms)?))
        }
    };
    let of_passthrough = matches!(reply, Reply::Passthrough(_));
    raw.finish().map_err(|reason| match of_passthrough {
        true => format!("{reason}: beside \"passthrough\", what is shown belongs into \"offline\""),
        false => reason,
    })?;
    Ok(reply)
}

fn take_passthrough(raw: &mut Object, to: &str, captures: usize) -> Result<Passthrough, String> {
    let to = Template::parse(to, captures).map_err(|error| format!("has a \"passthrough\", {to:?}, that {error}"))?;
    let failure_ttl_ms = raw.integer("failure-ttl-ms")?.unwrap_or(PASSTHROUGH_TTL_MS);
    let timeout_ms = raw.integer("timeout-ms")?.unwrap_or(TIMEOUT_MS);
    if !(1..=MAX_TIMEOUT_MS).contains(&timeout_ms) {
        return Err(format!(
            "has a \"timeout-ms\" of {timeout_ms}; 1 to {MAX_TIMEOUT_MS} are allowed"
        ));
    }
    let parse_offline = |mut raw: Object| {
        let answer = Answer::take(&mut raw, failure_ttl_ms)?;
        raw.finish().map(|()| answer)
    };
    let offline = raw.object("offline")?.map(parse_offline).transpose();
    Ok(Passthrough {
        to,
        ttl_ms: raw.integer("ttl-ms")?.unwrap_or(PASSTHROUGH_TTL_MS),
        failure_ttl_ms,
        timeout_ms,
        offline: offline.map_err(|reason| format!("has an \"offline\" that {reason}"))?,
    })
}
