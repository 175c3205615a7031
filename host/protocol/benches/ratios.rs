//! `cargo bench -p portcullis-protocol`: what forwarding costs against inflating and deflating, and the cipher against OpenSSL's.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a program that answers on standard output and may fail loudly"
)]

use std::{
    hint::black_box,
    process::Command,
    time::{Duration, Instant},
};

use portcullis_protocol::{
    Progress,
    cipher::{Decryptor, Encryptor, Secret},
    compression::{Deflater, Inflater, MAX_CLIENTBOUND, Threshold, peek_id},
    frame,
};

/// What servers and proxies use unless told otherwise.
const THRESHOLD: Threshold = Threshold(256);

/// zlib's default level, which vanilla servers use.
const LEVEL: i32 = 6;

/// The least of what OpenSSL encrypts and decrypts in a second.
const CIPHER_TARGET: f64 = 0.8;

/// How long each measurement runs: long against a timer's error, short against a developer's patience.
const MEASURED: Duration = Duration::from_millis(300);

fn main() {
    println!("packet bytes  compressed   peek ns  inflate ns  deflate ns  peek / (inflate + deflate)");
    for length in [300, 1_000, 4_000, 16_000, 64_000] {
        compression(length);
    }
    cipher();
}

fn compression(length: usize) {
    let packet = chunk_like(length);
    let (mut inflater, mut deflater) = (Inflater::new(), Deflater::new(LEVEL));
    let mut framed = Vec::new();
    deflater.write(&packet, THRESHOLD, &mut framed).unwrap();
    let Ok(Progress::Complete(body, _)) = frame::split(&framed, frame::MAX_BODY) else {
        panic!("a whole frame")
    };
    let peek = nanoseconds(|| peek_id(black_box(body), THRESHOLD, MAX_CLIENTBOUND).unwrap());
    let inflate = nanoseconds(|| {
        inflater
            .inflate(black_box(body), THRESHOLD, MAX_CLIENTBOUND)
            .unwrap()
            .len()
    });
    let mut out = Vec::new();
    let deflate = nanoseconds(|| {
        out.clear();
        deflater.write(black_box(&packet), THRESHOLD, &mut out).unwrap();
        out.len()
    });
    println!(
        "{length:12}  {:10}  {peek:8.0}  {inflate:10.0}  {deflate:10.0}  {:.3}",
        body.len(),
        peek / (inflate + deflate)
    );
}

fn cipher() {
    let secret = Secret::new(*b"sixteen bytes...");
    let mut bytes = vec![0; 16_384];
    let megabytes = bytes.len() as f64 / 1e6;
    let (mut encryptor, mut decryptor) = (Encryptor::new(&secret), Decryptor::new(&secret));
    let encrypt = megabytes / (nanoseconds(|| encryptor.encrypt(black_box(&mut bytes))) / 1e9);
    let decrypt = megabytes / (nanoseconds(|| decryptor.decrypt(black_box(&mut bytes))) / 1e9);
    println!("\nAES-128-CFB8, MB/s: encrypt {encrypt:.1}, decrypt {decrypt:.1}");
    for (direction, ours) in [(None, encrypt), (Some("-decrypt"), decrypt)] {
        match openssl(direction) {
            Some(theirs) => {
                let verdict = if ours >= CIPHER_TARGET * theirs { "PASS" } else { "FAIL" };
                println!(
                    "{verdict}: {:.2} × openssl speed {} ({theirs:.1} MB/s); {CIPHER_TARGET} is asked for",
                    ours / theirs,
                    direction.unwrap_or_default(),
                );
            }
            None => println!("openssl is not installed: no ratio"),
        }
    }
}

/// What `openssl speed` says, in MB/s.
fn openssl(direction: Option<&str>) -> Option<f64> {
    let mut command = Command::new("openssl");
    command.args(["speed", "-seconds", "1", "-bytes", "16384"]);
    let output = command.args(direction).args(["-evp", "aes-128-cfb8"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let figure = text.lines().last()?.split_whitespace().last()?;
    figure
        .strip_suffix('k')?
        .parse::<f64>()
        .ok()
        .map(|thousands| thousands / 1e3)
}

/// The fastest of several rounds: other processes only ever add time.
fn nanoseconds<T>(mut work: impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    let mut best = f64::INFINITY;
    while start.elapsed() < MEASURED {
        let round = Instant::now();
        for _ in 0..10 {
            black_box(work());
        }
        best = best.min(round.elapsed().as_nanos() as f64 / 10.0);
    }
    best
}

/// An id, then bytes as compressible as chunks: runs of a few values, with noise between.
fn chunk_like(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let mut packet = vec![0x25];
    while packet.len() < length {
        let run = 1 + next() % 6;
        let value = if next() % 4 == 0 {
            next() as u8
        } else {
            (next() % 12) as u8
        };
        packet.extend((0..run).map(|_| value));
    }
    packet.truncate(length);
    packet
}
