//! Packets of the configuration and play states that a host reads or writes itself. Chat and plugin messages have modules of
//! their own: [`chat`](crate::chat), [`message`](crate::message).
//!
//! Packets without fields (finish-configuration and its answer, start-configuration and its acknowledgement, the bundle
//! delimiter) are [`Bare`](crate::packets::Bare).

mod join;
mod keep_alive;
mod notice;
mod resource_pack;
mod transfer;

pub use join::{Dimension, JoinGame, Respawn, Switch};
pub use keep_alive::{KeepAlive, Ping};
pub use notice::{ActionBar, Disconnect, Notice, Title};
pub use resource_pack::{PackResponse, PackResult, PopPack, PushPack};
pub use transfer::Transfer;
