//! Servers' own status answers, kept for all workers. One question to a server is under way at a time; whoever wants to know
//! the same meanwhile waits for it, or is given the answer from before. Failures are kept as well, so that a server that
//! accepts and stays silent delays nobody past one timeout; and a failed refresh forgets the answer from before, so that a
//! dead server is not shown as online.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portcullis_config::ServerName;
use portcullis_protocol::version::Protocol;
use portcullis_registry::Server;
use portcullis_runtime::Passthrough;
use tokio::sync::watch;
use tokio::task::spawn_local;
use tokio::time::timeout;
use tracing::Instrument;

use super::ask::ask;
use crate::dial::Dialler;

/// Questions whose answers are kept. Names are the clients' to make up, so there may be any number.
const MAX_ENTRIES: usize = 1024;

/// Bytes of all answers kept.
const MAX_BYTES: usize = 16 << 20;

/// An answer is given while it is refreshed for as long again as it was fresh, but at least for so long: often asked servers
/// keep nobody waiting, and after a quiet night nobody is shown yesterday's.
const LEAST_STALE: Duration = Duration::from_secs(10);

/// A server's answer as a frame; `None`: it has none.
pub(crate) type Answer = Option<Arc<[u8]>>;

/// What an answer may depend on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) server: ServerName,
    pub(crate) host: Arc<str>,
    pub(crate) port: u16,
    pub(crate) protocol: i32,
}

/// How an answer was come by, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It was there.
    Kept,
    /// It was there, and is being refreshed.
    Stale,
    /// It was waited for.
    Asked,
}

impl Source {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Kept => "hit",
            Self::Stale => "stale",
            Self::Asked => "miss",
        }
    }
}

/// The answers of all servers.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    book: Mutex<Book>,
}

impl Answers {
    /// What `server` answers, from memory or by asking it. Waits no longer than the one question that is under way.
    pub(crate) async fn of(
        self: &Arc<Self>,
        dialler: &Rc<Dialler>,
        server: &Arc<Server>,
        question: &Question,
        times: &Passthrough,
    ) -> (Answer, Source) {
        let look = self.book().look(question, times, Instant::now());
        match look {
            Look::Kept(answer) => (answer, Source::Kept),
            Look::Stale(answer, refresh) => {
                if let Some(flight) = refresh {
                    self.fly(flight, dialler, server, question, times.timeout);
                }
                (Some(answer), Source::Stale)
            }
            Look::Start(flight) => {
                let landing = flight.subscribe();
                self.fly(flight, dialler, server, question, times.timeout);
                (land(landing).await, Source::Asked)
            }
            Look::Wait(landing) => (land(landing).await, Source::Asked),
        }
    }

    /// Asks in a task of its own: the client that asked first may leave before the others.
    fn fly(
        self: &Arc<Self>,
        flight: Flight,
        dialler: &Rc<Dialler>,
        server: &Arc<Server>,
        question: &Question,
        limit: Duration,
    ) {
        let (answers, dialler, server) = (Arc::clone(self), Rc::clone(dialler), Arc::clone(server));
        let question = question.clone();
        let task = async move {
            let Question {
                host, port, protocol, ..
            } = &question;
            let answer = match timeout(limit, ask(&dialler, &server, Protocol(*protocol), host, *port)).await {
                Ok(Ok(answer)) => Some(answer),
                Ok(Err(error)) => {
                    tracing::debug!(server = %question.server, %error, "failed to fetch a status answer");
                    None
                }
                Err(_) => {
                    tracing::debug!(server = %question.server, "fetched no status answer in time");
                    None
                }
            };
            answers.book().finish(&question, answer.clone(), Instant::now());
            flight.send_replace(Some(answer));
        };
        spawn_local(task.in_current_span());
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries an answer to those who wait for it.
type Flight = watch::Sender<Option<Answer>>;
type Landing = watch::Receiver<Option<Answer>>;

/// A worker that stops takes its questions with it: then there is no answer.
async fn land(mut landing: Landing) -> Answer {
    landing
        .wait_for(Option::is_some)
        .await
        .ok()
        .and_then(|answer| answer.clone().flatten())
}

/// What is known, and what is being asked. Knows no sockets and no clock.
#[derive(Debug, Default)]
struct Book {
    pages: HashMap<Question, Page>,
    bytes: usize,
}

#[derive(Debug)]
struct Page {
    known: Option<(Answer, Instant)>,
    landing: Option<Landing>,
    last_wanted: Instant,
}

/// What somebody who looks into the book is to do.
#[derive(Debug)]
enum Look {
    Kept(Answer),
    /// Use this, and if there is a flight, ask again.
    Stale(Arc<[u8]>, Option<Flight>),
    /// Ask.
    Start(Flight),
    /// Wait for somebody else's question.
    Wait(Landing),
}

impl Book {
    fn look(&mut self, question: &Question, times: &Passthrough, now: Instant) -> Look {
        if !self.pages.contains_key(question) {
            self.make_room(1, 0);
        }
        let page = self.pages.entry(question.clone()).or_insert_with(|| Page {
            known: None,
            landing: None,
            last_wanted: now,
        });
        page.last_wanted = now;
        let stale = match &page.known {
            Some((Some(answer), since)) if now < *since + times.ttl => return Look::Kept(Some(Arc::clone(answer))),
            Some((None, since)) if now < *since + times.failure_ttl => return Look::Kept(None),
            Some((Some(answer), since)) if now < *since + times.ttl + times.ttl.max(LEAST_STALE) => {
                Some(Arc::clone(answer))
            }
            _ => None,
        };
        // A flight whose sender is gone never lands.
        let under_way = page.landing.clone().filter(|landing| landing.has_changed().is_ok());
        match (stale, under_way) {
            (Some(answer), Some(_)) => Look::Stale(answer, None),
            (None, Some(landing)) => Look::Wait(landing),
            (stale, None) => {
                let (flight, landing) = watch::channel(None);
                page.landing = Some(landing);
                match stale {
                    Some(answer) => Look::Stale(answer, Some(flight)),
                    None => Look::Start(flight),
                }
            }
        }
    }

    /// Notes an answer, or that there is none.
    fn finish(&mut self, question: &Question, answer: Answer, now: Instant) {
        let more = size(&answer);
        self.make_room(0, more);
        let Some(page) = self.pages.get_mut(question) else {
            return;
        };
        page.landing = None;
        let before = page.known.replace((answer, now));
        self.bytes = self.bytes + more - before.map_or(0, |(answer, _)| size(&answer));
    }

    /// Forgets what has not been wanted for the longest time, until there is room.
    fn make_room(&mut self, entries: usize, bytes: usize) {
        while self.pages.len() + entries > MAX_ENTRIES || self.bytes + bytes > MAX_BYTES {
            let settled = self.pages.iter().filter(|(_, page)| page.landing.is_none());
            let oldest = settled
                .min_by_key(|(_, page)| page.last_wanted)
                .map(|(question, _)| question.clone());
            // Questions under way are few, each has a connection, and they will be settled soon.
            let Some(page) = oldest.and_then(|question| self.pages.remove(&question)) else {
                return;
            };
            self.bytes -= page.known.map_or(0, |(answer, _)| size(&answer));
        }
    }
}

fn size(answer: &Answer) -> usize {
    answer.as_ref().map_or(0, |answer| answer.len())
}

#[cfg(test)]
mod tests;
