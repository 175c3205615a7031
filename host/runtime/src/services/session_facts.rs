//! `session-facts`: the session at hand, lent to a hook for one call.

use wasmtime::component::Resource;

use portcullis_registry as registry;

use crate::bindings::portcullis::plugin::session_facts::{self, AttributeError, SessionId};
use crate::bindings::portcullis::plugin::types::{Endpoint, HandshakeFacts, Intent, Marker};
use crate::context::Context;

/// The host's side of the `session` resource. It carries nothing: a guest can only hold the one that its instance's
/// [`Context`] points at, and only during the call.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct SessionAtHand;

type This = Resource<SessionAtHand>;

impl session_facts::Host for Context {}

impl session_facts::HostSession for Context {
    fn id(&mut self, _: This) -> SessionId {
        self.session().id().get()
    }

    fn peer(&mut self, _: This) -> Endpoint {
        let peer = self.session().peer();
        Endpoint {
            ip: peer.ip().to_canonical().to_string(),
            port: peer.port(),
        }
    }

    fn listener(&mut self, _: This) -> String {
        self.session().listener().to_string()
    }

    fn handshake(&mut self, _: This) -> Option<HandshakeFacts> {
        let session = self.session();
        let handshake = session.handshake()?;
        Some(HandshakeFacts {
            protocol: handshake.protocol,
            host: self.host_asked_for().unwrap_or_default(),
            raw_host: handshake.raw_host().to_owned(),
            port: handshake.port,
            intent: match handshake.intent {
                registry::Intent::Status => Intent::Status,
                registry::Intent::Login => Intent::Login,
                registry::Intent::Transfer => Intent::Transfer,
            },
            marker: handshake.marker.map(|marker| match marker {
                registry::Marker::Fml => Marker::Fml,
                registry::Marker::Fml2 => Marker::Fml2,
                registry::Marker::Fml3 => Marker::Fml3,
                registry::Marker::Forge => Marker::Forge,
            }),
            legacy: handshake.legacy,
        })
    }

    fn host(&mut self, _: This) -> Option<String> {
        self.host_asked_for()
    }

    fn protocol(&mut self, _: This) -> Option<i32> {
        Some(self.session().handshake()?.protocol)
    }

    fn claimed_name(&mut self, _: This) -> Option<String> {
        self.session().claimed_name().map(str::to_owned)
    }

    fn attribute(&mut self, _: This, key: String) -> Option<String> {
        self.session().attribute(&key)
    }

    fn set_attribute(&mut self, _: This, key: String, value: Option<String>) -> Result<(), AttributeError> {
        Context::set_attribute(self, key, value).map_err(|error| match error {
            registry::AttributeError::Full => AttributeError::Full,
            registry::AttributeError::TooLong => AttributeError::TooLong,
        })
    }

    fn drop(&mut self, _: This) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl Context {
    fn host_asked_for(&self) -> Option<String> {
        self.session().host().map(|host| host.to_string())
    }
}
