//! What a chain of plugins decided, in the relay's terms: the contract's verdicts without the contract's generated types.

mod login;
mod packets;
mod servers;

use std::sync::Arc;
use std::time::Duration;

use portcullis_registry::Target;
pub use portcullis_registry::Text;

pub use self::login::{ClaimOutcome, ConflictOutcome, ProfileOutcome, ProofOutcome};
pub use self::packets::{
    CommandOutcome, DataOutcome, Own, Pack, PackOutcome, PackResult, PacketOutcome, RequestOutcome, TransferOutcome,
};
pub use self::servers::{
    AcceptedOutcome, ConnectOutcome, Destination, Introduction, KickCause, KickedOutcome, QuestionOutcome, Tlv,
};

/// Name of the plugin that decided, as configured.
pub type By = Arc<str>;

/// What the `accept` hooks of a chain decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accept {
    /// Go on.
    Admit,
    /// Close without a word.
    Drop(By),
    /// Keep the peer waiting, then close.
    Tarpit(Duration, By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// What the `handshake` hooks of a chain decided. Rewritten hosts and peers, and tags, are on the session already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandshakeOutcome {
    /// Go on, and move bytes this way once a server is chosen.
    Continue(Mode),
    /// Show this text and close.
    Disconnect(Text, By),
    /// Close without a word.
    Drop(By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// What the `status` hooks of a chain decided.
#[derive(Debug, Clone, PartialEq)]
pub enum StatusOutcome {
    /// Answer with this.
    Answer(Arc<StatusAnswer>, By),
    /// Answer with what a server says.
    Passthrough(Arc<Passthrough>, By),
    /// Close without a word.
    Drop(By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// What the `route` hooks of a chain decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteOutcome {
    /// Try these in order. Never empty.
    To(Vec<Target>, By),
    /// Show this text and close.
    Disconnect(Text, By),
    /// Close without a word.
    Drop(By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// Why nobody decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The chain has no plugin at all, or there is no such chain.
    EmptyChain,
    /// Every link passed the question on.
    NoVerdict,
    /// A link that fails closed failed or is away.
    PluginFailed(By),
}

impl Refusal {
    /// Stable label for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::EmptyChain => "empty-chain",
            Self::NoVerdict => "no-verdict",
            Self::PluginFailed(_) => "plugin-failed",
        }
    }
}

/// Why a route is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteCause {
    /// The player has just arrived.
    Initial,
    /// A switch was asked for.
    Switch,
    /// The named server was lost.
    Lost(String),
}

/// How bytes are moved once a server has been chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// The host stands in the middle, and follows the packets.
    Framed,
    /// From kernel to kernel where there is much to move.
    #[default]
    Splice,
    /// Always through the worker's buffer.
    Copy,
}

/// A server list entry.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusAnswer {
    /// Shown when versions differ; absent: the host's own.
    pub version_name: Option<String>,
    /// Absent: the client's own number.
    pub protocol: Option<i32>,
    /// The description lines.
    pub description: Text,
    /// Players online.
    pub online: u32,
    /// Most players.
    pub maximum: u32,
    /// Lines shown when pointing at the count.
    pub sample: Vec<SamplePlayer>,
    /// A PNG of 64 × 64 pixels.
    pub favicon: Option<Vec<u8>>,
    /// How long the same answer may be given without asking; zero: ask each time.
    pub ttl: Duration,
}

/// A line of a server list entry's sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamplePlayer {
    /// Any text.
    pub name: String,
    /// Dashed UUID.
    pub uuid: String,
}

/// A question to be passed on to a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Passthrough {
    /// Whom to ask.
    pub to: Target,
    /// How long an answer is fresh.
    pub ttl: Duration,
    /// How long a failure is kept.
    pub failure_ttl: Duration,
    /// How long to wait for one server. Never zero.
    pub timeout: Duration,
    /// Shown while no server answers; absent: close without an answer.
    pub unreachable: Option<Arc<StatusAnswer>>,
}

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The client closed the connection.
    ClientLeft,
    /// The server closed the connection.
    ServerLeft,
    /// Nothing moved for the idle timeout.
    Idle,
    /// The connection broke.
    Error(String),
    /// Closed by a draining or stopping host.
    ClosedByHost,
}

impl End {
    /// Stable label for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::ClientLeft => "client-left",
            Self::ServerLeft => "server-left",
            Self::Idle => "idle",
            Self::Error(_) => "error",
            Self::ClosedByHost => "closed-by-host",
        }
    }
}

/// What a session moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Client to server.
    pub up_bytes: u64,
    /// Server to client.
    pub down_bytes: u64,
    /// From the server's acceptance to the end.
    pub duration: Duration,
}
