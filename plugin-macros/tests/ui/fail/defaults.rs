//! Defaults, ranges and bounds that do not go together, or not with the type.

use std::time::Duration;

use portcullis_sdk::prelude::*;

#[derive(Config)]
struct Settings {
    #[config(default = 65, range(1..=64))]
    outside: u32,
    #[config(default = 300)]
    beyond_the_type: u8,
    #[config(default = "5")]
    without_unit: Duration,
    #[config(default = "2h", range("1s"..="1h"))]
    too_long: Duration,
    #[config(default = 5)]
    no_text: String,
    #[config(default = "five")]
    no_number: u32,
    #[config(default = 1)]
    no_truth: bool,
    #[config(default = "asia", one_of("eu", "us"))]
    no_such_word: String,
    #[config(default = "kick")]
    no_such_variant: Otherwise,
    #[config(default = [1, 2, 3], max_items = 2)]
    too_many: Vec<u32>,
    #[config(default = [1, 70], range(1..=64))]
    one_outside: Vec<u32>,
    #[config(range(1..=300))]
    wide: u8,
    #[config(range(64..=1))]
    empty: u32,
    #[config(range("1parsec"..="1h"))]
    unreadable: Duration,
    #[config(range(1..=60))]
    without_units: Duration,
    #[config(range("1"..="5"))]
    in_quotes: u32,
    #[config(range(1.5..=0.5))]
    backwards: f64,
}

#[derive(Config)]
enum Otherwise {
    Drop,
    Pass,
}

#[derive(Config)]
#[config(exactly_one(to, text))]
struct RequiredInGroup {
    to: String,
    text: Option<String>,
}

fn main() {}
