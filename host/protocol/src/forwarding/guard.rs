//! BungeeGuard: a token among the properties of BungeeCord's forwarding, which a server compares with those it accepts.
//! <https://github.com/lucko/BungeeGuard>

use std::fmt;

use subtle::{Choice, ConstantTimeEq};

use super::ForwardingError;
use crate::profile::Property;

/// The property that carries the token.
const PROPERTY: &str = "bungeeguard-token";

/// A shared token. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token; what surrounds it in a file (spaces, a line's end) is left out. None if nothing is left.
    pub fn new(token: &str) -> Option<Self> {
        let token = token.trim();
        (!token.is_empty()).then(|| Self(token.to_owned()))
    }

    /// The property to forward, for [`legacy::host_field`](super::legacy::host_field).
    pub fn property(&self) -> Property {
        Property {
            name: PROPERTY.into(),
            value: self.0.clone(),
            signature: Some(String::new()),
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Takes the token out of forwarded properties if it is the only one and one of those accepted. Which of them it is, or how much
/// of one, does not show in the time it takes.
pub fn take(properties: &mut Vec<Property>, accepted: &[Token]) -> Result<(), ForwardingError> {
    let mut tokens = properties.iter().filter(|property| property.name == PROPERTY);
    let token = tokens.next().ok_or(ForwardingError::NoToken)?;
    if tokens.next().is_some() {
        return Err(ForwardingError::ManyTokens);
    }
    let is_one = |found, accepted: &Token| found | accepted.0.as_bytes().ct_eq(token.value.as_bytes());
    if !bool::from(accepted.iter().fold(Choice::from(0), is_one)) {
        return Err(ForwardingError::WrongToken);
    }
    properties.retain(|property| property.name != PROPERTY);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> Token {
        Token::new(text).expect("a token")
    }

    fn skin() -> Property {
        Property {
            name: "textures".into(),
            value: "x".into(),
            signature: None,
        }
    }

    #[track_caller]
    fn check(sent: &[&str], accepted: &[&str], expect: Result<(), ForwardingError>) {
        let mut properties = vec![skin()];
        properties.extend(sent.iter().map(|sent| token(sent).property()));
        let accepted = accepted.iter().map(|accepted| token(accepted)).collect::<Vec<_>>();
        assert_eq!(take(&mut properties, &accepted), expect, "{sent:?}");
        if expect.is_ok() {
            assert_eq!(properties, [skin()], "the token is not passed on");
        }
    }

    #[test]
    fn exactly_one_accepted_token_lets_in() {
        check(&["new"], &["old", "new"], Ok(()));
        check(&["old"], &["old", "new"], Ok(()));
        check(&[], &["old"], Err(ForwardingError::NoToken));
        check(&["forged"], &["old"], Err(ForwardingError::WrongToken));
        check(&["ol"], &["old"], Err(ForwardingError::WrongToken));
        check(&["old"], &[], Err(ForwardingError::WrongToken));
        check(&["old", "old"], &["old"], Err(ForwardingError::ManyTokens));
        check(&["forged", "old"], &["old"], Err(ForwardingError::ManyTokens));
    }

    #[test]
    fn a_token_is_read_from_a_file_and_never_shown() {
        assert_eq!(Token::new(" secret\n"), Token::new("secret"));
        assert_eq!(Token::new(" \n"), None);
        assert_eq!(format!("{:?}", token("secret")), "Token(..)");
    }
}
