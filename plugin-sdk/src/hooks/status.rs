//! A client asks what its server list should show.

use std::time::Duration;

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::status::exports::portcullis::plugin::status as contract;
use crate::clock::whole_ms;
use crate::plugin::Exports;
use crate::servers::Target;
use crate::{Plugin, Session, Text};

/// Players shown as the most there may be, unless said otherwise: what a server starts out with.
const MAXIMUM: u32 = 20;

/// Short enough for a player count to look alive.
const TTL: Duration = Duration::from_secs(1);

/// For how long a server's answer, or its failure to give one, is kept unless said otherwise.
const PASSTHROUGH_TTL: Duration = Duration::from_secs(5);

/// How long one server is waited for, unless said otherwise.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Any UUID will do for a line of the sample.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// A client asks what its server list should show. Legacy pings arrive here, too.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Says hello.
/// #[derive(Plugin)]
/// #[plugin(stage = "status")]
/// struct Hello;
///
/// #[hooks]
/// impl Status for Hello {
///     fn status(&mut self, session: &Session) -> StatusVerdict {
///         StatusAnswer::new(format!("<gold>Hello from {}", session.host())).online(3).into()
///     }
/// }
///
/// let verdict = Host::new().start::<Hello>("").status(&Session::build().host("a.example").at_status());
/// assert_eq!(verdict, StatusAnswer::new("<gold>Hello from a.example").online(3).into());
/// ```
pub trait Status: Plugin + Exported<hook::Status> {
    /// Called once per request, unless an earlier answer's `ttl` still runs.
    fn status(&mut self, session: &Session) -> impl Outcome<StatusVerdict>;
}

/// What the server list shows.
///
/// ```
/// use portcullis_sdk::{StatusAnswer, StatusVerdict};
///
/// let verdict: StatusVerdict = StatusAnswer::new("Hello").into();
/// assert!(matches!(verdict, StatusVerdict::Answer(_)));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum StatusVerdict {
    /// No opinion: ask the next link. When none answers, the host says so in an answer of its own.
    Next,
    /// Final.
    Answer(StatusAnswer),
    /// Final: ask a server.
    Passthrough(Passthrough),
    /// Final: close without a word.
    Drop,
}

/// An answer of the plugin's own.
///
/// ```
/// use portcullis_sdk::{StatusAnswer, Text};
///
/// let answer = StatusAnswer::new("<gold>Example").online(5).maximum(100).sample(["Be kind"]);
/// assert_eq!(answer.description, Text::markup("<gold>Example"));
/// assert_eq!(answer.sample[0].0, "Be kind");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StatusAnswer {
    /// The message.
    pub description: Text,
    /// Shown in place of the player count when versions differ; absent: "Portcullis".
    pub version_name: Option<String>,
    /// Protocol number to claim; absent: the client's own, so that it may join. -1 fits no client.
    pub protocol: Option<i32>,
    /// Players online.
    pub online: u32,
    /// Players at most.
    pub maximum: u32,
    /// Lines shown when pointing at the player count, each with a dashed UUID. At most 64.
    pub sample: Vec<(String, String)>,
    /// PNG of 64 × 64 pixels, at most 24 KiB.
    pub favicon: Option<Vec<u8>>,
    /// For so long the host gives the same answer to the same host name and protocol without asking again. Zero: ask each
    /// time.
    pub ttl: Duration,
}

impl StatusAnswer {
    /// An answer with this message, markup unless it is a [`Text`]: nobody of 20 online, kept for a second.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let answer = portcullis_sdk::StatusAnswer::new("Hello");
    /// assert_eq!((answer.online, answer.maximum, answer.ttl), (0, 20, Duration::from_secs(1)));
    /// ```
    pub fn new(description: impl Into<Text>) -> Self {
        Self {
            description: description.into(),
            version_name: None,
            protocol: None,
            online: 0,
            maximum: MAXIMUM,
            sample: Vec::new(),
            favicon: None,
            ttl: TTL,
        }
    }

    /// So many players online.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::StatusAnswer::new("Hello").online(3).online, 3);
    /// ```
    pub fn online(mut self, online: u32) -> Self {
        self.online = online;
        self
    }

    /// So many players at most.
    ///
    /// ```
    /// assert_eq!(portcullis_sdk::StatusAnswer::new("Hello").maximum(500).maximum, 500);
    /// ```
    pub fn maximum(mut self, maximum: u32) -> Self {
        self.maximum = maximum;
        self
    }

    /// These lines, shown when pointing at the player count.
    ///
    /// ```
    /// let answer = portcullis_sdk::StatusAnswer::new("Hello").sample(["one", "two"]);
    /// assert_eq!(answer.sample.len(), 2);
    /// ```
    pub fn sample(mut self, lines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.sample = lines.into_iter().map(|line| (line.into(), NOBODY.to_owned())).collect();
        self
    }

    /// A version's name and number, for clients of another: -1 fits none, so that all show the name.
    ///
    /// ```
    /// let answer = portcullis_sdk::StatusAnswer::new("Closed").version("closed", -1);
    /// assert_eq!((answer.version_name.as_deref(), answer.protocol), (Some("closed"), Some(-1)));
    /// ```
    pub fn version(mut self, name: impl Into<String>, protocol: i32) -> Self {
        self.version_name = Some(name.into());
        self.protocol = Some(protocol);
        self
    }

    /// Kept for so long.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let answer = portcullis_sdk::StatusAnswer::new("Hello").ttl(Duration::ZERO);
    /// assert_eq!(answer.ttl, Duration::ZERO);
    /// ```
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }
}

/// A server's own answer, asked for and kept by the host: per server, host name and protocol.
///
/// ```
/// use portcullis_sdk::{Passthrough, StatusAnswer, Target};
///
/// let passthrough = Passthrough::to(Target::Group("lobby".into())).unreachable(StatusAnswer::new("<red>Asleep"));
/// assert!(passthrough.unreachable.is_some());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Passthrough {
    /// A server, or a group whose members are asked in order until one answers.
    pub to: Target,
    /// How long a server's answer is fresh.
    pub ttl: Duration,
    /// How long a failure is kept before the server is asked again.
    pub failure_ttl: Duration,
    /// How long to wait for one server, connecting included: 1 ms to 10 s.
    pub timeout: Duration,
    /// Shown while no server answers. Absent: close without an answer, so that the client shows the server as
    /// unreachable.
    pub unreachable: Option<StatusAnswer>,
}

impl Passthrough {
    /// Asks this server or group, for at most 2 s, and keeps what comes of it for 5 s.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use portcullis_sdk::{Passthrough, Target};
    ///
    /// assert_eq!(Passthrough::to(Target::Server("lobby".into())).timeout, Duration::from_secs(2));
    /// ```
    pub fn to(target: Target) -> Self {
        Self {
            to: target,
            ttl: PASSTHROUGH_TTL,
            failure_ttl: PASSTHROUGH_TTL,
            timeout: TIMEOUT,
            unreachable: None,
        }
    }

    /// Shows this while no server answers.
    ///
    /// ```
    /// use portcullis_sdk::{Passthrough, StatusAnswer, Target};
    ///
    /// let asleep = StatusAnswer::new("<red>Asleep");
    /// let passthrough = Passthrough::to(Target::Server("lobby".into())).unreachable(asleep.clone());
    /// assert_eq!(passthrough.unreachable, Some(asleep));
    /// ```
    pub fn unreachable(mut self, answer: StatusAnswer) -> Self {
        self.unreachable = Some(answer);
        self
    }
}

impl From<StatusAnswer> for StatusVerdict {
    fn from(answer: StatusAnswer) -> Self {
        Self::Answer(answer)
    }
}

impl From<Passthrough> for StatusVerdict {
    fn from(passthrough: Passthrough) -> Self {
        Self::Passthrough(passthrough)
    }
}

impl From<StatusAnswer> for contract::Answer {
    fn from(answer: StatusAnswer) -> Self {
        let line = |(name, uuid)| contract::SamplePlayer { name, uuid };
        Self {
            version_name: answer.version_name,
            protocol: answer.protocol,
            description: answer.description,
            online: answer.online,
            maximum: answer.maximum,
            sample: answer.sample.into_iter().map(line).collect(),
            favicon: answer.favicon,
            ttl_ms: whole_ms(answer.ttl),
        }
    }
}

impl From<StatusVerdict> for contract::Verdict {
    fn from(verdict: StatusVerdict) -> Self {
        match verdict {
            StatusVerdict::Next => Self::Next,
            StatusVerdict::Answer(answer) => Self::Answer(answer.into()),
            StatusVerdict::Passthrough(passthrough) => Self::Passthrough(contract::Passthrough {
                to: passthrough.to,
                ttl_ms: whole_ms(passthrough.ttl),
                failure_ttl_ms: whole_ms(passthrough.failure_ttl),
                timeout_ms: whole_ms(passthrough.timeout),
                unreachable: passthrough.unreachable.map(Into::into),
            }),
            StatusVerdict::Drop => Self::Drop,
        }
    }
}

impl<P: Status> contract::Guest for Exports<P> {
    fn on_status() -> contract::Verdict {
        ask::<P, _>(|plugin| plugin.status(&Session::at_hand()).outcome()).into()
    }
}
