//! `http`: requests to the origins that the operator granted, for hooks that may wait.

use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

use crate::bindings::portcullis::plugin::http::{Error, Request, Response};
use crate::context::Context;
use crate::inspect::{CONTRACT_VERSION, PACKAGE};

/// For instances on network threads, which may not wait.
pub(super) fn link_hot(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    linker
        .instance(&format!("{PACKAGE}/http@{CONTRACT_VERSION}"))?
        .func_wrap("fetch", |_: StoreContextMut<'_, Context>, (_,): (Request,)| {
            Ok((Err::<Response, _>(Error::WouldWait),))
        })
}
