//! The Rust side of the contract in `wit/`, generated. Nothing outside `instance` and `services` names these types.

wasmtime::component::bindgen!({
    path: "../../wit/portcullis-plugin-0.1.0",
    world: "every-hook",
    imports: { "portcullis:plugin/session-facts": trappable, "portcullis:plugin/http": async },
    exports: { "portcullis:plugin/login": async },
});
