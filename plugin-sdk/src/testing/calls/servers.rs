//! Calls of [`Forward`] and [`Backend`].

use super::super::running::{Running, succeed};
use crate::hooks::Outcome;
use crate::{
    AcceptedVerdict, Backend, Destination, Forward, ForwardVerdict, KickCause, KickedVerdict, Question,
    QuestionVerdict, Result, Session,
};

impl<P: Forward> Running<P> {
    /// Calls [`Forward::introduce`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "forward")] struct Mine;
    /// #[hooks]
    /// impl Forward for Mine {
    ///     fn introduce(&mut self, _: &Session, _: &Destination) -> ForwardVerdict {
    ///         ForwardVerdict::host("lobby.example.com")
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_route();
    /// assert_eq!(mine.introduce(&session, &Destination::new("lobby")), ForwardVerdict::host("lobby.example.com"));
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn introduce(&mut self, session: &Session, server: &Destination) -> ForwardVerdict {
        succeed(self.try_introduce(session, server))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "forward")] struct Mine;
    /// #[hooks]
    /// impl Forward for Mine {
    ///     fn introduce(&mut self, _: &Session, _: &Destination) -> Result<ForwardVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_route();
    /// assert_eq!(mine.try_introduce(&session, &Destination::new("lobby")).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_introduce(&mut self, session: &Session, server: &Destination) -> Result<ForwardVerdict> {
        self.ask(session, |plugin, session| plugin.introduce(session, server).outcome())
    }

    /// Calls [`Forward::question`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "forward")] struct Mine;
    /// #[hooks]
    /// impl Forward for Mine {
    ///     fn question(&mut self, _: &Session, _: &Destination, _: &Question) -> QuestionVerdict {
    ///         QuestionVerdict::Unknown
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_route();
    /// let question = Question { channel: "velocity:player_info".into(), data: vec![] };
    /// assert_eq!(mine.question(&session, &Destination::new("lobby"), &question), QuestionVerdict::Unknown);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn question(&mut self, session: &Session, server: &Destination, question: &Question) -> QuestionVerdict {
        succeed(self.try_question(session, server, question))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "forward")] struct Mine;
    /// #[hooks]
    /// impl Forward for Mine {
    ///     fn question(&mut self, _: &Session, _: &Destination, _: &Question) -> Result<QuestionVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_route();
    /// let question = Question { channel: "velocity:player_info".into(), data: vec![] };
    /// assert_eq!(mine.try_question(&session, &Destination::new("lobby"), &question).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_question(
        &mut self,
        session: &Session,
        server: &Destination,
        question: &Question,
    ) -> Result<QuestionVerdict> {
        self.ask(session, |plugin, session| {
            plugin.question(session, server, question).outcome()
        })
    }

    /// Calls [`Forward::accepted`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "forward")] struct Mine;
    /// #[hooks]
    /// impl Forward for Mine {
    ///     fn accepted(&mut self, _: &Session, _: &Destination, _: &[String]) -> AcceptedVerdict {
    ///         AcceptedVerdict::deny("no")
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_route();
    /// assert_eq!(mine.accepted(&session, &Destination::new("lobby"), &["velocity:player_info"]), AcceptedVerdict::deny("no"));
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn accepted(&mut self, session: &Session, server: &Destination, answered: &[&str]) -> AcceptedVerdict {
        succeed(self.try_accepted(session, server, answered))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "forward")] struct Mine;
    /// #[hooks]
    /// impl Forward for Mine {
    ///     fn accepted(&mut self, _: &Session, _: &Destination, _: &[String]) -> Result<AcceptedVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_route();
    /// assert_eq!(mine.try_accepted(&session, &Destination::new("lobby"), &["velocity:player_info"]).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_accepted(
        &mut self,
        session: &Session,
        server: &Destination,
        answered: &[&str],
    ) -> Result<AcceptedVerdict> {
        let answered: Vec<String> = answered.iter().map(|channel| (*channel).to_owned()).collect();
        self.ask(session, |plugin, session| {
            plugin.accepted(session, server, &answered).outcome()
        })
    }
}

impl<P: Backend> Running<P> {
    /// Calls [`Backend::connected`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "observe")] struct Mine;
    /// #[hooks]
    /// impl Backend for Mine {
    ///     fn connected(&mut self, _: &Session, _: &str) {
    ///         info!("called");
    ///     }
    /// }
    /// let host = Host::new();
    /// let mut mine = host.start::<Mine>("");
    /// let session = Session::build().in_play();
    /// mine.connected(&session, "lobby");
    /// assert_eq!(host.logs().len(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn connected(&mut self, session: &Session, server: &str) {
        succeed(self.try_connected(session, server));
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "observe")] struct Mine;
    /// #[hooks]
    /// impl Backend for Mine {
    ///     fn connected(&mut self, _: &Session, _: &str) -> Result<()> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.try_connected(&session, "lobby").unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_connected(&mut self, session: &Session, server: &str) -> Result<()> {
        self.ask(session, |plugin, session| plugin.connected(session, server).outcome())
    }

    /// Calls [`Backend::kicked`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "observe")] struct Mine;
    /// #[hooks]
    /// impl Backend for Mine {
    ///     fn kicked(&mut self, _: &Session, _: &str, _: &KickCause, _: bool) -> KickedVerdict {
    ///         KickedVerdict::Next
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.kicked(&session, "lobby", &KickCause::Closed, true), KickedVerdict::Next);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn kicked(&mut self, session: &Session, server: &str, cause: &KickCause, on_board: bool) -> KickedVerdict {
        succeed(self.try_kicked(session, server, cause, on_board))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "observe")] struct Mine;
    /// #[hooks]
    /// impl Backend for Mine {
    ///     fn kicked(&mut self, _: &Session, _: &str, _: &KickCause, _: bool) -> Result<KickedVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.try_kicked(&session, "lobby", &KickCause::Closed, true).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_kicked(
        &mut self,
        session: &Session,
        server: &str,
        cause: &KickCause,
        on_board: bool,
    ) -> Result<KickedVerdict> {
        self.ask(session, |plugin, session| {
            plugin.kicked(session, server, cause, on_board).outcome()
        })
    }

    /// Calls [`Backend::disconnected`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "observe")] struct Mine;
    /// #[hooks]
    /// impl Backend for Mine {
    ///     fn disconnected(&mut self, _: &Session, _: &str) {
    ///         info!("called");
    ///     }
    /// }
    /// let host = Host::new();
    /// let mut mine = host.start::<Mine>("");
    /// let session = Session::build().in_play();
    /// mine.disconnected(&session, "lobby");
    /// assert_eq!(host.logs().len(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn disconnected(&mut self, session: &Session, server: &str) {
        succeed(self.try_disconnected(session, server));
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "observe")] struct Mine;
    /// #[hooks]
    /// impl Backend for Mine {
    ///     fn disconnected(&mut self, _: &Session, _: &str) -> Result<()> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().in_play();
    /// assert_eq!(mine.try_disconnected(&session, "lobby").unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_disconnected(&mut self, session: &Session, server: &str) -> Result<()> {
        self.ask(session, |plugin, session| {
            plugin.disconnected(session, server).outcome()
        })
    }
}
