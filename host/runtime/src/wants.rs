//! What the plugins of a chain want to see of what is on its way in one version: looked up for every packet, so a bit says no.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portcullis_protocol::packets::{Direction, State, Table};
use portcullis_protocol::version::Protocol;

use crate::hook::Hook;
use crate::plan::{ListenerChain, Plan};
use crate::subscriptions::Payload;

/// Ids that a packet can have: no version has higher ones.
const IDS: usize = 256;

/// Ids in one word of the bitset.
const WORD: usize = u64::BITS as usize;

/// What a chain wants to see, for one protocol and one generation of plugins.
#[derive(Debug, Default)]
pub struct Wants {
    generation: u64,
    protocol: Option<Protocol>,
    /// Configuration and play, each serverbound and clientbound.
    lanes: [Lane; 4],
    channels: BTreeSet<String>,
    commands: bool,
    transfers: bool,
    cookies: bool,
    packs: bool,
}

/// The wishes for packets of one state and direction.
#[derive(Debug, Default)]
struct Lane {
    wanted: [u64; IDS / WORD],
    /// One for each bit that is set, in the order of the bits.
    packets: Vec<Wanted>,
}

/// A packet that somebody wants to see.
#[derive(Debug)]
struct Wanted {
    need: Payload,
    /// In the order in which they are asked.
    links: Vec<Interest>,
}

/// A link that wants to see a packet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interest {
    /// Its position in the plan.
    pub(crate) link: usize,
    /// Which of its subscriptions the packet fits.
    pub(crate) subscription: u32,
    pub(crate) payload: Payload,
}

impl Wants {
    pub(crate) fn of(plan: &Plan, chain: &ListenerChain, protocol: Protocol) -> Self {
        let mut wants = Self {
            generation: plan.generation,
            ..Self::default()
        };
        let Ok(table) = Table::of(protocol) else {
            return wants;
        };
        let has = |hook| plan.links(chain, hook).is_some_and(|links| !links.is_empty());
        wants.protocol = Some(protocol);
        wants.commands = has(Hook::Command);
        wants.transfers = has(Hook::Transfer);
        wants.cookies = has(Hook::Cookie);
        wants.packs = has(Hook::ResourcePack);
        wants.add_packets(plan, chain, table);
        for link in plan.links(chain, Hook::Message).unwrap_or_default() {
            let channels = plan.loads.get(*link).map(|load| &load.subscriptions.channels);
            wants.channels.extend(channels.into_iter().flatten().cloned());
        }
        wants
    }

    /// The generation of plugins that it is about: while it is the worker's, this holds.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The version that it is about; none where the host does not know the version, and then nothing is wanted.
    pub fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    /// Whether nobody wants to see anything.
    pub fn is_empty(&self) -> bool {
        let asks = self.commands || self.transfers || self.cookies || self.packs || !self.channels.is_empty();
        !asks && self.lanes.iter().all(|lane| lane.packets.is_empty())
    }

    /// How much of a packet is to be shown; none: nothing, and nobody is to be asked.
    pub fn packet(&self, state: State, direction: Direction, id: i32) -> Option<Payload> {
        self.wanted(state, direction, id).map(|wanted| wanted.need)
    }

    /// Whether messages on this channel, named as in 1.13, are to be shown.
    pub fn channel(&self, name: &str) -> bool {
        self.channels.contains(name)
    }

    /// The channels on which messages are to be shown, named as in 1.13, sorted.
    pub fn channels(&self) -> impl ExactSizeIterator<Item = &str> {
        self.channels.iter().map(String::as_str)
    }

    /// Whether commands are to be shown.
    pub fn commands(&self) -> bool {
        self.commands
    }

    /// Whether transfers are to be shown.
    pub fn transfers(&self) -> bool {
        self.transfers
    }

    /// Whether cookies are to be shown.
    pub fn cookies(&self) -> bool {
        self.cookies
    }

    /// Whether resource packs are to be shown.
    pub fn packs(&self) -> bool {
        self.packs
    }

    /// A packet that somebody wants to see, the same each time.
    pub(crate) fn first(&self) -> Option<(State, Direction, i32)> {
        let lanes = LANES.into_iter().zip(&self.lanes);
        let mut wanted = lanes.filter_map(|(lane, wishes)| Some((lane, wishes.first()?)));
        wanted.next().map(|((state, direction), id)| (state, direction, id))
    }

    pub(crate) fn interests(&self, state: State, direction: Direction, id: i32) -> &[Interest] {
        self.wanted(state, direction, id).map_or(&[], |wanted| &wanted.links)
    }

    fn wanted(&self, state: State, direction: Direction, id: i32) -> Option<&Wanted> {
        let lane = self.lanes.get(lane(state, direction)?)?;
        lane.packets.get(lane.rank(usize::try_from(id).ok()?)?)
    }

    fn add_packets(&mut self, plan: &Plan, chain: &ListenerChain, table: &Table) {
        let links = plan.links(chain, Hook::Packet).unwrap_or_default();
        // By lane and id. Of a link's subscriptions the first that fits counts.
        let mut found: BTreeMap<(usize, usize), Vec<Interest>> = BTreeMap::new();
        for link in links {
            let Some(load) = plan.loads.get(*link) else {
                continue;
            };
            for (wish, subscription) in load.subscriptions.packets.iter().zip(0..) {
                let Some(lane) = lane(wish.state, wish.direction) else {
                    continue;
                };
                for id in wish.ids(table) {
                    let id = usize::try_from(id).unwrap_or(usize::MAX);
                    let interests = found.entry((lane, id)).or_default();
                    if !interests.iter().any(|interest| interest.link == *link) {
                        interests.push(Interest {
                            link: *link,
                            subscription,
                            payload: wish.payload,
                        });
                    }
                }
            }
        }
        for ((lane, id), mut links) in found {
            // What comes from the server is shown in reverse order.
            if LANES
                .get(lane)
                .is_some_and(|(_, direction)| *direction == Direction::Clientbound)
            {
                links.reverse();
            }
            if let Some(lane) = self.lanes.get_mut(lane) {
                lane.add(id, links);
            }
        }
    }
}

impl Lane {
    /// Ids must come in their order. Those that no version has are left out.
    fn add(&mut self, id: usize, links: Vec<Interest>) {
        if let Some(word) = self.wanted.get_mut(id / WORD) {
            *word |= 1 << (id % WORD);
            let need = links.iter().map(|interest| interest.payload).max();
            self.packets.push(Wanted {
                need: need.unwrap_or(Payload::None),
                links,
            });
        }
    }

    /// The lowest id that is wanted.
    fn first(&self) -> Option<i32> {
        let id = (0..IDS).find(|id| self.rank(*id).is_some())?;
        i32::try_from(id).ok()
    }

    /// The position in `packets` of an id that is wanted.
    fn rank(&self, id: usize) -> Option<usize> {
        let (at, bit) = (id / WORD, 1 << (id % WORD));
        let word = self.wanted.get(at)?;
        if word & bit == 0 {
            return None;
        }
        let before = self.wanted.iter().take(at).map(|word| word.count_ones());
        // At most 256.
        Some((before.sum::<u32>() + (word & (bit - 1)).count_ones()) as usize)
    }
}

/// What each of the lanes is about.
const LANES: [(State, Direction); 4] = [
    (State::Configuration, Direction::Serverbound),
    (State::Configuration, Direction::Clientbound),
    (State::Play, Direction::Serverbound),
    (State::Play, Direction::Clientbound),
];

/// Where a state and direction stand among the lanes.
fn lane(state: State, direction: Direction) -> Option<usize> {
    let state = match state {
        State::Configuration => 0,
        State::Play => 2,
        State::Status | State::Login => return None,
    };
    Some(match direction {
        Direction::Serverbound => state,
        Direction::Clientbound => state + 1,
    })
}

/// The wants that were looked up since the plugins last changed. Bounded: chains are configured, and protocols that the host
/// does not know are not kept.
#[derive(Debug, Default)]
pub(crate) struct Known(Vec<(ListenerChain, Arc<Wants>)>);

impl Known {
    pub(crate) fn get(&mut self, plan: &Plan, chain: &ListenerChain, protocol: Protocol) -> Arc<Wants> {
        let is_it = |(of, wants): &&(ListenerChain, Arc<Wants>)| wants.protocol == Some(protocol) && of == chain;
        if let Some((_, wants)) = self.0.iter().find(is_it) {
            return wants.clone();
        }
        let wants = Arc::new(Wants::of(plan, chain, protocol));
        if wants.protocol.is_some() && plan.has(chain) {
            self.0.push((chain.clone(), wants.clone()));
        }
        wants
    }

    /// The plugins have changed.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_among_those_that_are_wanted_and_no_other_is() {
        let wanted = [0, 1, 63, 64, 130, 255];
        let mut lane = Lane::default();
        for id in wanted.into_iter().chain([256, usize::MAX]) {
            lane.add(id, Vec::new());
        }
        assert_eq!(lane.packets.len(), wanted.len());
        for id in (0..300).chain([usize::MAX]) {
            assert_eq!(lane.rank(id), wanted.iter().position(|known| *known == id), "{id}");
        }
    }

    #[test]
    fn the_largest_wish_says_how_much_is_shown() {
        let interest = |payload| Interest {
            link: 0,
            subscription: 0,
            payload,
        };
        let need = |payloads: &[Payload]| {
            let mut lane = Lane::default();
            lane.add(7, payloads.iter().copied().map(interest).collect());
            lane.packets[0].need
        };
        assert_eq!(
            need(&[Payload::None, Payload::Head(9), Payload::Head(2)]),
            Payload::Head(9)
        );
        assert_eq!(need(&[Payload::Whole, Payload::Head(9)]), Payload::Whole);
    }

    #[test]
    fn only_packets_behind_the_login_can_be_wanted() {
        for state in [State::Status, State::Login] {
            assert_eq!(lane(state, Direction::Serverbound), None);
        }
        for (at, (state, direction)) in LANES.into_iter().enumerate() {
            assert_eq!(lane(state, direction), Some(at));
        }
    }
}
