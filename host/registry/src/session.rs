//! One connection from its first byte to its last, and what is known of it.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Instant,
};

use portcullis_config::ServerName;

use crate::{
    attributes::{AttributeError, Attributes},
    handshake::Handshake,
    order::{Order, Orders},
    profile::{ChatKey, Identity, Profile},
    shards::lock,
};

/// The host's own number for a session; never reused while the host runs. Nothing that a client says takes part in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(u64);

impl SessionId {
    pub(crate) fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number itself, as plugins see it.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<u64> for SessionId {
    /// For numbers that came from a [`SessionId`], as on a command line.
    fn from(number: u64) -> Self {
        Self(number)
    }
}

/// The part of a connection's life that decides what a packet's id means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The player is not in yet.
    Login,
    /// Between the login and a world, or between two worlds (1.20.2 and later).
    Configuration,
    /// In a world.
    Play,
}

/// The phase of each direction. They differ while a change waits for its acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Phases {
    /// Of packets to the client.
    pub clientbound: Phase,
    /// Of packets to the server.
    pub serverbound: Phase,
}

/// A connection. Belongs to one worker; others read it for lists, count bytes in it, and order it about.
#[derive(Debug)]
pub struct Session {
    id: SessionId,
    listener: Arc<str>,
    opened: Instant,
    handshake: OnceLock<Handshake>,
    claimed_name: OnceLock<Box<str>>,
    up_bytes: AtomicU64,
    down_bytes: AtomicU64,
    /// What may change more than once. One lock for all of it: it is hardly ever contended, and small.
    changing: Mutex<Changing>,
}

#[derive(Debug)]
struct Changing {
    /// Address and port; smaller than a [`SocketAddr`], whose scope nobody asks for.
    peer: (IpAddr, u16),
    rewritten_host: Option<Arc<str>>,
    server: Option<ServerName>,
    attributes: Attributes,
    orders: Orders,
    /// Profile and `verified` of an [`Identity`], apart from each other because there is room for a flag elsewhere.
    profile: Option<Arc<Profile>>,
    verified: bool,
    phases: Option<Phases>,
    chat_key: Option<Arc<ChatKey>>,
}

impl Session {
    /// A connection from `peer`, accepted now on the listener bound to `listener`.
    pub fn new(id: SessionId, peer: SocketAddr, listener: Arc<str>) -> Self {
        Self {
            id,
            listener,
            opened: Instant::now(),
            handshake: OnceLock::new(),
            claimed_name: OnceLock::new(),
            up_bytes: AtomicU64::new(0),
            down_bytes: AtomicU64::new(0),
            changing: Mutex::new(Changing {
                peer: (peer.ip(), peer.port()),
                rewritten_host: None,
                server: None,
                attributes: Attributes::default(),
                orders: Orders::default(),
                profile: None,
                verified: false,
                phases: None,
                chat_key: None,
            }),
        }
    }

    /// The host's own number for it.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// The client's address that counts: the one it was rewritten to, otherwise that of the socket, or what a trusted proxy's
    /// header says.
    pub fn peer(&self) -> SocketAddr {
        let (ip, port) = lock(&self.changing).peer;
        SocketAddr::new(ip, port)
    }

    /// From now on it is as if the client came from `peer`.
    pub fn rewrite_peer(&self, peer: SocketAddr) {
        lock(&self.changing).peer = (peer.ip(), peer.port());
    }

    /// The listener's `bind` as configured.
    pub fn listener(&self) -> &Arc<str> {
        &self.listener
    }

    /// When it was accepted.
    pub fn opened(&self) -> Instant {
        self.opened
    }

    /// Notes what the client said. Once: a second call changes nothing.
    pub fn set_handshake(&self, handshake: Handshake) {
        let _ = self.handshake.set(handshake);
    }

    /// What the client said; absent until it has.
    pub fn handshake(&self) -> Option<&Handshake> {
        self.handshake.get()
    }

    /// The host that counts: the one it was rewritten to, otherwise the one asked for; absent until there is a handshake.
    pub fn host(&self) -> Option<Arc<str>> {
        self.rewritten_host()
            .or_else(|| self.handshake.get().map(|handshake| Arc::clone(&handshake.host)))
    }

    /// From now on it is as if the client had asked for `host`.
    pub fn rewrite_host(&self, host: Arc<str>) {
        lock(&self.changing).rewritten_host = Some(host);
    }

    /// What the host was rewritten to last; absent: it was not.
    pub fn rewritten_host(&self) -> Option<Arc<str>> {
        lock(&self.changing).rewritten_host.clone()
    }

    /// Notes the name that the client claims, which nobody has verified. Once: a second call changes nothing.
    pub fn set_claimed_name(&self, name: &str) {
        let _ = self.claimed_name.set(name.into());
    }

    /// The name that the client claims; absent until it has.
    pub fn claimed_name(&self) -> Option<&str> {
        self.claimed_name.get().map(|name| &**name)
    }

    /// Notes the key that the player's chat is signed with, in place of what was noted before.
    pub fn set_chat_key(&self, key: ChatKey) {
        lock(&self.changing).chat_key = Some(Arc::new(key));
    }

    /// The key that the player's chat is signed with; absent where the client has said none.
    pub fn chat_key(&self) -> Option<Arc<ChatKey>> {
        lock(&self.changing).chat_key.clone()
    }

    /// Notes who the player is, in place of what was noted before.
    pub fn set_identity(&self, identity: Identity) {
        let mut changing = lock(&self.changing);
        changing.profile = Some(identity.profile);
        changing.verified = identity.verified;
    }

    /// Who the player is; absent until somebody has said so.
    pub fn identity(&self) -> Option<Identity> {
        let changing = lock(&self.changing);
        let profile = Arc::clone(changing.profile.as_ref()?);
        Some(Identity {
            profile,
            verified: changing.verified,
        })
    }

    /// Notes that the host follows the session's packets, which belong to these phases until it is called again.
    pub fn set_framed(&self, phases: Phases) {
        lock(&self.changing).phases = Some(phases);
    }

    /// Whether the host follows the session's packets, so that all orders can be carried out.
    pub fn is_framed(&self) -> bool {
        self.phases().is_some()
    }

    /// What packets belong to now; absent where the host does not follow them.
    pub fn phases(&self) -> Option<Phases> {
        lock(&self.changing).phases
    }

    /// From now on orders are kept for the session's worker, which will ask for them.
    pub fn open_orders(&self) {
        lock(&self.changing).orders.open();
    }

    /// Leaves an order for the session's worker, from any thread. Returns whether it will get there: not where too many wait,
    /// nor where nobody listens.
    pub fn order(&self, order: Order) -> bool {
        let listener = lock(&self.changing).orders.push(order);
        listener.is_some_and(|listener| {
            listener.wake();
            true
        })
    }

    /// The next order, for the session's worker, which listens from the first time it asks on.
    pub fn poll_order(&self, context: &mut Context<'_>) -> Poll<Order> {
        match lock(&self.changing).orders.pop(context.waker()) {
            Some(order) => Poll::Ready(order),
            None => Poll::Pending,
        }
    }

    /// The next order to disconnect, before all that wait in front of it: while nothing else can be done.
    pub fn poll_disconnect(&self, context: &mut Context<'_>) -> Poll<Order> {
        match lock(&self.changing).orders.pop_disconnect(context.waker()) {
            Some(order) => Poll::Ready(order),
            None => Poll::Pending,
        }
    }

    /// Says that nobody listens to orders any more.
    pub fn end_orders(&self) {
        lock(&self.changing).orders.close();
    }

    /// What a plugin noted under `key`.
    pub fn attribute(&self, key: &str) -> Option<String> {
        lock(&self.changing).attributes.get(key).map(str::to_owned)
    }

    /// Sets and (with an absent value) removes notes, all of them in their order, or none.
    pub fn set_attributes(&self, changes: &[(String, Option<String>)]) -> Result<(), AttributeError> {
        lock(&self.changing).attributes.apply(changes)
    }

    /// Notes the server that the client is on.
    pub fn set_server(&self, server: &ServerName) {
        lock(&self.changing).server = Some(server.clone());
    }

    /// Notes that the client is on no server.
    pub fn leave_server(&self) {
        lock(&self.changing).server = None;
    }

    /// The server that the client is on; absent while it is on none.
    pub fn server(&self) -> Option<ServerName> {
        lock(&self.changing).server.clone()
    }

    /// Counts bytes from client to server.
    pub fn add_up(&self, bytes: u64) {
        self.up_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes from server to client.
    pub fn add_down(&self, bytes: u64) {
        self.down_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes from client to server so far.
    pub fn up_bytes(&self) -> u64 {
        self.up_bytes.load(Ordering::Relaxed)
    }

    /// Bytes from server to client so far.
    pub fn down_bytes(&self) -> u64 {
        self.down_bytes.load(Ordering::Relaxed)
    }
}
