//! For those who write plugins: what a component is, what its calls cost, and whether its tests pass, each found out with the
//! engine that serves players.

mod bench;
mod fuel;
mod inspection;
mod memory;
mod program;
mod script;
mod trial;

use std::path::Path;

pub use self::bench::{BenchError, Cost, bench};
pub use self::fuel::{Counted, Fuel, fuel};
pub use self::inspection::{Import, Inspection, inspect};
pub use self::memory::Memory;
pub use self::program::{ProgramError, run_program};
pub use self::script::Script;
pub use self::trial::{Trial, TrialError, try_out};

use crate::error::LoadError;
use crate::load;

/// Reads a component, unless it is larger than a host would take.
pub fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    load::read_bounded(path, &name)
}
