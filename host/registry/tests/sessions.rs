//! What is known of a session, and what it costs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
};

use portcullis_registry::{
    AttributeError, Filter, Handshake, Identity, Intent, Order, Phase, Phases, Profile, Registry, Session, SessionId,
    Text,
};
use uuid::Uuid;

fn session(id: SessionId) -> Session {
    let peer: SocketAddr = "192.0.2.7:51234".parse().unwrap();
    Session::new(id, peer, "0.0.0.0:25565".into())
}

fn uuid_of(name: &str) -> Uuid {
    Uuid::from_u128(name.bytes().map(u128::from).sum())
}

fn identity(name: &str, verified: bool) -> Identity {
    let profile = Profile {
        uuid: uuid_of(name),
        name: name.into(),
        properties: Vec::new(),
    };
    Identity {
        profile: Arc::new(profile),
        verified,
    }
}

fn handshake(host: &str) -> Handshake {
    Handshake {
        protocol: 763,
        host: host.into(),
        raw_host: None,
        port: 25565,
        intent: Intent::Login,
        marker: None,
        legacy: false,
    }
}

#[test]
fn a_new_session_knows_where_it_comes_from_and_nothing_else() {
    let session = session(7.into());
    assert_eq!((session.id().to_string(), session.id().get()), ("7".into(), 7));
    assert_eq!(
        (session.peer().to_string().as_str(), &**session.listener()),
        ("192.0.2.7:51234", "0.0.0.0:25565")
    );
    assert!(session.handshake().is_none() && session.host().is_none() && session.claimed_name().is_none());
    assert!(session.server().is_none() && session.rewritten_host().is_none() && session.attribute("k").is_none());
    assert_eq!((session.up_bytes(), session.down_bytes()), (0, 0));
}

#[test]
fn the_host_is_the_one_asked_for_until_it_is_rewritten() {
    let session = session(1.into());
    session.set_handshake(Handshake {
        raw_host: Some("Play.Example.com.".into()),
        ..handshake("play.example.com")
    });
    assert_eq!(session.host().as_deref(), Some("play.example.com"));
    session.rewrite_host("lobby.internal".into());
    session.rewrite_host("pvp.internal".into());
    assert_eq!(session.host().as_deref(), Some("pvp.internal"));
    assert_eq!(session.rewritten_host().as_deref(), Some("pvp.internal"));
    let handshake = session.handshake().unwrap();
    assert_eq!(
        (&*handshake.host, handshake.raw_host()),
        ("play.example.com", "Play.Example.com.")
    );
}

#[test]
fn what_a_client_said_once_is_not_said_again() {
    let session = session(1.into());
    session.set_handshake(handshake("first"));
    session.set_handshake(handshake("second"));
    session.set_claimed_name("Notch");
    session.set_claimed_name("Herobrine");
    assert_eq!(
        (session.host().as_deref(), session.claimed_name()),
        (Some("first"), Some("Notch"))
    );
    assert_eq!(session.handshake().unwrap().raw_host(), "first");
}

#[test]
fn attributes_are_set_all_or_none() {
    let session = session(1.into());
    let set = |key: &str, value: &str| (key.to_owned(), Some(value.to_owned()));
    session
        .set_attributes(&[set("team", "red"), set("queue", "7")])
        .unwrap();
    let bad = [set("team", "blue"), set("", "x")];
    assert_eq!(session.set_attributes(&bad), Err(AttributeError::TooLong));
    assert_eq!(session.attribute("team").as_deref(), Some("red"));
    session.set_attributes(&[("team".into(), None)]).unwrap();
    assert_eq!(
        (session.attribute("team"), session.attribute("queue").as_deref()),
        (None, Some("7"))
    );
}

#[test]
fn the_peer_is_the_socket_s_until_it_is_rewritten() {
    let session = session(1.into());
    let real: SocketAddr = "198.51.100.3:1".parse().unwrap();
    session.rewrite_peer(real);
    assert_eq!(session.peer(), real);
}

#[test]
fn an_identity_can_be_replaced() {
    let session = session(1.into());
    assert_eq!(session.identity(), None);
    for (name, verified) in [("Alex", false), ("Steve", true)] {
        let identity = identity(name, verified);
        session.set_identity(identity.clone());
        assert_eq!(session.identity(), Some(identity));
    }
}

#[test]
fn a_session_is_framed_from_when_its_packets_are_followed() {
    let session = session(1.into());
    assert!(!session.is_framed());
    let phases = Phases {
        clientbound: Phase::Configuration,
        serverbound: Phase::Play,
    };
    session.set_framed(phases);
    assert!(session.is_framed());
    assert_eq!(session.phases(), Some(phases));
}

#[test]
fn an_order_wakes_who_listens() {
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let session = session(1.into());
    let order = Order::Say(Arc::new(Text::Plain("hello".into())));
    assert!(!session.order(order.clone()), "nobody listens");
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    assert_eq!(session.poll_order(&mut context), Poll::Pending);
    assert!(session.order(order.clone()));
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
    assert_eq!(session.poll_order(&mut context), Poll::Ready(order.clone()));
    assert_eq!(session.poll_order(&mut context), Poll::Pending);
    session.end_orders();
    assert!(!session.order(order), "nobody listens any more");
}

#[test]
fn bytes_are_counted_each_way() {
    let session = session(1.into());
    session.add_up(10);
    session.add_up(5);
    session.add_down(1 << 40);
    assert_eq!((session.up_bytes(), session.down_bytes()), (15, 1 << 40));
}

#[test]
fn ids_start_at_one_and_are_never_given_twice() {
    let sessions = &Registry::new().sessions;
    assert_eq!(sessions.next_id().get(), 1);
    let ids: Vec<SessionId> = thread::scope(|scope| {
        let take = || (0..1_000).map(|_| sessions.next_id()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 4_000);
}

#[test]
fn the_table_has_what_was_inserted_until_it_is_removed() {
    let sessions = &Registry::new().sessions;
    assert!(sessions.is_empty());
    for _ in 0..3 {
        sessions.insert(Arc::new(session(sessions.next_id())));
    }
    let ids = || {
        sessions
            .list()
            .iter()
            .map(|session| session.id().get())
            .collect::<Vec<_>>()
    };
    assert_eq!((sessions.len(), ids()), (3, vec![1, 2, 3]));
    assert_eq!(sessions.get(2.into()).unwrap().id().get(), 2);
    assert!(sessions.remove(2.into()).is_some() && sessions.remove(2.into()).is_none());
    assert!(sessions.get(2.into()).is_none());
    assert_eq!((sessions.len(), ids()), (2, vec![1, 3]));
}

#[test]
fn of_logins_at_a_time_all_but_one_see_another() {
    let sessions = &Registry::new().sessions;
    let uuid = Uuid::from_u128(7);
    let claims: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (1..=4)
            .map(|id| scope.spawn(move || sessions.claim(uuid, &Arc::new(session(id.into())))))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut seen: Vec<usize> = claims.iter().map(|(_, others)| others.len()).collect();
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2, 3]);
    drop(claims);
    assert!(sessions.claim(uuid, &Arc::new(session(5.into()))).1.is_empty());
}

#[test]
fn a_session_s_second_claim_outlives_the_first() {
    let sessions = &Registry::new().sessions;
    let uuid = Uuid::from_u128(7);
    let [twice, other] = [1, 2].map(|id| Arc::new(session(id.into())));
    let ids = |sessions: &[Arc<Session>]| sessions.iter().map(|session| session.id()).collect::<Vec<_>>();
    let (first, _) = sessions.claim(uuid, &twice);
    let (_second, others) = sessions.claim(uuid, &twice);
    assert_eq!(ids(&others), [1.into()]);
    drop(first);
    assert_eq!(ids(&sessions.claim(uuid, &other).1), [1.into()]);
}

#[test]
fn sessions_are_found_by_all_that_is_said() {
    let sessions = &Registry::new().sessions;
    let mut claims = Vec::new();
    for (name, server) in [("Alex", "lobby"), ("Steve", "lobby"), ("Notch", "stage")] {
        let session = session(sessions.next_id());
        session.set_claimed_name("Herobrine");
        session.set_identity(identity(name, true));
        session.set_server(&server.parse().unwrap());
        let session = Arc::new(session);
        claims.push(sessions.claim(uuid_of(name), &session));
        sessions.insert(session);
    }
    sessions.insert(Arc::new(session(sessions.next_id())));
    let check = |filter: Filter, expect: &[u64]| {
        let found = sessions.find(&filter, None, 10);
        assert_eq!(
            found.iter().map(|session| session.id().get()).collect::<Vec<_>>(),
            expect
        );
        assert_eq!(sessions.count(&filter), expect.len());
    };
    let named = |name: &str| Filter {
        name: Some(name.into()),
        ..Filter::default()
    };
    let on = |server: &str| Filter {
        server: Some(server.into()),
        ..Filter::default()
    };
    check(Filter::default(), &[1, 2, 3, 4]);
    check(on("lobby"), &[1, 2]);
    check(on("nowhere"), &[]);
    check(named("aLEX"), &[1]);
    check(named("Herobrine"), &[]);
    check(
        Filter {
            uuid: Some(uuid_of("Notch")),
            ..Filter::default()
        },
        &[3],
    );
    check(
        Filter {
            uuid: Some(uuid_of("Notch")),
            ..on("lobby")
        },
        &[],
    );
    check(
        Filter {
            session: Some(2.into()),
            ..named("Steve")
        },
        &[2],
    );
    check(
        Filter {
            session: Some(2.into()),
            ..named("Alex")
        },
        &[],
    );
}

#[test]
fn a_long_list_comes_page_by_page() {
    let sessions = &Registry::new().sessions;
    for _ in 0..25 {
        sessions.insert(Arc::new(session(sessions.next_id())));
    }
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = sessions.find(&Filter::default(), after, 10);
        let Some(last) = page.last() else { break };
        after = Some(last.id());
        pages.push(page.iter().map(|session| session.id().get()).collect::<Vec<_>>());
    }
    let expect: Vec<Vec<u64>> = vec![(1..=10).collect(), (11..=20).collect(), (21..=25).collect()];
    assert_eq!(pages, expect);
}

#[test]
fn an_ordinary_login_costs_at_most_512_bytes() {
    /// What an allocator adds and rounds up per block.
    const BLOCK: usize = 16;
    /// Strong and weak count in front of shared contents.
    const COUNTS: usize = 2 * size_of::<usize>();

    let (host, raw_host, name) = (
        "play.some-network.example.com",
        "Play.Some-Network.Example.com.",
        "SixteenLettersXY",
    );
    let session = session(1.into());
    session.set_handshake(Handshake {
        raw_host: Some(raw_host.into()),
        ..handshake(host)
    });
    session.set_claimed_name(name);
    session.rewrite_host("lobby.internal".into());

    let shared = |len: usize| COUNTS + len + BLOCK;
    let blocks = [
        shared(size_of_val(&session)),
        shared(host.len()),
        shared("lobby.internal".len()),
        raw_host.len() + BLOCK,
        name.len() + BLOCK,
    ];
    // The table's slot, at its emptiest after doubling: twice key, pointer and control byte.
    let slot = 2 * (size_of::<SessionId>() + size_of::<Arc<Session>>() + 1);
    let total = blocks.iter().sum::<usize>() + slot;
    assert!(
        total <= 512,
        "{total} bytes, of which {} in the session itself",
        size_of_val(&session)
    );
}
