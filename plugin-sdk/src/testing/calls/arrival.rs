//! Calls of the hooks that every connection meets.

use super::super::running::{Running, succeed};
use crate::hooks::Outcome;
use crate::{
    Accept, AcceptVerdict, Departure, Handshake, HandshakeVerdict, Result, Route, RouteVerdict, Session, Sessions,
    Status, StatusVerdict,
};

macro_rules! verdicts {
    ($(
        $(#[$doc:meta])* $hook:ident: $trait:ident -> $verdict:ty;
        $(#[$try_doc:meta])* $try_hook:ident;
    )+) => {$(
        impl<P: $trait> Running<P> {
            $(#[$doc])*
            ///
            /// # Panics
            ///
            /// Where the call fails, or the host would refuse the verdict.
            pub fn $hook(&mut self, session: &Session) -> $verdict {
                succeed(self.$try_hook(session))
            }

            $(#[$try_doc])*
            pub fn $try_hook(&mut self, session: &Session) -> Result<$verdict> {
                self.ask(session, |plugin, session| plugin.$hook(session).outcome())
            }
        }
    )+};
}

verdicts! {
    /// Calls [`Accept::accept`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "guard")] struct Mine;
    /// #[hooks]
    /// impl Accept for Mine {
    ///     fn accept(&mut self, _: &Session) -> AcceptVerdict {
    ///         AcceptVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_accept();
    /// assert_eq!(mine.accept(&session), AcceptVerdict::Drop);
    /// ```
    accept: Accept -> AcceptVerdict;
    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "guard")] struct Mine;
    /// #[hooks]
    /// impl Accept for Mine {
    ///     fn accept(&mut self, _: &Session) -> Result<AcceptVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_accept();
    /// assert_eq!(mine.try_accept(&session).unwrap_err().to_string(), "odd");
    /// ```
    try_accept;
    /// Calls [`Status::status`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "status")] struct Mine;
    /// #[hooks]
    /// impl Status for Mine {
    ///     fn status(&mut self, _: &Session) -> StatusVerdict {
    ///         StatusVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_status();
    /// assert_eq!(mine.status(&session), StatusVerdict::Drop);
    /// ```
    status: Status -> StatusVerdict;
    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "status")] struct Mine;
    /// #[hooks]
    /// impl Status for Mine {
    ///     fn status(&mut self, _: &Session) -> Result<StatusVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_status();
    /// assert_eq!(mine.try_status(&session).unwrap_err().to_string(), "odd");
    /// ```
    try_status;
    /// Calls [`Route::route`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "route")] struct Mine;
    /// #[hooks]
    /// impl Route for Mine {
    ///     fn route(&mut self, _: &Session) -> RouteVerdict {
    ///         RouteVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_route();
    /// assert_eq!(mine.route(&session), RouteVerdict::Drop);
    /// ```
    route: Route -> RouteVerdict;
    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "route")] struct Mine;
    /// #[hooks]
    /// impl Route for Mine {
    ///     fn route(&mut self, _: &Session) -> Result<RouteVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_route();
    /// assert_eq!(mine.try_route(&session).unwrap_err().to_string(), "odd");
    /// ```
    try_route;
}

impl<P: Handshake> Running<P> {
    /// Calls [`Handshake::handshake`], and does to the session what the verdict says: host and peer are rewritten, tags are set.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "guard")] struct Mine;
    /// #[hooks]
    /// impl Handshake for Mine {
    ///     fn handshake(&mut self, _: &Session) -> HandshakeVerdict {
    ///         HandshakeVerdict::Drop
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_handshake();
    /// assert_eq!(mine.handshake(&session), HandshakeVerdict::Drop);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn handshake(&mut self, session: &Session) -> HandshakeVerdict {
        succeed(self.try_handshake(session))
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "guard")] struct Mine;
    /// #[hooks]
    /// impl Handshake for Mine {
    ///     fn handshake(&mut self, _: &Session) -> Result<HandshakeVerdict> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_handshake();
    /// assert_eq!(mine.try_handshake(&session).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_handshake(&mut self, session: &Session) -> Result<HandshakeVerdict> {
        let verdict = self.ask(session, |plugin, session| plugin.handshake(session).outcome())?;
        match &verdict {
            HandshakeVerdict::RewriteHost(host) => session.mock().rewrite_host(host),
            HandshakeVerdict::RewritePeer(peer) => session.mock().change(|facts| facts.peer = *peer),
            HandshakeVerdict::Tag(attributes) => {
                for (key, value) in attributes {
                    session.set_attribute(key, value)?;
                }
            }
            _ => {}
        }
        Ok(verdict)
    }
}

impl<P: Sessions> Running<P> {
    /// Calls [`Sessions::joined`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "observe")] struct Mine;
    /// #[hooks]
    /// impl Sessions for Mine {
    ///     fn joined(&mut self, _: &Session, _: &str) {
    ///         info!("called");
    ///     }
    /// }
    /// let host = Host::new();
    /// let mut mine = host.start::<Mine>("");
    /// let session = Session::build().at_route();
    /// mine.joined(&session, "lobby");
    /// assert_eq!(host.logs().len(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn joined(&mut self, session: &Session, server: &str) {
        succeed(self.try_joined(session, server));
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "observe")] struct Mine;
    /// #[hooks]
    /// impl Sessions for Mine {
    ///     fn joined(&mut self, _: &Session, _: &str) -> Result<()> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_route();
    /// assert_eq!(mine.try_joined(&session, "lobby").unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_joined(&mut self, session: &Session, server: &str) -> Result<()> {
        self.ask(session, |plugin, session| plugin.joined(session, server).outcome())
    }

    /// Calls [`Sessions::left`].
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "observe")] struct Mine;
    /// #[hooks]
    /// impl Sessions for Mine {
    ///     fn left(&mut self, _: &Session, _: &str, _: &Departure) {
    ///         info!("called");
    ///     }
    /// }
    /// let host = Host::new();
    /// let mut mine = host.start::<Mine>("");
    /// let session = Session::build().at_route();
    /// let departure = Departure { end: End::Idle, up_bytes: 10, down_bytes: 20, duration: std::time::Duration::from_secs(5) };
    /// mine.left(&session, "lobby", &departure);
    /// assert_eq!(host.logs().len(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn left(&mut self, session: &Session, server: &str, departure: &Departure) {
        succeed(self.try_left(session, server, departure));
    }

    /// The same, with the failure as a value.
    ///
    /// ```
    /// # use portcullis_sdk::{prelude::*, testing::Host};
    /// # #[derive(Plugin)] #[plugin(stage = "observe")] struct Mine;
    /// #[hooks]
    /// impl Sessions for Mine {
    ///     fn left(&mut self, _: &Session, _: &str, _: &Departure) -> Result<()> {
    ///         Err(Error::new("odd"))
    ///     }
    /// }
    /// let mut mine = Host::new().start::<Mine>("");
    /// let session = Session::build().at_route();
    /// let departure = Departure { end: End::Idle, up_bytes: 10, down_bytes: 20, duration: std::time::Duration::from_secs(5) };
    /// assert_eq!(mine.try_left(&session, "lobby", &departure).unwrap_err().to_string(), "odd");
    /// ```
    pub fn try_left(&mut self, session: &Session, server: &str, departure: &Departure) -> Result<()> {
        self.ask(session, |plugin, session| {
            plugin.left(session, server, departure).outcome()
        })
    }
}
