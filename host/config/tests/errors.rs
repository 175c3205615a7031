//! Every problem that a configuration can have, with the exact words that an operator reads.

use std::{fs, path::Path};

use portcullis_config::{Problem, load, parse};

/// What is said about `toml`, one problem a line, each after the line and column it is at.
fn check(toml: &str, expected: &[&str]) {
    let said: Vec<String> = match parse(Path::new("portcullis.toml"), toml) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    };
    let expected: Vec<String> = expected.iter().map(|line| format!("portcullis.toml:{line}")).collect();
    assert_eq!(said, expected, "\n{toml}");
}

#[test]
fn a_text_that_is_not_toml_is_refused_with_every_place_that_is_not() {
    check(
        "[host\nworkers = 1\n",
        &["1:6: not valid TOML: unclosed table, expected `]`"],
    );
    check(
        "[host]\nworkers = 1\nworkers = 2\n[plugins.a]\nfile = 'a\n",
        &[
            "3:1: not valid TOML: duplicate key",
            "5:10: not valid TOML: invalid literal string, expected `'`",
        ],
    );
}

#[test]
fn an_unknown_key_names_the_nearest_known_key_of_its_table() {
    check(
        "[[listener]]\nbind = '127.0.0.1:1'\nchian = 'main'\n[chains]\nmain = []\n",
        &["3:1: unknown key `chian` in [[listener]]; did you mean `chain`?"],
    );
    check(
        "[host]\nstate_dir = 'x'\n",
        &["2:1: unknown key `state_dir` in [host]; did you mean `state-dir`?"],
    );
    check(
        "[hots]\nworkers = 1\n",
        &["1:2: unknown key `hots` at the top level; did you mean `host`?"],
    );
    check(
        "[plugins.p]\nlimits = { hot-call = 5 }\n",
        &["2:12: unknown key `hot-call` in [plugins.p.limits]; did you mean `hot-call-ms`?"],
    );
}

#[test]
fn an_unknown_key_that_another_table_has_names_that_table() {
    check(
        "workers = 5\n",
        &["1:1: unknown key `workers` at the top level; it belongs to [host]"],
    );
    check(
        "[host]\nlog = 'info'\n",
        &["2:1: unknown key `log` in [host]; it belongs to [telemetry]"],
    );
    check(
        "[host]\nproxy-protocol = 'off'\nmemory-mib = 1\n",
        &[
            "2:1: unknown key `proxy-protocol` in [host]; it belongs to [[listener]] or [[server]]",
            "3:1: unknown key `memory-mib` in [host]; it belongs to [plugins.NAME.limits]",
        ],
    );
    check(
        "chain = 'main'\n",
        &["1:1: unknown key `chain` at the top level; did you mean `chains`, or does it belong to [[listener]]?"],
    );
}

#[test]
fn an_unknown_key_like_no_other_names_all_keys_of_its_table() {
    check(
        "[telemetry]\ncolour = true\n",
        &["2:1: unknown key `colour` in [telemetry]; known keys: `log`, `log-format`, `metrics`, `otlp`"],
    );
}

#[test]
fn a_missing_key_comes_with_an_example() {
    check(
        "[[listener]]\nchain = 'main'\n[chains]\nmain = []\n",
        &["1:1: `bind` is missing in [[listener]]; add for example `bind = \"0.0.0.0:25565\"`"],
    );
    check(
        "\n[[server]]\nweight = 1\n",
        &[
            "2:1: `name` is missing in [[server]]; add for example `name = \"lobby-1\"`",
            "2:1: `address` is missing in [[server]]; add for example `address = \"127.0.0.1:25566\"`",
        ],
    );
}

#[test]
fn a_value_of_another_type_comes_with_what_to_write() {
    check(
        "[host]\nworkers = 'two'\nplugin-dir = 5\ndns = '1.1.1.1'\n",
        &[
            "2:11: `workers` in [host] must be a whole number, not text in quotes; write for example `workers = 0`",
            "3:14: `plugin-dir` in [host] must be text in quotes, not a whole number; put it in quotes",
            "4:7: `dns` in [host] must be a list, not text in quotes; write `dns = [\"1.1.1.1\"]`",
        ],
    );
    check(
        "[host]\nworkers = '2'\n[[listener]]\nbind = '127.0.0.1:1'\nauto-chain = 'false'\n[chains]\nmain = []\n",
        &[
            "2:11: `workers` in [host] must be a whole number, not text in quotes; leave the quotes out",
            "5:14: `auto-chain` in [[listener]] must be `true` or `false`, not text in quotes; leave the quotes out",
        ],
    );
    check(
        "[[server]]\nname = 'a'\naddress = 'a:1'\nweight = 1.5\nproxy-protocol = true\nlabels = { zone = 3 }\n",
        &[
            "4:10: `weight` in [[server]] must be a whole number, not a number with a fraction; write for example `weight = 1`",
            "5:18: `proxy-protocol` in [[server]] must be text in quotes, not `true` or `false`; write one of `off`, `v1`, `v2`",
            "6:19: `zone` in `labels` in [[server]] must be text in quotes, not a whole number; put it in quotes",
        ],
    );
    check(
        "[listener]\nbind = '127.0.0.1:1'\n",
        &["1:1: `listener` at the top level must be a list, not a table; write `[[listener]]`"],
    );
    check(
        "plugins = 1979-05-27\nchains = []\n",
        &[
            "1:11: `plugins` at the top level must be a table, not a date; write `[plugins]` and its keys below",
            "2:10: `chains` at the top level must be a table, not a list; write `[chains]` and its keys below",
        ],
    );
}

#[test]
fn a_number_out_of_range_comes_with_the_range() {
    check(
        "[host]\nworkers = 5000\ndrain-seconds = -1\n",
        &[
            "2:11: `workers` in [host] is 5000; write a number of at most 1024",
            "3:17: `drain-seconds` in [host] is -1; write a number of at least 0",
        ],
    );
    check(
        "[plugins.p.limits]\nmemory-mib = 0\nhot-call-ms = 0x10000000000000000\n",
        &[
            "2:14: `memory-mib` in [plugins.p.limits] is 0; write a number of at least 1",
            "3:15: `hot-call-ms` in [plugins.p.limits] is 0x10000000000000000; write a number of at most 1000",
        ],
    );
}

#[test]
fn no_limit_can_be_zero_that_would_let_nothing_through() {
    let zeros = [
        (
            "[[listener]]\nbind = '127.0.0.1:1'\n",
            "in [[listener]]",
            "max-connections max-pending handshake-timeout-ms idle-timeout-s",
        ),
        (
            "[[server]]\nname = 'a'\naddress = 'a:1'\n",
            "in [[server]]",
            "connect-timeout-ms",
        ),
        (
            "[plugins.p.limits]\n\n\n",
            "in [plugins.p.limits]",
            "memory-mib hot-call-ms slow-call-ms state-keys state-mib",
        ),
    ];
    for (table, section, keys) in zeros {
        for key in keys.split(' ') {
            let column = key.len() + 4;
            let toml = format!("{}{key} = 0\n[chains]\nmain = []\n", table);
            let line = table.lines().count() + 1;
            check(
                &toml,
                &[&format!(
                    "{line}:{column}: `{key}` {section} is 0; write a number of at least 1"
                )],
            );
        }
    }
}

#[test]
fn a_word_that_is_not_one_of_the_allowed_comes_with_those_that_are() {
    check(
        "[telemetry]\nlog-format = 'prety'\n[plugins.p]\non-failure = 'ignore'\n",
        &[
            "2:14: `log-format` in [telemetry] is `prety`; did you mean `pretty`? Otherwise write one of `pretty`, `json`",
            "4:14: `on-failure` in [plugins.p] is `ignore`; write one of `closed`, `open`",
        ],
    );
}

#[test]
fn texts_that_mean_nothing_come_with_what_is_wrong() {
    check(
        "[host]\ntrusted-keys = ['abc']\ndns = ['9.9.9.9', 'dns.example.com']\n",
        &[
            "2:17: `trusted-keys[0]` in [host]: `abc` is not a minisign public key; write the second line of `minisign.pub`",
            "3:19: `dns[1]` in [host]: `dns.example.com` is not an IP address; write for example `9.9.9.9` or `127.0.0.1:5353`",
        ],
    );
    check(
        "[telemetry]\nlog = 'inof'\nmetrics = '9100'\notlp = 'localhost'\n",
        &[
            "2:7: `log` in [telemetry]: `inof` is not a level; did you mean `info`? Otherwise write one of `off`, `error`, `warn`, `info`, `debug`, `trace`",
            "3:11: `metrics` in [telemetry]: `9100` is not an IP address and port; write for example `127.0.0.1:9100`",
            "4:8: `otlp` in [telemetry]: `localhost` is not the URL of a collector; write for example `http://127.0.0.1:4317`",
        ],
    );
    check(
        "[[listener]]\nbind = 'localhost:1'\nchain = 'Main'\ntrusted-proxies = ['10.0.0/8']\n",
        &[
            "2:8: `bind` in [[listener]]: `localhost:1` is not an IP address and port; write for example `0.0.0.0:25565` or `[::]:25565`",
            "3:9: `chain` in [[listener]]: `Main` is not a name because of 'M'; write only `a-z`, `0-9`, `_` and `-`",
            "4:20: `trusted-proxies[0]` in [[listener]]: `10.0.0/8` is not a network; write CIDR such as `10.0.0.0/8` or a single address",
        ],
    );
    check(
        "[[server]]\nname = 'a b'\naddress = 'a'\ngroups = ['ok', '']\n",
        &[
            "2:8: `name` in [[server]]: `a b` is not a name because of ' '; write only `A-Z`, `a-z`, `0-9`, `_`, `-` and `.`",
            "3:11: `address` in [[server]]: `a` has no port; write it as `host:port`, for example `a:25565`",
            "4:17: `groups[1]` in [[server]]: a name cannot be empty; write 1 to 64 characters",
        ],
    );
    check(
        "[plugins.p]\nfile = 'p.cwasm'\ngrants = ['sql', 'contrl']\nsha256 = 'abc'\n",
        &[
            "2:8: `file` in [plugins.p]: `p.cwasm` is not a `.wasm` file; name the component itself, compiled code is kept elsewhere",
            "3:18: `grants[1]` in [plugins.p]: `contrl` is not a grant; did you mean `control`? (known: `http:ORIGIN`, `sql`, `secrets:NAME`, `control`, `packets`)",
            "4:10: `sha256` in [plugins.p]: `abc` is not a SHA-256; write the 64 hexadecimal digits that `sha256sum FILE` prints",
        ],
    );
}

#[test]
fn keys_that_are_names_follow_the_rules_of_names() {
    check(
        "[plugins.Router]\n[chains]\n'my chain' = []\n",
        &[
            "1:10: `Router` in [plugins]: `Router` is not a name because of 'R'; write only `a-z`, `0-9`, `_` and `-`",
            "3:1: `\"my chain\"` in [chains]: `my chain` is not a name because of ' '; write only `a-z`, `0-9`, `_` and `-`",
        ],
    );
}

#[test]
fn numbers_that_json_cannot_say_are_not_handed_to_a_plugin() {
    check(
        "[plugins.p.config]\nx = inf\ny = [1.5, -nan]\nn = 9223372036854775808\n[[plugins.p.config.z]]\nw = nan\n",
        &[
            "2:5: `x` in [plugins.p.config] is `inf`, which cannot be handed to a plugin; write a finite number",
            "3:11: `y[1]` in [plugins.p.config] is `-nan`, which cannot be handed to a plugin; write a finite number",
            "4:5: `n` in [plugins.p.config] is 9223372036854775808; write a number from -9223372036854775808 to 9223372036854775807",
            "6:5: `w` in [[plugins.p.config.z]] is `nan`, which cannot be handed to a plugin; write a finite number",
        ],
    );
}

#[test]
fn nothing_is_listed_twice() {
    check(
        "[[server]]\nname = 'a'\naddress = 'a:1'\ngroups = ['g', 'h', 'g']\n[plugins.p]\n[chains]\nmain = ['p', 'p']\n",
        &[
            "4:21: `groups` in [[server]] names `g` twice; leave one out",
            "7:14: `main` in [chains] names `p` twice; leave one out",
        ],
    );
}

#[test]
fn names_and_binds_are_given_once() {
    check(
        "[[server]]\nname = 'a'\naddress = 'a:1'\n[[server]]\nname = 'a'\naddress = 'a:2'\n",
        &["5:8: server `a` is defined twice, first at portcullis.toml:2:8; give each server its own name"],
    );
    check(
        "[[listener]]\nbind = '[::]:1'\n[[listener]]\nbind = '[0:0::]:1'\n[chains]\nmain = []\n",
        &["4:8: `[::]:1` is bound twice, first at portcullis.toml:2:8; give each [[listener]] its own address or port"],
    );
    check(
        "[[server]]\nname = 'a'\naddress = 'a:1'\ngroups = ['b']\n[[server]]\nname = 'b'\naddress = 'b:1'\ngroups = ['b']\n",
        &["4:10: group `b` has the name of the server at portcullis.toml:6:8; rename one of them"],
    );
}

#[test]
fn what_is_referred_to_must_exist() {
    check(
        "[[listener]]\nbind = '127.0.0.1:1'\nchain = 'mian'\n[chains]\nmain = []\n",
        &[
            "3:9: chain `mian` is not defined; did you mean `main`? Otherwise add `mian = []` to [chains] and list its plugins",
        ],
    );
    check(
        "[[listener]]\nbind = '127.0.0.1:1'\n",
        &["1:1: chain `main` is not defined; add `main = []` to [chains] and list its plugins"],
    );
    check(
        "[plugins.router]\n[chains]\nmain = ['router', 'ruoter']\nother = ['motd']\n",
        &[
            "3:19: plugin `ruoter` is unknown: there is neither [plugins.ruoter] nor the file plugins/ruoter.wasm; did you mean `router`? Otherwise add one of the two",
            "4:10: plugin `motd` is unknown: there is neither [plugins.motd] nor the file plugins/motd.wasm; add one of the two",
        ],
    );
}

#[test]
fn what_exists_but_is_wrong_is_reported_once_and_not_as_missing() {
    check(
        "[[listener]]\nbind = '127.0.0.1:1'\n[plugins]\np = 5\n[chains]\nmain = 'p'\nother = ['p']\n",
        &[
            "4:5: `p` in [plugins] must be a table, not a whole number; write `[plugins.p]` and its keys below",
            "6:8: `main` in [chains] must be a list, not text in quotes; write `main = [\"p\"]`",
        ],
    );
}

#[test]
fn proxy_headers_are_not_taken_from_everybody() {
    for word in ["accept", "require"] {
        check(
            &format!("[[listener]]\nbind = '127.0.0.1:1'\nproxy-protocol = '{word}'\n[chains]\nmain = []\n"),
            &[&format!(
                "3:18: `proxy-protocol = \"{word}\"` needs to know whom to believe; add `trusted-proxies = [\"10.0.0.0/8\"]` with your proxies' networks"
            )],
        );
    }
}

#[test]
fn a_problem_in_one_element_does_not_hide_those_in_others_or_shift_their_lines() {
    check(
        "[[server]]\naddress = 'a:1'\n[[server]]\nname = 'b'\naddress = 'b'\n[[server]]\nname = 5\naddress = 'c:1'\n[[server]]\nname = 'd'\naddress = 'd'\n",
        &[
            "1:1: `name` is missing in [[server]]; add for example `name = \"lobby-1\"`",
            "5:11: `address` in [[server]]: `b` has no port; write it as `host:port`, for example `b:25565`",
            "7:8: `name` in [[server]] must be text in quotes, not a whole number; put it in quotes",
            "11:11: `address` in [[server]]: `d` has no port; write it as `host:port`, for example `d:25565`",
        ],
    );
}

#[test]
fn columns_count_characters_and_not_bytes() {
    check(
        "[[server]]\nlabels = { motd = '§aGrüße', weigth = 1 }\nname = 'a'\naddress = 'a:1'\n",
        &["2:39: `weigth` in `labels` in [[server]] must be text in quotes, not a whole number; put it in quotes"],
    );
}

#[test]
fn a_problem_is_one_line_whatever_the_file_contains() {
    check(
        "[telemetry]\nlog = \"\\u001b[2J\\n\"\n\"ke\\ny\" = 1\nmetrics = \"\"\"a\nb\"\"\"\n",
        &[
            "3:1: unknown key `ke\\ny` in [telemetry]; known keys: `log`, `log-format`, `metrics`, `otlp`",
            "4:11: `metrics` in [telemetry]: `a\\nb` is not an IP address and port; write for example `127.0.0.1:9100`",
        ],
    );
}

#[test]
fn a_problem_knows_its_full_key() {
    let toml = "[[listener]]\nbind = '127.0.0.1:1'\n[[listener]]\nbind = '127.0.0.1:2'\ntrusted-proxies = ['::1', 'x']\n[chains]\nmain = []\n";
    let problems = parse(Path::new("p.toml"), toml).unwrap_err();
    assert_eq!(problems[0].key, "listener[1].trusted-proxies[1]");
    assert!(matches!(problems[0].problem, Problem::BadValue { .. }));
    assert_eq!((problems[0].location.line, problems[0].location.column), (5, 27));
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_systems_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portcullis.toml");
    let said = |path: &Path| {
        load(path)
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        said(&path),
        [format!(
            "{}: cannot be read: No such file or directory (os error 2)",
            path.display()
        )]
    );
    assert_eq!(
        said(folder.path()),
        [format!(
            "{}: cannot be read: Is a directory (os error 21)",
            folder.path().display()
        )]
    );
    fs::write(&path, b"[host]\n# \xff\n").unwrap();
    assert_eq!(
        said(&path),
        [format!(
            "{}: cannot be read: stream did not contain valid UTF-8",
            path.display()
        )]
    );
}
