//! Verdicts on connections and players who arrive: `accept`, `handshake`, `status`, `route`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use portcullis_registry::Target;

use super::{Verdict, check_target, check_targets};
use crate::bindings::exports::portcullis::plugin::{accept, handshake, route, status};
use crate::context::Context;
use crate::outcome::{Mode, Passthrough, SamplePlayer, StatusAnswer, Text};

const MAX_TARPIT: Duration = Duration::from_secs(60);
const MAX_HOST_CHARS: usize = 255;
const MAX_SAMPLE: usize = 64;
const MAX_FAVICON_BYTES: usize = 24 << 10;
const MAX_PASSTHROUGH_TIMEOUT: Duration = Duration::from_secs(10);
const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// `accept`'s verdict.
pub(crate) enum Accept {
    Next,
    Drop,
    Tarpit(Duration),
}

/// `handshake`'s verdict.
pub(crate) enum Handshake {
    Next,
    RewriteHost(Arc<str>),
    RewritePeer(SocketAddr),
    Tag(Vec<(String, Option<String>)>),
    UseMode(Mode),
    Disconnect(Text),
    Drop,
}

/// `status`'s verdict.
pub(crate) enum Status {
    Next,
    Answer(Arc<StatusAnswer>),
    Passthrough(Arc<Passthrough>),
    Drop,
}

/// `route`'s verdict.
pub(crate) enum Route {
    Next,
    To(Vec<Target>),
    Disconnect(Text),
    Drop,
}

impl Verdict for accept::Verdict {
    type Checked = Accept;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Drop => 1,
            Self::TarpitMs(_) => 2,
        }
    }

    fn check(self, _: &mut Context) -> Result<Accept, String> {
        Ok(match self {
            Self::Next => Accept::Next,
            Self::Drop => Accept::Drop,
            Self::TarpitMs(ms) => Accept::Tarpit(Duration::from_millis(ms.into()).min(MAX_TARPIT)),
        })
    }
}

impl Verdict for handshake::Verdict {
    type Checked = Handshake;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::RewriteHost(_) => 1,
            Self::RewritePeer(_) => 2,
            Self::Tag(_) => 3,
            Self::UseMode(_) => 4,
            Self::Disconnect(_) => 5,
            Self::Drop => 6,
        }
    }

    fn check(self, _: &mut Context) -> Result<Handshake, String> {
        Ok(match self {
            Self::Next => Handshake::Next,
            Self::RewriteHost(host) => {
                let sound = !host.is_empty()
                    && host.chars().count() <= MAX_HOST_CHARS
                    && !host.chars().any(|c| c.is_control() || c.is_whitespace());
                if !sound {
                    return Err("rewrite-host with an empty, overlong or unprintable host".into());
                }
                Handshake::RewriteHost(host.to_lowercase().into())
            }
            Self::RewritePeer(peer) => match peer.ip.parse() {
                Ok(ip) => Handshake::RewritePeer(SocketAddr::new(ip, peer.port)),
                Err(_) => return Err("rewrite-peer with what is no address".into()),
            },
            Self::Tag(attributes) => {
                Handshake::Tag(attributes.into_iter().map(|(key, value)| (key, Some(value))).collect())
            }
            Self::UseMode(handshake::Mode::Framed) => Handshake::UseMode(Mode::Framed),
            Self::UseMode(handshake::Mode::Splice) => Handshake::UseMode(Mode::Splice),
            Self::UseMode(handshake::Mode::Copy) => Handshake::UseMode(Mode::Copy),
            Self::Disconnect(text) => Handshake::Disconnect(text.into()),
            Self::Drop => Handshake::Drop,
        })
    }
}

impl Verdict for status::Verdict {
    type Checked = Status;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Answer(_) => 1,
            Self::Passthrough(_) => 2,
            Self::Drop => 3,
        }
    }

    fn check(self, call: &mut Context) -> Result<Status, String> {
        Ok(match self {
            Self::Next => Status::Next,
            Self::Answer(answer) => Status::Answer(Arc::new(check_answer(answer)?)),
            Self::Passthrough(passthrough) => {
                if passthrough.timeout_ms == 0 {
                    return Err("passthrough with a timeout of 0".into());
                }
                Status::Passthrough(Arc::new(Passthrough {
                    to: check_target(passthrough.to, call)?,
                    ttl: Duration::from_millis(passthrough.ttl_ms.into()),
                    failure_ttl: Duration::from_millis(passthrough.failure_ttl_ms.into()),
                    timeout: Duration::from_millis(passthrough.timeout_ms.into()).min(MAX_PASSTHROUGH_TIMEOUT),
                    unreachable: passthrough.unreachable.map(check_answer).transpose()?.map(Arc::new),
                }))
            }
            Self::Drop => Status::Drop,
        })
    }
}

impl Verdict for route::Verdict {
    type Checked = Route;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::To(_) => 1,
            Self::Disconnect(_) => 2,
            Self::Drop => 3,
        }
    }

    fn check(self, call: &mut Context) -> Result<Route, String> {
        Ok(match self {
            Self::Next => Route::Next,
            Self::To(targets) => Route::To(check_targets("to", targets, call)?),
            Self::Disconnect(text) => Route::Disconnect(text.into()),
            Self::Drop => Route::Drop,
        })
    }
}

fn check_answer(answer: status::Answer) -> Result<StatusAnswer, String> {
    if answer.sample.len() > MAX_SAMPLE {
        return Err(format!(
            "a sample of {} lines; at most {MAX_SAMPLE}",
            answer.sample.len()
        ));
    }
    if let Some(favicon) = &answer.favicon
        && (favicon.len() > MAX_FAVICON_BYTES || !favicon.starts_with(PNG_SIGNATURE))
    {
        return Err(format!("a favicon that is no PNG of at most {MAX_FAVICON_BYTES} bytes"));
    }
    Ok(StatusAnswer {
        version_name: answer.version_name,
        protocol: answer.protocol,
        description: answer.description.into(),
        online: answer.online,
        maximum: answer.maximum,
        sample: answer
            .sample
            .into_iter()
            .map(|line| SamplePlayer {
                name: line.name,
                uuid: line.uuid,
            })
            .collect(),
        favicon: answer.favicon,
        ttl: Duration::from_millis(answer.ttl_ms.into()),
    })
}
