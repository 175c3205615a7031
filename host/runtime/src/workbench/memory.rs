//! The linear memory that a component declares.

use wasmparser::{Parser, Payload};

/// A page where a memory does not say otherwise.
const PAGE_BYTES_LOG2: u32 = 16;

/// All memories of a component together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// What an instance begins with.
    pub initial_bytes: u64,
    /// What it can grow to; absent: as far as `memory-mib` allows.
    pub maximum_bytes: Option<u64>,
}

/// Adds up the memories of the modules in a component. What cannot be read is left out: compiling tells what is wrong.
pub(super) fn declared(bytes: &[u8]) -> Memory {
    let memories = Parser::new(0)
        .parse_all(bytes)
        .map_while(Result::ok)
        .filter_map(|payload| match payload {
            Payload::MemorySection(section) => Some(section.into_iter().map_while(Result::ok)),
            _ => None,
        })
        .flatten();
    let mut sum = Memory {
        initial_bytes: 0,
        maximum_bytes: Some(0),
    };
    for memory in memories {
        let page_bytes = 1u64 << memory.page_size_log2.unwrap_or(PAGE_BYTES_LOG2);
        sum.initial_bytes = sum
            .initial_bytes
            .saturating_add(memory.initial.saturating_mul(page_bytes));
        let maximum = memory.maximum.map(|pages| pages.saturating_mul(page_bytes));
        sum.maximum_bytes = sum
            .maximum_bytes
            .zip(maximum)
            .map(|(sum, more)| sum.saturating_add(more));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(modules: &str, initial_bytes: u64, maximum_bytes: Option<u64>) {
        let component = wat::parse_str(format!("(component {modules})")).unwrap();
        let expected = Memory {
            initial_bytes,
            maximum_bytes,
        };
        assert_eq!(declared(&component), expected, "{modules}");
    }

    #[test]
    fn memories_of_all_modules_add_up_and_one_without_a_bound_has_the_hosts() {
        check("", 0, Some(0));
        check("(core module (memory 1 2))", 1 << 16, Some(2 << 16));
        check(
            "(core module (memory 1 2)) (core module (memory 3 4))",
            4 << 16,
            Some(6 << 16),
        );
        check("(core module (memory 1 2)) (core module (memory 3))", 4 << 16, None);
        check("(component (core module (memory 1)))", 1 << 16, None);
    }
}
