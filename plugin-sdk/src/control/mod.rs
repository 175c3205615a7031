//! Orders to players, any that the host has, and finding them. Needs the grant `control`.
//!
//! An order is carried out by the session's own worker, soon after the hook that gave it has succeeded; where the hook fails, it
//! is not given. The number returned says how many players were ordered, not what became of it.
//!
//! ```
//! use portcullis_sdk::control::{self, ControlError};
//! use portcullis_sdk::testing::Host;
//!
//! let host = Host::new();
//! host.server("lobby");
//! host.player("Ada").on("arena");
//! host.player("Bob").on("arena");
//!
//! assert_eq!(control::players().on("arena").send_text("<gold>The arena closes")?, 2);
//! assert_eq!(control::players().named("ada").switch(["lobby"])?, 1);
//! assert_eq!(control::players().named("Eve").disconnect("Bye"), Err(ControlError::Nobody));
//! assert_eq!(host.orders().len(), 2);
//! # Ok::<(), ControlError>(())
//! ```

mod error;
mod player;
mod players;
mod title;

pub use self::error::ControlError;
pub use self::player::{Listed, Player};
pub use self::players::Players;
pub use self::title::Title;
use crate::{SessionId, host};

/// All players, to be narrowed down.
///
/// ```
/// use portcullis_sdk::control;
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.player("Ada").on("lobby");
/// host.player("Bob");
/// assert_eq!(control::players().count(), 2);
/// assert_eq!(control::players().on("lobby").count(), 1);
/// ```
pub fn players() -> Players {
    Players::default()
}

/// The player of this session.
///
/// ```
/// use portcullis_sdk::control;
/// use portcullis_sdk::testing::Host;
///
/// let ada = Host::new().player("Ada").id();
/// assert_eq!(control::player(ada).send_action_bar("Hello")?, 1);
/// # Ok::<(), control::ControlError>(())
/// ```
pub fn player(session: SessionId) -> Players {
    players().of_session(session)
}

/// Sends a plugin message to the server of the session at hand, in the player's name. At most 32,767 bytes.
///
/// ```
/// use portcullis_sdk::control::{self, ControlError};
///
/// fn pong() -> Result<(), ControlError> {
///     control::answer_server("example:internal", b"pong")
/// }
/// ```
pub fn answer_server(channel: &str, data: &[u8]) -> Result<(), ControlError> {
    Ok(host::control::answer_server(channel, data)?)
}
