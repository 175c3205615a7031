//! Loads, limits, calls and swaps the WebAssembly plugins that take Portcullis's decisions.
//!
//! # Rooms
//!
//! A plugin's way in, on the control thread: [`wanted`] says which there should be, [`load`] reads the file, [`pins`] and
//! [`grants`] say whether it is trusted and what it may import, [`inspect`] looks at it before [`engine`] compiles it,
//! [`services`], [`http`] and [`wasi`] are what it may call, [`description`] what it says of itself, [`secrets`] puts those
//! into its configuration that are in files, [`subscriptions`] checks what it wants to see, and [`control`] hands it over
//! to the workers in the messages of [`swap`], and brings it back after [`failures`].
//!
//! [`workbench`] is for those who write plugins.
//!
//! A question's way through, on a network thread: [`worker`] finds the chain in its [`plan`] (or, for packets, in what the chain
//! [`wants`]), asks each [`instance`] through its [`cell`], within [`limits`], does what was [`pending`], and turns the [`verdict`] into
//! an [`outcome`]. Hooks that may wait are asked in the [`slow`] instances.
//!
//! # Invariants
//!
//! - Two plugins never share a store, and a store that failed is never entered again.
//! - A call into a plugin on a network thread never waits, and none allocates without bound; a failure costs one instance.
//! - Nothing compiles, instantiates or initialises on a network thread.
//! - A plan is replaced as a whole, between two calls.

mod bindings;
mod cell;
mod context;
mod control;
mod description;
mod engine;
mod error;
mod failures;
mod grants;
mod hook;
mod http;
mod inspect;
mod instance;
mod limits;
mod load;
mod meters;
mod misbuilt;
mod outcome;
mod pending;
mod pins;
mod plan;
mod runtime;
mod secrets;
mod services;
mod slow;
mod status;
mod subscriptions;
mod swap;
mod verdict;
mod violations;
mod wanted;
mod wants;
mod wasi;
pub mod workbench;
mod worker;

pub use crate::control::ReloadError;
pub use crate::description::Description;
pub use crate::error::{LoadError, StartError, Violation};
pub use crate::hook::{Hook, Stage};
pub use crate::http::Roots;
pub use crate::inspect::CONTRACT_VERSION;
#[doc(hidden)]
pub use crate::inspect::fuzz_inspect;
pub use crate::outcome::{
    Accept, AcceptedOutcome, By, ClaimOutcome, CommandOutcome, ConflictOutcome, ConnectOutcome, DataOutcome,
    Destination, End, HandshakeOutcome, Introduction, KickCause, KickedOutcome, Mode, Own, Pack, PackOutcome,
    PackResult, PacketOutcome, Passthrough, ProfileOutcome, ProofOutcome, QuestionOutcome, Refusal, RequestOutcome,
    RouteCause, RouteOutcome, SamplePlayer, StatusAnswer, StatusOutcome, Tally, Text, Tlv, TransferOutcome,
};
pub use crate::plan::ListenerChain;
pub use crate::runtime::Runtime;
pub use crate::status::{LoadProblem, PluginState, PluginStatus};
pub use crate::subscriptions::Payload;
pub use crate::wants::Wants;
pub use crate::worker::WorkerPlugins;
