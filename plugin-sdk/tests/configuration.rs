//! What the schema of each type takes, its reader takes, and the other way round; and what is said of the rest.

use std::collections::BTreeMap;
use std::time::Duration;

use portcullis_sdk::config::{ByteSize, Cidr, Config, OneOrMany, Secret, ServerOrGroup, parse, schema};
use portcullis_sdk::hosts::{HostPattern, HostTable, Template};
use portcullis_sdk::prelude::Text;

/// The host validates by the schema before the plugin reads: the two must agree.
fn check<T: Config>(json: &str, expect: Result<(), &str>) {
    assert_eq!(
        fits_schema::<T>(json),
        expect.is_ok(),
        "{json} against {}",
        schema::<T>()
    );
    let read = parse::<T>(json).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(read, expect.map_err(str::to_owned), "{json}");
}

/// What is of the right form, so that the schema takes it, and yet wrong.
fn check_beyond_form<T: Config>(json: &str, expect: &str) {
    assert!(fits_schema::<T>(json), "{json} against {}", schema::<T>());
    let read = parse::<T>(json).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(read, Err(expect.to_owned()), "{json}");
}

fn fits_schema<T: Config>(json: &str) -> bool {
    let schema = serde_json::from_str(&schema::<T>()).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema is a JSON Schema");
    validator.is_valid(&serde_json::from_str(json).expect("the test's own JSON"))
}

#[test]
fn single_values_are_read_as_their_schema_says() {
    check::<bool>("true", Ok(()));
    check::<bool>(
        "1",
        Err("the configuration: must be true or false, and is a whole number"),
    );
    check::<u8>("255", Ok(()));
    check::<u8>(
        "256",
        Err("the configuration: 256 is out of range; 0 to 255 is allowed"),
    );
    check::<u8>("1.5", Err("the configuration: must be a whole number, and is a number"));
    check::<i64>("-9223372036854775808", Ok(()));
    check::<f64>("1", Ok(()));
    check::<f32>("-0.5e3", Ok(()));
    check::<f64>("\"1\"", Err("the configuration: must be a number, and is a text"));
    check::<String>("\"\"", Ok(()));
    check::<String>("null", Err("the configuration: must be a text, and is null"));
    check::<Text>("\"<red>no\"", Ok(()));
    check::<Duration>("\"1m30s\"", Ok(()));
    check::<Duration>(
        "\"5\"",
        Err("the configuration: \"5\" is no duration; write \"5s\", \"1m30s\" or \"250ms\""),
    );
    check::<Duration>(
        "5",
        Err("the configuration: 5 has no unit; write \"5s\" for seconds, or ms, m, h, d"),
    );
    check::<ByteSize>("\"64KiB\"", Ok(()));
    check::<ByteSize>("4096", Ok(()));
    check::<ByteSize>(
        "-1",
        Err("the configuration: \"-1B\" is no size; write \"64KiB\", \"10MB\" or a number of bytes"),
    );
    check::<Cidr>("\"10.0.0.0/8\"", Ok(()));
    check::<Cidr>("\"2001:db8::1\"", Ok(()));
    check::<ServerOrGroup>("\"lobby\"", Ok(()));
    check::<ServerOrGroup>(
        "\"\"",
        Err("the configuration: \"\" has 0 characters; names of servers and groups have 1 to 64"),
    );
    check::<Secret>("\"hunter2\"", Ok(()));
    check::<Secret>("\"\"", Err("the configuration: is empty"));
    check::<Secret>("1", Err("the configuration: must be a text, and is a whole number"));
    check::<Template>("\"to-$0\"", Ok(()));
    check::<HostPattern>("\"*.example.com\"", Ok(()));
    check_beyond_form::<HostPattern>(
        "\"example.com.\"",
        "the configuration: ends with a dot: host names arrive without",
    );
    check_beyond_form::<Cidr>(
        "\"10.0.0.1/8\"",
        "the configuration: \"10.0.0.1/8\" has bits set beyond its prefix; write \"10.0.0.0/8\" for the network, or the address \
         alone",
    );
}

#[test]
fn several_values_are_read_as_their_schema_says() {
    check::<Vec<u8>>("[1, 2]", Ok(()));
    check::<Vec<u8>>(
        "[1, 256, true]",
        Err("[1]: 256 is out of range; 0 to 255 is allowed\n[2]: must be a whole number, and is true or false"),
    );
    check::<OneOrMany<u8>>("1", Ok(()));
    check::<OneOrMany<u8>>("[1]", Ok(()));
    check::<OneOrMany<u8>>("[]", Err("the configuration: has 0 elements; at least 1 are needed"));
    check::<OneOrMany<u8>>(
        "\"1\"",
        Err("the configuration: must be a whole number or a list, and is a text"),
    );
    check::<BTreeMap<String, u8>>(r#"{"a": 1}"#, Ok(()));
    check::<BTreeMap<String, u8>>(r#"{"a": 1, "b": "x"}"#, Err("b: must be a whole number, and is a text"));
}

#[derive(Config, Debug)]
#[config(exactly_one(to, text), check = "Self::check")]
struct Settings {
    /// Above 0.
    #[config(range(1..))]
    least: u32,
    #[config(default = "5s", range("1s"..="1h"))]
    keep: Duration,
    #[config(default = "a", one_of("a", "bcd"))]
    word: String,
    #[config(default = [], max_items = 2, range(1..=9))]
    list: Vec<u8>,
    to: Option<ServerOrGroup>,
    #[config(rename = "message")]
    text: Option<Text>,
    #[config(flatten)]
    more: More,
}

#[derive(Config, Debug, Default)]
struct More {
    #[config(default)]
    depth: u8,
    nested: Option<Box<More>>,
}

impl Settings {
    fn check(&self) -> Result<(), &'static str> {
        let even = self.least.is_multiple_of(2);
        if even { Ok(()) } else { Err("`least` must be even") }
    }
}

#[test]
fn a_table_is_read_key_by_key_and_all_problems_are_told_at_once() {
    let settings: Settings = parse(r#"{"least": 2, "to": "lobby", "nested": {"depth": 3}}"#).unwrap();
    assert_eq!(
        (settings.least, settings.keep, settings.word.as_str()),
        (2, Duration::from_secs(5), "a")
    );
    assert_eq!(settings.to.unwrap().name(), "lobby");
    assert_eq!(settings.more.nested.unwrap().depth, 3);
    assert!(settings.list.is_empty() && settings.text.is_none());

    check::<Settings>(r#"{"least": 2, "message": "hi"}"#, Ok(()));
    check::<Settings>(
        "{}",
        Err("the configuration: has neither `to` nor `message`\nleast: is missing; it must be a whole number"),
    );
    check::<Settings>(
        r#"{"least": 0, "to": "a", "message": "b", "word": "bdc", "list": [1, 2, 3], "nested": {"dpeth": 1}}"#,
        Err("the configuration: has more than one of `to`, `message`; keep one\n\
             least: 0 is out of range; 1 to 4294967295 is allowed\n\
             word: \"bdc\" is not allowed; did you mean \"bcd\"?\n\
             list: has 3 elements; at most 2 are allowed\n\
             nested.dpeth: is an unknown key; did you mean `depth`?"),
    );
    check::<Settings>(
        r#"{"least": 2, "to": "a", "list": [0, 10]}"#,
        Err("list[0]: 0 is out of range; 1 to 9 is allowed\nlist[1]: 10 is out of range; 1 to 9 is allowed"),
    );
    check_beyond_form::<Settings>(r#"{"least": 3, "to": "a"}"#, "the configuration: `least` must be even");
    check_beyond_form::<Settings>(
        r#"{"least": 2, "to": "a", "keep": "2h"}"#,
        "keep: \"2h\" is out of range; 1s to 1h is allowed",
    );
}

#[test]
fn at_most_32_problems_are_told() {
    let list = vec!["true"; 40].join(",");
    let error = parse::<Vec<u8>>(&format!("[{list}]")).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 33);
    assert!(error.ends_with("\nand 8 more"), "{error}");
}

#[derive(Config, Debug, PartialEq)]
enum Choice {
    Drop,
    #[config(rename = "wait")]
    TakeYourTime,
    Disconnect(Text),
    #[config(with_key = "to")]
    Send(Send),
    #[config(untagged)]
    Number(u8),
    #[config(untagged)]
    Names(Vec<String>),
}

#[derive(Config, Debug, PartialEq)]
struct Send {
    to: String,
    #[config(default = 1)]
    weight: u8,
}

#[test]
fn an_enum_is_told_apart_by_word_key_and_kind() {
    let read = |json: &str, expect: Choice| {
        check::<Choice>(json, Ok(()));
        assert_eq!(parse::<Choice>(json).unwrap(), expect, "{json}");
    };
    read("\"drop\"", Choice::Drop);
    read("\"wait\"", Choice::TakeYourTime);
    read(r#"{"disconnect": "no"}"#, Choice::Disconnect(Text::markup("no")));
    let send = |weight| Choice::Send(Send { to: "a".into(), weight });
    read(r#"{"to": "a"}"#, send(1));
    read(r#"{"to": "a", "weight": 2}"#, send(2));
    read("7", Choice::Number(7));
    read(r#"["a"]"#, Choice::Names(vec!["a".into()]));

    check::<Choice>(
        "\"dorp\"",
        Err("the configuration: \"dorp\" is not allowed; did you mean \"drop\"?"),
    );
    check::<Choice>(
        "true",
        Err(
            "the configuration: must be \"drop\" or \"wait\" or a table with `disconnect` or a table with `to` or a whole number \
             or a list, and is true or false",
        ),
    );
    check::<Choice>(
        "{}",
        Err(
            "the configuration: must be \"drop\" or \"wait\" or a table with `disconnect` or a table with `to` or a whole number \
             or a list, and is a table",
        ),
    );
    check::<Choice>(
        "300",
        Err("the configuration: 300 is out of range; 0 to 255 is allowed"),
    );
    check::<Choice>(
        r#"{"to": "a", "wieght": 2}"#,
        Err("wieght: is an unknown key; did you mean `weight`?"),
    );
    check::<Choice>(
        r#"{"disconnect": "no", "weight": 2}"#,
        Err("weight: is an unknown key; known are disconnect"),
    );
    check::<Choice>(
        r#"{"disconnect": 5}"#,
        Err("disconnect: must be a text, and is a whole number"),
    );
}

#[test]
fn entries_of_a_host_table_have_their_patterns_beside_their_own_keys() {
    type Table = HostTable<Send>;
    check::<Table>(
        r#"[{"host": "*.a", "to": "x"}, {"host": "b", "priority": 1, "to": "y"}]"#,
        Ok(()),
    );
    check::<Table>(r#"[{"to": "x"}]"#, Err("[0].host: is missing; it must be a text"));
    check::<Table>(r#"[{"host": "a"}]"#, Err("[0].to: is missing; it must be a text"));
    check::<Table>(
        r#"[{"host": "a", "to": "x", "more": 1}]"#,
        Err("[0].more: is an unknown key; known are to, weight"),
    );
    check_beyond_form::<Table>(
        r#"[{"host": "a b", "to": "x"}, {"host": "(", "regex": true, "to": "x"}]"#,
        "[0].host: \"a b\" contains a blank\n[1].host: \"(\" is no usable regular expression: found open group without closing ')'",
    );
    check_beyond_form::<Table>(
        r#"[{"host": "a", "to": "x"}, {"host": "A", "to": "y"}]"#,
        "the configuration: [0] (\"a\") and [1] (\"a\") have the same host",
    );
    check_beyond_form::<HostTable<Named>>(
        r#"[{"host": "*.a", "name": "$1"}, {"host": "*.b", "name": "$2"}]"#,
        "[1].name: \"$2\" names $2, but the pattern captures 1",
    );
    // An enum of tables, told apart by a key.
    check::<HostTable<Way>>(r#"[{"host": "a", "to": "x"}, {"host": "b", "name": "y"}]"#, Ok(()));
    check::<HostTable<Way>>(
        r#"[{"host": "a", "to": "x", "name": "y"}]"#,
        Err("[0].name: is an unknown key; known are to, weight"),
    );
}

#[derive(Config)]
struct Named {
    #[allow(dead_code, reason = "only read")]
    name: Template,
}

#[derive(Config)]
enum Way {
    #[config(with_key = "to")]
    Send(#[allow(dead_code, reason = "only read")] Send),
    #[config(untagged)]
    Named(#[allow(dead_code, reason = "only read")] Named),
}

#[test]
fn descriptions_and_defaults_stand_in_the_schema() {
    let schema: serde_json::Value = serde_json::from_str(&schema::<Settings>()).unwrap();
    let least = schema.pointer("/properties/least").unwrap();
    assert_eq!(least.pointer("/description").unwrap(), "Above 0.");
    assert_eq!(least.pointer("/minimum").unwrap(), 1);
    assert_eq!(schema.pointer("/properties/keep/default").unwrap(), "5s");
    assert_eq!(schema.pointer("/required").unwrap(), &serde_json::json!(["least"]));
}

/// A type that holds itself is described as far down as anybody looks.
#[test]
fn a_table_may_hold_itself() {
    let deep = |depth: usize| format!("{}{{}}{}", "{\"nested\":".repeat(depth), "}".repeat(depth));
    check::<More>(&deep(20), Ok(()));
}

#[derive(Config, Debug)]
struct Guarded {
    name: String,
    token: Secret,
    older: Option<Vec<Secret>>,
}

#[test]
fn secrets_are_marked_in_the_schema_and_shown_nowhere() {
    let schema: serde_json::Value = serde_json::from_str(&schema::<Guarded>()).unwrap();
    let is_secret = |key: &str| schema["properties"][key]["writeOnly"].as_bool().unwrap_or(false);
    assert_eq!(["name", "token", "older"].map(is_secret), [false, true, true]);
    let settings: Guarded = parse(r#"{"name": "a", "token": "hunter2", "older": ["swordfish"]}"#).unwrap();
    let older = settings.older.as_deref().unwrap_or_default();
    assert_eq!(
        (settings.name.as_str(), settings.token.reveal(), older[0].reveal()),
        ("a", "hunter2", "swordfish")
    );
    let shown = format!("{settings:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("swordfish"), "{shown}");
}
