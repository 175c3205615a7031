//! A worker's kept status answers: for so long as a plugin says, the same question is not put to it again.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use portcullis_config::ChainName;
use portcullis_runtime::ListenerChain;

use super::Format;

/// Answers kept. Names are the clients' to make up, so there may be any number of questions.
const MAX_ANSWERS: usize = 1024;

/// Bytes of all answers kept: a hundred with the largest favicons, or all that there may be without.
const MAX_BYTES: usize = 4 << 20;

/// What the answer may depend on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    chain: ChainName,
    auto_chain: bool,
    host: Arc<str>,
    protocol: i32,
    format: u8,
}

impl Question {
    pub(crate) fn new(chain: &ListenerChain, host: Arc<str>, protocol: i32, format: &Format) -> Self {
        use portcullis_protocol::legacy::Ping;
        let format = match format {
            Format::Modern => 0,
            Format::Legacy(Ping::Bare) => 1,
            Format::Legacy(Ping::Versioned) => 2,
            Format::Legacy(Ping::WithHost { .. }) => 3,
        };
        Self {
            chain: chain.name.clone(),
            auto_chain: chain.auto_chain,
            host,
            protocol,
            format,
        }
    }
}

/// An answer, and until when it is to be given.
type Kept = (Instant, Rc<[u8]>);

/// The answers of one generation of plugins.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    generation: Cell<u64>,
    kept: RefCell<HashMap<Question, Kept>>,
    bytes: Cell<usize>,
}

impl Answers {
    /// The answer, if it is still to be given as of `now` by plugins of this `generation`.
    pub(crate) fn get(&self, question: &Question, generation: u64, now: Instant) -> Option<Rc<[u8]>> {
        if self.generation.replace(generation) != generation {
            self.clear();
        }
        let kept = self.kept.borrow();
        let (until, answer) = kept.get(question)?;
        (now < *until).then(|| Rc::clone(answer))
    }

    /// Keeps an answer until `until`.
    pub(crate) fn keep(&self, question: Question, answer: Rc<[u8]>, until: Instant, now: Instant) {
        if self.is_full(answer.len()) {
            self.kept.borrow_mut().retain(|_, (until, _)| now < *until);
            self.bytes
                .set(self.kept.borrow().values().map(|(_, answer)| answer.len()).sum());
            // Asking the plugins again is cheap; choosing whom to ask again is not worth a list.
            if self.is_full(answer.len()) {
                self.clear();
            }
        }
        self.bytes.set(self.bytes.get() + answer.len());
        if let Some((_, before)) = self.kept.borrow_mut().insert(question, (until, answer)) {
            self.bytes.set(self.bytes.get() - before.len());
        }
    }

    fn is_full(&self, more: usize) -> bool {
        self.kept.borrow().len() >= MAX_ANSWERS || self.bytes.get() + more > MAX_BYTES
    }

    fn clear(&self) {
        self.kept.borrow_mut().clear();
        self.bytes.set(0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn question(host: &str, format: &Format) -> Question {
        let chain = ListenerChain {
            name: "main".parse().unwrap(),
            auto_chain: true,
        };
        Question::new(&chain, host.into(), 763, format)
    }

    #[test]
    fn an_answer_is_kept_for_its_time_and_generation() {
        let (answers, now, second) = (Answers::default(), Instant::now(), Duration::from_secs(1));
        let asked = question("a.example", &Format::Modern);
        answers.get(&asked, 1, now);
        answers.keep(asked.clone(), Rc::from([7]), now + second, now);
        assert_eq!(answers.get(&asked, 1, now).as_deref(), Some(&[7][..]));
        assert_eq!(answers.get(&question("b.example", &Format::Modern), 1, now), None);
        let legacy = Format::Legacy(portcullis_protocol::legacy::Ping::Bare);
        assert_eq!(answers.get(&question("a.example", &legacy), 1, now), None);
        assert_eq!(answers.get(&asked, 1, now + second), None);
        assert_eq!(answers.get(&asked, 2, now), None, "other plugins may answer otherwise");
        assert_eq!(answers.get(&asked, 1, now), None);
    }

    #[test]
    fn made_up_names_do_not_fill_the_memory() {
        let (answers, now, second) = (Answers::default(), Instant::now(), Duration::from_secs(1));
        for number in 0..3 * MAX_ANSWERS {
            let asked = question(&number.to_string(), &Format::Modern);
            answers.keep(asked, vec![0; 16 << 10].into(), now + second, now);
            assert!(answers.bytes.get() <= MAX_BYTES);
            assert!(answers.kept.borrow().len() <= MAX_ANSWERS);
        }
        let kept: usize = answers.kept.borrow().values().map(|(_, answer)| answer.len()).sum();
        assert_eq!(kept, answers.bytes.get());
    }
}
