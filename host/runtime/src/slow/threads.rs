//! The threads on which slow hooks run.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Handle, Runtime};

/// Slow hooks mostly wait; those that compute share these threads in turns.
const THREADS: usize = 4;

/// A tokio runtime for slow hooks. Dropping it gives up the calls under way.
pub(crate) struct SlowThreads {
    handle: Handle,
    /// There until dropped.
    runtime: Option<Runtime>,
}

impl SlowThreads {
    pub(crate) fn start() -> io::Result<Self> {
        let started = AtomicUsize::new(0);
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name_fn(move || format!("slow-{}", started.fetch_add(1, Ordering::Relaxed)))
            .enable_all()
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for SlowThreads {
    /// Does not wait, which a thread that serves another runtime may not.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
