//! What an instance hands over to the next in a swap, or keeps by key: versioned, in a compact binary form.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// What outlives an instance: derive it for the field of a plugin marked `#[plugin(state)]`, and for values of
/// [`state::Key`](crate::state::Key).
///
/// **A plugin that marks no field starts afresh in every swap**: whenever its file or its configuration changes. What belongs to
/// the configuration, or can be had anew, should start afresh.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Counts players on each worker.
/// #[derive(Plugin)]
/// #[plugin(stage = "observe")]
/// struct Count {
///     #[plugin(state)]
///     seen: Seen,
/// }
///
/// #[derive(State, Default)]
/// struct Seen {
///     players: u64,
///     last: Option<String>,
/// }
///
/// #[hooks]
/// impl Sessions for Count {
///     fn joined(&mut self, session: &Session, _server: &str) {
///         self.seen.players += 1;
///         self.seen.last = session.claimed_name().map(str::to_owned);
///     }
/// }
///
/// let host = Host::new();
/// let mut count = host.start::<Count>("");
/// count.joined(&Session::build().name("Ada").at_route(), "lobby");
/// count.swap();
/// assert_eq!((count.seen.players, count.seen.last.as_deref()), (1, Some("Ada")));
/// ```
///
/// # Versions
///
/// Raise the version whenever the shape changes, and keep the old shape to start from. Versions further back follow the
/// chain:
///
/// ```
/// use portcullis_sdk::State;
///
/// #[derive(State)]
/// #[state(version = 2, from = "SeenV1")]
/// struct Seen {
///     players: u64,
///     kicked: u64,
/// }
///
/// #[derive(State)]
/// struct SeenV1 {
///     players: u64,
/// }
///
/// impl From<SeenV1> for Seen {
///     fn from(old: SeenV1) -> Self {
///         Self { players: old.players, kicked: 0 }
///     }
/// }
///
/// let seen = Seen::load(1, &SeenV1 { players: 3 }.save()?)?;
/// assert_eq!((seen.players, seen.kicked), (3, 0));
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
///
/// A version that nobody knows, such as that of a newer build, gives the swap up: the old instance goes on serving, and the
/// operator is told.
///
/// # Fields
///
/// Whatever [serde](https://serde.rs) can save: the derive is serde's as well, and takes its attributes, such as
/// `#[serde(skip)]`, but those whose values could not be loaded again, such as `flatten`. The form is postcard's, which knows no names: the order of fields and variants is
/// part of the shape. Keep it small, since the worker's connections wait while it is saved and loaded.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be handed over in a swap",
    note = "write `#[derive(State)]` above it"
)]
pub trait State: Serialize + DeserializeOwned {
    /// The version of the shape; 1 unless `#[state(version = …)]` says otherwise.
    const VERSION: u32;

    /// The value as bytes. Fails for what the form cannot say, such as a list of unknown length, which only an implementation of
    /// serde's traits by hand makes: the derive refuses what would lead to it.
    ///
    /// ```
    /// use portcullis_sdk::State;
    ///
    /// assert_eq!(5_u32.save()?, [5]);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    fn save(&self) -> Result<Vec<u8>> {
        postcard::to_allocvec(self).map_err(|error| {
            Error::new(format!(
                "the state cannot be saved ({error}); keep in it what serde's derives write, without `flatten` and the like"
            ))
        })
    }

    /// The value of bytes that were saved in that version.
    ///
    /// ```
    /// use portcullis_sdk::State;
    ///
    /// assert_eq!(u32::load(1, &[5])?, 5);
    /// assert!(u32::load(2, &[5]).is_err());
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    fn load(version: u32, saved: &[u8]) -> Result<Self> {
        if version != Self::VERSION {
            return Self::migrate(version, saved);
        }
        postcard::from_bytes(saved).map_err(|error| {
            Error::new(format!(
                "the state of version {version} cannot be read ({error}); was its shape changed without raising the version?"
            ))
        })
    }

    /// The value of bytes of another version.
    #[doc(hidden)]
    fn migrate(version: u32, _saved: &[u8]) -> Result<Self> {
        Err(Error::new(format!(
            "the state was saved in version {version}, which this build cannot read; its own version is {}",
            Self::VERSION
        )))
    }
}

macro_rules! single_values {
    ($($value:ty)+) => {$(
        impl State for $value {
            const VERSION: u32 = 1;
        }
    )+};
}

single_values! { bool u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 char String Vec<u8> std::time::Duration }
