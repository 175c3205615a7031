//! Who a player is, once somebody has said so.

use std::sync::Arc;

use uuid::Uuid;

/// A player's profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The player's UUID.
    pub uuid: Uuid,
    /// The player's name: 1 to 16 printable ASCII characters.
    pub name: String,
    /// Skin and cape, mostly.
    pub properties: Vec<Property>,
}

/// Something that is known of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// What it is, for example `textures`.
    pub name: String,
    /// Its value, mostly base64.
    pub value: String,
    /// The session server's signature over the value.
    pub signature: Option<String>,
}

/// The key that a player's chat is signed with, as the client says and nobody has verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatKey {
    /// When it expires, in milliseconds since 1970.
    pub expires_ms: i64,
    /// An RSA public key in DER.
    pub key: Box<[u8]>,
    /// The session server's.
    pub signature: Box<[u8]>,
    /// Whom the signature is for.
    pub holder: Option<Uuid>,
}

/// A player's profile, and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who the player is.
    pub profile: Arc<Profile>,
    /// A session server has vouched for it. Otherwise it is what the client claims.
    pub verified: bool,
}
