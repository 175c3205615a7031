//! Players of versions whose packets the host does not know: their bytes are handed through if whoever says who players are
//! takes them as they are. Nobody who is to be authenticated comes in without.

use std::sync::Arc;

use portcullis_protocol::text::Text;
use portcullis_registry::Session;
use portcullis_runtime::{ClaimOutcome, Mode, Refusal};

use super::entrance::Parting;
use crate::connection::farewell::{Turned, part};
use crate::connection::opening::{self, Door, Plan};
use crate::connection::{Arrival, join};
use crate::refusal::Reason;
use crate::text;

/// Hands the player's bytes through, or sends him away.
pub(super) async fn serve(arrival: Arrival, session: Arc<Session>, door: Door) {
    match plan(&arrival, &session, &door).await {
        Ok(plan) => {
            if let Some(suppressed) = arrival.worker.log.degraded.admit() {
                tracing::warn!(
                    listener = %arrival.listener.name, version = %door.client, suppressed,
                    "handed through a player of a version whose packets this host does not know"
                );
            }
            join::join(arrival, session, plan).await;
        }
        Err(Parting { text, reason }) => {
            let turned = match text {
                Some(text) => Turned::disconnecting(&text, door.client, reason),
                None => Turned::silently(reason),
            };
            part(arrival, turned).await;
        }
    }
}

async fn plan(arrival: &Arrival, session: &Arc<Session>, door: &Door) -> Result<Plan, Parting> {
    let (plugins, chain) = (&arrival.worker.plugins, &arrival.settings.chain);
    match plugins.claim(chain, session, &door.name, None).await {
        ClaimOutcome::Offline(_) => {}
        ClaimOutcome::Online(_) => {
            return Err(Parting::saying(
                Text::plain(text::UNKNOWN_VERSION),
                Reason::UnknownVersion,
            ));
        }
        ClaimOutcome::Deny(text, by) => return Err(Parting::of_plugin(&text, by)),
        ClaimOutcome::Refuse(Refusal::NoVerdict) => return Err(Parting::no_login()),
        ClaimOutcome::Refuse(refusal) => return Err(Parting::undecided(refusal)),
    }
    let targets = opening::route(&arrival.worker, &arrival.settings, session).map_err(|denied| Parting {
        text: denied.text,
        reason: denied.reason,
    })?;
    Ok(Plan {
        client: door.client,
        handshake: door.handshake,
        targets,
        mode: Mode::Splice,
    })
}
