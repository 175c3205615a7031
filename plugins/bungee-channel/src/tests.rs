//! Requests in, orders out.

use portcullis_sdk::testing::{Host, Order, Ordered, Running};

use super::*;
use crate::data::{Input, Output};

const ADA: &str = "069579f1-40e5-4b5c-86b4-cc372f1a5dfb";

/// Ada, who is asked about, on `arena`; Bob on `lobby`.
fn network() -> (Host, Session) {
    let host = Host::new();
    host.server("arena").sessions(1);
    host.server("lobby").sessions(1).label("address", "192.0.2.1:25566");
    host.server("empty");
    host.player("Bob")
        .on("lobby")
        .peer("[2001:db8::1]:99")
        .verified(Profile::new("11111111-2222-3333-4444-555555555555", "Bob"));
    let session = Session::build()
        .peer("192.0.2.7:4000")
        .verified(Profile::new(ADA, "Ada"))
        .on("arena");
    (host, session.in_play())
}

fn says(plugin: &mut Running<BungeeChannel>, session: &Session, direction: Direction, data: Vec<u8>) -> MessageVerdict {
    let message = Message {
        direction,
        channel: CHANNEL.into(),
        data,
    };
    plugin.message(session, &message)
}

fn request(words: &[&str]) -> Output {
    words.iter().fold(Output::default(), |output, word| output.text(word))
}

/// What the plugin orders when Ada's server asks.
fn ordered(words: &[&str]) -> Vec<Order> {
    ordered_by(request(words).finish())
}

fn ordered_by(data: Vec<u8>) -> Vec<Order> {
    let (host, session) = network();
    let mut plugin = host.start::<BungeeChannel>("");
    assert_eq!(
        says(&mut plugin, &session, Direction::Clientbound, data),
        MessageVerdict::Drop
    );
    host.orders()
}

#[track_caller]
fn answers(words: &[&str], expect: Output) {
    let orders = ordered(words);
    let [
        Order {
            what: Ordered::ToServer(channel, data),
            ..
        },
    ] = orders.as_slice()
    else {
        panic!("{words:?}: {orders:?}");
    };
    assert_eq!((channel.as_str(), data), (CHANNEL, &expect.finish()), "{words:?}");
}

#[test]
fn questions_are_answered_to_the_server_that_asked() {
    answers(&["IP"], request(&["IP", "192.0.2.7"]).int(4000));
    answers(&["IPOther", "bob"], request(&["IPOther", "Bob", "2001:db8::1"]).int(99));
    answers(&["PlayerCount", "ALL"], request(&["PlayerCount", "ALL"]).int(2));
    answers(&["PlayerCount", "arena"], request(&["PlayerCount", "arena"]).int(1));
    answers(&["PlayerCount", "empty"], request(&["PlayerCount", "empty"]).int(0));
    answers(&["PlayerList", "ALL"], request(&["PlayerList", "ALL", "Bob, Ada"]));
    answers(&["PlayerList", "lobby"], request(&["PlayerList", "lobby", "Bob"]));
    answers(&["GetServers"], request(&["GetServers", "arena, lobby, empty"]));
    answers(&["GetServer"], request(&["GetServer", "arena"]));
    answers(
        &["GetPlayerServer", "Bob"],
        request(&["GetPlayerServer", "Bob", "lobby"]),
    );
    answers(&["GetPlayerServer", "Eve"], request(&["GetPlayerServer", "Eve", ""]));
    answers(&["UUID"], request(&["UUID", "069579f140e54b5c86b4cc372f1a5dfb"]));
    answers(
        &["UUIDOther", "Bob"],
        request(&["UUIDOther", "Bob", "11111111222233334444555555555555"]),
    );
    answers(
        &["ServerIP", "lobby"],
        request(&["ServerIP", "lobby", "192.0.2.1"]).short(25_566),
    );
}

#[test]
fn questions_about_nobody_get_no_answer() {
    for words in [
        &["IPOther", "Eve"][..],
        &["PlayerCount", "gone"],
        &["PlayerList", "gone"],
        &["UUIDOther", "Eve"],
        &["ServerIP", "arena"],
        &["ServerIP", "gone"],
    ] {
        assert_eq!(ordered(words), [], "{words:?}");
    }
}

#[test]
fn orders_reach_those_who_are_meant() {
    let check = |words: &[&str], expect: Ordered, count: usize| {
        let orders = ordered(words);
        let [order] = orders.as_slice() else {
            panic!("{words:?}: {orders:?}");
        };
        assert_eq!((&order.what, order.to.len()), (&expect, count), "{words:?}");
    };
    let lobby = || Ordered::Switch(vec![Target::Server("lobby".into())]);
    check(&["Connect", "lobby"], lobby(), 1);
    check(&["ConnectOther", "Bob", "lobby"], lobby(), 1);
    check(&["Message", "Bob", "§chi"], Ordered::Text(Text::plain("§chi")), 1);
    check(&["Message", "ALL", "hi"], Ordered::Text(Text::plain("hi")), 2);
    check(&["MessageRaw", "ALL", "\"hi\""], Ordered::Text(Text::json("\"hi\"")), 2);
    check(
        &["KickPlayer", "Bob", "bye"],
        Ordered::Disconnect(Text::plain("bye")),
        1,
    );
    check(
        &["KickPlayerRaw", "Bob", "\"bye\""],
        Ordered::Disconnect(Text::json("\"bye\"")),
        1,
    );
    for nobody in [
        &["Connect", "gone"][..],
        &["ConnectOther", "Eve", "lobby"],
        &["KickPlayer", "Eve", "bye"],
    ] {
        assert_eq!(ordered(nobody), [], "{nobody:?}");
    }
}

#[test]
fn names_are_those_of_profiles_and_whose_packets_nobody_follows_is_not_listed() {
    let (host, session) = network();
    host.player("carol_").on("lobby").verified(Profile::new(ADA, "Carol"));
    host.player("Dan").on("lobby").spliced();
    let mut plugin = host.start::<BungeeChannel>("");
    let mut check = |words: &[&str], expect: Output| {
        let before = host.orders().len();
        says(&mut plugin, &session, Direction::Clientbound, request(words).finish());
        let told = Ordered::ToServer(CHANNEL.into(), expect.finish());
        assert_eq!(host.orders()[before].what, told, "{words:?}");
    };
    check(
        &["PlayerList", "lobby"],
        request(&["PlayerList", "lobby", "Bob, Carol"]),
    );
    check(
        &["UUIDOther", "carol"],
        request(&["UUIDOther", "Carol", "069579f140e54b5c86b4cc372f1a5dfb"]),
    );
}

/// An answer that is no fault of the plugin's is left out, since five failures would quarantine it.
#[test]
fn lists_that_are_too_long_are_not_told() {
    for (players, name) in [(501, "Player"), (499, &*"x".repeat(70))] {
        let (host, session) = network();
        for nth in 0..players - 2 {
            host.player(&format!("{name}{nth}")).on("lobby");
        }
        let mut plugin = host.start::<BungeeChannel>("");
        let data = request(&["PlayerList", "ALL"]).finish();
        let verdict = says(&mut plugin, &session, Direction::Clientbound, data);
        assert_eq!(
            (verdict, host.orders()),
            (MessageVerdict::Drop, Vec::new()),
            "{players}"
        );
        let logs = host.logs();
        assert!(logs.iter().any(|line| line.to_string().starts_with("WARN")), "{logs:?}");
        let data = request(&["PlayerCount", "ALL"]).finish();
        says(&mut plugin, &session, Direction::Clientbound, data);
        let expect = request(&["PlayerCount", "ALL"]).int(players).finish();
        assert_eq!(host.orders()[0].what, Ordered::ToServer(CHANNEL.into(), expect));
    }
}

#[test]
fn servers_tell_each_other_through_players() {
    let check = |target: &[&str], servers: usize| {
        let data = request(target).text("mine").bytes(&[1, 2, 3]).finish();
        let orders = ordered_by(data);
        assert_eq!(orders.len(), servers, "{target:?}");
        for order in orders {
            let told = Ordered::ToServer(CHANNEL.into(), request(&["mine"]).bytes(&[1, 2, 3]).finish());
            assert_eq!((order.what, order.to.len()), (told, 1), "{target:?}");
        }
    };
    check(&["Forward", "ALL"], 1);
    check(&["Forward", "ONLINE"], 1);
    check(&["Forward", "lobby"], 1);
    check(&["Forward", "empty"], 0);
    check(&["Forward", "gone"], 0);
    check(&["ForwardToPlayer", "Bob"], 1);
    check(&["ForwardToPlayer", "Eve"], 0);
}

#[test]
fn clients_are_not_heard_and_servers_hear_nothing_of_them() {
    let (host, session) = network();
    let mut plugin = host.start::<BungeeChannel>("");
    let forged = request(&["KickPlayer", "Bob", "bye"]).finish();
    assert_eq!(
        says(&mut plugin, &session, Direction::Serverbound, forged),
        MessageVerdict::Drop
    );
    assert_eq!(host.orders(), []);
    assert_eq!(host.metric_with("requests_total", [("request", "forged")]), 1.0);
}

#[test]
fn only_servers_that_are_named_are_heard() {
    let check = |config: &str, heard: bool| {
        let (host, session) = network();
        host.server("arena").group("games");
        let mut plugin = host.start::<BungeeChannel>(config);
        says(
            &mut plugin,
            &session,
            Direction::Clientbound,
            request(&["GetServer"]).finish(),
        );
        assert_eq!(!host.orders().is_empty(), heard, "{config}");
    };
    check("", true);
    check("servers = ['arena']", true);
    check("servers = ['games', 'lobby']", true);
    check("servers = ['lobby']", false);
}

#[test]
fn what_is_no_request_is_dropped() {
    for data in [
        Vec::new(),
        vec![0, 9, b'C'],
        request(&["Nonsense"]).finish(),
        request(&["Connect"]).finish(),
        request(&["Forward", "ALL", "mine"]).finish(),
        vec![0, 2, 0xff, 0xfe],
    ] {
        assert_eq!(ordered_by(data.clone()), [], "{data:?}");
    }
    assert_eq!(Input::new(&[0, 1, b'a', 0]).text().as_deref(), Some("a"));
}
