//! What is true right now, in memory and shared by all workers: servers and their health, sessions, and what plugins keep.
//! Decides nothing, waits for nothing, and is read from the network threads.
//!
//! # Layout
//! - [`SessionTable`], [`Session`], [`Handshake`], [`Identity`], [`ChatKey`]: who is connected
//! - [`Order`]: what is asked of a session from elsewhere
//! - [`ServerTable`], [`Snapshot`], [`Server`]: where they can go
//! - [`StateStore`], [`BucketStore`]: what plugins keep between calls and share between workers
//! - [`Clock`]: the time by which entries expire and buckets fill

mod attributes;
mod bucket;
mod bucket_store;
mod claims;
mod clock;
mod handshake;
mod namespace;
mod order;
mod profile;
mod server;
mod server_table;
mod session;
mod session_table;
mod shards;
mod state_shard;
mod state_store;
mod state_value;
mod text;
mod usage;

use std::sync::Arc;

pub use attributes::AttributeError;
pub use bucket::{Rate, Refusal};
pub use bucket_store::{BucketStore, Buckets};
pub use claims::Claim;
pub use clock::{Clock, ManualClock};
pub use handshake::{Handshake, Intent, Marker};
pub use namespace::{Namespace, StateError};
pub use order::{Message, Order, Title};
pub use profile::{ChatKey, Identity, Profile, Property};
pub use server::{Health, Occupancy, Server};
pub use server_table::{ServerTable, Snapshot, Target};
pub use session::{Phase, Phases, Session, SessionId};
pub use session_table::{Filter, SessionTable};
pub use state_store::{Quota, StateStore};
pub use text::Text;

/// Everything that is shared by all workers.
#[derive(Debug)]
pub struct Registry {
    /// Where players can go.
    pub servers: ServerTable,
    /// Who is on a server.
    pub sessions: SessionTable,
    /// What plugins keep by key.
    pub state: StateStore,
    /// What plugins limit.
    pub buckets: BucketStore,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Arc<Self> {
        Self::with_clock(Clock::system())
    }

    /// An empty registry in which time passes as `clock` says.
    pub fn with_clock(clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            servers: ServerTable::default(),
            sessions: SessionTable::default(),
            state: StateStore::new(clock.clone()),
            buckets: BucketStore::new(clock),
        })
    }
}
