//! `cargo xtask test`: every test there is, and one line that sums them up.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::{examples, plugins, tools, workspace};

/// Runs the plugins' tests and the host's, those whose name contains `filter` if there is one, and ends with
/// `N passed, N failed`. What they need is installed first; what cannot be is an error, never a skipped test.
pub fn run(filter: Option<&str>) -> Result<ExitCode> {
    plugins::build_standard()?;
    plugins::build()?;
    tools::node_modules()?;
    tools::python_packages()?;
    examples::build_all()?;

    let mut sum = Counts::default();
    let root = PathBuf::from(workspace::root());
    for folder in [workspace::plugins_root(), workspace::examples_root(), root] {
        sum.add(&suites(&folder, filter)?);
    }
    println!("{sum}");
    Ok(if sum.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Runs one workspace's tests, showing what they print, and adds up what the suites count.
fn suites(folder: &Path, filter: Option<&str>) -> Result<Counts> {
    let mut command = workspace::cargo(folder);
    command
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(filter)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut child = command.spawn().context("could not start cargo")?;
    let output = child.stdout.take().context("standard output is piped")?;
    let mut counts = Counts::default();
    let mut shown = std::io::stdout().lock();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        shown.write_all(&line)?;
        shown.write_all(b"\n")?;
        if let Some(suite) = Counts::parse(&String::from_utf8_lossy(&line)) {
            counts.add(&suite);
        }
    }
    drop(shown);
    if !child.wait()?.success() && counts.failed == 0 {
        // It did not build, or a suite died before it could count.
        counts.failed = 1;
    }
    Ok(counts)
}

impl Counts {
    /// Reads a suite's last line: `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; …`.
    fn parse(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut parsed = Self::default();
        for part in counts.split("; ") {
            match part.split_once(' ') {
                Some((count, "passed")) => parsed.passed = count.parse().ok()?,
                Some((count, "failed")) => parsed.failed = count.parse().ok()?,
                Some((count, "ignored")) => parsed.skipped = count.parse().ok()?,
                _ => {}
            }
        }
        Some(parsed)
    }

    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_counted_by_its_last_line_and_by_no_other() {
        let line = "test result: FAILED. 24 passed; 2 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.21s";
        assert_eq!(
            Counts::parse(line),
            Some(Counts {
                passed: 24,
                failed: 2,
                skipped: 1
            })
        );
        for other in [
            "test a ... ok",
            "running 3 tests",
            "",
            "said: test result: ok. 1 passed; 0 failed",
        ] {
            assert_eq!(Counts::parse(other), None, "{other}");
        }
    }

    #[test]
    fn skipped_tests_are_mentioned_only_when_there_are_some() {
        let mut sum = Counts {
            passed: 3,
            failed: 0,
            skipped: 0,
        };
        assert_eq!(sum.to_string(), "3 passed, 0 failed");
        sum.add(&Counts {
            passed: 1,
            failed: 1,
            skipped: 2,
        });
        assert_eq!(sum.to_string(), "4 passed, 1 failed, 2 skipped");
    }
}
