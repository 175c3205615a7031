//! Plugins' requests to other servers: only to origins that the operator granted, within limits, and to no private address that
//! was not meant.

mod address;
mod client;
mod exchange;
mod origin;
mod resolver;

pub use self::client::Roots;
pub(crate) use self::exchange::{Http, MAX_UNDER_WAY};
