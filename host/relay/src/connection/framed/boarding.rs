//! Getting a player onto a server: the server is dialled, told who comes, asked questions of, and lets him in or does not.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use portcullis_protocol::Progress;
use portcullis_protocol::connection::Connection;
use portcullis_protocol::cookie::{CookieRequest, CookieResponse};
use portcullis_protocol::handshake::{Handshake, Intent};
use portcullis_protocol::login::{
    Disconnect, MAX_QUERY_BYTES, PluginRequest, PluginResponse, SetCompression, Start, Success,
};
use portcullis_protocol::packets::{Direction, Fields, Packet, Table};
use portcullis_protocol::play::{self, JoinGame};
use portcullis_protocol::text::Text;
use portcullis_registry::{Claim, Occupancy, Server, Session, Target};
use portcullis_runtime::{AcceptedOutcome, By, Destination, QuestionOutcome, Refusal, Text as PluginText};
use portcullis_telemetry::Sampler;
use tokio::io::AsyncWriteExt;

use super::fault::Fault;
use super::happening::{Loss, Lost};
use super::patience::Patience;
use super::wire::{Incoming, Wire};
use crate::connection::introduction::{self, Introduced, Unwanted};
use crate::dial::{Dialled, Tried};
use crate::listener::Settings;
use crate::metrics::RelayMetrics;
use crate::worker::Worker;

/// Packets that a server may send between letting a player in and putting him into a world, to 1.20.1, and their bytes in all.
const MAX_EARLY_PACKETS: usize = 1_024;
const MAX_EARLY_BYTES: usize = 4 << 20;

/// What stands in front of the data in an answer, at most: id, number, presence.
const QUERY_HEAD_BYTES: usize = 16;

/// What it takes to get a player onto a server, the first one and all that follow.
pub(super) struct Ticket {
    pub(super) worker: Rc<Worker>,
    pub(super) settings: Arc<Settings>,
    /// Where the client connected to.
    pub(super) local: SocketAddr,
    pub(super) session: Arc<Session>,
    pub(super) table: &'static Table,
    /// The client's handshake, as it came.
    pub(super) handshake: Vec<u8>,
    /// Fields of the client's login start.
    pub(super) start: Vec<u8>,
    /// For as long as the session lasts.
    pub(super) _claim: Claim,
}

/// A player who was let in.
pub(super) struct Aboard {
    pub(super) wire: Wire,
    pub(super) server: Arc<Server>,
    pub(super) occupancy: Occupancy,
    pub(super) success: Success,
    /// What the server sent before the join game, and that, to 1.20.1 where the player is in a world: ids and fields.
    pub(super) early: Vec<Vec<u8>>,
}

/// Why a player did not get onto a server.
#[derive(Debug)]
pub(super) enum NotAboard {
    /// The server of this name, or the way to it. Where none could be reached, it is the one that was tried last; nameless, where
    /// none was there to be tried.
    Lost(Arc<str>, Loss),
    /// A forwarding plugin would not have it, or failed.
    Denied(PluginText, By),
    Refused(Refusal),
    /// The client, who was asked a server's question.
    Client(Fault),
}

/// What goes wrong with one server.
enum Trouble {
    Lost(Loss),
    Denied(PluginText, By),
    Refused(Refusal),
    Client(Fault),
}

impl<F: Into<Loss>> From<F> for Trouble {
    fn from(loss: F) -> Self {
        Self::Lost(loss.into())
    }
}

impl Ticket {
    /// Gets the player onto the first of these that lets him in, the one named `except` left out. A server that cannot be
    /// reached, or breaks off, is passed over; one that refuses him is the last that is tried. Questions that no plugin answers
    /// go to `client`, while it is in its login. `is_in_world`: the new server's world has to take the place of another.
    pub(super) async fn board(
        &self,
        targets: &[Target],
        mut client: Option<&mut Wire>,
        except: Option<&str>,
        is_in_world: bool,
    ) -> Result<Aboard, NotAboard> {
        let (mut tried, mut lost) = (Tried::but(except), None);
        let dialler = &self.worker.dialler;
        while let Some(dialled) = dialler.dial_first(targets, &mut tried).await {
            let Dialled {
                stream,
                server,
                occupancy,
            } = dialled;
            let Ok(connection) = Connection::new(self.table.protocol(), Intent::Login) else {
                break;
            };
            let mut wire = Wire::new(stream, connection, self.table, Direction::Clientbound);
            let patience = Patience::new();
            let log_in = self.log_in(&mut wire, &server, client.as_deref_mut(), is_in_world, &patience);
            let let_in = patience.with(log_in).await;
            match let_in.unwrap_or(Err(Trouble::Lost(Lost::Timeout.into()))) {
                Ok((success, early)) => {
                    return Ok(Aboard {
                        wire,
                        server,
                        occupancy,
                        success,
                        early,
                    });
                }
                Err(Trouble::Lost(loss)) => {
                    self.worker.boarding_log.failed(&server, &loss);
                    let is_refusal = matches!(loss.cause, Lost::Kicked(_));
                    lost = Some(NotAboard::Lost(Arc::clone(server.config.name.shared()), loss));
                    if is_refusal {
                        break;
                    }
                }
                Err(Trouble::Denied(text, by)) => return Err(NotAboard::Denied(text, by)),
                Err(Trouble::Refused(refusal)) => return Err(NotAboard::Refused(refusal)),
                Err(Trouble::Client(fault)) => return Err(NotAboard::Client(fault)),
            }
        }
        Err(lost.unwrap_or_else(|| NotAboard::Lost(tried.last().into(), Lost::Unreachable.into())))
    }

    async fn log_in(
        &self,
        wire: &mut Wire,
        server: &Arc<Server>,
        mut client: Option<&mut Wire>,
        is_in_world: bool,
        patience: &Patience,
    ) -> Result<(Success, Vec<Vec<u8>>), Trouble> {
        let destination = Destination::from(&server.config);
        let kit = &self.worker.kit;
        self.introduce(wire, server).await?;
        let protocol = self.table.protocol();
        let mut answered = Vec::new();
        let success = loop {
            let received = poll_fn(|cx| {
                // Nobody waits for a player who does not.
                if let Some(client) = client.as_deref_mut()
                    && client.poll_gone(cx).is_ready()
                {
                    return Poll::Ready(Err(Trouble::Client(Fault::Closed)));
                }
                wire.poll_packet(cx, kit, wire.limit()).map_err(Trouble::from)
            });
            let Incoming { seen, fields, .. } = received.await?;
            match seen.packet {
                Some(Packet::Disconnect) => {
                    let text = Disconnect::read(&fields).map_err(Fault::from)?;
                    let text = Text::json(text.json).unwrap_or_else(|_| Text::plain(""));
                    return Err(Loss::from(Lost::Kicked(text)).into());
                }
                Some(Packet::EncryptionRequest) => return Err(Loss::from(Lost::OnlineMode).into()),
                Some(Packet::SetCompression) => {
                    let set = SetCompression::read(&fields).map_err(Fault::from)?;
                    wire.connection.set_compression(set);
                }
                Some(Packet::LoginPluginRequest) => {
                    let request = PluginRequest::read(&fields).map_err(Fault::from)?;
                    let client = client.as_deref_mut().map(|client| (client, patience));
                    let answer = self.answer(&destination, &request, client).await?;
                    if answer.is_ours {
                        answered.push(request.channel.to_owned());
                    }
                    let response = PluginResponse {
                        id: request.id,
                        data: answer.data.as_deref(),
                    };
                    wire.send(kit, &response)?;
                    wire.flush().await?;
                }
                Some(Packet::CookieRequest) => {
                    let request = CookieRequest::read(&fields).map_err(Fault::from)?;
                    let client = client.as_deref_mut().map(|client| (client, patience));
                    let data = self.cookie(request, client).await?;
                    let response = CookieResponse {
                        key: request.key,
                        data: data.as_deref(),
                    };
                    wire.send(kit, &response)?;
                    wire.flush().await?;
                }
                Some(Packet::LoginSuccess) => break Success::read(&fields, protocol).map_err(Fault::from)?,
                _ => return Err(Fault::Unexpected(seen.packet.unwrap_or(Packet::LoginSuccess)).into()),
            }
        };
        let (plugins, chain) = (&self.worker.plugins, &self.settings.chain);
        match plugins.accepted(chain, &self.session, &destination, &answered) {
            AcceptedOutcome::Admit => {}
            AcceptedOutcome::Deny(text, by) => return Err(Trouble::Denied(text, by)),
            AcceptedOutcome::Refuse(refusal) => return Err(Trouble::Refused(refusal)),
        }
        let early = if is_in_world && !protocol.has_configuration() {
            self.await_world(wire).await?
        } else {
            Vec::new()
        };
        Ok((success, early))
    }

    /// Says who comes: a PROXY header, the handshake, the login start.
    async fn introduce(&self, wire: &mut Wire, server: &Server) -> Result<(), Trouble> {
        let Ok(Progress::Complete(handshake, _)) = Handshake::parse(&self.handshake) else {
            return Err(Fault::Closed.into());
        };
        let introduction = introduction::of(
            &self.worker.plugins,
            &self.settings.chain,
            &self.session,
            server,
            self.local,
        );
        let Introduced { mut head, host } = introduction.map_err(|unwanted| match unwanted {
            Unwanted::Denied(text, by) => Trouble::Denied(text, by),
            Unwanted::Refused(refusal) => Trouble::Refused(refusal),
        })?;
        let host = host.map_or_else(
            || handshake.host.raw().to_owned(),
            |host| host.in_place_of(&handshake.host),
        );
        handshake.write_as(&host, Intent::Login, &mut head);
        wire.stream().write_all(&head).await.map_err(Fault::from)?;
        let start = Start::read(&self.start, self.table.protocol()).map_err(Fault::from)?;
        let identity = self.session.identity();
        let start = match &identity {
            Some(identity) => Start {
                name: &identity.profile.name,
                uuid: Some(identity.profile.uuid),
                ..start
            },
            None => start,
        };
        wire.send(&self.worker.kit, &start)?;
        Ok(wire.flush().await?)
    }

    /// Answers a server's question: a plugin, otherwise the client, otherwise nobody.
    async fn answer(
        &self,
        destination: &Destination,
        request: &PluginRequest<'_>,
        client: Option<(&mut Wire, &Patience)>,
    ) -> Result<Answered, Trouble> {
        let (plugins, chain) = (&self.worker.plugins, &self.settings.chain);
        match plugins.question(chain, &self.session, destination, request.channel, request.data) {
            QuestionOutcome::Answer(data, _) => Ok(Answered {
                data: Some(data),
                is_ours: true,
            }),
            QuestionOutcome::Unknown(_) => Ok(Answered::nothing()),
            QuestionOutcome::Deny(text, by) => Err(Trouble::Denied(text, by)),
            QuestionOutcome::Refuse(refusal) => Err(Trouble::Refused(refusal)),
            QuestionOutcome::AskClient => match client {
                Some((client, patience)) => {
                    let fields = self
                        .ask(client, patience, request, Packet::LoginPluginResponse)
                        .await
                        .map_err(Trouble::Client)?;
                    let response = PluginResponse::read(&fields).map_err(|error| Trouble::Client(error.into()))?;
                    Ok(Answered {
                        data: response.data.map(<[u8]>::to_vec),
                        is_ours: false,
                    })
                }
                None => Ok(Answered::nothing()),
            },
        }
    }

    async fn cookie(
        &self,
        request: CookieRequest<'_>,
        client: Option<(&mut Wire, &Patience)>,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        let Some((client, patience)) = client else {
            return Ok(None);
        };
        let fields = self
            .ask(client, patience, &request, Packet::CookieResponse)
            .await
            .map_err(Trouble::Client)?;
        let response = CookieResponse::read(&fields).map_err(|error| Trouble::Client(error.into()))?;
        Ok(response.data.map(<[u8]>::to_vec))
    }

    /// Passes a server's question on to the client, which is in its login, and waits for the answer.
    async fn ask(
        &self,
        client: &mut Wire,
        patience: &Patience,
        question: &impl Fields,
        answer: Packet,
    ) -> Result<Vec<u8>, Fault> {
        let kit = &self.worker.kit;
        client.send(kit, question)?;
        let answered = patience.with_client(async {
            client.flush().await?;
            client.receive(kit, MAX_QUERY_BYTES + QUERY_HEAD_BYTES).await
        });
        let incoming = answered.await.unwrap_or(Err(Fault::Unanswered))?;
        match incoming.seen.packet {
            Some(packet) if packet == answer => Ok(incoming.fields),
            packet => Err(Fault::Unexpected(packet.unwrap_or(answer))),
        }
    }

    /// Waits until the server puts the player into a world.
    async fn await_world(&self, wire: &mut Wire) -> Result<Vec<Vec<u8>>, Trouble> {
        let kit = &self.worker.kit;
        let (mut early, mut bytes) = (Vec::new(), 0);
        loop {
            let incoming = wire.receive(kit, wire.limit()).await?;
            let (packet, protocol) = (incoming.seen.packet, self.table.protocol());
            match packet {
                Some(Packet::Disconnect) => {
                    let text = play::Disconnect::read(&incoming.fields, protocol);
                    let text = text.map_or_else(|_| Text::plain(""), |disconnect| disconnect.reason);
                    return Err(Loss::kicked(text, incoming.into_packet()).into());
                }
                Some(Packet::JoinGame) => {
                    JoinGame::read(&incoming.fields, protocol).map_err(Fault::from)?;
                    early.push(incoming.into_packet());
                    return Ok(early);
                }
                _ => {
                    let packet = incoming.into_packet();
                    bytes += packet.len();
                    early.push(packet);
                    if early.len() > MAX_EARLY_PACKETS || bytes > MAX_EARLY_BYTES {
                        return Err(Fault::NoWorld.into());
                    }
                }
            }
        }
    }
}

/// What a server is answered.
struct Answered {
    data: Option<Vec<u8>>,
    /// By a plugin rather than the client.
    is_ours: bool,
}

impl Answered {
    fn nothing() -> Self {
        Self {
            data: None,
            is_ours: false,
        }
    }
}

/// Tells of servers that were reached, yet let nobody in.
pub(crate) struct BoardingLog {
    metrics: RelayMetrics,
    log: Sampler,
}

impl BoardingLog {
    pub(crate) fn new(metrics: RelayMetrics) -> Self {
        Self {
            metrics,
            log: Sampler::new(1),
        }
    }

    fn failed(&self, server: &Server, loss: &Loss) {
        let name = &server.config.name;
        self.metrics.boarding_failed(name, loss.label());
        if let Some(suppressed) = self.log.admit() {
            tracing::warn!(server = %name, reason = loss.label(), error = %loss, suppressed, "failed to get a player onto a server");
        }
    }
}
