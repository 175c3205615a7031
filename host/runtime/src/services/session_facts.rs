//! `session-facts`: the session at hand, which the call under way is about.

use portcullis_registry as registry;
use wasmtime::Result;

use crate::bindings::portcullis::plugin::session_facts::{self, AttributeError, SessionId};
use crate::bindings::portcullis::plugin::types::{ChatKey, Endpoint, HandshakeFacts, Identity, Intent, Marker};
use crate::context::Context;
use crate::services::endpoint;
use crate::verdict::contract_profile;

impl session_facts::Host for Context {
    fn id(&mut self) -> Result<SessionId> {
        Ok(self.session()?.id().get())
    }

    fn peer(&mut self) -> Result<Endpoint> {
        Ok(endpoint(self.session()?.peer()))
    }

    fn listener(&mut self) -> Result<String> {
        Ok(self.session()?.listener().to_string())
    }

    fn handshake(&mut self) -> Result<Option<HandshakeFacts>> {
        let session = self.session()?;
        let host = session.host().unwrap_or_default();
        Ok(session.handshake().map(|handshake| HandshakeFacts {
            protocol: handshake.protocol,
            host: host.to_string(),
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
        }))
    }

    fn host(&mut self) -> Result<Option<String>> {
        Ok(self.session()?.host().map(|host| host.to_string()))
    }

    fn protocol(&mut self) -> Result<Option<i32>> {
        Ok(self.session()?.handshake().map(|handshake| handshake.protocol))
    }

    fn claimed_name(&mut self) -> Result<Option<String>> {
        Ok(self.session()?.claimed_name().map(str::to_owned))
    }

    fn identity(&mut self) -> Result<Option<Identity>> {
        Ok(self.session()?.identity().map(|identity| Identity {
            profile: contract_profile(&identity.profile),
            verified: identity.verified,
        }))
    }

    fn chat_key(&mut self) -> Result<Option<ChatKey>> {
        Ok(self.session()?.chat_key().map(|key| ChatKey {
            expires_ms: key.expires_ms,
            key: key.key.to_vec(),
            signature: key.signature.to_vec(),
            holder: key.holder.map(|holder| holder.to_string()),
        }))
    }

    fn server(&mut self) -> Result<Option<String>> {
        Ok(self.session()?.server().map(|server| server.to_string()))
    }

    fn attribute(&mut self, key: String) -> Result<Option<String>> {
        Ok(self.session()?.attribute(&key))
    }

    fn set_attribute(&mut self, key: String, value: Option<String>) -> Result<std::result::Result<(), AttributeError>> {
        Ok(Context::set_attribute(self, key, value)?.map_err(|error| match error {
            registry::AttributeError::Full => AttributeError::Full,
            registry::AttributeError::TooLong => AttributeError::TooLong,
        }))
    }
}
