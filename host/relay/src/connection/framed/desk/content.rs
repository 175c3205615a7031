//! What servers and clients say to each other besides the world: plugin messages, transfers, cookies, resource packs.

use portcullis_protocol::cookie::{CookieRequest, CookieResponse, StoreCookie};
use portcullis_protocol::message::{PluginMessage, namespaced_name};
use portcullis_protocol::packets::{Direction, Fields, Packet, State, Table};
use portcullis_protocol::play::{PackResponse, PackResult, PushPack, Transfer};
use portcullis_protocol::version::Protocol;
use portcullis_runtime::{self as runtime, DataOutcome, Pack, PackOutcome, RequestOutcome, TransferOutcome};

use super::{Desk, Fate, MAX_SHOWN_BYTES, dismissed};

impl Desk {
    /// Shows a plugin message to those who listen on its channel.
    pub(super) fn channel(&mut self, protocol: Protocol, direction: Direction, message: PluginMessage<'_>) -> Fate {
        let name = namespaced_name(message.channel);
        if !self.wants.channel(&name) {
            return Fate::Pass;
        }
        // A client's are shorter.
        if message.data.len() > MAX_SHOWN_BYTES {
            return self.undecoded(Packet::PluginMessage);
        }
        let (plugins, chain) = (&self.worker.plugins, &self.settings.chain);
        let outcome = plugins.message(chain, &self.session, direction, &name, message.data);
        self.collect_own();
        match outcome {
            DataOutcome::Replaced(data) => rewrite(&PluginMessage { data: &data, ..message }, protocol),
            outcome => kept(outcome),
        }
    }

    pub(super) fn transfer(&mut self, protocol: Protocol, fields: &[u8]) -> Fate {
        let Ok(Transfer { host, port }) = Transfer::read(fields) else {
            return self.undecoded(Packet::Transfer);
        };
        let (plugins, chain) = (&self.worker.plugins, &self.settings.chain);
        let outcome = plugins.transfer(chain, &self.session, host, port);
        self.collect_own();
        match outcome {
            TransferOutcome::Pass => Fate::Pass,
            TransferOutcome::Deny(_) => Fate::Drop,
            TransferOutcome::To { host, port, .. } => rewrite(&Transfer { host: &host, port }, protocol),
            TransferOutcome::Refuse(refusal) => Fate::Stop(dismissed(refusal)),
        }
    }

    pub(super) fn cookie(&mut self, packet: Packet, protocol: Protocol, fields: &[u8]) -> Fate {
        let (plugins, chain, session) = (&self.worker.plugins, &self.settings.chain, &self.session);
        match packet {
            Packet::CookieRequest => {
                let Ok(CookieRequest { key }) = CookieRequest::read(fields) else {
                    return self.undecoded(packet);
                };
                let outcome = plugins.cookie_request(chain, session, key);
                self.collect_own();
                match outcome {
                    RequestOutcome::Pass => Fate::Pass,
                    RequestOutcome::Drop(_) => Fate::Drop,
                    RequestOutcome::Refuse(refusal) => Fate::Stop(dismissed(refusal)),
                }
            }
            Packet::StoreCookie => {
                let Ok(store) = StoreCookie::read(fields) else {
                    return self.undecoded(packet);
                };
                let outcome = plugins.cookie_store(chain, session, store.key, store.data);
                self.of_cookie(outcome, |data| rewrite(&StoreCookie { data, ..store }, protocol))
            }
            _ => {
                let Ok(response) = CookieResponse::read(fields) else {
                    return self.undecoded(packet);
                };
                let outcome = plugins.cookie_response(chain, session, response.key, response.data);
                self.of_cookie(outcome, |data| {
                    let data = Some(data);
                    rewrite(&CookieResponse { data, ..response }, protocol)
                })
            }
        }
    }

    fn of_cookie(&mut self, outcome: DataOutcome, written: impl FnOnce(&[u8]) -> Fate) -> Fate {
        self.collect_own();
        match outcome {
            DataOutcome::Replaced(data) => written(&data),
            outcome => kept(outcome),
        }
    }

    /// A pack that a plugin denies is refused in the client's name: servers wait for an answer.
    pub(super) fn pack_offer(&mut self, table: &Table, state: State, fields: &[u8]) -> Fate {
        let protocol = table.protocol();
        let Ok(push) = PushPack::read(fields, protocol) else {
            return self.undecoded(Packet::ResourcePackPush);
        };
        let has_id = protocol.has_many_resource_packs();
        let pack = Pack {
            id: has_id.then_some(push.id),
            url: push.url.to_owned(),
            hash: push.hash.to_owned(),
            required: push.is_required,
        };
        let (plugins, chain) = (&self.worker.plugins, &self.settings.chain);
        let outcome = plugins.pack_offer(chain, &self.session, &pack);
        self.collect_own();
        match outcome {
            PackOutcome::Pass => Fate::Pass,
            PackOutcome::Deny(_) => {
                let declined = PackResponse {
                    id: push.id,
                    hash: push.hash,
                    result: PackResult::Declined,
                };
                let mut packet = Vec::new();
                if table
                    .write(state, Direction::Serverbound, &declined, &mut packet)
                    .is_ok()
                {
                    self.own.push((Direction::Serverbound, packet));
                }
                Fate::Drop
            }
            PackOutcome::Replaced(pack) => {
                let push = PushPack {
                    id: pack.id.unwrap_or(push.id),
                    url: &pack.url,
                    hash: &pack.hash,
                    is_required: pack.required,
                    prompt: None,
                };
                rewrite(&push, protocol)
            }
            PackOutcome::Refuse(refusal) => Fate::Stop(dismissed(refusal)),
        }
    }

    pub(super) fn pack_outcome(&mut self, protocol: Protocol, fields: &[u8]) -> Fate {
        let Ok(response) = PackResponse::read(fields, protocol) else {
            return self.undecoded(Packet::ResourcePackResponse);
        };
        let end = match response.result {
            PackResult::Loaded => runtime::PackResult::Loaded,
            PackResult::Declined => runtime::PackResult::Declined,
            PackResult::Accepted => runtime::PackResult::Accepted,
            PackResult::Downloaded => runtime::PackResult::Downloaded,
            PackResult::DownloadFailed | PackResult::BadUrl | PackResult::LoadFailed => runtime::PackResult::Failed,
            PackResult::Discarded => runtime::PackResult::Discarded,
        };
        let id = protocol.has_many_resource_packs().then_some(response.id);
        let (plugins, chain) = (&self.worker.plugins, &self.settings.chain);
        plugins.pack_outcome(chain, &self.session, id, end);
        self.collect_own();
        Fate::Pass
    }
}

/// What becomes of data that nobody has replaced.
fn kept(outcome: DataOutcome) -> Fate {
    match outcome {
        DataOutcome::Pass | DataOutcome::Replaced(_) => Fate::Pass,
        DataOutcome::Drop(_) => Fate::Drop,
        DataOutcome::Refuse(refusal) => Fate::Stop(dismissed(refusal)),
    }
}

fn rewrite(fields: &impl Fields, protocol: Protocol) -> Fate {
    let mut out = Vec::new();
    fields.write(protocol, &mut out);
    Fate::Rewrite(out)
}
