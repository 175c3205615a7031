//! Configurations in, verdicts out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portcullis_sdk::testing::{Host, Running};

use super::*;

/// Group `lobby` of `lobby-1` (2 sessions) and `lobby-2` (3), group `all` of those and `eu` (4), `creative` (5) alone.
fn network() -> Host {
    let host = Host::new();
    host.server("lobby-1").group("lobby").group("all").sessions(2);
    host.server("lobby-2").group("lobby").group("all").sessions(3);
    host.server("eu").group("all").sessions(4);
    host.server("creative").sessions(5);
    host
}

fn asked(plugin: &mut Running<Motd>, host: &str) -> StatusVerdict {
    plugin.status(&Session::build().host(host).at_status())
}

/// The first block of TOML in the manual, without its table header.
fn example() -> String {
    let manual = include_str!("../README.md");
    let block = manual.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    block.split_once('\n').unwrap().1.to_owned()
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
    let mut motd = network().start::<Motd>(&example());
    let mut check = |host: &str, expect: StatusVerdict| assert_eq!(asked(&mut motd, host), expect, "{host}");
    check(
        "play.example.com",
        StatusAnswer::new("<gold>Example<newline><gray>Survival and more")
            .online(14)
            .maximum(500)
            .sample(["example.com", "Be kind"])
            .into(),
    );
    check(
        "plain.example.com",
        StatusAnswer::new(Text::json(r#"{"text":"No markup here","color":"aqua"}"#))
            .online(3)
            .ttl(Duration::from_secs(60))
            .into(),
    );
    let asleep = StatusAnswer::new("<red>Asleep")
        .version("offline", -1)
        .ttl(Duration::from_secs(5));
    check(
        "eu.play.example.com",
        Passthrough::to(Target::Server("eu".into()))
            .unreachable(asleep.clone())
            .into(),
    );
    check("gone.play.example.com", asleep.into());
    check("example.org", StatusAnswer::new("<red>No such server").into());
}

#[test]
fn a_server_that_nobody_has_and_without_an_offline_answer_closes() {
    let mut motd = network().start::<Motd>("entries = [{ host = 'a', passthrough = 'gone' }]");
    assert_eq!(asked(&mut motd, "a"), StatusVerdict::Drop);
}

#[test]
fn other_hosts_get_the_default() {
    let host = network();
    let check = |config: &str, expect: StatusVerdict| {
        assert_eq!(asked(&mut host.start(config), "unknown"), expect, "{config}");
    };
    check("", StatusVerdict::Next);
    check("default = 'next'", StatusVerdict::Next);
    check("default = 'drop'", StatusVerdict::Drop);
    check("default = { description = 'hi' }", StatusAnswer::new("hi").into());
    check(
        "default = { passthrough = 'lobby', ttl-ms = 1, failure-ttl-ms = 2, timeout-ms = 3 }",
        StatusVerdict::Passthrough(Passthrough {
            to: Target::Group("lobby".into()),
            ttl: Duration::from_millis(1),
            failure_ttl: Duration::from_millis(2),
            timeout: Duration::from_millis(3),
            unreachable: None,
        }),
    );
}

#[test]
fn sessions_are_counted_once_for_each_server() {
    let host = network();
    let check = |names: &str, expect: u32| {
        let config = format!("default = {{ description = 'hi', online = {{ sessions = {names} }} }}");
        assert_eq!(
            asked(&mut host.start(&config), ""),
            StatusAnswer::new("hi").online(expect).into(),
            "{names}"
        );
    };
    check("'lobby'", 5);
    check("['lobby', 'all', 'eu']", 9);
    check("'gone'", 0);
    check("['*']", 14);
    check("['lobby', '*']", 14);
}

#[test]
fn a_favicon_is_a_small_square_png() {
    let host = network();
    let parse = |text: &str| {
        let text = text.replace('\n', "\\n");
        host.try_start::<Motd>(&format!(
            r#"{{"default": {{"description": "hi", "favicon": "{text}"}}}}"#
        ))
    };
    let png_64 = png(64, 64, 500);
    let base64 = STANDARD.encode(&png_64);
    let lines: Vec<_> = base64
        .as_bytes()
        .chunks(76)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    for text in [
        base64.clone(),
        format!("data:image/png;base64,{base64}"),
        lines.join("\n"),
    ] {
        let StatusVerdict::Answer(answer) = asked(&mut parse(&text).unwrap(), "") else {
            panic!("no answer")
        };
        assert_eq!(answer.favicon.as_ref(), Some(&png_64));
    }
    let check = |text: &str, expect: &str| assert_eq!(parse(text).map(|_| ()).unwrap_err().to_string(), expect);
    check("!", "default.favicon: is no base64 text");
    check("aGVsbG8=", "default.favicon: is no PNG");
    check(&STANDARD.encode(png(64, 64, 20)), "default.favicon: is no PNG");
    check(
        &STANDARD.encode(png(32, 64, 500)),
        "default.favicon: has 32 × 64 pixels; clients want 64 × 64",
    );
    check(
        &STANDARD.encode(png(64, 64, 24 * 1024 + 1)),
        "default.favicon: has 24577 bytes; at most 24576 are allowed",
    );
    check(
        &STANDARD.encode(png(64, 64, 24_500)),
        "default: makes an answer of about 32926 characters; clients read at most 32767, favicon included",
    );
}

#[test]
fn everything_wrong_with_a_configuration_is_named() {
    let host = network();
    let check = |config: &str, expect: &[&str]| {
        let problems = host.try_start::<Motd>(config).map(|_| ()).unwrap_err().to_string();
        assert_eq!(problems.lines().collect::<Vec<_>>(), expect, "{config}");
    };
    check(
        "default = 'kick'",
        &["default: \"kick\" is not allowed; it must be \"next\" or \"drop\" or a table"],
    );
    check("default = {}", &["default: has neither `description` nor `json`"]);
    check("entires = []", &["entires: is an unknown key; did you mean `entries`?"]);
    check(
        "entries = [{ description = 'a' }, { host = 'b', description = 'a', json = '1' }, { host = 'c:1' }]",
        &[
            "entries[0].host: is missing; it must be a text",
            "entries[1]: has more than one of `description`, `json`; keep one",
            "entries[2].host: \"c:1\" contains \":\": write the host name without a port",
            "entries[2]: has neither `description` nor `json`",
        ],
    );
    check(
        "entries = [{ host = 'a', passthrough = 'b', timeout-ms = 0 }, { host = 'b', passthrough = '$1' }]",
        &[
            "entries[0].timeout-ms: 0 is out of range; 1 to 10000 is allowed",
            "entries[1].passthrough: \"$1\" names $1, but the pattern captures 0",
        ],
    );
    check(
        "entries = [{ host = 'a', passthrough = 'b', description = 'c' }]",
        &[
            "entries[0].description: is an unknown key; known are passthrough, ttl-ms, failure-ttl-ms, timeout-ms, offline",
        ],
    );
    check(
        "entries = [{ host = 'a', passthrough = 'b', offline = { description = 'c', sampel = [] } }]",
        &["entries[0].offline.sampel: is an unknown key; did you mean `sample`?"],
    );
    check(
        "entries = [{ host = 'a', description = 'c', online = 'many' }]",
        &["entries[0].online: \"many\" is not allowed; it must be a whole number or a table with `sessions`"],
    );
    check(
        "entries = [{ host = 'a', description = 'c' }, { host = 'a', description = 'd' }]",
        &["entries: [0] (\"a\") and [1] (\"a\") have the same host"],
    );
    check("default = { json = '{' }", &["default.json: it is no JSON at byte 1"]);
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
        assert_eq!(host.try_start::<Motd>(config).is_ok(), expect, "{config}");
    };
    check(&example(), true);
    check("", true);
    check("default = 'drop'", true);
    check(
        "default = { passthrough = 'a', offline = { json = '{}', online = { sessions = ['*'] } } }",
        true,
    );
    for wrong in [
        "entries = 1",
        "entries = [1]",
        "default = 1",
        "default = 'kick'",
        "default = {}",
        "default = { host = 'a', description = 'b' }",
        "more = 1",
        "entries = [{ description = 'a' }]",
        "entries = [{ host = 'a' }]",
        "entries = [{ host = 'a', description = 'b', json = '1' }]",
        "entries = [{ host = 'a', description = 'b', passthrough = 'c' }]",
        "entries = [{ host = 'a', description = 'b', online = -1 }]",
        "entries = [{ host = 'a', description = 'b', online = { players = 'a' } }]",
        "entries = [{ host = 'a', description = 'b', timeout-ms = 5 }]",
        "entries = [{ host = 'a', passthrough = 'b', timeout-ms = 10001 }]",
        "entries = [{ host = 'a', passthrough = 'b', offline = {} }]",
        "entries = [{ host = 'a', passthrough = 'b', offline = { description = 'c', ttl-ms = 1 } }]",
    ] {
        check(wrong, false);
    }
}
