//! A chain of versions, and serde's attributes.
#![deny(warnings)]

use portcullis_sdk::State;

#[derive(State)]
#[state(version = 3, from = "SecondQueue")]
pub struct Queue {
    pub players: Vec<(String, u64)>,
    #[serde(skip)]
    pub dirty: bool,
}

#[derive(State)]
#[state(version = 2, from = "FirstQueue")]
pub struct SecondQueue {
    pub players: Vec<String>,
    pub kind: Kind,
}

#[derive(State)]
pub struct FirstQueue(pub Vec<String>);

/// Part of another state, and one by itself.
#[derive(State)]
pub enum Kind {
    First,
    Named { name: String },
    Numbered(u32, Option<u8>),
}

impl From<FirstQueue> for SecondQueue {
    fn from(old: FirstQueue) -> Self {
        Self { players: old.0, kind: Kind::First }
    }
}

impl From<SecondQueue> for Queue {
    fn from(old: SecondQueue) -> Self {
        Self { players: old.players.into_iter().map(|player| (player, 0)).collect(), dirty: false }
    }
}

fn main() {
    let queue = Queue::load(1, &FirstQueue(vec!["Ada".into()]).save().unwrap()).unwrap();
    assert_eq!(queue.players, [("Ada".to_owned(), 0)]);
    assert!(Queue::load(4, &[]).is_err());
}
