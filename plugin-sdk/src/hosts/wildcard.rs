//! Patterns of literals, `*` and `?`: parsing, fitting, specificity, and whether two of them share a name.

use std::cmp::Reverse;

use super::pattern::{Captures, MAX_CAPTURES, MAX_LENGTH, PatternError};

/// An exact or a wildcard pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wildcard {
    /// Lower case, ASCII; `*` and `?` are never literal, since no host name has them.
    text: Box<str>,
    /// Where the first `*` or `?` is, if any.
    start: usize,
    literals: usize,
    stars: usize,
    ones: usize,
}

/// The more specific is the greater; fields in the order in which they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Specificity {
    literals: usize,
    stars: Reverse<usize>,
    ones: usize,
}

impl Wildcard {
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        let text = text.to_ascii_lowercase();
        if text.len() > MAX_LENGTH {
            return Err(PatternError::TooLong);
        }
        if text.contains(':') {
            return Err(PatternError::Port);
        }
        if let Some(c) = text.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(PatternError::Character(c));
        }
        if text.ends_with('.') {
            return Err(PatternError::TrailingDot);
        }
        let mut star_in_run = false;
        for byte in text.bytes() {
            if byte == b'*' && star_in_run {
                return Err(PatternError::AdjacentStars);
            }
            star_in_run = byte == b'*' || byte == b'?' && star_in_run;
        }
        let count = |wild: u8| text.bytes().filter(|byte| *byte == wild).count();
        let (stars, ones) = (count(b'*'), count(b'?'));
        if stars + ones > MAX_CAPTURES {
            return Err(PatternError::TooManyCaptures);
        }
        let start = text.find(['*', '?']).unwrap_or(text.len());
        Ok(Self {
            start,
            literals: text.len() - stars - ones,
            stars,
            ones,
            text: text.into(),
        })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn captures(&self) -> usize {
        self.stars + self.ones
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.captures() == 0
    }

    /// Whether every name fits.
    #[cfg(feature = "regex")]
    pub(crate) fn fits_all(&self) -> bool {
        &*self.text == "*"
    }

    pub(crate) fn specificity(&self) -> Specificity {
        Specificity {
            literals: self.literals,
            stars: Reverse(self.stars),
            ones: self.ones,
        }
    }

    /// The end of the pattern that consists of whole labels, its dot included, for example `.example.com` of
    /// `a*b.example.com`; empty if there is none. Every name that fits ends with it.
    pub(crate) fn literal_labels(&self) -> &str {
        let tail = self.text.rsplit(['*', '?']).next().unwrap_or_default();
        tail.find('.').and_then(|dot| tail.get(dot..)).unwrap_or_default()
    }

    /// What the wildcards stand for, if the name fits.
    ///
    /// A `*` takes as little as it can and is given more when what follows does not fit; only the last one met needs that,
    /// as an earlier one could only be given what the later can take too. At worst the lengths' product.
    pub(crate) fn fit<'h>(&self, host: &'h str) -> Option<Captures<'h>> {
        let pattern = self.text.as_bytes();
        if !host.as_bytes().starts_with(pattern.get(..self.start)?) {
            return None;
        }
        let mut captures = Captures::none(host);
        let (mut at, mut capture, mut h) = (self.start, 0, self.start);
        let mut star: Option<Star> = None;
        loop {
            let next = host.as_bytes().get(h);
            match (pattern.get(at), next) {
                (Some(b'*'), _) if at + 1 == pattern.len() => {
                    captures.set(capture, h..host.len());
                    return Some(captures);
                }
                (Some(b'*'), _) => {
                    captures.set(capture, h..h);
                    star = Some(Star {
                        after: at + 1,
                        capture,
                        start: h,
                        end: h,
                    });
                    (at, capture) = (at + 1, capture + 1);
                    continue;
                }
                (Some(b'?'), Some(_)) => {
                    let end = next_character(host, h);
                    captures.set(capture, h..end);
                    (at, capture, h) = (at + 1, capture + 1, end);
                    continue;
                }
                (Some(literal), Some(byte)) if literal == byte => {
                    (at, h) = (at + 1, h + 1);
                    continue;
                }
                (None, None) => return Some(captures),
                _ => {}
            }
            let star = star.as_mut().filter(|star| star.end < host.len())?;
            star.end = next_character(host, star.end);
            captures.set(star.capture, star.start..star.end);
            (at, capture, h) = (star.after, star.capture + 1, star.end);
        }
    }

    /// A name that fits both, if there is any.
    pub(crate) fn common_name(&self, other: &Self) -> Option<String> {
        let (a, b) = (self.text.as_bytes(), other.text.as_bytes());
        if self.is_apart(other) {
            return None;
        }
        // meets[i][j]: some string fits both a[i..] and b[j..]; filled from the ends.
        let width = b.len() + 1;
        let mut meets = vec![false; (a.len() + 1) * width];
        let met = |meets: &[bool], i: usize, j: usize| meets.get(i * width + j).copied().unwrap_or(false);
        for i in (0..=a.len()).rev() {
            for j in (0..=b.len()).rev() {
                let meeting = match (a.get(i), b.get(j)) {
                    (None, None) => true,
                    (x, y) => steps(x, y).any(|(di, dj, _)| met(&meets, i + di, j + dj)),
                };
                if let Some(slot) = meets.get_mut(i * width + j) {
                    *slot = meeting;
                }
            }
        }
        let mut name = met(&meets, 0, 0).then(String::new)?;
        let (mut i, mut j) = (0, 0);
        while let Some((di, dj, c)) = steps(a.get(i), b.get(j)).find(|(di, dj, _)| met(&meets, i + di, j + dj)) {
            name.extend(c.map(char::from));
            (i, j) = (i + di, j + dj);
        }
        Some(name)
    }

    /// A quick look that settles nearly every pair: their literal beginnings or ends already differ.
    fn is_apart(&self, other: &Self) -> bool {
        let is_wild = |c: &u8| matches!(c, b'*' | b'?');
        let differ = |(x, y): (&u8, &u8)| if is_wild(x) || is_wild(y) { None } else { Some(x != y) };
        let (a, b) = (self.text.as_bytes(), other.text.as_bytes());
        let start = a
            .iter()
            .zip(b)
            .map(differ)
            .map_while(|differs| differs)
            .any(|differs| differs);
        start
            || a.iter()
                .rev()
                .zip(b.iter().rev())
                .map(differ)
                .map_while(|differs| differs)
                .any(|differs| differs)
    }
}

/// The last `*` met while fitting: where to go on when it is given one character more.
struct Star {
    after: usize,
    capture: usize,
    start: usize,
    end: usize,
}

/// Where the character that starts at `at` ends. Stops at character boundaries: host names may be any UTF-8.
fn next_character(host: &str, at: usize) -> usize {
    (at + 1..host.len())
        .find(|&end| host.is_char_boundary(end))
        .unwrap_or(host.len())
}

/// Ways for two patterns to go on together: how far each moves, and the character of the name, if any.
fn steps(x: Option<&u8>, y: Option<&u8>) -> impl Iterator<Item = (usize, usize, Option<u8>)> {
    /// Stands for any character in an example.
    const ANY: u8 = b'a';
    let shown = |c: u8| if matches!(c, b'*' | b'?') { ANY } else { c };
    let ways = match (x.copied(), y.copied()) {
        (Some(b'*'), Some(b'*')) => [Some((1, 0, None)), Some((0, 1, None))],
        (Some(b'*'), Some(c)) => [Some((1, 0, None)), Some((0, 1, Some(shown(c))))],
        (Some(c), Some(b'*')) => [Some((0, 1, None)), Some((1, 0, Some(shown(c))))],
        (Some(b'*'), None) => [Some((1, 0, None)), None],
        (None, Some(b'*')) => [Some((0, 1, None)), None],
        (Some(b'?'), Some(c)) | (Some(c), Some(b'?')) => [Some((1, 1, Some(shown(c)))), None],
        (Some(c), Some(d)) if c == d => [Some((1, 1, Some(c))), None],
        _ => [None, None],
    };
    ways.into_iter().flatten()
}
