//! What a hook may return: its verdict, or a result of it.

use crate::{Error, Result};

/// A value, or a [`Result`] of one: hooks and `start` may return either.
///
/// An `Err` from a hook is logged and counts as a failure of the plugin, as the operator's policy (`on-failure`) says.
///
/// ```
/// use portcullis_sdk::prelude::*;
///
/// # #[derive(Plugin)]
/// # #[plugin(stage = "guard")]
/// # struct Limits;
/// #[hooks]
/// impl Accept for Limits {
///     fn accept(&mut self, session: &Session) -> Result<AcceptVerdict> {
///         let seen = portcullis_sdk::state::Counter::new("seen").add(1)?;
///         Ok(if seen > 3 { AcceptVerdict::Drop } else { AcceptVerdict::Next })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a hook returns its verdict or a `Result` of it, not `{Self}`",
    note = "the verdict here is `{V}`"
)]
pub trait Outcome<V> {
    /// The value, or why there is none.
    #[doc(hidden)]
    fn outcome(self) -> Result<V>;
}

impl<V> Outcome<V> for V {
    fn outcome(self) -> Result<V> {
        Ok(self)
    }
}

impl<V, E: Into<Error>> Outcome<V> for Result<V, E> {
    fn outcome(self) -> Result<V> {
        self.map_err(Into::into)
    }
}
