//! Packets that plugins send: with what they were called for, where the call succeeds.

use portcullis_protocol::packets::Direction;
use portcullis_registry::{Phase, Phases};
use portcullis_runtime::{End, Own, Tally};

use crate::support::Host;
use crate::support::players::{player, unframed};
use crate::support::questions::chain;

const SEND: &str = "send = [
    { direction = 'clientbound', name = 'keep-alive', fields = [1] },
    { direction = 'serverbound', name = 'plugin-message', fields = [2] },
    { direction = 'clientbound', id = 9, fields = [] },
    { direction = 'clientbound', name = 'command', fields = [] },
    { direction = 'clientbound', name = 'nonsense', fields = [] },
    { direction = 'serverbound', id = 256, fields = [] },
]";

fn start(config: &str) -> Host {
    let toml = |name: &str, config: &str| {
        format!(
            "[plugins.{name}]\nfile = 'scripted.wasm'\nlimits = {{ hot-call-ms = 1000 }}\ngrants = ['packets']\n[plugins.{name}.config]\n{config}\n"
        )
    };
    let second = "send = [{ direction = 'clientbound', id = 1, fields = [] }]";
    Host::start(
        1,
        &(toml("p", config) + &toml("second", second) + "[chains]\nmain = ['p']\ntwo = ['second', 'p']"),
    )
}

fn own(direction: Direction, id: i32, fields: &[u8]) -> Own {
    Own {
        direction,
        id,
        fields: fields.to_vec(),
    }
}

#[test]
fn packets_go_out_by_name_and_by_number_in_the_session_s_version() {
    let host = start(SEND);
    for (release, keep_alive, message) in [("1.20.4", 0x24, 0x10), ("1.12.2", 0x1f, 0x09)] {
        let session = player(&host.registry, "Alex", release);
        let sent = host.on_worker(0, move |plugins| {
            plugins.command(&chain("main"), &session, "spawn", false);
            (plugins.take_own(), plugins.take_own())
        });
        let expect = vec![
            own(Direction::Clientbound, keep_alive, &[1]),
            own(Direction::Serverbound, message, &[2]),
            own(Direction::Clientbound, 9, &[]),
        ];
        assert_eq!(sent, (expect, Vec::new()), "each is given once");
    }
    let answers = [
        "Ok(())",
        "Ok(())",
        "Ok(())",
        "Err(Error::NoSuchPacket)",
        "Err(Error::NoSuchPacket)",
        "Err(Error::NoSuchPacket)",
    ];
    assert_eq!(host.noted("p", "send"), [answers, answers].concat());
}

#[test]
fn a_packet_s_id_is_that_of_the_phase_that_its_direction_is_in() {
    let host = start(SEND);
    let session = player(&host.registry, "Alex", "1.20.4");
    session.set_framed(Phases {
        clientbound: Phase::Configuration,
        serverbound: Phase::Play,
    });
    let sent = host.on_worker(0, move |plugins| {
        plugins.connected(&chain("main"), &session, "lobby-1");
        plugins.take_own()
    });
    assert_eq!(
        sent[..2],
        [
            own(Direction::Clientbound, 3, &[1]),
            own(Direction::Serverbound, 0x10, &[2])
        ]
    );
}

#[test]
fn packets_of_all_links_go_out_in_the_order_in_which_they_were_asked() {
    let host = start("send = [{ direction = 'clientbound', id = 2, fields = [] }]");
    let session = player(&host.registry, "Alex", "1.20.4");
    let (there, back) = host.on_worker(0, move |plugins| {
        plugins.command(&chain("two"), &session, "spawn", false);
        let there = plugins.take_own();
        plugins.transfer(&chain("two"), &session, "a.example", 1);
        (there, plugins.take_own())
    });
    let ids = |sent: Vec<Own>| sent.iter().map(|own| own.id).collect::<Vec<_>>();
    assert_eq!((ids(there), ids(back)), (vec![1, 2], vec![2, 1]));
}

#[test]
fn a_call_that_fails_sends_nothing_and_the_other_links_do() {
    let host = start("trap = true\nsend = [{ direction = 'clientbound', id = 2, fields = [] }]");
    let session = player(&host.registry, "Alex", "1.20.4");
    let sent = host.on_worker(0, move |plugins| {
        plugins.command(&chain("two"), &session, "spawn", false);
        plugins.take_own()
    });
    assert_eq!(sent, [own(Direction::Clientbound, 1, &[])]);
    assert_eq!(host.traps("p", "trap"), 1.0);
}

#[test]
fn what_nobody_has_taken_is_not_sent_with_the_next_call() {
    let host = start("send = [{ direction = 'clientbound', id = 2, fields = [] }]");
    let session = player(&host.registry, "Alex", "1.20.4");
    let sent = host.on_worker(0, move |plugins| {
        plugins.command(&chain("main"), &session, "spawn", false);
        plugins.joined(&chain("main"), &session, "lobby-1");
        plugins.left(&chain("main"), &session, "lobby-1", &End::ClientLeft, Tally::default());
        plugins.take_own()
    });
    assert_eq!(sent, []);
}

#[test]
fn only_players_whose_packets_are_followed_and_who_are_in_can_be_sent_any() {
    let host = start(SEND);
    let unframed = unframed(&host.registry, "Alex", "1.20.4");
    let logging_in = player(&host.registry, "Steve", "1.20.4");
    logging_in.set_framed(Phases {
        clientbound: Phase::Login,
        serverbound: Phase::Login,
    });
    for session in [unframed, logging_in] {
        let sent = host.on_worker(0, move |plugins| {
            plugins.command(&chain("main"), &session, "spawn", false);
            plugins.take_own()
        });
        assert_eq!(sent, []);
    }
    assert_eq!(host.noted("p", "send"), vec!["Err(Error::Unavailable)"; 12]);
}

#[test]
fn no_more_is_sent_in_a_call_than_the_contract_allows() {
    let host = start("flood = true");
    let session = player(&host.registry, "Alex", "1.20.4");
    let sent = host.on_worker(0, move |plugins| {
        plugins.command(&chain("main"), &session, "spawn", false);
        plugins.take_own().len()
    });
    // 64 packets of 32 KiB are 2 MiB.
    assert_eq!(sent, 64);
    assert_eq!(host.noted("p", "flood"), ["Some((64, Error::TooMany))"]);
}
