//! Calls of [`Forward`] and [`Backend`].

use super::super::running::{Running, ask, succeed};
use crate::hooks::Outcome;
use crate::{
    AcceptedVerdict, Backend, Destination, Forward, ForwardVerdict, KickCause, KickedVerdict, Question,
    QuestionVerdict, Result, Session,
};

impl<P: Forward> Running<P> {
    /// Calls [`Forward::introduce`].
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn introduce(&mut self, session: &Session, server: &Destination) -> ForwardVerdict {
        succeed(self.try_introduce(session, server))
    }

    /// The same, with the failure as a value.
    pub fn try_introduce(&mut self, session: &Session, server: &Destination) -> Result<ForwardVerdict> {
        ask(session, |session| self.plugin.introduce(session, server).outcome())
    }

    /// Calls [`Forward::question`].
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn question(&mut self, session: &Session, server: &Destination, question: &Question) -> QuestionVerdict {
        succeed(self.try_question(session, server, question))
    }

    /// The same, with the failure as a value.
    pub fn try_question(
        &mut self,
        session: &Session,
        server: &Destination,
        question: &Question,
    ) -> Result<QuestionVerdict> {
        ask(session, |session| {
            self.plugin.question(session, server, question).outcome()
        })
    }

    /// Calls [`Forward::accepted`].
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn accepted(&mut self, session: &Session, server: &Destination, answered: &[&str]) -> AcceptedVerdict {
        succeed(self.try_accepted(session, server, answered))
    }

    /// The same, with the failure as a value.
    pub fn try_accepted(
        &mut self,
        session: &Session,
        server: &Destination,
        answered: &[&str],
    ) -> Result<AcceptedVerdict> {
        let answered: Vec<String> = answered.iter().map(|channel| (*channel).to_owned()).collect();
        ask(session, |session| {
            self.plugin.accepted(session, server, &answered).outcome()
        })
    }
}

impl<P: Backend> Running<P> {
    /// Calls [`Backend::connected`].
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn connected(&mut self, session: &Session, server: &str) {
        succeed(self.try_connected(session, server));
    }

    /// The same, with the failure as a value.
    pub fn try_connected(&mut self, session: &Session, server: &str) -> Result<()> {
        ask(session, |session| self.plugin.connected(session, server).outcome())
    }

    /// Calls [`Backend::kicked`].
    ///
    /// # Panics
    ///
    /// Where the call fails, or the host would refuse the verdict.
    pub fn kicked(&mut self, session: &Session, server: &str, cause: &KickCause, on_board: bool) -> KickedVerdict {
        succeed(self.try_kicked(session, server, cause, on_board))
    }

    /// The same, with the failure as a value.
    pub fn try_kicked(
        &mut self,
        session: &Session,
        server: &str,
        cause: &KickCause,
        on_board: bool,
    ) -> Result<KickedVerdict> {
        ask(session, |session| {
            self.plugin.kicked(session, server, cause, on_board).outcome()
        })
    }

    /// Calls [`Backend::disconnected`].
    ///
    /// # Panics
    ///
    /// Where the call fails.
    pub fn disconnected(&mut self, session: &Session, server: &str) {
        succeed(self.try_disconnected(session, server));
    }

    /// The same, with the failure as a value.
    pub fn try_disconnected(&mut self, session: &Session, server: &str) -> Result<()> {
        ask(session, |session| self.plugin.disconnected(session, server).outcome())
    }
}
