//! The host's key pair, made beside everything else that a start does: it takes tens of milliseconds, and most hosts need it later
//! or never.

use std::sync::{Arc, OnceLock};
use std::thread;

use portcullis_protocol::key::{KeyError, ServerKey};

/// The key, as soon as somebody needs it.
#[derive(Default)]
pub(crate) struct HostKey(OnceLock<Result<ServerKey, KeyError>>);

impl HostKey {
    /// A key that is being made.
    pub(crate) fn in_the_making() -> Arc<Self> {
        let key = Arc::<Self>::default();
        let maker = Arc::clone(&key);
        // Without the thread, whoever needs it first makes it.
        let _ = thread::Builder::new().name("host-key".into()).spawn(move || {
            let _ = maker.get();
        });
        key
    }

    /// The key, waiting for it if it is not ready.
    pub(crate) fn get(&self) -> Result<&ServerKey, KeyError> {
        self.0.get_or_init(ServerKey::generate).as_ref().map_err(|error| *error)
    }
}
