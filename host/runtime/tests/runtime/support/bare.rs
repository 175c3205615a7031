//! Components written by hand, for what no fixture built from Rust can be: one without a schema, one whose description is
//! wrong, and one whose hook is only a few instructions.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A component's own words about itself. It exports `lifecycle`, and what `code` adds.
pub(crate) struct Bare {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Absent: it takes no configuration.
    pub(crate) schema: Option<&'static str>,
    /// The hooks it describes, by their numbers in the contract.
    pub(crate) hooks: &'static [u8],
    /// Worlds of the hooks it exports.
    pub(crate) worlds: &'static [&'static str],
    /// Imports of the core module.
    pub(crate) imports: &'static str,
    /// Functions of the core module.
    pub(crate) code: &'static str,
    /// Pages of linear memory that it starts with.
    pub(crate) pages: u32,
}

impl Default for Bare {
    fn default() -> Self {
        Self {
            name: "bare",
            version: "1.0.0",
            schema: None,
            hooks: &[],
            worlds: &[],
            imports: "",
            code: "",
            pages: 1,
        }
    }
}

impl Bare {
    /// The component.
    pub(crate) fn build(&self) -> Vec<u8> {
        let Self {
            imports, code, pages, ..
        } = self;
        let schema = self.schema.unwrap_or_default();
        let length = |text: &str| u32::try_from(text.len()).unwrap();
        // The record as the canonical ABI lays it out, in words.
        let description = [
            NAME,
            length(self.name),
            VERSION,
            length(self.version),
            // An empty summary, and the stage `guard`.
            NOTHING,
            0,
            0,
            HOOKS,
            u32::try_from(self.hooks.len()).unwrap(),
            u32::from(self.schema.is_some()),
            SCHEMA,
            length(schema),
            // No state version.
            0,
            0,
        ];
        let description: Vec<u8> = description.into_iter().flat_map(u32::to_le_bytes).collect();
        let data: String = [
            (DESCRIPTION, description.as_slice()),
            (NAME, self.name.as_bytes()),
            (VERSION, self.version.as_bytes()),
            (HOOKS, self.hooks),
            (SCHEMA, schema.as_bytes()),
        ]
        .map(|(at, bytes)| format!("(data (i32.const {at}) {})\n", quoted(bytes)))
        .concat();
        let module = wat::parse_str(format!(
            r#"(module
                {imports}
                (memory (export "memory") {pages})
                {data}
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const {ROOM})
                (func (export "portcullis:plugin/lifecycle@0.1.0#describe") (result i32) i32.const {DESCRIPTION})
                ;; Zeroes are `ok`, and an empty list.
                (func (export "portcullis:plugin/lifecycle@0.1.0#init") (param i32 i32) (result i32) i32.const {NOTHING})
                (func (export "portcullis:plugin/lifecycle@0.1.0#save") (result i32) i32.const {NOTHING})
                (func (export "portcullis:plugin/lifecycle@0.1.0#load") (param i32 i32 i32) (result i32) i32.const {NOTHING})
                (func (export "portcullis:plugin/lifecycle@0.1.0#shutdown"))
                {code}
            )"#
        ));
        self.encode(module.unwrap())
    }

    fn encode(&self, mut module: Vec<u8>) -> Vec<u8> {
        let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/portcullis-plugin-0.1.0");
        let include = |world: &&str| format!("include portcullis:plugin/{world}@0.1.0;");
        let worlds: String = ["lifecycle-hook"].iter().chain(self.worlds).map(include).collect();
        let mut resolve = Resolve::default();
        resolve.push_dir(contract).unwrap();
        let package = resolve
            .push_str("bare.wit", &format!("package tests:bare; world bare {{ {worlds} }}"))
            .unwrap();
        let world = resolve.select_world(&[package], Some("bare")).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        ComponentEncoder::default()
            .module(&module)
            .unwrap()
            .validate(true)
            .encode()
            .unwrap()
    }
}

/// A guard that takes a token from a bucket of 100 which never fills up, and drops when there is none.
pub(crate) const HUNDRED_TOKENS: Bare = Bare {
    name: "hundred-tokens",
    version: "1.0.0",
    schema: None,
    hooks: &[0],
    worlds: &["accept-hook"],
    imports: r#"
        (import "portcullis:plugin/bucket@0.1.0" "try-acquire" (func $try-acquire (param i32 i32 i32 f64 i32 i32)))
        (import "portcullis:plugin/session-facts@0.1.0" "[resource-drop]session" (func $drop (param i32)))
    "#,
    // The key is the plugin's name, at 256. The result at 8192 is 0 for `ok` and 1 for `err`, the verdict at 32 is 0 for
    // `next` and 1 for `drop`.
    code: r#"
        (func (export "portcullis:plugin/accept@0.1.0#on-accept") (param $session i32) (result i32)
            (call $try-acquire
                (i32.const 256) (i32.const 14) (i32.const 100) (f64.const 0) (i32.const 1) (i32.const 8192))
            (call $drop (local.get $session))
            (i32.store8 (i32.const 32) (i32.load8_u (i32.const 8192)))
            i32.const 32)
    "#,
    pages: 1,
};

/// A component with no more than names: what is looked at before anything is compiled.
pub(crate) fn importing(interface: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
            (import "{interface}" (instance))
            (instance $nothing)
            (export "portcullis:plugin/lifecycle@0.1.0" (instance $nothing))
        )"#
    ))
    .unwrap()
}

/// Where things lie in the memory.
const NOTHING: u32 = 16;
const DESCRIPTION: u32 = 64;
const NAME: u32 = 256;
const VERSION: u32 = 512;
const HOOKS: u32 = 768;
const SCHEMA: u32 = 1_024;
const ROOM: u32 = 8_192;

/// Bytes as a string of the text format.
fn quoted(bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("\"{escaped}\"")
}
