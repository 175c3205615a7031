//! Verdicts as plugins return them, checked against what the contract says of each, and turned into the host's terms.

use std::sync::Arc;
use std::time::Duration;

use portcullis_registry::Target;

use crate::bindings::exports::portcullis::plugin::{accept, handshake, route, session, status};
use crate::bindings::portcullis::plugin::types;
use crate::context::Context;
use crate::outcome::{End, Mode, Passthrough, SamplePlayer, StatusAnswer, Tally, Text};

const MAX_TARPIT: Duration = Duration::from_secs(60);
const MAX_HOST_CHARS: usize = 255;
const MAX_TARGETS: usize = 64;
const MAX_SAMPLE: usize = 64;
const MAX_FAVICON_BYTES: usize = 24 << 10;
const MAX_PASSTHROUGH_TIMEOUT: Duration = Duration::from_secs(10);
const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What a hook returned.
pub(crate) trait Verdict {
    /// The same in the host's terms.
    type Checked;

    /// Its number in [`crate::Hook::verdicts`].
    fn number(&self) -> usize;

    /// The error completes "it returned …".
    fn check(self, call: &mut Context) -> Result<Self::Checked, String>;
}

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

impl Verdict for () {
    type Checked = ();

    fn number(&self) -> usize {
        0
    }

    fn check(self, _: &mut Context) -> Result<(), String> {
        Ok(())
    }
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
            Self::Tag(_) => 2,
            Self::UseMode(_) => 3,
            Self::Disconnect(_) => 4,
            Self::Drop => 5,
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
            Self::Tag(attributes) => {
                Handshake::Tag(attributes.into_iter().map(|(key, value)| (key, Some(value))).collect())
            }
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
            Self::To(targets) if targets.is_empty() => return Err("to with no target".into()),
            Self::To(targets) if targets.len() > MAX_TARGETS => {
                return Err(format!("to with {} targets; at most {MAX_TARGETS}", targets.len()));
            }
            Self::To(targets) => Route::To(
                targets
                    .into_iter()
                    .map(|target| check_target(target, call))
                    .collect::<Result<_, _>>()?,
            ),
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

fn check_target(target: types::Target, call: &mut Context) -> Result<Target, String> {
    let target = match target {
        types::Target::Server(name) => Target::Server(name),
        types::Target::Group(name) => Target::Group(name),
    };
    if call.servers().knows(&target) {
        return Ok(target);
    }
    Err(match target {
        Target::Server(name) => format!("the unknown server `{}`", name.escape_debug()),
        Target::Group(name) => format!("the unknown group `{}`", name.escape_debug()),
    })
}

impl From<types::Text> for Text {
    fn from(text: types::Text) -> Self {
        match text {
            types::Text::Plain(text) => Self::Plain(text),
            types::Text::Markup(text) => Self::Markup(text),
            types::Text::Json(text) => Self::Json(text),
        }
    }
}

/// For `on-left`.
pub(crate) fn end(end: &End) -> session::End {
    match end {
        End::ClientLeft => session::End::ClientLeft,
        End::ServerLeft => session::End::ServerLeft,
        End::Idle => session::End::Idle,
        End::Error(text) => session::End::Error(text.clone()),
        End::ClosedByHost => session::End::ClosedByHost,
    }
}

/// For `on-left`.
pub(crate) fn tally(tally: Tally) -> session::Tally {
    session::Tally {
        up_bytes: tally.up_bytes,
        down_bytes: tally.down_bytes,
        duration_ms: u64::try_from(tally.duration.as_millis()).unwrap_or(u64::MAX),
    }
}
