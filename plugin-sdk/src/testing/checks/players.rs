//! What the host would refuse of hooks that say who a player is, and where.

use portcullis_protocol::profile::{check_name, parse_uuid};

use super::{Checked, at_most, bad, targets};
use crate::session::Profile;
use crate::{ForwardVerdict, KickedVerdict, ProfileVerdict, ProofVerdict, QuestionVerdict, Result};

/// The contract's bounds.
const MAX_PROPERTIES: usize = 64;
const MAX_FIELD_UNITS: usize = 32_767;
const MAX_TLVS: usize = 16;
/// Each with 3 bytes for kind and length.
const MAX_TLV_BYTES: usize = 2 << 10;
const MAX_ANSWER_BYTES: usize = 1 << 20;

impl Checked for ProofVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::Profile(of_plugin) => profile(of_plugin),
            _ => Ok(()),
        }
    }
}

impl Checked for ProfileVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::Replace(of_plugin) => profile(of_plugin),
            _ => Ok(()),
        }
    }
}

impl Checked for ForwardVerdict {
    fn check(&self) -> Result<()> {
        let Self::Introduce(introduction) = self else {
            return Ok(());
        };
        let units = introduction.host.as_ref().map_or(0, |host| host.encode_utf16().count());
        at_most("UTF-16 units of a host field", units, MAX_FIELD_UNITS)?;
        at_most("fields of a PROXY header", introduction.tlvs.len(), MAX_TLVS)?;
        let bytes = introduction.tlvs.iter().map(|tlv| 3 + tlv.value.len()).sum();
        at_most("bytes of a PROXY header's fields", bytes, MAX_TLV_BYTES)
    }
}

impl Checked for QuestionVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::Data(data) => at_most("bytes of an answer", data.len(), MAX_ANSWER_BYTES),
            _ => Ok(()),
        }
    }
}

impl Checked for KickedVerdict {
    fn check(&self) -> Result<()> {
        match self {
            Self::Redirect(of_plugin) => targets(of_plugin),
            _ => Ok(()),
        }
    }
}

fn profile(profile: &Profile) -> Result<()> {
    if check_name(&profile.name).is_err() {
        return bad(format!("{:?} is no player's name", profile.name));
    }
    uuid(&profile.uuid)?;
    at_most("properties", profile.properties.len(), MAX_PROPERTIES)
}

/// With dashes, as the contract has it.
pub(super) fn uuid(text: &str) -> Result<()> {
    match parse_uuid(text) {
        Some(uuid) if uuid.to_string().eq_ignore_ascii_case(text) => Ok(()),
        _ => bad(format!("{text:?} is no UUID with dashes")),
    }
}
