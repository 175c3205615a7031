//! Whom a session's facts are asked of: the host, or a test's script.

#[cfg(not(feature = "testing"))]
pub(crate) use self::by_host::Lent;
#[cfg(feature = "testing")]
pub(crate) use crate::testing::MockSession as Lent;

use super::Session;
use crate::bindings::services::portcullis::plugin::session_facts::Session as Raw;

impl Session {
    /// The session that the host lends for this call.
    #[cfg(not(feature = "testing"))]
    #[inline]
    pub(crate) fn lent(raw: &Raw) -> Self {
        Self::of(Lent::of(raw))
    }

    /// With the mock host nothing is exported, so the host lends nothing.
    #[cfg(feature = "testing")]
    pub(crate) fn lent(_: &Raw) -> Self {
        Self::of(Lent::default())
    }
}

#[cfg(not(feature = "testing"))]
mod by_host {
    use std::mem::ManuallyDrop;
    use std::ops::Deref;

    use super::Raw;

    /// The handle of a session that somebody else gives back.
    #[derive(Debug)]
    pub(crate) struct Lent(ManuallyDrop<Raw>);

    impl Lent {
        /// A copy of the handle, so that authors need no lifetime in every signature.
        #[allow(
            unsafe_code,
            reason = "the generated type has no other way to copy a borrowed handle"
        )]
        pub(super) fn of(raw: &Raw) -> Self {
            // SAFETY: the handle is one of this type, as `raw` has it. It is never dropped here, and never used after the call it was
            // lent for: `Session` holds it, lives in the frame of the export's shim, and is handed out by reference alone.
            Self(ManuallyDrop::new(unsafe { Raw::from_handle(raw.handle()) }))
        }
    }

    impl Deref for Lent {
        type Target = Raw;

        fn deref(&self) -> &Raw {
            &self.0
        }
    }
}
