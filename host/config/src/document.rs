//! One TOML text with the position of every key and value in it, so that problems found long after parsing still know
//! their line.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::error::{ConfigError, Location, Problem};

/// Where everything is in one file.
#[derive(Debug)]
pub(crate) struct Document {
    file: PathBuf,
    /// By JSON pointer: where the key is (for elements of an array: the value), and where the value is.
    positions: BTreeMap<String, (Position, Position)>,
}

/// Line and column, each starting at 1.
type Position = (u32, u32);

impl Document {
    pub(crate) fn index(file: &Path, text: &str, root: &DeTable<'_>) -> Arc<Self> {
        let mut document = Self {
            file: file.to_owned(),
            positions: BTreeMap::new(),
        };
        document.index_table(&Lines::new(text), "", root);
        Arc::new(document)
    }

    /// A text that is not TOML, or cannot be read: only the file itself can be named.
    pub(crate) fn empty(file: &Path) -> Arc<Self> {
        Arc::new(Self {
            file: file.to_owned(),
            positions: BTreeMap::new(),
        })
    }

    /// The value that a JSON pointer leads to, or the nearest one around it: a missing key is reported at its table.
    pub(crate) fn locate(&self, pointer: &str) -> Location {
        self.nearest(pointer, |(_, value)| value)
    }

    /// As [`Self::locate`], but the key in front of the value.
    fn locate_key(&self, pointer: &str) -> Location {
        self.nearest(pointer, |(key, _)| key)
    }

    pub(crate) fn has(&self, pointer: &str) -> bool {
        self.positions.contains_key(pointer)
    }

    fn keys(&self, table: &str) -> Vec<String> {
        let within = format!("{table}/");
        let below = self
            .positions
            .range(within.clone()..)
            .map_while(|(pointer, _)| pointer.strip_prefix(&within));
        below.filter(|key| !key.contains('/')).map(unescape).collect()
    }

    fn nearest(&self, pointer: &str, choose: impl Fn((Position, Position)) -> Position) -> Location {
        let mut pointer = pointer;
        let (line, column) = loop {
            if let Some(&positions) = self.positions.get(pointer) {
                break choose(positions);
            }
            match pointer.rsplit_once('/') {
                Some((around, _)) => pointer = around,
                None => break (1, 1),
            }
        };
        Location {
            file: self.file.clone(),
            line,
            column,
        }
    }

    fn index_table(&mut self, lines: &Lines<'_>, at: &str, table: &DeTable<'_>) {
        for (key, value) in table.iter() {
            let pointer = format!("{at}/{}", escape(key.get_ref()));
            self.index_value(lines, pointer, key.span(), value);
        }
    }

    fn index_value(&mut self, lines: &Lines<'_>, pointer: String, key: Range<usize>, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.index_table(lines, &pointer, table),
            DeValue::Array(array) => {
                for (index, element) in array.iter().enumerate() {
                    self.index_value(lines, format!("{pointer}/{index}"), element.span(), element);
                }
            }
            _ => {}
        }
        self.positions
            .insert(pointer, (lines.position(key.start), lines.position(value.span().start)));
    }
}

/// A key in a file, from which its line and its readable name follow.
#[derive(Clone, Debug)]
pub struct Place {
    document: Arc<Document>,
    path: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq)]
enum Segment {
    Key(String),
    Index(usize),
}

impl Place {
    pub(crate) fn root(document: Arc<Document>) -> Self {
        Self {
            document,
            path: Vec::new(),
        }
    }

    /// A key of this table.
    pub(crate) fn key(&self, key: &str) -> Self {
        self.child(Segment::Key(key.into()))
    }

    /// An element of this array.
    pub(crate) fn index(&self, index: usize) -> Self {
        self.child(Segment::Index(index))
    }

    pub(crate) fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// The keys that this table has in the file, be their values right or wrong.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.document.keys(&self.pointer())
    }

    /// Where the value is, or the nearest thing around it.
    pub fn location(&self) -> Location {
        self.document.locate(&self.pointer())
    }

    pub(crate) fn problem(&self, problem: Problem) -> ConfigError {
        ConfigError {
            location: self.location(),
            key: self.full_key(),
            problem,
        }
    }

    /// As [`Self::problem`], pointing at the key and not at its value.
    pub(crate) fn key_problem(&self, problem: Problem) -> ConfigError {
        ConfigError {
            location: self.document.locate_key(&self.pointer()),
            key: self.full_key(),
            problem,
        }
    }

    /// A value that does not mean what it must; the reason says what to write.
    pub(crate) fn bad_value(&self, reason: impl ToString) -> ConfigError {
        let (key, section) = self.key_and_section();
        self.problem(Problem::BadValue {
            key,
            section,
            reason: reason.to_string(),
        })
    }

    /// A key that is not a name.
    pub(crate) fn bad_key(&self, reason: impl ToString) -> ConfigError {
        let (key, section) = self.key_and_section();
        self.key_problem(Problem::BadValue {
            key,
            section,
            reason: reason.to_string(),
        })
    }

    /// For example `listener[0].trusted-proxies[1]`.
    pub(crate) fn full_key(&self) -> String {
        shown(&self.path)
    }

    /// For example `trusted-proxies[1]` and `in [[listener]]`.
    pub(crate) fn key_and_section(&self) -> (String, String) {
        let last_key = self
            .path
            .iter()
            .rposition(|segment| matches!(segment, Segment::Key(_)))
            .unwrap_or(0);
        let (table, key) = self.path.split_at_checked(last_key).unwrap_or((&self.path, &[]));
        (shown(key), section(table))
    }

    /// This table as a section, for example `in [plugins.router]`.
    pub(crate) fn section(&self) -> String {
        section(&self.path)
    }

    fn child(&self, segment: Segment) -> Self {
        let mut path = self.path.clone();
        path.push(segment);
        Self {
            document: Arc::clone(&self.document),
            path,
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for segment in &self.path {
            // Writing to a String cannot fail.
            let _ = match segment {
                Segment::Key(key) => write!(pointer, "/{}", escape(key)),
                Segment::Index(index) => write!(pointer, "/{index}"),
            };
        }
        pointer
    }
}

/// A value and the place where it was written.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub place: Place,
}

fn section(table: &[Segment]) -> String {
    match table {
        [] => "at the top level".into(),
        [names @ .., Segment::Index(_)] => format!("in [[{}]]", shown(names)),
        names => match names.iter().rposition(|segment| matches!(segment, Segment::Index(_))) {
            // A table within a list's element has no heading of its own.
            Some(index) => {
                let (element, within) = names.split_at(index + 1);
                format!("in `{}` {}", shown(within), section(element))
            }
            None => format!("in [{}]", shown(names)),
        },
    }
}

fn shown(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        let _ = match segment {
            Segment::Index(index) => write!(text, "[{index}]"),
            Segment::Key(key) => write!(
                text,
                "{}{}",
                if text.is_empty() { "" } else { "." },
                bare_or_quoted(key)
            ),
        };
    }
    text
}

/// A key as TOML would have it written.
fn bare_or_quoted(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { key.into() } else { format!("{key:?}") }
}

/// RFC 6901 §3.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unescape(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

/// Byte offsets to lines and columns.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(after_newlines).collect(),
        }
    }

    pub(crate) fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|&start| start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }
}
