//! What a connection wants: its first bytes, its handshake and, for a player, the login start that claims a name.

use std::sync::Arc;
use std::time::Duration;

use portcullis_protocol::first::{First, may_be_whole_ping, sniff};
use portcullis_protocol::handshake::{Handshake, HandshakeError, Intent};
use portcullis_protocol::host::{HostField, Marker};
use portcullis_protocol::legacy::{self, Ping};
use portcullis_protocol::login::LoginStart;
use portcullis_protocol::text::Text;
use portcullis_protocol::version::Protocol;
use portcullis_protocol::{PRE_ROUTE_BYTES, Progress};
use portcullis_registry::{self as registry, Session, Target};
use portcullis_runtime::{HandshakeOutcome, Mode, Refusal, RouteCause, RouteOutcome};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Arrival;
use super::farewell::Turned;
use super::peek::{glance, peek};
use crate::listener::Settings;
use crate::mover::Kit;
use crate::refusal::Reason;
use crate::status::Format;
use crate::text;
use crate::worker::Worker;

/// How long the start of a legacy ping stays alone before it is taken for a whole one: old clients send it in one go.
const LEGACY_WAIT: Duration = Duration::from_millis(100);

/// What a connection wants, and what the plugins have decided so far.
pub(super) enum Wish {
    Ping(Question),
    Join(Plan),
    Enter(Door),
}

/// A server list's question.
pub(super) struct Question {
    pub(super) client: Protocol,
    pub(super) format: Format,
    /// Bytes of the handshake, which is still in the queue.
    pub(super) handshake: usize,
    /// Said in place of an answer where the handshake was turned away already.
    pub(super) denied: Option<Denied>,
}

/// A player whom the host logs in itself.
pub(super) struct Door {
    pub(super) client: Protocol,
    /// Bytes of the handshake, which is still in the queue.
    pub(super) handshake: usize,
    /// As the client claims it.
    pub(super) name: Box<str>,
}

/// How a player is to join.
pub(super) struct Plan {
    pub(super) client: Protocol,
    /// Bytes of the handshake, which is still in the queue.
    pub(super) handshake: usize,
    pub(super) targets: Vec<Target>,
    pub(super) mode: Mode,
}

/// A client turned away who is to be told so, if there is a text, in a format that depends on what it came for.
pub(super) struct Denied {
    pub(super) text: Option<Text>,
    pub(super) reason: Reason,
}

/// What the first bytes turn out to be.
#[derive(Debug, PartialEq)]
enum Opening {
    /// With its length in bytes, and the name that the login start behind it claims, if that has arrived as well.
    Handshake(registry::Handshake, usize, Option<Box<str>>),
    Ping(Ping),
    LegacyLogin,
    /// So many bytes of a ping that may go on.
    PerhapsPing(usize),
}

/// Reads on until it is clear what the connection wants, asking the `handshake` and `route` hooks on the way. Where the
/// connection is `barred`, nobody is asked, and the client told.
pub(super) async fn read(arrival: &Arrival, session: &Arc<Session>, barred: Option<Refusal>) -> Result<Wish, Turned> {
    let (stream, kit) = (&arrival.stream, &arrival.worker.kit);
    let (facts, format, handshake, name) = match first(stream, kit).await? {
        Opening::Handshake(facts, handshake, name) => (facts, Format::Modern, handshake, name),
        Opening::Ping(ping) => {
            let facts = legacy_facts(&ping, arrival.listener.address.port())?;
            (facts, Format::Legacy(ping), 0, None)
        }
        Opening::LegacyLogin | Opening::PerhapsPing(_) => {
            let mut words = Vec::new();
            legacy::write_kick(&Text::plain(text::LEGACY_LOGIN), &mut words);
            return Err(Turned::saying(words, Reason::LegacyLogin));
        }
    };
    let (client, intent) = (Protocol(facts.protocol), facts.intent);
    session.set_handshake(facts);
    let shaken = match barred {
        Some(refusal) => Err(Denied::undecided(refusal)),
        None => shake_hands(arrival, session),
    };
    match (intent, shaken) {
        (registry::Intent::Status, Err(Denied { text: None, reason })) => Err(Turned::silently(reason)),
        (registry::Intent::Status, shaken) => Ok(Wish::Ping(Question {
            client,
            format,
            handshake,
            denied: shaken.err(),
        })),
        (registry::Intent::Login | registry::Intent::Transfer, Err(denied)) => Err(denied.turned(client)),
        (registry::Intent::Login | registry::Intent::Transfer, Ok(mode)) => {
            let name = match name {
                Some(name) => name,
                None => claimed_name(stream, kit, handshake).await?,
            };
            session.set_claimed_name(&name);
            if mode == Mode::Framed {
                return Ok(Wish::Enter(Door {
                    client,
                    handshake,
                    name,
                }));
            }
            let targets = route(&arrival.worker, &arrival.settings, session);
            let targets = targets.map_err(|denied| denied.turned(client))?;
            Ok(Wish::Join(Plan {
                client,
                handshake,
                targets,
                mode,
            }))
        }
    }
}

/// Tells what the first bytes are, waiting for as many as that takes.
async fn first(stream: &TcpStream, kit: &Kit) -> Result<Opening, Turned> {
    loop {
        let opening = peek(stream, kit, PRE_ROUTE_BYTES, |bytes| look(bytes, false)).await?;
        let Opening::PerhapsPing(length) = opening else {
            return Ok(opening);
        };
        let more = peek(stream, kit, PRE_ROUTE_BYTES, |bytes| {
            Ok((bytes.len() > length).then_some(()))
        });
        // Rare, so it has a box of its own. Anything but more bytes in time means that nothing more has come, or ever will.
        if !matches!(Box::pin(timeout(LEGACY_WAIT, more)).await, Ok(Ok(())))
            && let Some(opening) = glance(stream, kit, PRE_ROUTE_BYTES, |bytes| look(bytes, true))?
        {
            return Ok(opening);
        }
    }
}

fn look(bytes: &[u8], waited: bool) -> Result<Option<Opening>, Reason> {
    match sniff(bytes, waited) {
        First::Incomplete if may_be_whole_ping(bytes) => Ok(Some(Opening::PerhapsPing(bytes.len()))),
        First::Incomplete => Ok(None),
        First::Modern => match Handshake::parse(bytes) {
            Ok(Progress::Complete(handshake, length)) => {
                let name = match handshake.intent {
                    Intent::Status => None,
                    // Mostly both arrive in one go. A login that nobody can mean is refused before any plugin hears of it.
                    Intent::Login | Intent::Transfer => name_behind(bytes, length)?,
                };
                Ok(Some(Opening::Handshake(facts(&handshake), length, name)))
            }
            Ok(Progress::Incomplete) => Ok(None),
            Err(error) => Err(Reason::Garbage(error.label())),
        },
        First::LegacyPing(ping) => Ok(Some(Opening::Ping(ping))),
        First::LegacyLogin => Ok(Some(Opening::LegacyLogin)),
        First::Garbage(garbage) => Err(Reason::Garbage(garbage.label())),
    }
}

/// Waits for the login start behind the handshake, and the name that it claims.
async fn claimed_name(stream: &TcpStream, kit: &Kit, handshake: usize) -> Result<Box<str>, Turned> {
    peek(stream, kit, PRE_ROUTE_BYTES, |bytes| name_behind(bytes, handshake)).await
}

fn name_behind(bytes: &[u8], handshake: usize) -> Result<Option<Box<str>>, Reason> {
    match LoginStart::parse(bytes.get(handshake..).unwrap_or_default()) {
        Ok(Progress::Complete(start, _)) => Ok(Some(start.name.into())),
        Ok(Progress::Incomplete) => Ok(None),
        Err(error) => Err(Reason::Garbage(error.label())),
    }
}

fn shake_hands(arrival: &Arrival, session: &Arc<Session>) -> Result<Mode, Denied> {
    match arrival.worker.plugins.handshake(&arrival.settings.chain, session) {
        HandshakeOutcome::Continue(mode) => Ok(mode),
        HandshakeOutcome::Disconnect(text, by) => Err(Denied {
            text: Some(text::rendered(&text)),
            reason: Reason::PluginDisconnect(by),
        }),
        HandshakeOutcome::Drop(by) => Err(Denied {
            text: None,
            reason: Reason::PluginDrop(by),
        }),
        HandshakeOutcome::Refuse(refusal) => Err(Denied::undecided(refusal)),
    }
}

/// Asks where a player who has just arrived goes.
pub(super) fn route(worker: &Worker, settings: &Settings, session: &Arc<Session>) -> Result<Vec<Target>, Denied> {
    match worker.plugins.route(&settings.chain, session, &RouteCause::Initial) {
        RouteOutcome::To(targets, by) => {
            tracing::debug!(plugin = &*by, ?targets, "chose a route");
            Ok(targets)
        }
        RouteOutcome::Disconnect(text, by) => Err(Denied {
            text: Some(text::rendered(&text)),
            reason: Reason::PluginDisconnect(by),
        }),
        RouteOutcome::Drop(by) => Err(Denied {
            text: None,
            reason: Reason::PluginDrop(by),
        }),
        RouteOutcome::Refuse(refusal) => Err(Denied::undecided(refusal)),
    }
}

impl Denied {
    pub(super) fn undecided(refusal: Refusal) -> Self {
        Self {
            text: text::of_refusal(&refusal).map(Text::plain),
            reason: Reason::Undecided(refusal),
        }
    }

    pub(super) fn turned(self, client: Protocol) -> Turned {
        match self.text {
            Some(text) => Turned::disconnecting(&text, client, self.reason),
            None => Turned::silently(self.reason),
        }
    }
}

fn facts(handshake: &Handshake<'_>) -> registry::Handshake {
    let host = &handshake.host;
    registry::Handshake {
        protocol: handshake.protocol.0,
        host: host.name().into(),
        raw_host: (host.raw() != host.name()).then(|| host.raw().into()),
        port: handshake.port,
        intent: match handshake.intent {
            Intent::Status => registry::Intent::Status,
            Intent::Login => registry::Intent::Login,
            Intent::Transfer => registry::Intent::Transfer,
        },
        marker: host.marker().map(|marker| match marker {
            Marker::Fml => registry::Marker::Fml,
            Marker::Fml2 => registry::Marker::Fml2,
            Marker::Fml3 => registry::Marker::Fml3,
            Marker::Forge => registry::Marker::Forge,
        }),
        legacy: false,
    }
}

/// A legacy ping's facts: only 1.6 says where it believes to be.
fn legacy_facts(ping: &Ping, listener_port: u16) -> Result<registry::Handshake, Turned> {
    let (protocol, raw, port) = match ping {
        Ping::Bare | Ping::Versioned => (Protocol::NONE.0, "", listener_port),
        Ping::WithHost { protocol, host, port } => (i32::from(*protocol), &**host, *port),
    };
    let host = HostField::parse(raw)
        .map_err(|error| Turned::silently(Reason::Garbage(HandshakeError::from(error).label())))?;
    Ok(registry::Handshake {
        protocol,
        host: host.name().into(),
        raw_host: (raw != host.name()).then(|| raw.into()),
        port,
        intent: registry::Intent::Status,
        marker: None,
        legacy: true,
    })
}

#[cfg(test)]
mod tests;
