//! Names of servers and groups.

use std::fmt;
use std::ops::Deref;

use super::Config;
use super::json::{Json, Kinds};
use super::reader::Reader;
use super::rules::Rules;
use super::schema::Schema;

/// Longest name of a server or a group, in bytes; the host's own limit.
pub(crate) const MAX_NAME: usize = 64;

/// The name of a server or a group, as configured. Servers come and go: what it stands for is looked up when it is
/// used.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.server("lobby-1").group("lobby");
/// let lobby: ServerOrGroup = portcullis_sdk::config::parse("\"lobby\"")?;
/// assert_eq!(RouteVerdict::to([&lobby]), RouteVerdict::To(vec![Target::Group("lobby".into())]));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerOrGroup(String);

impl ServerOrGroup {
    /// The name.
    ///
    /// ```
    /// let lobby: portcullis_sdk::config::ServerOrGroup = portcullis_sdk::config::parse("\"lobby\"")?;
    /// assert_eq!(lobby.name(), "lobby");
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Deref for ServerOrGroup {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerOrGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Config for ServerOrGroup {
    const KINDS: Kinds = Kinds::TEXT;

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.kinds(Self::KINDS);
        schema.keyword("minLength", "1");
        schema.keyword("maxLength", "64");
    }

    fn read(json: Json, _: &Rules, reader: &mut Reader) -> Option<Self> {
        let name = reader.text(json)?;
        match name.len() {
            1..=MAX_NAME => Some(Self(name)),
            length => reader.problem(format_args!(
                "\"{name}\" has {length} characters; names of servers and groups have 1 to {MAX_NAME}"
            )),
        }
    }
}
