//! Configurations in, decisions out.

use super::*;

/// Servers `lobby-1`, `eu`, `both`; groups `lobby`, `both`.
fn resolve(name: &str) -> Option<Target> {
    match name {
        "lobby" | "both" => Some(Target::Group(name.into())),
        "lobby-1" | "eu" => Some(Target::Server(name.into())),
        _ => None,
    }
}

fn to(names: &[&str]) -> Decision<'static> {
    Decision::To(names.iter().map(|name| resolve(name).unwrap()).collect())
}

/// A configuration in TOML, as JSON.
fn json(config: &str) -> String {
    serde_json::to_string(&toml::from_str::<toml::Value>(config).unwrap()).unwrap()
}

fn router(config: &str) -> Router {
    Router::parse(&json(config)).unwrap_or_else(|error| panic!("{error} in {config}"))
}

/// Validates as the host does before `init`.
fn fits_schema(config: &str) -> bool {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::validator_for(&schema)
        .unwrap()
        .is_valid(&serde_json::from_str(&json(config)).unwrap())
}

/// The blocks of TOML in the manual, without their table headers.
fn examples() -> impl Iterator<Item = String> {
    include_str!("../README.md").split("```toml\n").skip(1).map(|rest| {
        let block = rest.split("```").next().unwrap();
        block
            .lines()
            .filter(|line| !line.starts_with('['))
            .collect::<Vec<_>>()
            .join("\n")
    })
}

#[test]
fn routes_of_the_manual_lead_where_it_says() {
    let config = examples().next().unwrap();
    let router = router(&config);
    assert!(fits_schema(&config));
    let check = |host: &str, expect: Decision<'_>| assert_eq!(router.decide(host, resolve), expect, "{host}");
    check("play.example.com", to(&["lobby"]));
    check("eu.play.example.com", to(&["eu", "lobby"]));
    check("us.play.example.com", to(&["lobby"]));
    check(
        "old.example.com",
        Decision::Disconnect("<red>Closed. <yellow>Join play.example.com instead."),
    );
    check("eu7.example.net", to(&["lobby"]));
    check("other.example.org", to(&["lobby"]));
    assert_eq!(router.mode("creative-1.example.com"), Some(Mode::Copy));
    assert_eq!(router.mode("play.example.com"), None);
    assert!(router.chooses_modes());
}

#[test]
fn names_are_looked_up_and_those_that_nobody_has_are_skipped() {
    let check = |names: &str, expect: Decision<'_>| {
        let router = router(&format!(
            "routes = [{{ host = \"*.x\", to = {names} }}]\nunknown = \"drop\""
        ));
        assert_eq!(router.decide("eu.x", resolve), expect, "{names}");
    };
    check("\"lobby\"", to(&["lobby"]));
    check("\"both\"", Decision::To(vec![Target::Group("both".into())]));
    check("[\"gone\", \"lobby-1\", \"lobby\"]", to(&["lobby-1", "lobby"]));
    check("\"$1\"", to(&["eu"]));
    check("[\"$1-lobby\", \"$0\", \"lobby-1\"]", to(&["lobby-1"]));
    check("[\"gone\", \"$1-lobby\"]", Decision::Drop);
}

#[test]
fn a_capture_longer_than_any_name_is_not_looked_up() {
    let router = router("routes = [{ host = \"*.x\", to = \"$1\" }]");
    let decision = router.decide(&format!("{}.x", "a".repeat(65)), |name| panic!("{name} was looked up"));
    assert_eq!(
        decision,
        Decision::Disconnect("<red>There is no server at this address.")
    );
}

#[test]
fn unknown_hosts_get_what_the_configuration_says() {
    const TEXT: &str = "<red>There is no server at this address.";
    let check = |config: &str, expect: Decision<'_>| {
        assert_eq!(router(config).decide("unknown", resolve), expect, "{config}");
        assert!(fits_schema(config), "{config}");
    };
    check("", Decision::Disconnect(TEXT));
    check("default = \"lobby\"", to(&["lobby"]));
    check("default = [\"gone\", \"lobby-1\"]", to(&["lobby-1"]));
    check("default = \"gone\"", Decision::Disconnect(TEXT));
    check("default = \"gone\"\nunknown-text = \"no\"", Decision::Disconnect("no"));
    check("default = \"lobby\"\nunknown = \"default\"", to(&["lobby"]));
    check("default = \"lobby\"\nunknown = \"drop\"", Decision::Drop);
    check(
        "unknown = \"disconnect\"\nunknown-text = \"no\"",
        Decision::Disconnect("no"),
    );
}

#[test]
fn everything_wrong_with_a_configuration_is_named() {
    let check = |config: &str, expect: &[&str]| {
        let problems = Router::parse(&json(config)).map(|_| ()).unwrap_err();
        assert_eq!(problems.0, expect, "{config}");
    };
    check(
        "unknown = \"default\"",
        &["the configuration has unknown = \"default\", but no \"default\""],
    );
    check(
        "unknown = \"kick\"",
        &["the configuration has unknown = \"kick\"; it may be \"default\", \"disconnect\" or \"drop\""],
    );
    check(
        "default = \"$1\"",
        &["the configuration has a name in \"default\", \"$1\", that names $1, but the pattern captures 0"],
    );
    check(
        "defualt = \"lobby\"",
        &["the configuration has an unknown or a repeated key \"defualt\""],
    );
    check(
        "routes = [{ host = \"a\" }, { to = \"b\" }, { host = \"c:1\", to = \"b\" }, { host = \"d\", to = [] }]",
        &[
            "route 1 (\"a\") has neither \"to\" nor \"disconnect\"",
            "route 2 (\"\") has no \"host\"",
            "route 3 (\"c:1\") contains \":\": write the host name without a port",
            "route 4 (\"d\") has 0 names in \"to\"; 1 to 64 are allowed",
        ],
    );
    check(
        "routes = [{ host = \"*.x\", to = \"$2\" }, { host = \"a\", to = \"b\", disconnect = \"c\" }]",
        &[
            "route 1 (\"*.x\") has a name in \"to\", \"$2\", that names $2, but the pattern captures 1",
            "route 2 (\"a\") has both \"to\" and \"disconnect\"",
        ],
    );
    check(
        "routes = [{ host = \"a\", disconnect = \"b\", mode = \"copy\" }, { host = \"b\", to = \"c\", mode = \"x\" }]",
        &[
            "route 1 (\"a\") has a mode, but disconnects",
            "route 2 (\"b\") has \"mode\" = \"x\", but a mode is \"splice\" or \"copy\"",
        ],
    );
    check(
        "routes = [{ host = \"a.x\", to = \"b\" }, { host = \"A.x\", to = \"c\" }]",
        &["route 1 (\"a.x\") and route 2 (\"a.x\") have the same host"],
    );
    check(
        "routes = [{ host = \"e-*\", to = \"b\" }, { host = \"*-e\", to = \"c\" }]",
        &[
            "route 1 (\"e-*\") and route 2 (\"*-e\") are equally specific, and \"e-e\" fits both: make one more specific, or \
         give one a higher priority",
        ],
    );
    let many: Vec<_> = (0..17)
        .map(|n| format!("{{ host = \"a{n}\", regex = true, priority = {n}, to = \"b\" }}"))
        .collect();
    check(
        &format!("routes = [{}]", many.join(",")),
        &["17 routes are regular expressions; at most 16 may be"],
    );
}

#[test]
fn the_schema_refuses_what_the_parser_refuses_in_form() {
    let check = |config: &str| {
        assert!(!fits_schema(config), "{config}");
        assert!(Router::parse(&json(config)).is_err(), "{config}");
    };
    check("routes = 1");
    check("routes = [1]");
    check("default = 1");
    check("default = []");
    check("default = \"\"");
    check("unknown = \"kick\"");
    check("more = 1");
    check("routes = [{ to = \"b\" }]");
    check("routes = [{ host = \"a\" }]");
    check("routes = [{ host = \"a\", to = \"b\", disconnect = \"c\" }]");
    check("routes = [{ host = \"a\", to = \"b\", mode = \"fast\" }]");
    check("routes = [{ host = \"a\", to = \"b\", priority = 1.5 }]");
    check("routes = [{ host = \"a\", to = \"b\", regex = \"yes\" }]");
    check("routes = [{ host = \"a\", to = \"b\", more = 1 }]");
}

#[test]
fn every_property_of_the_schema_is_described() {
    fn undescribed(schema: &serde_json::Value, path: &str, found: &mut Vec<String>) {
        if let Some(properties) = schema.get("properties").and_then(|properties| properties.as_object()) {
            let bare = properties
                .iter()
                .filter(|(_, property)| property.get("description").is_none());
            found.extend(bare.map(|(key, _)| format!("{path}/{key}")));
        }
        match schema {
            serde_json::Value::Object(map) => {
                map.iter()
                    .for_each(|(key, child)| undescribed(child, &format!("{path}/{key}"), found));
            }
            serde_json::Value::Array(list) => list.iter().for_each(|child| undescribed(child, path, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    undescribed(&serde_json::from_str(SCHEMA).unwrap(), "", &mut found);
    assert_eq!(found, Vec::<String>::new());
}
