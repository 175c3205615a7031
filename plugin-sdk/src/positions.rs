//! Positions by text: a hash table that is filled once. Smaller in a component than the standard library's, which knows how to
//! grow and to remove.

/// Texts with a position each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Positions {
    entries: Vec<(Box<str>, usize)>,
    /// Indexes of entries, from 1; 0 is free. Open addressing: a text lies in the first free slot from its hash on. A power of two,
    /// at most half of it taken.
    slots: Vec<u32>,
}

impl Positions {
    /// Room for so many texts.
    pub(crate) fn for_at_most(texts: usize) -> Self {
        Self {
            entries: Vec::new(),
            slots: vec![0; (2 * texts + 1).next_power_of_two()],
        }
    }

    /// The position of a text.
    pub(crate) fn get(&self, text: &str) -> Option<usize> {
        match self.find(text) {
            Found::Entry(position) => Some(position),
            Found::Free(_) => None,
        }
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The position that the text has already, or notes this one.
    pub(crate) fn get_or_insert(&mut self, text: &str, position: usize) -> Option<usize> {
        let slot = match self.find(text) {
            Found::Entry(known) => return Some(known),
            Found::Free(slot) => slot,
        };
        self.entries.push((text.into(), position));
        if let (Some(slot), Ok(entry)) = (self.slots.get_mut(slot), u32::try_from(self.entries.len())) {
            *slot = entry;
        }
        None
    }

    fn find(&self, text: &str) -> Found {
        let mut slot = hash(text);
        loop {
            // No slots at all: an index that was never filled. `get` finds nothing either way.
            slot &= self.slots.len().wrapping_sub(1);
            let entry = self.slots.get(slot).copied().unwrap_or_default();
            let Some(entry) = (entry as usize).checked_sub(1) else {
                return Found::Free(slot);
            };
            match self.entries.get(entry) {
                Some((known, position)) if **known == *text => return Found::Entry(*position),
                _ => slot += 1,
            }
        }
    }
}

enum Found {
    Entry(usize),
    Free(usize),
}

/// FNV-1a: quick on short names. Texts come from the configuration alone, so nobody can provoke collisions.
fn hash(text: &str) -> usize {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // Where addresses have 32 bits, the upper half counts as well.
    (hash ^ hash >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_and_keep_their_first_position() {
        let mut positions = Positions::for_at_most(1_000);
        for n in 0..1_000 {
            assert_eq!(positions.get_or_insert(&n.to_string(), n), None);
        }
        for n in 0..1_000 {
            assert_eq!(positions.get_or_insert(&n.to_string(), 0), Some(n));
        }
        assert_eq!(positions.get("x"), None);
        assert_eq!(Positions::default().get("x"), None);
    }
}
