//! Cookies, since 1.20.5. See [`Cookies`](crate::Cookies) for the hook.

use portcullis_protocol::cookie;
use portcullis_protocol::packets::Fields as _;
use portcullis_protocol::version::Protocol;

use super::packet::{Clientbound, Packet, PacketError, Place, Serverbound};
use crate::packets::Direction::{Clientbound as ToClient, Serverbound as ToServer};
use crate::packets::PacketState::{Configuration, Play};

/// A server wants a cookie back.
///
/// ```
/// assert_eq!(portcullis_sdk::packets::CookieRequest { key: "example:score".into() }.key, "example:score");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieRequest {
    /// The cookie's name.
    pub key: String,
}

impl Packet for CookieRequest {
    const PLACES: &'static [Place] = &[
        Place::named(ToClient, Configuration, "cookie-request"),
        Place::named(ToClient, Play, "cookie-request"),
    ];

    fn read(fields: &[u8], _: &Place, _: Protocol) -> Result<Option<Self>, PacketError> {
        let read = cookie::CookieRequest::read(fields)?;
        Ok(Some(Self {
            key: read.key.to_owned(),
        }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        cookie::CookieRequest { key: &self.key }.write(protocol, out);
    }
}

impl Clientbound for CookieRequest {}

/// A client sends a cookie back. It can be forged.
///
/// ```
/// assert!(portcullis_sdk::packets::CookieResponse { key: "example:score".into(), data: None }.data.is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieResponse {
    /// The cookie's name.
    pub key: String,
    /// The cookie, if the client has it.
    pub data: Option<Vec<u8>>,
}

impl Packet for CookieResponse {
    const PLACES: &'static [Place] = &[
        Place::named(ToServer, Configuration, "cookie-response"),
        Place::named(ToServer, Play, "cookie-response"),
    ];

    fn read(fields: &[u8], _: &Place, _: Protocol) -> Result<Option<Self>, PacketError> {
        let read = cookie::CookieResponse::read(fields)?;
        Ok(Some(Self {
            key: read.key.to_owned(),
            data: read.data.map(<[u8]>::to_vec),
        }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        let (key, data) = (self.key.as_str(), self.data.as_deref());
        cookie::CookieResponse { key, data }.write(protocol, out);
    }
}

impl Serverbound for CookieResponse {}

/// A client shall keep a cookie: at most 5,120 bytes.
///
/// ```
/// assert_eq!(portcullis_sdk::packets::StoreCookie { key: "example:score".into(), data: vec![7] }.data, [7]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreCookie {
    /// The cookie's name.
    pub key: String,
    /// The cookie.
    pub data: Vec<u8>,
}

impl Packet for StoreCookie {
    const PLACES: &'static [Place] = &[
        Place::named(ToClient, Configuration, "store-cookie"),
        Place::named(ToClient, Play, "store-cookie"),
    ];

    fn read(fields: &[u8], _: &Place, _: Protocol) -> Result<Option<Self>, PacketError> {
        let read = cookie::StoreCookie::read(fields)?;
        Ok(Some(Self {
            key: read.key.to_owned(),
            data: read.data.to_vec(),
        }))
    }

    fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        let (key, data) = (self.key.as_str(), self.data.as_slice());
        cookie::StoreCookie { key, data }.write(protocol, out);
    }
}

impl Clientbound for StoreCookie {}
