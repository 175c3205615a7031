//! The little of WASI 0.2 that a guest's standard library needs to start: clocks, randomness, and standard output and error as
//! log lines. All else is empty or refused. Synchronous by design: `wasmtime_wasi` would block a network thread's own
//! runtime, or force every call onto a fiber.

mod refuse;
mod stdio;

use std::time::{SystemTime, UNIX_EPOCH};

use wasmtime::StoreContextMut;
use wasmtime::component::{Component, ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, types};

pub(crate) use self::stdio::{STDOUT, Stdio};

use crate::context::Context;
use crate::services::monotonic_ns;

/// What a guest holds where WASI speaks of streams, pollables, networks and so on: a name without a thing.
#[derive(Debug)]
pub(crate) struct Token;

/// Defines the WASI imports that this component has, under the very versions it names.
pub(crate) fn link(linker: &mut Linker<Context>, component: &Component) -> wasmtime::Result<()> {
    link_with(linker, component, |_, _, _| Ok(false))
}

/// The same, where `first` may define a function (of an interface, by its name) in its own way and then says true.
pub(crate) fn link_with(
    linker: &mut Linker<Context>,
    component: &Component,
    first: impl Fn(&mut LinkerInstance<'_, Context>, &str, &str) -> wasmtime::Result<bool>,
) -> wasmtime::Result<()> {
    let engine = component.engine().clone();
    for (name, item) in component.component_type().imports(&engine) {
        let (Some(interface), types::ComponentItem::ComponentInstance(instance)) = (interface_of(name), &item.ty)
        else {
            continue;
        };
        let mut linker = linker.instance(name)?;
        for (function, item) in instance.exports(&engine) {
            match &item.ty {
                types::ComponentItem::Resource(_) => {
                    linker.resource(function, types::ResourceType::host::<Token>(), |_, _| Ok(()))?;
                }
                types::ComponentItem::ComponentFunc(ty) => {
                    let defined =
                        first(&mut linker, interface, function)? || provide(&mut linker, interface, function)?;
                    if !defined {
                        refuse::function(&mut linker, name, function, ty)?;
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// `cli/stdout` of `wasi:cli/stdout@0.2.3`.
fn interface_of(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("wasi:")?;
    Some(rest.split_once('@').map_or(rest, |(interface, _)| interface))
}

/// Defines what a guest really gets; false where it gets a refusal instead.
fn provide(linker: &mut LinkerInstance<'_, Context>, interface: &str, function: &str) -> wasmtime::Result<bool> {
    match (interface, function) {
        ("clocks/monotonic-clock", "now") => answer(linker, function, |_, ()| (monotonic_ns(),))?,
        ("clocks/monotonic-clock", "resolution") => answer(linker, function, |_, ()| (1u64,))?,
        ("clocks/wall-clock", "now") => answer(linker, function, |_, ()| (wall_clock(),))?,
        ("clocks/wall-clock", "resolution") => answer(linker, function, |_, ()| {
            (Datetime {
                seconds: 0,
                nanoseconds: 1,
            },)
        })?,
        ("random/random", "get-random-bytes") | ("random/insecure", "get-insecure-random-bytes") => {
            answer(linker, function, |context, (length,): (u64,)| {
                (context.randomness.bytes(length),)
            })?;
        }
        ("random/random", "get-random-u64") | ("random/insecure", "get-insecure-random-u64") => {
            answer(linker, function, |context, ()| (context.randomness.next_u64(),))?;
        }
        ("random/insecure-seed", "insecure-seed" | "get-insecure-seed") => {
            answer(linker, function, |context, ()| {
                ((context.randomness.next_u64(), context.randomness.next_u64()),)
            })?;
        }
        ("cli/exit", _) => return Ok(false),
        ("cli/stdin", _) => answer(linker, function, |_, ()| (Resource::<Token>::new_own(stdio::STDIN),))?,
        ("cli/stdout", _) => answer(linker, function, |_, ()| (Resource::<Token>::new_own(STDOUT),))?,
        ("cli/stderr", _) => answer(linker, function, |_, ()| (Resource::<Token>::new_own(stdio::STDERR),))?,
        ("io/streams", "[method]output-stream.check-write") => {
            answer(linker, function, |_, (_,): (Resource<Token>,)| {
                (accepted(stdio::WRITE_BYTES),)
            })?;
        }
        ("io/streams", "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush") => {
            answer(
                linker,
                function,
                |context, (stream, bytes): (Resource<Token>, Vec<u8>)| {
                    context.write_stdio(stream.rep(), &bytes);
                    (accepted(()),)
                },
            )?;
        }
        ("io/streams", "[method]output-stream.flush" | "[method]output-stream.blocking-flush") => {
            answer(linker, function, |_, (_,): (Resource<Token>,)| (accepted(()),))?;
        }
        // Nothing here ever has to be waited for, sleeping included: a hook may not wait.
        ("io/poll", "[method]pollable.ready") => answer(linker, function, |_, (_,): (Resource<Token>,)| (true,))?,
        ("io/poll", "[method]pollable.block") => answer(linker, function, |_, (_,): (Resource<Token>,)| ())?,
        ("io/poll", "poll") => {
            answer(linker, function, |_, (all,): (Vec<Resource<Token>>,)| {
                ((0..u32::try_from(all.len()).unwrap_or(u32::MAX)).collect::<Vec<u32>>(),)
            })?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

pub(crate) fn answer<P, R>(
    linker: &mut LinkerInstance<'_, Context>,
    function: &str,
    serve: impl Fn(&mut Context, P) -> R + Send + Sync + 'static,
) -> wasmtime::Result<()>
where
    P: ComponentNamedList + Lift + 'static,
    R: ComponentNamedList + Lower + 'static,
{
    linker.func_wrap(function, move |mut store: StoreContextMut<'_, Context>, params: P| {
        Ok(serve(store.data_mut(), params))
    })
}

/// The error half of a stream's results. Writing to the log never fails, so none is ever made.
#[derive(wasmtime::component::ComponentType, wasmtime::component::Lower)]
#[component(variant)]
pub(crate) enum StreamError {
    #[component(name = "last-operation-failed")]
    #[expect(dead_code, reason = "the contract has it")]
    LastOperationFailed(Resource<Token>),
    #[component(name = "closed")]
    #[expect(dead_code, reason = "the contract has it")]
    Closed,
}

pub(crate) fn accepted<T>(value: T) -> Result<T, StreamError> {
    Ok(value)
}

#[derive(wasmtime::component::ComponentType, wasmtime::component::Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

fn wall_clock() -> Datetime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Datetime {
        seconds: since.as_secs(),
        nanoseconds: since.subsec_nanos(),
    }
}
