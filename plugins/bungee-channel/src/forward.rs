//! What servers tell each other through the proxy.

use portcullis_sdk::control;
use portcullis_sdk::prelude::*;

use crate::CHANNEL;
use crate::data::{Input, Output};
use crate::requests::{named, tell};

/// Every other server. BungeeCord keeps a message for one without players; here it is not sent, as with `ONLINE`.
const EVERYWHERE: [&str; 2] = ["ALL", "ONLINE"];

pub(crate) fn forward(session: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let (target, message) = (input.text()?, content(input)?);
    let own = session.server().unwrap_or_default();
    if EVERYWHERE.contains(&&*target) {
        // Each of them is a look at every session: those without one are passed over.
        let others = servers::all().into_iter().filter(|server| server.name != own);
        for server in others.filter(|server| server.sessions > 0) {
            tell(control::players().on(server.name).tell_servers(CHANNEL, &message));
        }
    } else if servers::get(&target).is_some() {
        tell(control::players().on(target).tell_servers(CHANNEL, &message));
    }
    Some(None)
}

pub(crate) fn forward_to_player(_: &Session, input: &mut Input<'_>) -> Option<Option<Vec<u8>>> {
    let (name, message) = (input.text()?, content(input)?);
    tell(named(&name).tell_servers(CHANNEL, &message));
    Some(None)
}

/// A channel of the servers' own and its bytes, as the other server reads them.
fn content(input: &mut Input<'_>) -> Option<Vec<u8>> {
    let (channel, bytes) = (input.text()?, input.bytes()?);
    Some(Output::default().text(&channel).bytes(bytes).finish())
}
