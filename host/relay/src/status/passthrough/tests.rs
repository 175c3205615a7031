use std::time::Duration;

use portcullis_registry::Target;

use super::*;

const TTL: Duration = Duration::from_secs(20);
const FAILURE_TTL: Duration = Duration::from_secs(5);

fn times() -> Passthrough {
    Passthrough {
        to: Target::Server("s".into()),
        ttl: TTL,
        failure_ttl: FAILURE_TTL,
        timeout: Duration::from_secs(1),
        unreachable: None,
    }
}

fn question(host: &str) -> Question {
    Question {
        server: "s".parse().unwrap(),
        host: host.into(),
        port: 25565,
        protocol: 763,
    }
}

fn answer(byte: u8) -> Answer {
    Some(Arc::from([byte]))
}

/// A book that knows `answer` since `now`.
fn book(answer: Answer, now: Instant) -> (Book, Question) {
    let (mut book, question) = (Book::default(), question("a"));
    assert!(matches!(book.look(&question, &times(), now), Look::Start(_)));
    book.finish(&question, answer, now);
    (book, question)
}

#[test]
fn who_asks_while_a_question_is_under_way_waits_for_it() {
    let (mut book, question, now) = (Book::default(), question("a"), Instant::now());
    let Look::Start(flight) = book.look(&question, &times(), now) else {
        panic!("nothing is known yet")
    };
    assert!(matches!(book.look(&question, &times(), now), Look::Wait(_)));
    assert!(matches!(
        book.look(
            &Question {
                protocol: 47,
                ..question.clone()
            },
            &times(),
            now
        ),
        Look::Start(_)
    ));
    drop(flight);
    assert!(
        matches!(book.look(&question, &times(), now), Look::Start(_)),
        "a lost question is asked again"
    );
}

#[test]
fn an_answer_is_fresh_then_stale_then_gone() {
    let now = Instant::now();
    let (mut book, question) = book(answer(1), now);
    assert!(matches!(
        book.look(&question, &times(), now + TTL / 2),
        Look::Kept(Some(_))
    ));
    let Look::Stale(stale, Some(flight)) = book.look(&question, &times(), now + TTL) else {
        panic!("it is stale")
    };
    assert_eq!(&*stale, [1]);
    assert!(
        matches!(book.look(&question, &times(), now + TTL), Look::Stale(_, None)),
        "one refresh is enough"
    );
    assert!(
        matches!(book.look(&question, &times(), now + 2 * TTL), Look::Wait(_)),
        "it is too old to be shown"
    );
    drop(flight);
}

#[test]
fn a_failed_refresh_forgets_the_answer_and_is_kept_for_its_own_time() {
    let now = Instant::now();
    let (mut book, question) = book(answer(1), now);
    let Look::Stale(_, Some(_flight)) = book.look(&question, &times(), now + TTL) else {
        panic!("it is stale")
    };
    book.finish(&question, None, now + TTL);
    assert!(matches!(book.look(&question, &times(), now + TTL), Look::Kept(None)));
    assert!(matches!(
        book.look(&question, &times(), now + TTL + FAILURE_TTL),
        Look::Start(_)
    ));
}

#[test]
fn a_book_is_bounded_and_forgets_what_is_wanted_least() {
    let (mut book, now) = (Book::default(), Instant::now());
    let large: Answer = Some(vec![0; MAX_BYTES / 64].into());
    for number in 0..2 * MAX_ENTRIES {
        let then = now + Duration::from_millis(number as u64);
        let question = question(&number.to_string());
        assert!(matches!(book.look(&question, &times(), then), Look::Start(_)));
        book.finish(&question, if number % 2 == 0 { large.clone() } else { None }, then);
        assert!(book.bytes <= MAX_BYTES && book.pages.len() <= MAX_ENTRIES);
    }
    let kept = book.pages.values().filter_map(|page| page.known.as_ref());
    assert_eq!(book.bytes, kept.map(|(answer, _)| size(answer)).sum::<usize>());
    assert!(book.pages.contains_key(&question(&(2 * MAX_ENTRIES - 1).to_string())));
    assert!(!book.pages.contains_key(&question("0")));
}
