//! A player joins: a server is dialled, told what it needs to know, and the session begins.

use std::io;
use std::sync::Arc;

use portcullis_protocol::Progress;
use portcullis_protocol::handshake::Handshake;
use portcullis_protocol::host::HostField;
use portcullis_protocol::text::Text;
use portcullis_registry::Session;
use tokio::io::AsyncWriteExt;

use super::Arrival;
use super::farewell::{Turned, part};
use super::introduction::{self, Introduced, Unwanted};
use super::opening::{Denied, Plan};
use super::peek::take;
use super::session::{self, Beginning};
use crate::dial::{Dialled, Tried};
use crate::refusal::Reason;
use crate::text;

/// Connects a player to the first server on the list that answers.
pub(super) async fn join(arrival: Arrival, session: Arc<Session>, plan: Plan) {
    let dialler = &arrival.worker.dialler;
    let Some(mut dialled) = dialler.dial_first(&plan.targets, &mut Tried::default()).await else {
        return turn_away(arrival, &plan).await;
    };
    let replayed = match replay(&arrival, &session, &plan, &mut dialled).await {
        Ok(replayed) => replayed,
        Err(NotReplayed::Unwanted(denied)) => return part(arrival, denied.turned(plan.client)).await,
        Err(NotReplayed::Failed(error)) => {
            tracing::debug!(server = %dialled.server.config.name, %error, "failed to begin a session");
            return turn_away(arrival, &plan).await;
        }
    };
    session::begin(Beginning {
        arrival,
        session,
        dialled,
        mode: plan.mode,
        handshake: replayed,
    });
}

async fn turn_away(arrival: Arrival, plan: &Plan) {
    let turned = Turned::disconnecting(&Text::plain(text::NO_SERVER), plan.client, Reason::NoServer);
    part(arrival, turned).await;
}

/// Why a server was not told who comes.
enum NotReplayed {
    /// A plugin would not have it.
    Unwanted(Denied),
    /// The server's connection broke, or the client's.
    Failed(io::Error),
}

impl From<io::Error> for NotReplayed {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// Tells the server what the client's own bytes do not: a PROXY header, and a handshake with another host, or without what the client
/// must not say of itself. What the client sent is otherwise still in the queue, and is moved with everything that follows. Returns
/// how many bytes of the handshake will be.
async fn replay(
    arrival: &Arrival,
    session: &Arc<Session>,
    plan: &Plan,
    dialled: &mut Dialled,
) -> Result<usize, NotReplayed> {
    let (plugins, chain) = (&arrival.worker.plugins, &arrival.settings.chain);
    let introduced = introduction::of(plugins, chain, session, &dialled.server, arrival.local());
    let Introduced { mut head, host } = introduced.map_err(|unwanted| {
        NotReplayed::Unwanted(match unwanted {
            Unwanted::Denied(text, by) => Denied {
                text: Some(text::rendered(&text)),
                reason: Reason::PluginDisconnect(by),
            },
            Unwanted::Refused(refusal) => Denied::undecided(refusal),
        })
    })?;
    let cleaned = introduction::without_claims(session, &arrival.stream, &arrival.settings.config);
    let is_rewritten = host.is_some() || cleaned.is_some();
    if is_rewritten {
        let bytes = take(&arrival.stream, plan.handshake)?;
        let Ok(Progress::Complete(handshake, _)) = Handshake::parse(&bytes) else {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        };
        let said = cleaned.as_deref().unwrap_or(handshake.host.raw());
        let Ok(field) = HostField::parse(said) else {
            return Err(io::Error::from(io::ErrorKind::InvalidData).into());
        };
        let host = host.map_or_else(|| said.to_owned(), |host| host.in_place_of(&field));
        handshake.write_as(&host, handshake.intent, &mut head);
    }
    if !head.is_empty() {
        dialled.stream.write_all(&head).await?;
    }
    Ok(if is_rewritten { 0 } else { plan.handshake })
}
