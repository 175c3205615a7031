//! Sending a client to another address (1.20.5), in the configuration and play states.

use crate::{
    cursor::Cursor,
    error::WireError,
    packets::{Fields, Packet},
    put,
    version::Protocol,
};

/// Longest host in characters.
const MAX_HOST_CHARS: usize = 32_767;

/// The client shall connect there, with intent 3, and take its cookies along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// A name or address.
    pub host: &'a str,
    /// The port.
    pub port: u16,
}

impl<'a> Transfer<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let host = cursor.text(MAX_HOST_CHARS)?;
        let port = u16::try_from(cursor.var_int()?).map_err(|_| WireError::BadValue("a port"))?;
        cursor.finish()?;
        Ok(Self { host, port })
    }
}

impl Fields for Transfer<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::Transfer
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::string(self.host, out);
        put::var_int(self.port.into(), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_and_a_port_that_is_none_does_not() {
        let transfer = Transfer {
            host: "play.example.com",
            port: 25_565,
        };
        let mut out = Vec::new();
        transfer.write(Protocol::NEWEST, &mut out);
        assert_eq!(Transfer::read(&out), Ok(transfer));
        assert_eq!(Transfer::read(b"\x01a\x80\x80\x04"), Err(WireError::BadValue("a port")));
        assert_eq!(
            Transfer::read(b"\x01a\xff\xff\xff\xff\x0f"),
            Err(WireError::BadValue("a port"))
        );
    }
}
