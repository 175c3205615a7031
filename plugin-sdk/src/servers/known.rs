//! What names stood for when they were last looked up, for as long as the host says that it holds: one cheap question in place of one for
//! each name.

use std::cell::RefCell;

use crate::bindings::services::portcullis::plugin::servers::Kind;
use crate::host;
use crate::positions::Positions;

/// More servers and groups than most networks have; those found later are looked up each time.
const MAX_NAMES: usize = 1_024;

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
}

#[derive(Debug)]
struct Known {
    /// The host's number for servers and groups as they then were.
    revision: u64,
    /// Names, each with the position of its kind in [`KINDS`]. Names that nobody has are not kept: players invent them.
    names: Positions,
}

const KINDS: [Kind; 2] = [Kind::Server, Kind::Group];

/// What a name stands for now.
pub(super) fn kind_of(name: &str) -> Option<Kind> {
    let revision = host::servers::revision();
    KNOWN.with_borrow_mut(|known| {
        let known = match known {
            Some(known) if known.revision == revision => known,
            outdated => outdated.insert(Known {
                revision,
                names: Positions::for_at_most(MAX_NAMES),
            }),
        };
        if let Some(kind) = known.names.get(name) {
            return KINDS.get(kind).copied();
        }
        let kind = host::servers::kind_of(name)?;
        if let Some(position) = KINDS.iter().position(|known| *known == kind)
            && known.names.len() < MAX_NAMES
        {
            known.names.get_or_insert(name, position);
        }
        Some(kind)
    })
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::kind_of;
    use crate::bindings::services::portcullis::plugin::servers::Kind;
    use crate::testing::Host;

    #[test]
    fn what_was_found_is_forgotten_when_servers_change() {
        let host = Host::new();
        assert_eq!(kind_of("lobby"), None);
        let lobby = host.server("lobby");
        assert_eq!(kind_of("lobby"), Some(Kind::Server));
        assert_eq!(kind_of("hub"), None);
        lobby.group("hub");
        assert_eq!(kind_of("hub"), Some(Kind::Group));
        host.remove_server("lobby");
        assert_eq!((kind_of("lobby"), kind_of("hub")), (None, None));
    }

    #[test]
    fn what_one_host_had_another_does_not_have() {
        Host::new().server("lobby");
        assert_eq!(kind_of("lobby"), Some(Kind::Server));
        let _other = Host::new();
        assert_eq!(kind_of("lobby"), None);
    }
}
