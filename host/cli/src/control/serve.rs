//! The host's answers.

use std::sync::{Arc, Weak};
use std::time::Duration;

use portcullis_config::PluginName;
use portcullis_registry::{Health, Server, Session};
use portcullis_runtime::PluginState;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::{Answer, Request, ServerLine, SessionLine, Socket};
use crate::host::{Host, Stop};

/// A request is one short line.
const MAX_REQUEST_BYTES: u64 = 4 << 10;

impl Socket {
    /// Answers as long as there is a host.
    pub(crate) async fn serve(self, host: Weak<Host>) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let Some(host) = host.upgrade() else { return };
                    tokio::spawn(async move {
                        if let Err(error) = converse(stream, host).await {
                            tracing::debug!(%error, "control connection broke");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "control connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

async fn converse(mut stream: UnixStream, host: Arc<Host>) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut line = String::new();
    BufReader::new(reader.take(MAX_REQUEST_BYTES))
        .read_line(&mut line)
        .await?;
    let answer = match serde_json::from_str(&line) {
        // Reloading compiles plugins: not for the runtime's own thread.
        Ok(request) => tokio::task::spawn_blocking(move || answer(&host, request))
            .await
            .unwrap_or_else(|error| failed(format!("the host could not answer: {error}"))),
        Err(error) => failed(format!("not a request: {error}")),
    };
    let mut text = serde_json::to_vec(&answer)?;
    text.push(b'\n');
    writer.write_all(&text).await
}

fn answer(host: &Host, request: Request) -> Answer {
    match request {
        Request::Plugins => Answer::Plugins {
            plugins: host.runtime.status(),
        },
        Request::Sessions => {
            let mut sessions: Vec<_> = host.registry.sessions.list().iter().map(|s| session_line(s)).collect();
            sessions.sort_by_key(|line| line.id);
            Answer::Sessions { sessions }
        }
        Request::Servers => {
            let servers = host
                .registry
                .servers
                .snapshot()
                .servers()
                .iter()
                .map(|server| server_line(server))
                .collect();
            Answer::Servers { servers }
        }
        Request::Reload => reload(host),
        Request::Swap { plugin } => swap(host, &plugin),
        Request::Drain { server: None, .. } => {
            tracing::info!("drain was asked for through the control socket");
            host.ask_to_stop(Stop::Drain);
            done("the host drains and then stops")
        }
        Request::Drain {
            server: Some(server),
            undo,
        } => {
            if !host.registry.servers.drain(&server, !undo) {
                return failed(format!(
                    "there is no server `{server}`; `portcullis ctl servers` lists them"
                ));
            }
            tracing::info!(
                server,
                draining = !undo,
                "server was drained or put back through the control socket"
            );
            done(if undo {
                "the server is in service"
            } else {
                "the server gets nobody new"
            })
        }
        Request::Shutdown => {
            tracing::info!("shutdown was asked for through the control socket");
            host.ask_to_stop(Stop::Now);
            done("the host stops")
        }
    }
}

/// The operator's own reload tries quarantined plugins again.
fn reload(host: &Host) -> Answer {
    match host.reload() {
        Ok(changes) => {
            let quarantined = host
                .runtime
                .status()
                .into_iter()
                .filter(|plugin| plugin.state == PluginState::Quarantined);
            let errors: Vec<_> = quarantined
                .filter_map(|plugin| PluginName::try_from(plugin.name.as_str()).ok())
                .filter_map(|name| Some(format!("plugin `{name}`: {}", host.runtime.reload(name.clone()).err()?)))
                .collect();
            if errors.is_empty() {
                done(changes)
            } else {
                Answer::Failed { errors }
            }
        }
        Err(errors) => Answer::Failed { errors },
    }
}

fn swap(host: &Host, plugin: &str) -> Answer {
    let reloaded = PluginName::try_from(plugin)
        .map_err(|error| error.to_string())
        .and_then(|name| {
            host.runtime
                .reload(name)
                .map_err(|error| format!("plugin `{plugin}`: {error}"))
        });
    match reloaded {
        Ok(()) => done(format!("plugin `{plugin}` was loaded again")),
        Err(error) => failed(error),
    }
}

fn done(text: impl Into<String>) -> Answer {
    Answer::Done { done: text.into() }
}

fn failed(error: String) -> Answer {
    Answer::Failed { errors: vec![error] }
}

fn session_line(session: &Session) -> SessionLine {
    SessionLine {
        id: session.id().get(),
        name: session.claimed_name().map(str::to_owned),
        peer: session.peer().to_string(),
        host: session.host().map(|host| host.to_string()),
        protocol: session.handshake().map(|handshake| handshake.protocol),
        listener: session.listener().to_string(),
        server: session.server().map(|server| server.to_string()),
        seconds: session.opened().elapsed().as_secs(),
        up_bytes: session.up_bytes(),
        down_bytes: session.down_bytes(),
    }
}

fn server_line(server: &Server) -> ServerLine {
    ServerLine {
        name: server.config.name.to_string(),
        address: server.config.address.to_string(),
        groups: server.config.groups.iter().map(ToString::to_string).collect(),
        health: match server.health() {
            Health::Unknown => "unknown",
            Health::Up => "up",
            Health::Down => "down",
            Health::Draining => "draining",
        },
        sessions: server.sessions(),
        weight: server.config.weight,
        latency_us: server.latency_us(),
    }
}
