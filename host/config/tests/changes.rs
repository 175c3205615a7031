//! What a reload means.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use portcullis_config::{Changes, parse};

/// From one text to another, in one line.
fn check(old: &str, new: &str, expected: &str) {
    let config = |text| parse(Path::new("portcullis.toml"), text).unwrap();
    let changes = Changes::between(&config(old), &config(new));
    assert_eq!(changes.to_string(), expected, "\n{old}\n->\n{new}");
    assert_eq!(changes.is_empty(), expected == "nothing changed");
}

fn listeners(ports: &[u16]) -> String {
    let tables: String = ports
        .iter()
        .map(|port| format!("[[listener]]\nbind = '127.0.0.1:{port}'\n"))
        .collect();
    format!("{tables}[chains]\nmain = []\n")
}

fn servers(servers: &[(&str, u16)]) -> String {
    servers
        .iter()
        .map(|(name, port)| format!("[[server]]\nname = '{name}'\naddress = 'h:{port}'\n"))
        .collect()
}

#[test]
fn the_same_configuration_changes_nothing_however_it_is_written() {
    check("", "[host]\nworkers = 0\n", "nothing changed");
    check(
        &listeners(&[1]),
        &format!("# a comment\n{}", listeners(&[1])),
        "nothing changed",
    );
    check(
        "[plugins.p.config]\na = 1\nb = 2\n",
        "[plugins.p]\nconfig = { b = 2, a = 1 }\n",
        "nothing changed",
    );
}

#[test]
fn listeners_are_known_by_their_bind() {
    check(
        &listeners(&[1, 2]),
        &listeners(&[2, 3]),
        "listeners +127.0.0.1:3 -127.0.0.1:1",
    );
    check(&listeners(&[1, 2]), &listeners(&[2, 1]), "nothing changed");
    let slower = listeners(&[1]).replace("[chains]", "idle-timeout-s = 9\n[chains]");
    check(&listeners(&[1]), &slower, "listeners ~127.0.0.1:1");
}

#[test]
fn servers_are_known_by_their_name_and_their_order_counts() {
    check(
        &servers(&[("a", 1), ("b", 1)]),
        &servers(&[("b", 2), ("c", 1)]),
        "servers +c -a ~b",
    );
    check(
        &servers(&[("a", 1), ("b", 1)]),
        &servers(&[("b", 1), ("a", 1)]),
        "servers in another order",
    );
    check(&servers(&[("a", 1), ("b", 1)]), &servers(&[("b", 1)]), "servers -a");
}

#[test]
fn plugins_and_chains_are_known_by_their_name() {
    check(
        "[plugins.a]\n[plugins.b]\n[chains]\nmain = ['a', 'b']\ngone = []\n",
        "[plugins.b.config]\nx = 1\n[plugins.c]\n[chains]\nmain = ['b', 'c']\n",
        "plugins +c -a ~b; chains ~gone ~main",
    );
    check(
        "[plugins.a]\n[chains]\nm = ['a']\n",
        "[plugins.a]\n[chains]\nm = ['a']\nn = []\n",
        "chains ~n",
    );
}

#[test]
fn what_waits_for_a_restart_is_said() {
    check(
        "",
        "[host]\nworkers = 99\nstate-dir = 'elsewhere'\ndrain-seconds = 1\n[telemetry]\nlog = 'debug'\n",
        "host ~control ~drain-seconds; telemetry ~log; restart needed for host.workers, host.state-dir",
    );
}
