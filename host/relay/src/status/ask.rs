//! Asks a server for its status on a client's behalf.

use std::io;
use std::sync::Arc;

use portcullis_config::ProxyEmission;
use portcullis_protocol::Progress;
use portcullis_protocol::host::HostError;
use portcullis_protocol::proxy_header::ProxyHeader;
use portcullis_protocol::status::{ServerAnswer, StatusError, write_question};
use portcullis_protocol::version::Protocol;
use portcullis_registry::Server;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::dial::{DialError, Dialler};

/// Read at a time; most answers with a favicon fit.
const READ_BYTES: usize = 16 << 10;

/// Why a server has no answer.
#[derive(Debug, Error)]
pub(crate) enum AskError {
    /// It was not reached.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// It closed or broke the connection instead of answering.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// It answered something that no client reads: mostly something else listens there.
    #[error(transparent)]
    Unreadable(#[from] StatusError),
    /// The name asked for cannot be sent.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// What a client of version `protocol` would be told that asks for `host`:`port`: the answer's frame, as the server wrote it.
pub(crate) async fn ask(
    dialler: &Dialler,
    server: &Server,
    protocol: Protocol,
    host: &str,
    port: u16,
) -> Result<Arc<[u8]>, AskError> {
    let mut out = Vec::new();
    // The host asks for itself: the answer is kept for clients that have not connected yet.
    match server.config.proxy_protocol {
        ProxyEmission::Off => {}
        ProxyEmission::V1 => ProxyHeader::Local.write_v1(&mut out),
        ProxyEmission::V2 => ProxyHeader::Local.write_v2(&mut out),
    }
    write_question(protocol, host, port, &mut out)?;
    let mut stream = dialler.dial(server).await?;
    stream.write_all(&out).await?;
    let mut answer = Vec::new();
    loop {
        // The parser refuses what is too long before it has arrived.
        answer.reserve(READ_BYTES);
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        if let Progress::Complete(_, length) = ServerAnswer::parse(&answer)? {
            answer.truncate(length);
            return Ok(answer.into());
        }
    }
}
