//! Runs a component that is a program, such as a crate's tests built for `wasm32-wasip2`, by the rules for plugins: the same
//! engine, memory limit and stand-ins for WASI, except that it has arguments, speaks to the terminal, and may exit.

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use portcullis_config::{Limits, Plugin};
use portcullis_registry::Registry;
use portcullis_telemetry::Metrics;
use wasmtime::bail;
use wasmtime::component::{Component, Linker, LinkerInstance, Resource};

use crate::cell::Cell;
use crate::context::{Context, PluginShared};
use crate::engine::{self, Purpose};
use crate::error::{LoadError, StartError};
use crate::inspect::{Surface, read_surface};
use crate::limits::MemoryMeter;
use crate::meters::Meters;
use crate::wasi::{self, STDOUT, Token, accepted};

/// CPU time that all tests of a file may take together. A loop without end is stopped; a thorough suite is not.
const BUDGET: Duration = Duration::from_secs(600);

/// The export of a program, whatever its version of WASI 0.2.
const RUN: &str = "wasi:cli/run@0.2";

/// Why a program did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// Not the program's fault.
    #[error(transparent)]
    Start(#[from] StartError),
    /// No component at all.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Compilation or linking failed.
    #[error("cannot compile or link it: {0}")]
    Compile(String),
    /// It has no `wasi:cli/run`: a plugin, perhaps, or a library.
    #[error(
        "it is no program (it does not export wasi:cli/run); give the file that `cargo test --target wasm32-wasip2` makes"
    )]
    NotAProgram,
    /// It imports a service that only a host can offer.
    #[error(
        "it imports `{0}`, which only a host offers; tests run on the mock host: turn on the feature `testing` of portcullis-sdk \
         under [dev-dependencies]"
    )]
    Service(String),
    /// A panic, too much memory, or no end in sight.
    #[error("{0}")]
    Failed(String),
}

/// Runs a program to its end, and tells whether it ended well. The first argument is the program's name.
pub fn run_program(bytes: &[u8], arguments: Vec<String>) -> Result<bool, ProgramError> {
    let Surface { imports, exports } = read_surface(bytes)?;
    if let Some(name) = imports.into_iter().find(|name| !name.starts_with("wasi:")) {
        return Err(ProgramError::Service(name));
    }
    let run = exports.into_iter().find(|name| name.starts_with(RUN));
    let run = run.ok_or(ProgramError::NotAProgram)?;

    let engine = engine::build(Purpose::Try)?;
    engine::spawn_ticker(&engine)?;
    let compile = |error: wasmtime::Error| ProgramError::Compile(format!("{error:#}"));
    let component = Component::from_binary(&engine, bytes).map_err(compile)?;
    let exit = Arc::new(OnceLock::new());
    let mut linker = Linker::new(&engine);
    wasi::link_with(&mut linker, &component, |linker, interface, function| {
        provide(linker, interface, function, &arguments, &exit)
    })
    .map_err(compile)?;

    let mut cell = Cell::new(&engine, context());
    let ended = cell.step("tests", BUDGET, |store| {
        let instance = linker.instantiate(&mut *store, &component)?;
        let interface = instance.get_export_index(&mut *store, None, &run);
        let Some(function) = instance.get_export_index(&mut *store, interface.as_ref(), "run") else {
            bail!("{run} has no function `run`");
        };
        let function = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut *store, &function)?;
        Ok(function.call(&mut *store, ())?.0)
    });
    match (exit.get(), ended) {
        (Some(well), _) => Ok(*well),
        (None, Ok(result)) => Ok(result.is_ok()),
        (None, Err(failure)) => Err(ProgramError::Failed(failure.detail)),
    }
}

/// What a program has and a plugin has not.
fn provide(
    linker: &mut LinkerInstance<'_, Context>,
    interface: &str,
    function: &str,
    arguments: &[String],
    exit: &Arc<OnceLock<bool>>,
) -> wasmtime::Result<bool> {
    match (interface, function) {
        ("cli/environment", "get-arguments") => {
            let arguments = arguments.to_vec();
            wasi::answer(linker, function, move |_, ()| (arguments.clone(),))?;
        }
        ("cli/exit", "exit") => {
            let exit = exit.clone();
            linker.func_wrap(
                function,
                move |_, (status,): (Result<(), ()>,)| -> wasmtime::Result<()> {
                    // Once: nothing runs after it.
                    let _ = exit.set(status.is_ok());
                    bail!("the program called exit")
                },
            )?;
        }
        ("io/streams", "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush") => {
            wasi::answer(linker, function, |_, (stream, bytes): (Resource<Token>, Vec<u8>)| {
                write(stream.rep(), &bytes);
                (accepted(()),)
            })?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// At once, so that what a program said is there when it fails. A closed terminal is nobody's error.
fn write(stream: u32, bytes: &[u8]) {
    let _ = if stream == STDOUT {
        let mut out = std::io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush())
    } else {
        std::io::stderr().lock().write_all(bytes)
    };
}

/// A context such as a plugin's, with the limits of one that is not configured.
fn context() -> Context {
    let (registry, metrics) = (Registry::new(), Metrics::new());
    let name = "tests".parse().expect("a name of letters");
    let plugin = Plugin::new(name, std::path::Path::new(""));
    let shared = PluginShared::new(&plugin, &registry, &Meters::register(&metrics), &metrics);
    let memory = MemoryMeter::new(Limits::default().memory_mib);
    Context::new(Arc::new(shared), registry, memory)
}
