//! What the host would count as a bad return.

mod packets;
mod players;

use super::world::with;
use crate::servers::Target;
use crate::{
    AcceptVerdict, AcceptedVerdict, ClaimVerdict, ConflictVerdict, CookieVerdict, Error, HandshakeVerdict,
    MessageVerdict, Result, RouteVerdict, StatusAnswer, StatusVerdict,
};

pub(super) use self::packets::{check_channels, check_message, check_subscriptions};

/// The contract's bounds.
const MAX_TARGETS: usize = 64;
const MAX_HOST_CHARACTERS: usize = 255;
const MAX_SAMPLE: usize = 64;
const MAX_FAVICON_BYTES: usize = 24 << 10;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A verdict that the host may refuse.
pub(super) trait Checked {
    fn check(&self) -> Result<()>;
}

/// Verdicts of which nothing is refused, or what is refused depends on more than the verdict.
macro_rules! taken {
    ($($verdict:ty)+) => {$(
        impl Checked for $verdict {
            fn check(&self) -> Result<()> {
                Ok(())
            }
        }
    )+};
}

taken! { () AcceptVerdict ClaimVerdict ConflictVerdict AcceptedVerdict MessageVerdict CookieVerdict }

impl Checked for HandshakeVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::RewriteHost(host) => {
                let length = host.chars().count();
                let strange = host.chars().any(|c| c.is_whitespace() || c.is_control());
                if strange || !(1..=MAX_HOST_CHARACTERS).contains(&length) {
                    return bad(format!(
                        "{host:?} is no host; 1 to {MAX_HOST_CHARACTERS} characters without blanks are allowed"
                    ));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Checked for RouteVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::To(of_plugin) => targets(of_plugin),
            _ => Ok(()),
        }
    }
}

impl Checked for StatusVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::Answer(of_plugin) => answer(of_plugin),
            Self::Passthrough(passthrough) => {
                if passthrough.timeout.as_millis() == 0 {
                    return bad("the timeout of a passthrough is below a millisecond".to_owned());
                }
                target(&passthrough.to)?;
                passthrough.unreachable.iter().try_for_each(answer)
            }
            Self::Next | Self::Drop => Ok(()),
        }
    }
}

fn at_most(what: &str, there: usize, most: usize) -> Result<()> {
    match there <= most {
        true => Ok(()),
        false => bad(format!("{there} {what}; at most {most} are allowed")),
    }
}

fn target(target: &Target) -> Result<()> {
    match with(|world| world.knows(target)) {
        true => Ok(()),
        false => bad(format!(
            "{target:?} is not known to the host; add it with `host.server(…)`"
        )),
    }
}

pub(super) fn targets(targets: &[Target]) -> Result<()> {
    if !(1..=MAX_TARGETS).contains(&targets.len()) {
        return bad(format!(
            "{} targets are named; 1 to {MAX_TARGETS} are allowed",
            targets.len()
        ));
    }
    targets.iter().try_for_each(target)
}

fn answer(answer: &StatusAnswer) -> Result<()> {
    if answer.sample.len() > MAX_SAMPLE {
        return bad(format!(
            "the sample has {} lines; at most {MAX_SAMPLE} are allowed",
            answer.sample.len()
        ));
    }
    match &answer.favicon {
        Some(png) if !png.starts_with(PNG) => bad("the favicon is no PNG".to_owned()),
        Some(png) if png.len() > MAX_FAVICON_BYTES => bad(format!(
            "the favicon has {} bytes; at most {MAX_FAVICON_BYTES} are allowed",
            png.len()
        )),
        _ => Ok(()),
    }
}

pub(super) fn bad<T>(what: String) -> Result<T> {
    Err(Error::new(format!("the host would refuse this verdict: {what}")))
}
