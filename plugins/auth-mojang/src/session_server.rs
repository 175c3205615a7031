//! A session server: the question, and what its answers mean.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use portcullis_sdk::http::{self, HttpError, Request, Response};
use portcullis_sdk::prelude::*;
use serde::Deserialize;

/// The contract's bounds on a profile.
const MAX_NAME_CHARACTERS: usize = 16;
const MAX_PROPERTIES: usize = 64;

/// The URL of a `hasJoined`, without a query of its own.
#[derive(Config, Clone, PartialEq)]
#[config(try_from = "String")]
pub(crate) struct SessionServer(String);

/// What a session server says.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// This is the player.
    Known(Profile),
    /// He has not logged in there.
    Unknown,
}

/// Why it says nothing. Nothing of the question is in it, which holds the hash.
#[derive(Debug, PartialEq)]
pub(crate) enum Trouble {
    /// No answer: what the host says of it.
    Silent(&'static str),
    /// The origin is not granted; the host says what to grant.
    Denied(String),
    /// It is asked too often: it answers others, and says nothing about this player.
    Throttled,
    /// An answer that says neither yes nor no.
    Status(u16),
    /// An answer that is no profile, or another player's.
    Unreadable,
}

impl Trouble {
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Silent(label) => label,
            Self::Denied(_) => "denied",
            Self::Throttled => "throttled",
            Self::Status(_) => "status",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent(label) => f.write_str(label),
            Self::Denied(grant) => write!(f, "{grant}"),
            Self::Throttled => f.write_str("it is asked too often, and answered with status 429"),
            Self::Status(status) => write!(f, "it answered with status {status}"),
            Self::Unreadable => f.write_str("it answered with something that is not this player's profile"),
        }
    }
}

impl SessionServer {
    /// Its scheme and host, as grants name it.
    pub(crate) fn host(&self) -> &str {
        let start = self.0.find("://").map_or(0, |at| at + "://".len());
        let end = self.0.get(start..).and_then(|rest| rest.find('/'));
        end.and_then(|end| self.0.get(..start + end)).unwrap_or(&self.0)
    }

    fn question(&self, proof: &Proof, ip: Option<IpAddr>) -> String {
        let (name, hash) = (http::encode(&proof.name), http::encode(&proof.server_hash));
        let ip = ip.map(|ip| format!("&ip={}", http::encode(&ip.to_canonical().to_string())));
        format!("{}?username={name}&serverId={hash}{}", self.0, ip.unwrap_or_default())
    }
}

impl TryFrom<String> for SessionServer {
    type Error = String;

    fn try_from(url: String) -> Result<Self, String> {
        let is_http = url.starts_with("https://") || url.starts_with("http://");
        if !is_http || url.contains(['?', '#', ' ']) {
            return Err(format!(
                "{url:?} is no session server; write its whole URL without a query, \"https://example.com/session/minecraft/hasJoined\""
            ));
        }
        Ok(Self(url))
    }
}

impl fmt::Debug for SessionServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Asks, and waits for the answer.
pub(crate) fn ask(
    server: &SessionServer,
    proof: &Proof,
    ip: Option<IpAddr>,
    timeout: Duration,
) -> Result<Answer, Trouble> {
    let answer = Request::get(&server.question(proof, ip)).timeout(timeout).send();
    let answer = answer.map_err(|error| match error {
        HttpError::Denied(grant) => Trouble::Denied(grant),
        HttpError::Timeout => Trouble::Silent("timeout"),
        HttpError::Unreachable(_) => Trouble::Silent("unreachable"),
        HttpError::TooLarge => Trouble::Silent("too-large"),
        HttpError::Busy => Trouble::Silent("busy"),
        _ => Trouble::Silent("failed"),
    })?;
    match answer.status {
        200 => profile(&answer, &proof.name)
            .map(Answer::Known)
            .ok_or(Trouble::Unreadable),
        // Mojang's no, and those of others.
        204 | 401 | 403 => Ok(Answer::Unknown),
        429 => Err(Trouble::Throttled),
        status => Err(Trouble::Status(status)),
    }
}

#[derive(Deserialize)]
struct Joined {
    id: String,
    name: String,
    #[serde(default)]
    properties: Vec<JoinedProperty>,
}

#[derive(Deserialize)]
struct JoinedProperty {
    name: String,
    value: String,
    #[serde(default)]
    signature: Option<String>,
}

/// The profile, if it is one, and of the player who was asked for.
fn profile(answer: &Response, claimed: &str) -> Option<Profile> {
    let joined: Joined = answer.json().ok()?;
    let is_name = joined.name.bytes().all(|byte| byte.is_ascii_graphic()) && joined.name.len() <= MAX_NAME_CHARACTERS;
    if !is_name || !joined.name.eq_ignore_ascii_case(claimed) || joined.properties.len() > MAX_PROPERTIES {
        return None;
    }
    let properties = joined.properties.into_iter().map(|property| Property {
        name: property.name,
        value: property.value,
        signature: property.signature,
    });
    Some(Profile {
        uuid: with_dashes(&joined.id)?,
        name: joined.name,
        properties: properties.collect(),
    })
}

/// Session servers write UUIDs without dashes, some with.
fn with_dashes(id: &str) -> Option<String> {
    let digits: String = id.chars().filter(|character| *character != '-').collect();
    if digits.len() != 32 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits.get(part).unwrap_or_default());
    Some(parts.join("-").to_ascii_lowercase())
}
