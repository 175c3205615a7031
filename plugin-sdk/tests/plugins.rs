//! Plugins as the mock host runs them: hooks, failures, swaps.

use portcullis_sdk::prelude::*;
use portcullis_sdk::testing::Host;
use portcullis_sdk::{AttributeError, Intent, state};

/// Fails when told to, and notes what it saw.
#[derive(Plugin)]
#[plugin(stage = "guard", start = "Self::start")]
struct Guard {
    settings: Settings,
    #[plugin(state)]
    seen: Seen,
    asked: u32,
}

#[derive(Config)]
struct Settings {
    #[config(default = false)]
    fail: bool,
    #[config(default = false)]
    refuse: bool,
}

#[derive(State, Default, Debug, PartialEq)]
struct Seen {
    hosts: Vec<String>,
}

impl Guard {
    fn start(&mut self) -> Result<()> {
        if self.settings.refuse {
            Err(Error::new("told to refuse"))
        } else {
            Ok(())
        }
    }
}

#[hooks]
impl Handshake for Guard {
    fn handshake(&mut self, session: &Session) -> Result<HandshakeVerdict> {
        self.asked += 1;
        self.seen.hosts.push(session.host().to_owned());
        session.set_attribute("seen", "yes")?;
        if self.settings.fail {
            return Err(Error::new("told to fail"));
        }
        Ok(match session.host() {
            "old.example" => HandshakeVerdict::RewriteHost("new.example".into()),
            "tagged.example" => HandshakeVerdict::Tag(vec![("a".into(), "1".into())]),
            "bad.example" => HandshakeVerdict::RewriteHost(String::new()),
            _ => HandshakeVerdict::Next,
        })
    }
}

#[hooks]
impl Route for Guard {
    fn route(&mut self, session: &Session) -> RouteVerdict {
        match session.claimed_name() {
            Some("nowhere") => RouteVerdict::To(Vec::new()),
            Some(name) => RouteVerdict::to([name]),
            None => RouteVerdict::Next,
        }
    }
}

#[test]
fn a_description_lists_the_hooks_there_are_and_no_others() {
    let hooks = Guard::DESCRIPTION.hooks;
    let has = hooks.0.iter().filter_map(|(hook, has)| has.then_some(*hook));
    assert_eq!(has.collect::<Vec<_>>(), ["handshake", "route"]);
    assert_eq!(Guard::DESCRIPTION.name, "portcullis-sdk");
    assert_eq!(Guard::DESCRIPTION.summary, "Fails when told to, and notes what it saw.");
    assert_eq!(Guard::DESCRIPTION.state_version, Some(1));
}

#[test]
fn an_error_of_start_refuses_the_load() {
    let error = Host::new().try_start::<Guard>("refuse = true").map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "told to refuse");
}

#[test]
fn what_a_failed_call_noted_on_the_session_is_undone() {
    let host = Host::new();
    let session = Session::build().at_handshake();
    let mut failing = host.start::<Guard>("fail = true");
    assert_eq!(failing.try_handshake(&session).unwrap_err().to_string(), "told to fail");
    assert_eq!(session.attribute("seen"), None);
    host.start::<Guard>("").handshake(&session);
    assert_eq!(session.attribute("seen").as_deref(), Some("yes"));
}

#[test]
fn a_handshakes_verdict_changes_the_session() {
    let mut guard = Host::new().start::<Guard>("");
    let session = Session::build().host("old.example").at_handshake();
    guard.handshake(&session);
    assert_eq!(session.host(), "new.example");
    let session = Session::build().host("tagged.example").at_handshake();
    guard.handshake(&session);
    assert_eq!(session.attribute("a").as_deref(), Some("1"));
}

#[test]
fn verdicts_that_the_host_would_refuse_are_failures() {
    let host = Host::new();
    let mut guard = host.start::<Guard>("");
    let mut check = |name: &str, expect: &str| {
        let error = guard
            .try_route(&Session::build().name(name).at_route())
            .unwrap_err()
            .to_string();
        assert_eq!(error, format!("the host would refuse this verdict: {expect}"));
    };
    check("nowhere", "0 targets are named; 1 to 64 are allowed");
    check(
        "lobby",
        "Target::Server(\"lobby\") is not known to the host; add it with `host.server(…)`",
    );
    let bad = Session::build().host("bad.example").at_handshake();
    assert!(
        guard
            .try_handshake(&bad)
            .unwrap_err()
            .to_string()
            .contains("is no host")
    );
}

#[test]
fn a_swap_hands_over_what_is_state_and_starts_the_rest_afresh() {
    let mut guard = Host::new().start::<Guard>("");
    guard.handshake(&Session::build().host("a.example").at_handshake());
    assert_eq!(guard.asked, 1);
    guard.swap();
    assert_eq!(
        (guard.asked, guard.seen.hosts.as_slice()),
        (0, &["a.example".to_owned()][..])
    );
}

/// The same plugin, later.
#[derive(Plugin)]
#[plugin(stage = "guard")]
struct NewGuard {
    #[plugin(state)]
    seen: NewSeen,
}

#[derive(State, Default)]
#[state(version = 2, from = "Seen")]
struct NewSeen {
    hosts: Vec<(String, u32)>,
}

impl From<Seen> for NewSeen {
    fn from(old: Seen) -> Self {
        Self {
            hosts: old.hosts.into_iter().map(|host| (host, 1)).collect(),
        }
    }
}

#[hooks]
impl Accept for NewGuard {
    fn accept(&mut self, _session: &Session) -> AcceptVerdict {
        AcceptVerdict::Next
    }
}

#[test]
fn a_newer_build_migrates_and_an_older_one_gives_the_swap_up() {
    let mut guard = Host::new().start::<Guard>("");
    guard.handshake(&Session::build().host("a.example").at_handshake());
    let new = guard.swap_for::<NewGuard>("").unwrap();
    assert_eq!(new.seen.hosts, [("a.example".to_owned(), 1)]);
    let error = new.swap_for::<Guard>("").map(|_| ()).unwrap_err().to_string();
    assert!(
        error.contains("saved in version 2") && error.contains("its own version is 1"),
        "{error}"
    );
}

#[test]
fn a_plugin_without_settings_takes_no_configuration() {
    let error = Host::new()
        .try_start::<NewGuard>("a = 1")
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(error.contains("takes no configuration"), "{error}");
}

#[test]
fn attributes_are_bounded_as_the_contract_says() {
    let session = Session::build().at_route();
    for n in 0..32 {
        session.set_attribute(&n.to_string(), "").unwrap();
    }
    assert_eq!(session.set_attribute("more", ""), Err(AttributeError::Full));
    session.set_attribute("7", "changed").unwrap();
    session.remove_attribute("7").unwrap();
    assert_eq!(session.set_attribute("more", ""), Ok(()));
}

#[test]
fn each_moment_shows_what_the_host_knows_by_then() {
    let builder = Session::build()
        .host("a.example")
        .name("Ada")
        .peer("[2001:db8::1]:4000");
    let accept = builder.clone().at_accept();
    assert!(accept.handshake().is_none() && accept.claimed_name().is_none());
    let status = builder.clone().at_status();
    assert_eq!(status.handshake().unwrap().intent, Intent::Status);
    assert!(status.claimed_name().is_none());
    let route = builder.at_route();
    assert_eq!((route.host(), route.claimed_name()), ("a.example", Some("Ada")));
    assert_eq!(route.peer().to_string(), "[2001:db8::1]:4000");
}

#[test]
fn kept_values_are_migrated_when_they_are_read() {
    let _host = Host::new();
    let old: state::Key<Seen> = state::Key::new("seen");
    let new: state::Key<NewSeen> = state::Key::new("seen");
    old.set(
        "a",
        &Seen {
            hosts: vec!["x".into()],
        },
    )
    .unwrap();
    assert_eq!(new.get("a").unwrap().unwrap().hosts, [("x".to_owned(), 1)]);
    new.set("a", &NewSeen::default()).unwrap();
    assert!(matches!(old.get("a"), Err(state::StateError::Unreadable(_))));
}
