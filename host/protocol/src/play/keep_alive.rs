//! Proof of life, in the configuration and play states.

use crate::{
    cursor::Cursor,
    error::WireError,
    packets::{Fields, Packet},
    put,
    version::Protocol,
};

/// Sent by a server and sent back by the client. Whoever answers for somebody else has to know which server asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeepAlive {
    /// Any number; 32 bits before 1.12.2, of which others are lost.
    pub id: i64,
}

impl KeepAlive {
    /// Reads the fields.
    pub fn read(body: &[u8], protocol: Protocol) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let id = if protocol < Protocol::V1_8 {
            cursor.i32()?.into()
        } else if protocol < Protocol::V1_12_2 {
            cursor.var_int()?.into()
        } else {
            cursor.i64()?
        };
        cursor.finish()?;
        Ok(Self { id })
    }
}

impl Fields for KeepAlive {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::KeepAlive
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        if protocol < Protocol::V1_8 {
            out.extend_from_slice(&(self.id as i32).to_be_bytes());
        } else if protocol < Protocol::V1_12_2 {
            put::var_int(self.id as i32, out);
        } else {
            out.extend_from_slice(&self.id.to_be_bytes());
        }
    }
}

/// A number that the client sends back in the order of packets: since 1.17 both ways, as ping and as pong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ping {
    /// Any number.
    pub id: i32,
}

impl Ping {
    /// Reads the fields, of a ping or of its pong.
    pub fn read(body: &[u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let id = cursor.i32()?;
        cursor.finish()?;
        Ok(Self { id })
    }
}

impl Fields for Ping {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::Ping
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.id.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_counts_in_its_own_way() {
        for (protocol, id, expect) in [
            (5, 258, &[0, 0, 1, 2][..]),
            (47, 258, &[0x82, 0x02]),
            (338, -1, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
            (340, 258, &[0, 0, 0, 0, 0, 0, 1, 2]),
            (777, i64::MIN, &[0x80, 0, 0, 0, 0, 0, 0, 0]),
        ] {
            let mut out = Vec::new();
            KeepAlive { id }.write(Protocol(protocol), &mut out);
            assert_eq!(out, expect, "{protocol}");
            assert_eq!(KeepAlive::read(&out, Protocol(protocol)), Ok(KeepAlive { id }));
            assert!(KeepAlive::read(&out[..out.len() - 1], Protocol(protocol)).is_err());
        }
        let mut out = Vec::new();
        Ping { id: -2 }.write(Protocol::NEWEST, &mut out);
        assert_eq!(Ping::read(&out), Ok(Ping { id: -2 }));
    }
}
