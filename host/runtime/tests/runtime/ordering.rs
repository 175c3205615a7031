//! Orders that plugins give to sessions, and how they find them.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use portcullis_registry::{Message, Order, Session, Target, Text, Title};
use portcullis_runtime::CommandOutcome;

use crate::support::Host;
use crate::support::players::{player, unframed, uuid_of};
use crate::support::questions::chain;

/// A host on which Alex gives orders, and others are there.
struct Crowd {
    host: Host,
    alex: Arc<Session>,
    steve: Arc<Session>,
    /// Plays 1.7.10.
    old: Arc<Session>,
    /// Was not logged in by the host.
    unknown: Arc<Session>,
}

impl Crowd {
    fn gather() -> Self {
        let toml = "[plugins.orders]\ngrants = ['packets', 'control']\nlimits = { hot-call-ms = 1000 }\n[chains]\nmain = ['orders']";
        let host = Host::start(1, toml);
        let registry = &host.registry;
        let crowd = Self {
            alex: player(registry, "Alex", "1.20.6"),
            steve: player(registry, "Steve", "1.20.4"),
            old: player(registry, "Old", "1.7.10"),
            unknown: unframed(registry, "Alex", "1.20.4"),
            host,
        };
        crowd.old.set_server(&"lobby-2".parse().unwrap());
        for session in [&crowd.alex, &crowd.steve, &crowd.old, &crowd.unknown] {
            crowd.host.registry.sessions.insert(session.clone());
            assert_eq!(next(session), None, "it listens from now on");
        }
        crowd
    }

    /// Has the plugin give an order, and returns what it was answered.
    fn order(&self, command: &str) -> String {
        let (session, command) = (self.alex.clone(), command.to_owned());
        self.host.on_worker(0, move |plugins| {
            plugins.command(&chain("main"), &session, &command, false);
        });
        self.host.noted("orders", "answer").concat()
    }
}

/// The next order that waits for a session.
fn next(session: &Session) -> Option<Order> {
    match session.poll_order(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(order) => Some(order),
        Poll::Pending => None,
    }
}

fn hello() -> Arc<Text> {
    Arc::new(Text::Plain("hello".into()))
}

pub(crate) mod orders {
    use super::*;

    #[test]
    fn an_order_reaches_the_sessions_that_fit_and_that_it_can_reach() {
        let crowd = Crowd::gather();
        let message = || Message {
            channel: "example:news".into(),
            data: (*b"hello").into(),
        };
        let title = || {
            Arc::new(Title {
                title: Some(Text::Plain("hello".into())),
                subtitle: None,
                fade_in: 1,
                stay: 2,
                fade_out: 3,
            })
        };
        let (alex, steve, old, unknown) = (0b0001, 0b0010, 0b0100, 0b1000);
        for (command, answer, reached, expect) in [
            (
                "disconnect",
                "Ok(4)",
                alex | steve | old | unknown,
                Order::Disconnect(hello()),
            ),
            (
                "disconnect {\"name\":\"sTEVE\"}",
                "Ok(1)",
                steve,
                Order::Disconnect(hello()),
            ),
            ("say", "Ok(3)", alex | steve | old, Order::Say(hello())),
            ("say {\"server\":\"lobby-2\"}", "Ok(1)", old, Order::Say(hello())),
            ("title", "Ok(2)", alex | steve, Order::Title(title())),
            ("action-bar", "Ok(2)", alex | steve, Order::ActionBar(hello())),
            (
                "transfer",
                "Ok(1)",
                alex,
                Order::Transfer {
                    host: "other.example.com".into(),
                    port: 25_565,
                },
            ),
            (
                "switch",
                "Ok(3)",
                alex | steve | old,
                Order::Switch([Target::Group("lobby".into())].into()),
            ),
            (
                "message",
                "Ok(3)",
                alex | steve | old,
                Order::MessageToClient(message()),
            ),
            ("answer", "Ok(())", alex, Order::MessageToServer(message())),
        ] {
            assert_eq!(crowd.order(command), answer, "{command}");
            let sessions = [&crowd.alex, &crowd.steve, &crowd.old, &crowd.unknown];
            for (number, session) in sessions.into_iter().enumerate() {
                let expect = (reached & (1 << number) != 0).then(|| expect.clone());
                assert_eq!(next(session), expect, "{command}: {number}");
                assert_eq!(next(session), None);
            }
        }
    }

    #[test]
    fn an_order_that_reaches_nobody_or_makes_no_sense_is_told_so() {
        let crowd = Crowd::gather();
        for (command, answer) in [
            ("say {\"name\":\"Nobody\"}", "Err(Error::Nobody)"),
            ("say {\"uuid\":\"no uuid\"}", "Err(Error::Nobody)"),
            ("title {\"name\":\"Old\"}", "Err(Error::Nobody)"),
            ("switch-unknown", "Err(Error::UnknownTarget)"),
            ("say-often", "Err(Error::TooMany)"),
        ] {
            assert_eq!(crowd.order(command), answer, "{command}");
        }
        for command in ["switch-nowhere", "message-odd", "message-large"] {
            let answer = crowd.order(command);
            assert!(answer.starts_with("Err(Error::Other("), "{command}: {answer}");
        }
    }

    #[test]
    fn orders_of_a_call_that_fails_are_not_given() {
        let crowd = Crowd::gather();
        assert_eq!(crowd.order("trap say"), "Ok(3)");
        assert_eq!(crowd.host.traps("orders", "trap"), 1.0);
        assert_eq!(next(&crowd.steve), None);
    }

    #[test]
    fn sessions_are_found_and_described() {
        let crowd = Crowd::gather();
        assert_eq!(crowd.order("count"), "4");
        // Two say that they are Alex; one of them is.
        assert_eq!(crowd.order("count {\"name\":\"alex\"}"), "1");
        let (_claim, _) = crowd.host.registry.sessions.claim(uuid_of("Steve"), &crowd.steve);
        let found = crowd.order(&format!("sessions {{\"uuid\":\"{}\"}}", uuid_of("Steve")));
        for part in [
            "name: \"Steve\"",
            "protocol: 765",
            "server: Some(\"lobby-1\")",
            "framed: true",
            "ip: \"192.0.2.7\"",
            &format!("uuid: \"{}\"", uuid_of("Steve")),
        ] {
            assert!(found.contains(part), "{part}: {found}");
        }
        let unknown = crowd.order(&format!("sessions {{\"session\":{}}}", crowd.unknown.id()));
        assert!(
            unknown.contains("profile: None") && unknown.contains("framed: false"),
            "{unknown}"
        );
    }

    #[test]
    fn the_command_that_gives_an_order_is_swallowed() {
        let crowd = Crowd::gather();
        let session = crowd.alex.clone();
        let outcome = crowd.host.on_worker(0, move |plugins| {
            plugins.command(&chain("main"), &session, "say", false)
        });
        assert_eq!(outcome, CommandOutcome::Swallow("orders".into()));
    }
}
