//! The text that ends a login: JSON in every version.

use super::PACKET_ID;
use crate::{
    cursor::Cursor,
    error::WireError,
    frame,
    packets::{Fields, Packet},
    put,
    text::Text,
    version::Protocol,
};

/// Longest text of a disconnect in UTF-16 units: what clients before 1.20.3 read; later ones read more.
pub const MAX_DISCONNECT_UNITS: usize = 32_767;

/// Longest text that a server may send instead of a login: what clients since 1.20.3 read.
const MAX_RECEIVED_UNITS: usize = 262_144;

/// A server's refusal. The text is for [`Text::json`]; it may be longer than a proxy is willing to look into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnect<'a> {
    /// A text component in JSON.
    pub json: &'a str,
}

impl<'a> Disconnect<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let json = cursor.text(MAX_RECEIVED_UNITS)?;
        cursor.finish()?;
        Ok(Self { json })
    }
}

impl Fields for Disconnect<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::Disconnect
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::string(self.json, out);
    }
}

/// Appends the packet that ends a login with `text`, in an uncompressed frame. A text too long for the client is sent without
/// its styles, and cut.
pub fn write_disconnect(text: &Text, protocol: Protocol, out: &mut Vec<u8>) {
    let json = json_for_client(text, protocol);
    frame::write(out, |body| {
        body.push(PACKET_ID);
        put::string(&json, body);
    });
}

/// `text` as JSON that every client reads.
pub(crate) fn json_for_client(text: &Text, protocol: Protocol) -> String {
    let json = text.to_json(protocol);
    if json.encode_utf16().count() > MAX_DISCONNECT_UNITS {
        text.without_styles().to_json(protocol)
    } else {
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disconnect_is_json_in_a_frame() {
        let mut out = Vec::new();
        write_disconnect(&Text::markup("<red>no</red>"), Protocol(4), &mut out);
        let json = br#"{"text":"no","color":"red"}"#;
        assert_eq!(out, [&[json.len() as u8 + 2, 0, json.len() as u8][..], json].concat());
    }

    #[test]
    fn a_disconnect_too_long_for_a_client_loses_its_styles() {
        let rainbow = format!("<gradient:red{}>{}", ":blue:red".repeat(200), "word ".repeat(400));
        let mut out = Vec::new();
        write_disconnect(&Text::markup(&rainbow), Protocol::NEWEST, &mut out);
        let json = format!(r#"{{"text":"{}"}}"#, "word ".repeat(400));
        assert!(out.ends_with(json.as_bytes()), "{}", out.escape_ascii());
    }
    #[test]
    fn a_servers_refusal_is_read() {
        let mut out = Vec::new();
        Disconnect { json: r#""no""# }.write(Protocol(763), &mut out);
        assert_eq!(Disconnect::read(&out), Ok(Disconnect { json: r#""no""# }));
        assert_eq!(Disconnect::read(&out[..3]), Err(WireError::Truncated));
        out.push(0);
        assert_eq!(Disconnect::read(&out), Err(WireError::TrailingBytes(1)));
    }
}
