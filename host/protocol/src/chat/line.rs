//! One line that a player sends: chat of every version, and the commands that are packets of their own since 1.19.

use super::acknowledgement::read_count;
use crate::{
    cursor::{Cursor, Stop},
    error::WireError,
    packets::{Fields, Packet},
    put,
    version::Protocol,
};

/// Longest line in characters since 1.11.
pub const MAX_CHARS: usize = 256;

/// Longest line in characters before.
const MAX_SHORT_CHARS: usize = 100;

/// Longest command in characters since 1.20.5.
const MAX_LONG_COMMAND_CHARS: usize = 32_767;

/// Bytes of a signature since 1.19.3.
const SIGNATURE_BYTES: usize = 256;

/// Longest signature of 1.19 to 1.19.2 in bytes.
const MAX_SIGNATURE_BYTES: usize = 4_096;

/// Arguments of a command that may be signed, as servers read.
const MAX_ARGUMENTS: usize = 8;

/// Longest name of an argument in characters.
const MAX_ARGUMENT_CHARS: usize = 16;

/// Messages that 1.19.1 lists as seen.
const MAX_SEEN: usize = 5;

/// Bytes of the bits that tell which of the last twenty messages were seen.
const SEEN_BYTES: usize = 3;

/// Fields that say nothing: all of them are zeros.
const NOTHING: &[u8] = &[0; 24];

/// The text is signed, so that only its author can change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signed line cannot be changed: pass it on, or drop it")]
pub struct SignedText;

/// A line with everything that goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    packet: Packet,
    text: &'a str,
    is_signed: bool,
    /// What stands between the text and the count: time, salt, signatures.
    before_count: &'a [u8],
    count: Option<u32>,
    /// What follows the count: which messages, a checksum.
    behind_count: &'a [u8],
}

impl<'a> Line<'a> {
    /// Reads the fields of [`Packet::Chat`], [`Packet::Command`] or [`Packet::SignedCommand`], sent to a server; none of other
    /// packets.
    pub fn read(packet: Packet, body: &'a [u8], protocol: Protocol) -> Result<Option<Self>, WireError> {
        if !matches!(packet, Packet::Chat | Packet::Command | Packet::SignedCommand) {
            return Ok(None);
        }
        let mut cursor = Cursor::whole(body);
        let text = cursor.text(max_chars(packet, protocol))?;
        let mut line = Self {
            packet,
            text,
            is_signed: false,
            before_count: &[],
            count: None,
            behind_count: &[],
        };
        if protocol.signs_chat() && packet != Packet::Command {
            line.read_signed(&mut cursor, protocol)?;
        }
        cursor.finish()?;
        Ok(Some(line))
    }

    /// A line that nobody has signed, of a player who has seen nothing: servers take it where they do not insist on signatures.
    pub fn unsigned(packet: Packet, text: &'a str, protocol: Protocol) -> Self {
        let is_plain = !protocol.signs_chat() || packet == Packet::Command;
        let counts = protocol.counts_acknowledgements();
        let before_count = match () {
            () if is_plain => 0,
            // Time, salt, and no signature.
            () if counts => 8 + 8 + 1,
            // And not of a preview.
            () if protocol < Protocol::V1_19_1 => 8 + 8 + 1 + 1,
            // And none of the last messages seen.
            () => 8 + 8 + 1 + 1 + 2,
        };
        let behind_count = match is_plain || !counts {
            true => 0,
            // A checksum of 0 is not looked at.
            false => SEEN_BYTES + usize::from(protocol.acknowledgements_have_checksum()),
        };
        Self {
            packet,
            text,
            is_signed: false,
            before_count: NOTHING.get(..before_count).unwrap_or_default(),
            count: (!is_plain && counts).then_some(0),
            behind_count: NOTHING.get(..behind_count).unwrap_or_default(),
        }
    }

    /// Whether it is a command. To 1.18.2 commands are chat that starts with a slash.
    pub fn is_command(&self) -> bool {
        self.packet != Packet::Chat || self.text.starts_with('/')
    }

    /// What was typed; commands without their slash where they are packets of their own.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Whether anything in it is signed.
    pub fn is_signed(&self) -> bool {
        self.is_signed
    }

    /// Messages that its author has seen since the last count: since 1.19.3, in chat and signed commands.
    pub fn count(&self) -> Option<u32> {
        self.count
    }

    /// The same line with another count. One without a count stays without.
    #[must_use]
    pub fn with_count(self, count: u32) -> Self {
        Self {
            count: self.count.map(|_| count),
            ..self
        }
    }

    /// The same line with another text, unless it is signed. Longer than servers read, it is theirs to refuse.
    pub fn with_text<'t>(self, text: &'t str) -> Result<Line<'t>, SignedText>
    where
        'a: 't,
    {
        if self.is_signed {
            return Err(SignedText);
        }
        Ok(Line { text, ..self })
    }

    fn read_signed(&mut self, cursor: &mut Cursor<'a>, protocol: Protocol) -> Result<(), Stop> {
        let start = cursor.rest();
        let _time_and_salt = cursor.take(8 + 8)?;
        self.is_signed = if self.packet == Packet::Chat {
            read_message_signature(cursor, protocol)?
        } else {
            read_argument_signatures(cursor, protocol)?
        };
        if !protocol.counts_acknowledgements() {
            let _signed_preview = cursor.bool()?;
            if protocol >= Protocol::V1_19_1 {
                read_seen_list(cursor)?;
            }
        }
        let read = start.len() - cursor.rest().len();
        self.before_count = start.get(..read).unwrap_or_default();
        if protocol.counts_acknowledgements() {
            self.count = Some(read_count(cursor.var_int()?)?);
            let checksum = usize::from(protocol.acknowledgements_have_checksum());
            self.behind_count = cursor.take(SEEN_BYTES + checksum)?;
        }
        Ok(())
    }
}

impl Fields for Line<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        self.packet
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::string(self.text, out);
        out.extend_from_slice(self.before_count);
        if let Some(count) = self.count {
            put::var_int(count.cast_signed(), out);
        }
        out.extend_from_slice(self.behind_count);
    }
}

fn max_chars(packet: Packet, protocol: Protocol) -> usize {
    if packet != Packet::Chat && protocol.has_unsigned_commands() {
        MAX_LONG_COMMAND_CHARS
    } else if protocol.has_long_chat() {
        MAX_CHARS
    } else {
        MAX_SHORT_CHARS
    }
}

fn read_message_signature(cursor: &mut Cursor<'_>, protocol: Protocol) -> Result<bool, Stop> {
    Ok(if protocol.counts_acknowledgements() {
        cursor.option(|cursor| cursor.take(SIGNATURE_BYTES))?.is_some()
    } else {
        !cursor.bytes(MAX_SIGNATURE_BYTES)?.is_empty()
    })
}

fn read_argument_signatures(cursor: &mut Cursor<'_>, protocol: Protocol) -> Result<bool, Stop> {
    let mut is_signed = false;
    for _ in 0..cursor.count(MAX_ARGUMENTS)? {
        let _name = cursor.text(MAX_ARGUMENT_CHARS)?;
        let signature = if protocol.counts_acknowledgements() {
            cursor.take(SIGNATURE_BYTES)?
        } else {
            cursor.bytes(MAX_SIGNATURE_BYTES)?
        };
        is_signed |= !signature.is_empty();
    }
    Ok(is_signed)
}

/// 1.19.1: the last messages seen, and one that was seen but is not among them.
fn read_seen_list(cursor: &mut Cursor<'_>) -> Result<(), Stop> {
    let entry = |cursor: &mut Cursor<'_>| {
        let _author = cursor.uuid()?;
        cursor.bytes(MAX_SIGNATURE_BYTES).map(drop)
    };
    for _ in 0..cursor.count(MAX_SEEN)? {
        entry(cursor)?;
    }
    cursor.option(entry).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol(release: &str) -> Protocol {
        Protocol::of_release(release).unwrap()
    }

    /// A line of each version, field by field.
    fn body(packet: Packet, protocol: Protocol, signed: bool) -> Vec<u8> {
        let mut out = Vec::new();
        put::string("hello", &mut out);
        if !protocol.signs_chat() || packet == Packet::Command {
            return out;
        }
        out.extend([9; 16]);
        let counts = protocol >= Protocol::V1_19_3;
        match (packet, counts) {
            (Packet::Chat, true) => put::option(signed.then_some([7; 256]), &mut out, |bytes, out| out.extend(bytes)),
            (Packet::Chat, false) => put::bytes(if signed { &[7; 200] } else { &[] }, &mut out),
            (_, _) if !signed => out.push(0),
            (_, counts) => {
                out.push(1);
                put::string("message", &mut out);
                if counts {
                    out.extend([7; 256]);
                } else {
                    put::bytes(&[7; 200], &mut out);
                }
            }
        }
        if counts {
            out.extend([5, 1, 2, 3]);
            if protocol >= Protocol::V1_21_5 {
                out.push(99);
            }
        } else {
            out.push(0);
            if protocol >= Protocol::V1_19_1 {
                out.push(1);
                out.extend([3; 16]);
                put::bytes(&[4; 100], &mut out);
                out.push(0);
            }
        }
        out
    }

    fn written(line: &Line<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        line.write(Protocol::NEWEST, &mut out);
        out
    }

    fn packets(protocol: Protocol) -> impl Iterator<Item = Packet> {
        [
            (Packet::Chat, true),
            (Packet::SignedCommand, protocol.signs_chat()),
            (Packet::Command, protocol.has_unsigned_commands()),
        ]
        .into_iter()
        .filter_map(|(packet, exists)| exists.then_some(packet))
    }

    #[test]
    fn lines_come_back_in_every_version() {
        for protocol in Protocol::releases() {
            for packet in packets(protocol) {
                for signed in [false, true] {
                    let body = body(packet, protocol, signed);
                    let line = Line::read(packet, &body, protocol).unwrap().unwrap();
                    let can_sign = protocol.signs_chat() && packet != Packet::Command;
                    assert_eq!(
                        (line.text(), line.is_signed()),
                        ("hello", signed && can_sign),
                        "{protocol} {packet}"
                    );
                    let counts = can_sign && protocol.counts_acknowledgements();
                    assert_eq!(line.count(), counts.then_some(5), "{protocol} {packet}");
                    assert_eq!(written(&line), body, "{protocol} {packet}");
                    for end in 0..body.len() {
                        let error = Line::read(packet, &body[..end], protocol).unwrap_err();
                        assert_eq!(error, WireError::Truncated, "{protocol} {packet} {end}");
                    }
                }
            }
        }
        assert_eq!(Line::read(Packet::KeepAlive, &[], Protocol::NEWEST), Ok(None));
    }

    #[test]
    fn unsigned_lines_are_read_in_every_version() {
        for protocol in Protocol::releases() {
            for packet in packets(protocol) {
                let line = Line::unsigned(packet, "hello", protocol);
                let body = written(&line);
                assert_eq!(
                    Line::read(packet, &body, protocol),
                    Ok(Some(line)),
                    "{protocol} {packet}"
                );
            }
        }
    }

    #[test]
    fn another_count_changes_nothing_else() {
        let protocol = protocol("1.21.5");
        let body = body(Packet::Chat, protocol, true);
        let line = Line::read(Packet::Chat, &body, protocol).unwrap().unwrap();
        let changed = written(&line.with_count(300));
        assert_eq!(changed.len(), body.len() + 1);
        let read = Line::read(Packet::Chat, &changed, protocol).unwrap().unwrap();
        assert_eq!(read, line.with_count(300));
        let old = Line::read(Packet::Chat, b"\x01a", Protocol(47)).unwrap().unwrap();
        assert_eq!(old.with_count(3), old);
    }

    #[test]
    fn only_what_is_not_signed_gets_another_text() {
        for protocol in Protocol::releases() {
            for packet in packets(protocol) {
                let unsigned = body(packet, protocol, false);
                let line = Line::read(packet, &unsigned, protocol).unwrap().unwrap();
                let changed = written(&line.with_text("bye").unwrap());
                assert_eq!(changed, [b"\x03bye", &unsigned[6..]].concat(), "{protocol} {packet}");
            }
        }
        let signed = body(Packet::Chat, Protocol::NEWEST, true);
        let line = Line::read(Packet::Chat, &signed, Protocol::NEWEST).unwrap().unwrap();
        assert_eq!(line.with_text("bye"), Err(SignedText));
    }

    #[test]
    fn commands_are_told_from_chat() {
        let read = |packet, body, release| Line::read(packet, body, protocol(release)).unwrap().unwrap();
        assert!(read(Packet::Chat, b"\x05/help", "1.8").is_command());
        assert!(!read(Packet::Chat, b"\x04help", "1.8").is_command());
        assert!(read(Packet::Command, b"\x04help", "26.3").is_command());
    }

    #[test]
    fn lines_longer_than_servers_read_are_refused() {
        for (packet, release, limit) in [
            (Packet::Chat, "1.10", 100),
            (Packet::Chat, "1.11", 256),
            (Packet::SignedCommand, "1.20.4", 256),
            (Packet::Command, "1.20.5", 32_767),
        ] {
            let mut body = Vec::new();
            put::string(&"x".repeat(limit + 1), &mut body);
            let error = Line::read(packet, &body, protocol(release)).unwrap_err();
            assert_eq!(error.label(), "string-too-long", "{release}");
        }
    }
}
