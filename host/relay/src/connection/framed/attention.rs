//! Which packets somebody looks at, the host itself or a plugin: for all others, their id is the last that is read of them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use portcullis_protocol::packets::{Direction, Packet, State, Table};
use portcullis_protocol::version::Protocol;
use portcullis_runtime::Wants;

/// Ids below this are looked up; no version has as many.
const IDS: usize = 256;

/// What is kept of the last versions and chains. A worker with players of more has some looked up again.
const KEPT: usize = 64;

/// One bit for each id, by state and direction.
#[derive(Debug)]
pub(super) struct Attention {
    lanes: [[u64; IDS / 64]; 4],
}

impl Attention {
    fn of(table: &Table, wants: &Wants) -> Self {
        let mut lanes = [[0; IDS / 64]; 4];
        let has_lines = wants.commands() || LINES.iter().any(|packet| wants_line(*packet, table, wants));
        for (lane, (state, direction)) in lanes.iter_mut().zip(LANES) {
            for id in 0..IDS as i32 {
                let packet = table.packet(state, direction, id);
                let is_wanted = packet.is_some_and(|packet| is_the_hosts(packet, table.protocol(), wants, has_lines))
                    || wants.packet(state, direction, id).is_some();
                if let Some(word) = lane.get_mut(id as usize / 64) {
                    *word |= u64::from(is_wanted) << (id as usize % 64);
                }
            }
        }
        Self { lanes }
    }

    /// Whether somebody looks at this packet. In a login, somebody looks at each.
    pub(super) fn is_drawn_by(&self, state: State, direction: Direction, id: i32) -> bool {
        let lane = match (state, direction) {
            (State::Configuration, Direction::Clientbound) => 0,
            (State::Configuration, Direction::Serverbound) => 1,
            (State::Play, Direction::Clientbound) => 2,
            (State::Play, Direction::Serverbound) => 3,
            (State::Status | State::Login, _) => return true,
        };
        let Ok(id) = usize::try_from(id) else {
            return true;
        };
        let word = self.lanes.get(lane).and_then(|lane| lane.get(id / 64));
        word.is_some_and(|word| word >> (id % 64) & 1 != 0)
    }
}

const LANES: [(State, Direction); 4] = [
    (State::Configuration, Direction::Clientbound),
    (State::Configuration, Direction::Serverbound),
    (State::Play, Direction::Clientbound),
    (State::Play, Direction::Serverbound),
];

/// What players say.
const LINES: [Packet; 3] = [Packet::Chat, Packet::Command, Packet::SignedCommand];

fn wants_line(packet: Packet, table: &Table, wants: &Wants) -> bool {
    let id = table.id(State::Play, Direction::Serverbound, packet);
    id.is_some_and(|id| wants.packet(State::Play, Direction::Serverbound, id.into()).is_some())
}

/// Whether the host itself looks at a packet: it leads to another state, or a switch will have to know of it.
fn is_the_hosts(packet: Packet, protocol: Protocol, wants: &Wants, has_lines: bool) -> bool {
    match packet {
        Packet::Disconnect
        | Packet::KeepAlive
        | Packet::PluginMessage
        | Packet::Settings
        | Packet::FinishConfiguration
        | Packet::StartConfiguration
        | Packet::ConfigurationAcknowledged
        | Packet::BundleDelimiter
        | Packet::ChatSession
        | Packet::SetCompression => true,
        // Since 1.20.2 the configuration state clears the screen.
        Packet::PlayerInfo | Packet::PlayerInfoRemove | Packet::TabListHeader | Packet::BossBar => {
            !protocol.has_configuration()
        }
        // A line that a plugin keeps takes its count of messages seen with it, which the next one has to make up for.
        Packet::Chat | Packet::Command | Packet::SignedCommand | Packet::ChatAcknowledgement => has_lines,
        Packet::Transfer => wants.transfers(),
        Packet::CookieRequest | Packet::StoreCookie | Packet::CookieResponse => wants.cookies(),
        Packet::ResourcePackPush | Packet::ResourcePackResponse => wants.packs(),
        _ => false,
    }
}

/// A worker's kept ones, the last used at the end.
#[derive(Default)]
pub(crate) struct Attentions(RefCell<Vec<Kept>>);

/// The version and the wants that an attention was made from.
type Kept = (Protocol, Arc<Wants>, Rc<Attention>);

impl Attentions {
    /// What is looked at where players of this version meet what plugins want.
    pub(super) fn of(&self, table: &Table, wants: &Arc<Wants>) -> Rc<Attention> {
        let mut kept = self.0.borrow_mut();
        let fits = |(protocol, known, _): &Kept| *protocol == table.protocol() && Arc::ptr_eq(known, wants);
        let found = kept.iter().position(fits).map(|at| kept.remove(at));
        let entry = found.unwrap_or_else(|| {
            let attention = Rc::new(Attention::of(table, wants));
            (table.protocol(), Arc::clone(wants), attention)
        });
        let attention = Rc::clone(&entry.2);
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push(entry);
        attention
    }
}
