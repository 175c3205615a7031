//! Configurations in, verdicts out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::status::Verdict;

/// Group `lobby` of `lobby-1` (2 sessions) and `lobby-2` (3), group `all` of those and `eu` (4).
struct Network;

impl Directory for Network {
    fn resolve(&self, name: &str) -> Option<Target> {
        match name {
            "lobby" | "all" => Some(Target::Group(name.into())),
            "lobby-1" | "lobby-2" | "eu" => Some(Target::Server(name.into())),
            _ => None,
        }
    }

    fn sessions(&self, name: &str) -> Vec<(String, u32)> {
        let servers: &[(&str, u32)] = match name {
            "lobby" => &[("lobby-1", 2), ("lobby-2", 3)],
            "all" => &[("lobby-1", 2), ("lobby-2", 3), ("eu", 4)],
            "eu" => &[("eu", 4)],
            _ => &[],
        };
        servers
            .iter()
            .map(|(server, sessions)| ((*server).to_owned(), *sessions))
            .collect()
    }
}

/// A configuration in TOML, as JSON.
fn json(config: &str) -> String {
    serde_json::to_string(&toml::from_str::<toml::Value>(config).unwrap()).unwrap()
}

fn motd(config: &str) -> Motd {
    Motd::parse(&json(config)).unwrap_or_else(|error| panic!("{error} in {config}"))
}

/// Validates as the host does before `init`.
fn fits_schema(config: &str) -> bool {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::validator_for(&schema)
        .unwrap()
        .is_valid(&serde_json::from_str(&json(config)).unwrap())
}

fn answer(description: &str) -> status::Answer {
    status::Answer {
        version_name: None,
        protocol: None,
        description: Text::Markup(description.into()),
        online: 0,
        maximum: 20,
        sample: Vec::new(),
        favicon: None,
        ttl_ms: 1_000,
    }
}

/// The first bytes of a PNG of that size, then zeros.
fn png(width: u32, height: u32, length: usize) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend(width.to_be_bytes());
    png.extend(height.to_be_bytes());
    png.resize(length, 0);
    png
}

#[test]
fn entries_of_the_manual_answer_as_it_says() {
    let block = include_str!("../README.md")
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let config: String = block
        .lines()
        .filter(|line| !line.starts_with('['))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(fits_schema(&config));
    let motd = motd(&config);
    let check = |host: &str, expect: Verdict| assert_eq!(motd.reply(host, &Network), expect, "{host}");
    let line = |name: &str| status::SamplePlayer {
        name: name.into(),
        uuid: "00000000-0000-0000-0000-000000000000".into(),
    };
    check(
        "play.example.com",
        Verdict::Answer(status::Answer {
            online: 5,
            maximum: 500,
            sample: vec![line("example.com"), line("Be kind")],
            ..answer("<gold>Example<newline><gray>Survival and more")
        }),
    );
    check(
        "plain.example.com",
        Verdict::Answer(status::Answer {
            description: Text::Json(r#"{"text":"No markup here","color":"aqua"}"#.into()),
            online: 3,
            ttl_ms: 60_000,
            ..answer("")
        }),
    );
    let asleep = status::Answer {
        version_name: Some("offline".into()),
        protocol: Some(-1),
        ttl_ms: 5_000,
        ..answer("<red>Asleep")
    };
    check(
        "eu.play.example.com",
        Verdict::Passthrough(status::Passthrough {
            to: Target::Server("eu".into()),
            ttl_ms: 5_000,
            failure_ttl_ms: 5_000,
            timeout_ms: 2_000,
            unreachable: Some(asleep.clone()),
        }),
    );
    check("gone.play.example.com", Verdict::Answer(asleep));
    check("example.org", Verdict::Answer(answer("<red>No such server")));
}

#[test]
fn a_server_that_nobody_has_and_without_an_offline_answer_closes() {
    let motd = motd("entries = [{ host = \"a\", passthrough = \"gone\" }]");
    assert_eq!(motd.reply("a", &Network), Verdict::Drop);
}

#[test]
fn other_hosts_get_the_default() {
    let check = |config: &str, expect: Verdict| {
        assert_eq!(motd(config).reply("unknown", &Network), expect, "{config}");
        assert!(fits_schema(config), "{config}");
    };
    check("", Verdict::Next);
    check("default = \"next\"", Verdict::Next);
    check("default = \"drop\"", Verdict::Drop);
    check("default = { description = \"hi\" }", Verdict::Answer(answer("hi")));
    check(
        "default = { passthrough = \"lobby\", ttl-ms = 1, failure-ttl-ms = 2, timeout-ms = 3 }",
        Verdict::Passthrough(status::Passthrough {
            to: Target::Group("lobby".into()),
            ttl_ms: 1,
            failure_ttl_ms: 2,
            timeout_ms: 3,
            unreachable: None,
        }),
    );
}

#[test]
fn sessions_are_counted_once_for_each_server() {
    let check = |names: &str, expect: u32| {
        let motd = motd(&format!(
            "default = {{ description = \"hi\", online = {{ sessions = {names} }} }}"
        ));
        let Verdict::Answer(answer) = motd.reply("", &Network) else {
            panic!("no answer for {names}")
        };
        assert_eq!(answer.online, expect, "{names}");
    };
    check("\"lobby\"", 5);
    check("[\"lobby\", \"all\", \"eu\"]", 9);
    check("\"gone\"", 0);
}

#[test]
fn a_favicon_is_a_small_square_png() {
    let parse = |text: &str| {
        let config = serde_json::json!({ "default": { "description": "hi", "favicon": text } });
        Motd::parse(&config.to_string()).map_err(|error| error.to_string())
    };
    let png_64 = png(64, 64, 500);
    let base64 = STANDARD.encode(&png_64);
    let broken = base64
        .as_bytes()
        .chunks(76)
        .map(|line| str::from_utf8(line).unwrap())
        .collect::<Vec<_>>()
        .join("\n");
    for text in [base64.clone(), format!("data:image/png;base64,{base64}"), broken] {
        let Verdict::Answer(answer) = parse(&text).unwrap().reply("", &Network) else {
            panic!("no answer")
        };
        assert_eq!(answer.favicon.as_ref(), Some(&png_64));
    }
    let check = |text: &str, expect: &str| assert_eq!(parse(text).map(|_| ()), Err(format!("the default {expect}")));
    check("!", "has a \"favicon\" that is no base64 text");
    check("aGVsbG8=", "has a \"favicon\" that is no PNG");
    check(&STANDARD.encode(png(64, 64, 20)), "has a \"favicon\" that is no PNG");
    check(
        &STANDARD.encode(png(32, 64, 500)),
        "has a \"favicon\" of 32 × 64 pixels; clients want 64 × 64",
    );
    let large = STANDARD.encode(png(64, 64, 32 * 1024 + 1));
    check(&large, "has a \"favicon\" of 32769 bytes; at most 32768 are allowed");
    let unreadable = STANDARD.encode(png(64, 64, 25_000));
    check(
        &unreadable,
        "makes an answer of about 33594 characters; clients read at most 32767, favicon included",
    );
}

#[test]
fn everything_wrong_with_a_configuration_is_named() {
    let check = |config: &str, expect: &[&str]| {
        let problems = Motd::parse(&json(config)).map(|_| ()).unwrap_err();
        assert_eq!(problems.0, expect, "{config}");
    };
    check(
        "default = \"kick\"",
        &["the default is neither an answer, \"next\" nor \"drop\""],
    );
    check(
        "default = {}",
        &["the default has neither \"description\" nor \"json\""],
    );
    check(
        "entires = []",
        &["the configuration has an unknown or a repeated key \"entires\""],
    );
    check(
        "entries = [{ description = \"a\" }, { host = \"b\", description = \"a\", json = \"1\" }, { host = \"c:1\" }]",
        &[
            "entry 1 (\"\") has no \"host\"",
            "entry 2 (\"b\") has both \"description\" and \"json\"",
            "entry 3 (\"c:1\") contains \":\": write the host name without a port",
        ],
    );
    check(
        "entries = [{ host = \"a\", passthrough = \"b\", timeout-ms = 0 }, { host = \"b\", passthrough = \"$1\" }]",
        &[
            "entry 1 (\"a\") has a \"timeout-ms\" of 0; 1 to 10000 are allowed",
            "entry 2 (\"b\") has a \"passthrough\", \"$1\", that names $1, but the pattern captures 0",
        ],
    );
    check(
        "entries = [{ host = \"a\", passthrough = \"b\", description = \"c\" }]",
        &[
            "entry 1 (\"a\") has an unknown or a repeated key \"description\": beside \"passthrough\", what is shown belongs into \
         \"offline\"",
        ],
    );
    check(
        "entries = [{ host = \"a\", passthrough = \"b\", offline = { description = \"c\", ttl-ms = 1 } }]",
        &["entry 1 (\"a\") has an \"offline\" that has an unknown or a repeated key \"ttl-ms\""],
    );
    check(
        "entries = [{ host = \"a\", description = \"c\", online = \"many\" }]",
        &["entry 1 (\"a\") has an \"online\" that is neither a number nor { sessions = … }"],
    );
    check(
        "entries = [{ host = \"a\", description = \"c\" }, { host = \"a\", description = \"d\" }]",
        &["entry 1 (\"a\") and entry 2 (\"a\") have the same host"],
    );
    let broken = Motd::parse(&json("default = { json = \"{\" }"))
        .map(|_| ())
        .unwrap_err();
    assert!(
        broken
            .to_string()
            .starts_with("the default has a \"json\" that is no JSON: "),
        "{broken}"
    );
}

#[test]
fn the_schema_refuses_what_the_parser_refuses_in_form() {
    let check = |config: &str| {
        assert!(!fits_schema(config), "{config}");
        assert!(Motd::parse(&json(config)).is_err(), "{config}");
    };
    check("entries = 1");
    check("entries = [1]");
    check("default = 1");
    check("default = \"kick\"");
    check("default = {}");
    check("default = { host = \"a\", description = \"b\" }");
    check("more = 1");
    check("entries = [{ description = \"a\" }]");
    check("entries = [{ host = \"a\" }]");
    check("entries = [{ host = \"a\", description = \"b\", json = \"1\" }]");
    check("entries = [{ host = \"a\", description = \"b\", passthrough = \"c\" }]");
    check("entries = [{ host = \"a\", description = \"b\", online = -1 }]");
    check("entries = [{ host = \"a\", description = \"b\", online = { players = \"a\" } }]");
    check("entries = [{ host = \"a\", description = \"b\", timeout-ms = 5 }]");
    check("entries = [{ host = \"a\", passthrough = \"b\", timeout-ms = 10001 }]");
    check("entries = [{ host = \"a\", passthrough = \"b\", offline = {} }]");
    check("entries = [{ host = \"a\", passthrough = \"b\", offline = { description = \"c\", ttl-ms = 1 } }]");
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
