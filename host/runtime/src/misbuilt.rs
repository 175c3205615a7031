//! What went wrong in the build of a file that is no plugin, as far as the file tells, and what to do about it.

use wasmparser::{Parser, Payload};

use crate::inspect::{CONTRACT_VERSION, PACKAGE, Surface};

/// The interface that every version of the first, pre-component WASI imports.
const WASI_1: &str = "wasi_snapshot_preview1";

/// What native libraries and programs begin with on Linux, macOS and Windows.
const NATIVE: [&[u8]; 3] = [b"\x7fELF", b"\xcf\xfa\xed\xfe", b"MZ"];

/// What compiled WebAssembly text begins with, past blanks and comments.
const TEXT_FORMAT: [&[u8]; 2] = [b"(module", b"(component"];

/// A file without WebAssembly's magic number.
pub(crate) fn not_webassembly(bytes: &[u8]) -> String {
    let starts = |starts: &&[u8]| bytes.trim_ascii_start().starts_with(starts);
    if bytes.is_empty() {
        return "it is not WebAssembly: the file is empty; build the plugin again, and copy the file when it is whole"
            .into();
    }
    if NATIVE.iter().any(starts) {
        return "it is not WebAssembly but native code; build it for the target wasm32-wasip2: `portcullis plugin build`, \
                or `cargo build --target wasm32-wasip2`"
            .into();
    }
    if TEXT_FORMAT.iter().any(starts) {
        return "it is not WebAssembly but its text format; make a binary of it: `wasm-tools parse FILE -o OTHER`"
            .into();
    }
    let kind = match std::str::from_utf8(bytes) {
        Ok(_) => "a text file",
        Err(_) => "another kind of file",
    };
    format!(
        "it is not WebAssembly but {kind}, whatever its name; put a component there, such as `portcullis plugin build` makes"
    )
}

/// A core module where a component belongs.
pub(crate) fn core_module(bytes: &[u8]) -> String {
    let imports = |wanted: &dyn Fn(&str) -> bool| core_imports(bytes).iter().any(|module| wanted(module));
    let advice = if imports(&|module| module == WASI_1) {
        "it imports wasi_snapshot_preview1, so it was built for wasm32-wasip1 or an older wasm32-wasi; build it for the \
         target wasm32-wasip2"
    } else if imports(&|module| module.starts_with(PACKAGE)) {
        "it has the contract's imports, so it was built for wasm32-unknown-unknown or lacks its last step; build it for \
         the target wasm32-wasip2, or make a component of it with `wasm-tools component new`"
    } else {
        "as builds for wasm32-unknown-unknown are; build it for the target wasm32-wasip2"
    };
    format!("it is a core module, not a component: {advice}; `portcullis plugin build` does it right")
}

/// A component that is something else.
pub(crate) fn without_lifecycle(surface: &Surface) -> String {
    let lifecycle = format!("`{PACKAGE}/lifecycle@{CONTRACT_VERSION}`");
    let exports = |start: &str| surface.exports.iter().any(|name| name.starts_with(start));
    let advice = if exports("wasi:cli/run") {
        "it is a program (it exports wasi:cli/run): build a library with `crate-type = [\"cdylib\"]` under [lib] in \
         Cargo.toml, not a binary"
    } else if exports(PACKAGE) {
        "include the world `lifecycle-hook` beside those of the hooks, or derive `Plugin` of portcullis-sdk"
    } else if surface.exports.is_empty() {
        "it exports nothing at all: derive `Plugin` of portcullis-sdk, or call `export!` of wit-bindgen, in the crate \
         that is built"
    } else {
        "is it a plugin for Portcullis?"
    };
    format!("it does not export {lifecycle}, which every plugin must; {advice}")
}

/// Modules that a core module imports from; what cannot be read is left out.
fn core_imports(bytes: &[u8]) -> Vec<String> {
    let mut modules = Vec::new();
    for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
        if let Payload::ImportSection(section) = payload {
            let imports = section.into_imports().map_while(Result::ok);
            modules.extend(imports.map(|import| import.module.to_owned()));
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    use crate::inspect::inspect;

    /// The refusal of these bytes has all these parts.
    fn check(bytes: &[u8], parts: &[&str]) {
        let text = inspect(bytes).unwrap_err().to_string();
        for part in parts {
            assert!(text.contains(part), "{part:?} in {text}");
        }
    }

    fn wat(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn a_file_that_is_no_webassembly_is_called_what_it_is() {
        check(b"", &["not WebAssembly", "the file is empty", "build the plugin again"]);
        check(b"hello", &["not WebAssembly", "but a text file, whatever its name"]);
        check(b"\xff\xfe\0", &["not WebAssembly", "another kind of file"]);
        check(b"\x7fELF\x02", &["not WebAssembly but native code", "wasm32-wasip2"]);
        check(b"MZ\x90", &["not WebAssembly but native code", "wasm32-wasip2"]);
        check(b"\n (component)", &["its text format", "wasm-tools parse"]);
    }

    #[test]
    fn a_core_module_is_told_the_target_it_was_built_for_and_the_right_one() {
        check(
            &wat("(module)"),
            &["core module", "wasm32-unknown-unknown", "wasm32-wasip2"],
        );
        check(
            &wat(r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#),
            &["core module", "wasm32-wasip1", "target wasm32-wasip2"],
        );
        check(
            &wat(r#"(module (import "portcullis:plugin/log@0.1.0" "log" (func)))"#),
            &["core module", "wasm-tools component new", "portcullis plugin build"],
        );
    }

    #[test]
    fn a_component_without_lifecycle_is_told_what_its_author_forgot() {
        let exporting = |name: &str| {
            wat(&format!(
                r#"(component (instance $nothing) (export "{name}" (instance $nothing)))"#
            ))
        };
        let lifecycle = "does not export `portcullis:plugin/lifecycle@0.1.0`";
        check(&wat("(component)"), &[lifecycle, "exports nothing at all"]);
        check(&exporting("wasi:cli/run@0.2.3"), &[lifecycle, "cdylib"]);
        check(
            &exporting("portcullis:plugin/route@0.1.0"),
            &[lifecycle, "lifecycle-hook"],
        );
        check(
            &exporting("acme:thing/api@1.0.0"),
            &[lifecycle, "is it a plugin for Portcullis?"],
        );
    }
}
