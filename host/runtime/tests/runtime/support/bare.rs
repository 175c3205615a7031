//! Components written by hand, for what no fixture built from Rust can be: one without a schema, one whose description is
//! wrong, and one whose hook is only a few instructions.

/// A component's own words about itself. It exports `lifecycle`, and what `exports` adds.
pub(crate) struct Bare {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Absent: it takes no configuration.
    pub(crate) schema: Option<&'static str>,
    /// The hook it describes itself with, if any.
    pub(crate) hook: Option<&'static str>,
    /// Imports of the component, and the core module `$host` made of them.
    pub(crate) imports: &'static str,
    /// Imports and functions of the core module `$code`, in the order that the text format asks for.
    pub(crate) core: [&'static str; 2],
    /// What it exports beside `lifecycle`.
    pub(crate) exports: &'static str,
    /// Pages of linear memory that it starts with.
    pub(crate) pages: u32,
}

impl Default for Bare {
    fn default() -> Self {
        Self {
            name: "bare",
            version: "1.0.0",
            schema: None,
            hook: None,
            imports: "(core instance $host)",
            core: ["", ""],
            exports: "",
            pages: 1,
        }
    }
}

impl Bare {
    /// The component.
    pub(crate) fn build(&self) -> Vec<u8> {
        let Self {
            imports,
            core: [core_imports, functions],
            exports,
            pages,
            ..
        } = self;
        let data = self.data();
        let text = format!(
            r#"(component
                (core module $memory (memory (export "memory") {pages}))
                (core instance $room (instantiate $memory))
                (alias core export $room "memory" (core memory $memory))
                {imports}
                (core module $code
                    (import "room" "memory" (memory {pages}))
                    {core_imports}
                    {data}
                    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const {ROOM})
                    (func (export "describe") (result i32) i32.const {DESCRIPTION})
                    ;; Zeroes are `ok`, and an empty list.
                    (func (export "init") (param i32 i32) (result i32) i32.const {NOTHING})
                    (func (export "save") (result i32) i32.const {NOTHING})
                    (func (export "load") (param i32 i32 i32) (result i32) i32.const {NOTHING})
                    (func (export "shutdown"))
                    {functions}
                )
                (core instance $code (instantiate $code
                    (with "room" (instance $room))
                    (with "host" (instance $host))
                ))
                {LIFECYCLE}
                {exports}
            )"#
        );
        wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The description as the canonical ABI lays it out, and what it points at.
    fn data(&self) -> String {
        let schema = self.schema.unwrap_or_default();
        let length = |text: &str| u32::try_from(text.len()).unwrap();
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
            u32::from(self.hook.is_some()),
            u32::from(self.schema.is_some()),
            SCHEMA,
            length(schema),
            // No state version.
            0,
            0,
        ];
        let bytes = |words: &[u32]| words.iter().copied().flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
        let hook = self.hook.unwrap_or_default();
        [
            (DESCRIPTION, bytes(&description).as_slice()),
            (NAME, self.name.as_bytes()),
            (VERSION, self.version.as_bytes()),
            (HOOKS, bytes(&[HOOK, length(hook)]).as_slice()),
            (HOOK, hook.as_bytes()),
            (SCHEMA, schema.as_bytes()),
        ]
        .map(|(at, bytes)| format!("(data (i32.const {at}) {})\n", quoted(bytes)))
        .concat()
    }
}

/// A guard that takes a token from a bucket of 100 which never fills up, and drops when there is none.
pub(crate) const HUNDRED_TOKENS: Bare = Bare {
    name: "hundred-tokens",
    version: "1.0.0",
    schema: None,
    hook: Some("accept"),
    imports: r#"
        (import "portcullis:plugin/bucket@0.1.0" (instance $bucket
            (type $r (record (field "capacity" u32) (field "refill-per-second" f64)))
            (export "rate" (type $rate (eq $r)))
            (type $f (variant (case "wait-ms" u64) (case "never") (case "quota")))
            (export "refusal" (type $refusal (eq $f)))
            (export "try-acquire" (func
                (param "key" string) (param "rate" $rate) (param "tokens" u32) (result (result (error $refusal)))))))
        (core func $try-acquire (canon lower (func $bucket "try-acquire") (memory $memory)))
        (core instance $host (export "try-acquire" (func $try-acquire)))
    "#,
    core: [
        r#"
        (import "host" "try-acquire" (func $try-acquire (param i32 i32 i32 f64 i32 i32)))
        "#,
        // The key is the plugin's name, at 256. The result at 8192 is 0 for `ok` and 1 for `err`, the verdict at 32 is 0
        // for `next` and 1 for `drop`.
        r#"
        (func (export "on-accept") (result i32)
            (call $try-acquire
                (i32.const 256) (i32.const 14) (i32.const 100) (f64.const 0) (i32.const 1) (i32.const 8192))
            (i32.store8 (i32.const 32) (i32.load8_u (i32.const 8192)))
            i32.const 32)
        "#,
    ],
    exports: r#"
        (type $verdict (variant (case "next") (case "drop") (case "tarpit-ms" u32)))
        (func $on-accept (result $verdict)
            (canon lift (core func $code "on-accept") (memory $memory)))
        (instance $accept
            (export "verdict" (type $verdict)) (export "on-accept" (func $on-accept)))
        (export "portcullis:plugin/accept@0.1.0" (instance $accept))
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
const HOOK: u32 = 800;
const SCHEMA: u32 = 1_024;
const ROOM: u32 = 8_192;

/// The interface of this name, made of the core instance `$code`.
const LIFECYCLE: &str = r#"
    (alias core export $code "realloc" (core func $realloc))
    (type $stage (enum "guard" "status" "login" "route" "balance" "forward" "transform" "observe"))
    (type $description (record
        (field "name" string)
        (field "version" string)
        (field "summary" string)
        (field "stage" $stage)
        (field "hooks" (list string))
        (field "config-schema" (option string))
        (field "state-version" (option u32))))
    (func $describe (result $description) (canon lift (core func $code "describe") (memory $memory)))
    (func $init (param "config" string) (result (result (error string)))
        (canon lift (core func $code "init") (memory $memory) (realloc $realloc)))
    (func $save (result (list u8)) (canon lift (core func $code "save") (memory $memory)))
    (func $load (param "state-version" u32) (param "saved" (list u8)) (result (result (error string)))
        (canon lift (core func $code "load") (memory $memory) (realloc $realloc)))
    (func $shutdown (canon lift (core func $code "shutdown")))
    (instance $lifecycle
        (export "stage" (type $stage))
        (export "description" (type $description))
        (export "describe" (func $describe))
        (export "init" (func $init))
        (export "save" (func $save))
        (export "load" (func $load))
        (export "shutdown" (func $shutdown)))
    (export "portcullis:plugin/lifecycle@0.1.0" (instance $lifecycle))
"#;

/// Bytes as a string of the text format.
fn quoted(bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("\"{escaped}\"")
}
