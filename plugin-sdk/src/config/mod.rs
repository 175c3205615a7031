//! Configurations: from the operator's table to typed settings, or to everything that is wrong with it at once.
//!
//! Derive [`Config`] for a struct, and hold it in the plugin's field `settings`. A key is the kebab-case of its field's name; a
//! field without a default must be configured; an `Option` may be left away; unknown keys are refused with the nearest that
//! is known. The documentation comments become the descriptions in the JSON Schema, by which the host checks the table
//! before the plugin sees it, and names the line that is wrong.
//!
//! | Type | In the configuration |
//! |---|---|
//! | `bool` | `true`, `false` |
//! | `u8` to `i64`, `usize` | a whole number of the type's range |
//! | `f32`, `f64` | a number |
//! | `String` | a text |
//! | [`Secret`] | a text that is never shown; or, in the plugin's own table, `KEY-file = "path"` |
//! | [`Duration`](std::time::Duration) | `"5s"`, `"1m30s"`, `"250ms"` |
//! | [`ByteSize`] | `"64KiB"`, `"10MB"`, or a number of bytes |
//! | [`Cidr`] | `"10.0.0.0/8"`, `"2001:db8::/32"`, `"192.0.2.7"` |
//! | [`ServerOrGroup`] | the name of a server or a group |
//! | [`Text`](crate::Text) | markup, such as `"<red>Closed"` |
//! | [`HostPattern`](crate::hosts::HostPattern) | `"*.example.com"` |
//! | [`HostTable<T>`](crate::hosts::HostTable) | a list of tables, each with `host` and the keys of `T` |
//! | `Option<T>` | as `T`; or the key is left away |
//! | `Vec<T>` | a list |
//! | [`OneOrMany<T>`] | a list, or one value |
//! | `BTreeMap<String, T>` | a table with keys of the operator's choice |
//! | a struct that derives [`Config`] | a table |
//! | an enum that derives [`Config`] | see below |
//!
//! # Arguments
//!
//! | On a field | Meaning |
//! |---|---|
//! | `default = "5s"` | what an absent key counts as, written as in the configuration |
//! | `default` | an absent key counts as the type's `Default` |
//! | `range(1..=64)`, `range("1s"..)` | the values allowed, ends included |
//! | `one_of("a", "b")` | the words allowed |
//! | `min_items = 1`, `max_items = 64` | how many elements |
//! | `rename = "key"` | another key than the field's name |
//! | `flatten` | the keys of the field's struct stand beside the other keys |
//!
//! Ranges, defaults and bounds are held against the field's type and each other when the plugin is compiled: `default = 300` on a `u8`, or
//! a default outside of its range, is an error at its line.
//!
//! | On a struct | Meaning |
//! |---|---|
//! | `exactly_one(to, disconnect)` | of these fields' keys, exactly one is given |
//! | `check = "Self::check"` | `fn check(&self) -> Result<(), String>` looks at the whole table |
//! | `try_from = "String"` | read that type and convert it by `TryFrom`; for enums as well |
//!
//! | On an enum's variant | In the configuration |
//! |---|---|
//! | `Drop` | `"drop"` |
//! | `Disconnect(Text)` | `{ disconnect = "…" }` |
//! | `#[config(untagged)] To(ServerOrGroup)` | whatever the type is: `"lobby"` |
//! | `#[config(with_key = "to")] Send(Table)` | a table that has the key `to` |
//! | `#[config(rename = "word")]` | another word or key than the variant's name |
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use portcullis_sdk::config::OneOrMany;
//! use portcullis_sdk::prelude::*;
//!
//! #[derive(Config, Debug)]
//! struct Settings {
//!     /// Where players go.
//!     to: OneOrMany<ServerOrGroup>,
//!     /// How long a player's place is kept.
//!     #[config(default = "30s", range("1s"..="1h"))]
//!     keep: Duration,
//!     /// What becomes of everybody else.
//!     #[config(default = "drop")]
//!     otherwise: Otherwise,
//! }
//!
//! #[derive(Config, Debug, PartialEq)]
//! enum Otherwise {
//!     Drop,
//!     Disconnect(Text),
//! }
//!
//! let settings: Settings = portcullis_sdk::config::parse(r#"{"to": "lobby", "otherwise": {"disconnect": "Closed"}}"#)?;
//! assert_eq!(settings.keep, Duration::from_secs(30));
//! assert_eq!(settings.otherwise, Otherwise::Disconnect(Text::markup("Closed")));
//!
//! let error = portcullis_sdk::config::parse::<Settings>(r#"{"to": "hub", "keep": "2h", "otherwies": "drop"}"#).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "keep: \"2h\" is out of range; 1s to 1h is allowed\n\
//!      otherwies: is an unknown key; did you mean `otherwise`?"
//! );
//! # Ok::<(), Error>(())
//! ```

mod byte_size;
mod cidr;
mod collections;
mod duration;
mod fits;
mod json;
mod names;
mod nearest;
mod reader;
mod rules;
mod scalars;
mod schema;
mod secret;
mod table;
mod text;

pub use self::byte_size::ByteSize;
pub use self::cidr::Cidr;
pub use self::collections::OneOrMany;
pub use self::json::Json;
pub use self::names::ServerOrGroup;
pub use self::secret::Secret;
#[doc(hidden)]
pub use self::{
    fits::{Ends, Literal, Shape, default_problem, range_problem},
    json::Kinds,
    reader::Reader,
    rules::{Counted, Ranged, Rules, Worded, takes_items, takes_range, takes_words},
    schema::{Alternative, Form, Schema},
    table::{Absent, Field, Table, TableReader},
};
/// Makes settings of a struct or an enum: read from the operator's table, with a JSON Schema for the host. [The module](self) has the
/// arguments.
///
/// ```
/// use portcullis_sdk::prelude::*;
///
/// #[derive(Config)]
/// struct Settings {
///     /// Players at once.
///     #[config(default = 20, range(1..=1000))]
///     places: u32,
/// }
///
/// let settings: Settings = portcullis_sdk::config::parse("{}")?;
/// assert_eq!(settings.places, 20);
/// # Ok::<(), Error>(())
/// ```
pub use portcullis_macros::Config;

use crate::Result;

/// Types that a configuration can hold. Derive it; see [the module](self) for how.
///
/// ```
/// use portcullis_sdk::prelude::*;
///
/// fn read<T: Config>(json: &str) -> Result<T> {
///     portcullis_sdk::config::parse(json)
/// }
///
/// assert_eq!(read::<Vec<u8>>("[1, 2]")?, [1, 2]);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be configured",
    note = "derive Config for your own types; see the module `portcullis_sdk::config` for those that can be used as they are"
)]
pub trait Config: Sized {
    /// Kinds of values that it is read from.
    #[doc(hidden)]
    const KINDS: Kinds;

    /// What the compiler can know of its values.
    #[doc(hidden)]
    const SHAPE: Shape = Shape::Other(Self::KINDS);

    /// Writes the keywords of its schema.
    #[doc(hidden)]
    fn schema(schema: &mut Schema, rules: &Rules);

    /// Reads a value; absent when there was a problem, which is noted.
    #[doc(hidden)]
    fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self>;

    /// Whether it must not be shown, and may stand in a file of its own.
    #[doc(hidden)]
    const SECRET: bool = false;

    /// Whether an absent key without a default is no problem.
    #[doc(hidden)]
    const OPTIONAL: bool = false;

    /// What it then counts as.
    #[doc(hidden)]
    fn absent() -> Option<Self> {
        None
    }
}

/// The JSON Schema of a configuration, as the host is given it.
///
/// ```
/// use portcullis_sdk::prelude::*;
///
/// #[derive(Config)]
/// struct Settings {
///     /// Players at once.
///     #[config(default = 20, range(1..=1000))]
///     places: u32,
/// }
///
/// let schema = portcullis_sdk::config::schema::<Settings>();
/// assert!(schema.contains(r#""places":{"description":"Players at once.","default":20,"type":"integer","minimum":1"#));
/// ```
pub fn schema<T: Config>() -> String {
    Schema::of::<T>()
}

/// Reads a configuration from JSON, as the host hands it over.
///
/// Plugins need not call it: the field `settings` is read before the first hook is called. The error has a line for each
/// problem, with the path of the key.
///
/// ```
/// use portcullis_sdk::prelude::*;
///
/// #[derive(Config)]
/// struct Settings {
///     servers: Vec<Server>,
/// }
///
/// #[derive(Config)]
/// struct Server {
///     weight: u8,
/// }
///
/// let error = portcullis_sdk::config::parse::<Settings>(r#"{"servers": [{"weight": 1}, {"weight": 256}]}"#);
/// assert_eq!(error.err().unwrap().to_string(), "servers[1].weight: 256 is out of range; 0 to 255 is allowed");
/// ```
pub fn parse<T: Config>(json: &str) -> Result<T> {
    let json =
        Json::parse(json).map_err(|reason| crate::Error::new(format!("the configuration cannot be read: {reason}")))?;
    let mut reader = Reader::default();
    let value = T::read(json, &Rules::NONE, &mut reader);
    reader.finish()?;
    // Where there is no value, there is a problem.
    value.ok_or_else(|| crate::Error::new("the configuration cannot be read"))
}

/// Where a text stands among known words.
#[doc(hidden)]
pub fn word(json: &Json, words: &[&str]) -> Option<usize> {
    match json {
        Json::Text(text) => words.iter().position(|word| word == text),
        _ => None,
    }
}
