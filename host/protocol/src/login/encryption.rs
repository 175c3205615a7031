//! Encryption request and response.

use crate::{
    cursor::{Cursor, Stop},
    error::WireError,
    packets::{Fields, Packet},
    put,
    version::Protocol,
};

/// Longest server id in characters. It is empty since 1.7.
const MAX_SERVER_ID_CHARS: usize = 20;

/// Longest array of both packets in bytes: a public key, a secret, a token or a signature of RSA-4096.
const MAX_ARRAY_BYTES: usize = 1_024;

/// A server asks for encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptionRequest<'a> {
    /// Part of what is hashed; empty since 1.7.
    pub server_id: &'a str,
    /// The server's RSA key in DER.
    pub public_key: &'a [u8],
    /// To be sent back encrypted.
    pub token: &'a [u8],
    /// Whether the client shall tell the session server. Before 1.20.5 it always does.
    pub should_authenticate: bool,
}

impl<'a> EncryptionRequest<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8], protocol: Protocol) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let request = Self {
            server_id: cursor.text(MAX_SERVER_ID_CHARS)?,
            public_key: read_array(&mut cursor, protocol)?,
            token: read_array(&mut cursor, protocol)?,
            should_authenticate: !protocol.encryption_request_has_authenticate() || cursor.bool()?,
        };
        cursor.finish()?;
        Ok(request)
    }
}

impl Fields for EncryptionRequest<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::EncryptionRequest
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        put::string(self.server_id, out);
        write_array(self.public_key, protocol, out);
        write_array(self.token, protocol, out);
        if protocol.encryption_request_has_authenticate() {
            put::bool(self.should_authenticate, out);
        }
    }
}

/// A client answers with a secret. The frames that follow it are encrypted, both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptionResponse<'a> {
    /// The secret, encrypted with the server's key.
    pub secret: &'a [u8],
    /// That the client got this server's request.
    pub proof: Proof<'a>,
}

/// How a client proves which request it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof<'a> {
    /// The token, encrypted with the server's key.
    Token(&'a [u8]),
    /// 1.19 to 1.19.2, with a chat key: a signature over the token and a number.
    Signature {
        /// The number.
        salt: i64,
        /// Made with the chat key of the login start.
        signature: &'a [u8],
    },
}

impl<'a> EncryptionResponse<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8], protocol: Protocol) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let secret = read_array(&mut cursor, protocol)?;
        let proof = if protocol.login_start_has_key() && !cursor.bool()? {
            Proof::Signature {
                salt: cursor.i64()?,
                signature: cursor.bytes(MAX_ARRAY_BYTES)?,
            }
        } else {
            Proof::Token(read_array(&mut cursor, protocol)?)
        };
        cursor.finish()?;
        Ok(Self { secret, proof })
    }
}

/// A signature is written only for versions that have it; others get it as the token, and refuse it.
impl Fields for EncryptionResponse<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::EncryptionResponse
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        write_array(self.secret, protocol, out);
        match self.proof {
            Proof::Signature { salt, signature } if protocol.login_start_has_key() => {
                put::bool(false, out);
                out.extend_from_slice(&salt.to_be_bytes());
                put::bytes(signature, out);
            }
            Proof::Token(token) | Proof::Signature { signature: token, .. } => {
                if protocol.login_start_has_key() {
                    put::bool(true, out);
                }
                write_array(token, protocol, out);
            }
        }
    }
}

fn read_array<'a>(cursor: &mut Cursor<'a>, protocol: Protocol) -> Result<&'a [u8], Stop> {
    if protocol.has_short_arrays() {
        cursor.short_bytes(MAX_ARRAY_BYTES)
    } else {
        cursor.bytes(MAX_ARRAY_BYTES)
    }
}

fn write_array(bytes: &[u8], protocol: Protocol, out: &mut Vec<u8>) {
    if protocol.has_short_arrays() {
        put::short_bytes(bytes, out);
    } else {
        put::bytes(bytes, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(fields: &impl Fields, protocol: Protocol) -> Vec<u8> {
        let mut out = Vec::new();
        fields.write(protocol, &mut out);
        out
    }

    #[test]
    fn requests_come_back_in_every_version() {
        for protocol in Protocol::releases() {
            for should_authenticate in [true, false] {
                let request = EncryptionRequest {
                    server_id: "",
                    public_key: &[3; 162],
                    token: &[1, 2, 3, 4],
                    should_authenticate: should_authenticate || !protocol.encryption_request_has_authenticate(),
                };
                let bytes = written(&request, protocol);
                assert_eq!(EncryptionRequest::read(&bytes, protocol), Ok(request), "{protocol}");
                let arrays = 1 + 162 + 4 + if protocol < Protocol::V1_8 { 4 } else { 3 };
                let authenticate = usize::from(protocol >= Protocol::V1_20_5);
                assert_eq!(bytes.len(), arrays + authenticate, "{protocol}");
            }
        }
    }

    #[test]
    fn responses_come_back_in_every_version() {
        let signature = Proof::Signature {
            salt: -5,
            signature: &[8; 256],
        };
        for protocol in Protocol::releases() {
            let proofs = [
                Some(Proof::Token(&[9; 128])),
                protocol.login_start_has_key().then_some(signature),
            ];
            for proof in proofs.into_iter().flatten() {
                let response = EncryptionResponse {
                    secret: &[7; 128],
                    proof,
                };
                let bytes = written(&response, protocol);
                assert_eq!(EncryptionResponse::read(&bytes, protocol), Ok(response), "{protocol}");
                for end in 0..bytes.len() {
                    let error = EncryptionResponse::read(&bytes[..end], protocol).unwrap_err();
                    assert_eq!(error, WireError::Truncated, "{protocol}");
                }
            }
        }
    }

    #[test]
    fn arrays_of_impossible_length_are_refused_before_they_arrive() {
        for (protocol, body, length) in [
            (Protocol(5), &[0x04, 0x01][..], 1_025),
            (Protocol(5), &[0xff, 0xff], -1),
            (Protocol(47), &[0x81, 0x08], 1_025),
            (Protocol(47), &[0xff, 0xff, 0xff, 0xff, 0x0f], -1),
        ] {
            let error = WireError::ListTooLong { length, limit: 1_024 };
            assert_eq!(EncryptionResponse::read(body, protocol), Err(error), "{body:02x?}");
        }
    }
}
