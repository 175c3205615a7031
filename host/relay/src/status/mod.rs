//! Answers to server list pings: rendered for the client, kept for as long as their author says, or fetched from a server.

use std::rc::Rc;

use portcullis_protocol::legacy::Ping;
use portcullis_protocol::status::{Favicon, SamplePlayer, StatusResponse};
use portcullis_protocol::text::Text;
use portcullis_protocol::version::Protocol;
use portcullis_runtime::StatusAnswer;

use crate::text::rendered;

pub(crate) mod answers;
pub(crate) mod ask;
pub(crate) mod passthrough;

/// Shown in place of the player count when versions differ and nobody says what to show.
const VERSION_NAME: &str = "Portcullis";

/// How a ping was asked, and so how it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Modern,
    Legacy(Ping),
}

impl Format {
    /// The answer's bytes for a client of version `client`.
    pub(crate) fn write(&self, mut response: StatusResponse, client: Protocol) -> Rc<[u8]> {
        let mut out = Vec::new();
        match self {
            Self::Legacy(ping) => ping.write_answer(&response, &mut out),
            Self::Modern => {
                if let Err(error) = response.write(client, &mut out) {
                    tracing::warn!(%error, "a status answer is more than clients read, and goes without its favicon and sample");
                    response.favicon = None;
                    response.sample.clear();
                    // What is left is a text of limited length. Were that too much as well, nothing is an answer, too.
                    let _ = response.write(client, &mut out);
                }
            }
        }
        out.into()
    }
}

/// A plugin's answer for a client of version `client`.
pub(crate) fn of_plugin(answer: &StatusAnswer, client: Protocol) -> StatusResponse {
    StatusResponse {
        version_name: answer.version_name.clone().unwrap_or_else(|| VERSION_NAME.to_owned()),
        protocol: answer.protocol.map_or(client, Protocol),
        description: rendered(&answer.description),
        online: answer.online,
        maximum: answer.maximum,
        sample: answer
            .sample
            .iter()
            .map(|player| SamplePlayer {
                name: player.name.clone(),
                id: player.uuid.clone(),
            })
            .collect(),
        favicon: answer.favicon.as_deref().and_then(favicon),
    }
}

/// The host's own answer, which says what is wrong.
pub(crate) fn saying(text: Text, client: Protocol) -> StatusResponse {
    StatusResponse {
        version_name: VERSION_NAME.to_owned(),
        protocol: client,
        description: text,
        online: 0,
        maximum: 0,
        sample: Vec::new(),
        favicon: None,
    }
}

fn favicon(png: &[u8]) -> Option<Favicon> {
    Favicon::of_png(png)
        .inspect_err(|error| tracing::warn!(%error, "a plugin's status answer goes without its favicon"))
        .ok()
}
