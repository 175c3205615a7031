//! Servers and sessions in, host fields out; read as a server reads them.

use portcullis_sdk::forwarding::{ForwardingError, guard, legacy};
use portcullis_sdk::testing::{Host, Running};

use super::*;

const CONFIG: &str = "tokens = ['new', 'old']";
const DENIED_TEXT: &str = "<red>This server cannot be joined right now.";

fn ada() -> Profile {
    Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada")
}

fn server(forwarding: Option<&str>) -> Destination {
    Destination {
        forwarding: forwarding.map(str::to_owned),
        ..Destination::new("lobby")
    }
}

/// What a server that accepts this token finds in the host field.
fn taken(plugin: &mut Running<Bungeeguard>, profile: Profile, accepted: &str) -> Result<usize, ForwardingError> {
    let session = Session::build().verified(profile).at_login();
    let ForwardVerdict::Introduce(introduction) = plugin.introduce(&session, &server(None)) else {
        panic!("the server is told nothing");
    };
    let field = introduction.host.unwrap();
    let mut properties = legacy::properties(field.split('\0').nth(3).unwrap())?;
    guard::take(&mut properties, &[Token::new(accepted).unwrap()])?;
    Ok(properties.len())
}

#[test]
fn the_first_token_is_sent_and_no_other() {
    let mut plugin = Host::new().start::<Bungeeguard>(CONFIG);
    assert_eq!(taken(&mut plugin, ada(), "new"), Ok(0));
    assert_eq!(taken(&mut plugin, ada(), "old"), Err(ForwardingError::WrongToken));
}

#[test]
fn a_token_in_a_profile_is_left_out() {
    let mut plugin = Host::new().start::<Bungeeguard>(CONFIG);
    let property = |name: &str| Property {
        name: name.into(),
        value: "x".into(),
        signature: None,
    };
    let profile = Profile {
        properties: vec![property("textures"), property("bungeeguard-token")],
        ..ada()
    };
    assert_eq!(taken(&mut plugin, profile, "new"), Ok(1));
}

#[test]
fn servers_that_are_told_in_another_way_are_left_alone() {
    let mut plugin = Host::new().start::<Bungeeguard>(CONFIG);
    let mut check = |forwarding: Option<&str>, acts: bool| {
        let session = Session::build().verified(ada()).at_login();
        let verdict = plugin.introduce(&session, &server(forwarding));
        assert_eq!(verdict != ForwardVerdict::Next, acts, "{forwarding:?}");
    };
    check(None, true);
    check(Some("bungeeguard"), true);
    check(Some("legacy"), false);
    check(Some("none"), false);
}

#[test]
fn whoever_would_come_in_unnamed_is_turned_away_and_the_log_says_why_once() {
    let host = Host::new();
    let mut plugin = host.start::<Bungeeguard>(CONFIG);
    for _ in 0..3 {
        let session = Session::build().at_route();
        assert_eq!(
            plugin.introduce(&session, &server(None)),
            ForwardVerdict::deny(DENIED_TEXT)
        );
    }
    assert_eq!((host.logs().len(), host.metric("denied_total")), (1, 3.0));
}

#[test]
fn tokens_are_needed_and_shown_nowhere() {
    let host = Host::new();
    let check = |config: &str, expect: &str| {
        let problems = host.try_start::<Bungeeguard>(config).map(|_| ()).unwrap_err();
        assert_eq!(problems.to_string(), expect, "{config}");
    };
    check("", "tokens: is missing; it must be a list");
    check("tokens = []", "tokens: has 0 elements; 1 to 64 are allowed");
    check("tokens = ['']", "tokens[0]: is empty");
    check("tokens = [' ']", "tokens[0]: has nothing but blanks");
    let plugin = host.start::<Bungeeguard>("tokens = ['swordfish']");
    let shown = format!("{:?}", plugin.settings);
    assert!(!shown.contains("swordfish"), "{shown}");
    assert!(portcullis_sdk::config::schema::<Settings>().contains("\"writeOnly\":true"));
}
