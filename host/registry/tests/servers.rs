//! Servers, groups, and what stays true of them through reloads.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::{
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use portcullis_config as config;
use portcullis_registry::{Health, Registry, ServerTable, Snapshot, Target};

/// Servers as `name address groups…`, one a line.
fn servers(lines: &str) -> Vec<config::Server> {
    let mut toml = String::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        toml += &format!(
            "[[server]]\nname = {:?}\naddress = {:?}\ngroups = {:?}\n",
            words[0],
            words[1],
            &words[2..]
        );
    }
    config::parse(Path::new("portcullis.toml"), &toml).unwrap().servers
}

fn table(lines: &str) -> ServerTable {
    let table = ServerTable::default();
    table.apply(&servers(lines));
    table
}

fn candidates(snapshot: &Snapshot, target: &Target) -> Vec<String> {
    snapshot
        .candidates(target, Instant::now())
        .iter()
        .map(|server| server.config.name.to_string())
        .collect()
}

fn group(name: &str) -> Target {
    Target::Group(name.into())
}

fn server(name: &str) -> Target {
    Target::Server(name.into())
}

#[test]
fn a_snapshot_lists_servers_as_configured_and_groups_by_name() {
    let snapshot = table("c 127.0.0.1:3 zoo lobby\na 127.0.0.1:1 lobby\nb 127.0.0.1:2").snapshot();
    let names = |servers: &[Arc<portcullis_registry::Server>]| -> Vec<String> {
        servers.iter().map(|server| server.config.name.to_string()).collect()
    };
    assert_eq!(names(snapshot.servers()), ["c", "a", "b"]);
    assert_eq!(names(snapshot.members("lobby")), ["c", "a"]);
    assert!(snapshot.members("b").is_empty());
    assert_eq!(
        snapshot.groups().map(|group| group.to_string()).collect::<Vec<_>>(),
        ["lobby", "zoo"]
    );
    assert!(snapshot.get("b").is_some() && snapshot.get("lobby").is_none());
    assert!(snapshot.knows(&server("b")) && snapshot.knows(&group("zoo")));
    assert!(!snapshot.knows(&group("b")) && !snapshot.knows(&server("zoo")));
}

#[test]
fn candidates_come_in_order_with_those_down_last_and_without_those_draining() {
    let table = table("a h:1 g\nb h:2 g\nc h:3 g\nd h:4 g");
    let snapshot = table.snapshot();
    assert_eq!(candidates(&snapshot, &group("g")), ["a", "b", "c", "d"]);
    snapshot.get("a").unwrap().dial_failed();
    snapshot.get("b").unwrap().dial_succeeded(Duration::from_millis(1));
    assert!(table.drain("c", true));
    assert_eq!(candidates(&snapshot, &group("g")), ["b", "d", "a"]);
    assert_eq!(candidates(&snapshot, &server("a")), ["a"]);
    assert!(candidates(&snapshot, &server("c")).is_empty());
    assert!(candidates(&snapshot, &group("nobody")).is_empty());
    assert!(candidates(&snapshot, &server("nobody")).is_empty());
}

#[test]
fn a_server_that_is_down_is_tried_in_its_place_by_one_player_in_ten_seconds() {
    let table = table("a h:1 g\nb h:2 g");
    let snapshot = table.snapshot();
    let a = snapshot.get("a").unwrap();
    let failed = Instant::now();
    a.dial_failed();
    let first = |seconds| {
        let now = failed + Duration::from_secs(seconds);
        snapshot.candidates(&group("g"), now)[0].config.name.to_string()
    };
    assert_eq!([9, 11, 11, 20, 22].map(first), ["b", "a", "b", "b", "a"]);
    a.dial_succeeded(Duration::ZERO);
    assert_eq!([22, 22].map(first), ["a", "a"]);
}

#[test]
fn health_follows_attempts_and_draining_hides_it() {
    let table = table("a h:1");
    let snapshot = table.snapshot();
    let a = snapshot.get("a").unwrap();
    assert_eq!(a.health(), Health::Unknown);
    a.dial_succeeded(Duration::ZERO);
    assert_eq!(a.health(), Health::Up);
    a.dial_failed();
    assert_eq!(a.health(), Health::Down);
    assert!(table.drain("a", true));
    a.dial_succeeded(Duration::ZERO);
    assert_eq!(a.health(), Health::Draining);
    assert!(table.drain("a", false));
    assert_eq!(a.health(), Health::Up);
    assert!(!table.drain("nobody", true));
}

#[test]
fn latency_is_absent_at_first_then_the_first_sample_then_moves_by_an_eighth() {
    let snapshot = table("a h:1").snapshot();
    let a = snapshot.get("a").unwrap();
    assert_eq!(a.latency_us(), None);
    a.dial_failed();
    assert_eq!(a.latency_us(), None);
    for (sample, expected) in [(800, 800), (1_600, 900), (100, 800), (800, 800)] {
        a.dial_succeeded(Duration::from_micros(sample));
        assert_eq!(a.latency_us(), Some(expected));
    }
    a.dial_succeeded(Duration::MAX);
    assert!(a.latency_us().is_some_and(|latency| latency > 1 << 28));
}

#[test]
fn latency_below_a_microsecond_is_not_absence() {
    let snapshot = table("a h:1").snapshot();
    snapshot.get("a").unwrap().dial_succeeded(Duration::ZERO);
    assert_eq!(snapshot.get("a").unwrap().latency_us(), Some(1));
}

#[test]
fn sessions_are_counted_until_their_guard_is_dropped() {
    let snapshot = table("a h:1").snapshot();
    let a = snapshot.get("a").unwrap();
    let (first, second) = (a.enter(), a.enter());
    assert_eq!(a.sessions(), 2);
    drop(first);
    assert_eq!(a.sessions(), 1);
    drop(second);
    assert_eq!(a.sessions(), 0);
}

#[test]
fn a_server_that_stays_keeps_its_sessions_health_latency_and_draining() {
    let table = table("a h:1 old\nb h:2");
    let before = table.snapshot();
    let guard = before.get("a").unwrap().enter();
    before.get("a").unwrap().dial_succeeded(Duration::from_micros(500));
    table.drain("b", true);
    table.apply(&servers("new h:9\na h:1 fresh\nb h:2"));
    let after = table.snapshot();
    let a = after.get("a").unwrap();
    assert_eq!((a.sessions(), a.health(), a.latency_us()), (1, Health::Up, Some(500)));
    assert_eq!(candidates(&after, &group("fresh")), ["a"]);
    assert_eq!(after.get("b").unwrap().health(), Health::Draining);
    assert!(before.get("new").is_none() && before.knows(&group("old")));
    drop(guard);
    assert_eq!(a.sessions(), 0);
}

#[test]
fn a_server_that_moved_keeps_its_sessions_and_is_tried_anew() {
    let table = table("a h:1");
    let before = table.snapshot();
    let _guard = before.get("a").unwrap().enter();
    before.get("a").unwrap().dial_succeeded(Duration::from_micros(500));
    table.apply(&servers("a h:2"));
    let after = table.snapshot();
    let a = after.get("a").unwrap();
    assert_eq!((a.sessions(), a.health(), a.latency_us()), (1, Health::Unknown, None));
}

#[test]
fn a_server_that_left_and_came_back_starts_afresh() {
    let table = table("a h:1");
    let guard = table.snapshot().get("a").unwrap().enter();
    table.apply(&[]);
    assert!(table.snapshot().servers().is_empty());
    table.apply(&servers("a h:1"));
    assert_eq!(table.snapshot().get("a").unwrap().sessions(), 0);
    drop(guard);
    assert_eq!(table.snapshot().get("a").unwrap().sessions(), 0);
}

#[test]
fn sessions_entering_while_configurations_change_are_all_counted() {
    let registry = Registry::new();
    registry.servers.apply(&servers("a h:1"));
    let configured = servers("a h:1 g");
    let guards: Vec<_> = thread::scope(|scope| {
        let entering: Vec<_> = (0..4)
            .map(|_| {
                let enter = || {
                    (0..500)
                        .map(|_| registry.servers.snapshot().get("a").unwrap().enter())
                        .collect::<Vec<_>>()
                };
                scope.spawn(enter)
            })
            .collect();
        for _ in 0..200 {
            registry.servers.apply(&configured);
        }
        entering.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(registry.servers.snapshot().get("a").unwrap().sessions(), 2_000);
    drop(guards);
    assert_eq!(registry.servers.snapshot().get("a").unwrap().sessions(), 0);
}

#[test]
fn the_revision_changes_with_the_configuration_and_with_nothing_else() {
    let table = table("a 127.0.0.1:1 lobby");
    let before = table.snapshot().revision();
    assert!(table.drain("a", true));
    assert_eq!(table.snapshot().revision(), before);
    table.apply(&servers("a 127.0.0.1:1 lobby\nb 127.0.0.1:2"));
    assert_ne!(table.snapshot().revision(), before);
}
