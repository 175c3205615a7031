//! JSON as configurations need it: small rather than general, for it becomes part of every component.

/// Levels of lists and tables in each other; the parser calls itself for each.
const MAX_DEPTH: u32 = 64;

/// A JSON value. Numbers that are not whole stay text, so that only who wants them pays for reading them.
///
/// ```
/// use portcullis_sdk::config::Json;
///
/// let json = Json::parse(r#"["a", 1]"#)?;
/// assert_eq!(json, Json::List(vec![Json::Text("a".into()), Json::Whole(1)]));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`, which no configuration in TOML has.
    Null,
    /// `true` or `false`.
    Truth(bool),
    /// A whole number of 64 bits.
    Whole(i64),
    /// Any other number, as written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Keys and values, in the order of the text.
    Table(Vec<(String, Json)>),
}

/// Kinds of JSON values, any number of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

impl Json {
    /// Reads a whole text; the error says what is wrong at which byte.
    ///
    /// ```
    /// use portcullis_sdk::config::Json;
    ///
    /// assert_eq!(Json::parse("{"), Err("it is no JSON at byte 1".into()));
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let value = parser.value().ok_or_else(|| parser.complaint())?;
        parser.blanks();
        if parser.at < text.len() {
            return Err(parser.complaint());
        }
        Ok(value)
    }

    /// The kind of value it is. A whole number is of the kind of numbers, too.
    #[doc(hidden)]
    pub fn kind(&self) -> Kinds {
        match self {
            Self::Null => Kinds::NONE,
            Self::Truth(_) => Kinds::TRUTH,
            Self::Whole(_) => Kinds::WHOLE,
            Self::Number(_) => Kinds::NUMBER,
            Self::Text(_) => Kinds::TEXT,
            Self::List(_) => Kinds::LIST,
            Self::Table(_) => Kinds::TABLE,
        }
    }

    /// Whether it is a table with that key.
    #[doc(hidden)]
    pub fn has(&self, key: &str) -> bool {
        matches!(self, Self::Table(entries) if entries.iter().any(|(known, _)| known == key))
    }
}

impl Kinds {
    /// None: no value fits.
    pub const NONE: Self = Self(0);
    /// `true` and `false`.
    pub const TRUTH: Self = Self(1);
    /// Whole numbers.
    pub const WHOLE: Self = Self(2);
    /// All numbers that are not whole.
    pub const NUMBER: Self = Self(4);
    /// Texts.
    pub const TEXT: Self = Self(8);
    /// Lists.
    pub const LIST: Self = Self(16);
    /// Tables.
    pub const TABLE: Self = Self(32);

    /// Each kind with its name in a schema and in a message.
    pub(crate) const NAMES: [(Self, &'static str, &'static str); 6] = [
        (Self::TEXT, "string", "a text"),
        (Self::NUMBER, "number", "a number"),
        (Self::WHOLE, "integer", "a whole number"),
        (Self::TRUTH, "boolean", "true or false"),
        (Self::LIST, "array", "a list"),
        (Self::TABLE, "object", "a table"),
    ];

    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the value is of one of these kinds.
    pub fn has(self, json: &Json) -> bool {
        self.meets(json.kind())
    }

    /// Whether a list of these kinds has that one: a whole number is a number like any other.
    pub(crate) fn names(self, kind: Self) -> bool {
        self.meets(kind) && !(kind == Self::WHOLE && self.meets(Self::NUMBER))
    }

    /// Whether such a list has one element.
    pub(crate) fn is_single(self) -> bool {
        Self::NAMES.iter().filter(|(kind, ..)| self.names(*kind)).count() == 1
    }

    /// For a constant assertion: read from tables alone.
    pub(crate) const fn is_table(self) -> bool {
        self.0 == Self::TABLE.0
    }

    /// Whether they have a kind in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
}

impl Parser<'_> {
    fn value(&mut self) -> Option<Json> {
        self.blanks();
        match self.peek()? {
            b'{' => self.nested(Self::table),
            b'[' => self.nested(Self::list),
            b'"' => self.string().map(Json::Text),
            b't' => self.word("true", Json::Truth(true)),
            b'f' => self.word("false", Json::Truth(false)),
            b'n' => self.word("null", Json::Null),
            _ => self.number(),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Option<Json>) -> Option<Json> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Some(value)
    }

    fn table(&mut self) -> Option<Json> {
        let mut entries = Vec::new();
        if self.skip(b'}') {
            return Some(Json::Table(entries));
        }
        loop {
            self.blanks();
            let key = self.string()?;
            if !self.skip(b':') {
                return None;
            }
            entries.push((key, self.value()?));
            if self.skip(b'}') {
                return Some(Json::Table(entries));
            }
            if !self.skip(b',') {
                return None;
            }
        }
    }

    fn list(&mut self) -> Option<Json> {
        let mut values = Vec::new();
        if self.skip(b']') {
            return Some(Json::List(values));
        }
        loop {
            values.push(self.value()?);
            if self.skip(b']') {
                return Some(Json::List(values));
            }
            if !self.skip(b',') {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        if self.peek()? != b'"' {
            return None;
        }
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let plain = rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ')?;
            text.push_str(rest.get(..plain)?);
            self.at += plain;
            match self.next()? {
                b'"' => return Some(text),
                b'\\' => text.push(self.escaped()?),
                _ => {
                    self.at -= 1;
                    return None;
                }
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        Some(match self.next()? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let unit = self.unit()?;
                // A pair of surrogates, or a character of its own (RFC 8259, section 7).
                if (0xd800..0xdc00).contains(&unit) {
                    let low = (self.next()? == b'\\' && self.next()? == b'u').then(|| self.unit())??;
                    let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                    char::from_u32(0x10000 + ((unit - 0xd800) << 10) + low)?
                } else {
                    char::from_u32(unit)?
                }
            }
            other @ (b'"' | b'\\' | b'/') => char::from(other),
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Option<Json> {
        let rest = self.text.get(self.at..)?;
        let length = rest
            .find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        let digits = rest
            .get(..length)
            .filter(|digits| digits.contains(|c: char| c.is_ascii_digit()))?;
        self.at += length;
        Some(
            digits
                .parse()
                .map_or_else(|_| Json::Number(digits.to_owned()), Json::Whole),
        )
    }

    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        let found = self.text.get(self.at..)?.starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found.then_some(value)
    }

    /// Skips blanks and then this byte, if it is there.
    fn skip(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn complaint(&self) -> String {
        if self.depth > MAX_DEPTH {
            return format!("lists and tables are nested more than {MAX_DEPTH} deep");
        }
        format!("it is no JSON at byte {}", self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_read() {
        let check = |text: &str, expect: Json| assert_eq!(Json::parse(text), Ok(expect), "{text}");
        let text = |text: &str| Json::Text(text.to_owned());
        check(" null ", Json::Null);
        check("true", Json::Truth(true));
        check("-12", Json::Whole(-12));
        check("9223372036854775808", Json::Number("9223372036854775808".into()));
        check("1.5e3", Json::Number("1.5e3".into()));
        check(r#""a\"\\\/\n\u00e9\ud83d\ude00é""#, text("a\"\\/\né😀é"));
        check(
            "[1, [], {}]",
            Json::List(vec![Json::Whole(1), Json::List(vec![]), Json::Table(vec![])]),
        );
        check(r#"{ "a" : "b" }"#, Json::Table(vec![("a".into(), text("b"))]));
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        let check = |text: &str, at: usize| {
            assert_eq!(Json::parse(text), Err(format!("it is no JSON at byte {at}")), "{text}");
        };
        check("", 0);
        check("{", 1);
        check("[1 2]", 3);
        check("{\"a\" 1}", 5);
        check("tru", 0);
        check("1 1", 2);
        check("\"\n\"", 1);
        check("-", 0);
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::parse(&nested(64)).is_ok());
        assert_eq!(
            Json::parse(&nested(65)),
            Err("lists and tables are nested more than 64 deep".into())
        );
    }
}
