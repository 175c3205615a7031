//! Questions that are waited for.

use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use portcullis_registry::Session;
use portcullis_runtime::WorkerPlugins;

use super::Host;
use super::questions::login;

/// Begins something on the worker, on behalf of a new session, that is waited for; the answer comes when it comes.
pub(crate) fn later<R: Send + 'static, F: Future<Output = R> + 'static>(
    host: &Host,
    question: impl FnOnce(Rc<WorkerPlugins>, Arc<Session>) -> F + Send + 'static,
) -> Receiver<R> {
    later_for(host, login(&host.registry), question)
}

/// The same on behalf of this session.
pub(crate) fn later_for<R: Send + 'static, F: Future<Output = R> + 'static>(
    host: &Host,
    session: Arc<Session>,
    question: impl FnOnce(Rc<WorkerPlugins>, Arc<Session>) -> F + Send + 'static,
) -> Receiver<R> {
    let (reply, answer) = channel();
    host.on_worker(0, move |plugins| {
        let asked = question(plugins.clone(), session);
        tokio::task::spawn_local(async move {
            // No receiver: the test has seen enough.
            let _ = reply.send(asked.await);
        });
    });
    answer
}
