//! JSON text components reduced to runs of text, for clients that take no JSON.
//! <https://minecraft.wiki/w/Text_component_format>

use serde_json::{Map, Value};

use super::{
    colour::Colour,
    style::{Decoration, Span, Style, push},
};

/// The component's text in the order it is shown. What cannot be shown without the client's own resources (translations
/// without a fallback, key bindings, scores) is shown by its name.
pub(super) fn flatten(component: &Value) -> Vec<Span> {
    let mut spans = Vec::new();
    append(component, Style::default(), &mut spans);
    spans
}

/// Recursion is bounded: the JSON parser refuses what is nested more than 128 deep.
fn append(component: &Value, outer: Style, spans: &mut Vec<Span>) {
    match component {
        Value::Null => {}
        Value::Bool(value) => push(spans, if *value { "true" } else { "false" }, outer),
        Value::Number(number) => push(spans, &number.to_string(), outer),
        Value::String(text) => push(spans, text, outer),
        // The first element is the parent of the others.
        Value::Array(components) => {
            let Some((first, others)) = components.split_first() else {
                return;
            };
            append(first, outer, spans);
            let inner = first.as_object().map_or(outer, |object| style(object, outer));
            others.iter().for_each(|other| append(other, inner, spans));
        }
        Value::Object(object) => {
            let style = style(object, outer);
            push(spans, content(object), style);
            let children = object.get("extra").and_then(Value::as_array);
            children
                .into_iter()
                .flatten()
                .for_each(|child| append(child, style, spans));
        }
    }
}

fn content(object: &Map<String, Value>) -> &str {
    ["text", "fallback", "translate", "keybind", "selector"]
        .iter()
        .find_map(|key| object.get(*key)?.as_str())
        .unwrap_or_default()
}

fn style(object: &Map<String, Value>, outer: Style) -> Style {
    let mut style = outer;
    match object.get("color").and_then(Value::as_str) {
        Some("reset") => style.colour = None,
        Some(colour) => style.colour = Colour::parse(colour).or(outer.colour),
        None => {}
    }
    for (decoration, name, _) in Decoration::ALL {
        // Older servers write booleans as strings.
        match object.get(name) {
            Some(Value::Bool(on)) => style.decorations.set(decoration, *on),
            Some(Value::String(on)) => style.decorations.set(decoration, on == "true"),
            _ => {}
        }
    }
    style
}

#[cfg(test)]
mod tests {
    use super::super::Text;

    #[track_caller]
    fn check(json: &str, legacy: &str) {
        assert_eq!(Text::json(json).unwrap().to_legacy(), legacy, "{json}");
    }

    #[test]
    fn children_inherit_their_parents_style() {
        check(r#""a""#, "a");
        check(
            r#"{"text":"a","color":"red","extra":["b",{"text":"c","color":"blue","bold":true},"d"]}"#,
            "§cab§9§lc§cd",
        );
        check(
            r#"[{"text":"a","italic":true},"b",{"text":"c","italic":false}]"#,
            "§oab§rc",
        );
        check(r#"["a",{"text":"b","color":"gold"},"c"]"#, "a§6b§rc");
        check(
            r#"{"text":"a","color":"red","extra":[{"text":"b","color":"reset"}]}"#,
            "§ca§rb",
        );
        check(r#"{"text":"a","bold":"true"}"#, "§la");
    }

    #[test]
    fn what_needs_the_clients_resources_is_shown_by_its_name() {
        check(
            r#"{"translate":"multiplayer.disconnect.kicked"}"#,
            "multiplayer.disconnect.kicked",
        );
        check(r#"{"translate":"x.y","fallback":"why"}"#, "why");
        check(r#"{"keybind":"key.jump"}"#, "key.jump");
    }

    #[test]
    fn odd_values_are_read_as_clients_read_them() {
        check("7", "7");
        check("true", "true");
        check(
            r#"{"text":"a","color":"no such colour","extra":[1,false,null]}"#,
            "a1false",
        );
        check("{}", "");
    }

    #[test]
    fn codes_inside_text_are_left_in_place() {
        check(r#"{"text":"§aHi"}"#, "§aHi");
    }
}
