//! What `#[derive(Config)]` refuses.

use portcullis_sdk::prelude::*;

#[derive(Config)]
struct OptionWithDefault {
    #[config(default = 5)]
    most: Option<u32>,
}

#[derive(Config)]
struct UnknownArgument {
    #[config(defualt = 5)]
    most: u32,
}

#[derive(Config)]
struct HalfOpenRange {
    #[config(range(1..5))]
    most: u32,
}

#[derive(Config)]
struct DefaultThatIsNoLiteral {
    #[config(default = Vec::new())]
    most: Vec<u32>,
}

#[derive(Config)]
struct SameKeys {
    most: u32,
    #[config(rename = "most")]
    least: u32,
}

#[derive(Config)]
struct FlattenWithKey {
    #[config(flatten, rename = "most")]
    most: u32,
}

#[derive(Config)]
#[config(exactly_one(to, disconect))]
struct UnknownFieldInGroup {
    to: Option<String>,
    disconnect: Option<String>,
}

#[derive(Config)]
struct Tuple(u32);

#[derive(Config)]
struct Generic<T> {
    most: T,
}

#[derive(Config)]
enum TwoValues {
    One(u32, u32),
}

#[derive(Config)]
enum UntaggedWord {
    #[config(untagged)]
    One,
}

#[derive(Config)]
#[config(check = "Self::check")]
enum Checked {
    One,
}

#[derive(Config)]
struct BoundsThatNoListKeeps {
    #[config(min_items = 5, max_items = 4)]
    items: Vec<u32>,
}

#[derive(Config)]
#[config(exactly_one(to))]
struct OneAlone {
    to: Option<String>,
}

#[derive(Config)]
#[config(exactly_one(to, more))]
struct FlattenedInGroup {
    to: Option<String>,
    #[config(flatten)]
    more: SameKeys,
}

#[derive(Config)]
enum OneWordTwice {
    Drop,
    #[config(rename = "drop")]
    Close,
}

#[derive(Config)]
enum OneKeyTwice {
    To(String),
    #[config(with_key = "to")]
    Table(SameKeys),
}

fn main() {}
