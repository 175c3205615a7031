//! The reply to one question, given what the host knows of servers now.

use host_pattern::{Captures, Table, Template};

use crate::answer::{Answer, Online};
use crate::bindings::exports::portcullis::plugin::status::{self, Verdict};
use crate::bindings::portcullis::plugin::types::Target;

/// What the host knows of servers and groups.
pub trait Directory {
    /// What the name means: a group where one has it, otherwise a server; absent where neither does.
    fn resolve(&self, name: &str) -> Option<Target>;

    /// Names of the servers that the name stands for, with the sessions on each.
    fn sessions(&self, name: &str) -> Vec<(String, u32)>;
}

/// Replies in force.
#[derive(Clone, Debug)]
pub struct Motd {
    entries: Table<Reply>,
    default: Reply,
}

#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Next,
    Drop,
    Answer(Box<Answer>),
    Passthrough(Box<Passthrough>),
}

#[derive(Clone, Debug)]
pub(crate) struct Passthrough {
    pub(crate) to: Template,
    pub(crate) ttl_ms: u32,
    pub(crate) failure_ttl_ms: u32,
    pub(crate) timeout_ms: u32,
    pub(crate) offline: Option<Answer>,
}

impl Motd {
    pub(crate) fn new(entries: Table<Reply>, default: Reply) -> Self {
        Self { entries, default }
    }

    /// What a client is told who asked for that host.
    pub fn reply(&self, host: &str, directory: &impl Directory) -> Verdict {
        let (reply, captures) = self
            .entries
            .find(host)
            .unwrap_or_else(|| (&self.default, Captures::none(host)));
        match reply {
            Reply::Next => Verdict::Next,
            Reply::Drop => Verdict::Drop,
            Reply::Answer(answer) => Verdict::Answer(counted(answer, directory)),
            Reply::Passthrough(passthrough) => {
                let unreachable = passthrough.offline.as_ref().map(|answer| counted(answer, directory));
                match directory.resolve(&passthrough.to.fill(&captures)) {
                    Some(to) => Verdict::Passthrough(status::Passthrough {
                        to,
                        ttl_ms: passthrough.ttl_ms,
                        failure_ttl_ms: passthrough.failure_ttl_ms,
                        timeout_ms: passthrough.timeout_ms,
                        unreachable,
                    }),
                    None => unreachable.map_or(Verdict::Drop, Verdict::Answer),
                }
            }
        }
    }
}

/// The answer with its player count as it is now. A server that stands in several of the groups named counts once.
fn counted(answer: &Answer, directory: &impl Directory) -> status::Answer {
    let online = match &answer.online {
        Online::Fixed(online) => *online,
        Online::Sessions(names) => {
            let mut servers: Vec<(String, u32)> = Vec::new();
            for (server, sessions) in names.iter().flat_map(|name| directory.sessions(name)) {
                if !servers.iter().any(|(counted, _)| *counted == server) {
                    servers.push((server, sessions));
                }
            }
            servers
                .iter()
                .fold(0_u32, |sum, (_, sessions)| sum.saturating_add(*sessions))
        }
    };
    status::Answer {
        online,
        ..answer.fixed.clone()
    }
}
