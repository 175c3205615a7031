//! The JSON Schema of a configuration, written piece by piece into one text.

use super::Config;
use super::json::Kinds;
use super::rules::Rules;
use super::table::{Absent, Field, Table};

/// Tables in tables that are described; what lies deeper, in a type that holds itself, may be anything.
const MAX_DEPTH: u32 = 16;

/// A schema on its way: a JSON object whose end is open.
#[derive(Debug, Default)]
pub struct Schema {
    text: String,
    /// Keys that the table at hand must have.
    required: Vec<&'static str>,
    /// Lists of `required` of which the table at hand fulfils exactly one.
    exactly_one: Vec<&'static str>,
    /// Keys that the next table has beside its own.
    beside: &'static [&'static Field],
    depth: u32,
}

/// A variant of an enum that is no mere word.
#[derive(Debug)]
pub struct Alternative {
    pub(crate) kinds: Kinds,
    pub(crate) form: Form,
    schema: fn(&mut Schema, &Rules),
}

/// How a variant shows in a configuration.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// As a table with this key alone.
    Tagged(&'static str),
    /// As a table of its own, recognised by this key.
    WithKey(&'static str),
    /// As any value of its type.
    Untagged,
}

impl Alternative {
    /// A variant that holds a `T`.
    pub const fn of<T: Config>(form: Form) -> Self {
        Self {
            kinds: T::KINDS,
            form,
            schema: T::schema,
        }
    }
}

impl Schema {
    /// The schema of a whole configuration.
    pub(crate) fn of<T: Config>() -> String {
        let mut schema = Self {
            text: "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"".to_owned(),
            ..Self::default()
        };
        T::schema(&mut schema, &Rules::NONE);
        schema.text.push('}');
        schema.text
    }

    /// `"name": json`
    pub fn keyword(&mut self, name: &str, json: &str) {
        self.name(name);
        self.text.push_str(json);
    }

    /// `"name": "text"`; the text needs no escapes.
    pub fn word(&mut self, name: &str, text: &str) {
        self.name(name);
        self.quoted(text);
    }

    /// `"name": {`
    pub fn open(&mut self, name: &str) {
        self.name(name);
        self.text.push('{');
    }

    /// `}`
    pub fn close(&mut self) {
        self.text.push('}');
    }

    /// `"enum": [ … ]`
    pub fn words(&mut self, words: &[&str]) {
        self.name("enum");
        self.list(words);
    }

    /// `"examples": [ … ]`, for the host to show where a pattern does not fit.
    pub fn examples(&mut self, texts: &[&str]) {
        self.name("examples");
        self.list(texts);
    }

    /// The `type` that these kinds are.
    pub fn kinds(&mut self, kinds: Kinds) {
        self.name("type");
        let single = kinds.is_single();
        if !single {
            self.text.push('[');
        }
        for (kind, name, _) in Kinds::NAMES {
            if kinds.names(kind) {
                if !single {
                    self.separate();
                }
                self.quoted(name);
            }
        }
        if !single {
            self.text.push(']');
        }
    }

    /// Properties of the table at hand.
    pub fn fields(&mut self, fields: &[&Field]) {
        for field in fields {
            self.open(field.key);
            if !field.description.is_empty() {
                self.keyword("description", field.description);
            }
            if let Absent::Json(json) = field.absent {
                self.keyword("default", json);
            }
            if field.secret {
                self.keyword("writeOnly", "true");
            }
            (field.schema)(self, &field.rules);
            self.close();
            if matches!(field.absent, Absent::Missing) {
                self.required.push(field.key);
            }
        }
    }

    /// Of the keys in this list of `required`, the table at hand has exactly one.
    pub fn exactly_one(&mut self, json: &'static str) {
        self.exactly_one.push(json);
    }

    /// A table that has the keys of `T` and no others.
    pub fn table<T: Table>(&mut self) {
        self.closed(T::properties);
    }

    /// A table as `write` says, with more keys beside its own.
    pub(crate) fn beside(&mut self, fields: &'static [&'static Field], write: fn(&mut Self, &Rules)) {
        self.beside = fields;
        write(self, &Rules::NONE);
        self.beside = &[];
    }

    /// One of these words or alternatives: told apart by kind and by key before anything else is looked at, so that what is
    /// wrong is told of the alternative that was meant.
    pub fn alternatives(&mut self, kinds: Kinds, words: &[&str], alternatives: &[Alternative]) {
        if alternatives.is_empty() {
            return self.words(words);
        }
        let beside = std::mem::take(&mut self.beside);
        self.kinds(kinds);
        let (mut tables, mut texts, mut open) = (0, false, 0);
        for one in alternatives {
            let is_table = one.kinds.meets(Kinds::TABLE) || matches!(one.form, Form::Tagged(_));
            tables += u32::from(is_table);
            texts |= matches!(one.form, Form::Untagged) && one.kinds.meets(Kinds::TEXT);
        }
        if !words.is_empty() {
            self.open("if");
            if texts {
                self.words(words);
            } else {
                self.kinds(Kinds::TEXT);
            }
            self.close();
            self.open("then");
            self.words(words);
            self.close();
            self.open("else");
            open += 1;
        }
        // Those that are known by a key come first: what is untagged takes any value of its kinds.
        for keyed in [true, false] {
            for one in alternatives {
                let key = match one.form {
                    Form::Tagged(key) | Form::WithKey(key) => Some(key),
                    Form::Untagged => None,
                };
                if key.is_some() != keyed {
                    continue;
                }
                self.open("if");
                self.kinds(if keyed { Kinds::TABLE } else { one.kinds });
                tables = tables.saturating_sub(u32::from(keyed || one.kinds.meets(Kinds::TABLE)));
                if let (Some(key), 1..) = (key, tables) {
                    self.name("required");
                    self.list(&[key]);
                }
                self.close();
                self.open("then");
                if let Form::Tagged(key) = one.form {
                    self.tagged(key, one);
                } else {
                    self.beside = beside;
                    (one.schema)(self, &Rules::NONE);
                    self.beside = &[];
                }
                self.close();
                self.open("else");
                open += 1;
            }
        }
        for _ in 0..open {
            self.close();
        }
    }

    fn closed(&mut self, properties: fn(&mut Self)) {
        let beside = std::mem::take(&mut self.beside);
        if self.depth == MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let (outer_required, outer_one) = (
            std::mem::take(&mut self.required),
            std::mem::take(&mut self.exactly_one),
        );
        self.kinds(Kinds::TABLE);
        self.open("properties");
        self.fields(beside);
        properties(self);
        self.close();
        let required = std::mem::replace(&mut self.required, outer_required);
        if !required.is_empty() {
            self.name("required");
            self.list(&required);
        }
        let exactly_one = std::mem::replace(&mut self.exactly_one, outer_one);
        if !exactly_one.is_empty() {
            self.name("allOf");
            self.text.push('[');
            for cases in exactly_one {
                self.separate();
                self.text.push('{');
                self.keyword("oneOf", cases);
                self.text.push('}');
            }
            self.text.push(']');
        }
        self.keyword("additionalProperties", "false");
        self.depth -= 1;
    }

    fn tagged(&mut self, key: &'static str, one: &Alternative) {
        self.kinds(Kinds::TABLE);
        self.open("properties");
        self.open(key);
        (one.schema)(self, &Rules::NONE);
        self.close();
        self.close();
        self.name("required");
        self.list(&[key]);
        self.keyword("additionalProperties", "false");
    }

    /// The name of a key, with the comma that ends what stands before it.
    fn name(&mut self, name: &str) {
        self.separate();
        self.quoted(name);
        self.text.push(':');
    }

    fn list(&mut self, words: &[&str]) {
        self.text.push('[');
        for word in words {
            self.separate();
            self.quoted(word);
        }
        self.text.push(']');
    }

    fn separate(&mut self) {
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        self.text.push_str(text);
        self.text.push('"');
    }
}
