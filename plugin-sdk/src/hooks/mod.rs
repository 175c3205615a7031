//! The moments at which the host asks: a trait and a verdict for each.

mod accept;
mod backend;
mod commands;
mod cookies;
mod exports;
mod forward;
mod handshake;
mod login;
mod messages;
mod outcome;
mod packets;
mod probe;
mod resource_packs;
mod route;
mod sessions;
mod status;
mod transfers;

pub use self::accept::{Accept, AcceptVerdict};
pub use self::backend::{Backend, KickCause, KickedVerdict};
pub use self::commands::{CommandVerdict, Commands};
pub use self::cookies::{CookieDataVerdict, CookieVerdict, Cookies};
pub use self::forward::{
    AcceptedVerdict, Destination, Forward, ForwardVerdict, Introduction, Question, QuestionVerdict, Tlv,
};
pub use self::handshake::{Handshake, HandshakeVerdict, Mode};
pub use self::login::{Claim, ClaimVerdict, ConflictVerdict, Login, ProfileVerdict, Proof, ProofVerdict};
pub use self::messages::{Message, MessageVerdict, Messages};
pub use self::outcome::Outcome;
pub use self::packets::{PacketVerdict, Packets};
pub use self::probe::{Exported, Probe, WithoutHooks, hook};
pub use self::resource_packs::{PackOutcome, PackVerdict, ResourcePack, ResourcePacks};
pub use self::route::{Cause, IntoTarget, Route, RouteVerdict};
pub use self::sessions::{Departure, End, Sessions};
pub use self::status::{Passthrough, Status, StatusAnswer, StatusVerdict};
pub use self::transfers::{TransferAddress, TransferVerdict, Transfers};
