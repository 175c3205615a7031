//! Asks a running host whether it has taken over what was put into its plugin folder.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::check::Checked;
use crate::control::Request;
use crate::ctl;
use crate::terminal::during;

/// A host gathers changes for a tenth of a second, and writes what it has taken down.
const PATIENCE: Duration = Duration::from_secs(10);
/// It compiles as long as this program has just done, and longer while it serves: interpreters take over ten seconds of processor time.
const COMPILES: u32 = 8;
/// Between two questions.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// What a host made of a component.
pub(crate) enum Answer {
    /// Players meet it from now on.
    Running { generation: u64 },
    /// It goes on with the old one, and says why.
    Refused(String),
    /// No host answers.
    Nobody,
    /// One answers, and knows nothing of the file after this long.
    Silent(Duration),
}

/// Waits until the host of this configuration, if one runs, has taken or refused the component.
pub(crate) fn confirm(config: &Path, component: &Checked) -> Answer {
    let Some(sha256) = component.inspection.as_ref().map(|inspection| &inspection.sha256) else {
        return Answer::Nobody;
    };
    let patience = patience(component.trial.as_ref().map(|trial| trial.compile));
    let asked = || {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            let Ok(answer) = ctl::ask_host(config, &Request::Plugins) else {
                return Answer::Nobody;
            };
            if let Some(answer) = verdict(&answer, &component.name, sha256) {
                return answer;
            }
            thread::sleep(ASK_EVERY);
        }
        Answer::Silent(patience)
    };
    during("waiting for the host", asked)
}

fn patience(compile: Option<Duration>) -> Duration {
    PATIENCE + compile.unwrap_or_default() * COMPILES
}

/// What the list of plugins says of this file; nothing while the host has not got to it.
fn verdict(answer: &Value, name: &str, sha256: &str) -> Option<Answer> {
    let file = format!("{name}.wasm");
    let mut plugins = answer.get("plugins")?.as_array()?.iter();
    let plugin = plugins.find(|plugin| {
        let path = plugin.get("file").and_then(Value::as_str).map(Path::new);
        path.and_then(Path::file_name).is_some_and(|found| *found == *file)
    })?;
    let text = |key: &str| plugin.get(key).and_then(Value::as_str);
    if text("sha256") == Some(sha256) {
        let generation = plugin.get("generation").and_then(Value::as_u64);
        return Some(Answer::Running {
            generation: generation.unwrap_or_default(),
        });
    }
    let refused = text("refused-sha256") == Some(sha256);
    refused.then(|| Answer::Refused(text("error").unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(plugin: Value, expected: &str) {
        let found = match verdict(&json!({ "plugins": [plugin] }), "by-label", "new") {
            Some(Answer::Running { generation }) => format!("generation {generation}"),
            Some(Answer::Refused(error)) => error,
            Some(Answer::Nobody | Answer::Silent(_)) => "nobody".into(),
            None => "not yet".into(),
        };
        assert_eq!(found, expected, "{plugin}");
    }

    #[test]
    fn what_took_long_to_compile_is_waited_for_longer() {
        let interpreter = Duration::from_secs(13);
        assert!(patience(Some(interpreter)) > 4 * interpreter);
        assert_eq!(patience(None), PATIENCE);
    }

    #[test]
    fn a_host_has_taken_or_refused_a_file_when_it_names_its_digest() {
        let plugin = |sha256: &str, refused: &str| {
            json!({
                "file": "plugins/by-label.wasm",
                "generation": 2,
                "sha256": sha256,
                "refused-sha256": refused,
                "error": "`init` failed",
            })
        };
        check(plugin("new", ""), "generation 2");
        check(plugin("old", ""), "not yet");
        check(plugin("old", "new"), "`init` failed");
        check(plugin("old", "older"), "not yet");
        check(json!({ "file": "plugins/other.wasm", "sha256": "new" }), "not yet");
    }
}
