//! The wasmtime engine: what it allows, where it keeps compiled code, and the clock that interrupts calls.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use wasmtime::{Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use crate::error::StartError;

/// Length of an epoch: the resolution of a call's budget, which is a few milliseconds. Each costs a wake-up of some 20 µs on a
/// virtual machine, whether or not there is work: at 1 ms it was 2 % of a busy worker.
pub(crate) const TICK: Duration = Duration::from_millis(2);

/// Instances alive at once: plugins × workers, up to three times that during a swap. Each reserves address space only.
const MAX_INSTANCES: u32 = 1_000;

/// Largest linear memory any `memory-mib` may allow. Address space per slot is reserved in full anyway.
pub(crate) const MAX_MEMORY_MIB: u32 = 2_048;

/// Memory kept resident in a slot between instances, so that the next one does not fault it in again.
const KEEP_RESIDENT_BYTES: usize = 256 << 10;

/// Native stack a guest may use before it traps. Network threads have 2 MiB.
const MAX_WASM_STACK_BYTES: usize = 512 << 10;

/// What an engine is for. All three run a guest by the same rules.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose<'a> {
    /// Serving players. Compiled code is kept in this state directory.
    Serve { state_dir: &'a Path },
    /// Showing authors what their plugin is and does. Nothing is kept.
    Try,
    /// The same, counting what guests execute; costs a call up to two fifths more, so players are never served with it.
    Count,
}

pub(crate) fn build(purpose: Purpose<'_>) -> Result<Engine, StartError> {
    let cache = match purpose {
        Purpose::Serve { state_dir } => Some(cache(state_dir)?),
        Purpose::Try | Purpose::Count => None,
    };
    let mut config = Config::new();
    config
        // Component-model async costs each call up to a microsecond, and no hook needs it: only the benchmark turns it on.
        .concurrency_support(cfg!(feature = "concurrency"))
        .epoch_interruption(true)
        .consume_fuel(matches!(purpose, Purpose::Count))
        .cranelift_opt_level(OptLevel::Speed)
        .max_wasm_stack(MAX_WASM_STACK_BYTES)
        .wasm_backtrace_details(wasmtime::WasmBacktraceDetails::Disable)
        .cache(cache);

    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(MAX_INSTANCES)
        .total_core_instances(MAX_INSTANCES * 4)
        .total_memories(MAX_INSTANCES)
        .total_tables(MAX_INSTANCES * 4)
        .max_memory_size((MAX_MEMORY_MIB as usize) << 20)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(KEEP_RESIDENT_BYTES / 16)
        .max_unused_warm_slots(16);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    if let Ok(engine) = Engine::new(&config) {
        return Ok(engine);
    }
    // A machine with a small address space (containers with a limit on virtual memory) cannot hold the pool.
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    let engine = Engine::new(&config).map_err(|source| StartError::Engine { source })?;
    tracing::warn!("address space is too small for pooled instances; plugins are instantiated on demand, more slowly");
    Ok(engine)
}

/// Advances the epoch as long as the engine lives.
pub(crate) fn spawn_ticker(engine: &Engine) -> Result<(), StartError> {
    let engine = engine.weak();
    std::thread::Builder::new()
        .name("epoch".into())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        })
        .map(drop)
        .map_err(StartError::Thread)
}

fn cache(state_dir: &Path) -> Result<Cache, StartError> {
    let mut config = CacheConfig::new();
    config.with_directory(private_dir(state_dir, "compiled")?);
    Cache::new(config).map_err(|source| StartError::Engine { source })
}

/// Compiled code is executed as it stands: nobody else may write where it is kept.
fn private_dir(state_dir: &Path, name: &str) -> Result<std::path::PathBuf, StartError> {
    let fail = |path: &Path, source: io::Error| StartError::StateDir {
        path: path.to_owned(),
        source,
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(state_dir).map_err(|e| fail(state_dir, e))?;
    fs::set_permissions(state_dir, fs::Permissions::from_mode(0o700)).map_err(|e| fail(state_dir, e))?;
    let dir = state_dir.canonicalize().map_err(|e| fail(state_dir, e))?.join(name);
    builder.create(&dir).map_err(|e| fail(&dir, e))?;
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).map_err(|e| fail(&dir, e))?;
    Ok(dir)
}
