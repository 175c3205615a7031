//! Addresses in the host field, as TCPShield's proxies write them: `name///address:port///time///signature`.
//!
//! - Reading: where the signature holds and is fresh, or the connection comes from a network that is trusted, the player has the
//!   address that the field says, for later plugins and for servers. Whatever else looks like such a field says nothing.
//! - Writing: servers whose `forwarding` is `realip` are sent such a field, signed where there is a private key.

mod key;

use std::time::Duration;

use portcullis_sdk::forwarding::{RealIp, signed_host_field, to_sign};
use portcullis_sdk::prelude::*;
use portcullis_sdk::{Marker, clock};

use crate::key::{PrivateKey, PublicKey};

/// What the `forwarding` of a server calls this way.
const WAY: &str = "realip";

/// Takes players' addresses from a proxy in front, and tells them to servers, as TCPShield does.
#[derive(Plugin)]
#[plugin(stage = "guard", start = "Self::start")]
pub struct Realip {
    settings: Settings,
    private_key: Option<PrivateKey>,
}

#[derive(Config, Debug)]
struct Settings {
    /// The public key of the proxy in front, as base64 of its DER (X.509), on one of the curves P-256, P-384 and P-521.
    public_key: Option<PublicKey>,
    /// How old a signed field may be.
    #[config(default = "30s", range("1s"..="1h"))]
    max_age: Duration,
    /// Networks whose fields need no signature.
    #[config(default = [], max_items = 1000)]
    trusted: Vec<Cidr>,
    /// Close connections that bring no field that can be trusted.
    #[config(default = false)]
    required: bool,
    /// The key to sign with for servers, as base64 of its DER (PKCS #8).
    private_key: Option<Secret>,
}

/// Handshakes by what their field was worth.
static FIELDS: Counter<1> = Counter::new("fields_total", ["worth"]);

/// What a field is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Worth {
    /// The address can be taken.
    Trusted,
    /// There is none.
    Absent,
    /// It is too old, or of the future.
    Stale,
    /// It is not signed, or not with this key.
    Unsigned,
}

impl Worth {
    fn label(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Absent => "absent",
            Self::Stale => "stale",
            Self::Unsigned => "unsigned",
        }
    }
}

impl Realip {
    fn start(&mut self) -> Result<()> {
        let key = self
            .settings
            .private_key
            .as_ref()
            .map(|key| PrivateKey::read(key.reveal()));
        self.private_key = key
            .transpose()
            .map_err(|error| Error::new(format!("private-key: {error}")))?;
        Ok(())
    }

    fn judge(&self, session: &Session, field: &RealIp<'_>) -> Worth {
        let peer = session.peer().ip();
        if self.settings.trusted.iter().any(|network| network.contains(peer)) {
            return Worth::Trusted;
        }
        let (Some(key), Some(signature)) = (&self.settings.public_key, field.signature) else {
            return Worth::Unsigned;
        };
        let now = clock::unix_ms() / 1_000;
        if now.abs_diff(field.time) > self.settings.max_age.as_secs() {
            return Worth::Stale;
        }
        match key.has_signed(field.signed, signature) {
            true => Worth::Trusted,
            false => Worth::Unsigned,
        }
    }
}

#[hooks]
impl Handshake for Realip {
    fn handshake(&mut self, session: &Session) -> HandshakeVerdict {
        let raw = session.handshake().map(|handshake| handshake.raw_host.as_str());
        let field = raw.and_then(RealIp::of_host_field);
        let worth = field.map_or(Worth::Absent, |field| self.judge(session, &field));
        FIELDS.add(1, [worth.label()]);
        match (worth, field) {
            (Worth::Trusted, Some(field)) => HandshakeVerdict::RewritePeer(field.address),
            _ if self.settings.required => HandshakeVerdict::Drop,
            _ => HandshakeVerdict::Next,
        }
    }
}

#[hooks]
impl Forward for Realip {
    fn introduce(&mut self, session: &Session, server: &Destination) -> Result<ForwardVerdict> {
        if server.forwarding.as_deref() != Some(WAY) {
            return Ok(ForwardVerdict::Next);
        }
        let signed = to_sign(session.host(), session.peer(), clock::unix_ms() / 1_000);
        let mut field = match &self.private_key {
            Some(key) => signed_host_field(&signed, &key.sign(&signed)?),
            None => signed,
        };
        let marker = session.handshake().and_then(|handshake| handshake.marker);
        field.push_str(marker.map_or("", suffix));
        Ok(ForwardVerdict::host(field))
    }
}

/// What a modded client's field ends with.
fn suffix(marker: Marker) -> &'static str {
    match marker {
        Marker::Fml => "\0FML\0",
        Marker::Fml2 => "\0FML2\0",
        Marker::Fml3 => "\0FML3\0",
        Marker::Forge => "\0FORGE",
    }
}

#[cfg(test)]
mod tests;
