//! Strict JSON: an object at the top, valid UTF-8, bounded depth, no key twice.
//!
//! Two readers may take different ones of two equal keys, so such a payload is refused.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::Rejection;

/// Reads `body`. Depth is bounded by the parser (128).
pub(super) fn parse(body: &[u8]) -> Result<Map<String, Value>, Rejection> {
    let wrong =
        |why: String| Rejection::new(400, "invalid_json", format!("the body is not valid JSON: {why}"));
    let text = std::str::from_utf8(body).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
    match serde_json::from_str::<Strict>(text) {
        Ok(Strict(Value::Object(map))) => Ok(map),
        Ok(_) => Err(wrong("the top must be an object".to_owned())),
        Err(error) => {
            let at = format!("line {}, column {}", error.line(), error.column());
            Err(wrong(match error.classify() {
                serde_json::error::Category::Data => format!("a key is given twice before {at}"),
                serde_json::error::Category::Eof => format!("it ends too early, at {at}"),
                _ => format!("it breaks at {at}"),
            }))
        }
    }
}

/// A value without equal keys.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = from.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = from.next_key::<String>()? {
            let Strict(value) = from.next_value()?;
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a key is given twice"));
            }
        }
        Ok(Value::Object(map))
    }
}
