//! An instance's hooks, each a plain call on a network thread. One that the component does not export says `next`.

use std::sync::Arc;

use portcullis_protocol::packets::Direction;
use portcullis_registry::Session;

use super::Instance;
use super::exports::Metered;
use crate::error::Failure;
use crate::hook::Hook;
use crate::outcome::{Destination, End, KickCause, Pack, PackResult, RouteCause, Tally};
use crate::verdict;

/// Calls a function of a hook's interface, or gives the answer of who has no such hook.
macro_rules! call {
    ($instance:ident, $interface:ident: $hook:ident, $session:expr, $absent:expr, |$guest:ident, $store:ident| $call:expr) => {{
        let Some(Metered { guest: $guest, meters }) = &$instance.guests.$interface else {
            return Ok($absent);
        };
        let call = |$store: &mut _| $call;
        $instance
            .cell
            .hook(Hook::$hook, meters, $session, $instance.limits.hot_call, call)
    }};
}

impl Instance {
    pub(crate) fn accept(&mut self, session: &Arc<Session>) -> Result<verdict::Accept, Failure> {
        call!(self, accept: Accept, session, verdict::Accept::Next, |guest, store| {
            guest.call_on_accept(store)
        })
    }

    pub(crate) fn handshake(&mut self, session: &Arc<Session>) -> Result<verdict::Handshake, Failure> {
        call!(self, handshake: Handshake, session, verdict::Handshake::Next, |guest, store| {
            guest.call_on_handshake(store)
        })
    }

    pub(crate) fn status(&mut self, session: &Arc<Session>) -> Result<verdict::Status, Failure> {
        call!(self, status: Status, session, verdict::Status::Next, |guest, store| {
            guest.call_on_status(store)
        })
    }

    pub(crate) fn route(&mut self, session: &Arc<Session>, cause: &RouteCause) -> Result<verdict::Route, Failure> {
        let cause = verdict::contract_route_cause(cause);
        call!(self, route: Route, session, verdict::Route::Next, |guest, store| {
            guest.call_on_route(store, &cause)
        })
    }

    pub(crate) fn connect(
        &mut self,
        session: &Arc<Session>,
        server: &Destination,
    ) -> Result<verdict::Forward, Failure> {
        let server = verdict::contract_destination(server);
        call!(self, forward: Forward, session, verdict::Forward::Next, |guest, store| {
            guest.call_on_connect(store, &server)
        })
    }

    pub(crate) fn question(
        &mut self,
        session: &Arc<Session>,
        server: &Destination,
        channel: &str,
        data: &[u8],
    ) -> Result<verdict::Answer, Failure> {
        let server = verdict::contract_destination(server);
        let question = verdict::contract_question(channel, data);
        call!(self, forward: Forward, session, verdict::Answer::Next, |guest, store| {
            guest.call_on_question(store, &server, &question)
        })
    }

    pub(crate) fn accepted(
        &mut self,
        session: &Arc<Session>,
        server: &Destination,
        answered: &[String],
    ) -> Result<verdict::Acceptance, Failure> {
        let server = verdict::contract_destination(server);
        call!(self, forward: Forward, session, verdict::Acceptance::Next, |guest, store| {
            guest.call_on_accepted(store, &server, answered)
        })
    }

    pub(crate) fn connected(&mut self, session: &Arc<Session>, server: &str) -> Result<(), Failure> {
        call!(self, backend: Backend, session, (), |guest, store| {
            guest.call_on_connected(store, server)
        })
    }

    pub(crate) fn kicked(
        &mut self,
        session: &Arc<Session>,
        server: &str,
        cause: &KickCause,
        on_board: bool,
    ) -> Result<verdict::Kicked, Failure> {
        let cause = verdict::contract_kick_cause(cause);
        call!(self, backend: Backend, session, verdict::Kicked::Next, |guest, store| {
            guest.call_on_kicked(store, server, &cause, on_board)
        })
    }

    pub(crate) fn disconnected(&mut self, session: &Arc<Session>, server: &str) -> Result<(), Failure> {
        call!(self, backend: Backend, session, (), |guest, store| {
            guest.call_on_disconnected(store, server)
        })
    }

    pub(crate) fn joined(&mut self, session: &Arc<Session>, server: &str) -> Result<(), Failure> {
        call!(self, session: Session, session, (), |guest, store| {
            guest.call_on_joined(store, server)
        })
    }

    pub(crate) fn left(
        &mut self,
        session: &Arc<Session>,
        server: &str,
        end: &End,
        tally: Tally,
    ) -> Result<(), Failure> {
        let (end, tally) = (verdict::contract_end(end), verdict::contract_tally(tally));
        call!(self, session: Session, session, (), |guest, store| {
            guest.call_on_left(store, server, &end, tally)
        })
    }

    pub(crate) fn packet(
        &mut self,
        session: &Arc<Session>,
        subscription: u32,
        id: u32,
        payload: &[u8],
    ) -> Result<verdict::Packet, Failure> {
        call!(self, packet: Packet, session, verdict::Packet::Next, |guest, store| {
            guest.call_on_packet(store, subscription, id, payload)
        })
    }

    pub(crate) fn message(
        &mut self,
        session: &Arc<Session>,
        direction: Direction,
        channel: &str,
        data: &[u8],
    ) -> Result<verdict::Data, Failure> {
        if !self.channels.iter().any(|listened| listened == channel) {
            return Ok(verdict::Data::Next);
        }
        call!(self, message: Message, session, verdict::Data::Next, |guest, store| {
            let verdict = guest.call_on_message(store, direction.into(), channel, data)?;
            Ok(verdict::OnMessage(direction, verdict))
        })
    }

    pub(crate) fn command(
        &mut self,
        session: &Arc<Session>,
        command: &str,
        signed: bool,
    ) -> Result<verdict::Command, Failure> {
        call!(self, command: Command, session, verdict::Command::Next, |guest, store| {
            guest.call_on_command(store, command, signed)
        })
    }

    pub(crate) fn transfer(
        &mut self,
        session: &Arc<Session>,
        host: &str,
        port: u16,
    ) -> Result<verdict::Transfer, Failure> {
        let to = verdict::contract_address(host, port);
        call!(self, transfer: Transfer, session, verdict::Transfer::Next, |guest, store| {
            guest.call_on_transfer(store, &to)
        })
    }

    pub(crate) fn cookie_request(&mut self, session: &Arc<Session>, key: &str) -> Result<verdict::Request, Failure> {
        call!(self, cookie: Cookie, session, verdict::Request::Next, |guest, store| {
            guest.call_on_request(store, key)
        })
    }

    pub(crate) fn cookie_store(
        &mut self,
        session: &Arc<Session>,
        key: &str,
        data: &[u8],
    ) -> Result<verdict::Data, Failure> {
        call!(self, cookie: Cookie, session, verdict::Data::Next, |guest, store| {
            guest.call_on_store(store, key, data)
        })
    }

    pub(crate) fn cookie_response(
        &mut self,
        session: &Arc<Session>,
        key: &str,
        data: Option<&[u8]>,
    ) -> Result<verdict::Data, Failure> {
        call!(self, cookie: Cookie, session, verdict::Data::Next, |guest, store| {
            guest.call_on_response(store, key, data)
        })
    }

    pub(crate) fn pack_offer(&mut self, session: &Arc<Session>, pack: &Pack) -> Result<verdict::ResourcePack, Failure> {
        let pack = verdict::contract_pack(pack);
        call!(self, resource_pack: ResourcePack, session, verdict::ResourcePack::Next, |guest, store| {
            guest.call_on_offer(store, &pack)
        })
    }

    pub(crate) fn pack_outcome(
        &mut self,
        session: &Arc<Session>,
        id: Option<&str>,
        result: PackResult,
    ) -> Result<(), Failure> {
        let result = verdict::contract_pack_result(result);
        call!(self, resource_pack: ResourcePack, session, (), |guest, store| {
            guest.call_on_outcome(store, id, result)
        })
    }
}
