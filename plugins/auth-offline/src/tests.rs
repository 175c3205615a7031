//! Configurations and names in, verdicts out.

use portcullis_sdk::testing::Host;

use super::*;

const DENIED_TEXT: &str = "<red>This name cannot be used here.";
const RESERVED_TEXT: &str = "<red>This name is taken.";

fn claim(config: &str, host: &str, name: &str) -> ClaimVerdict {
    let mut plugin = Host::new().start::<AuthOffline>(config);
    plugin.claim(&Session::build().host(host).name(name).at_login())
}

/// The first block of TOML in the manual, without its table header.
fn example() -> String {
    let manual = include_str!("../README.md");
    let block = manual.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    block.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn names_are_taken_as_they_are_unless_they_break_a_rule() {
    let check = |config: &str, name: &str, expect: ClaimVerdict| {
        assert_eq!(claim(config, "a.example", name), expect, "{config} {name}");
    };
    let (denied, reserved) = (ClaimVerdict::deny(DENIED_TEXT), ClaimVerdict::deny(RESERVED_TEXT));
    check("", "Ada", ClaimVerdict::ForceOffline);
    check("", "A_1", ClaimVerdict::ForceOffline);
    check("", "Al", denied.clone());
    check("", "Ada-1", denied.clone());
    check("", ".Ada", denied.clone());
    check("characters = '.a-zA-Z'", ".Ada", ClaimVerdict::ForceOffline);
    check("characters = 'a-zA-Z-'", "Ada-Bob", ClaimVerdict::ForceOffline);
    check("min-length = 1", "A", ClaimVerdict::ForceOffline);
    check("max-length = 4", "Grace", denied.clone());
    check("max-length = 4\ndenied-text = 'no'", "Grace", ClaimVerdict::deny("no"));
    check("reserved = ['admin*', 'Server']", "Administrator", reserved.clone());
    check("reserved = ['admin*', 'Server']", "sERVER", reserved);
    check("reserved = ['admin*', 'Server']", "Servers", ClaimVerdict::ForceOffline);
}

#[test]
fn players_of_other_hosts_are_left_to_later_plugins() {
    let check = |host: &str, expect: ClaimVerdict| {
        let config = "hosts = ['lan.example', '*.lan.example']\nreserved = ['ada']";
        assert_eq!(claim(config, host, "Ada"), expect, "{host}");
    };
    check("a.lan.example", ClaimVerdict::deny(RESERVED_TEXT));
    check("lan.example", ClaimVerdict::deny(RESERVED_TEXT));
    check("a.example", ClaimVerdict::Next);
}

#[test]
fn the_manual_s_example_does_what_it_says() {
    let check = |host: &str, name: &str, expect: ClaimVerdict| {
        assert_eq!(claim(&example(), host, name), expect, "{host} {name}");
    };
    check("party.example.com", "Ada", ClaimVerdict::ForceOffline);
    check("party.example.com", "Admin", ClaimVerdict::deny(RESERVED_TEXT));
    check("play.example.com", "Ada", ClaimVerdict::Next);
}

#[test]
fn names_turned_away_are_counted_by_the_rule_they_break() {
    let host = Host::new();
    let mut plugin = host.start::<AuthOffline>("reserved = ['ada']");
    for name in ["Ada", "ada", "A", "a-b-c"] {
        plugin.claim(&Session::build().name(name).at_login());
    }
    let counted = |rule| host.metric_with("denied_total", [("rule", rule)]);
    assert_eq!(["reserved", "length", "characters"].map(counted), [2.0, 1.0, 1.0]);
}

#[test]
fn everything_wrong_with_a_configuration_is_named() {
    let host = Host::new();
    let check = |config: &str, expect: &str| {
        let problems = host.try_start::<AuthOffline>(config).map(|_| ()).unwrap_err();
        assert_eq!(problems.to_string(), expect, "{config}");
    };
    check(
        "min-length = 5\nmax-length = 4",
        "the configuration: has a `min-length` above its `max-length`",
    );
    check("min-length = 0", "min-length: 0 is out of range; 1 to 16 is allowed");
    check("characters = ''", "characters: is empty: nobody could come in");
    check(
        "characters = 'z-a'",
        "characters: \"z-a\" is no range: write the lower character first",
    );
    check(
        "characters = 'a b'",
        "characters: ' ' cannot be part of a name: names are printable ASCII without spaces",
    );
    check("hosts = []", "hosts: has 0 elements; 1 to 1000 are allowed");
}
