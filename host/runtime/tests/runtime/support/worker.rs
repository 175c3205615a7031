//! A worker thread as the relay runs one: a current-thread runtime, the plugins' own task, and work between.

use std::rc::Rc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;

use portcullis_runtime::WorkerPlugins;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

use super::PATIENCE;

type Job = Box<dyn FnOnce(&Rc<WorkerPlugins>) + Send>;

/// A worker's thread. Joined when dropped.
pub(super) struct Worker {
    jobs: Option<Jobs>,
    thread: Option<JoinHandle<()>>,
}

/// Where to send work.
#[derive(Clone)]
pub(super) struct Jobs(UnboundedSender<Job>);

impl Worker {
    pub(super) fn spawn(plugins: WorkerPlugins) -> Self {
        let (jobs, mut inbox) = unbounded_channel::<Job>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            LocalSet::new().block_on(&runtime, async move {
                let plugins = Rc::new(plugins);
                tokio::task::spawn_local(plugins.clone().run());
                while let Some(job) = inbox.recv().await {
                    job(&plugins);
                    // However much there is to do, plugins are swapped in between.
                    tokio::task::yield_now().await;
                }
            });
        });
        Self {
            jobs: Some(Jobs(jobs)),
            thread: Some(thread),
        }
    }

    pub(super) fn handle(&self) -> Jobs {
        self.jobs.clone().expect("open until dropped")
    }
}

impl Jobs {
    pub(super) fn run<R: Send + 'static>(&self, job: impl FnOnce(&Rc<WorkerPlugins>) -> R + Send + 'static) -> R {
        let (reply, answer) = channel();
        let job: Job = Box::new(move |plugins| {
            // No receiver: the test has failed already.
            let _ = reply.send(job(plugins));
        });
        assert!(self.0.send(job).is_ok(), "the worker has ended");
        answer.recv_timeout(PATIENCE).expect("the worker answers")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.jobs = None;
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "a worker panicked");
        }
    }
}
