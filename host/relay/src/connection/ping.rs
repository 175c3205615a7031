//! A server list's question: answered by a plugin, by a server, or by the host itself when it must say what is wrong.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use portcullis_protocol::status::{Query, ServerAnswer, StatusResponse, write_pong};
use portcullis_protocol::{PRE_ROUTE_BYTES, Progress};
use portcullis_registry::Session;
use portcullis_runtime::{Passthrough, StatusOutcome};
use tokio::io::AsyncWriteExt;
use tokio::time::{timeout, timeout_at};

use super::Arrival;
use super::farewell::{Turned, part, say};
use super::opening::{Denied, Question};
use super::peek::{peek, take};
use crate::refusal::Reason;
use crate::status::{Format, answers, of_plugin, passthrough, saying};

/// Answers a ping, or two questions of which one is, and closes.
pub(super) async fn answer(mut arrival: Arrival, session: Arc<Session>, question: Question) {
    let answered = match &question.format {
        Format::Legacy(_) => match reply(&arrival, &session, &question).await {
            Ok(answer) => {
                say(&mut arrival.stream, &arrival.worker.kit, &answer).await;
                Ok(())
            }
            Err(turned) => Err(turned),
        },
        Format::Modern => converse(&mut arrival, &session, &question).await,
    };
    if let Err(turned) = answered {
        part(arrival, turned).await;
    }
}

/// The status question first, which is answered once, then a ping, which ends the conversation. Some only ping.
async fn converse(arrival: &mut Arrival, session: &Arc<Session>, question: &Question) -> Result<(), Turned> {
    take(&arrival.stream, question.handshake).map_err(|_| Turned::silently(Reason::ClosedEarly))?;
    let limit = arrival.settings.config.handshake_timeout;
    let mut answered = false;
    loop {
        let query = match timeout(limit, query(arrival)).await {
            Ok(Ok(query)) => query,
            // Most tools, and clients whose player has moved on, do not ping.
            _ if answered => return Ok(()),
            Ok(Err(turned)) => return Err(turned),
            Err(_) => return Err(Turned::silently(Reason::HandshakeTimeout)),
        };
        match query {
            Query::Status if answered => return Ok(()),
            Query::Status => {
                let answer = reply(arrival, session, question).await?;
                answered = true;
                if !matches!(timeout(limit, arrival.stream.write_all(&answer)).await, Ok(Ok(()))) {
                    return Ok(());
                }
            }
            Query::Ping(payload) => {
                let mut pong = Vec::new();
                write_pong(payload, &mut pong);
                say(&mut arrival.stream, &arrival.worker.kit, &pong).await;
                return Ok(());
            }
        }
    }
}

async fn query(arrival: &Arrival) -> Result<Query, Turned> {
    let look = |bytes: &[u8]| match Query::parse(bytes) {
        Ok(Progress::Complete(query, length)) => Ok(Some((query, length))),
        Ok(Progress::Incomplete) => Ok(None),
        Err(error) => Err(Reason::Garbage(error.label())),
    };
    let (query, length) = peek(&arrival.stream, &arrival.worker.kit, PRE_ROUTE_BYTES, look).await?;
    take(&arrival.stream, length).map_err(|_| Turned::silently(Reason::ClosedEarly))?;
    Ok(query)
}

/// The answer's bytes, from whoever is to give it.
async fn reply(arrival: &Arrival, session: &Arc<Session>, question: &Question) -> Result<Rc<[u8]>, Turned> {
    let worker = &arrival.worker;
    let write = |response: StatusResponse| question.format.write(response, question.client);
    let answered = |source, cache| arrival.listener.metrics.status_answered(source, cache);
    if let Some(denied) = &question.denied {
        return deny(arrival, question, denied);
    }
    let (chain, now) = (&arrival.settings.chain, Instant::now());
    let asked = answers::Question::new(chain, host(session), question.client.0, &question.format);
    if let Some(answer) = worker.answers.get(&asked, worker.plugins.generation(), now) {
        answered("plugin", "hit");
        return Ok(answer);
    }
    match worker.plugins.status(chain, session) {
        StatusOutcome::Answer(answer, _) => {
            answered("plugin", "miss");
            let bytes = write(of_plugin(&answer, question.client));
            if !answer.ttl.is_zero() {
                worker.answers.keep(asked, Rc::clone(&bytes), now + answer.ttl, now);
            }
            Ok(bytes)
        }
        StatusOutcome::Passthrough(passthrough, _) => {
            if let Some(answer) = pass(arrival, session, question, &passthrough).await {
                return Ok(answer);
            }
            match &passthrough.unreachable {
                Some(answer) => {
                    answered("unreachable", "none");
                    Ok(write(of_plugin(answer, question.client)))
                }
                None => Err(Turned::silently(Reason::NoServer)),
            }
        }
        StatusOutcome::Drop(by) => Err(Turned::silently(Reason::PluginDrop(by))),
        StatusOutcome::Refuse(refusal) => deny(arrival, question, &Denied::undecided(refusal)),
    }
}

/// Says what is wrong, where anything is to be said.
fn deny(arrival: &Arrival, question: &Question, denied: &Denied) -> Result<Rc<[u8]>, Turned> {
    let Some(text) = &denied.text else {
        return Err(Turned::silently(denied.reason.clone()));
    };
    arrival
        .worker
        .log
        .refused(&arrival.listener, &arrival.peer, &denied.reason);
    arrival.listener.metrics.status_answered("host", "none");
    Ok(question
        .format
        .write(saying(text.clone(), question.client), question.client))
}

/// What the first of the servers that has an answer answers. All of them together have the time that one has: each gets its share
/// before the next is asked too, and what is left of it goes to those that are still to answer.
async fn pass(
    arrival: &Arrival,
    session: &Session,
    question: &Question,
    passthrough: &Passthrough,
) -> Option<Rc<[u8]>> {
    let worker = &arrival.worker;
    let servers = worker.dialler.candidates(&passthrough.to);
    let deadline = tokio::time::Instant::now() + passthrough.timeout;
    let share = passthrough.timeout / u32::try_from(servers.len().max(1)).unwrap_or(u32::MAX);
    let rounds = [share, passthrough.timeout];
    for (server, time) in rounds
        .iter()
        .flat_map(|time| servers.iter().map(move |server| (server, *time)))
    {
        let asked = passthrough::Question {
            server: server.config.name.clone(),
            host: host(session),
            port: session.handshake().map_or(0, |handshake| handshake.port),
            protocol: question.client.0,
        };
        let answer = worker.servers_answers.of(&worker.dialler, server, &asked, passthrough);
        let until = deadline.min(tokio::time::Instant::now() + time);
        let Ok((Some(frame), source)) = timeout_at(until, answer).await else {
            continue;
        };
        let bytes = match question.format {
            Format::Modern => Rc::from(&*frame),
            Format::Legacy(_) => {
                let Ok(Progress::Complete(answer, _)) = ServerAnswer::parse(&frame) else {
                    continue;
                };
                let Ok(response) = StatusResponse::of_json(answer.json) else {
                    continue;
                };
                question.format.write(response, question.client)
            }
        };
        arrival.listener.metrics.status_answered("server", source.label());
        return Some(bytes);
    }
    None
}

fn host(session: &Session) -> Arc<str> {
    session.host().unwrap_or_default()
}
