//! What is known of a session, and what it costs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, thread};

use portcullis_registry::{AttributeError, Handshake, Intent, Registry, Session, SessionId};

fn session(id: SessionId) -> Session {
    let peer: SocketAddr = "192.0.2.7:51234".parse().unwrap();
    Session::new(id, peer, "0.0.0.0:25565".into())
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
