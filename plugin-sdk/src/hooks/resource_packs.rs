//! Resource packs that servers ask players to load.

use super::exports::ask;
use super::{Exported, Outcome, hook};
use crate::bindings::resource_pack::exports::portcullis::plugin::resource_pack as contract;
use crate::plugin::Exports;
use crate::{Plugin, Session};

/// Resource packs that servers ask players to load (1.8 and later). Only where the host stands in the middle
/// ([`Mode::Framed`](crate::Mode::Framed)). Needs the grant `packets`.
///
/// ```
/// use portcullis_sdk::prelude::*;
/// use portcullis_sdk::testing::Host;
///
/// /// Leaves it to players whether they load packs.
/// #[derive(Plugin)]
/// #[plugin(stage = "transform")]
/// struct Optional;
///
/// #[hooks]
/// impl ResourcePacks for Optional {
///     fn offered(&mut self, _session: &Session, pack: &ResourcePack) -> PackVerdict {
///         PackVerdict::Replace(ResourcePack { required: false, ..pack.clone() })
///     }
/// }
///
/// let mut optional = Host::new().start::<Optional>("");
/// let pack = ResourcePack { id: None, url: "https://example.com/a.zip".into(), hash: String::new(), required: true };
/// let verdict = optional.offered(&Session::build().in_play(), &pack);
/// assert!(matches!(verdict, PackVerdict::Replace(pack) if !pack.required));
/// ```
pub trait ResourcePacks: Plugin + Exported<hook::ResourcePacks> {
    /// A server offers a pack.
    fn offered(&mut self, session: &Session, pack: &ResourcePack) -> impl Outcome<PackVerdict> {
        let _ = (session, pack);
        PackVerdict::Next
    }

    /// The client has said what became of one. `id` is its dashed UUID; absent before 1.20.3.
    fn answered(&mut self, session: &Session, id: Option<&str>, outcome: PackOutcome) -> impl Outcome<()> {
        let _ = (session, id, outcome);
    }
}

/// A pack.
///
/// ```
/// use portcullis_sdk::ResourcePack;
///
/// let pack = ResourcePack { id: None, url: "https://example.com/a.zip".into(), hash: String::new(), required: false };
/// assert!(!pack.required);
/// ```
pub use contract::Pack as ResourcePack;

/// What becomes of an offer.
///
/// ```
/// use portcullis_sdk::PackVerdict;
///
/// assert_ne!(PackVerdict::Deny, PackVerdict::Next);
/// ```
pub use contract::Verdict as PackVerdict;

/// What became of a pack.
///
/// ```
/// use portcullis_sdk::PackOutcome;
///
/// assert_ne!(PackOutcome::Loaded, PackOutcome::Failed);
/// ```
pub use contract::Outcome as PackOutcome;

impl<P: ResourcePacks> contract::Guest for Exports<P> {
    fn on_offer(pack: ResourcePack) -> PackVerdict {
        ask::<P, _>(|plugin| plugin.offered(&Session::at_hand(), &pack).outcome())
    }

    fn on_outcome(id: Option<String>, outcome: PackOutcome) {
        ask::<P, _>(|plugin| plugin.answered(&Session::at_hand(), id.as_deref(), outcome).outcome());
    }
}
