//! Servers and sessions in, host fields out.

use portcullis_sdk::Marker;
use portcullis_sdk::testing::Host;

use super::*;

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

#[test]
fn address_uuid_and_properties_stand_behind_the_host() {
    let mut plugin = Host::new().start::<BungeeForwarding>("");
    let mut check = |session: Session, expect: &str| {
        assert_eq!(plugin.introduce(&session, &server(None)), ForwardVerdict::host(expect));
    };
    let asking = || Session::build().host("a.example").peer("192.0.2.7:4000");
    check(
        asking().unverified(ada()).at_login(),
        "a.example\x00192.0.2.7\x00069579f140e54b5c86b4cc372f1a5dfb\0[]",
    );
    let skin = Property {
        name: "textures".into(),
        value: "e30=".into(),
        signature: Some("c2ln".into()),
    };
    let dressed = Profile {
        properties: vec![skin],
        ..ada()
    };
    check(
        asking().marker(Marker::Fml2).verified(dressed).at_login(),
        "a.example\x00192.0.2.7\x00069579f140e54b5c86b4cc372f1a5dfb\0[\
         {\"name\":\"textures\",\"value\":\"e30=\",\"signature\":\"c2ln\"},\
         {\"name\":\"extraData\",\"value\":\"\\u0001FML2\\u0001\",\"signature\":\"\"}]",
    );
}

#[test]
fn servers_that_are_told_in_another_way_are_left_alone() {
    let mut plugin = Host::new().start::<BungeeForwarding>("");
    let mut check = |forwarding: Option<&str>, acts: bool| {
        let session = Session::build().verified(ada()).at_login();
        let verdict = plugin.introduce(&session, &server(forwarding));
        assert_eq!(verdict != ForwardVerdict::Next, acts, "{forwarding:?}");
    };
    check(None, true);
    check(Some("legacy"), true);
    check(Some("bungeeguard"), false);
    check(Some("velocity"), false);
    check(Some("none"), false);
}

#[test]
fn whoever_would_come_in_unnamed_is_turned_away_and_the_log_says_why_once() {
    let host = Host::new();
    let mut plugin = host.start::<BungeeForwarding>("");
    for _ in 0..3 {
        let session = Session::build().at_route();
        assert_eq!(
            plugin.introduce(&session, &server(None)),
            ForwardVerdict::deny(DENIED_TEXT)
        );
    }
    assert_eq!((host.logs().len(), host.metric("denied_total")), (1, 3.0));
}
