//! The contract as Rust: generated. Types work natively, imported functions only in a component.
#![allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    reason = "generated code"
)]

wit_bindgen::generate!({
    path: "../../wit/portcullis-plugin-0.1.0",
    inline: "
        package portcullis:router;

        world router {
            include portcullis:plugin/lifecycle-hook@0.1.0;
            include portcullis:plugin/handshake-hook@0.1.0;
            include portcullis:plugin/route-hook@0.1.0;
        }
    ",
    world: "portcullis:router/router",
    additional_derives: [PartialEq],
    generate_all,
});
