//! What nearly every plugin uses: `use portcullis_sdk::prelude::*;`
//!
//! ```
//! use portcullis_sdk::prelude::*;
//!
//! let verdict = RouteVerdict::disconnect(span("Closed").colour(Colour::Red));
//! assert_eq!(verdict, RouteVerdict::disconnect("<red>Closed</red>"));
//! ```

pub use crate::config::{ByteSize, Cidr, Config, OneOrMany, Secret, ServerOrGroup};
pub use crate::log::{debug, error, info, trace, warn};
pub use crate::packets::{self, Direction, PacketState, Payload, RawPacket, Subscriptions};
pub use crate::servers::{self, Health, Server, Target};
pub use crate::{
    Accept, AcceptVerdict, AcceptedVerdict, Backend, Bucket, Claim, ClaimVerdict, Colour, CommandVerdict, Commands,
    ConflictVerdict, CookieDataVerdict, CookieVerdict, Cookies, Counter, Departure, Destination, End, Error, Forward,
    ForwardVerdict, Gauge, Handshake, HandshakeVerdict, Histogram, Identity, KickCause, KickedVerdict, Login, Message,
    MessageVerdict, Messages, Mode, PackOutcome, PackVerdict, PacketVerdict, Packets, Passthrough, Plugin, Profile,
    ProfileVerdict, Proof, ProofVerdict, Property, Question, QuestionVerdict, Refusal, ResourcePack, ResourcePacks,
    Result, Route, RouteVerdict, Session, SessionId, Sessions, State, Status, StatusAnswer, StatusVerdict, Text, Tlv,
    TransferAddress, TransferVerdict, Transfers, hooks, span,
};
