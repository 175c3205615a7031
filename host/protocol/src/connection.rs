//! The life of one connection behind its handshake: which state each direction is in, what a packet id means there, and which
//! packets may not come yet or not any more.
//!
//! One [`Connection`] stands for one pair of peers: a client and this host, or this host and a server. Whoever passes packets on
//! calls [`Connection::follow`] for each, in the order in which they are read or written.

use thiserror::Error;

use crate::{
    compression::Threshold,
    handshake::Intent,
    login::SetCompression,
    packets::{Direction, Packet, State, Table, Unsupported},
    version::Protocol,
};

/// Highest id of the status state: question and ping have 0 and 1, and so have their answers.
const MAX_STATUS_ID: i32 = 1;

/// Questions of a login that may wait for their answers: more than any server asks, few enough to keep.
const MAX_OUTSTANDING: u16 = 256;

/// A packet that does not belong where it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConnectionError {
    /// An id that the state does not have: another protocol, a peer out of step, or random bytes.
    #[error("no packet has the id {id:#04x} in {} {}", state.label(), direction.label())]
    UnknownId {
        /// Where it came.
        state: State,
        /// Whom it was for.
        direction: Direction,
        /// The id.
        id: i32,
    },
    /// A packet that this state has, yet not at this moment: an answer without a question, a second start, or a peer that goes
    /// on after it was told that the state has ended.
    #[error("{packet} came out of order in {} {}", state.label(), direction.label())]
    OutOfOrder {
        /// The packet.
        packet: Packet,
        /// Where it came.
        state: State,
        /// Whom it was for.
        direction: Direction,
    },
}

impl ConnectionError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::UnknownId { .. } => "unknown-packet",
            Self::OutOfOrder { .. } => "packet-out-of-order",
        }
    }
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The state that it belongs to.
    pub state: State,
    /// Its name, if it has one.
    pub packet: Option<Packet>,
}

/// One connection behind its handshake.
#[derive(Clone, Debug)]
pub struct Connection {
    /// None for status, whose packets are the same in every version.
    table: Option<&'static Table>,
    clientbound: State,
    serverbound: State,
    login: Login,
    threshold: Option<Threshold>,
}

/// How far a login got.
#[derive(Clone, Copy, Debug, Default)]
struct Login {
    has_started: bool,
    has_succeeded: bool,
    has_compression: bool,
    encryption: Encryption,
    plugin_requests: u16,
    cookie_requests: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Encryption {
    #[default]
    Off,
    Requested,
    On,
}

impl Connection {
    /// A connection whose handshake said this. A version that is not in the table can still be asked for its status; what it
    /// sends to play is not understood, and can only be handed through.
    pub fn new(protocol: Protocol, intent: Intent) -> Result<Self, Unsupported> {
        let (table, state) = match intent {
            Intent::Status => (None, State::Status),
            Intent::Login | Intent::Transfer => (Some(Table::of(protocol)?), State::Login),
        };
        Ok(Self {
            table,
            clientbound: state,
            serverbound: state,
            login: Login::default(),
            threshold: None,
        })
    }

    /// The state that the next packet in this direction belongs to. Both directions differ while a change waits for its
    /// acknowledgement.
    pub fn state(&self, direction: Direction) -> State {
        match direction {
            Direction::Clientbound => self.clientbound,
            Direction::Serverbound => self.serverbound,
        }
    }

    /// The version's packet ids; none for status.
    pub fn table(&self) -> Option<&'static Table> {
        self.table
    }

    /// Whether all that follows, both ways, is encrypted: after the encryption response.
    pub fn is_encrypted(&self) -> bool {
        self.login.encryption == Encryption::On
    }

    /// From which length packets are compressed, both ways, in the frames that follow.
    pub fn threshold(&self) -> Option<Threshold> {
        self.threshold
    }

    /// Takes the threshold of a set-compression packet that was followed.
    pub fn set_compression(&mut self, packet: SetCompression) {
        self.threshold = Threshold::of_wire(packet.threshold);
    }

    /// Says what the next packet in this direction is, and goes on to the state that it leads to. After an error the connection
    /// is where it was.
    pub fn follow(&mut self, direction: Direction, id: i32) -> Result<Seen, ConnectionError> {
        let state = self.state(direction);
        let packet = self.table.and_then(|table| table.packet(state, direction, id));
        let is_known = match state {
            State::Status => (0..=MAX_STATUS_ID).contains(&id),
            // Every packet of the login has a name.
            State::Login => packet.is_some(),
            State::Configuration | State::Play => id >= 0,
        };
        if !is_known {
            return Err(ConnectionError::UnknownId { state, direction, id });
        }
        if let Some(packet) = packet {
            self.step(state, direction, packet).ok_or(ConnectionError::OutOfOrder {
                packet,
                state,
                direction,
            })?;
        }
        Ok(Seen { state, packet })
    }

    /// Goes on to the state that the packet leads to; none if it may not come now.
    fn step(&mut self, state: State, direction: Direction, packet: Packet) -> Option<()> {
        use Direction::{Clientbound, Serverbound};
        match (state, direction, packet) {
            (State::Login, Serverbound, Packet::LoginAcknowledged) => self
                .login
                .has_succeeded
                .then(|| self.serverbound = State::Configuration),
            (State::Login, Serverbound, _) => self.login.client_sent(packet),
            (State::Login, Clientbound, _) => {
                self.login.server_sent(packet)?;
                if packet == Packet::LoginSuccess {
                    self.succeed();
                }
                Some(())
            }
            (State::Configuration, Clientbound, Packet::FinishConfiguration) => {
                (self.serverbound == State::Configuration).then(|| self.clientbound = State::Play)
            }
            (State::Configuration, Serverbound, Packet::FinishConfiguration) => {
                (self.clientbound == State::Play).then(|| self.serverbound = State::Play)
            }
            (State::Play, Clientbound, Packet::StartConfiguration) => {
                (self.serverbound == State::Play).then(|| self.clientbound = State::Configuration)
            }
            (State::Play, Serverbound, Packet::ConfigurationAcknowledged) => {
                (self.clientbound == State::Configuration).then(|| self.serverbound = State::Configuration)
            }
            _ => Some(()),
        }
    }

    /// Since 1.20.2 the client has to acknowledge before it goes on.
    fn succeed(&mut self) {
        let has_configuration = self.table.is_some_and(|table| table.protocol().has_configuration());
        if has_configuration {
            self.clientbound = State::Configuration;
        } else {
            (self.clientbound, self.serverbound) = (State::Play, State::Play);
        }
    }
}

/// `None`: the packet may not come now.
impl Login {
    fn client_sent(&mut self, packet: Packet) -> Option<()> {
        if packet == Packet::LoginStart {
            return (!std::mem::replace(&mut self.has_started, true)).then_some(());
        }
        match packet {
            Packet::EncryptionResponse => {
                (self.encryption == Encryption::Requested).then(|| self.encryption = Encryption::On)
            }
            Packet::LoginPluginResponse => answered(&mut self.plugin_requests),
            Packet::CookieResponse => answered(&mut self.cookie_requests),
            _ => None,
        }
    }

    fn server_sent(&mut self, packet: Packet) -> Option<()> {
        if !self.has_started {
            return None;
        }
        match packet {
            Packet::Disconnect => Some(()),
            Packet::EncryptionRequest => {
                (self.encryption == Encryption::Off).then(|| self.encryption = Encryption::Requested)
            }
            Packet::SetCompression => (!std::mem::replace(&mut self.has_compression, true)).then_some(()),
            Packet::LoginPluginRequest => asked(&mut self.plugin_requests),
            Packet::CookieRequest => asked(&mut self.cookie_requests),
            Packet::LoginSuccess => (self.encryption != Encryption::Requested).then(|| self.has_succeeded = true),
            _ => None,
        }
    }
}

fn asked(outstanding: &mut u16) -> Option<()> {
    *outstanding = (*outstanding < MAX_OUTSTANDING).then(|| *outstanding + 1)?;
    Some(())
}

fn answered(outstanding: &mut u16) -> Option<()> {
    *outstanding = outstanding.checked_sub(1)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use Direction::{Clientbound, Serverbound};

    use super::*;

    fn connection(release: &str) -> Connection {
        Connection::new(Protocol::of_release(release).unwrap(), Intent::Login).unwrap()
    }

    /// Sends packets by name, and tells which one was refused, if one was.
    fn send(connection: &mut Connection, packets: &[(Direction, Packet)]) -> Result<(), usize> {
        for (at, (direction, packet)) in packets.iter().enumerate() {
            let state = connection.state(*direction);
            let id = connection.table().unwrap().id(state, *direction, *packet);
            // What the version does not have is refused like any unknown id.
            let id = id.map_or(i32::MAX, i32::from);
            let before = (connection.state(Clientbound), connection.state(Serverbound));
            match connection.follow(*direction, id) {
                Ok(seen) if id != i32::MAX => assert_eq!((seen.state, seen.packet), (state, Some(*packet))),
                Ok(_) => panic!("{packet} is not there"),
                Err(_) => {
                    assert_eq!((connection.state(Clientbound), connection.state(Serverbound)), before);
                    return Err(at);
                }
            }
        }
        Ok(())
    }

    #[track_caller]
    fn check(release: &str, packets: &[(Direction, Packet)], expect: Result<(State, State), usize>) {
        let mut connection = connection(release);
        let sent = send(&mut connection, packets);
        let states = sent.map(|()| (connection.state(Clientbound), connection.state(Serverbound)));
        assert_eq!(states, expect, "{release}");
    }

    const START: (Direction, Packet) = (Serverbound, Packet::LoginStart);
    const SUCCESS: (Direction, Packet) = (Clientbound, Packet::LoginSuccess);
    const ACKNOWLEDGED: (Direction, Packet) = (Serverbound, Packet::LoginAcknowledged);
    const FINISH: (Direction, Packet) = (Clientbound, Packet::FinishConfiguration);
    const FINISHED: (Direction, Packet) = (Serverbound, Packet::FinishConfiguration);
    const RESTART: (Direction, Packet) = (Clientbound, Packet::StartConfiguration);
    const RESTARTED: (Direction, Packet) = (Serverbound, Packet::ConfigurationAcknowledged);

    #[test]
    fn old_logins_lead_straight_to_play() {
        for release in ["1.7.2", "1.8.9", "1.16.5", "1.20.1"] {
            check(release, &[START, SUCCESS], Ok((State::Play, State::Play)));
            let lively = [
                START,
                SUCCESS,
                (Clientbound, Packet::JoinGame),
                (Serverbound, Packet::KeepAlive),
            ];
            check(release, &lively, Ok((State::Play, State::Play)));
        }
    }

    #[test]
    fn later_logins_lead_through_the_configuration_and_back() {
        use State::{Configuration, Login, Play};
        let steps = [
            (START, (Login, Login)),
            (SUCCESS, (Configuration, Login)),
            (ACKNOWLEDGED, (Configuration, Configuration)),
            (FINISH, (Play, Configuration)),
            (FINISHED, (Play, Play)),
            (RESTART, (Configuration, Play)),
            (RESTARTED, (Configuration, Configuration)),
            (FINISH, (Play, Configuration)),
            (FINISHED, (Play, Play)),
        ];
        for release in ["1.20.2", "1.20.5", "1.21.1", "26.3"] {
            let packets = steps.map(|(packet, _)| packet);
            for end in 1..=steps.len() {
                check(release, &packets[..end], Ok(steps[end - 1].1));
            }
        }
    }

    #[test]
    fn a_whole_login_is_followed() {
        let mut connection = connection("26.3");
        assert!(!connection.is_encrypted());
        let packets = [
            START,
            (Clientbound, Packet::EncryptionRequest),
            (Serverbound, Packet::EncryptionResponse),
        ];
        send(&mut connection, &packets).unwrap();
        assert!(connection.is_encrypted());
        send(&mut connection, &[(Clientbound, Packet::SetCompression)]).unwrap();
        connection.set_compression(SetCompression { threshold: 256 });
        assert_eq!(connection.threshold(), Some(Threshold(256)));
        let packets = [
            (Clientbound, Packet::LoginPluginRequest),
            (Clientbound, Packet::CookieRequest),
            (Clientbound, Packet::LoginPluginRequest),
            (Serverbound, Packet::LoginPluginResponse),
            (Serverbound, Packet::CookieResponse),
            (Serverbound, Packet::LoginPluginResponse),
            SUCCESS,
            ACKNOWLEDGED,
        ];
        send(&mut connection, &packets).unwrap();
    }

    #[test]
    fn packets_out_of_order_are_refused() {
        check("26.3", &[START, START], Err(1));
        check("26.3", &[SUCCESS], Err(0));
        check("26.3", &[(Clientbound, Packet::Disconnect)], Err(0));
        check("26.3", &[START, ACKNOWLEDGED], Err(1));
        check("26.3", &[START, (Serverbound, Packet::EncryptionResponse)], Err(1));
        check("26.3", &[START, (Serverbound, Packet::LoginPluginResponse)], Err(1));
        check("26.3", &[START, (Serverbound, Packet::CookieResponse)], Err(1));
        check(
            "26.3",
            &[START, (Clientbound, Packet::EncryptionRequest), SUCCESS],
            Err(2),
        );
        let twice = (Clientbound, Packet::SetCompression);
        check("26.3", &[START, twice, twice], Err(2));
        check("26.3", &[START, SUCCESS, ACKNOWLEDGED, FINISHED], Err(3));
        check("26.3", &[START, SUCCESS, FINISH], Err(2));
        let playing = [START, SUCCESS, ACKNOWLEDGED, FINISH, FINISHED];
        check("26.3", &[&playing[..], &[RESTARTED]].concat(), Err(5));
        check("26.3", &[&playing[..], &[RESTART, FINISH]].concat(), Err(6));
        check("1.7.10", &[START, (Clientbound, Packet::SetCompression)], Err(1));
    }

    #[test]
    fn questions_without_answers_are_bounded() {
        let mut connection = connection("26.3");
        let questions = vec![(Clientbound, Packet::LoginPluginRequest); 300];
        send(&mut connection, &[START]).unwrap();
        assert_eq!(send(&mut connection, &questions), Err(usize::from(MAX_OUTSTANDING)));
    }

    #[test]
    fn packets_without_a_name_pass_in_a_world_and_not_before() {
        let mut connection = connection("1.20.1");
        let unknown = |id| ConnectionError::UnknownId {
            state: State::Login,
            direction: Serverbound,
            id,
        };
        assert_eq!(connection.follow(Serverbound, 0x55), Err(unknown(0x55)));
        assert_eq!(connection.follow(Serverbound, -1), Err(unknown(-1)));
        send(&mut connection, &[START, SUCCESS]).unwrap();
        let seen = Seen {
            state: State::Play,
            packet: None,
        };
        for id in [0x55, 0x7f, 1_000_000] {
            assert_eq!(connection.follow(Clientbound, id), Ok(seen));
        }
        assert!(connection.follow(Clientbound, -1).is_err());
    }

    #[test]
    fn any_version_has_a_status_and_only_known_ones_a_login() {
        let newer = Protocol(100_000);
        assert_eq!(Connection::new(newer, Intent::Login).unwrap_err(), Unsupported(newer));
        let mut status = Connection::new(newer, Intent::Status).unwrap();
        let seen = Seen {
            state: State::Status,
            packet: None,
        };
        for direction in [Serverbound, Clientbound] {
            assert_eq!(status.follow(direction, 0), Ok(seen));
            assert_eq!(status.follow(direction, 1), Ok(seen));
            assert!(status.follow(direction, 2).is_err());
        }
    }
}
