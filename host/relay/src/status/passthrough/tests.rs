use std::cell::Cell;
use std::net::SocketAddr;
use std::time::Duration;

use portcullis_registry::Target;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;
use crate::dial::tests::{dead, dialler, on_a_worker, server};

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

/// A server that answers every question with `json`, or accepts and stays silent; and how many connections it has had.
fn backend(json: Option<&'static str>) -> (SocketAddr, Rc<Cell<usize>>) {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Rc::new(Cell::new(0)));
    let (listener, count) = (TcpListener::from_std(listener).unwrap(), Rc::clone(&asked));
    spawn_local(async move {
        let mut silent = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            count.set(count.get() + 1);
            match json {
                Some(json) => stream.write_all(&frame(json)).await.unwrap(),
                None => silent.push(stream),
            }
        }
    });
    (address, asked)
}

fn frame(json: &str) -> Vec<u8> {
    let length = json.len() as u8;
    [&[length + 2, 0, length], json.as_bytes()].concat()
}

/// Asks a server once for each of `hosts`, all at a time.
async fn ask_all(answers: &Arc<Answers>, dialler: &Rc<Dialler>, times: &Passthrough, hosts: &[&str]) -> Vec<Answer> {
    let server = dialler.candidates(&times.to).remove(0);
    let mut asking = JoinSet::new();
    for host in hosts {
        let (answers, dialler, server) = (Arc::clone(answers), Rc::clone(dialler), Arc::clone(&server));
        let (question, times) = (question(host), times.clone());
        asking.spawn_local(async move { answers.of(&dialler, &server, &question, &times).await.0 });
    }
    asking.join_all().await
}

#[test]
fn a_servers_answer_is_fetched_once_and_passed_on_as_it_is() {
    on_a_worker(async {
        const ODD: &str = "{ \"unheard-of\": [1, 2 ] }";
        let (address, asked) = backend(Some(ODD));
        let (answers, (dialler, _)) = (Arc::default(), dialler(&[server("s", address)], &[]));
        for _ in 0..2 {
            let all = ask_all(&answers, &dialler, &times(), &["a"; 20]).await;
            assert!(all.iter().all(|answer| answer.as_deref() == Some(&*frame(ODD))));
        }
        assert_eq!(asked.get(), 1);
        ask_all(&answers, &dialler, &times(), &["a", "b", "c"]).await;
        assert_eq!(asked.get(), 3, "another name may have another answer");
    });
}

#[test]
fn a_server_that_accepts_and_stays_silent_delays_nobody_past_one_timeout() {
    on_a_worker(async {
        let (address, asked) = backend(None);
        let (answers, (dialler, _)) = (Arc::default(), dialler(&[server("s", address)], &[]));
        let times = Passthrough {
            timeout: Duration::from_millis(500),
            failure_ttl: Duration::from_secs(3600),
            ..times()
        };
        let start = Instant::now();
        let all = ask_all(&answers, &dialler, &times, &["a"; 20]).await;
        assert!(all.iter().all(Option::is_none));
        assert!(start.elapsed() < 2 * times.timeout, "{:?}", start.elapsed());
        let start = Instant::now();
        ask_all(&answers, &dialler, &times, &["a"; 20]).await;
        assert!(start.elapsed() < times.timeout, "a failure is kept");
        assert_eq!(asked.get(), 1);
    });
}

#[test]
fn what_answers_without_json_or_not_at_all_has_no_answer() {
    on_a_worker(async {
        for (address, _) in [
            backend(Some("[]")),
            backend(Some("HTTP")),
            (dead().await, Rc::default()),
        ] {
            let (answers, (dialler, _)) = (Arc::default(), dialler(&[server("s", address)], &[]));
            assert_eq!(ask_all(&answers, &dialler, &times(), &["a"]).await, [None]);
        }
    });
}
