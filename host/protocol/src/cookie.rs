//! Cookies: what a server leaves with a client and wants back after a transfer (1.20.5). In the login, configuration and play
//! states alike. A client can forge them: whoever trusts one has signed it.

use crate::{
    cursor::Cursor,
    error::WireError,
    packets::{Fields, Packet},
    put,
    version::Protocol,
};

/// Longest cookie in bytes, as clients and servers read.
pub const MAX_COOKIE_BYTES: usize = 5_120;

/// Longest key in characters.
const MAX_KEY_CHARS: usize = 32_767;

/// A server wants a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookieRequest<'a> {
    /// The cookie's name.
    pub key: &'a str,
}

impl<'a> CookieRequest<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let key = cursor.text(MAX_KEY_CHARS)?;
        cursor.finish()?;
        Ok(Self { key })
    }
}

impl Fields for CookieRequest<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::CookieRequest
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::string(self.key, out);
    }
}

/// A client gives it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookieResponse<'a> {
    /// The cookie's name.
    pub key: &'a str,
    /// The cookie, if the client has it.
    pub data: Option<&'a [u8]>,
}

impl<'a> CookieResponse<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let response = Self {
            key: cursor.text(MAX_KEY_CHARS)?,
            data: cursor.option(|cursor| cursor.bytes(MAX_COOKIE_BYTES))?,
        };
        cursor.finish()?;
        Ok(response)
    }
}

impl Fields for CookieResponse<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::CookieResponse
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::string(self.key, out);
        put::option(self.data, out, put::bytes);
    }
}

/// A client shall keep a cookie. Not in the login state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreCookie<'a> {
    /// The cookie's name.
    pub key: &'a str,
    /// The cookie.
    pub data: &'a [u8],
}

impl<'a> StoreCookie<'a> {
    /// Reads the fields.
    pub fn read(body: &'a [u8]) -> Result<Self, WireError> {
        let mut cursor = Cursor::whole(body);
        let store = Self {
            key: cursor.text(MAX_KEY_CHARS)?,
            data: cursor.bytes(MAX_COOKIE_BYTES)?,
        };
        cursor.finish()?;
        Ok(store)
    }
}

impl Fields for StoreCookie<'_> {
    fn packet(&self, _: Protocol) -> Packet {
        Packet::StoreCookie
    }

    fn write(&self, _: Protocol, out: &mut Vec<u8>) {
        put::string(self.key, out);
        put::bytes(self.data, out);
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
    fn cookies_come_back() {
        let key = "portcullis:session";
        let request = CookieRequest { key };
        assert_eq!(CookieRequest::read(&written(&request)), Ok(request));
        for data in [&[][..], &[7; MAX_COOKIE_BYTES]] {
            let store = StoreCookie { key, data };
            assert_eq!(StoreCookie::read(&written(&store)), Ok(store));
            for data in [None, Some(data)] {
                let response = CookieResponse { key, data };
                assert_eq!(CookieResponse::read(&written(&response)), Ok(response));
            }
        }
    }

    #[test]
    fn cookies_longer_than_clients_keep_are_refused() {
        let data = &[7; MAX_COOKIE_BYTES + 1];
        let error = WireError::ListTooLong {
            length: 5_121,
            limit: MAX_COOKIE_BYTES,
        };
        let response = CookieResponse {
            key: "a",
            data: Some(data),
        };
        assert_eq!(CookieResponse::read(&written(&response)), Err(error));
        assert_eq!(StoreCookie::read(&written(&StoreCookie { key: "a", data })), Err(error));
    }
}
