//! What the fuzz target checks: that any bytes may be looked at as a component before it is compiled. A test of the crate
//! replays the committed corpus through the same function.
#![allow(unreachable_pub, reason = "included as a module by the target and by a test")]

use portcullis_runtime::{LoadError, fuzz_inspect};

/// No panic whatever the bytes are; and a refusal can be told and counted.
pub fn inspect(bytes: &[u8]) -> Result<(), LoadError> {
    let result = fuzz_inspect(bytes);
    if let Err(error) = &result {
        assert!(!error.to_string().is_empty() && !error.label().is_empty());
    }
    assert_eq!(result, fuzz_inspect(bytes), "the same bytes get the same answer");
    result
}
