//! Verdicts on what servers are told, and on players who lose theirs: `forward`, `backend`.

use portcullis_registry::Target;

use super::{Verdict, check_targets, contract_text};
use crate::bindings::exports::portcullis::plugin::{backend, forward};
use crate::context::Context;
use crate::outcome::{Destination, Introduction, KickCause, Text, Tlv};

/// UTF-16 units of a handshake's host field, as servers that take forwarded data in it read.
const MAX_HOST_UNITS: usize = 32_767;

/// What a server may be answered: as much as the login's packets carry.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// `on-connect`'s verdict.
pub(crate) enum Forward {
    Next,
    Introduce(Introduction),
    Deny(Text),
}

/// `on-question`'s verdict.
pub(crate) enum Answer {
    Next,
    Data(Vec<u8>),
    Unknown,
    Deny(Text),
}

/// `on-accepted`'s verdict.
pub(crate) enum Acceptance {
    Next,
    Deny(Text),
}

/// `on-kicked`'s verdict.
pub(crate) enum Kicked {
    Next,
    Disconnect(Text),
    Redirect(Vec<Target>),
    Hold,
}

impl Verdict for forward::Verdict {
    type Checked = Forward;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Introduce(_) => 1,
            Self::Deny(_) => 2,
        }
    }

    fn check(self, _: &mut Context) -> Result<Forward, String> {
        Ok(match self {
            Self::Next => Forward::Next,
            Self::Introduce(introduction) => {
                let units = introduction.host.as_ref().map(|host| host.encode_utf16().count());
                if units.is_some_and(|units| units > MAX_HOST_UNITS) {
                    return Err(format!(
                        "introduce with a host of more than {MAX_HOST_UNITS} UTF-16 units"
                    ));
                }
                let tlvs = introduction.tlvs.into_iter();
                Forward::Introduce(Introduction {
                    host: introduction.host,
                    tlvs: tlvs
                        .map(|tlv| Tlv {
                            kind: tlv.kind,
                            value: tlv.value,
                        })
                        .collect(),
                })
            }
            Self::Deny(text) => Forward::Deny(text.into()),
        })
    }
}

impl Verdict for forward::Answer {
    type Checked = Answer;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Deny(_) => 2,
            Self::Data(_) => 3,
            Self::Unknown => 4,
        }
    }

    fn check(self, _: &mut Context) -> Result<Answer, String> {
        Ok(match self {
            Self::Next => Answer::Next,
            Self::Data(data) if data.len() > MAX_ANSWER_BYTES => {
                return Err(format!("data of {} bytes; at most {MAX_ANSWER_BYTES}", data.len()));
            }
            Self::Data(data) => Answer::Data(data),
            Self::Unknown => Answer::Unknown,
            Self::Deny(text) => Answer::Deny(text.into()),
        })
    }
}

impl Verdict for forward::Acceptance {
    type Checked = Acceptance;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Deny(_) => 2,
        }
    }

    fn check(self, _: &mut Context) -> Result<Acceptance, String> {
        Ok(match self {
            Self::Next => Acceptance::Next,
            Self::Deny(text) => Acceptance::Deny(text.into()),
        })
    }
}

impl Verdict for backend::Verdict {
    type Checked = Kicked;

    fn number(&self) -> usize {
        match self {
            Self::Next => 0,
            Self::Disconnect(_) => 1,
            Self::Redirect(_) => 2,
            Self::Hold => 3,
        }
    }

    fn check(self, call: &mut Context) -> Result<Kicked, String> {
        Ok(match self {
            Self::Next => Kicked::Next,
            Self::Disconnect(text) => Kicked::Disconnect(text.into()),
            Self::Redirect(targets) => Kicked::Redirect(check_targets("redirect", targets, call)?),
            Self::Hold => Kicked::Hold,
        })
    }
}

/// For `forward`'s functions.
pub(crate) fn contract_destination(server: &Destination) -> forward::Destination {
    forward::Destination {
        name: server.name.clone(),
        forwarding: server.forwarding.clone(),
        labels: server.labels.clone(),
    }
}

/// For `on-question`.
pub(crate) fn contract_question(channel: &str, data: &[u8]) -> forward::Question {
    forward::Question {
        channel: channel.to_owned(),
        data: data.to_owned(),
    }
}

/// For `on-kicked`.
pub(crate) fn contract_kick_cause(cause: &KickCause) -> backend::Cause {
    match cause {
        KickCause::Kicked(text) => backend::Cause::Kicked(contract_text(text)),
        KickCause::Unreachable => backend::Cause::Unreachable,
        KickCause::Closed => backend::Cause::Closed,
        KickCause::Timeout => backend::Cause::Timeout,
    }
}
