//! Asking a server for its status on a client's behalf.

use std::ops::RangeInclusive;

use serde::de::IgnoredAny;

use super::{MAX_ANSWER_UNITS, STATUS_ID, StatusError};
use crate::{
    Progress,
    cursor::{Cursor, Stop},
    frame,
    handshake::{self, Intent},
    host::{HostError, check_name},
    varint::MAX_BYTES,
    version::Protocol,
};

/// Bytes of an answer's JSON: a UTF-16 unit is at most three bytes of UTF-8.
const MAX_JSON_BYTES: usize = 3 * MAX_ANSWER_UNITS;

/// Bytes of body that an answer may declare: at least an id and `{}`.
const BODY: RangeInclusive<usize> = 4..=1 + MAX_BYTES + MAX_JSON_BYTES;

/// Appends what a client of version `protocol` sends to ask for the status of `name`:`port`: a handshake and the request.
pub fn write_question(protocol: Protocol, name: &str, port: u16, out: &mut Vec<u8>) -> Result<(), HostError> {
    check_name(name)?;
    handshake::Fields {
        protocol: protocol.0,
        host: name,
        port,
        intent: Intent::Status as i32,
    }
    .write(out);
    frame::write(out, |body| body.push(STATUS_ID));
    Ok(())
}

/// A server's answer, borrowed from the bytes it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerAnswer<'a> {
    /// A JSON object. For passing it on, send the bytes that it was parsed from: clients may understand more of it than we do.
    pub json: &'a str,
}

impl<'a> ServerAnswer<'a> {
    /// Reads the answer at the front, once it is whole.
    pub fn parse(prefix: &'a [u8]) -> Result<Progress<Self>, StatusError> {
        let Progress::Complete(json, taken) = frame::read(prefix, BODY, read)? else {
            return Ok(Progress::Incomplete);
        };
        serde_json::from_str::<IgnoredAny>(json)?;
        if !json.trim_ascii_start().starts_with('{') {
            return Err(StatusError::NotAnObject);
        }
        Ok(Progress::Complete(Self { json }, taken))
    }
}

fn read<'a>(mut body: Cursor<'a>) -> Result<&'a str, Stop> {
    body.packet_id(&[STATUS_ID])?;
    let json = body.string(MAX_JSON_BYTES)?;
    body.finish()?;
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::WireError, handshake::Handshake, status::Query, varint::write_string};

    fn answer(json: &str) -> Vec<u8> {
        let mut out = Vec::new();
        frame::write(&mut out, |body| {
            body.push(STATUS_ID);
            write_string(json, body);
        });
        out
    }

    #[track_caller]
    fn check_refused(bytes: &[u8], label: &str) {
        assert_eq!(ServerAnswer::parse(bytes).unwrap_err().label(), label, "{bytes:02x?}");
    }

    #[test]
    fn a_question_is_what_a_client_would_send() {
        let mut out = Vec::new();
        write_question(Protocol(47), "a.example", 25566, &mut out).unwrap();
        let Ok(Progress::Complete(handshake, taken)) = Handshake::parse(&out) else {
            panic!("whole and good")
        };
        assert_eq!(
            (handshake.protocol, handshake.host.name(), handshake.port),
            (Protocol(47), "a.example", 25566)
        );
        assert_eq!(handshake.intent, Intent::Status);
        assert_eq!(
            Query::parse(&out[taken..]),
            Ok(Progress::Complete(Query::Status, out.len() - taken))
        );
        assert_eq!(
            write_question(Protocol(47), "a\n", 1, &mut out),
            Err(HostError::ControlCharacter)
        );
    }

    #[test]
    fn an_answer_is_read_once_it_is_whole() {
        let bytes = answer(r#" {"anything": [1, {"goes": null}]}"#);
        for end in 0..bytes.len() {
            assert!(
                matches!(ServerAnswer::parse(&bytes[..end]), Ok(Progress::Incomplete)),
                "{end}"
            );
        }
        let Ok(Progress::Complete(read, taken)) = ServerAnswer::parse(&bytes) else {
            panic!("whole and good")
        };
        assert_eq!(
            (read.json, taken),
            (r#" {"anything": [1, {"goes": null}]}"#, bytes.len())
        );
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        check_refused(b"HTTP/1.1 400 Bad Request", "bad-packet");
        check_refused(&answer("[1]"), "status-not-an-object");
        check_refused(&answer("\"{}\""), "status-not-an-object");
        check_refused(&answer("{]"), "status-not-json");
        check_refused(&answer("{} {}"), "status-not-json");
        check_refused(&[0xff, 0xff, 0x7f], "oversized");
        check_refused(&[0x01], "undersized");
        let oversized = WireError::Oversized {
            length: 1 << 20,
            limit: *BODY.end(),
        };
        assert_eq!(StatusError::from(oversized).to_string(), oversized.to_string());
    }
}
