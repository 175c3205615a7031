//! The status state: a client's questions and their answers, and the same asked of a server on a client's behalf.
//! <https://minecraft.wiki/w/Java_Edition_protocol/Server_List_Ping>

mod favicon;
mod query;
mod response;
mod server;

use thiserror::Error;

use crate::error::WireError;

pub use favicon::{Favicon, FaviconError};
pub use query::{Query, write_pong};
pub use response::{MAX_SAMPLE, SamplePlayer, StatusResponse};
pub use server::{ServerAnswer, write_question};

/// Longest answer in UTF-16 units: clients stop reading a string there. A favicon counts with four units for three bytes.
pub const MAX_ANSWER_UNITS: usize = 32_767;

/// Packet id of the request and its answer.
const STATUS_ID: u8 = 0x00;

/// Packet id of the ping and its answer.
const PING_ID: u8 = 0x01;

/// Why a question or an answer was refused.
#[derive(Debug, Error)]
pub enum StatusError {
    /// Not a packet of the status state.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A server's answer that no client could read; mostly something else listens where a Minecraft server should.
    #[error("the answer is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// A server's answer that is JSON, yet not an object.
    #[error("the answer is JSON, but not an object")]
    NotAnObject,
    /// More than a client reads; mostly a favicon of more than 22 KiB.
    #[error("an answer of {0} characters, where clients read {MAX_ANSWER_UNITS}")]
    TooLong(usize),
}

impl StatusError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Wire(error) => error.label(),
            Self::NotJson(_) => "status-not-json",
            Self::NotAnObject => "status-not-an-object",
            Self::TooLong(_) => "status-too-long",
        }
    }
}
