//! Replays the fuzz targets' committed corpus, so that what was once found stays mended without a fuzzer at hand.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, in its helpers too"
)]

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::{fs, path::Path};

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let seeds = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut count = 0;
    for seed in seeds {
        let seed = fs::read(seed.unwrap().path()).unwrap();
        body(&seed);
        // Cut anywhere, a good seed is an unfinished one.
        (0..seed.len())
            .step_by(1 + seed.len() / 64)
            .for_each(|end| body(&seed[..end]));
        count += 1;
    }
    assert!(count > 0, "{} is empty", folder.display());
}

#[test]
fn framing_holds_for_the_corpus() {
    replay("framing", bodies::framing);
}

#[test]
fn handshake_holds_for_the_corpus() {
    replay("handshake", bodies::handshake);
}

#[test]
fn legacy_ping_holds_for_the_corpus() {
    replay("legacy_ping", bodies::legacy_ping);
}

#[test]
fn proxy_header_holds_for_the_corpus() {
    replay("proxy_header", bodies::proxy_header);
}

#[test]
fn text_holds_for_the_corpus() {
    replay("text", bodies::text);
}

#[test]
fn status_response_holds_for_the_corpus() {
    replay("status_response", bodies::status_response);
}

#[test]
fn login_holds_for_the_corpus() {
    replay("login", bodies::login);
}

#[test]
fn play_holds_for_the_corpus() {
    replay("play", bodies::play);
}

#[test]
fn compression_holds_for_the_corpus() {
    replay("compression", bodies::compression);
}

#[test]
fn forwarding_holds_for_the_corpus() {
    replay("forwarding", bodies::forwarding);
}

#[test]
fn connection_holds_for_the_corpus() {
    replay("connection", bodies::connection);
}

#[test]
fn favicon_holds_for_the_corpus() {
    replay("favicon", bodies::favicon);
}
