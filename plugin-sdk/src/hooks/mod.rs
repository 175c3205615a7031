//! The moments at which the host asks: a trait and a verdict for each.

mod accept;
mod exports;
mod handshake;
mod outcome;
mod probe;
mod route;
mod sessions;
mod status;

pub use self::accept::{Accept, AcceptVerdict};
pub use self::handshake::{Handshake, HandshakeVerdict, Mode};
pub use self::outcome::Outcome;
pub use self::probe::{Exported, Probe, WithoutHooks, hook};
pub use self::route::{Cause, IntoTarget, Route, RouteVerdict};
pub use self::sessions::{Departure, End, Sessions};
pub use self::status::{Passthrough, Status, StatusAnswer, StatusVerdict};
