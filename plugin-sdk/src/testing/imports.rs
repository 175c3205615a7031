//! The host's imports, served by this thread's world. Names and signatures are those of the generated bindings.

use super::world::with;

pub(crate) mod servers {
    use super::with;
    use crate::bindings::services::portcullis::plugin::servers::{Kind, Server};

    pub(crate) fn revision() -> u64 {
        with(|world| world.servers_revision())
    }

    pub(crate) fn get(name: &str) -> Option<Server> {
        with(|world| world.servers().iter().find(|server| server.name == name).cloned())
    }

    pub(crate) fn members(group: &str) -> Vec<Server> {
        with(|world| {
            let members = world
                .servers()
                .iter()
                .filter(|server| server.groups.iter().any(|of| of == group));
            members.cloned().collect()
        })
    }

    pub(crate) fn all() -> Vec<Server> {
        with(|world| world.servers().to_vec())
    }

    pub(crate) fn groups() -> Vec<String> {
        with(|world| world.groups())
    }

    pub(crate) fn kind_of(name: &str) -> Option<Kind> {
        with(|world| {
            if world.servers().iter().any(|server| server.name == name) {
                return Some(Kind::Server);
            }
            world.groups().iter().any(|group| group == name).then_some(Kind::Group)
        })
    }
}

pub(crate) mod clock {
    use super::with;

    const NS_PER_MS: u64 = 1_000_000;

    pub(crate) fn monotonic_ns() -> u64 {
        with(|world| world.now_ns)
    }

    pub(crate) fn unix_ms() -> u64 {
        with(|world| world.start_unix_ms + world.now_ns / NS_PER_MS)
    }
}

pub(crate) mod random {
    use super::with;

    /// The contract's bound.
    const MAX_BYTES: u32 = 4_096;

    pub(crate) fn bytes(length: u32) -> Vec<u8> {
        (0..length.min(MAX_BYTES))
            .map(|_| with(|world| world.next_random()).to_le_bytes()[0])
            .collect()
    }

    pub(crate) fn next_u64() -> u64 {
        with(|world| world.next_random())
    }
}

pub(crate) mod log {
    use super::with;
    use crate::bindings::services::portcullis::plugin::log::Level;
    use crate::testing::LogLine;

    pub(crate) fn enabled(_: Level) -> bool {
        true
    }

    pub(crate) fn log(level: Level, message: &str, fields: &[(&str, &str)]) {
        with(|world| world.logs.push(LogLine::of(level, message, fields)));
    }
}

pub(crate) mod metrics {
    use super::with;
    use crate::testing::numbers::Kind;

    pub(crate) fn add(counter: &str, labels: &[(&str, &str)], by: u64) {
        // Counts in tests are far below 2^53.
        with(|world| world.numbers.record(Kind::Counter, counter, labels, by as f64));
    }

    pub(crate) fn set(gauge: &str, labels: &[(&str, &str)], value: f64) {
        with(|world| world.numbers.record(Kind::Gauge, gauge, labels, value));
    }

    pub(crate) fn observe(histogram: &str, labels: &[(&str, &str)], value: f64) {
        with(|world| world.numbers.record(Kind::Histogram, histogram, labels, value));
    }
}

pub(crate) mod bucket {
    use super::with;
    use crate::bindings::services::portcullis::plugin::bucket::{Rate, Refusal};

    pub(crate) fn try_acquire(key: &str, rate: Rate, tokens: u32) -> Result<(), Refusal> {
        with(|world| world.tokens.take(key, rate, tokens, world.now_ns))
    }
}

pub(crate) mod state {
    use super::with;
    use crate::bindings::services::portcullis::plugin::state::Error;

    pub(crate) fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
        with(|world| world.store.get(key, world.now_ns))
    }

    pub(crate) fn set(key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), Error> {
        with(|world| world.store.set(key, value, ttl_ms, world.now_ns))
    }

    pub(crate) fn delete(key: &str) -> Result<(), Error> {
        with(|world| world.store.delete(key))
    }

    pub(crate) fn increment(key: &str, by: i64, ttl_ms: Option<u64>) -> Result<i64, Error> {
        with(|world| world.store.increment(key, by, ttl_ms, world.now_ns))
    }

    pub(crate) fn compare_and_swap(
        key: &str,
        expected: Option<&[u8]>,
        value: &[u8],
        ttl_ms: Option<u64>,
    ) -> Result<bool, Error> {
        with(|world| world.store.compare_and_swap(key, expected, value, ttl_ms, world.now_ns))
    }

    pub(crate) fn keys(prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, Error> {
        with(|world| world.store.keys(prefix, after, limit, world.now_ns))
    }
}

pub(crate) mod control {
    use crate::bindings::granted::portcullis::plugin::control::{Error, Filter, Player, Title};
    use crate::servers::Target;
    use crate::testing::orders::{Ordered, answer_server as answer, give, tell_servers as tell};
    use crate::testing::players;
    use crate::text::Text;

    pub(crate) fn sessions(filter: &Filter, after: Option<u64>, limit: u32) -> Vec<Player> {
        players::page(filter, after, limit)
    }

    pub(crate) fn count(filter: &Filter) -> u32 {
        u32::try_from(players::fitting(filter).len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn disconnect(filter: &Filter, reason: &Text) -> Result<u32, Error> {
        give(filter, Ordered::Disconnect(reason.clone()))
    }

    pub(crate) fn switch(filter: &Filter, to: &[Target]) -> Result<u32, Error> {
        give(filter, Ordered::Switch(to.to_vec()))
    }

    pub(crate) fn transfer(filter: &Filter, host: &str, port: u16) -> Result<u32, Error> {
        give(filter, Ordered::Transfer(host.to_owned(), port))
    }

    pub(crate) fn send_text(filter: &Filter, text: &Text) -> Result<u32, Error> {
        give(filter, Ordered::Text(text.clone()))
    }

    pub(crate) fn send_title(filter: &Filter, title: &Title) -> Result<u32, Error> {
        give(filter, Ordered::Title(title.clone().into()))
    }

    pub(crate) fn send_action_bar(filter: &Filter, text: &Text) -> Result<u32, Error> {
        give(filter, Ordered::ActionBar(text.clone()))
    }

    pub(crate) fn send_message(filter: &Filter, channel: &str, data: &[u8]) -> Result<u32, Error> {
        give(filter, Ordered::Message(channel.to_owned(), data.to_vec()))
    }

    pub(crate) fn tell_servers(filter: &Filter, channel: &str, data: &[u8]) -> Result<u32, Error> {
        tell(filter, channel, data)
    }

    pub(crate) fn answer_server(channel: &str, data: &[u8]) -> Result<(), Error> {
        answer(channel, data)
    }
}

pub(crate) mod packets {
    use crate::bindings::granted::portcullis::plugin::packets::Error;
    use crate::packets::Direction;
    use crate::testing::sent::{self, Sent};

    pub(crate) fn send(direction: Direction, name: &str, fields: &[u8]) -> Result<(), Error> {
        sent::send(direction, Sent::Named(name.to_owned()), fields)
    }

    pub(crate) fn send_numbered(direction: Direction, id: u32, fields: &[u8]) -> Result<(), Error> {
        sent::send(direction, Sent::Numbered(id), fields)
    }
}

pub(crate) mod http {
    use super::with;
    use crate::bindings::granted::portcullis::plugin::http::{Error, Request, Response};

    pub(crate) fn fetch(request: &Request) -> Result<Response, Error> {
        with(|world| match world.may_wait() {
            true => world.web.fetch(request),
            false => Err(Error::WouldWait),
        })
    }
}
