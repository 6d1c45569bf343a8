//! Texts of JSON, which the browser reads and writes. Serde's own reader and writer would be a fifteenth of the page, for the most part
//! tables by which they turn texts into fractions and back.

use js_sys::{Array, JSON, Object, Reflect};
use serde_json::{Map, Number, Value};
use wasm_bindgen::{JsCast, JsValue};

/// Whole numbers from here on cannot be told from their neighbours in a browser.
const NUMBER_END: f64 = 9_007_199_254_740_992.0;
/// How far in a text to be looked at stands what is within something, in blanks.
const INDENT: u32 = 2;

/// What a text says; `None` where it is no JSON.
pub(crate) fn read(text: &str) -> Option<Value> {
    JSON::parse(text).ok().map(|value| of_browser(&value))
}

/// A value as a text, for programs.
pub(crate) fn written(value: &Value) -> String {
    JSON::stringify(&to_browser(value)).map(String::from).unwrap_or_default()
}

/// A value as a text, to be looked at.
pub(crate) fn laid_out(value: &Value) -> String {
    let text = JSON::stringify_with_replacer_and_space(&to_browser(value), &JsValue::NULL, &INDENT.into());
    text.map(String::from).unwrap_or_default()
}

/// A value as the browser has it. What cannot be in JSON is null.
fn of_browser(value: &JsValue) -> Value {
    if let Some(text) = value.as_string() {
        Value::String(text)
    } else if let Some(number) = value.as_f64() {
        of_number(number)
    } else if let Some(truth) = value.as_bool() {
        Value::Bool(truth)
    } else if let Some(items) = value.dyn_ref::<Array>() {
        Value::Array(items.iter().map(|item| of_browser(&item)).collect())
    } else if let Some(fields) = value.dyn_ref::<Object>() {
        let mut object = Map::new();
        for key in Object::keys(fields).iter() {
            if let (Some(name), Ok(field)) = (key.as_string(), Reflect::get(fields, &key)) {
                object.insert(name, of_browser(&field));
            }
        }
        Value::Object(object)
    } else {
        Value::Null
    }
}

fn of_number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < NUMBER_END {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
        Value::Number(Number::from(number as i64))
    } else {
        Number::from_f64(number).map_or(Value::Null, Value::Number)
    }
}

/// A value for the browser.
pub(crate) fn to_browser(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(truth) => JsValue::from_bool(*truth),
        Value::Number(number) => number.as_f64().map_or(JsValue::NULL, JsValue::from_f64),
        Value::String(text) => JsValue::from_str(text),
        Value::Array(items) => {
            let array = Array::new();
            for item in items {
                array.push(&to_browser(item));
            }
            array.into()
        }
        Value::Object(fields) => {
            let object = Object::new();
            for (key, field) in fields {
                // Setting a field of a fresh object cannot fail.
                let _ = Reflect::set(&object, &JsValue::from_str(key), &to_browser(field));
            }
            object.into()
        }
    }
}
