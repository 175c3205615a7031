//! A table of patterns in a configuration: a list of entries, each a pattern and a value side by side.

use super::pattern::{HostPattern, PatternError};
use super::table::HostTable;
use crate::config::{Absent, Config, Counted, Field, Json, Kinds, Reader, Rules, Schema, TableReader};

/// Most regular expressions: an ordinary one takes up to 0.05 ms, all may be asked at once, and a hook has 2 ms.
#[cfg(feature = "regex")]
const MAX_EXPRESSIONS: usize = 16;

const HOST: Field = Field {
    key: "host",
    description: "\"A host name without port; `*` stands for any run of characters, `?` for one. Case is ignored.\"",
    absent: Absent::Missing,
    rules: Rules::NONE,
    secret: false,
    schema: String::schema,
};

#[cfg(feature = "regex")]
const REGEX: Field = Field {
    key: "regex",
    description: "\"Whether `host` is a regular expression for the whole name. Asked after all other patterns.\"",
    absent: Absent::Json("false"),
    rules: Rules::NONE,
    secret: false,
    schema: bool::schema,
};

const PRIORITY: Field = Field {
    key: "priority",
    description: "\"Decides between patterns that are equally specific; the higher wins.\"",
    absent: Absent::Json("0"),
    rules: Rules::NONE,
    secret: false,
    schema: i32::schema,
};

#[cfg(feature = "regex")]
const KEYS: &[&Field] = &[&HOST, &REGEX, &PRIORITY];
#[cfg(not(feature = "regex"))]
const KEYS: &[&Field] = &[&HOST, &PRIORITY];

impl<T> Counted for HostTable<T> {}

impl<T: Config> Config for HostTable<T> {
    const KINDS: Kinds = Kinds::LIST;

    fn schema(schema: &mut Schema, rules: &Rules) {
        Vec::<Entry<T>>::schema(schema, rules);
    }

    fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
        let entries = Vec::<Entry<T>>::read(json, rules, reader)?;
        let entries: Vec<_> = entries
            .into_iter()
            .map(|Entry(pattern, value)| (pattern, value))
            .collect();
        #[cfg(feature = "regex")]
        {
            let expressions = entries.iter().filter(|(pattern, _)| pattern.is_expression()).count();
            if expressions > MAX_EXPRESSIONS {
                return reader.problem(format_args!(
                    "has {expressions} regular expressions; at most {MAX_EXPRESSIONS} are allowed"
                ));
            }
        }
        match Self::build(entries) {
            Ok(table) => Some(table),
            Err(clashes) => {
                for clash in clashes {
                    reader.problem::<()>(format_args!("{clash}"));
                }
                None
            }
        }
    }
}

struct Entry<T>(HostPattern, T);

impl<T: Config> Config for Entry<T> {
    const KINDS: Kinds = {
        assert!(
            T::KINDS.is_table(),
            "a HostTable's entries are tables: derive Config for a struct"
        );
        Kinds::TABLE
    };

    fn schema(schema: &mut Schema, _: &Rules) {
        schema.beside(KEYS, T::schema);
    }

    fn read(json: Json, _: &Rules, reader: &mut Reader) -> Option<Self> {
        let mut table = reader.entries(json)?;
        let pattern = pattern(&mut table, reader);
        // What cannot be counted should not be missed: without a pattern, its captures are not the problem.
        let captures = pattern
            .as_ref()
            .map_or(super::pattern::MAX_CAPTURES, HostPattern::captures);
        let outside = std::mem::replace(&mut reader.captures, captures);
        let value = T::read(Json::Table(table.rest()), &Rules::NONE, reader);
        reader.captures = outside;
        Some(Self(pattern?, value?))
    }
}

fn pattern(table: &mut TableReader, reader: &mut Reader) -> Option<HostPattern> {
    let host = table.field::<String>(&HOST, reader);
    let priority = table.field::<i32>(&PRIORITY, reader);
    #[cfg(feature = "regex")]
    let regex = table.field::<bool>(&REGEX, reader);
    #[cfg(not(feature = "regex"))]
    let regex = Some(false);
    let host = host?;
    match parse(&host, regex?, priority?) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let outside = reader.enter_key(HOST.key);
            reader.problem::<()>(format_args!("\"{host}\" {error}"));
            reader.leave(outside);
            None
        }
    }
}

#[cfg(feature = "regex")]
fn parse(host: &str, regex: bool, priority: i32) -> Result<HostPattern, PatternError> {
    match regex {
        true => HostPattern::expression(host, priority),
        false => HostPattern::literal(host, priority),
    }
}

#[cfg(not(feature = "regex"))]
fn parse(host: &str, _: bool, priority: i32) -> Result<HostPattern, PatternError> {
    HostPattern::literal(host, priority)
}
