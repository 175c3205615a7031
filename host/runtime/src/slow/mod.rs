//! Hooks that may wait: on threads of their own, in instances of their own, which belong to no worker.

mod instance;
mod pool;
mod threads;

pub(crate) use self::instance::{Question, SlowInstance};
pub(crate) use self::pool::{Maker, Pool, Report};
pub(crate) use self::threads::SlowThreads;
