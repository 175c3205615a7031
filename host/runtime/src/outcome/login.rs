//! What the `login` hooks of a chain decided.

use portcullis_registry::Identity;

use super::{By, Refusal, Text};

/// How a player who wants in is to be treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// Encrypt the connection, and have the player authenticated.
    Online(By),
    /// Take the name as it is.
    Offline(By),
    /// Show this text and close.
    Deny(Text, By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// Whether a player is who he claims to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofOutcome {
    /// This is the player, verified.
    Verified(Identity, By),
    /// Show this text and close.
    Deny(Text, By),
    /// No plugin knows the player; see [`Refusal`].
    Refuse(Refusal),
}

/// Whether a player's profile will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileOutcome {
    /// Go on with the identity that the session has by now.
    Admit,
    /// Show this text and close.
    Deny(Text, By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}

/// What becomes of a player who is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictOutcome {
    /// Both may be there, as far as plugins are concerned.
    Both,
    /// The one who wants in is shown this text.
    DenyNew(Text, By),
    /// Those who are in are shown this text.
    KickOld(Text, By),
    /// No plugin decided; see [`Refusal`].
    Refuse(Refusal),
}
