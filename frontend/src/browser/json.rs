//! JSON through the browser's own parser and printer.

use dripline_shared::json::{FromJson, Json, NUMBER_END, ToJson};
use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A value of the browser's.
struct Value(JsValue);

/// Reads a value from its text; `None` where the text is not JSON, or not of the expected form.
pub(crate) fn parse<T: FromJson>(text: &str) -> Option<T> {
    T::from_json(&read(text)?)
}

/// Writes a value as text.
pub(crate) fn print<T: ToJson>(value: &T) -> Option<String> {
    write(&value.to_json())
}

fn read(text: &str) -> Option<Value> {
    JSON::parse(text).ok().map(Value)
}

fn write(value: &Value) -> Option<String> {
    JSON::stringify(&value.0).ok()?.as_string()
}

impl Json for Value {
    fn get(&self, key: &str) -> Self {
        // Refuses what is not an object. What objects inherit has no name of ours.
        Self(Reflect::get(&self.0, &key.into()).unwrap_or(JsValue::NULL))
    }

    fn keys(&self) -> Option<Vec<String>> {
        if !self.0.is_object() || self.length().is_some() {
            return None;
        }
        FromJson::from_json(&Self(Object::keys(self.0.unchecked_ref::<Object>()).into()))
    }

    fn length(&self) -> Option<u32> {
        Array::is_array(&self.0).then(|| self.0.unchecked_ref::<Array>().length())
    }

    fn item(&self, index: u32) -> Self {
        Self(self.0.unchecked_ref::<Array>().get(index))
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn number(&self) -> Option<u64> {
        let number = self.0.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            clippy::float_cmp,
            reason = "only what comes back the same is taken"
        )]
        let (whole, same) = (number as u64, number as u64 as f64 == number);
        (same && whole < NUMBER_END).then_some(whole)
    }

    fn truth(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn is_null(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    fn from_nothing() -> Self {
        Self(JsValue::NULL)
    }

    fn from_text(text: &str) -> Self {
        Self(text.into())
    }

    fn from_number(number: u64) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "what is kept was read, so it is below the end of numbers"
        )]
        Self(JsValue::from_f64(number as f64))
    }

    fn from_truth(truth: bool) -> Self {
        Self(truth.into())
    }

    fn list() -> Self {
        Self(Array::new().into())
    }

    fn push(&mut self, Self(value): Self) {
        self.0.unchecked_ref::<Array>().push(&value);
    }

    fn object() -> Self {
        // Without a prototype: on others, a field named `__proto__` is none.
        Self(Object::create(JsValue::NULL.unchecked_ref::<Object>()).into())
    }

    fn put(&mut self, key: &str, Self(value): Self) {
        // A fresh object takes every field.
        let _taken = Reflect::set(&self.0, &key.into(), &value);
    }
}
