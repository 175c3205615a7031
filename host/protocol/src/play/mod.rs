//! Packets of the configuration and play states that a host reads or writes itself. Chat and plugin messages have modules of
//! their own: [`chat`](crate::chat), [`message`](crate::message).
//!
//! Packets without fields (finish-configuration and its answer, start-configuration and its acknowledgement, the bundle
//! delimiter) are [`Bare`](crate::packets::Bare).

mod boss_bar;
mod join;
mod keep_alive;
mod notice;
mod player_list;
mod resource_pack;
mod title;
mod transfer;

pub use boss_bar::{BossBar, TakeBar};
pub use join::{Dimension, JoinGame, Respawn, Switch};
pub use keep_alive::{KeepAlive, Ping};
pub use notice::{ActionBar, Disconnect, Notice, SystemChat};
pub use player_list::{Entry, ListChange, TakeEntries};
pub use resource_pack::{PackResponse, PackResult, PopPack, PushPack};
pub use title::Title;
pub use transfer::Transfer;
