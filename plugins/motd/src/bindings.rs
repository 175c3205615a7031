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
        package portcullis:motd;

        world motd {
            include portcullis:plugin/lifecycle-hook@0.1.0;
            include portcullis:plugin/status-hook@0.1.0;
        }
    ",
    world: "portcullis:motd/motd",
    additional_derives: [PartialEq],
    generate_all,
});
