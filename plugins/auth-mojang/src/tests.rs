//! Answers of session servers in, verdicts out.

use portcullis_sdk::http::HttpError;
use portcullis_sdk::state::StateError;
use portcullis_sdk::testing::{Host, Running};

use super::*;

const MOJANG: &str = "https://sessionserver.mojang.com/session/minecraft/hasJoined";
const OTHER: &str = "https://auth.example.com/hasJoined";
const HASH: &str = "-7c9d5b0044c130109a5d7b5fb5c317c02b4e28c1";
const JOINED: &str = r#"{"id":"069579f140e54b5c86b4cc372f1a5dfb","name":"Ada","properties":[{"name":"textures","value":"e30=","signature":"c2ln"}],"profileActions":[]}"#;
const UNVERIFIED: &str = "<red>Your account could not be verified. Restart the game and try again.";
const OUTAGE: &str = "<red>Accounts cannot be verified right now. Please try again in a minute.";

fn question(server: &str) -> String {
    format!("{server}?username=Ada&serverId={HASH}")
}

fn session(peer: &str) -> Session {
    Session::build().host("a.example").name("Ada").peer(peer).at_login()
}

fn asked(plugin: &mut Running<AuthMojang>) -> ProofVerdict {
    plugin.authenticate(&session("192.0.2.7:4000"), HASH)
}

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

/// The first block of TOML in the manual, from the plugin's configuration on.
fn example() -> String {
    let manual = include_str!("../README.md");
    let block = manual.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    block.split_once(".config]\n").unwrap().1.to_owned()
}

#[test]
fn a_player_whom_the_session_server_knows_is_verified() {
    let host = Host::new();
    host.http(&question(MOJANG), 200, JOINED);
    let mut plugin = host.start::<AuthMojang>("");
    assert_eq!(plugin.claim(&session("192.0.2.7:4000")), ClaimVerdict::ForceOnline);
    assert_eq!(asked(&mut plugin), ProofVerdict::Profile(ada()));
    assert_eq!(host.http_requests(), [format!("GET {}", question(MOJANG))]);
    assert_eq!(host.metric_with("players_total", [("outcome", "verified")]), 1.0);
}

#[test]
fn each_answer_has_its_verdict() {
    let host = Host::new();
    let mut plugin = host.start::<AuthMojang>("");
    let mut check = |status: u16, body: &str, expect: &str| {
        host.http(&question(MOJANG), status, body);
        assert_eq!(asked(&mut plugin), ProofVerdict::deny(expect), "{status} {body}");
    };
    for no in [204, 401, 403] {
        check(no, "", UNVERIFIED);
    }
    for broken in [404, 429, 500, 503, 302] {
        check(broken, "", OUTAGE);
    }
    check(200, "", OUTAGE);
    check(200, "{}", OUTAGE);
    check(200, &JOINED.replace("Ada", "Eve"), OUTAGE);
    check(200, &JOINED.replace("Ada", "Ada Lovelace"), OUTAGE);
    check(200, &JOINED.replace("069579f1", "069579g1"), OUTAGE);
}

#[test]
fn silence_is_an_outage() {
    let host = Host::new();
    let mut plugin = host.start::<AuthMojang>("");
    let denied = HttpError::Denied("grant http:https://sessionserver.mojang.com".into());
    for error in [
        HttpError::Timeout,
        HttpError::Unreachable("reset".into()),
        HttpError::Busy,
        denied,
    ] {
        host.http_fails(&question(MOJANG), error.clone());
        assert_eq!(asked(&mut plugin), ProofVerdict::deny(OUTAGE), "{error}");
    }
}

#[test]
fn session_servers_are_asked_in_order_until_one_knows_the_player() {
    let host = Host::new();
    let mut plugin = host.start::<AuthMojang>(&format!("session-server = ['{MOJANG}', '{OTHER}']"));
    let mut check = |first: u16, second: u16, expect: ProofVerdict| {
        host.http(&question(MOJANG), first, JOINED);
        host.http(&question(OTHER), second, JOINED);
        assert_eq!(asked(&mut plugin), expect, "{first} {second}");
    };
    check(200, 204, ProofVerdict::Profile(ada()));
    check(204, 200, ProofVerdict::Profile(ada()));
    check(500, 200, ProofVerdict::Profile(ada()));
    check(204, 204, ProofVerdict::deny(UNVERIFIED));
    check(500, 204, ProofVerdict::deny(OUTAGE));
    check(204, 500, ProofVerdict::deny(OUTAGE));
}

#[test]
fn the_address_is_sent_where_it_shall_be_compared() {
    let host = Host::new();
    let mut plugin = host.start::<AuthMojang>("send-ip = true");
    plugin.authenticate(&session("[2001:db8::1]:4000"), HASH);
    assert_eq!(
        host.http_requests(),
        [format!("GET {}&ip=2001%3Adb8%3A%3A1", question(MOJANG))]
    );
}

#[test]
fn those_who_were_verified_lately_come_in_from_the_same_address_during_an_outage() {
    let host = Host::new();
    host.http(&question(MOJANG), 200, JOINED);
    let mut plugin = host.start::<AuthMojang>("outage = 'allow-known'\nknown-for = '1h'");
    assert_eq!(asked(&mut plugin), ProofVerdict::Profile(ada()));
    host.http_fails(&question(MOJANG), HttpError::Timeout);
    let from = |plugin: &mut Running<AuthMojang>, peer: &str| plugin.authenticate(&session(peer), HASH);
    assert_eq!(from(&mut plugin, "192.0.2.7:5000"), ProofVerdict::Profile(ada()));
    assert_eq!(from(&mut plugin, "192.0.2.8:5000"), ProofVerdict::deny(OUTAGE));
    host.http(&question(MOJANG), 204, "");
    assert_eq!(from(&mut plugin, "192.0.2.7:5000"), ProofVerdict::deny(UNVERIFIED));
    host.http_fails(&question(MOJANG), HttpError::Timeout);
    host.advance(std::time::Duration::from_secs(3600));
    assert_eq!(from(&mut plugin, "192.0.2.7:5000"), ProofVerdict::deny(OUTAGE));
}

#[test]
fn a_session_server_that_is_asked_too_often_is_no_outage() {
    let host = Host::new();
    host.http(&question(MOJANG), 200, JOINED);
    let config = format!("session-server = ['{MOJANG}', '{OTHER}']\noutage = 'allow-known'");
    let mut plugin = host.start::<AuthMojang>(&config);
    assert_eq!(asked(&mut plugin), ProofVerdict::Profile(ada()));
    host.http(&question(MOJANG), 429, "");
    for other in [204, 500] {
        host.http(&question(OTHER), other, "");
        assert_eq!(asked(&mut plugin), ProofVerdict::deny(OUTAGE), "{other}");
    }
    assert_eq!(host.metric_with("players_total", [("outcome", "throttled")]), 2.0);
    host.http(&question(OTHER), 200, JOINED);
    assert_eq!(asked(&mut plugin), ProofVerdict::Profile(ada()));
    host.http(&question(MOJANG), 500, "");
    host.http(&question(OTHER), 500, "");
    assert_eq!(asked(&mut plugin), ProofVerdict::Profile(ada()), "a true outage");
}

#[test]
fn nobody_is_remembered_where_an_outage_turns_everybody_away_or_there_is_no_room() {
    let host = Host::new();
    host.http(&question(MOJANG), 200, JOINED);
    let kept = || portcullis_sdk::state::Key::<bool>::new("known").ids(None);
    asked(&mut host.start::<AuthMojang>(""));
    assert_eq!(kept(), Ok(Vec::new()));
    host.state_quota(0, 0);
    let mut plugin = host.start::<AuthMojang>("outage = 'allow-known'");
    assert_eq!(asked(&mut plugin), ProofVerdict::Profile(ada()));
    assert_eq!(kept(), Ok::<_, StateError>(Vec::new()));
}

#[test]
fn players_of_other_hosts_are_left_to_later_plugins() {
    let mut plugin = Host::new().start::<AuthMojang>("hosts = ['*.example.com']");
    let (ours, others) = ("play.example.com", "play.example.org");
    let at = |host: &str| Session::build().host(host).name("Ada").at_login();
    assert_eq!(plugin.claim(&at(ours)), ClaimVerdict::ForceOnline);
    assert_eq!(plugin.claim(&at(others)), ClaimVerdict::Next);
    assert_eq!(plugin.authenticate(&at(others), HASH), ProofVerdict::Next);
}

#[test]
fn who_is_there_twice_is_treated_as_configured() {
    let host = Host::new();
    let verified = || Session::build().verified(ada()).at_login();
    let claimed = || Session::build().unverified(ada()).at_login();
    let other = [host.player("Ada").id()];
    let check = |config: &str, session: Session, expect: ConflictVerdict| {
        let mut plugin = host.start::<AuthMojang>(config);
        assert_eq!(plugin.joined_before(&session, &other), expect, "{config}");
    };
    let denied = || ConflictVerdict::deny_new("<red>You are here already.");
    check("", verified(), denied());
    check(
        "duplicate = 'kick-old'",
        verified(),
        ConflictVerdict::kick_old("<red>You joined from elsewhere."),
    );
    check("duplicate = 'kick-old'", claimed(), denied());
    check("duplicate = 'leave'", verified(), ConflictVerdict::Next);
}

#[test]
fn an_outage_is_one_line_and_no_line_holds_the_hash() {
    let host = Host::new();
    let mut plugin = host.start::<AuthMojang>("");
    host.http_fails(&question(MOJANG), HttpError::Unreachable(question(MOJANG)));
    for _ in 0..3 {
        asked(&mut plugin);
    }
    host.http(&question(MOJANG), 200, JOINED);
    asked(&mut plugin);
    let logs: Vec<String> = host.logs().iter().map(ToString::to_string).collect();
    assert_eq!(
        logs,
        [
            "WARN https://sessionserver.mojang.com did not say who players are: unreachable",
            "INFO session servers answer again"
        ]
    );
}

#[test]
fn the_manual_s_example_is_taken_and_what_is_wrong_is_named() {
    let host = Host::new();
    host.start::<AuthMojang>(&example());
    let check = |config: &str, expect: &str| {
        let problems = host.try_start::<AuthMojang>(config).map(|_| ()).unwrap_err();
        assert_eq!(problems.to_string(), expect, "{config}");
    };
    check(
        "session-server = 'example.com'",
        "session-server: \"example.com\" is no session server; write its whole URL without a query, \
         \"https://example.com/session/minecraft/hasJoined\"",
    );
    check(
        "outage = 'allow'",
        "outage: \"allow\" is not allowed; it must be \"deny\" or \"allow-known\"",
    );
    check(
        "timeout = '1m'",
        "timeout: \"1m\" is out of range; 100ms to 30s is allowed",
    );
}
