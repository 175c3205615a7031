//! Plugins for Portcullis, the proxy host for Minecraft: Java Edition, in Rust.
//!
//! A plugin is a WebAssembly component that the host calls at certain moments: when a connection is accepted, when a client
//! has said what it wants, when a player must go somewhere. It can do what its imports name and the operator grants, and
//! nothing else. This crate is the only one that a plugin depends on.
//!
//! # The ten-minute picture
//!
//! `Cargo.toml`:
//!
//! ```toml
//! [package]
//! name = "by-label"
//! version = "0.1.0"
//! edition = "2024"
//!
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [dependencies]
//! portcullis-sdk = "0.1"
//!
//! [dev-dependencies]
//! portcullis-sdk = { version = "0.1", features = ["testing"] }
//! ```
//!
//! The crate is on no registry yet: `portcullis plugin new by-label` makes the folder, with the SDK beside it.
//!
//! `src/lib.rs`, the whole plugin:
//!
//! ```
//! use portcullis_sdk::prelude::*;
//!
//! /// Sends players to the server named after the first label of the host they asked for.
//! #[derive(Plugin)]
//! #[plugin(stage = "route")]
//! struct ByLabel { settings: Settings }
//!
//! #[derive(Config)]
//! struct Settings {
//!     /// Where players go whose label names no server.
//!     #[config(default = "lobby")]
//!     fallback: ServerOrGroup,
//! }
//!
//! #[hooks]
//! impl Route for ByLabel {
//!     fn route(&mut self, session: &Session) -> RouteVerdict {
//!         let label = session.host().split('.').next().unwrap_or_default();
//!         match servers::get(label) {
//!             Some(server) => RouteVerdict::to([server]),
//!             None => RouteVerdict::to([&self.settings.fallback]),
//!         }
//!     }
//! }
//!
//! // In `#[cfg(test)] mod tests`:
//! use portcullis_sdk::testing::Host;
//!
//! let host = Host::new();
//! host.server("lobby");
//! host.server("creative");
//! let mut plugin = host.start::<ByLabel>("fallback = 'lobby'");
//! let session = Session::build().host("creative.example.com").at_route();
//! assert_eq!(plugin.route(&session), RouteVerdict::to(["creative"]));
//! ```
//!
//! `cargo build --release --target wasm32-wasip2` makes the component; put it into the host's plugin folder:
//!
//! ```toml
//! [plugins.by-label.config]
//! fallback = "hub"
//!
//! [chains]
//! main = ["by-label"]
//! ```
//!
//! What happened:
//!
//! - `#[derive(`[`Plugin`]`)]` describes the plugin to the host: its name and version from `Cargo.toml`, its summary from the comment,
//!   its place in a chain from `stage`. It makes an instance from the configuration.
//! - `#[derive(`[`Config`](derive@Config)`)]` says what can be configured. From it come the JSON Schema, by which the host names
//!   the line that is wrong before the plugin runs, and the settings themselves. See [`config`].
//! - [`#[hooks]`](macro@hooks) exports the hook, so that the host calls it. A component exports the hooks that its plugin implements and
//!   no others; an implementation without `#[hooks]` does not compile.
//!
//! # Hooks
//!
//! | Trait | When | Answers |
//! |---|---|---|
//! | [`Accept`] | a connection has been accepted | [`AcceptVerdict`] |
//! | [`Handshake`] | the client has said what it wants | [`HandshakeVerdict`] |
//! | [`Status`] | the server list asks | [`StatusVerdict`] |
//! | [`Login`] | who is this player? | [`ClaimVerdict`], [`ProofVerdict`], [`ProfileVerdict`], [`ConflictVerdict`] |
//! | [`Route`] | a player must go somewhere | [`RouteVerdict`] |
//! | [`Forward`] | a server is told of a player | [`ForwardVerdict`], [`QuestionVerdict`], [`AcceptedVerdict`] |
//! | [`Backend`] | a server was joined, lost, or not reached | [`KickedVerdict`] |
//! | [`Sessions`] | a player has joined a server, or left it | nothing |
//! | [`Packets`] | a packet is on its way | [`PacketVerdict`] |
//! | [`Messages`] | a plugin message is on its way | [`MessageVerdict`] |
//! | [`Commands`] | a player has typed a command | [`CommandVerdict`] |
//! | [`Transfers`] | a server sends a player elsewhere | [`TransferVerdict`] |
//! | [`Cookies`] | a server's cookie is on its way | [`CookieVerdict`], [`CookieDataVerdict`] |
//! | [`ResourcePacks`] | a server offers a resource pack | [`PackVerdict`] |
//!
//! A chain asks its plugins in order until one gives a final verdict; `Next` passes the question on. A hook has 2 ms and may not
//! wait, but for those of [`Login`], which may take 5 s and have instances of their own. It may return a [`Result`] of its verdict: an
//! error is logged and counts as a failure, as does a panic, and the host then does what the operator's policy says.
//!
//! # Services
//!
//! | Module | What for |
//! |---|---|
//! | [`Session`] | what is known of the connection at hand, and notes for later hooks |
//! | [`servers`] | servers and groups as they are now |
//! | [`state`] | values that all workers share, and that survive swaps |
//! | [`Bucket`] | limits of rates, exact across workers |
//! | [`metrics`] | numbers beside the host's own |
//! | [`log`] | lines in the host's log |
//! | [`clock`], [`random`] | time and chance, scripted in tests |
//! | [`hosts`] | patterns for host names, and which of them wins |
//! | [`http`] | requests to origins that the operator granted; in [`Login`] alone |
//! | [`control`] | finding players, and orders to them; with a grant |
//! | [`packets`] | packets of the plugin's own, and types for those that the game has; with a grant |
//! | [`Text`], [`span`] | texts for players |
//!
//! # Memory, workers and swaps
//!
//! Each worker of the host has an instance of its own, so a plugin's fields are neither shared nor locked. When the file or the
//! configuration changes, every instance is replaced, between two calls, while players stay connected: the field marked
//! `#[plugin(state)]` is handed over (see [`State`](derive@State)), all others start afresh. What must be the same on all workers, or
//! outlive a failure, belongs into [`state`].
//!
//! # Testing
//!
//! With the feature `testing` there is a mock host in the same process, in the module `testing`. The same tests run
//! natively, and as a component in the runtime that serves players: `portcullis plugin test` does both. A component that is built without
//! its tests has none of it.
//!
//! # Features
//!
//! | Feature | Adds |
//! |---|---|
//! | `packets` | the usual [`packets`] with fields for every version, and a derive for others |
//! | `json` | values as JSON in requests and answers of [`http`] |
//! | `forwarding` | what servers are told of players, in the formats of Velocity, BungeeCord, BungeeGuard and RealIP |
//! | `regex` | regular expressions among the patterns of a [`HostTable`](hosts::HostTable): some 80 KiB of a component |
//! | `tracing` | the macros of the crate `tracing`, which end in the host's log |
//! | `testing` | the mock host; for `[dev-dependencies]` alone |
//! | `allocator` (default) | an allocator that is quick with what hook calls need; leave it out to set one of your own |

#[cfg(feature = "packets")]
extern crate self as portcullis_sdk;

#[doc(hidden)]
pub mod bindings;
mod bucket;
pub mod clock;
pub mod config;
pub mod control;
mod error;
#[cfg(feature = "forwarding")]
pub mod forwarding;
mod handover;
mod hooks;
mod host;
pub mod hosts;
pub mod http;
pub mod log;
pub mod metrics;
pub mod packets;
mod plugin;
mod positions;
pub mod prelude;
pub mod random;
#[cfg(all(target_family = "wasm", feature = "allocator"))]
mod recycler;
pub mod servers;
mod session;
pub mod state;
#[cfg(feature = "testing")]
pub mod testing;
mod text;

/// Makes a plugin of a struct: describes it, makes it from its configuration, and exports `lifecycle`. The trait
/// [`Plugin`](trait@Plugin) has the arguments.
///
/// ```
/// use portcullis_sdk::prelude::*;
///
/// /// Says who joins.
/// #[derive(Plugin)]
/// #[plugin(stage = "observe")]
/// struct Greeter;
///
/// #[hooks]
/// impl Sessions for Greeter {
///     fn joined(&mut self, session: &Session, server: &str) {
///         info!("{:?} joined {server}", session.claimed_name());
///     }
/// }
/// ```
#[doc(inline)]
pub use portcullis_macros::Plugin;
/// Makes what outlives an instance of a type: saved, loaded, and migrated from the shapes of older versions. The trait
/// [`State`](trait@State) has the arguments.
///
/// ```
/// use portcullis_sdk::State;
///
/// #[derive(State, Default)]
/// struct Seen {
///     players: u64,
/// }
///
/// let seen = Seen::load(1, &Seen { players: 3 }.save()?)?;
/// assert_eq!(seen.players, 3);
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
#[doc(inline)]
pub use portcullis_macros::State;
/// Exports the hook whose trait is implemented below it, so that the host calls it.
///
/// The implementation stays as it is. Where it is missing, the implementation does not compile.
///
/// ```
/// use portcullis_sdk::prelude::*;
///
/// /// Lets everybody in.
/// #[derive(Plugin)]
/// #[plugin(stage = "guard")]
/// struct Open;
///
/// #[hooks]
/// impl Accept for Open {
///     fn accept(&mut self, _session: &Session) -> AcceptVerdict {
///         AcceptVerdict::Next
///     }
/// }
/// ```
///
/// ```compile_fail
/// # use portcullis_sdk::prelude::*;
/// # #[derive(Plugin)]
/// # #[plugin(stage = "guard")]
/// # struct Open;
/// impl Accept for Open {
///     fn accept(&mut self, _session: &Session) -> AcceptVerdict {
///         AcceptVerdict::Next
///     }
/// }
/// ```
pub use portcullis_macros::hooks;
#[cfg(feature = "tracing")]
pub use tracing;

pub use self::bucket::{Bucket, Refusal};
#[doc(inline)]
pub use self::config::Config;
pub use self::error::{Error, Result};
pub use self::handover::State;
pub use self::hooks::{
    Accept, AcceptVerdict, AcceptedVerdict, Backend, Cause, Claim, ClaimVerdict, CommandVerdict, Commands,
    ConflictVerdict, CookieDataVerdict, CookieVerdict, Cookies, Departure, Destination, End, Forward, ForwardVerdict,
    Handshake, HandshakeVerdict, IntoTarget, Introduction, KickCause, KickedVerdict, Login, Message, MessageVerdict,
    Messages, Mode, Outcome, PackOutcome, PackVerdict, PacketVerdict, Packets, Passthrough, ProfileVerdict, Proof,
    ProofVerdict, Question, QuestionVerdict, ResourcePack, ResourcePacks, Route, RouteVerdict, Sessions, Status,
    StatusAnswer, StatusVerdict, Tlv, TransferAddress, TransferVerdict, Transfers,
};
#[doc(inline)]
pub use self::metrics::{Counter, Gauge, Histogram};
#[doc(inline)]
pub use self::packets::{Direction, PacketState, Payload, RawPacket, Subscriptions};
pub use self::plugin::Plugin;
#[doc(inline)]
pub use self::servers::{Health, Server, Target};
pub use self::session::{
    AttributeError, ChatKey, HandshakeFacts, Identity, Intent, Marker, Profile, Property, Session, SessionId,
};
pub use self::text::{Colour, Span, Text, span};

/// What the macros' code names. No part of the interface: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use serde;

    pub use crate::hooks::{Exported, Outcome, Probe, WithoutHooks, hook};
    pub use crate::plugin::{Afresh, Description, Exports, Hooks, Instance, Stage};
    pub use crate::{__export as export, __only_one as only_one};

    /// What the code of `#[derive(Packet)]` names.
    #[cfg(feature = "packets")]
    pub mod packets {
        pub use crate::packets::typed::{read_fields, release, takes_max};
        pub use crate::packets::*;
    }

    /// What the code of `#[derive(Config)]` and of plugins with settings names.
    pub mod config {
        pub use crate::config::parse as read;
        pub use crate::config::*;
    }
}

/// The guide's pages, whose examples are tested as this crate's own are.
#[cfg(doctest)]
mod guide {
    macro_rules! pages {
        ($($page:ident: $file:literal),+ $(,)?) => {
            $(#[doc = include_str!(concat!("../../docs/plugin-author/", $file))] struct $page;)+
        };
    }

    pages! {
        Accept: "hooks/accept.md",
        Handshake: "hooks/handshake.md",
        Status: "hooks/status.md",
        Login: "hooks/login.md",
        Route: "hooks/route.md",
        Forward: "hooks/forward.md",
        Backend: "hooks/backend.md",
        Session: "hooks/session.md",
        Packet: "hooks/packet.md",
        Message: "hooks/message.md",
        Command: "hooks/command.md",
        Transfer: "hooks/transfer.md",
        Cookie: "hooks/cookie.md",
        ResourcePack: "hooks/resource-pack.md",
        Packets: "packets.md",
        Testing: "testing.md",
    }
}
