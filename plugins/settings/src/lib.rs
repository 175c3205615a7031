//! Reads a plugin's configuration key by key, and says what is wrong in words that name the key.
//!
//! Derived deserializers would do, but bring 50 KiB of code into each component: formatting of floating-point numbers,
//! mostly, for error messages.

mod json;

use std::fmt::Display;
use std::str::FromStr;

pub use json::Json;

/// An object whose keys are taken one after the other; what is left at the end is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(Vec<(String, Json)>);

impl Object {
    /// Reads a whole configuration.
    pub fn parse(json: &str) -> Result<Self, String> {
        Json::parse(json)?
            .object()
            .ok_or_else(|| "the configuration is no object".into())
    }

    /// Whatever the key holds.
    pub fn value(&mut self, key: &str) -> Option<Json> {
        let position = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.swap_remove(position).1)
    }

    /// A text.
    pub fn text(&mut self, key: &str) -> Result<Option<String>, String> {
        self.typed(key, "text", Json::text)
    }

    /// `true` or `false`; absent counts as `false`.
    pub fn flag(&mut self, key: &str) -> Result<bool, String> {
        Ok(self.typed(key, "boolean", Json::flag)?.unwrap_or(false))
    }

    /// A whole number that fits the type.
    pub fn integer<T: TryFrom<i64>>(&mut self, key: &str) -> Result<Option<T>, String> {
        self.typed(key, "whole number of this range", |json| {
            json.integer().and_then(|number| number.try_into().ok())
        })
    }

    /// An object.
    pub fn object(&mut self, key: &str) -> Result<Option<Self>, String> {
        self.typed(key, "object", Json::object)
    }

    /// A list.
    pub fn list(&mut self, key: &str) -> Result<Option<Vec<Json>>, String> {
        self.typed(key, "list", Json::list)
    }

    /// A text or a list of texts.
    pub fn texts(&mut self, key: &str) -> Result<Option<Vec<String>>, String> {
        self.typed(key, "text or list of texts", Json::texts)
    }

    /// A text that the type accepts.
    pub fn choice<T: FromStr<Err: Display>>(&mut self, key: &str) -> Result<Option<T>, String> {
        let parse = |text: String| text.parse().map_err(|error| format!("has {key:?} = {text:?}, {error}"));
        self.text(key)?.map(parse).transpose()
    }

    /// Refuses keys that nobody took, which is also what becomes of the second of two.
    pub fn finish(self) -> Result<(), String> {
        match self.0.first() {
            Some((key, _)) => Err(format!("has an unknown or a repeated key {key:?}")),
            None => Ok(()),
        }
    }

    fn typed<T>(
        &mut self,
        key: &str,
        kind: &str,
        convert: impl FnOnce(Json) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let Some(value) = self.value(key) else { return Ok(None) };
        convert(value)
            .map(Some)
            .ok_or_else(|| format!("has a {key:?} that is no {kind}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> Object {
        Object::parse(json).unwrap()
    }

    #[test]
    fn keys_are_taken_by_type_and_what_is_left_is_unknown() {
        let mut config = object(r#"{"a": "x", "b": true, "c": -3, "d": ["x", "y"], "e": {"f": null}, "g": 1.5}"#);
        assert_eq!(config.text("a"), Ok(Some("x".into())));
        assert_eq!(config.text("a"), Ok(None));
        assert_eq!(config.flag("b"), Ok(true));
        assert_eq!(config.flag("absent"), Ok(false));
        assert_eq!(config.integer::<i32>("c"), Ok(Some(-3)));
        assert_eq!(config.texts("d"), Ok(Some(vec!["x".into(), "y".into()])));
        assert_eq!(config.object("e").unwrap().unwrap().value("f"), Some(Json::Null));
        assert_eq!(
            config.clone().integer::<i32>("g"),
            Err("has a \"g\" that is no whole number of this range".into())
        );
        assert_eq!(config.finish(), Err("has an unknown or a repeated key \"g\"".into()));
    }

    #[test]
    fn a_value_of_another_type_is_refused_by_its_key() {
        let check = |json: &str, read: fn(&mut Object) -> Result<(), String>, expect: &str| {
            assert_eq!(read(&mut object(json)), Err(expect.to_owned()), "{json}");
        };
        check(
            r#"{"k": 1}"#,
            |o| o.text("k").map(|_| ()),
            "has a \"k\" that is no text",
        );
        check(
            r#"{"k": "true"}"#,
            |o| o.flag("k").map(|_| ()),
            "has a \"k\" that is no boolean",
        );
        check(
            r#"{"k": -1}"#,
            |o| o.integer::<u32>("k").map(|_| ()),
            "has a \"k\" that is no whole number of this range",
        );
        check(
            r#"{"k": ["a", 1]}"#,
            |o| o.texts("k").map(|_| ()),
            "has a \"k\" that is no text or list of texts",
        );
        check(
            r#"{"k": []}"#,
            |o| o.object("k").map(|_| ()),
            "has a \"k\" that is no object",
        );
        check(
            r#"{"k": {}}"#,
            |o| o.list("k").map(|_| ()),
            "has a \"k\" that is no list",
        );
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert_eq!(Object::parse("[]"), Err("the configuration is no object".into()));
        assert!(Object::parse("{").is_err());
    }

    #[test]
    fn a_repeated_key_is_refused_as_one_that_nobody_takes() {
        let mut config = object(r#"{"a": "x", "a": "y"}"#);
        assert_eq!(config.text("a"), Ok(Some("x".into())));
        assert_eq!(config.finish(), Err("has an unknown or a repeated key \"a\"".into()));
    }
}
