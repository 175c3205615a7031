//! `state`: the registry's key-value store, in this plugin's namespace.

use std::time::Duration;

use portcullis_registry::StateError;

use crate::bindings::portcullis::plugin::state::{self, Error};
use crate::context::Context;

impl state::Host for Context {
    fn get(&mut self, key: String) -> Result<Option<Vec<u8>>, Error> {
        self.plugin.state.get(&key).map_err(translate)
    }

    fn set(&mut self, key: String, value: Vec<u8>, ttl_ms: Option<u64>) -> Result<(), Error> {
        self.plugin
            .state
            .set(&key, value, ttl_ms.map(Duration::from_millis))
            .map_err(translate)
    }

    fn delete(&mut self, key: String) -> Result<(), Error> {
        self.plugin.state.delete(&key).map_err(translate)
    }

    fn increment(&mut self, key: String, by: i64, ttl_ms: Option<u64>) -> Result<i64, Error> {
        self.plugin
            .state
            .increment(&key, by, ttl_ms.map(Duration::from_millis))
            .map_err(translate)
    }

    fn compare_and_swap(
        &mut self,
        key: String,
        expected: Option<Vec<u8>>,
        value: Vec<u8>,
        ttl_ms: Option<u64>,
    ) -> Result<bool, Error> {
        let ttl = ttl_ms.map(Duration::from_millis);
        self.plugin
            .state
            .compare_and_swap(&key, expected.as_deref(), value, ttl)
            .map_err(translate)
    }

    fn keys(&mut self, prefix: String, after: Option<String>, limit: u32) -> Result<Vec<String>, Error> {
        self.plugin
            .state
            .keys(&prefix, after.as_deref(), limit)
            .map_err(translate)
    }
}

fn translate(error: StateError) -> Error {
    match error {
        StateError::Quota => Error::Quota,
        StateError::TooLong => Error::TooLong,
        StateError::NotACounter => Error::NotACounter,
    }
}
