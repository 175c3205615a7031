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

#[hooks]
impl Login for Everything {
    fn claim(&mut self, _session: &Session, claim: &Claim) -> Result<ClaimVerdict> {
        Ok(if claim.uuid.is_some() { ClaimVerdict::ForceOnline } else { ClaimVerdict::ForceOffline })
    }

    fn joined_before(&mut self, _session: &Session, _profile: &Profile, _others: &[SessionId]) -> ConflictVerdict {
        ConflictVerdict::deny_new("You are here already")
    }
}

#[hooks]
impl Forward for Everything {
    fn question(&mut self, _session: &Session, _server: &Destination, question: &Question) -> QuestionVerdict {
        QuestionVerdict::Data(question.data.clone())
    }
}

#[hooks]
impl Backend for Everything {
    fn kicked(&mut self, _session: &Session, _server: &str, cause: &KickCause, _on_board: bool) -> KickedVerdict {
        match cause {
            KickCause::Kicked(text) => KickedVerdict::Disconnect(text.clone()),
            _ => KickedVerdict::redirect(["lobby"]),
        }
    }
}

#[hooks]
impl Packets for Everything {
    fn subscriptions(&self) -> Subscriptions {
        Subscriptions::new().named(Direction::Serverbound, PacketState::Play, "chat", Payload::Whole)
    }

    fn packet(&mut self, _session: &Session, packet: &RawPacket) -> Result<PacketVerdict> {
        packets::send_named(Direction::Clientbound, "keep-alive", packet.payload())?;
        Ok(PacketVerdict::Next)
    }
}

#[hooks]
impl Messages for Everything {
    fn channels(&self) -> Vec<String> {
        self.names.clone()
    }

    fn message(&mut self, _session: &Session, _message: &Message) -> MessageVerdict {
        MessageVerdict::Drop
    }
}

#[hooks]
impl Commands for Everything {
    fn command(&mut self, _session: &Session, _command: &str, _signed: bool) -> CommandVerdict {
        CommandVerdict::Next
    }
}

#[hooks]
impl Transfers for Everything {
    fn transfer(&mut self, _session: &Session, _to: &TransferAddress) -> TransferVerdict {
        TransferVerdict::Deny
    }
}

#[hooks]
impl Cookies for Everything {}

#[hooks]
impl ResourcePacks for Everything {}

fn main() {}
