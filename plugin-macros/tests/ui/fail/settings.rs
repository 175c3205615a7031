//! Types that cannot be configured, and arguments that do not fit a type.

use portcullis_sdk::prelude::*;

#[derive(Config)]
struct Settings {
    #[config(range(1..=5))]
    range: String,
    #[config(one_of("a"))]
    words: u32,
    #[config(max_items = 5)]
    items: u32,
    unknown: std::rc::Rc<str>,
}

fn main() {}
