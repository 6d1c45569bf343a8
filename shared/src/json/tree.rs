//! JSON as `serde_json` holds it: for tests, which compare with serde, and for whoever is not in a browser.

use serde_json::{Map, Value};

use super::{Json, NUMBER_END};

impl Json for Value {
    fn get(&self, key: &str) -> Option<Self> {
        self.as_object()?.get(key).cloned()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<u64> {
        self.as_u64().filter(|number| *number < NUMBER_END)
    }

    fn truth(&self) -> Option<bool> {
        self.as_bool()
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.as_array().cloned()
    }

    fn entries(&self) -> Option<Vec<(String, Self)>> {
        Some(self.as_object()?.clone().into_iter().collect())
    }

    fn is_null(&self) -> bool {
        self.is_null()
    }

    fn null() -> Self {
        Self::Null
    }

    fn from_text(text: &str) -> Self {
        text.into()
    }

    fn from_number(number: u64) -> Self {
        number.into()
    }

    fn from_truth(truth: bool) -> Self {
        truth.into()
    }

    fn from_items(items: Vec<Self>) -> Self {
        items.into()
    }

    fn object() -> Self {
        Map::new().into()
    }

    fn put(&mut self, key: &str, value: Self) {
        if let Some(fields) = self.as_object_mut() {
            fields.insert(key.to_owned(), value);
        }
    }
}
