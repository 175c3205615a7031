//! What a client asks behind a status handshake, and the answer to its ping.

use crate::{
    Progress,
    cursor::{Cursor, Stop},
    error::WireError,
    frame,
};

use super::{PING_ID, STATUS_ID};

/// Bytes of a ping's body: the packet id and a number of eight bytes.
const PING_BODY: usize = 1 + 8;

/// A question of the status state. Clients ask for the status once, then ping; some only ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// What should the server list show?
    Status,
    /// How long does this number take to come back?
    Ping(i64),
}

impl Query {
    /// Reads the question at the front.
    pub fn parse(prefix: &[u8]) -> Result<Progress<Self>, WireError> {
        frame::read(prefix, 1..=PING_BODY, read)
    }
}

/// Appends the answer to a ping.
pub fn write_pong(payload: i64, out: &mut Vec<u8>) {
    frame::write(out, |body| {
        body.push(PING_ID);
        body.extend_from_slice(&payload.to_be_bytes());
    });
}

fn read(mut body: Cursor<'_>) -> Result<Query, Stop> {
    let query = match body.packet_id(&[STATUS_ID, PING_ID])? {
        STATUS_ID => Query::Status,
        _ => Query::Ping(body.i64()?),
    };
    body.finish()?;
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expect: Result<Progress<Query>, WireError>) {
        assert_eq!(Query::parse(bytes), expect, "{bytes:02x?}");
    }

    #[test]
    fn both_questions_are_read() {
        check(&[1, 0], Ok(Progress::Complete(Query::Status, 2)));
        check(
            &[9, 1, 0, 0, 0, 0, 0, 0, 1, 2],
            Ok(Progress::Complete(Query::Ping(258), 10)),
        );
        check(&[9, 1, 0, 0, 0], Ok(Progress::Incomplete));
        check(&[1, 0, 9, 1], Ok(Progress::Complete(Query::Status, 2)));
    }

    #[test]
    fn other_packets_are_refused_with_their_own_bytes() {
        check(&[10], Err(WireError::Oversized { length: 10, limit: 9 }));
        check(&[0], Err(WireError::Undersized { length: 0, least: 1 }));
        check(&[9, 2], Err(WireError::BadPacket { found: 2 }));
        check(&[2, 0], Err(WireError::TrailingBytes(1)));
        check(&[2, 1], Err(WireError::Truncated));
    }

    #[test]
    fn a_pong_is_the_ping_sent_back() {
        let mut out = Vec::new();
        write_pong(-7, &mut out);
        check(&out, Ok(Progress::Complete(Query::Ping(-7), 10)));
    }
}
