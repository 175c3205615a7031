//! Which characters a name may have, and what a name breaks.

use portcullis_sdk::prelude::*;

/// A set of ASCII characters, written as single ones and ranges: `a-z_`. A dash that is meant stands first or last.
#[derive(Config, Clone, PartialEq)]
#[config(try_from = "String")]
pub(crate) struct Characters(u128);

/// A rule that a name breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Broken {
    Length,
    Characters,
    Reserved,
}

impl Broken {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Characters => "characters",
            Self::Reserved => "reserved",
        }
    }
}

impl Characters {
    /// Whether the name is made of these characters alone.
    pub(crate) fn make(&self, name: &str) -> bool {
        name.bytes().all(|byte| self.0 & bit(byte) != 0)
    }
}

impl TryFrom<String> for Characters {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Some(strange) = text.chars().find(|character| !character.is_ascii_graphic()) {
            return Err(format!(
                "{strange:?} cannot be part of a name: names are printable ASCII without spaces"
            ));
        }
        let mut set = 0;
        let mut rest = text.as_bytes();
        while let Some((first, behind)) = rest.split_first() {
            rest = behind;
            let last = match behind {
                [b'-', last, behind @ ..] => {
                    rest = behind;
                    last
                }
                _ => first,
            };
            if last < first {
                let (first, last) = (char::from(*first), char::from(*last));
                return Err(format!(
                    "\"{first}-{last}\" is no range: write the lower character first"
                ));
            }
            set |= (*first..=*last).map(bit).fold(0, |all, one| all | one);
        }
        match set {
            0 => Err("is empty: nobody could come in".to_owned()),
            set => Ok(Self(set)),
        }
    }
}

impl std::fmt::Debug for Characters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let has = |byte: &u8| self.0 & bit(*byte) != 0;
        let text: String = (0..128).filter(has).map(char::from).collect();
        write!(f, "Characters({text:?})")
    }
}

/// 0 for what is not ASCII.
fn bit(byte: u8) -> u128 {
    1_u128.checked_shl(byte.into()).unwrap_or(0)
}
