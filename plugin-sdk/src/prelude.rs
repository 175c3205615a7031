//! What nearly every plugin uses: `use portcullis_sdk::prelude::*;`
//!
//! ```
//! use portcullis_sdk::prelude::*;
//!
//! let verdict = RouteVerdict::disconnect(span("Closed").colour(Colour::Red));
//! assert_eq!(verdict, RouteVerdict::disconnect("<red>Closed</red>"));
//! ```

pub use crate::config::{ByteSize, Cidr, Config, OneOrMany, ServerOrGroup};
pub use crate::log::{debug, error, info, trace, warn};
pub use crate::servers::{self, Health, Server, Target};
pub use crate::{
    Accept, AcceptVerdict, Bucket, Colour, Counter, Departure, End, Error, Gauge, Handshake, HandshakeVerdict,
    Histogram, Mode, Passthrough, Plugin, Refusal, Result, Route, RouteVerdict, Session, Sessions, State, Status,
    StatusAnswer, StatusVerdict, Text, hooks, span,
};
