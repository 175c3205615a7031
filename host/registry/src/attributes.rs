//! Small notes that one link of a chain leaves on a session for the next.

use std::sync::Arc;

/// Most notes on one session.
const MAX_COUNT: usize = 32;
/// Longest key, in bytes.
const MAX_KEY_LEN: usize = 64;
/// Longest value, in bytes.
const MAX_VALUE_LEN: usize = 1024;

/// Why a note cannot be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    /// Often keys made from values, such as an address.
    #[error("the session has {MAX_COUNT} attributes already")]
    Full,
    /// Often a whole document where a word was meant.
    #[error("a key must have 1 to {MAX_KEY_LEN} bytes, a value at most {MAX_VALUE_LEN}")]
    TooLong,
}

/// Notes by key. A list: there are few, and most sessions have none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attributes(Box<[(Arc<str>, Arc<str>)]>);

impl Attributes {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| **known == *key)
            .map(|(_, value)| &**value)
    }

    /// All changes in their order, or none; what counts against the limit is the outcome.
    pub(crate) fn apply(&mut self, changes: &[(String, Option<String>)]) -> Result<(), AttributeError> {
        let fits = |(key, value): &(String, Option<String>)| {
            (1..=MAX_KEY_LEN).contains(&key.len()) && value.as_ref().is_none_or(|value| value.len() <= MAX_VALUE_LEN)
        };
        if !changes.iter().all(fits) {
            return Err(AttributeError::TooLong);
        }
        // Copies pointers, not texts.
        let mut next = self.0.to_vec();
        for (key, value) in changes {
            next.retain(|(known, _)| **known != **key);
            if let Some(value) = value {
                next.push((key.as_str().into(), value.as_str().into()));
            }
        }
        if next.len() > MAX_COUNT {
            return Err(AttributeError::Full);
        }
        self.0 = next.into();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(key: &str, value: &str) -> (String, Option<String>) {
        (key.into(), Some(value.into()))
    }

    #[test]
    fn changes_apply_in_order_and_an_absent_value_removes() {
        let mut attributes = Attributes::default();
        attributes
            .apply(&[set("a", "1"), set("b", "2"), set("a", "3")])
            .unwrap();
        assert_eq!((attributes.get("a"), attributes.get("b")), (Some("3"), Some("2")));
        attributes
            .apply(&[("a".into(), None), ("never-set".into(), None)])
            .unwrap();
        assert_eq!((attributes.get("a"), attributes.get("b")), (None, Some("2")));
    }

    #[test]
    fn a_batch_of_which_one_is_wrong_changes_nothing() {
        let mut attributes = Attributes::default();
        attributes.apply(&[set("kept", "1")]).unwrap();
        for bad in [set("", "x"), set(&"k".repeat(65), "x"), set("k", &"v".repeat(1025))] {
            assert_eq!(attributes.apply(&[set("kept", "2"), bad]), Err(AttributeError::TooLong));
        }
        let many: Vec<_> = (0..32).map(|n| set(&n.to_string(), "")).collect();
        assert_eq!(attributes.apply(&many), Err(AttributeError::Full));
        assert_eq!((attributes.get("kept"), attributes.get("0")), (Some("1"), None));
    }

    #[test]
    fn exactly_as_much_fits_as_the_contract_says() {
        let mut attributes = Attributes::default();
        let many: Vec<_> = (0..32).map(|n| set(&format!("{n:064}"), &"v".repeat(1024))).collect();
        assert_eq!(attributes.apply(&many), Ok(()));
        assert_eq!(attributes.apply(&[set("one-more", "")]), Err(AttributeError::Full));
        let in_place_of = [(format!("{:064}", 7), None), set("one-more", "")];
        assert_eq!(attributes.apply(&in_place_of), Ok(()));
    }
}
