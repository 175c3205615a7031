//! Whom a session's facts are asked of: the host, or a test's script.

#[cfg(not(feature = "testing"))]
pub(crate) use self::by_host::AtHand;
use super::Session;
#[cfg(feature = "testing")]
pub(crate) use crate::testing::MockSession as AtHand;

impl Session {
    /// The session that the call under way is about.
    #[inline]
    pub(crate) fn at_hand() -> Self {
        Self::of(AtHand::default())
    }
}

#[cfg(not(feature = "testing"))]
mod by_host {
    use crate::bindings::services::portcullis::plugin::session_facts as host;
    use crate::bindings::services::portcullis::plugin::types::{ChatKey, Endpoint, HandshakeFacts, Identity};

    /// The host's functions about the session at hand, as methods: an author can only call them where there is one.
    #[derive(Debug, Default)]
    pub(crate) struct AtHand {}

    impl AtHand {
        pub(crate) fn id(&self) -> u64 {
            host::id()
        }

        pub(crate) fn peer(&self) -> Endpoint {
            host::peer()
        }

        pub(crate) fn listener(&self) -> String {
            host::listener()
        }

        pub(crate) fn handshake(&self) -> Option<HandshakeFacts> {
            host::handshake()
        }

        pub(crate) fn host(&self) -> Option<String> {
            host::host()
        }

        pub(crate) fn protocol(&self) -> Option<i32> {
            host::protocol()
        }

        pub(crate) fn claimed_name(&self) -> Option<String> {
            host::claimed_name()
        }

        pub(crate) fn identity(&self) -> Option<Identity> {
            host::identity()
        }

        pub(crate) fn chat_key(&self) -> Option<ChatKey> {
            host::chat_key()
        }

        pub(crate) fn server(&self) -> Option<String> {
            host::server()
        }

        pub(crate) fn attribute(&self, key: &str) -> Option<String> {
            host::attribute(key)
        }

        pub(crate) fn set_attribute(&self, key: &str, value: Option<&str>) -> Result<(), host::AttributeError> {
            host::set_attribute(key, value)
        }
    }
}
