//! Which players, and the orders to them.

use super::{ControlError, Listed, Title};
use crate::bindings::granted::portcullis::plugin::control as contract;
use crate::hooks::IntoTarget;
use crate::{SessionId, Target, Text, host};

/// The players that fit all that is said, and orders to them: [`control::players`](super::players()) begins.
///
/// ```
/// use portcullis_sdk::control;
/// use portcullis_sdk::testing::Host;
///
/// let host = Host::new();
/// host.player("Ada").on("lobby");
/// let ada = control::players().on("lobby").named("Ada");
/// assert_eq!(ada.count(), 1);
/// assert_eq!(ada.send_text("Hello")?, 1);
/// # Ok::<(), control::ControlError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Players(contract::Filter);

impl Default for Players {
    fn default() -> Self {
        Self(contract::Filter {
            session: None,
            server: None,
            name: None,
            uuid: None,
        })
    }
}

impl Players {
    /// Of this session.
    ///
    /// ```
    /// let ada = portcullis_sdk::testing::Host::new().player("Ada").id();
    /// assert_eq!(portcullis_sdk::control::players().of_session(ada).count(), 1);
    /// ```
    #[must_use]
    pub fn of_session(mut self, session: SessionId) -> Self {
        self.0.session = Some(session.get());
        self
    }

    /// On this server.
    ///
    /// ```
    /// portcullis_sdk::testing::Host::new().player("Ada").on("lobby");
    /// assert_eq!(portcullis_sdk::control::players().on("arena").count(), 0);
    /// ```
    #[must_use]
    pub fn on(mut self, server: impl Into<String>) -> Self {
        self.0.server = Some(server.into());
        self
    }

    /// Of this name, whatever its case.
    ///
    /// ```
    /// portcullis_sdk::testing::Host::new().player("Ada");
    /// assert_eq!(portcullis_sdk::control::players().named("ADA").count(), 1);
    /// ```
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }

    /// Of this UUID, with dashes.
    ///
    /// ```
    /// # let host = portcullis_sdk::testing::Host::new();
    /// let nobody = portcullis_sdk::control::players().with_uuid("069579f1-40e5-4b5c-86b4-cc372f1a5dfb");
    /// assert_eq!(nobody.count(), 0);
    /// ```
    #[must_use]
    pub fn with_uuid(mut self, uuid: impl Into<String>) -> Self {
        self.0.uuid = Some(uuid.into());
        self
    }

    /// Who they are, in the order of their sessions.
    ///
    /// ```
    /// portcullis_sdk::testing::Host::new().player("Ada");
    /// let names: Vec<String> = portcullis_sdk::control::players().list().map(|player| player.name).collect();
    /// assert_eq!(names, ["Ada"]);
    /// ```
    pub fn list(&self) -> Listed {
        Listed::of(self.0.clone())
    }

    /// How many they are.
    ///
    /// ```
    /// portcullis_sdk::testing::Host::new().player("Ada");
    /// assert_eq!(portcullis_sdk::control::players().count(), 1);
    /// ```
    pub fn count(&self) -> u32 {
        host::control::count(&self.0)
    }

    /// Shows them this text, markup unless it is a [`Text`], and closes.
    ///
    /// ```
    /// portcullis_sdk::testing::Host::new().player("Ada");
    /// assert_eq!(portcullis_sdk::control::players().disconnect("<red>Closing"), Ok(1));
    /// ```
    pub fn disconnect(&self, reason: impl Into<Text>) -> Result<u32, ControlError> {
        Ok(host::control::disconnect(&self.0, &reason.into())?)
    }

    /// Moves them to the first of these that takes them; where none does, they stay. Names as
    /// [`RouteVerdict::to`](crate::RouteVerdict::to) takes them; at most 64.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.server("lobby");
    /// host.player("Ada");
    /// assert_eq!(portcullis_sdk::control::players().switch(["lobby"]), Ok(1));
    /// ```
    pub fn switch<T: IntoTarget>(&self, to: impl IntoIterator<Item = T>) -> Result<u32, ControlError> {
        let to: Vec<Target> = to.into_iter().map(IntoTarget::into_target).collect();
        Ok(host::control::switch(&self.0, &to)?)
    }

    /// Sends them to another address (1.20.5 and later; older clients are not ordered).
    ///
    /// ```
    /// portcullis_sdk::testing::Host::new().player("Ada").protocol(766);
    /// assert_eq!(portcullis_sdk::control::players().transfer("other.example.com", 25565), Ok(1));
    /// ```
    pub fn transfer(&self, host: &str, port: u16) -> Result<u32, ControlError> {
        Ok(host::control::transfer(&self.0, host, port)?)
    }

    /// Shows them a line in the chat, markup unless it is a [`Text`].
    ///
    /// ```
    /// portcullis_sdk::testing::Host::new().player("Ada");
    /// assert_eq!(portcullis_sdk::control::players().send_text("Hello"), Ok(1));
    /// ```
    pub fn send_text(&self, text: impl Into<Text>) -> Result<u32, ControlError> {
        Ok(host::control::send_text(&self.0, &text.into())?)
    }

    /// Shows them a title (1.8 and later).
    ///
    /// ```
    /// use portcullis_sdk::control::{self, Title};
    ///
    /// portcullis_sdk::testing::Host::new().player("Ada");
    /// assert_eq!(control::players().send_title(Title::new("Hello")), Ok(1));
    /// ```
    pub fn send_title(&self, title: Title) -> Result<u32, ControlError> {
        Ok(host::control::send_title(&self.0, &title.into())?)
    }

    /// Shows them a line above the hotbar (1.8 and later), markup unless it is a [`Text`].
    ///
    /// ```
    /// portcullis_sdk::testing::Host::new().player("Ada");
    /// assert_eq!(portcullis_sdk::control::players().send_action_bar("Hello"), Ok(1));
    /// ```
    pub fn send_action_bar(&self, text: impl Into<Text>) -> Result<u32, ControlError> {
        Ok(host::control::send_action_bar(&self.0, &text.into())?)
    }

    /// Sends them a plugin message. Channels are named as in 1.13. At most 1 MiB.
    ///
    /// ```
    /// portcullis_sdk::testing::Host::new().player("Ada");
    /// assert_eq!(portcullis_sdk::control::players().send_message("example:hello", b"hi"), Ok(1));
    /// ```
    pub fn send_message(&self, channel: &str, data: &[u8]) -> Result<u32, ControlError> {
        Ok(host::control::send_message(&self.0, channel, data)?)
    }

    /// Sends a plugin message to the servers that they are on, once to each, in the name of one of them. At most 32,767 bytes. The
    /// number is that of the servers.
    ///
    /// ```
    /// let host = portcullis_sdk::testing::Host::new();
    /// host.player("Ada").on("lobby");
    /// host.player("Bob").on("lobby");
    /// assert_eq!(portcullis_sdk::control::players().tell_servers("example:hello", b"hi"), Ok(1));
    /// ```
    pub fn tell_servers(&self, channel: &str, data: &[u8]) -> Result<u32, ControlError> {
        Ok(host::control::tell_servers(&self.0, channel, data)?)
    }
}
