//! Sessions of a running host, on whose behalf hooks are called again.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, ensure};
use portcullis_runtime::workbench::Script;
use serde::Deserialize;

/// What `portcullis ctl sessions --json` prints, as far as it matters here.
#[derive(Deserialize)]
struct Capture {
    sessions: Vec<Captured>,
}

#[derive(Deserialize)]
struct Captured {
    peer: SocketAddr,
    name: Option<String>,
    host: Option<String>,
    protocol: Option<i32>,
}

/// The sessions in a file. What one has not said counts as what is usual.
pub(super) fn load(file: &Path) -> anyhow::Result<Vec<Script>> {
    let what = || {
        format!(
            "cannot read the sessions in {}; write them there with `portcullis ctl sessions --json`",
            file.display()
        )
    };
    let text = fs::read_to_string(file).with_context(what)?;
    let capture: Capture = serde_json::from_str(&text).with_context(what)?;
    ensure!(
        !capture.sessions.is_empty(),
        "{} has no session; take them from a host with players on it",
        file.display()
    );
    let usual = Script::default();
    let scripts = capture.sessions.into_iter().map(|session| Script {
        peer: session.peer,
        host: session.host.unwrap_or_else(|| usual.host.clone()),
        protocol: session.protocol.unwrap_or(usual.protocol),
        player: session.name.unwrap_or_else(|| usual.player.clone()),
    });
    Ok(scripts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Vec<Script>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("sessions.json");
        fs::write(&file, text)?;
        load(&file)
    }

    #[test]
    fn sessions_are_read_as_the_control_socket_tells_them() {
        let scripts = read(
            r#"{"sessions":[
                {"id":7,"name":"Ada","peer":"192.0.2.9:4000","host":"a.example.com","protocol":47,
                 "listener":"0.0.0.0:25565","server":"lobby","seconds":1,"up-bytes":2,"down-bytes":3},
                {"id":8,"name":null,"peer":"[2001:db8::1]:4000","host":null,"protocol":null,
                 "listener":"0.0.0.0:25565","server":null,"seconds":0,"up-bytes":0,"down-bytes":0}]}"#,
        )
        .unwrap();
        let [ada, unknown] = &scripts[..] else {
            panic!("two sessions")
        };
        assert_eq!((&*ada.player, &*ada.host, ada.protocol), ("Ada", "a.example.com", 47));
        assert_eq!(ada.peer.to_string(), "192.0.2.9:4000");
        assert_eq!(
            (&unknown.player, &unknown.host),
            (&Script::default().player, &Script::default().host)
        );
    }

    #[test]
    fn a_file_without_sessions_is_told_where_they_come_from() {
        for text in [r#"{"sessions":[]}"#, "{}", "sessions"] {
            let told = format!("{:#}", read(text).unwrap_err());
            assert!(
                told.contains("ctl sessions --json") || told.contains("players on it"),
                "{told}"
            );
        }
    }
}
