//! `control`: orders to sessions, which wait until the call has succeeded, and finding sessions.

use std::collections::HashSet;
use std::sync::Arc;

use portcullis_protocol::message::{MAX_CLIENTBOUND_BYTES, MAX_SERVERBOUND_BYTES};
use portcullis_protocol::profile::parse_uuid;
use portcullis_protocol::version::Protocol;
use portcullis_registry::{self as registry, Message, Order, Session, Target};

use crate::bindings::portcullis::plugin::control::{self, Error, Filter, Player};
use crate::bindings::portcullis::plugin::session_facts::SessionId;
use crate::bindings::portcullis::plugin::types;
use crate::context::Context;
use crate::services::endpoint;
use crate::subscriptions::is_channel;
use crate::verdict::contract_profile;

/// Sessions in one answer.
const MAX_LISTED: usize = 1_000;

/// As many as a route may name.
const MAX_TARGETS: usize = 64;

/// A host as the packet of a transfer carries it.
const MAX_HOST_CHARS: usize = 32_767;

impl control::Host for Context {
    fn sessions(&mut self, filter: Filter, after: Option<SessionId>, limit: u32) -> Vec<Player> {
        let limit = usize::try_from(limit).unwrap_or(MAX_LISTED).min(MAX_LISTED);
        let Some(filter) = understood(filter) else {
            return Vec::new();
        };
        let sessions = self.registry.sessions.find(&filter, after.map(Into::into), limit);
        sessions.iter().map(describe).collect()
    }

    fn count(&mut self, filter: Filter) -> u32 {
        let count = understood(filter).map_or(0, |filter| self.registry.sessions.count(&filter));
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn disconnect(&mut self, filter: Filter, reason: types::Text) -> Result<u32, Error> {
        self.order(filter, Order::Disconnect(Arc::new(reason.into())), |_| true)
    }

    fn switch(&mut self, filter: Filter, to: Vec<types::Target>) -> Result<u32, Error> {
        if to.is_empty() || to.len() > MAX_TARGETS {
            return Err(Error::Other(format!(
                "{} targets; 1 to {MAX_TARGETS} are allowed",
                to.len()
            )));
        }
        let to: Vec<Target> = to.into_iter().map(Into::into).collect();
        let servers = self.servers();
        if !to.iter().all(|target| servers.knows(target)) {
            return Err(Error::UnknownTarget);
        }
        self.order(filter, Order::Switch(to.into()), Session::is_framed)
    }

    fn transfer(&mut self, filter: Filter, host: String, port: u16) -> Result<u32, Error> {
        if host.is_empty() || host.chars().count() > MAX_HOST_CHARS {
            return Err(Error::Other("an empty or overlong host".into()));
        }
        let order = Order::Transfer {
            host: host.into(),
            port,
        };
        self.order(filter, order, |session| speaks(session, Protocol::has_transfer))
    }

    fn send_text(&mut self, filter: Filter, text: types::Text) -> Result<u32, Error> {
        self.order(filter, Order::Say(Arc::new(text.into())), Session::is_framed)
    }

    fn send_title(&mut self, filter: Filter, title: control::Title) -> Result<u32, Error> {
        let title = registry::Title {
            title: title.title.map(Into::into),
            subtitle: title.subtitle.map(Into::into),
            fade_in: title.fade_in,
            stay: title.stay,
            fade_out: title.fade_out,
        };
        self.order(filter, Order::Title(Arc::new(title)), |session| {
            speaks(session, Protocol::has_titles)
        })
    }

    fn send_action_bar(&mut self, filter: Filter, text: types::Text) -> Result<u32, Error> {
        self.order(filter, Order::ActionBar(Arc::new(text.into())), |session| {
            speaks(session, Protocol::has_titles)
        })
    }

    fn send_message(&mut self, filter: Filter, channel: String, data: Vec<u8>) -> Result<u32, Error> {
        let message = message(channel, data, MAX_CLIENTBOUND_BYTES)?;
        self.order(filter, Order::MessageToClient(message), Session::is_framed)
    }

    fn tell_servers(&mut self, filter: Filter, channel: String, data: Vec<u8>) -> Result<u32, Error> {
        let message = message(channel, data, MAX_SERVERBOUND_BYTES)?;
        let filter = understood(filter).ok_or(Error::Nobody)?;
        let mut told = HashSet::new();
        let mut sessions = self.registry.sessions.find(&filter, None, usize::MAX);
        sessions.retain(|session| session.is_framed() && session.server().is_some_and(|server| told.insert(server)));
        let servers = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
        if servers == 0 {
            return Err(Error::Nobody);
        }
        self.pending
            .order(sessions, Order::MessageToServer(message))
            .map_err(|_| Error::TooMany)?;
        Ok(servers)
    }

    fn answer_server(&mut self, channel: String, data: Vec<u8>) -> Result<(), Error> {
        let message = message(channel, data, MAX_SERVERBOUND_BYTES)?;
        let session = self.session().ok().filter(|session| session.is_framed());
        let session = Arc::clone(session.ok_or(Error::Nobody)?);
        self.pending
            .order(vec![session], Order::MessageToServer(message))
            .map_err(|_| Error::TooMany)
    }
}

impl Context {
    /// Puts an order off until the call has succeeded, for the sessions that fit and that it reaches.
    fn order(&mut self, filter: Filter, order: Order, reaches: impl Fn(&Session) -> bool) -> Result<u32, Error> {
        let filter = understood(filter).ok_or(Error::Nobody)?;
        let mut sessions = self.registry.sessions.find(&filter, None, usize::MAX);
        sessions.retain(|session| reaches(session));
        let ordered = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
        if ordered == 0 {
            return Err(Error::Nobody);
        }
        self.pending.order(sessions, order).map_err(|_| Error::TooMany)?;
        Ok(ordered)
    }
}

/// The filter in the registry's terms; none where it fits nobody, since its UUID is none.
fn understood(filter: Filter) -> Option<registry::Filter> {
    let uuid = match filter.uuid {
        Some(text) => Some(parse_uuid(&text)?),
        None => None,
    };
    Some(registry::Filter {
        session: filter.session.map(Into::into),
        server: filter.server,
        name: filter.name,
        uuid,
    })
}

fn speaks(session: &Session, can: impl Fn(Protocol) -> bool) -> bool {
    session.is_framed()
        && session
            .handshake()
            .is_some_and(|handshake| can(Protocol(handshake.protocol)))
}

fn message(channel: String, data: Vec<u8>, limit: usize) -> Result<Message, Error> {
    if !is_channel(&channel) {
        return Err(Error::Other(
            "a channel is named as in 1.13, for example `bungeecord:main`".into(),
        ));
    }
    if data.len() > limit {
        return Err(Error::Other(format!(
            "{} bytes; at most {limit} are allowed",
            data.len()
        )));
    }
    Ok(Message {
        channel: channel.into(),
        data: data.into(),
    })
}

fn describe(session: &Arc<Session>) -> Player {
    let profile = session.identity().map(|identity| identity.profile);
    let name = match &profile {
        Some(profile) => profile.name.clone(),
        None => session.claimed_name().unwrap_or_default().to_owned(),
    };
    Player {
        session: session.id().get(),
        peer: endpoint(session.peer()),
        profile: profile.as_deref().map(contract_profile),
        name,
        protocol: session
            .handshake()
            .map_or(Protocol::NONE.0, |handshake| handshake.protocol),
        server: session.server().map(|server| server.to_string()),
        framed: session.is_framed(),
    }
}
