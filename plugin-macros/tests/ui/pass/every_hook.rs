//! Every hook, each in one of the ways to return a verdict, and every role of a field.
#![deny(warnings)]

use portcullis_sdk::prelude::*;

/// Has everything.
#[derive(Plugin)]
#[plugin(stage = "observe", name = "everything", summary = "Has everything.", start = "Self::start")]
pub struct Everything {
    #[plugin(settings)]
    config: Settings,
    #[plugin(state)]
    seen: Seen,
    names: Vec<String>,
}

#[derive(Config)]
struct Settings {
    #[config(default = 3, range(1..=5))]
    tries: u8,
}

#[derive(State, Default)]
struct Seen {
    joins: u64,
}

impl Everything {
    fn start(&mut self) -> Result<()> {
        self.names.push(self.config.tries.to_string());
        Ok(())
    }
}

#[hooks]
impl Accept for Everything {
    fn accept(&mut self, _session: &Session) -> AcceptVerdict {
        AcceptVerdict::Next
    }
}

#[hooks]
impl Handshake for Everything {
    fn handshake(&mut self, session: &Session) -> Result<HandshakeVerdict> {
        session.set_attribute("tries", &self.names.join(","))?;
        Ok(HandshakeVerdict::Next)
    }
}

#[hooks]
impl Status for Everything {
    fn status(&mut self, session: &Session) -> Result<StatusVerdict, std::num::ParseIntError> {
        let online = session.host().parse()?;
        Ok(StatusAnswer::new("hi").online(online).into())
    }
}

#[hooks]
impl portcullis_sdk::Route for Everything {
    fn route(&mut self, _session: &Session) -> RouteVerdict {
        RouteVerdict::Next
    }
}

#[hooks]
impl Sessions for Everything {
    fn joined(&mut self, _session: &Session, _server: &str) {
        self.seen.joins += 1;
    }
}

fn main() {}
