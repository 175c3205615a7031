//! Who a player is.

/// A player's profile, and whether a session server has vouched for it: [`Session::identity`](crate::Session::identity).
///
/// ```
/// use portcullis_sdk::{Profile, Session};
///
/// let ada = Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
/// let session = Session::build().verified(ada).at_route();
/// let identity = session.identity().unwrap();
/// assert!(identity.verified);
/// assert_eq!(identity.profile.name, "Ada");
/// ```
pub use crate::bindings::services::portcullis::plugin::types::Identity;

/// Who a player is: a UUID with dashes, a name, and properties such as the skin.
///
/// ```
/// let ada = portcullis_sdk::Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
/// assert!(ada.properties.is_empty());
/// ```
pub use crate::bindings::services::portcullis::plugin::types::Profile;

/// Something that is known of a player, often with the session server's signature.
///
/// ```
/// let skin = portcullis_sdk::Property { name: "textures".into(), value: "e30=".into(), signature: None };
/// assert_eq!(skin.name, "textures");
/// ```
pub use crate::bindings::services::portcullis::plugin::types::Property;

/// The key that a player's chat is signed with: [`Session::chat_key`](crate::Session::chat_key). Nobody has verified it but the server
/// that is told.
///
/// ```
/// let key = portcullis_sdk::ChatKey { expires_ms: 1_700_000_000_000, key: vec![0x30], signature: vec![1], holder: None };
/// assert!(key.holder.is_none());
/// ```
pub use crate::bindings::services::portcullis::plugin::types::ChatKey;

impl Profile {
    /// A profile without properties.
    ///
    /// ```
    /// let ada = portcullis_sdk::Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
    /// assert_eq!(ada.name, "Ada");
    /// ```
    pub fn new(uuid: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            uuid: uuid.into(),
            name: name.into(),
            properties: Vec::new(),
        }
    }

    /// The property of that name.
    ///
    /// ```
    /// let ada = portcullis_sdk::Profile::new("069579f1-40e5-4b5c-86b4-cc372f1a5dfb", "Ada");
    /// assert!(ada.property("textures").is_none());
    /// ```
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }
}
