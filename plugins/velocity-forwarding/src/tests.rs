//! Servers and sessions in, answers out; read as a server reads them.

use portcullis_sdk::ChatKey;
use portcullis_sdk::forwarding::modern::PlayerInfo;
use portcullis_sdk::testing::{Host, Running};

use super::*;

const CONFIG: &str = "secret = 'hunter2'";
const DENIED: &str = "<red>This server cannot be joined right now.";

fn ada() -> Profile {
    let skin = Property {
        name: "textures".into(),
        value: "e30=".into(),
        signature: Some("c2ln".into()),
    };
    Profile {
        properties: vec![skin],
        ..Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada")
    }
}

fn session(protocol: i32) -> Session {
    let builder = Session::build().peer("192.0.2.7:4000").protocol(protocol);
    builder.verified(ada()).at_login()
}

fn server(forwarding: Option<&str>) -> Destination {
    Destination {
        forwarding: forwarding.map(str::to_owned),
        ..Destination::new("lobby")
    }
}

fn ask(plugin: &mut Running<VelocityForwarding>, session: &Session, newest: &[u8]) -> Vec<u8> {
    let question = Question {
        channel: VELOCITY_CHANNEL.into(),
        data: newest.into(),
    };
    match plugin.question(session, &server(None), &question) {
        QuestionVerdict::Data(data) => data,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_answer_is_what_a_server_with_the_same_secret_takes() {
    let mut plugin = Host::new().start::<VelocityForwarding>(CONFIG);
    let answer = ask(&mut plugin, &session(765), &[4]);
    let read = PlayerInfo::verify(&answer, &Key::new("hunter2").unwrap()).unwrap();
    assert_eq!(
        (read.address.to_string().as_str(), read.profile.name.as_str()),
        ("192.0.2.7", "Ada")
    );
    assert_eq!(read.profile.uuid.to_string(), ada().uuid);
    assert_eq!(read.profile.properties[0].signature.as_deref(), Some("c2ln"));
    assert!(PlayerInfo::verify(&answer, &Key::new("hunter3").unwrap()).is_err());
}

#[test]
fn the_version_is_the_newest_that_both_sides_know_and_need() {
    let mut plugin = Host::new().start::<VelocityForwarding>(CONFIG);
    // 32 bytes of signature come first.
    let mut check = |protocol: i32, newest: &[u8], expect: u8| {
        assert_eq!(
            ask(&mut plugin, &session(protocol), newest)[32],
            expect,
            "{protocol} {newest:?}"
        );
    };
    check(393, &[], 1);
    check(765, &[], 1);
    check(765, &[1], 1);
    check(765, &[4], 4);
    check(759, &[4], 1);
}

#[test]
fn chat_keys_are_passed_on_where_the_server_knows_them() {
    let mut plugin = Host::new().start::<VelocityForwarding>(CONFIG);
    let uuid = ada().uuid;
    let mut check = |protocol: i32, newest: u8, holder: Option<&str>, version: u8| {
        let key = ChatKey {
            expires_ms: 5,
            key: vec![1, 2, 3],
            signature: vec![4, 5],
            holder: holder.map(str::to_owned),
        };
        let builder = Session::build().protocol(protocol).chat_key(key);
        let answer = ask(&mut plugin, &builder.verified(ada()).at_login(), &[newest]);
        assert_eq!(answer[32], version, "{protocol} {newest}");
        let read = PlayerInfo::verify(&answer, &Key::new("hunter2").unwrap()).unwrap();
        assert_eq!(
            read.key.map(|key| (key.expires, key.key, key.signature)),
            (version != 1).then_some((5, &[1, 2, 3][..], &[4, 5][..]))
        );
        assert_eq!(
            read.key_holder.map(|holder| holder.to_string()).as_deref(),
            (version == 3).then_some(uuid.as_str())
        );
    };
    check(759, 4, None, 2);
    check(759, 1, None, 1);
    check(760, 3, Some(uuid.as_str()), 3);
    check(760, 2, Some(uuid.as_str()), 1);
}

#[test]
fn servers_that_are_told_in_another_way_are_left_alone() {
    let mut plugin = Host::new().start::<VelocityForwarding>(CONFIG);
    let mut check = |forwarding: Option<&str>, acts: bool| {
        let (server, spliced) = (server(forwarding), Session::build().at_route());
        assert_eq!(plugin.introduce(&session(765), &server), ForwardVerdict::Next);
        let denied = plugin.introduce(&spliced, &server) == ForwardVerdict::deny(DENIED);
        assert_eq!(denied, acts, "{forwarding:?}");
        let denied = plugin.accepted(&session(765), &server, &[]) == AcceptedVerdict::deny(DENIED);
        assert_eq!(denied, acts, "{forwarding:?}");
        let question = Question {
            channel: VELOCITY_CHANNEL.into(),
            data: Vec::new(),
        };
        let answers = plugin.question(&session(765), &server, &question) != QuestionVerdict::Next;
        assert_eq!(answers, acts, "{forwarding:?}");
    };
    check(None, true);
    check(Some("velocity"), true);
    check(Some("legacy"), false);
    check(Some("none"), false);
}

#[test]
fn questions_of_others_are_left_to_others() {
    let mut plugin = Host::new().start::<VelocityForwarding>(CONFIG);
    let question = Question {
        channel: "fml:loginwrapper".into(),
        data: Vec::new(),
    };
    assert_eq!(
        plugin.question(&session(765), &server(None), &question),
        QuestionVerdict::Next
    );
}

#[test]
fn whoever_would_come_in_unnamed_is_turned_away_and_the_log_says_why_once() {
    let host = Host::new();
    let mut plugin = host.start::<VelocityForwarding>(CONFIG);
    for _ in 0..3 {
        let spliced = Session::build().at_route();
        assert_eq!(plugin.introduce(&spliced, &server(None)), ForwardVerdict::deny(DENIED));
        assert_eq!(
            plugin.introduce(&session(340), &server(None)),
            ForwardVerdict::deny(DENIED)
        );
        assert_eq!(
            plugin.accepted(&session(765), &server(None), &["other"]),
            AcceptedVerdict::deny(DENIED)
        );
    }
    let asked = &[VELOCITY_CHANNEL, "other"];
    assert_eq!(
        plugin.accepted(&session(765), &server(None), asked),
        AcceptedVerdict::Next
    );
    assert_eq!(host.logs().len(), 3);
    assert_eq!(host.metric("denied_total"), 9.0);
    assert_eq!(
        host.metric_with("denied_total", [("server", "lobby"), ("trouble", "did-not-ask")]),
        3.0
    );
}

#[test]
fn the_secret_is_needed_and_shown_nowhere() {
    let host = Host::new();
    let check = |config: &str, expect: &str| {
        let problems = host.try_start::<VelocityForwarding>(config).map(|_| ()).unwrap_err();
        assert_eq!(problems.to_string(), expect, "{config}");
    };
    check("", "secret: is missing; it must be a text");
    check("secret = ' '", "secret: has nothing but blanks");
    check("secret = 1", "secret: must be a text, and is a whole number");
    let plugin = host.start::<VelocityForwarding>(CONFIG);
    let shown = format!("{:?} {:?}", plugin.settings, plugin.key);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(portcullis_sdk::config::schema::<Settings>().contains("\"writeOnly\":true"));
}
