//! JSON as `serde_json` holds it: for tests, which compare with serde, and for whoever is not in a browser.

use serde_json::{Map, Value};

use super::{Json, NUMBER_END};

impl Json for Value {
    fn get(&self, key: &str) -> Self {
        self.as_object().and_then(|fields| fields.get(key)).cloned().unwrap_or_default()
    }

    fn keys(&self) -> Option<Vec<String>> {
        self.as_object().map(|fields| fields.keys().cloned().collect())
    }

    fn length(&self) -> Option<u32> {
        u32::try_from(self.as_array()?.len()).ok()
    }

    fn item(&self, index: u32) -> Self {
        let items = self.as_array().map_or(&[][..], Vec::as_slice);
        usize::try_from(index).ok().and_then(|index| items.get(index)).cloned().unwrap_or_default()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<u64> {
        self.as_u64().filter(|number| *number < NUMBER_END)
    }

    fn integer(&self) -> Option<i64> {
        self.as_i64()
    }

    fn truth(&self) -> Option<bool> {
        self.as_bool()
    }

    fn is_null(&self) -> bool {
        self.is_null()
    }

    fn from_nothing() -> Self {
        Self::Null
    }

    fn from_text(text: &str) -> Self {
        text.into()
    }

    fn from_number(number: u64) -> Self {
        number.into()
    }

    fn from_integer(number: i64) -> Self {
        number.into()
    }

    fn from_truth(truth: bool) -> Self {
        truth.into()
    }

    fn list() -> Self {
        Self::Array(Vec::new())
    }

    fn push(&mut self, value: Self) {
        if let Some(items) = self.as_array_mut() {
            items.push(value);
        }
    }

    fn object() -> Self {
        Self::Object(Map::new())
    }

    fn put(&mut self, key: &str, value: Self) {
        if let Some(fields) = self.as_object_mut() {
            fields.insert(key.to_owned(), value);
        }
    }
}
