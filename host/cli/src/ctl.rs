//! `portcullis ctl`: asks the running host, and shows the answer to a person or a program.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use portcullis_config::Sources;
use serde_json::Value;

use crate::args::CtlCommand;
use crate::control::Request;
use crate::table;

/// A reload compiles plugins; nothing takes longer.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn ctl(config: &Path, json: bool, command: &CtlCommand) -> anyhow::Result<ExitCode> {
    let answer = ask_host(config, &request(command))?;
    let failed = answer.get("errors").is_some();
    if json {
        println!("{answer}");
    } else if failed {
        texts(&answer, "errors").iter().for_each(|error| eprintln!("{error}"));
    } else {
        print!("{}", show(&answer));
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What the host of this configuration answers.
pub(crate) fn ask_host(config: &Path, request: &Request) -> anyhow::Result<Value> {
    ask(&socket_of(config)?, request)
}

/// The socket is where the configuration says. A configuration with mistakes usually still says where.
fn socket_of(config: &Path) -> anyhow::Result<PathBuf> {
    Sources::new(config).control_socket().with_context(|| {
        format!(
            "{} does not tell where the host listens; name the host's own file with -c",
            config.display()
        )
    })
}

fn request(command: &CtlCommand) -> Request {
    match command {
        CtlCommand::Plugins => Request::Plugins,
        CtlCommand::Sessions => Request::Sessions,
        CtlCommand::Servers => Request::Servers,
        CtlCommand::Reload => Request::Reload,
        CtlCommand::Swap { plugin } => Request::Swap { plugin: plugin.clone() },
        CtlCommand::Drain { server, undo } => Request::Drain {
            server: server.clone(),
            undo: *undo,
        },
        CtlCommand::Shutdown => Request::Shutdown,
    }
}

fn ask(socket: &Path, request: &Request) -> anyhow::Result<Value> {
    let mut stream = UnixStream::connect(socket).with_context(|| {
        format!(
            "no host answers on {}; is it running, with the same -c?",
            socket.display()
        )
    })?;
    stream.set_read_timeout(Some(PATIENCE))?;
    writeln!(stream, "{}", serde_json::to_string(request)?)?;
    let mut line = String::new();
    BufReader::new(stream)
        .read_line(&mut line)
        .context("the host did not answer")?;
    serde_json::from_str(&line).context("the host's answer was cut short")
}

fn show(answer: &Value) -> String {
    if let Some(plugins) = answer.get("plugins") {
        let mut text = rows(
            plugins,
            &["NAME", "STATE", "VERSION", "STAGE", "HOOKS", "CHAINS", "GENERATION"],
            &["name", "state", "version", "stage", "hooks", "chains", "generation"],
        );
        for plugin in plugins
            .as_array()
            .into_iter()
            .flatten()
            .filter(|plugin| !plugin["error"].is_null())
        {
            text.push_str(&format!("\n{}: {}\n", cell(&plugin["name"]), cell(&plugin["error"])));
        }
        return text;
    }
    if let Some(sessions) = answer.get("sessions") {
        return rows(
            sessions,
            &["ID", "NAME", "PEER", "HOST", "SERVER", "SECONDS", "UP", "DOWN"],
            &[
                "id",
                "name",
                "peer",
                "host",
                "server",
                "seconds",
                "up-bytes",
                "down-bytes",
            ],
        );
    }
    if let Some(servers) = answer.get("servers") {
        return rows(
            servers,
            &["NAME", "ADDRESS", "GROUPS", "HEALTH", "SESSIONS", "CONNECT-US"],
            &["name", "address", "groups", "health", "sessions", "latency-us"],
        );
    }
    format!("{}\n", cell(&answer["done"]))
}

fn rows(list: &Value, head: &[&str], keys: &[&str]) -> String {
    let rows: Vec<Vec<String>> = list
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| keys.iter().map(|key| cell(&item[*key])).collect())
        .collect();
    table::render(head, &rows)
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "-".into(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn texts(answer: &Value, key: &str) -> Vec<String> {
    answer[key].as_array().into_iter().flatten().map(cell).collect()
}
