//! What may be absent, and what there may be several of.

use std::collections::BTreeMap;
use std::ops::Deref;

use super::Config;
use super::fits::Shape;
use super::json::{Json, Kinds};
use super::reader::Reader;
use super::rules::Rules;
use super::schema::Schema;

impl<T: Config> Config for Option<T> {
    const KINDS: Kinds = T::KINDS;

    const SHAPE: Shape = T::SHAPE;

    fn schema(schema: &mut Schema, rules: &Rules) {
        T::schema(schema, rules);
    }

    fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
        T::read(json, rules, reader).map(Some)
    }

    const SECRET: bool = T::SECRET;

    const OPTIONAL: bool = true;

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Config> Config for Box<T> {
    const KINDS: Kinds = T::KINDS;

    const SHAPE: Shape = T::SHAPE;

    fn schema(schema: &mut Schema, rules: &Rules) {
        T::schema(schema, rules);
    }

    fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
        T::read(json, rules, reader).map(Box::new)
    }

    const SECRET: bool = T::SECRET;
}

impl<T: Config> Config for Vec<T> {
    const KINDS: Kinds = Kinds::LIST;

    const SHAPE: Shape = Shape::ListOf(&T::SHAPE);

    fn schema(schema: &mut Schema, rules: &Rules) {
        schema.kinds(Self::KINDS);
        count(schema, rules, ["minItems", "maxItems"]);
        schema.open("items");
        T::schema(schema, rules);
        schema.close();
    }

    fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
        let Json::List(elements) = json else {
            return reader.mismatch(&json, Self::KINDS);
        };
        counted(elements.len(), rules, reader)?;
        let (mut values, all) = (Vec::with_capacity(elements.len()), elements.len());
        for (index, json) in elements.into_iter().enumerate() {
            let outside = reader.enter_index(index);
            values.extend(T::read(json, rules, reader));
            reader.leave(outside);
        }
        (values.len() == all).then_some(values)
    }

    const SECRET: bool = T::SECRET;
}

impl<T: Config> Config for BTreeMap<String, T> {
    const KINDS: Kinds = Kinds::TABLE;

    const SHAPE: Shape = Shape::TableOf(&T::SHAPE);

    fn schema(schema: &mut Schema, rules: &Rules) {
        schema.kinds(Self::KINDS);
        count(schema, rules, ["minProperties", "maxProperties"]);
        schema.open("additionalProperties");
        T::schema(schema, rules);
        schema.close();
    }

    fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
        let Json::Table(entries) = json else {
            return reader.mismatch(&json, Self::KINDS);
        };
        counted(entries.len(), rules, reader)?;
        let (mut values, all) = (Self::new(), entries.len());
        for (key, json) in entries {
            let outside = reader.enter_key(&key);
            values.extend(T::read(json, rules, reader).map(|value| (key, value)));
            reader.leave(outside);
        }
        (values.len() == all).then_some(values)
    }
}

/// One value, or a list of them: `"lobby"` or `["lobby", "hub"]`. Never empty.
///
/// ```
/// use portcullis_sdk::config::{OneOrMany, parse};
///
/// let one: OneOrMany<String> = parse("\"lobby\"")?;
/// assert_eq!(*one, ["lobby"]);
/// # Ok::<(), portcullis_sdk::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMany<T>(Vec<T>);

impl<T> OneOrMany<T> {
    /// The values as a list.
    ///
    /// ```
    /// use portcullis_sdk::config::{OneOrMany, parse};
    ///
    /// assert_eq!(parse::<OneOrMany<u8>>("[1, 2]")?.into_vec(), [1, 2]);
    /// # Ok::<(), portcullis_sdk::Error>(())
    /// ```
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> Deref for OneOrMany<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T> IntoIterator for &'a OneOrMany<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: Config> Config for OneOrMany<T> {
    const KINDS: Kinds = Kinds::LIST.and(T::KINDS);

    const SHAPE: Shape = Shape::OneOrListOf(&T::SHAPE);

    fn schema(schema: &mut Schema, rules: &Rules) {
        schema.kinds(Self::KINDS);
        schema.open("if");
        schema.kinds(Kinds::LIST);
        schema.close();
        schema.open("then");
        Vec::<T>::schema(schema, &at_least_one(rules));
        schema.close();
        schema.open("else");
        T::schema(schema, rules);
        schema.close();
    }

    fn read(json: Json, rules: &Rules, reader: &mut Reader) -> Option<Self> {
        match json {
            list @ Json::List(_) => Vec::read(list, &at_least_one(rules), reader).map(Self),
            one if T::KINDS.has(&one) => T::read(one, rules, reader).map(|one| Self(vec![one])),
            other => reader.mismatch(&other, Self::KINDS),
        }
    }

    const SECRET: bool = T::SECRET;
}

fn at_least_one(rules: &Rules) -> Rules {
    Rules {
        min_items: Some(rules.min_items.unwrap_or(1)),
        ..*rules
    }
}

fn count(schema: &mut Schema, rules: &Rules, keywords: [&str; 2]) {
    for (keyword, items) in keywords.into_iter().zip([rules.min_items, rules.max_items]) {
        if let Some(items) = items {
            schema.keyword(keyword, &items.to_string());
        }
    }
}

fn counted(items: usize, rules: &Rules, reader: &mut Reader) -> Option<()> {
    match (rules.min_items, rules.max_items) {
        (Some(least), Some(most)) if items < least || items > most => {
            reader.problem(format_args!("has {items} elements; {least} to {most} are allowed"))
        }
        (Some(least), None) if items < least => {
            reader.problem(format_args!("has {items} elements; at least {least} are needed"))
        }
        (None, Some(most)) if items > most => {
            reader.problem(format_args!("has {items} elements; at most {most} are allowed"))
        }
        _ => Some(()),
    }
}
