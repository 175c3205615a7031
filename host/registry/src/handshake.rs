//! What a client said when it knocked, as parsed and checked by the host.

use std::sync::Arc;

/// A client's handshake, or what a legacy ping has in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// Protocol number; -1 where a legacy ping gives none.
    pub protocol: i32,
    /// Host name asked for, cleaned: lower case, without markers, forwarded data, trailing dot or TCPShield suffix.
    pub host: Arc<str>,
    /// The host field as received; `None`: the same as `host`.
    pub raw_host: Option<Box<str>>,
    /// The port the client believes it connected to.
    pub port: u16,
    /// What the client wants.
    pub intent: Intent,
    /// The marker of a modded client.
    pub marker: Option<Marker>,
    /// A ping of a client before 1.7.
    pub legacy: bool,
}

impl Handshake {
    /// The host field as received.
    pub fn raw_host(&self) -> &str {
        self.raw_host.as_deref().unwrap_or(&self.host)
    }
}

/// What a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intent {
    /// The server list's question.
    Status,
    /// To play.
    Login,
    /// To play, sent here by another server's transfer packet.
    Transfer,
}

/// The marker of a modded client in the host field of its handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marker {
    /// `FML`: Forge for 1.8 to 1.12.
    Fml,
    /// `FML2`: Forge for 1.13 to 1.17.
    Fml2,
    /// `FML3`: Forge for 1.18 to 1.20.1.
    Fml3,
    /// `FORGE`: Forge for 1.20.2 and later.
    Forge,
}
