//! Plugins' questions and answers during the login, and the start of compression.

use crate::{
    cursor::Cursor,
    error::WireError,
    packets::{Fields, Packet},
    put,
    version::Protocol,
};

/// Longest question or answer in bytes, as clients and servers read.
pub const MAX_QUERY_BYTES: usize = 1 << 20;

/// Longest channel in characters.
const MAX_CHANNEL_CHARS: usize = 32_767;

/// A plugin of the server's asks something that a client, or a proxy in between, knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PluginRequest<'a> {
    /// To be repeated in the answer.
    pub id: i32,
    /// Whose question it is.
    pub channel: &'a str,
    /// The question.
    pub data: &'a [u8],
}

impl<'a> PluginRequest<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        Ok(Self {
            id: cursor.var_int()?,
            channel: cursor.text(MAX_CHANNEL_CHARS)?,
            data: cursor.remaining(MAX_QUERY_BYTES)?,
        })
    }
}

impl Fields for PluginRequest<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::LoginPluginRequest
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::var_int(self.id, out);
        put::string(self.channel, out);
        out.extend_from_slice(self.data);
    }
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PluginResponse<'a> {
    /// The id of the question.
    pub id: i32,
    /// What is known; nothing if the question was not understood, which is every client's answer to strange channels.
    pub data: Option<&'a [u8]>,
}

impl<'a> PluginResponse<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let response = Self {
            id: cursor.var_int()?,
            data: cursor.option(|cursor| cursor.remaining(MAX_QUERY_BYTES))?,
        };
        cursor.finish()?;
        Ok(response)
    }
}

impl Fields for PluginResponse<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::LoginPluginResponse
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::var_int(self.id, out);
        put::option(self.data, out, |data, out| out.extend_from_slice(data));
    }
}

/// From the next frame on, both ways, packets of this length in bytes are compressed; a negative one ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetCompression {
    /// The length as it is on the wire, for [`Threshold::of_wire`](crate::compression::Threshold::of_wire).
    pub threshold: i32,
}

impl SetCompression {
    /// Reads the fields.
    pub fn read(body: &[u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let threshold = cursor.var_int()?;
        cursor.finish()?;
        Ok(Self { threshold })
    }
}

impl Fields for SetCompression {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::SetCompression
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::var_int(self.threshold, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(fields: &impl Fields) -> Vec<u8> {
        let mut out = Vec::new();
        fields.write(Protocol::NEWEST, &mut out);
        out
    }

    #[test]
    fn questions_and_answers_come_back() {
        for data in [&[][..], &[4], &[7; 300]] {
            let request = PluginRequest {
                id: -7,
                channel: "velocity:player_info",
                data,
            };
            assert_eq!(PluginRequest::read(&written(&request)), Ok(request));
            for data in [Some(data), None] {
                let response = PluginResponse { id: i32::MAX, data };
                assert_eq!(PluginResponse::read(&written(&response)), Ok(response));
            }
        }
        assert_eq!(PluginResponse::read(&[1, 0, 9]), Err(WireError::TrailingBytes(1)));
    }

    #[test]
    fn answers_longer_than_servers_read_are_refused() {
        let data = vec![0; MAX_QUERY_BYTES + 1];
        let error = WireError::ListTooLong {
            length: data.len() as i64,
            limit: MAX_QUERY_BYTES,
        };
        let response = PluginResponse {
            id: 1,
            data: Some(&data),
        };
        assert_eq!(PluginResponse::read(&written(&response)), Err(error));
    }

    #[test]
    fn compression_starts_and_ends() {
        for threshold in [256, 0, -1] {
            let packet = SetCompression { threshold };
            assert_eq!(SetCompression::read(&written(&packet)), Ok(packet));
        }
    }
}
