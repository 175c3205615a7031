//! A player's session from the first server to the end: packets flow, plugins give orders, servers are lost and others found.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use portcullis_protocol::message::{PluginMessage, legacy_name};
use portcullis_protocol::packets::{Direction, Fields, State};
use portcullis_protocol::play::{ActionBar, Disconnect, Notice, Title, Transfer};
use portcullis_protocol::text::Text;
use portcullis_protocol::version::Protocol;
use portcullis_registry::{Marker, Message, Order, Session, Target};
use portcullis_runtime::{End, KickedOutcome, Mode};
use tokio::task::spawn_local;
use tokio::time::{Instant, timeout};
use tracing::Instrument;

use super::MAX_REDIRECTIONS;
use super::adrift::Adrift;
use super::boarding::{Aboard, NotAboard, Ticket};
use super::desk::Desk;
use super::entrance::Parting;
use super::fault::Fault;
use super::happening::{Happening, Loss};
use super::pump::Pump;
use super::switch::{Readiness, acknowledge};
use super::wire::Wire;
use crate::connection::farewell::{LINGER, linger};
use crate::connection::session::{Joined, relay};
use crate::listener::Settings;
use crate::mover::{Kit, Mover};
use crate::refusal::Reason;
use crate::text;
use crate::worker::Worker;

/// Name in metrics of what is not sent to a peer that does not take what it is sent.
const BACKLOG: &str = "backlog";

/// How long a player has to be on a server for redirections to count anew: servers that let him in and lose him at once would pass
/// him round for ever.
const STAY: Duration = Duration::from_secs(10);

/// A session under way.
pub(super) struct Voyage {
    passage: Passage,
    desk: Desk,
    joined: Joined,
    ticket: Rc<Ticket>,
    /// The way to another server, while the player is on it.
    boarding: Option<Boarding>,
    /// A server that has let the player in, and to which he has not been moved yet.
    next: Option<Aboard>,
    /// Since the player last stayed on a server for a while.
    redirections: usize,
    /// When he came onto the one that he is on.
    boarded: Instant,
}

type Boarding = Pin<Box<dyn Future<Output = Result<Aboard, NotAboard>>>>;

/// Where the player is.
enum Passage {
    Aboard(Box<Pump>),
    Adrift(Box<Adrift>),
    /// Only while he is moved from one to the other, or when all is over.
    Nowhere,
}

enum Event {
    Happened(Happening),
    Boarded(Box<Result<Aboard, NotAboard>>),
    /// The player can be moved to the next server.
    MayMove,
}

/// How a session ends.
struct Ending {
    end: End,
    farewell: Farewell,
}

/// What the client is told in the end.
enum Farewell {
    Silence,
    Words(Text),
    /// A server's own packet.
    Packet(Vec<u8>),
}

/// What becomes of a player whose server is lost, or was not reached.
pub(super) enum Advice {
    /// No plugin has any.
    None,
    Redirect(Vec<Target>),
    Disconnect(Parting),
    Hold,
}

/// Asks the `backend` hooks.
pub(super) fn advice(
    worker: &Worker,
    settings: &Settings,
    session: &Arc<Session>,
    server: &str,
    loss: &Loss,
    on_board: bool,
) -> Advice {
    let protocol = session
        .handshake()
        .map_or(Protocol::NONE, |handshake| Protocol(handshake.protocol));
    match worker
        .plugins
        .kicked(&settings.chain, session, server, &loss.told(protocol), on_board)
    {
        KickedOutcome::Next => Advice::None,
        KickedOutcome::Redirect(targets, _) => Advice::Redirect(targets),
        KickedOutcome::Disconnect(text, by) => Advice::Disconnect(Parting::of_plugin(&text, by)),
        KickedOutcome::Hold(_) => Advice::Hold,
        KickedOutcome::Refuse(refusal) => Advice::Disconnect(Parting::undecided(refusal)),
    }
}

impl Voyage {
    pub(super) fn new(pump: Pump, desk: Desk, joined: Joined, ticket: Ticket) -> Self {
        Self {
            passage: Passage::Aboard(Box::new(pump)),
            desk,
            joined,
            ticket: Rc::new(ticket),
            boarding: None,
            next: None,
            redirections: 0,
            boarded: Instant::now(),
        }
    }

    /// Sets off, in a task of its own.
    pub(super) fn embark(self) {
        spawn_local(Box::pin(self.sail()).in_current_span());
    }

    async fn sail(mut self) {
        if self.can_be_released() {
            // Nobody hears of servers, or sends packets.
            return self.release().await;
        }
        self.note_phases();
        // A packet that the host cannot write is none of the player's business.
        let _ = self.connected();
        let ending = loop {
            let event = poll_fn(|cx| self.poll(cx)).await;
            match self.meet(event) {
                Ok(None) => {}
                Ok(Some(ending)) => break ending,
                // The host itself could not say what it wanted to say.
                Err(fault) => break Ending::silent(End::Error(format!("host: {fault}"))),
            }
        };
        self.end(ending).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if let Poll::Ready(end) = self.desk.entry().poll_ordered_end(cx) {
            return Poll::Ready(Event::Happened(Happening::Over(end)));
        }
        if let Some(boarding) = &mut self.boarding
            && let Poll::Ready(boarded) = boarding.as_mut().poll(cx)
        {
            self.boarding = None;
            return Poll::Ready(Event::Boarded(Box::new(boarded)));
        }
        let (happening, may_act) = match &mut self.passage {
            Passage::Aboard(pump) => {
                let happening = pump.poll(cx, &mut self.desk);
                (happening, pump.may_leave())
            }
            Passage::Adrift(adrift) => (adrift.poll(cx, &self.desk), true),
            Passage::Nowhere => (Poll::Ready(Happening::Over(End::ClosedByHost)), false),
        };
        if let Poll::Ready(happening) = happening {
            return Poll::Ready(Event::Happened(happening));
        }
        if !may_act {
            // Whoever is sent away is not asked to finish a frame first.
            let ordered = self.desk.session.poll_disconnect(cx);
            return ordered.map(|order| Event::Happened(Happening::Ordered(order)));
        }
        if self.next.is_some() && matches!(self.passage, Passage::Aboard(_)) {
            return Poll::Ready(Event::MayMove);
        }
        self.desk
            .session
            .poll_order(cx)
            .map(|order| Event::Happened(Happening::Ordered(order)))
    }

    /// Does what has to be done about an event; `Some` where that is the end.
    fn meet(&mut self, event: Event) -> Result<Option<Ending>, Fault> {
        match event {
            Event::Happened(happening) => match happening {
                Happening::Over(end) => Ok(Some(Ending::silent(end))),
                Happening::Violation(fault) => Ok(Some(self.violated(&fault))),
                Happening::Dismissed(text, reason) => Ok(Some(self.dismissed(text, &reason))),
                Happening::Lost(loss) => self.lost(loss),
                Happening::Ordered(order) => self.obey(order),
                Happening::Stirred => self.go_on(),
                Happening::Forgotten => Ok(Some(Ending::saying(End::ServerLeft, Text::plain(text::NO_SERVER)))),
            },
            Event::Boarded(boarded) => match *boarded {
                Ok(aboard) => {
                    self.next = Some(aboard);
                    match self.passage {
                        Passage::Adrift(_) => self.go_on(),
                        _ => Ok(None),
                    }
                }
                Err(not_aboard) => self.not_aboard(not_aboard),
            },
            Event::MayMove => {
                self.leave()?;
                self.go_on()
            }
        }
    }

    /// Takes the player off his server.
    fn leave(&mut self) -> Result<(), Fault> {
        match std::mem::replace(&mut self.passage, Passage::Nowhere) {
            Passage::Aboard(pump) => {
                self.passage = Passage::Adrift(Box::new(pump.leave(&self.desk.kit())?));
                self.note_phases();
                self.desk.session.leave_server();
                self.disconnected()?;
            }
            passage => self.passage = passage,
        }
        Ok(())
    }

    /// Moves a player who is on no server as far towards the next one as he goes by now.
    fn go_on(&mut self) -> Result<Option<Ending>, Fault> {
        let kit = self.desk.kit();
        let Passage::Adrift(adrift) = &mut self.passage else {
            return Ok(None);
        };
        if self.next.is_none() || adrift.make_ready(&kit)? == Readiness::Waiting {
            return Ok(None);
        }
        let (Some(aboard), Passage::Adrift(adrift)) =
            (self.next.take(), std::mem::replace(&mut self.passage, Passage::Nowhere))
        else {
            return Ok(None);
        };
        let Aboard {
            mut wire,
            server,
            occupancy,
            early,
            ..
        } = aboard;
        acknowledge(&mut wire, &kit)?;
        let handshake = self.desk.session.handshake();
        let is_forge = handshake.is_some_and(|handshake| handshake.marker == Some(Marker::Fml));
        self.passage = Passage::Aboard(Box::new(adrift.go_aboard(wire, &early, is_forge, &kit)?));
        self.note_phases();
        self.joined.move_to(server, occupancy);
        self.boarded = Instant::now();
        self.connected()?;
        Ok(None)
    }

    /// The server is lost.
    fn lost(&mut self, loss: Loss) -> Result<Option<Ending>, Fault> {
        let server = Arc::clone(self.joined.server());
        tracing::debug!(server = &*server, reason = loss.label(), error = %loss, "lost the server");
        self.desk.listener.metrics.server_lost(loss.label());
        let can_be_told =
            matches!(&self.passage, Passage::Aboard(pump) if pump.is_between_frames(Direction::Clientbound));
        if !can_be_told {
            // Half a frame has reached the client: whatever follows would be taken for the other half.
            return Ok(Some(Ending::silent(End::ServerLeft)));
        }
        if self.boarded.elapsed() >= STAY {
            self.redirections = 0;
        }
        let advice = self.advice(&server, &loss, true);
        self.leave()?;
        match advice {
            // Another server has let the player in already.
            Advice::None | Advice::Hold if self.next.is_some() => self.go_on(),
            Advice::None | Advice::Hold if self.boarding.is_some() => Ok(None),
            Advice::None => Ok(Some(Ending::of_loss(loss))),
            Advice::Hold => Ok(None),
            Advice::Redirect(_) if self.next.is_some() => self.go_on(),
            Advice::Redirect(_) if self.redirections >= MAX_REDIRECTIONS => Ok(Some(Ending::of_loss(loss))),
            Advice::Redirect(targets) => {
                self.board(targets, Some(&server));
                Ok(None)
            }
            Advice::Disconnect(parting) => Ok(Some(self.parted(parting))),
        }
    }

    /// Another server did not let the player in.
    fn not_aboard(&mut self, not_aboard: NotAboard) -> Result<Option<Ending>, Fault> {
        let is_adrift = matches!(self.passage, Passage::Adrift(_));
        let (server, loss) = match not_aboard {
            NotAboard::Lost(server, loss) => (server, loss),
            NotAboard::Denied(text, by) if is_adrift => {
                return Ok(Some(self.parted(Parting::of_plugin(&text, by))));
            }
            NotAboard::Denied(text, _) => return self.tell(text::rendered(&text)),
            NotAboard::Refused(refusal) => {
                let parting = Parting::undecided(refusal);
                if is_adrift {
                    return Ok(Some(self.parted(parting)));
                }
                return parting.text.map_or(Ok(None), |text| self.tell(text));
            }
            // The client was asked nothing: it is past its login.
            NotAboard::Client(fault) => return Err(fault),
        };
        let advice = self.advice(&server, &loss, false);
        self.send_own()?;
        match advice {
            Advice::Redirect(targets) if self.redirections < MAX_REDIRECTIONS => {
                self.board(targets, Some(&server));
                Ok(None)
            }
            Advice::Disconnect(parting) => Ok(Some(self.parted(parting))),
            Advice::Hold => Ok(None),
            Advice::None | Advice::Redirect(_) if is_adrift => Ok(Some(Ending::saying(End::ServerLeft, loss.words()))),
            Advice::None | Advice::Redirect(_) => self.tell(loss.words()),
        }
    }

    fn advice(&mut self, server: &str, loss: &Loss, on_board: bool) -> Advice {
        let Joined { worker, settings, .. } = &self.joined;
        let advice = advice(worker, settings, &self.desk.session, server, loss, on_board);
        self.desk.collect_own();
        advice
    }

    fn board(&mut self, targets: Vec<Target>, except: Option<&str>) {
        self.redirections += 1;
        let (ticket, except) = (Rc::clone(&self.ticket), except.map(str::to_owned));
        self.boarding = Some(Box::pin(async move {
            ticket.board(&targets, None, except.as_deref(), true).await
        }));
    }

    fn obey(&mut self, order: Order) -> Result<Option<Ending>, Fault> {
        let protocol = self.ticket.table.protocol();
        match order {
            Order::Disconnect(text) => {
                return Ok(Some(Ending::saying(End::ClosedByHost, text::rendered(&text))));
            }
            Order::Switch(targets) => {
                if self.boarding.is_none() && self.next.is_none() {
                    let here = matches!(self.passage, Passage::Aboard(_)).then(|| Arc::clone(self.joined.server()));
                    self.redirections = 0;
                    self.board(targets.to_vec(), here.as_deref());
                }
            }
            Order::Transfer { host, port } if protocol.has_transfer() => {
                self.show(&Transfer { host: &host, port }, false)?;
            }
            Order::Transfer { .. } => {}
            Order::Say(text) => self.show(
                &Notice {
                    text: text::rendered(&text),
                },
                true,
            )?,
            Order::ActionBar(text) if protocol.has_titles() => {
                self.show(
                    &ActionBar {
                        text: text::rendered(&text),
                    },
                    true,
                )?;
            }
            Order::Title(title) if protocol.has_titles() => {
                self.show(
                    &Title::Times {
                        fade_in: title.fade_in.cast_signed(),
                        stay: title.stay.cast_signed(),
                        fade_out: title.fade_out.cast_signed(),
                    },
                    true,
                )?;
                if let Some(subtitle) = &title.subtitle {
                    self.show(&Title::Subtitle(text::rendered(subtitle)), true)?;
                }
                // It appears with this part.
                let text = title.title.as_ref().map_or_else(|| Text::plain(""), text::rendered);
                self.show(&Title::Text(text), true)?;
            }
            Order::ActionBar(_) | Order::Title(_) => {}
            Order::MessageToClient(Message { channel, data }) => {
                let channel = self.channel(&channel);
                self.show(
                    &PluginMessage {
                        channel: &channel,
                        data: &data,
                    },
                    false,
                )?;
            }
            Order::MessageToServer(Message { channel, data }) => {
                let (kit, channel) = (self.desk.kit(), self.channel(&channel));
                let message = PluginMessage {
                    channel: &channel,
                    data: &data,
                };
                match &mut self.passage {
                    Passage::Aboard(pump) if pump.server.has_room() => pump.server.send(&kit, &message)?,
                    Passage::Aboard(_) => self.desk.listener.metrics.limit_reached(BACKLOG),
                    // There is no server to hear it.
                    Passage::Adrift(_) | Passage::Nowhere => {}
                }
            }
        }
        Ok(None)
    }

    /// A channel's name in the player's version.
    fn channel(&self, name: &str) -> String {
        if self.ticket.table.protocol().has_namespaced_channels() {
            name.to_owned()
        } else {
            legacy_name(name).to_owned()
        }
    }

    /// Shows something to the player, if he takes what he is sent: in a world, or (`only_in_world` false) in the configuration as
    /// well.
    fn show(&mut self, fields: &impl Fields, only_in_world: bool) -> Result<(), Fault> {
        let kit = self.desk.kit();
        let metrics = &self.desk.listener.metrics;
        let client = match &mut self.passage {
            Passage::Aboard(pump) => &mut pump.client,
            Passage::Adrift(adrift) => &mut adrift.client,
            Passage::Nowhere => return Ok(()),
        };
        if !client.has_room() {
            metrics.limit_reached(BACKLOG);
            return Ok(());
        }
        match client.connection.state(Direction::Clientbound) {
            State::Play => client.send(&kit, fields),
            State::Configuration if !only_in_world => client.send(&kit, fields),
            _ => Ok(()),
        }
    }

    fn tell(&mut self, text: Text) -> Result<Option<Ending>, Fault> {
        self.show(&Notice { text }, true)?;
        Ok(None)
    }

    fn note_phases(&mut self) {
        match &self.passage {
            Passage::Aboard(pump) => self.desk.note_phases(&pump.client.connection),
            Passage::Adrift(adrift) => self.desk.note_phases(&adrift.client.connection),
            Passage::Nowhere => {}
        }
    }

    fn connected(&mut self) -> Result<(), Fault> {
        let (plugins, chain) = (&self.joined.worker.plugins, &self.joined.settings.chain);
        plugins.connected(chain, &self.desk.session, self.joined.server());
        self.send_own()
    }

    fn disconnected(&mut self) -> Result<(), Fault> {
        let (plugins, chain) = (&self.joined.worker.plugins, &self.joined.settings.chain);
        plugins.disconnected(chain, &self.desk.session, self.joined.server());
        self.send_own()
    }

    /// Sends what plugins sent themselves in a hook that was about no packet. What is for a server that is not there is lost.
    fn send_own(&mut self) -> Result<(), Fault> {
        self.desk.collect_own();
        let (own, kit) = (self.desk.take_own(Direction::Clientbound), self.desk.kit());
        match &mut self.passage {
            Passage::Aboard(pump) => pump.send_own(own.ahead, own.back, &kit),
            Passage::Adrift(adrift) => {
                let mut packets = own.ahead.iter();
                packets.try_for_each(|packet| adrift.client.send_untracked(&kit, packet))
            }
            Passage::Nowhere => Ok(()),
        }
    }

    fn violated(&self, fault: &Fault) -> Ending {
        self.joined
            .worker
            .log
            .violated(&self.desk.listener, &self.desk.session.peer(), fault.label(), fault);
        Ending::silent(End::Error(format!("client: {fault}")))
    }

    fn dismissed(&self, text: Text, reason: &Reason) -> Ending {
        self.joined
            .worker
            .log
            .refused(&self.desk.listener, &self.desk.session.peer(), reason);
        Ending::saying(End::ClosedByHost, text)
    }

    fn parted(&self, Parting { text, reason }: Parting) -> Ending {
        self.joined
            .worker
            .log
            .refused(&self.desk.listener, &self.desk.session.peer(), &reason);
        match text {
            Some(text) => Ending::saying(End::ServerLeft, text),
            None => Ending::silent(End::ServerLeft),
        }
    }

    async fn end(mut self, Ending { end, farewell }: Ending) {
        let kit = self.desk.kit();
        if matches!(self.passage, Passage::Aboard(_)) {
            let _ = self.disconnected();
        }
        let can_be_told = match &self.passage {
            Passage::Aboard(pump) => pump.is_between_frames(Direction::Clientbound),
            Passage::Adrift(_) => true,
            Passage::Nowhere => false,
        };
        let Self {
            passage, mut joined, ..
        } = self;
        joined.set_end(end);
        drop(joined);
        let mut client = match passage {
            Passage::Aboard(pump) => pump.client,
            Passage::Adrift(adrift) => adrift.client,
            Passage::Nowhere => return,
        };
        if can_be_told {
            say_farewell(&mut client, farewell, &kit).await;
        }
    }

    /// Whether nobody will ever look at a packet of this session or move its player, so that its bytes may go their own way.
    fn can_be_released(&self) -> bool {
        let Passage::Aboard(pump) = &self.passage else {
            return false;
        };
        let is_plain = !pump.client.is_encrypted() && !pump.server.is_encrypted();
        is_plain && pump.client.threshold() == pump.server.threshold() && !self.desk.is_wanted()
    }

    /// Lets go of the packets: from here on bytes are moved as in any other session.
    async fn release(self) {
        let Self {
            passage, joined, desk, ..
        } = self;
        let Passage::Aboard(pump) = passage else {
            return;
        };
        let Pump {
            mut client, mut server, ..
        } = *pump;
        let moved = async {
            let mut for_server = client.take_received();
            let mut for_client = server.take_received();
            client.queue(&mut for_client);
            server.queue(&mut for_server);
            client.flush().await?;
            server.flush().await
        };
        if moved.await.is_err() {
            return;
        }
        let entry = Rc::clone(joined.entry());
        let mover = Mover::new(
            client.into_stream(),
            server.into_stream(),
            Mode::Splice,
            entry,
            desk.kit(),
        );
        relay(joined, mover).await;
    }
}

async fn say_farewell(client: &mut Wire, farewell: Farewell, kit: &Kit) {
    let said = match farewell {
        Farewell::Silence => return,
        Farewell::Words(reason) => client.send(kit, &Disconnect { reason }),
        Farewell::Packet(packet) => client.send_packet(kit, &packet),
    };
    if said.is_ok() && matches!(timeout(LINGER, client.close()).await, Ok(Ok(()))) {
        linger(client.stream(), kit).await;
    }
}

impl Ending {
    fn silent(end: End) -> Self {
        Self {
            end,
            farewell: Farewell::Silence,
        }
    }

    fn saying(end: End, text: Text) -> Self {
        Self {
            end,
            farewell: Farewell::Words(text),
        }
    }

    /// The server's own words where it had any.
    fn of_loss(loss: Loss) -> Self {
        let farewell = match loss.packet {
            Some(packet) => Farewell::Packet(packet),
            None => Farewell::Words(loss.words()),
        };
        Self {
            end: End::ServerLeft,
            farewell,
        }
    }
}
