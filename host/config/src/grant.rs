//! What an operator allows a plugin to do beyond the imports that need no permission.

use std::{fmt, str::FromStr};

use crate::nearest::{nearest, quoted};

/// One granted capability, in the form that `grants` has: `http:https://api.example.com`, `sql`, `secrets:NAME`, `control`
/// or `packets`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant(Box<str>);

impl Grant {
    /// Capability names as the contract knows them, each with the form that a grant of it has.
    const FORMS: [(&str, &str); 5] = [
        ("http", "http:ORIGIN"),
        ("sql", "sql"),
        ("secrets", "secrets:NAME"),
        ("control", "control"),
        ("packets", "packets"),
    ];

    /// The capability: the part before the colon.
    pub fn capability(&self) -> &str {
        self.0.split_once(':').map_or(&*self.0, |(capability, _)| capability)
    }

    /// What the capability is limited to, where it is: an origin, a secret's name.
    pub fn scope(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, scope)| scope)
    }

    /// The whole grant as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not a grant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// A typing error, or a capability that needs no grant, such as `state`.
    #[error("`{grant}` is not a grant{} (known: {})", suggestion(*.nearest), known())]
    Unknown {
        /// As written.
        grant: String,
        /// The form of the capability with the most similar name.
        nearest: Option<&'static str>,
    },
    /// The capability must be limited to something.
    #[error("`{capability}` must say what it is for; write `{form}`")]
    NoScope {
        /// The capability.
        capability: &'static str,
        /// Its whole form.
        form: &'static str,
    },
    /// The capability cannot be limited to anything.
    #[error("`{grant}` says too much; write `{capability}`")]
    Scope {
        /// As written.
        grant: String,
        /// The capability, which is the whole grant.
        capability: &'static str,
    },
    /// Often a URL with a path, or a host without a scheme.
    #[error("`{0}` is not an origin; write scheme, host and port only, for example `http:https://api.example.com`")]
    Origin(String),
    /// A secret's name follows the rules of a plugin's name.
    #[error("`{0}` is not the name of a secret; write 1 to 64 of `a-z`, `0-9`, `_` and `-`")]
    Secret(String),
}

impl FromStr for Grant {
    type Err = GrantError;

    fn from_str(text: &str) -> Result<Self, GrantError> {
        let (capability, scope) = text
            .split_once(':')
            .map_or((text, None), |(name, scope)| (name, Some(scope)));
        let Some(&(capability, form)) = Self::FORMS.iter().find(|(name, _)| *name == capability) else {
            let names = Self::FORMS.map(|(name, _)| name);
            let near = nearest(capability, names);
            let nearest = Self::FORMS
                .iter()
                .find(|(name, _)| Some(*name) == near)
                .map(|(_, form)| *form);
            return Err(GrantError::Unknown {
                grant: text.into(),
                nearest,
            });
        };
        match (form.contains(':'), scope) {
            (true, None | Some("")) => return Err(GrantError::NoScope { capability, form }),
            (false, Some(_)) => {
                return Err(GrantError::Scope {
                    grant: text.into(),
                    capability,
                });
            }
            (true, Some(origin)) if capability == "http" && !is_origin(origin) => {
                return Err(GrantError::Origin(origin.into()));
            }
            (true, Some(name)) if capability == "secrets" && name.parse::<crate::PluginName>().is_err() => {
                return Err(GrantError::Secret(name.into()));
            }
            _ => {}
        }
        Ok(Self(text.into()))
    }
}

/// Scheme, host and perhaps a port (RFC 6454 §6.2), lower case, so that two grants of one origin are the same text.
fn is_origin(text: &str) -> bool {
    let Some(authority) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    // A port makes it an address; without one, any port will do to have the host checked by the same rules.
    let with_port = if authority.parse::<crate::Address>().is_ok() {
        authority.to_owned()
    } else {
        format!("{authority}:1")
    };
    with_port.parse::<crate::Address>().is_ok() && !text.bytes().any(|b| b.is_ascii_uppercase())
}

fn known() -> String {
    quoted(Grant::FORMS.map(|(_, form)| form))
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest
        .map(|form| format!("; did you mean `{form}`?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_parses_into_capability_and_scope() {
        fn check(text: &str, capability: &str, scope: Option<&str>) {
            let grant: Grant = text.parse().unwrap();
            assert_eq!(
                (grant.as_str(), grant.capability(), grant.scope()),
                (text, capability, scope)
            );
        }
        check("sql", "sql", None);
        check("control", "control", None);
        check("packets", "packets", None);
        check("secrets:api-key", "secrets", Some("api-key"));
        check("http:https://api.example.com", "http", Some("https://api.example.com"));
        check("http:http://127.0.0.1:8080", "http", Some("http://127.0.0.1:8080"));
        check("http:https://[::1]", "http", Some("https://[::1]"));
    }

    #[test]
    fn other_texts_are_refused_with_the_known_forms() {
        fn check(text: &str, expected: &str) {
            assert_eq!(text.parse::<Grant>().unwrap_err().to_string(), expected);
        }
        let known = "`http:ORIGIN`, `sql`, `secrets:NAME`, `control`, `packets`";
        check("state", &format!("`state` is not a grant (known: {known})"));
        check(
            "contrl",
            &format!("`contrl` is not a grant; did you mean `control`? (known: {known})"),
        );
        check("http", "`http` must say what it is for; write `http:ORIGIN`");
        check("secrets:", "`secrets` must say what it is for; write `secrets:NAME`");
        check("sql:players", "`sql:players` says too much; write `sql`");
        let origin = "is not an origin; write scheme, host and port only, for example `http:https://api.example.com`";
        check(
            "http:https://example.com/path",
            &format!("`https://example.com/path` {origin}"),
        );
        check("http:example.com", &format!("`example.com` {origin}"));
        check("http:https://*", &format!("`https://*` {origin}"));
        check("http:https://Example.com", &format!("`https://Example.com` {origin}"));
        check(
            "secrets:a b",
            "`a b` is not the name of a secret; write 1 to 64 of `a-z`, `0-9`, `_` and `-`",
        );
    }
}
