//! Plugins that look into the protocol, as the mock host runs them: logins, forwarding, packets, orders, the web.

use portcullis_sdk::control::{self, ControlError};
use portcullis_sdk::http::{self, HttpError};
use portcullis_sdk::packets::Numbered;
use portcullis_sdk::prelude::*;
use portcullis_sdk::testing::{Host, Order, Ordered};

/// Does in every hook what the claimed name says.
#[derive(Plugin)]
#[plugin(stage = "login")]
struct Obedient {
    asked: u32,
}

const ADA: &str = "069579f1-40e5-4b5c-86b4-cc372f1a5dfb";
const PAGE: &str = "https://example.com/";

#[hooks]
impl Login for Obedient {
    fn claim(&mut self, _session: &Session, claim: &Claim) -> Result<ClaimVerdict> {
        self.asked += 1;
        Ok(match claim.uuid {
            Some(_) => ClaimVerdict::deny(http::get(PAGE)?.text().into_owned()),
            None => ClaimVerdict::deny(self.asked.to_string()),
        })
    }

    fn authenticate(&mut self, _session: &Session, proof: &Proof) -> ProofVerdict {
        ProofVerdict::Profile(Profile::new(proof.server_hash.clone(), proof.name.clone()))
    }

    fn profile(&mut self, _session: &Session, profile: &Profile) -> ProfileVerdict {
        ProfileVerdict::Replace(Profile::new(profile.uuid.clone(), "Eve"))
    }

    fn joined_before(&mut self, _session: &Session, _profile: &Profile, _others: &[SessionId]) -> ConflictVerdict {
        ConflictVerdict::kick_old("elsewhere")
    }
}

#[hooks]
impl Route for Obedient {
    fn route(&mut self, session: &Session) -> Result<RouteVerdict> {
        self.asked += 1;
        control::player(session.id()).send_text("Hello")?;
        http::get(PAGE)?;
        Ok(RouteVerdict::Next)
    }
}

#[hooks]
impl Packets for Obedient {
    fn subscriptions(&self) -> Subscriptions {
        let swing = [Numbered {
            id: 0x3f,
            since: 775,
            until: 776,
        }];
        let serverbound = Direction::Serverbound;
        Subscriptions::new()
            .named(serverbound, PacketState::Play, "chat", Payload::Head(2))
            .named(serverbound, PacketState::Play, "tab-complete", Payload::None)
            .numbered(serverbound, PacketState::Play, swing, Payload::Whole)
    }

    fn packet(&mut self, session: &Session, packet: &RawPacket) -> Result<PacketVerdict> {
        if packet.name() == Some("chat") {
            packets::send_named(Direction::Clientbound, "keep-alive", packet.payload())?;
        }
        if session.claimed_name() == Some("Fails") {
            return Err(Error::new("told to fail"));
        }
        Ok(PacketVerdict::Replace(packet.payload().to_vec()))
    }
}

#[test]
fn hooks_that_may_wait_share_no_field_with_the_others() {
    let host = Host::new();
    host.http(PAGE, 200, "");
    let mut plugin = host.start::<Obedient>("");
    let session = Session::build().at_login();
    plugin.asked = 7;
    assert_eq!(plugin.claim(&session), ClaimVerdict::deny("1"));
    assert_eq!(plugin.claim(&session), ClaimVerdict::deny("2"));
    assert_eq!(plugin.asked, 7);
}

#[test]
fn only_hooks_that_may_wait_reach_the_web() {
    let host = Host::new();
    host.http(PAGE, 200, "hello");
    let mut plugin = host.start::<Obedient>("");
    let session = Session::build().claimed_uuid(ADA).at_login();
    assert_eq!(plugin.claim(&session), ClaimVerdict::deny("hello"));
    let error = plugin.try_route(&session).unwrap_err();
    assert_eq!(error.to_string(), HttpError::WouldWait.to_string());
    assert_eq!(host.http_requests(), [format!("GET {PAGE}")]);
}

#[test]
fn what_nobody_scripted_is_not_reached() {
    Host::new();
    let error = http::get("https://example.com/other").unwrap_err();
    assert!(matches!(error, HttpError::Unreachable(_)), "{error}");
}

#[test]
fn a_replaced_profile_is_what_later_hooks_see() {
    let mut plugin = Host::new().start::<Obedient>("");
    let session = Session::build().verified(Profile::new(ADA, "Ada")).at_login();
    assert_eq!(
        plugin.profile(&session),
        ProfileVerdict::Replace(Profile::new(ADA, "Eve"))
    );
    assert_eq!(
        plugin.joined_before(&session, &[]),
        ConflictVerdict::kick_old("elsewhere")
    );
}

#[test]
fn a_profile_that_is_none_and_a_kick_for_a_claimed_name_are_refused() {
    let mut plugin = Host::new().start::<Obedient>("");
    let session = Session::build().name("Ada").at_login();
    assert!(plugin.try_authenticate(&session, ADA).is_ok());
    for wrong in ["", "069579f140e54b5c86b4cc372f1a5dfb"] {
        let error = plugin.try_authenticate(&session, wrong).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the host would refuse this verdict: {wrong:?} is no UUID with dashes")
        );
    }
    let claimed = Session::build().unverified(Profile::new(ADA, "Ada")).at_login();
    assert!(plugin.try_joined_before(&claimed, &[]).is_err());
}

#[test]
fn a_packet_comes_as_it_was_subscribed_to() {
    let mut plugin = Host::new().start::<Obedient>("");
    let session = Session::build().protocol(775).in_play();
    let mut check = |name: &str, expect: PacketVerdict| {
        assert_eq!(
            plugin.packet(&session, Direction::Serverbound, name, b"fields"),
            expect,
            "{name}"
        );
    };
    check("chat", PacketVerdict::Replace(b"fi".to_vec()));
    check("tab-complete", PacketVerdict::Replace(Vec::new()));
    check("settings", PacketVerdict::Next);
    let mut check = |protocol: i32, number: u32, expect: PacketVerdict| {
        let session = Session::build().protocol(protocol).in_play();
        let verdict = plugin.numbered_packet(&session, Direction::Serverbound, number, b"a");
        assert_eq!(verdict, expect, "{protocol} {number}");
    };
    check(775, 0x3f, PacketVerdict::Replace(b"a".to_vec()));
    check(775, 0x40, PacketVerdict::Next);
    check(774, 0x3f, PacketVerdict::Next);
}

#[test]
fn what_a_failed_call_sent_and_ordered_never_was() {
    let host = Host::new();
    let mut plugin = host.start::<Obedient>("");
    let check = |plugin: &mut portcullis_sdk::testing::Running<Obedient>, name: &str, sent: usize| {
        let session = Session::build().name(name).in_play();
        let _ = plugin.try_packet(&session, Direction::Serverbound, "chat", b"ab");
        assert_eq!(host.sent().len(), sent, "{name}");
    };
    check(&mut plugin, "Ada", 1);
    check(&mut plugin, "Fails", 1);
    assert!(plugin.try_route(&Session::build().in_play()).is_err());
    assert!(host.orders().is_empty());
}

#[test]
fn own_packets_go_only_where_the_host_follows_packets_of_a_version_that_has_them() {
    let host = Host::new();
    let mut plugin = host.start::<Obedient>("");
    let try_with = |plugin: &mut portcullis_sdk::testing::Running<Obedient>, session: Session| {
        plugin
            .try_packet(&session, Direction::Serverbound, "chat", b"ab")
            .is_ok()
    };
    assert!(try_with(&mut plugin, Session::build().in_play()));
    assert!(!try_with(&mut plugin, Session::build().at_route()));
    assert!(!try_with(&mut plugin, Session::build().protocol(1).in_play()));
    assert_eq!(host.sent()[0].fields(), b"ab");
}

#[test]
fn orders_reach_those_who_fit_and_can_be_reached() {
    let host = Host::new();
    host.server("lobby");
    let ada = host.player("Ada").on("lobby").verified(Profile::new(ADA, "Ada")).id();
    let old = host.player("Old").on("lobby").protocol(5).id();
    let away = host.player("Away").spliced().id();

    let all = control::players();
    assert_eq!(all.count(), 3);
    assert_eq!(all.send_text("a"), Ok(2));
    assert_eq!(all.send_action_bar("a"), Ok(1));
    assert_eq!(all.transfer("example.com", 1), Err(ControlError::Nobody));
    assert_eq!(all.disconnect("a"), Ok(3));
    assert_eq!(all.switch(["nowhere"]), Err(ControlError::UnknownTarget));
    assert_eq!(control::players().with_uuid(ADA).switch(["lobby"]), Ok(1));
    assert_eq!(control::players().named("old").on("lobby").count(), 1);

    let to: Vec<_> = host.orders().into_iter().map(|order| order.to).collect();
    assert_eq!(to, [vec![ada, old], vec![ada], vec![ada, old, away], vec![ada]]);
    let last = host.orders().pop().unwrap();
    let lobby = vec![Target::Server("lobby".into())];
    assert_eq!(
        last,
        Order {
            to: vec![ada],
            what: Ordered::Switch(lobby)
        }
    );
}

#[test]
fn a_test_s_own_sessions_are_players_as_long_as_it_holds_them() {
    Host::new();
    let session = Session::build().name("Ada").in_play();
    assert_eq!(control::players().named("Ada").count(), 1);
    drop(session);
    assert_eq!(control::players().count(), 0);
}
