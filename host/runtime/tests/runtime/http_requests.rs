//! Requests that plugins send: where to, within which limits, and what is said where they cannot be sent.

use std::sync::mpsc::Receiver;

use portcullis_runtime::{ClaimOutcome, Hook, Roots};

use crate::support::questions::chain;
use crate::support::waiting::later;
use crate::support::web::{Web, authority};
use crate::support::{Host, PATIENCE, wait_until};

/// A plugin that is granted one origin.
fn plugin(grant: &str, limits: &str, config: &str) -> String {
    format!(
        "[plugins.fetches]\ngrants = ['http:{grant}']\nlimits = {{ {limits} }}\n[plugins.fetches.config]\n{config}\n\
         [chains]\nmain = ['fetches']"
    )
}

fn claim_later(host: &Host) -> Receiver<ClaimOutcome> {
    later(host, |plugins, session| async move {
        plugins.claim(&chain("main"), &session, "Alex", None).await
    })
}

/// What the request of a slow hook is answered, line by line.
fn fetch(host: &Host) -> Vec<String> {
    let outcome = claim_later(host).recv_timeout(PATIENCE).unwrap();
    assert_eq!(
        outcome,
        ClaimOutcome::Online("fetches".into()),
        "no answer is a failure of the plugin"
    );
    host.noted("fetches", "login")
}

/// What the request of a plugin with this grant and configuration is answered.
fn answer(grant: &str, config: &str) -> Vec<String> {
    fetch(&Host::start(1, &plugin(grant, "slow-call-ms = 60000", config)))
}

pub(crate) mod fetches {
    use super::*;

    #[test]
    fn a_request_goes_to_a_granted_origin_and_its_answer_comes_back() {
        let web = Web::plain();
        let origin = format!("http://{}", web.address);
        let config = format!(
            "method = 'POST'\nurl = '{origin}/echo'\nheaders = [['X-Key', 'a'], ['x-key', 'b']]\nbody-bytes = 3"
        );
        let lines = answer(&origin, &config);
        assert_eq!(lines, ["200", "x-seen: yes", "content-length: 3", "3", "\0\0\0"]);
        let head = web.requests().concat();
        assert!(head.starts_with("POST /echo HTTP/1.1\r\n"), "{head}");
        for line in [
            "x-key: a",
            "x-key: b",
            "user-agent: portcullis/",
            &format!("host: {}", web.address),
        ] {
            assert!(head.contains(line), "{line}: {head}");
        }
    }

    #[test]
    fn a_name_that_means_this_machine_reaches_it() {
        let web = Web::plain();
        let origin = format!("http://localhost:{}", web.address.port());
        assert_eq!(answer(&origin, &format!("url = '{origin}/echo'"))[0], "200");
    }

    #[test]
    fn other_origins_are_denied_with_what_to_grant() {
        let web = Web::plain();
        let port = web.address.port();
        for (url, named) in [
            (
                format!("http://localhost:{port}/echo"),
                format!("http://localhost:{port}"),
            ),
            (
                format!("https://127.0.0.1:{port}/echo"),
                format!("https://127.0.0.1:{port}"),
            ),
            ("http://127.0.0.1/echo".into(), "http://127.0.0.1".into()),
        ] {
            let lines = answer(&format!("http://127.0.0.1:{port}"), &format!("url = '{url}'")).concat();
            assert!(lines.starts_with("Error::Denied("), "{lines}");
            let advice = format!("add to [plugins.fetches]: grants = [\\\"http:{named}\\\"]");
            assert!(lines.contains(&advice), "{lines}");
        }
        assert_eq!(web.connections(), 0);
    }

    #[test]
    fn what_is_no_request_is_told_so() {
        let origin = "http://127.0.0.1:1";
        for (config, part) in [
            ("url = 'http://127.0.0.1:1/a b'".to_owned(), "not a URL"),
            ("url = '/echo'".into(), "begins with"),
            (format!("url = '{origin}'\nmethod = 'G T'"), "no method"),
            (format!("url = '{origin}'\nmethod = 'CONNECT'"), "no method"),
            (
                format!("url = '{origin}'\nheaders = [['a b', 'c']]"),
                "no header's name",
            ),
            (
                format!("url = '{origin}'\nheaders = [['Host', 'other.example']]"),
                "host is the host's",
            ),
            (
                format!("url = '{origin}'\nheaders = [['content-length', '7']]"),
                "is the host's",
            ),
            (
                format!("url = '{origin}'\nheaders = [['x', \"a\\nb\"]]"),
                "value of the header x",
            ),
            (format!("url = '{origin}'\nheader-count = 65"), "65 headers; at most 64"),
            (format!("url = '{origin}'\nbody-bytes = 1048577"), "at most 1048576"),
        ] {
            let lines = answer(origin, &config).concat();
            assert!(
                lines.starts_with("Error::Invalid(") && lines.contains(part),
                "{config}: {lines}"
            );
        }
    }

    #[test]
    fn redirects_are_answers_and_other_answers_are_bounded() {
        let web = Web::plain();
        let origin = format!("http://{}", web.address);
        let ask = |path: &str| answer(&origin, &format!("url = '{origin}{path}'"));
        assert_eq!(ask("/redirect")[..2], ["302", "location: /echo"]);
        assert_eq!(ask("/fits")[2], (1 << 20).to_string());
        assert_eq!(ask("/large"), ["Error::TooLarge"]);
        assert!(ask("/cut").concat().starts_with("Error::Unreachable("));
        assert_eq!(web.requests().len(), 4, "nobody was led on");
    }

    #[test]
    fn a_server_that_is_not_there_is_unreachable() {
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        let origin = format!("http://127.0.0.1:{port}");
        let lines = answer(&origin, &format!("url = '{origin}'")).concat();
        assert!(
            lines.starts_with("Error::Unreachable(") && lines.contains("refused"),
            "{lines}"
        );
    }

    #[test]
    fn a_request_waits_no_longer_than_it_wants_nor_than_its_call_has() {
        let web = Web::plain();
        let origin = format!("http://{}", web.address);
        for (limits, timeout) in [
            ("slow-call-ms = 60000", "timeout-ms = 50"),
            ("slow-call-ms = 400", ""),
            ("slow-call-ms = 400", "timeout-ms = 60000"),
        ] {
            let host = Host::start(
                1,
                &plugin(&origin, limits, &format!("url = '{origin}/gate'\n{timeout}")),
            );
            assert_eq!(fetch(&host), ["Error::Timeout"], "{limits} {timeout}");
        }
        web.open();
    }

    #[test]
    fn connections_are_kept_for_the_next_request() {
        let web = Web::plain();
        let origin = format!("http://{}", web.address);
        let host = Host::start(
            1,
            &plugin(&origin, "slow-call-ms = 60000", &format!("url = '{origin}/echo'")),
        );
        for _ in 0..5 {
            fetch(&host);
        }
        assert_eq!((web.requests().len(), web.connections()), (5, 1));
    }

    #[test]
    fn no_more_requests_are_under_way_than_a_plugin_may_have() {
        let web = Web::plain();
        let origin = format!("http://{}", web.address);
        let limits = "slow-call-ms = 60000, slow-instances = 20";
        let host = Host::start(1, &plugin(&origin, limits, &format!("url = '{origin}/gate'")));
        let under_way: Vec<_> = (0..16).map(|_| claim_later(&host)).collect();
        wait_until("all are under way", || web.requests().len() == 16);
        assert_eq!(fetch(&host), ["Error::Busy"]);
        web.open();
        for asked in under_way {
            asked.recv_timeout(PATIENCE).unwrap();
        }
        assert_eq!(fetch(&host)[0], "204");
    }

    #[test]
    fn hooks_that_may_not_wait_are_told_so() {
        let web = Web::plain();
        let origin = format!("http://{}", web.address);
        let host = Host::start(
            1,
            &plugin(&origin, "hot-call-ms = 1000", &format!("url = '{origin}/echo'")),
        );
        host.ask(0, Hook::Route, "main");
        assert_eq!(host.noted("fetches", "route"), ["Error::WouldWait"]);
        assert_eq!(host.noted("fetches", "init"), ["Error::WouldWait"]);
        host.state("fetches").delete("init").unwrap();
        fetch(&host);
        assert_eq!(
            host.noted("fetches", "init"),
            ["Error::WouldWait"],
            "in the other instances, too"
        );
        assert_eq!(web.requests().len(), 1);
    }

    #[test]
    fn a_trusted_certificate_is_taken_and_another_is_not() {
        let (web, roots) = Web::tls();
        let port = web.address.port();
        let nobody = Roots::of([authority().der().to_vec()]);
        for host_name in ["127.0.0.1", "localhost"] {
            let origin = format!("https://{host_name}:{port}");
            let toml = plugin(&origin, "slow-call-ms = 60000", &format!("url = '{origin}/echo'"));
            let trusting = Host::start_with_roots(roots.clone(), &toml);
            assert_eq!(fetch(&trusting)[0], "200", "{host_name}");
            let wary = Host::start_with_roots(nobody.clone(), &toml);
            let refused = fetch(&wary).concat();
            assert!(
                refused.starts_with("Error::Unreachable(") && refused.contains("certificate"),
                "{refused}"
            );
        }
        assert_eq!(web.requests().len(), 2);
    }

    #[test]
    fn a_missing_grant_refuses_the_load() {
        let host = Host::idle(1);
        let error = host.refusal("[chains]\nmain = ['fetches']");
        assert_eq!(error.label(), "missing-grant");
        assert!(
            error.to_string().ends_with("grants = [\"http:https://example.com\"]"),
            "{error}"
        );
    }
}
