//! What a plugin's state promises in `wit/…/state.wit`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, thread, time::Duration};

use portcullis_config::PluginName;
use portcullis_registry::{Clock, ManualClock, Namespace, Quota, Registry, StateError};

const AMPLE: Quota = Quota {
    keys: 10_000,
    bytes: 16 << 20,
};

fn plugin(name: &str) -> PluginName {
    name.parse().unwrap()
}

fn namespace(quota: Quota) -> (Arc<Namespace>, ManualClock) {
    let (clock, time) = Clock::manual();
    (Registry::with_clock(clock).state.namespace(&plugin("p"), quota), time)
}

fn seconds(n: u64) -> Option<Duration> {
    Some(Duration::from_secs(n))
}

fn get(namespace: &Namespace, key: &str) -> Option<String> {
    namespace
        .get(key)
        .unwrap()
        .map(|value| String::from_utf8(value).unwrap())
}

#[test]
fn a_value_is_there_until_it_is_deleted() {
    let (state, time) = namespace(AMPLE);
    assert_eq!(get(&state, "k"), None);
    state.set("k", b"v".into(), None).unwrap();
    time.advance(Duration::from_secs(1 << 30));
    assert_eq!(get(&state, "k").as_deref(), Some("v"));
    state.delete("k").unwrap();
    assert_eq!(get(&state, "k"), None);
    assert_eq!(state.delete("k"), Ok(()));
}

#[test]
fn a_value_expires_at_its_time_and_a_set_without_one_removes_it() {
    let (state, time) = namespace(AMPLE);
    state.set("short", b"v".into(), seconds(10)).unwrap();
    state.set("kept", b"v".into(), seconds(10)).unwrap();
    state.set("kept", b"v".into(), None).unwrap();
    time.advance(Duration::from_millis(9_999));
    assert!(get(&state, "short").is_some());
    time.advance(Duration::from_millis(1));
    assert_eq!(get(&state, "short"), None);
    assert!(get(&state, "kept").is_some());
    state.set("endless", b"v".into(), Some(Duration::MAX)).unwrap();
    time.advance(Duration::from_secs(1 << 30));
    assert!(get(&state, "endless").is_some());
    state.set("at-once", b"v".into(), Some(Duration::ZERO)).unwrap();
    assert_eq!(get(&state, "at-once"), None);
}

#[test]
fn keys_and_values_have_the_lengths_that_the_contract_allows() {
    let (state, _) = namespace(AMPLE);
    for key in [String::new(), "k".repeat(513)] {
        assert_eq!(state.get(&key), Err(StateError::TooLong));
        assert_eq!(state.set(&key, vec![], None), Err(StateError::TooLong));
        assert_eq!(state.delete(&key), Err(StateError::TooLong));
        assert_eq!(state.increment(&key, 1, None), Err(StateError::TooLong));
        assert_eq!(
            state.compare_and_swap(&key, None, vec![], None),
            Err(StateError::TooLong)
        );
    }
    assert_eq!(state.set("k", vec![0; (1 << 20) + 1], None), Err(StateError::TooLong));
    assert_eq!(
        state.compare_and_swap("k", None, vec![0; (1 << 20) + 1], None),
        Err(StateError::TooLong)
    );
    assert_eq!(state.set(&"k".repeat(512), vec![0; 1 << 20], None), Ok(()));
    assert_eq!(state.keys(&"k".repeat(513), None, 1), Err(StateError::TooLong));
}

#[test]
fn a_counter_starts_at_zero_and_shows_as_its_digits() {
    let (state, _) = namespace(AMPLE);
    assert_eq!(state.increment("n", 5, None), Ok(5));
    assert_eq!(state.increment("n", -7, None), Ok(-2));
    assert_eq!(get(&state, "n").as_deref(), Some("-2"));
    assert_eq!(state.compare_and_swap("n", Some(b"-2"), b"41".into(), None), Ok(true));
    assert_eq!(state.increment("n", 1, None), Ok(42));
}

#[test]
fn what_is_not_a_counter_is_not_incremented_and_stays() {
    let (state, _) = namespace(AMPLE);
    for value in ["", "x", "+1", "007", "9223372036854775808"] {
        state.set("k", value.into(), None).unwrap();
        assert_eq!(state.increment("k", 1, None), Err(StateError::NotACounter), "{value:?}");
        assert_eq!(get(&state, "k").as_deref(), Some(value));
    }
    state.increment("max", i64::MAX, None).unwrap();
    assert_eq!(state.increment("max", 1, None), Err(StateError::NotACounter));
    assert_eq!(get(&state, "max"), Some(i64::MAX.to_string()));
}

#[test]
fn a_counters_time_counts_from_its_birth_so_that_it_can_be_a_window() {
    let (state, time) = namespace(AMPLE);
    assert_eq!(state.increment("n", 1, seconds(10)), Ok(1));
    time.advance(Duration::from_secs(9));
    assert_eq!(state.increment("n", 1, seconds(10)), Ok(2));
    time.advance(Duration::from_secs(1));
    assert_eq!(state.increment("n", 1, seconds(10)), Ok(1));
}

#[test]
fn compare_and_swap_sets_only_on_the_expected_value() {
    let (state, time) = namespace(AMPLE);
    assert_eq!(state.compare_and_swap("k", Some(b"a"), b"b".into(), None), Ok(false));
    assert_eq!(state.compare_and_swap("k", None, b"a".into(), seconds(10)), Ok(true));
    assert_eq!(state.compare_and_swap("k", None, b"b".into(), None), Ok(false));
    assert_eq!(state.compare_and_swap("k", Some(b"x"), b"b".into(), None), Ok(false));
    assert_eq!(get(&state, "k").as_deref(), Some("a"));
    time.advance(Duration::from_secs(10));
    assert_eq!(state.compare_and_swap("k", Some(b"a"), b"b".into(), None), Ok(false));
    assert_eq!(state.compare_and_swap("k", None, b"b".into(), None), Ok(true));
    time.advance(Duration::from_secs(1 << 30));
    assert_eq!(get(&state, "k").as_deref(), Some("b"));
}

#[test]
fn keys_are_listed_in_byte_order_by_prefix_a_page_at_a_time() {
    let (state, time) = namespace(AMPLE);
    for n in 0..1_500 {
        state.set(&format!("user/{n:04}"), vec![], None).unwrap();
    }
    state.set("user/gone", vec![], seconds(1)).unwrap();
    state.set("other", vec![], None).unwrap();
    time.advance(Duration::from_secs(1));
    let first = state.keys("user/", None, u32::MAX).unwrap();
    assert_eq!(
        (first.len(), &*first[0], &*first[999]),
        (1_000, "user/0000", "user/0999")
    );
    let rest = state.keys("user/", Some("user/0999"), u32::MAX).unwrap();
    assert_eq!((rest.len(), &*rest[0], &*rest[499]), (500, "user/1000", "user/1499"));
    assert_eq!(state.keys("", None, 2).unwrap(), ["other", "user/0000"]);
    assert!(state.keys("", None, 0).unwrap().is_empty());
    assert!(state.keys("nobody", None, 9).unwrap().is_empty());
}

#[test]
fn the_quota_counts_keys_and_bytes_exactly() {
    let (state, _) = namespace(Quota { keys: 2, bytes: 10 });
    state.set("a", b"1234".into(), None).unwrap();
    assert_eq!(state.set("b", b"12345".into(), None), Err(StateError::Quota));
    assert_eq!(state.set("b", b"1234".into(), None), Ok(()));
    assert_eq!(state.used(), Quota { keys: 2, bytes: 10 });
    assert_eq!(state.set("c", vec![], None), Err(StateError::Quota));
    assert_eq!(state.set("a", b"12345".into(), None), Err(StateError::Quota));
    assert_eq!(get(&state, "a").as_deref(), Some("1234"));
    assert_eq!(state.set("a", b"1".into(), None), Ok(()));
    assert_eq!(state.used(), Quota { keys: 2, bytes: 7 });
    state.delete("b").unwrap();
    assert_eq!(state.increment("n", 99_999, None), Ok(99_999));
    assert_eq!(state.used(), Quota { keys: 2, bytes: 8 });
    assert_eq!(state.increment("n", 1, None), Ok(100_000));
    assert_eq!(state.increment("n", 9_900_000, None), Err(StateError::Quota));
    assert_eq!(state.increment("n", 900_000, None), Ok(1_000_000));
    assert_eq!(state.increment("a", 9, None), Err(StateError::Quota));
    assert_eq!(get(&state, "a").as_deref(), Some("1"));
}

#[test]
fn what_has_expired_never_stands_in_the_way() {
    let (state, time) = namespace(Quota {
        keys: 1_000,
        bytes: 1 << 20,
    });
    for n in 0..1_000 {
        state.set(&format!("old/{n}"), vec![0; 512], seconds(1)).unwrap();
    }
    assert_eq!(state.set("new", vec![], None), Err(StateError::Quota));
    time.advance(Duration::from_secs(1));
    assert_eq!(state.set("new", vec![], None), Ok(()));
    assert_eq!(state.set("large", vec![0; (1 << 20) - "newlarge".len()], None), Ok(()));
    assert_eq!(state.used().bytes, 1 << 20);
}

#[test]
fn a_lowered_quota_keeps_what_is_there_but_lets_nothing_grow() {
    let registry = Registry::new();
    let state = registry.state.namespace(&plugin("p"), AMPLE);
    state.set("a", b"12345".into(), None).unwrap();
    state.set("b", b"12345".into(), None).unwrap();
    registry.state.namespace(&plugin("p"), Quota { keys: 1, bytes: 6 });
    assert!(get(&state, "b").is_some());
    assert_eq!(state.set("a", b"123456".into(), None), Err(StateError::Quota));
    assert_eq!(state.set("a", b"1234".into(), None), Ok(()));
}

#[test]
fn plugins_see_their_own_namespace_only_until_they_are_removed() {
    let registry = Registry::new();
    let (one, other) = (
        registry.state.namespace(&plugin("one"), AMPLE),
        registry.state.namespace(&plugin("other"), AMPLE),
    );
    one.set("k", b"v".into(), None).unwrap();
    assert_eq!(get(&other, "k"), None);
    assert!(get(&registry.state.namespace(&plugin("one"), AMPLE), "k").is_some());
    registry.state.remove(&plugin("one"));
    assert_eq!(get(&registry.state.namespace(&plugin("one"), AMPLE), "k"), None);
}

#[test]
fn temporary_values_that_are_written_for_ever_take_no_more_memory_than_those_alive() {
    let (state, time) = namespace(AMPLE);
    for n in 0..100_000 {
        state
            .set(&format!("visit/{n}"), vec![0; 16], Some(Duration::from_millis(100)))
            .unwrap();
        time.advance(Duration::from_millis(1));
    }
    // A hundred are alive; the rest is what waits in each of the 32 pieces for its next write.
    assert!(state.used().keys < 1_000, "{:?}", state.used());
}

#[test]
fn increments_and_swaps_of_many_threads_lose_nothing() {
    let (threads, rounds) = (8, 2_000);
    let registry = Registry::new();
    let state = registry.state.namespace(&plugin("p"), AMPLE);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..rounds {
                    state.increment("added", 1, None).unwrap();
                    loop {
                        let old = state.get("swapped").unwrap();
                        let count: u64 = old
                            .as_deref()
                            .map_or(0, |old| std::str::from_utf8(old).unwrap().parse().unwrap());
                        let new = (count + 1).to_string().into_bytes();
                        if state.compare_and_swap("swapped", old.as_deref(), new, None).unwrap() {
                            break;
                        }
                    }
                }
            });
        }
    });
    let expected = (threads * rounds).to_string();
    assert_eq!(
        (get(&state, "added"), get(&state, "swapped")),
        (Some(expected.clone()), Some(expected))
    );
}

#[test]
fn many_threads_together_fill_the_quota_to_the_last_key_and_no_further() {
    let (state, _) = namespace(Quota {
        keys: 1_000,
        bytes: usize::MAX,
    });
    let set: usize = thread::scope(|scope| {
        let state = &state;
        let set = |thread: usize| {
            (0..500)
                .filter(|n| state.set(&format!("{thread}/{n}"), vec![1], None).is_ok())
                .count()
        };
        let threads: Vec<_> = (0..8).map(|thread| scope.spawn(move || set(thread))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!((set, state.used().keys), (1_000, 1_000));
}
