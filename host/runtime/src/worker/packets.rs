//! What a chain says of what is on its way: packets, messages, commands, transfers, cookies and resource packs.

use std::borrow::Cow;
use std::sync::Arc;

use portcullis_protocol::packets::{Direction, State};
use portcullis_registry::Session;
use uuid::Uuid;

use super::ask::{Step, Way};
use super::{Live, WorkerPlugins};
use crate::error::Failure;
use crate::hook::Hook;
use crate::instance::Instance;
use crate::outcome::{
    CommandOutcome, DataOutcome, Pack, PackOutcome, PackResult, PacketOutcome, Refusal, RequestOutcome, TransferOutcome,
};
use crate::plan::ListenerChain;
use crate::verdict;
use crate::wants::Wants;

impl WorkerPlugins {
    /// Shows a packet to the links that want to see it. `fields` is what follows the id, at least as much of it as `wants`
    /// says.
    pub fn packet(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        wants: &Wants,
        (state, direction, id): (State, Direction, i32),
        fields: &[u8],
    ) -> PacketOutcome {
        let renewed = match wants.protocol() {
            Some(protocol) if wants.generation() != self.generation() => Some(self.wants(chain, protocol)),
            _ => None,
        };
        let wants = renewed.as_deref().unwrap_or(wants);
        let interests = wants.interests(state, direction, id);
        // Negative ids are nobody's interest.
        let number = u32::try_from(id).unwrap_or(u32::MAX);
        let mut fields = Cow::Borrowed(fields);
        let Live { plan, instances } = &mut *self.live.borrow_mut();
        let decided = self.along(
            (plan, instances),
            session,
            Hook::Packet,
            interests.iter().map(|interest| (interest.link, interest)),
            |instance, interest, by| {
                let payload = interest.payload.of(&fields);
                Ok(
                    match instance.packet(session, interest.subscription, number, payload)? {
                        verdict::Packet::Next => Step::Next,
                        verdict::Packet::Replace(with) => {
                            fields = Cow::Owned(with);
                            Step::Next
                        }
                        verdict::Packet::Drop => Step::Final(PacketOutcome::Drop(by.clone())),
                        verdict::Packet::Disconnect(text) => Step::Final(PacketOutcome::Disconnect(text, by.clone())),
                    },
                )
            },
        );
        passing(decided, PacketOutcome::Refuse, || match fields {
            Cow::Borrowed(_) => PacketOutcome::Pass,
            Cow::Owned(fields) => PacketOutcome::Replaced(fields),
        })
    }

    /// Shows a plugin message to the links that listen on its channel, which is named as in 1.13.
    pub fn message(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        direction: Direction,
        channel: &str,
        data: &[u8],
    ) -> DataOutcome {
        let (hook, way) = (Hook::Message, direction.into());
        self.data(chain, session, hook, way, Some(data), |instance, data| {
            instance.message(session, direction, channel, data.unwrap_or_default())
        })
    }

    /// Shows a command, which has no slash, to the `command` hooks. One that is `signed` cannot be replaced, which is the
    /// caller's to heed.
    pub fn command(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        command: &str,
        signed: bool,
    ) -> CommandOutcome {
        let mut replaced: Option<String> = None;
        let decided = self.ask(chain, session, Hook::Command, Way::There, |instance, by| {
            // What is signed goes on as it is, whatever the caller is told.
            let command = replaced.as_deref().filter(|_| !signed).unwrap_or(command);
            Ok(match instance.command(session, command, signed)? {
                verdict::Command::Next => Step::Next,
                verdict::Command::Replace(with) => {
                    replaced = Some(with);
                    Step::Next
                }
                verdict::Command::Swallow => Step::Final(CommandOutcome::Swallow(by.clone())),
            })
        });
        passing(decided, CommandOutcome::Refuse, || {
            replaced.map_or(CommandOutcome::Pass, CommandOutcome::Replaced)
        })
    }

    /// Asks the `transfer` hooks whether a server may send the player elsewhere.
    pub fn transfer(&self, chain: &ListenerChain, session: &Arc<Session>, host: &str, port: u16) -> TransferOutcome {
        let decided = self.ask(chain, session, Hook::Transfer, Way::Back, |instance, by| {
            Ok(match instance.transfer(session, host, port)? {
                verdict::Transfer::Next => Step::Next,
                verdict::Transfer::Deny => Step::Final(TransferOutcome::Deny(by.clone())),
                verdict::Transfer::To(host, port) => Step::Final(TransferOutcome::To {
                    host,
                    port,
                    by: by.clone(),
                }),
            })
        });
        passing(decided, TransferOutcome::Refuse, || TransferOutcome::Pass)
    }

    /// Asks the `cookie` hooks whether a server may have a cookie back.
    pub fn cookie_request(&self, chain: &ListenerChain, session: &Arc<Session>, key: &str) -> RequestOutcome {
        let decided = self.ask(chain, session, Hook::Cookie, Way::Back, |instance, by| {
            Ok(match instance.cookie_request(session, key)? {
                verdict::Request::Next => Step::Next,
                verdict::Request::Drop => Step::Final(RequestOutcome::Drop(by.clone())),
            })
        });
        passing(decided, RequestOutcome::Refuse, || RequestOutcome::Pass)
    }

    /// Shows a cookie that a server stores to the `cookie` hooks.
    pub fn cookie_store(&self, chain: &ListenerChain, session: &Arc<Session>, key: &str, data: &[u8]) -> DataOutcome {
        self.data(chain, session, Hook::Cookie, Way::Back, Some(data), |instance, data| {
            instance.cookie_store(session, key, data.unwrap_or_default())
        })
    }

    /// Shows a cookie that the client sends back to the `cookie` hooks; absent: it has none of that name.
    pub fn cookie_response(
        &self,
        chain: &ListenerChain,
        session: &Arc<Session>,
        key: &str,
        data: Option<&[u8]>,
    ) -> DataOutcome {
        self.data(chain, session, Hook::Cookie, Way::There, data, |instance, data| {
            instance.cookie_response(session, key, data)
        })
    }

    /// Shows a resource pack that a server offers to the `resource-pack` hooks.
    pub fn pack_offer(&self, chain: &ListenerChain, session: &Arc<Session>, pack: &Pack) -> PackOutcome {
        let mut pack = Cow::Borrowed(pack);
        let decided = self.ask(chain, session, Hook::ResourcePack, Way::Back, |instance, by| {
            Ok(match instance.pack_offer(session, &pack)? {
                verdict::ResourcePack::Next => Step::Next,
                verdict::ResourcePack::Replace(with) => {
                    pack = Cow::Owned(with);
                    Step::Next
                }
                verdict::ResourcePack::Deny => Step::Final(PackOutcome::Deny(by.clone())),
            })
        });
        passing(decided, PackOutcome::Refuse, || match pack {
            Cow::Borrowed(_) => PackOutcome::Pass,
            Cow::Owned(pack) => PackOutcome::Replaced(pack),
        })
    }

    /// Tells the `resource-pack` hooks what became of a pack.
    pub fn pack_outcome(&self, chain: &ListenerChain, session: &Arc<Session>, id: Option<Uuid>, result: PackResult) {
        let id = id.map(|id| id.to_string());
        self.tell(chain, Hook::ResourcePack, Way::There, |instance| {
            instance.pack_outcome(session, id.as_deref(), result)
        });
    }

    /// Shows data to a hook that may drop or replace them, link by link.
    fn data(
        &self,
        chain: &ListenerChain,
        session: &Session,
        hook: Hook,
        way: Way,
        data: Option<&[u8]>,
        mut show: impl FnMut(&mut Instance, Option<&[u8]>) -> Result<verdict::Data, Failure>,
    ) -> DataOutcome {
        let mut replaced = None;
        let decided = self.ask(chain, session, hook, way, |instance, by| {
            Ok(match show(instance, replaced.as_deref().or(data))? {
                verdict::Data::Next => Step::Next,
                verdict::Data::Replace(with) => {
                    replaced = Some(with);
                    Step::Next
                }
                verdict::Data::Drop => Step::Final(DataOutcome::Drop(by.clone())),
            })
        });
        passing(decided, DataOutcome::Refuse, || {
            replaced.map_or(DataOutcome::Pass, DataOutcome::Replaced)
        })
    }
}

/// What a chain decided; what is on its way goes on where no link has an opinion, or there is none.
fn passing<O>(decided: Result<O, Refusal>, refuse: impl FnOnce(Refusal) -> O, undecided: impl FnOnce() -> O) -> O {
    match decided {
        Ok(outcome) => outcome,
        Err(Refusal::NoVerdict | Refusal::EmptyChain) => undecided(),
        Err(refusal) => refuse(refusal),
    }
}
