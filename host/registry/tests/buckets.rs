//! What token buckets promise in `wit/…/bucket.wit`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use portcullis_config::PluginName;
use portcullis_registry::{Buckets, Clock, ManualClock, Rate, Refusal, Registry};

fn plugin(name: &str) -> PluginName {
    name.parse().unwrap()
}

fn buckets() -> (Arc<Buckets>, ManualClock) {
    let (clock, time) = Clock::manual();
    (Registry::with_clock(clock).buckets.namespace(&plugin("p")), time)
}

fn rate(capacity: u32, refill_per_second: f64) -> Rate {
    Rate {
        capacity,
        refill_per_second,
    }
}

#[test]
fn a_bucket_starts_full_and_refills_to_its_capacity() {
    let (buckets, time) = buckets();
    let rate = rate(3, 2.0);
    assert_eq!(buckets.try_acquire("k", rate, 3), Ok(()));
    assert_eq!(buckets.try_acquire("k", rate, 1), Err(Refusal::WaitMs(500)));
    time.advance(Duration::from_millis(499));
    assert_eq!(buckets.try_acquire("k", rate, 1), Err(Refusal::WaitMs(1)));
    time.advance(Duration::from_millis(1));
    assert_eq!(buckets.try_acquire("k", rate, 1), Ok(()));
    time.advance(Duration::from_secs(3600));
    assert_eq!(buckets.try_acquire("k", rate, 3), Ok(()));
    assert_eq!(buckets.try_acquire("k", rate, 1), Err(Refusal::WaitMs(500)));
}

#[test]
fn a_refusal_takes_nothing_and_keys_do_not_meet() {
    let (buckets, _) = buckets();
    assert_eq!(buckets.try_acquire("k", rate(10, 1.0), 8), Ok(()));
    assert_eq!(buckets.try_acquire("k", rate(10, 1.0), 5), Err(Refusal::WaitMs(3_000)));
    assert_eq!(buckets.try_acquire("k", rate(10, 1.0), 2), Ok(()));
    assert_eq!(buckets.try_acquire("other", rate(10, 1.0), 10), Ok(()));
    assert_eq!(buckets.try_acquire("k", rate(10, 1.0), 0), Ok(()));
}

#[test]
fn what_can_never_be_had_is_said() {
    let (buckets, _) = buckets();
    assert_eq!(buckets.try_acquire("k", rate(3, 1.0), 4), Err(Refusal::Never));
    assert_eq!(buckets.try_acquire("k", rate(3, 0.0), 3), Ok(()));
    assert_eq!(buckets.try_acquire("k", rate(3, 0.0), 1), Err(Refusal::Never));
}

#[test]
fn invalid_rates_and_long_keys_are_refused() {
    let (buckets, _) = buckets();
    for refill in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(buckets.try_acquire("k", rate(1, refill), 1), Err(Refusal::Quota));
    }
    assert_eq!(buckets.try_acquire("k", rate(0, 1.0), 0), Err(Refusal::Quota));
    assert_eq!(
        buckets.try_acquire(&"k".repeat(513), rate(1, 1.0), 1),
        Err(Refusal::Quota)
    );
    assert_eq!(buckets.try_acquire(&"k".repeat(512), rate(1, 1.0), 1), Ok(()));
    assert_eq!(buckets.len(), 1);
}

#[test]
fn the_rate_given_last_counts() {
    let (buckets, time) = buckets();
    assert_eq!(buckets.try_acquire("k", rate(10, 1.0), 10), Ok(()));
    time.advance(Duration::from_secs(4));
    // Four flowed in at the old rate; of those two fit.
    assert_eq!(buckets.try_acquire("k", rate(2, 100.0), 3), Err(Refusal::Never));
    assert_eq!(buckets.try_acquire("k", rate(2, 100.0), 2), Ok(()));
    assert_eq!(buckets.try_acquire("k", rate(50, 1000.0), 50), Err(Refusal::WaitMs(50)));
}

#[test]
fn after_the_time_that_a_refusal_names_there_is_enough_and_a_millisecond_before_there_is_not() {
    for refill in [0.001, 0.3, 1.0, 3.0, 7.77, 999.0, 123_456.789] {
        for tokens in [1, 2, 3, 10] {
            let (buckets, time) = buckets();
            let rate = rate(10, refill);
            buckets.try_acquire("k", rate, 10).unwrap();
            let Err(Refusal::WaitMs(ms)) = buckets.try_acquire("k", rate, tokens) else {
                panic!("{refill} {tokens}")
            };
            time.advance(Duration::from_millis(ms - 1));
            if ms > 1 {
                assert_eq!(
                    buckets.try_acquire("k", rate, tokens),
                    Err(Refusal::WaitMs(1)),
                    "{refill} {tokens}"
                );
            }
            time.advance(Duration::from_millis(1));
            assert_eq!(buckets.try_acquire("k", rate, tokens), Ok(()), "{refill} {tokens}");
        }
    }
}

#[test]
fn extreme_rates_and_times_neither_panic_nor_admit_more() {
    let (buckets, time) = buckets();
    let slowest = rate(u32::MAX, f64::MIN_POSITIVE);
    assert_eq!(buckets.try_acquire("slow", slowest, u32::MAX), Ok(()));
    assert_eq!(buckets.try_acquire("slow", slowest, 1), Err(Refusal::WaitMs(u64::MAX)));
    let fastest = rate(u32::MAX, f64::MAX);
    assert_eq!(buckets.try_acquire("fast", fastest, u32::MAX), Ok(()));
    assert_eq!(buckets.try_acquire("fast", fastest, 1), Err(Refusal::WaitMs(1)));
    time.advance(Duration::from_secs(1 << 33));
    assert_eq!(buckets.try_acquire("slow", slowest, 1), Err(Refusal::WaitMs(u64::MAX)));
    assert_eq!(buckets.try_acquire("fast", fastest, u32::MAX), Ok(()));
}

#[test]
fn many_small_steps_lose_no_more_than_a_billionth_of_a_token_each() {
    let (buckets, time) = buckets();
    let rate = rate(1, 0.5);
    buckets.try_acquire("k", rate, 1).unwrap();
    let admitted = (0..200_000)
        .filter(|_| {
            time.advance(Duration::from_millis(1));
            buckets.try_acquire("k", rate, 1).is_ok()
        })
        .count();
    assert_eq!(admitted, 100);
}

#[test]
fn many_threads_get_what_one_bucket_holds() {
    let (buckets, _) = buckets();
    let admitted: usize = thread::scope(|scope| {
        let buckets = &buckets;
        let take = move || {
            (0..1_000)
                .filter(|_| buckets.try_acquire("k", rate(777, 0.0), 1).is_ok())
                .count()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(take)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(admitted, 777);
}

#[test]
fn many_threads_in_real_time_get_no_more_than_capacity_and_inflow() {
    let (capacity, refill) = (100, 5_000.0);
    let buckets = Registry::new().buckets.namespace(&plugin("p"));
    let begun = Instant::now();
    let admitted: usize = thread::scope(|scope| {
        let buckets = &buckets;
        let take = move || {
            (0..20_000)
                .filter(|_| buckets.try_acquire("k", rate(capacity, refill), 1).is_ok())
                .count()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let most = f64::from(capacity) + refill * begun.elapsed().as_secs_f64();
    assert!(
        admitted >= capacity as usize && (admitted as f64) <= most,
        "{admitted} of at most {most}"
    );
}

#[test]
fn many_threads_get_exactly_what_flows_in_while_time_passes() {
    let (buckets, time) = buckets();
    let done = AtomicBool::new(false);
    let drain = || {
        std::iter::repeat_with(|| buckets.try_acquire("k", rate(10, 1_000.0), 1))
            .take_while(Result::is_ok)
            .count()
    };
    let admitted: usize = thread::scope(|scope| {
        let taking = || {
            let mut admitted = 0;
            while !done.load(Ordering::SeqCst) {
                admitted += drain();
                thread::yield_now();
            }
            admitted
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(taking)).collect();
        let mut admitted = drain();
        for _ in 0..1_000 {
            time.advance(Duration::from_micros(500));
            // Empty before time goes on, so that nothing overflows.
            admitted += drain();
        }
        done.store(true, Ordering::SeqCst);
        admitted + threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
    });
    // What was there at the beginning, and half a second at a thousand a second.
    assert_eq!(admitted, 10 + 500);
}

#[test]
fn full_buckets_are_forgotten_and_those_in_use_are_not() {
    let (buckets, time) = buckets();
    buckets.try_acquire("drained", rate(1, 0.0), 1).unwrap();
    for n in 0..50_000 {
        buckets.try_acquire(&format!("visitor/{n}"), rate(1, 1.0), 1).unwrap();
        time.advance(Duration::from_millis(1));
    }
    // Ten seconds' worth is remembered, and somewhat more until somebody looks.
    assert!((10_000..30_000).contains(&buckets.len()), "{}", buckets.len());
    assert_eq!(buckets.try_acquire("drained", rate(1, 0.0), 1), Err(Refusal::Never));
}

#[test]
fn there_are_a_hundred_thousand_buckets_and_no_more_until_some_are_full_again() {
    let (buckets, time) = buckets();
    let rate = rate(2, 1.0);
    for n in 0..100_000 {
        buckets.try_acquire(&n.to_string(), rate, 1).unwrap();
    }
    assert_eq!(buckets.try_acquire("one-more", rate, 1), Err(Refusal::Quota));
    assert_eq!(buckets.try_acquire("7", rate, 1), Ok(()));
    time.advance(Duration::from_secs(1));
    assert_eq!(buckets.try_acquire("one-more", rate, 1), Ok(()));
    assert!(buckets.len() <= 100_000);
}

#[test]
fn plugins_have_buckets_of_their_own_until_they_are_removed() {
    let registry = Registry::new();
    let rate = rate(1, 0.0);
    registry
        .buckets
        .namespace(&plugin("one"))
        .try_acquire("k", rate, 1)
        .unwrap();
    assert_eq!(
        registry.buckets.namespace(&plugin("other")).try_acquire("k", rate, 1),
        Ok(())
    );
    assert_eq!(
        registry.buckets.namespace(&plugin("one")).try_acquire("k", rate, 1),
        Err(Refusal::Never)
    );
    registry.buckets.remove(&plugin("one"));
    assert_eq!(
        registry.buckets.namespace(&plugin("one")).try_acquire("k", rate, 1),
        Ok(())
    );
}
