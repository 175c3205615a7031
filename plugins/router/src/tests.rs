//! Configurations in, verdicts out.

use portcullis_sdk::testing::{Host, Running};

use super::*;

const UNKNOWN: &str = "<red>There is no server at this address.";

/// Servers `lobby-1` and `eu`, group `lobby`.
fn network() -> Host {
    let host = Host::new();
    host.server("lobby-1").group("lobby");
    host.server("eu");
    host
}

fn asked(plugin: &mut Running<Router>, host: &str) -> RouteVerdict {
    plugin.route(&Session::build().host(host).at_route())
}

/// The first block of TOML in the manual, without its table header.
fn example() -> String {
    let manual = include_str!("../README.md");
    let block = manual.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    block.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn routes_of_the_manual_lead_where_it_says() {
    let host = network();
    let mut router = host.start::<Router>(&example());
    let mut check = |name: &str, expect: RouteVerdict| assert_eq!(asked(&mut router, name), expect, "{name}");
    check("play.example.com", RouteVerdict::to(["lobby"]));
    check("eu.play.example.com", RouteVerdict::to(["eu", "lobby"]));
    check("us.play.example.com", RouteVerdict::to(["lobby"]));
    check(
        "old.example.com",
        RouteVerdict::disconnect("<red>Closed. <yellow>Join play.example.com instead."),
    );
    check("eu7.example.net", RouteVerdict::to(["lobby"]));
    check("other.example.org", RouteVerdict::to(["lobby"]));
}

#[test]
fn a_mode_is_chosen_when_a_player_of_its_host_comes() {
    let mut router = network().start::<Router>(&example());
    let mut check = |session: Session, expect: HandshakeVerdict| assert_eq!(router.handshake(&session), expect);
    let asking = |host: &str| Session::build().host(host);
    check(
        asking("creative-1.example.com").at_handshake(),
        HandshakeVerdict::UseMode(Mode::Copy),
    );
    check(asking("play.example.com").at_handshake(), HandshakeVerdict::Next);
    check(asking("creative-1.example.com").at_status(), HandshakeVerdict::Next);
}

#[test]
fn names_are_looked_up_and_those_that_nobody_has_are_skipped() {
    let host = network();
    let check = |names: &str, expect: RouteVerdict| {
        let config = format!("routes = [{{ host = '*.x', to = {names} }}]\nunknown = 'drop'");
        assert_eq!(asked(&mut host.start(&config), "eu.x"), expect, "{names}");
    };
    check("'lobby'", RouteVerdict::to([Target::Group("lobby".into())]));
    check("['gone', 'lobby-1', 'lobby']", RouteVerdict::to(["lobby-1", "lobby"]));
    check("'$1'", RouteVerdict::to([Target::Server("eu".into())]));
    check("['$1-lobby', '$0', 'lobby-1']", RouteVerdict::to(["lobby-1"]));
    check("['gone', '$1-lobby']", RouteVerdict::Drop);
}

#[test]
fn plain_names_that_nobody_has_are_warned_of_once_and_others_are_not() {
    let host = network();
    let routes = "routes = [{ host = 'a.x', to = ['gone', 'lobby'] }, { host = '*.x', to = ['gone', '$1'] }]";
    host.start::<Router>(&format!("{routes}\ndefault = 'hub'"));
    let logs: Vec<String> = host.logs().iter().map(ToString::to_string).collect();
    assert_eq!(logs, ["WARN skipped names that no server or group has yet: gone, hub"]);
}

#[test]
fn servers_that_come_later_are_found() {
    let host = network();
    let mut router = host.start::<Router>("default = 'hub'");
    assert_eq!(asked(&mut router, "x"), RouteVerdict::disconnect(UNKNOWN));
    host.server("hub");
    assert_eq!(asked(&mut router, "x"), RouteVerdict::to(["hub"]));
}

#[test]
fn unknown_hosts_get_what_the_configuration_says() {
    let host = network();
    let check = |config: &str, expect: RouteVerdict| {
        assert_eq!(asked(&mut host.start(config), "unknown"), expect, "{config}");
    };
    check("", RouteVerdict::disconnect(UNKNOWN));
    check("default = 'lobby'", RouteVerdict::to(["lobby"]));
    check("default = ['gone', 'lobby-1']", RouteVerdict::to(["lobby-1"]));
    check("default = 'gone'", RouteVerdict::disconnect(UNKNOWN));
    check("default = 'gone'\nunknown-text = 'no'", RouteVerdict::disconnect("no"));
    check("default = 'lobby'\nunknown = 'default'", RouteVerdict::to(["lobby"]));
    check("default = 'lobby'\nunknown = 'drop'", RouteVerdict::Drop);
    check(
        "default = 'lobby'\nunknown = 'disconnect'",
        RouteVerdict::disconnect(UNKNOWN),
    );
    check(
        "unknown = 'disconnect'\nunknown-text = 'no'",
        RouteVerdict::disconnect("no"),
    );
}

#[test]
fn players_whose_server_is_lost_go_to_the_fallback() {
    let host = network();
    let check = |config: &str, cause: KickCause, expect: KickedVerdict| {
        let mut router = host.start::<Router>(config);
        let session = Session::build().on("eu").in_play();
        assert_eq!(
            router.kicked(&session, "eu", &cause, true),
            expect,
            "{config} {cause:?}"
        );
    };
    let fallback = "fallback = ['eu', 'gone', 'lobby']";
    let moved = || KickedVerdict::redirect(["lobby"]);
    for cause in [KickCause::Closed, KickCause::Timeout, KickCause::Unreachable] {
        check(fallback, cause.clone(), moved());
        check("", cause.clone(), KickedVerdict::Next);
        check("fallback = ['eu', 'gone']", cause, KickedVerdict::Next);
    }
    let kicked = |text: &str| KickCause::Kicked(Text::json(text));
    check(fallback, kicked(r#""You are banned""#), KickedVerdict::Next);
    check(
        fallback,
        kicked(r#"{"translate":"multiplayer.disconnect.server_shutdown"}"#),
        moved(),
    );
    check(fallback, kicked(r#""Server closed""#), moved());
    check(fallback, kicked(r#""RESTARTING in a moment""#), moved());
    check(
        &format!("{fallback}\nfallback-on-kick = true"),
        kicked(r#""You are banned""#),
        moved(),
    );
    check(
        &format!("{fallback}\nfallback-on-kick = false"),
        kicked(r#""Server closed""#),
        KickedVerdict::Next,
    );
    check(
        &format!("{fallback}\nfallback-on-kick = ['Idle']"),
        kicked(r#""idle for too long""#),
        moved(),
    );
}

#[test]
fn a_player_who_fails_to_change_stays_where_he_is_and_one_who_arrives_gets_in() {
    let host = network();
    let mut router = host.start::<Router>("fallback = 'lobby'");
    let changing = Session::build().on("lobby-1").in_play();
    assert_eq!(
        router.kicked(&changing, "eu", &KickCause::Unreachable, false),
        KickedVerdict::Next
    );
    let arriving = Session::build().in_play();
    let verdict = router.kicked(&arriving, "eu", &KickCause::Unreachable, false);
    assert_eq!(verdict, KickedVerdict::redirect(["lobby"]));
}

#[test]
fn everything_wrong_with_a_configuration_is_named() {
    let host = network();
    let check = |config: &str, expect: &[&str]| {
        let problems = host.try_start::<Router>(config).map(|_| ()).unwrap_err().to_string();
        assert_eq!(problems.lines().collect::<Vec<_>>(), expect, "{config}");
    };
    check(
        "unknown = 'default'",
        &["the configuration: has unknown = \"default\", but no `default`"],
    );
    check(
        "unknown = 'kick'",
        &["unknown: \"kick\" is not allowed; it must be \"default\" or \"disconnect\" or \"drop\""],
    );
    check(
        "default = '$1'",
        &["default: \"$1\" names $1, but the pattern captures 0"],
    );
    check(
        "defualt = 'lobby'",
        &["defualt: is an unknown key; did you mean `default`?"],
    );
    check(
        "routes = [{ host = 'a' }, { to = 'b' }, { host = 'c:1', to = 'b' }, { host = 'd', to = [] }]",
        &[
            "routes[0]: has neither `to` nor `disconnect`",
            "routes[1].host: is missing; it must be a text",
            "routes[2].host: \"c:1\" contains \":\": write the host name without a port",
            "routes[3].to: has 0 elements; 1 to 64 are allowed",
        ],
    );
    check(
        "routes = [{ host = '*.x', to = '$2' }, { host = 'a', to = 'b', disconnect = 'c' }]",
        &[
            "routes[0].to: \"$2\" names $2, but the pattern captures 1",
            "routes[1]: has more than one of `to`, `disconnect`; keep one",
        ],
    );
    check(
        "routes = [{ host = 'a', disconnect = 'b', mode = 'copy' }, { host = 'b', to = 'c', mode = 'x' }]",
        &[
            "routes[0]: has a `mode`, but disconnects",
            "routes[1].mode: \"x\" is not allowed; it must be \"framed\" or \"splice\" or \"copy\"",
        ],
    );
    check(
        "routes = [{ host = 'a.x', to = 'b' }, { host = 'A.x', to = 'c' }]",
        &["routes: [0] (\"a.x\") and [1] (\"a.x\") have the same host"],
    );
    check(
        "routes = [{ host = 'e-*', to = 'b' }, { host = '*-e', to = 'c' }]",
        &[
            "routes: [0] (\"e-*\") and [1] (\"*-e\") are equally specific, and \"e-e\" fits both: make one more specific, or give \
             one a higher priority",
        ],
    );
    let many = |n| format!("{{ host = 'a{n}', regex = true, priority = {n}, to = 'b' }}");
    let many = (0..17).map(many).collect::<Vec<_>>().join(",");
    check(
        &format!("routes = [{many}]"),
        &["routes: has 17 regular expressions; at most 16 are allowed"],
    );
}

/// The host validates before the plugin reads, and tells the line.
#[cfg(not(target_family = "wasm"))]
#[test]
fn the_schema_takes_what_the_plugin_takes_and_refuses_what_it_refuses_in_form() {
    let schema = serde_json::from_str(&portcullis_sdk::config::schema::<Settings>()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let host = network();
    let check = |config: &str, expect: bool| {
        let json = serde_json::to_value(toml::from_str::<toml::Table>(config).unwrap()).unwrap();
        assert_eq!(validator.is_valid(&json), expect, "{config}");
        assert_eq!(host.try_start::<Router>(config).is_ok(), expect, "{config}");
    };
    check(&example(), true);
    check("", true);
    check("default = ['a', 'b']\nunknown = 'drop'\nunknown-text = ''", true);
    check("fallback = 'a'\nfallback-on-kick = true", true);
    check("fallback = ['a', 'b']\nfallback-on-kick = ['idle']", true);
    for wrong in [
        "routes = 1",
        "routes = [1]",
        "default = 1",
        "default = []",
        "default = ''",
        "unknown = 'kick'",
        "more = 1",
        "fallback = []",
        "fallback-on-kick = 'idle'",
        "routes = [{ to = 'b' }]",
        "routes = [{ host = 'a' }]",
        "routes = [{ host = 'a', to = 'b', disconnect = 'c' }]",
        "routes = [{ host = 'a', to = 'b', mode = 'fast' }]",
        "routes = [{ host = 'a', to = 'b', priority = 1.5 }]",
        "routes = [{ host = 'a', to = 'b', regex = 'yes' }]",
        "routes = [{ host = 'a', to = 'b', more = 1 }]",
    ] {
        check(wrong, false);
    }
}
