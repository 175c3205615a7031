//! Text components as NBT, which 1.20.3 and later take in place of JSON, from JSON and back.
//! <https://minecraft.wiki/w/Java_Edition_protocol/Data_types#Text_Component>

use serde_json::{Map, Number, Value};

use super::{
    BYTE, BYTE_ARRAY, COMPOUND, DOUBLE, END, FLOAT, INT, INT_ARRAY, LIST, LONG, LONG_ARRAY, SHORT, STRING, deeper,
    length,
};
use crate::{
    cursor::{Cursor, Stop},
    error::WireError,
};

/// Longest text that is turned into JSON, in bytes: some times what fits a screen, and small enough that its values, each many
/// times as large as its bytes, fit memory.
pub const MAX_TEXT_NBT_BYTES: usize = 1 << 16;

/// Levels that are turned into JSON: as many as its parser reads.
const MAX_TEXT_DEPTH: usize = 120;

/// Longest string of NBT in bytes.
const MAX_STRING_BYTES: usize = u16::MAX as usize;

/// Appends a component as a nameless tag. Its depth is bounded by the JSON parser's.
pub fn write_text(component: &Value, out: &mut Vec<u8>) {
    out.push(tag(component));
    write_value(component, out);
}

/// Reads a nameless tag that is all there is.
pub fn read_text(bytes: &[u8]) -> Result<Value, WireError> {
    if bytes.len() > MAX_TEXT_NBT_BYTES {
        return Err(WireError::StringTooLong {
            length: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            limit: MAX_TEXT_NBT_BYTES,
        });
    }
    let mut cursor = Cursor::whole(bytes);
    let tag = cursor.u8()?;
    let value = read_value(&mut cursor, tag, 0)?;
    cursor.finish()?;
    Ok(value)
}

fn tag(value: &Value) -> u8 {
    match value {
        Value::Bool(_) => BYTE,
        Value::Number(number) => match number.as_i64() {
            Some(number) if i32::try_from(number).is_ok() => INT,
            Some(_) => LONG,
            None => DOUBLE,
        },
        // Nothing stands for null: the empty text is what a client shows for it.
        Value::Null | Value::String(_) => STRING,
        Value::Array(_) => LIST,
        Value::Object(_) => COMPOUND,
    }
}

fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => write_string("", out),
        Value::Bool(value) => out.push((*value).into()),
        Value::Number(number) => match (number.as_i64(), tag(value)) {
            // The tag says that it fits.
            (Some(number), INT) => out.extend_from_slice(&(number as i32).to_be_bytes()),
            (Some(number), _) => out.extend_from_slice(&number.to_be_bytes()),
            (None, _) => out.extend_from_slice(&number.as_f64().unwrap_or_default().to_be_bytes()),
        },
        Value::String(text) => write_string(text, out),
        Value::Array(values) => write_list(values, out),
        Value::Object(object) => write_compound(object, out),
    }
}

/// All elements of a list have one tag. Components of different kinds become objects, which any component can be.
fn write_list(values: &[Value], out: &mut Vec<u8>) {
    let tags = values.iter().map(tag);
    let same = tags
        .clone()
        .next()
        .filter(|first| tags.clone().all(|tag| tag == *first));
    out.push(match (values, same) {
        ([], _) => END,
        (_, Some(tag)) => tag,
        (_, None) => COMPOUND,
    });
    out.extend_from_slice(&u32::try_from(values.len()).unwrap_or(u32::MAX).to_be_bytes());
    for value in values {
        match value {
            Value::Object(_) => write_value(value, out),
            _ if same.is_some() => write_value(value, out),
            _ => write_compound(&as_object(value), out),
        }
    }
}

fn as_object(component: &Value) -> Map<String, Value> {
    let text = |text: Value| ("text".to_owned(), text);
    match component {
        Value::Array(_) => Map::from_iter([
            text(Value::String(String::new())),
            ("extra".to_owned(), component.clone()),
        ]),
        Value::String(_) => Map::from_iter([text(component.clone())]),
        Value::Null => Map::from_iter([text(Value::String(String::new()))]),
        other => Map::from_iter([text(Value::String(other.to_string()))]),
    }
}

fn write_compound(object: &Map<String, Value>, out: &mut Vec<u8>) {
    for (key, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        out.push(tag(value));
        write_string(key, out);
        write_value(value, out);
    }
    out.push(END);
}

/// Java's own UTF-8: NUL is two bytes, and characters beyond 16 bits are two surrogates of three bytes each.
fn write_string(text: &str, out: &mut Vec<u8>) {
    let at = out.len();
    out.extend_from_slice(&[0, 0]);
    for character in text.chars() {
        let before = out.len();
        match character {
            '\0' => out.extend_from_slice(&[0xc0, 0x80]),
            '\u{10000}'.. => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let [high, middle, low] = [*unit >> 12, *unit >> 6 & 0x3f, *unit & 0x3f];
                    out.extend_from_slice(&[0xe0 | high as u8, 0x80 | middle as u8, 0x80 | low as u8]);
                }
            }
            _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        if out.len() - at - 2 > MAX_STRING_BYTES {
            out.truncate(before);
            break;
        }
    }
    let length = (out.len() - at - 2) as u16;
    if let Some(field) = out.get_mut(at..at + 2) {
        field.copy_from_slice(&length.to_be_bytes());
    }
}

fn read_value(cursor: &mut Cursor<'_>, tag: u8, depth: usize) -> Result<Value, Stop> {
    Ok(match tag {
        // Switches of a style, mostly.
        BYTE => match cursor.u8()? {
            0 => Value::Bool(false),
            1 => Value::Bool(true),
            other => Value::from(other as i8),
        },
        SHORT => Value::from(cursor.u16()?.cast_signed()),
        INT => Value::from(cursor.i32()?),
        LONG => Value::from(cursor.i64()?),
        FLOAT => number(f32::from_be_bytes(cursor.array()?).into()),
        DOUBLE => number(f64::from_be_bytes(cursor.array()?)),
        STRING => Value::String(read_string(cursor)?),
        BYTE_ARRAY => read_array(cursor, BYTE, depth)?,
        INT_ARRAY => read_array(cursor, INT, depth)?,
        LONG_ARRAY => read_array(cursor, LONG, depth)?,
        LIST => {
            let element = cursor.u8()?;
            read_array(cursor, element, deeper(depth, MAX_TEXT_DEPTH)?)?
        }
        COMPOUND => {
            let depth = deeper(depth, MAX_TEXT_DEPTH)?;
            let mut object = Map::new();
            loop {
                let tag = cursor.u8()?;
                if tag == END {
                    break Value::Object(object);
                }
                let key = read_string(cursor)?;
                object.insert(key, read_value(cursor, tag, depth)?);
            }
        }
        _ => return Err(WireError::BadNbt.into()),
    })
}

fn read_array(cursor: &mut Cursor<'_>, element: u8, depth: usize) -> Result<Value, Stop> {
    let count = length(cursor)?;
    // An element of no bytes could be repeated for ever.
    if element == END {
        return if count == 0 {
            Ok(Value::Array(Vec::new()))
        } else {
            Err(WireError::BadNbt.into())
        };
    }
    let values = (0..count).map(|_| read_value(cursor, element, depth).map(unwrapped));
    values.collect::<Result<_, _>>().map(Value::Array)
}

/// Elements of different kinds come as compounds with one nameless entry.
fn unwrapped(value: Value) -> Value {
    match value {
        Value::Object(mut object) if object.len() == 1 => object.remove("").unwrap_or(Value::Object(object)),
        value => value,
    }
}

fn number(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn read_string(cursor: &mut Cursor<'_>) -> Result<String, Stop> {
    let length = cursor.u16()?;
    let bytes = cursor.take(usize::from(length))?;
    if let Ok(text) = str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    // What is no UTF-8 has two-byte NULs or surrogates.
    let units = units(bytes).ok_or(WireError::NotUnicode)?;
    Ok(String::from_utf16(&units).map_err(|_| WireError::NotUnicode)?)
}

fn units(mut bytes: &[u8]) -> Option<Vec<u16>> {
    let mut units = Vec::with_capacity(bytes.len());
    let low = |byte: u8| (byte & 0xc0 == 0x80).then_some(u16::from(byte & 0x3f));
    while let Some((first, rest)) = bytes.split_first() {
        let (unit, rest) = match first {
            0..0x80 => (u16::from(*first), rest),
            0xc0..0xe0 => {
                let (last, rest) = rest.split_first()?;
                (u16::from(first & 0x1f) << 6 | low(*last)?, rest)
            }
            0xe0..0xf0 => {
                let ([middle, last], rest) = rest.split_first_chunk()?;
                (u16::from(first & 0x0f) << 12 | low(*middle)? << 6 | low(*last)?, rest)
            }
            _ => return None,
        };
        units.push(unit);
        bytes = rest;
    }
    Some(units)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(component: Value, expect: Value) {
        let mut out = Vec::new();
        write_text(&component, &mut out);
        assert_eq!(read_text(&out), Ok(expect), "{component}");
    }

    #[test]
    fn components_come_back() {
        for component in [
            json!("plain"),
            json!({"text": "a", "color": "red", "bold": true, "extra": [{"text": "b", "italic": false}]}),
            json!({"translate": "a.b", "with": ["one", "two"]}),
            json!({"text": "n", "hoverEvent": {"action": "show_entity", "contents": {"id": [1, -2, 3, 4]}}}),
            json!({"score": 1.5, "big": 5_000_000_000_i64}),
            json!({"text": "\0 ä € 😀"}),
            json!(["a", "b"]),
            json!({"extra": []}),
        ] {
            check(component.clone(), component);
        }
    }

    #[test]
    fn children_of_different_kinds_become_objects() {
        check(
            json!({"text": "", "extra": ["a", {"text": "b"}, 3, true, ["c", "d"], null]}),
            json!({"text": "", "extra": [
                {"text": "a"}, {"text": "b"}, {"text": "3"}, {"text": "true"}, {"text": "", "extra": ["c", "d"]}, {"text": ""},
            ]}),
        );
    }

    #[test]
    fn the_bytes_are_those_that_clients_read() {
        let mut out = Vec::new();
        write_text(&json!({"text": "a\0"}), &mut out);
        assert_eq!(out, b"\x0a\x08\0\x04text\0\x03a\xc0\x80\0");
        out.clear();
        write_text(&json!({"bold": true}), &mut out);
        assert_eq!(out, b"\x0a\x01\0\x04bold\x01\0");
        out.clear();
        write_text(&json!("😀"), &mut out);
        assert_eq!(out, b"\x08\0\x06\xed\xa0\xbd\xed\xb8\x80");
    }

    #[test]
    fn wrapped_elements_are_unwrapped() {
        let bytes = b"\x09\x0a\0\0\0\x02\x08\0\0\0\x01a\0\x08\0\x04text\0\x01b\0";
        assert_eq!(read_text(bytes), Ok(json!(["a", {"text": "b"}])));
    }

    #[test]
    fn what_cannot_be_text_is_refused() {
        let deep = [&[LIST][..], &[LIST, 0, 0, 0, 1].repeat(200)].concat();
        for (bytes, expect) in [
            (&[][..], WireError::Truncated),
            (&[13], WireError::BadNbt),
            (&[STRING, 0, 1], WireError::Truncated),
            (&[STRING, 0, 1, 0xff], WireError::NotUnicode),
            (&[STRING, 0, 3, 0xed, 0xa0, 0xbd], WireError::NotUnicode),
            (&[STRING, 0, 0, 9], WireError::TrailingBytes(1)),
            (&[LIST, END, 0x7f, 0xff, 0xff, 0xff], WireError::BadNbt),
            (&deep, WireError::NbtTooDeep { limit: MAX_TEXT_DEPTH }),
        ] {
            assert_eq!(read_text(bytes), Err(expect), "{bytes:02x?}");
        }
        let long = vec![STRING; MAX_TEXT_NBT_BYTES + 1];
        assert!(matches!(read_text(&long), Err(WireError::StringTooLong { .. })));
    }

    #[test]
    fn a_string_too_long_for_nbt_is_cut_between_characters() {
        let mut out = Vec::new();
        write_text(&Value::String("ä".repeat(40_000)), &mut out);
        assert_eq!(out.len(), 3 + 65_534);
    }
}
