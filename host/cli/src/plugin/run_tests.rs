//! `portcullis plugin run-tests`: cargo's runner for `wasm32-wasip2`. Executes a crate's tests in the runtime that serves
//! players.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use portcullis_runtime::workbench;

/// What Rust's own test programs exit with.
const TESTS_FAILED: u8 = 101;

/// A panic ends a component at once: what a test had said up to then would be lost if it were held back.
const NO_CAPTURE: &str = "--nocapture";

pub(crate) fn run_tests(file: &Path, args: &[String]) -> anyhow::Result<ExitCode> {
    if !file.is_file() {
        bail!(
            "there is no file {}; this command is for cargo, use `portcullis plugin test`",
            file.display()
        );
    }
    let bytes = workbench::read(file)?;
    let mut arguments = vec![file.display().to_string()];
    arguments.extend_from_slice(args);
    if !args.iter().any(|argument| argument == NO_CAPTURE) {
        arguments.push(NO_CAPTURE.into());
    }
    let passed = workbench::run_program(&bytes, arguments)
        .with_context(|| format!("the tests in {} did not come to their end", file.display()))?;
    Ok(match passed {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(TESTS_FAILED),
    })
}
