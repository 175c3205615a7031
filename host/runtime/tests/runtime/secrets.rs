//! Secrets in files of their own: read by the host, told to the plugin, shown to nobody.

use std::fs;

use portcullis_runtime::{LoadError, PluginState};
use serde_json::{Value, json};

use crate::support::{Host, log};

const CHAIN: &str = "[chains]\nmain = ['keeps-secrets']";

fn toml(config: &str) -> String {
    format!("[plugins.keeps-secrets.config]\n{config}\n{CHAIN}")
}

/// The configuration that the plugin was given last.
fn given(host: &Host) -> Value {
    host.noted("keeps-secrets", "config").concat().parse().unwrap()
}

/// The one place where a configuration does not fit, and why.
fn violation(host: &Host, config: &str) -> (String, String) {
    match host.refusal(&toml(config)) {
        LoadError::Configuration { violations, .. } => match &*violations {
            [one] => (one.path(), one.message.clone()),
            more => panic!("{more:?}"),
        },
        other => panic!("{other}"),
    }
}

pub(crate) mod keeps_secrets {
    use super::*;

    #[test]
    fn a_secret_s_file_takes_the_place_of_the_secret() {
        for (text, expect) in [
            ("correct horse", "correct horse"),
            ("correct horse\n", "correct horse"),
            ("correct horse\r\n", "correct horse"),
            (" correct horse \n\n", " correct horse \n"),
        ] {
            let host = Host::idle(1);
            host.write("secret.txt", text);
            host.apply(&toml("secret-file = 'secret.txt'\nword = 'x'")).unwrap();
            assert_eq!(given(&host), json!({ "secret": expect, "word": "x" }), "{text:?}");
        }
    }

    #[test]
    fn a_list_s_file_has_one_item_a_line() {
        let host = Host::idle(1);
        host.write("tokens", "first\n\n  \nsecond\r\nthird one");
        host.apply(&toml("tokens-file = 'tokens'")).unwrap();
        assert_eq!(given(&host), json!({ "tokens": ["first", "second", "third one"] }));
    }

    #[test]
    fn a_setting_of_the_plugin_s_own_is_left_alone() {
        let host = Host::idle(1);
        host.apply(&toml("own-file = 'not read'\nsecret = 'correct horse'"))
            .unwrap();
        assert_eq!(
            given(&host),
            json!({ "own-file": "not read", "secret": "correct horse" })
        );
    }

    #[test]
    fn a_file_that_is_missing_or_empty_or_one_too_many_is_told_by_key_and_path() {
        let host = Host::idle(1);
        host.write("empty", "\n");
        host.write("blank", "\n \n\n");
        host.write("good", "correct horse");
        host.write("large", &"x".repeat((64 << 10) + 1));
        for (config, key, part) in [
            ("secret-file = 'nowhere'", "secret-file", "nowhere: No such file"),
            ("secret-file = 'empty'", "secret-file", "empty is empty"),
            ("tokens-file = 'blank'", "tokens-file", "blank is empty"),
            ("secret-file = 'large'", "secret-file", "longer than 64 KiB"),
            ("secret-file = 7", "secret-file", "must be a text"),
            (
                "secret-file = 'good'\nsecret = 'another one'",
                "secret-file",
                "`secret` is there as well",
            ),
            ("word-file = 'good'", "word-file", "unknown key"),
        ] {
            let (path, message) = violation(&host, config);
            assert_eq!(path, key, "{config}");
            assert!(message.contains(part), "{config}: {message}");
        }
    }

    #[test]
    fn no_message_shows_a_secret_nor_anything_beside_it() {
        let host = Host::idle(1);
        host.write("short", "s3cr3t");
        host.write("tokens", "s3cr3t\ns3c");
        for (config, key) in [
            ("secret = 's3cr3t'", "secret"),
            ("secret-file = 'short'", "secret-file"),
            ("tokens = ['s3cr3t', 's3c']", "tokens[1]"),
            ("tokens-file = 'tokens'", "tokens-file"),
            ("word = 's3cr3t and more'", "word"),
        ] {
            let (path, message) = violation(&host, config);
            assert_eq!(path, key, "{config}");
            assert!(!message.contains("s3c"), "{message}");
            assert!(message.contains("the value is"), "{message}");
        }
        assert_eq!(log::lines_with("s3cr3t"), Vec::<String>::new());
    }

    #[test]
    fn a_changed_file_swaps_the_plugin_at_the_next_look() {
        let host = Host::idle(1);
        host.write("secret", "correct horse");
        let toml = toml("secret-file = 'secret'");
        host.apply(&toml).unwrap();
        host.rescan();
        assert_eq!(host.plugin("keeps-secrets").generation, 1, "nothing has changed");
        host.write("secret", "battery staple");
        host.rescan();
        assert_eq!(host.plugin("keeps-secrets").generation, 2);
        assert_eq!(given(&host), json!({ "secret": "battery staple" }));
        host.write("secret", "another horse");
        host.apply(&toml).unwrap();
        assert_eq!(given(&host), json!({ "secret": "another horse" }));
    }

    #[test]
    fn a_file_that_is_gone_leaves_what_runs_in_force_until_it_is_back() {
        let host = Host::idle(1);
        host.write("secret", "correct horse");
        host.apply(&toml("secret-file = 'secret'")).unwrap();
        let file = host.plugin_file("../secret");
        fs::remove_file(&file).unwrap();
        for _ in 0..2 {
            host.rescan();
        }
        let plugin = host.plugin("keeps-secrets");
        assert_eq!((plugin.state, plugin.generation), (PluginState::Running, 1));
        assert!(
            plugin
                .error
                .is_some_and(|error| error.contains("secret-file: cannot read"))
        );
        assert_eq!(host.reloads("keeps-secrets", "configuration"), 1.0, "it is told once");
        host.write("secret", "correct horse");
        host.rescan();
        assert_eq!(host.plugin("keeps-secrets").error, None);
        host.write("secret", "battery staple");
        host.rescan();
        assert_eq!(given(&host), json!({ "secret": "battery staple" }));
    }
}
