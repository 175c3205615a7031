//! What must not be shown.

use std::fmt;

use super::Config;
use super::json::{Json, Kinds};
use super::reader::Reader;
use super::rules::Rules;
use super::schema::Schema;

/// A text that is for the plugin alone: `Debug` does not show it, and neither do the host's logs and messages.
///
/// The operator may keep it in a file of its own: a setting `token` of the plugin's table can be configured as
/// `token-file = "path"`, and the host reads the file; a list of secrets has one in each line.
///
/// ```
/// use portcullis_sdk::prelude::*;
///
/// #[derive(Config, Debug)]
/// struct Settings {
///     /// What the other side knows, too.
///     token: Secret,
/// }
///
/// let settings: Settings = portcullis_sdk::config::parse(r#"{"token": "hunter2"}"#)?;
/// assert_eq!(settings.token.reveal(), "hunter2");
/// assert_eq!(format!("{settings:?}"), "Settings { token: Secret(..) }");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text. Keep it out of logs and messages.
    ///
    /// ```
    /// let secret: portcullis_sdk::config::Secret = portcullis_sdk::config::parse("\"hunter2\"")?;
    /// assert_eq!(secret.reveal(), "hunter2");
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Config for Secret {
    const KINDS: Kinds = Kinds::TEXT;

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.kinds(Self::KINDS);
        schema.keyword("minLength", "1");
    }

    fn read(json: Json, _: &Rules, reader: &mut Reader) -> Option<Self> {
        match reader.text(json)? {
            empty if empty.is_empty() => reader.problem(format_args!("is empty")),
            text => Some(Self(text)),
        }
    }

    const SECRET: bool = true;
}
