//! A player's login, up to where a server has to be found: the name that is claimed, encryption and authentication where a plugin wants
//! them, the profile, and those who have it already.

use std::sync::Arc;
use std::time::Duration;

use portcullis_protocol::key::{TOKEN_BYTES, server_hash};
use portcullis_protocol::login::{EncryptionRequest, EncryptionResponse, Proof as WireProof, Start};
use portcullis_protocol::packets::Packet;
use portcullis_protocol::profile::Profile as WireProfile;
use portcullis_protocol::text::Text;
use portcullis_registry::{Claim, Identity, Order, Session};
use portcullis_runtime::{
    By, ClaimOutcome, ConflictOutcome, ProfileOutcome, ProofOutcome, Refusal, Text as PluginText,
};
use tokio::time::timeout;

use super::fault::Fault;
use super::identity::of_wire;
use super::wire::Wire;
use crate::connection::Guest;
use crate::refusal::Reason;
use crate::text;

/// Longest login start, with the chat key and signature of 1.19, and longest encryption response. Beyond the bytes that a
/// connection may send before there is a route: only these two need more, and only of versions that have them.
const MAX_LOGIN_BYTES: usize = 8 << 10;

/// Why a player is not let in, and what he is told.
#[derive(Debug)]
pub(super) struct Parting {
    pub(super) text: Option<Text>,
    pub(super) reason: Reason,
}

impl Parting {
    pub(super) fn silently(reason: Reason) -> Self {
        Self { text: None, reason }
    }

    pub(super) fn saying(text: Text, reason: Reason) -> Self {
        Self {
            text: Some(text),
            reason,
        }
    }

    pub(super) fn undecided(refusal: Refusal) -> Self {
        Self {
            text: text::of_refusal(&refusal).map(Text::plain),
            reason: Reason::Undecided(refusal),
        }
    }

    /// Nobody says who players are.
    pub(super) fn no_login() -> Self {
        Self::saying(Text::plain(text::NO_LOGIN), Reason::Undecided(Refusal::NoVerdict))
    }

    pub(super) fn of_plugin(text: &PluginText, by: By) -> Self {
        Self::saying(text::rendered(text), Reason::PluginDisconnect(by))
    }
}

impl From<Fault> for Parting {
    fn from(fault: Fault) -> Self {
        if matches!(fault, Fault::Unanswered) {
            return Self::saying(Text::plain(text::UNANSWERED), Reason::Unanswered);
        }
        Self::silently(match fault {
            Fault::Closed | Fault::Io(_) => Reason::ClosedEarly,
            Fault::Timeout => Reason::HandshakeTimeout,
            fault => Reason::Garbage(fault.label()),
        })
    }
}

/// Reads the login start. Returns its fields.
pub(super) async fn read_start(client: &mut Wire, guest: &Guest) -> Result<Vec<u8>, Parting> {
    let (packet, fields) = receive(client, guest).await?;
    if packet != Packet::LoginStart {
        return Err(Fault::Unexpected(packet).into());
    }
    // Its form is checked before any plugin hears of it.
    Start::read(&fields, client.protocol()).map_err(Fault::from)?;
    Ok(fields)
}

/// Finds out who the player is. Afterwards the session has an identity, and stands for its player.
pub(super) async fn identify(
    client: &mut Wire,
    guest: &Guest,
    session: &Arc<Session>,
    start: &Start<'_>,
) -> Result<Claim, Parting> {
    let (plugins, chain) = (&guest.worker.plugins, &guest.settings.chain);
    let identity = match plugins.claim(chain, session, start.name, start.uuid).await {
        ClaimOutcome::Online(_) => authenticate(client, guest, session, start.name).await?,
        ClaimOutcome::Offline(_) => Identity {
            profile: Arc::new(of_wire(WireProfile::offline(start.name))),
            verified: false,
        },
        ClaimOutcome::Deny(text, by) => return Err(Parting::of_plugin(&text, by)),
        ClaimOutcome::Refuse(Refusal::NoVerdict) => return Err(Parting::no_login()),
        ClaimOutcome::Refuse(refusal) => return Err(Parting::undecided(refusal)),
    };
    session.set_identity(identity);
    // What plugins replace is on the session afterwards.
    match plugins.profile(chain, session).await {
        ProfileOutcome::Admit => {}
        ProfileOutcome::Deny(text, by) => return Err(Parting::of_plugin(&text, by)),
        ProfileOutcome::Refuse(refusal) => return Err(Parting::undecided(refusal)),
    }
    settle_conflict(guest, session).await
}

/// Claims the player for this session, and has those asked who decide what becomes of others that stand for him.
async fn settle_conflict(guest: &Guest, session: &Arc<Session>) -> Result<Claim, Parting> {
    let Some(identity) = session.identity() else {
        return Err(Parting::no_login());
    };
    let sessions = &guest.worker.registry.sessions;
    // Whoever comes next may have this one sent away, although it is not in yet.
    session.open_orders();
    let (claim, others) = sessions.claim(identity.profile.uuid, session);
    if others.is_empty() {
        return Ok(claim);
    }
    let (plugins, chain) = (&guest.worker.plugins, &guest.settings.chain);
    let ids: Vec<_> = others.iter().map(|other| other.id()).collect();
    match plugins.joined_before(chain, session, &ids).await {
        ConflictOutcome::Both => Ok(claim),
        ConflictOutcome::DenyNew(text, by) => Err(Parting::of_plugin(&text, by)),
        ConflictOutcome::KickOld(text, _) => {
            let text = Arc::new(text);
            for other in others {
                other.order(Order::Disconnect(Arc::clone(&text)));
            }
            Ok(claim)
        }
        ConflictOutcome::Refuse(refusal) => Err(Parting::undecided(refusal)),
    }
}

/// Encrypts the connection and has the player's account vouched for.
async fn authenticate(
    client: &mut Wire,
    guest: &Guest,
    session: &Arc<Session>,
    name: &str,
) -> Result<Identity, Parting> {
    let key = guest.worker.key().map_err(Fault::from)?;
    let mut token = [0; TOKEN_BYTES];
    getrandom::fill(&mut token).map_err(|_| Parting::undecided(Refusal::NoVerdict))?;
    let request = EncryptionRequest {
        server_id: "",
        public_key: key.public_der(),
        token: &token,
        should_authenticate: true,
    };
    client.send(&guest.worker.kit, &request)?;
    in_time(guest, client.flush()).await?;
    let (packet, fields) = receive(client, guest).await?;
    if packet != Packet::EncryptionResponse {
        return Err(Fault::Unexpected(packet).into());
    }
    let response = EncryptionResponse::read(&fields, client.protocol()).map_err(Fault::from)?;
    let secret = match response.proof {
        WireProof::Token(proof) => key.accept(response.secret, proof, &token),
        WireProof::Signature { .. } => key.accept_signed(response.secret),
    };
    let secret = secret.map_err(Fault::from)?;
    client.encrypt(&secret);
    let hash = server_hash("", &secret, key.public_der());
    let (plugins, chain) = (&guest.worker.plugins, &guest.settings.chain);
    match plugins.authenticate(chain, session, name, &hash).await {
        ProofOutcome::Verified(identity, _) => Ok(identity),
        ProofOutcome::Deny(text, by) => Err(Parting::of_plugin(&text, by)),
        ProofOutcome::Refuse(Refusal::NoVerdict) => Err(Parting::saying(
            Text::plain(text::NOT_VERIFIED),
            Reason::Undecided(Refusal::NoVerdict),
        )),
        ProofOutcome::Refuse(refusal) => Err(Parting::undecided(refusal)),
    }
}

/// The next packet of the login.
async fn receive(client: &mut Wire, guest: &Guest) -> Result<(Packet, Vec<u8>), Parting> {
    let kit = &guest.worker.kit;
    let incoming = in_time(guest, client.receive(kit, MAX_LOGIN_BYTES)).await?;
    // Every packet of the login has a name.
    let packet = incoming.seen.packet.ok_or(Fault::Unexpected(Packet::LoginStart))?;
    Ok((packet, incoming.fields))
}

/// As long as a client may take for one step of its login.
async fn in_time<T>(guest: &Guest, step: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let limit: Duration = guest.settings.config.handshake_timeout;
    timeout(limit, step).await.unwrap_or(Err(Fault::Timeout))
}
