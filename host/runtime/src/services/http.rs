//! `http`: requests to the origins that the operator granted. Where a hook may not wait, the answer is that it would.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

use crate::bindings::portcullis::plugin::http::{Error, Host, Request, Response};
use crate::context::Context;
use crate::inspect::{CONTRACT_VERSION, PACKAGE};

/// What is left of a call's time for the plugin to answer in, when a request has used up the rest.
const ANSWER_TIME: Duration = Duration::from_millis(100);

/// For instances on network threads.
pub(super) fn link_hot(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    linker
        .instance(&format!("{PACKAGE}/http@{CONTRACT_VERSION}"))?
        .func_wrap("fetch", |_: StoreContextMut<'_, Context>, (_,): (Request,)| {
            Ok((Err::<Response, _>(Error::WouldWait),))
        })
}

impl Host for Context {
    async fn fetch(&mut self, request: Request) -> Result<Response, Error> {
        // Nor in `init`, so that it is the same wherever an instance is made.
        let (Some(http), Some(deadline)) = (&self.http, self.deadline) else {
            return Err(Error::WouldWait);
        };
        let left = deadline
            .saturating_duration_since(Instant::now())
            .saturating_sub(ANSWER_TIME);
        let asked = request.timeout_ms.map(|ms| Duration::from_millis(ms.into()));
        Arc::clone(http)
            .fetch(request, asked.map_or(left, |asked| asked.min(left)))
            .await
    }
}
