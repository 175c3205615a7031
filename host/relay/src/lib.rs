//! Listeners, the life of a connection, dialling and moving bytes.
//!
//! # Rooms
//!
//! - [`Relay`] starts the `worker`s, one thread each, and hands them their listening `socket`s.
//! - A `listener` accepts connections and knows their limits; `connection` is their life, stage by stage; who is turned
//!   away on the way is counted in `refusal`.
//! - `status` answers server list pings, `dial` reaches servers.
//! - A session's bytes go through the `mover`; the `roll` looks after all of a worker's sessions once a second, and the
//!   `census` counts the connections of all workers.
//! - `metrics` has every number by name, `text` every word that the host itself says to a client.
//!
//! # Invariants
//!
//! - A connection stays on its worker. Workers share atomics, the registry, and one locked book of servers' status answers.
//! - Before a route is chosen, a connection has no buffer: its bytes are looked at in the kernel's queue.
//! - An idle session has two sockets, one small task and nothing else.
//! - For every `joined` that plugins hear, they hear `left` exactly once.

mod census;
mod codec;
mod connection;
mod dial;
mod error;
mod host_key;
mod listener;
mod metrics;
mod mover;
mod refusal;
mod relay;
mod roll;
mod socket;
mod status;
mod text;
mod worker;

pub use error::{ListenError, RelayError, ResolverError};
pub use relay::{Options, Relay};
