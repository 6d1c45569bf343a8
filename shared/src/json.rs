//! JSON for the page: a thin typed layer over whatever has parsed the text.
//!
//! The browser parses and prints JSON itself; serde's code for the same was more than a tenth of the page. So the page reads
//! and writes through [`FromJson`] and [`ToJson`], over the browser's values; the server uses serde. Both understand the
//! same JSON: properties in `tests/properties/json.rs` compare them over [`serde_json::Value`] for every type.
//!
//! A type with named fields has one line of [`json_object!`](crate::json_object) next to it (those of [`crate::api`] are
//! in `json/wire.rs` and, for operators, in `json/operators.rs`). Unknown fields are ignored, and an `Option` that is missing
//! is `None`. What is not of the expected form gives `None`, without a reason: the page can do nothing about it. Everything is
//! generic over [`Json`], of which the page has one implementation, and what it never calls costs it nothing.

use std::collections::BTreeMap;
use std::str::FromStr;

#[cfg(feature = "operators")]
mod operators;
#[cfg(feature = "operators")]
mod operators_values;
mod tree;
mod wire;

/// The first whole number that cannot be told from its neighbour in JSON: browsers keep numbers as 64-bit floats.
pub const NUMBER_END: u64 = 1 << 53;

/// A JSON value, as somebody else's parser gives it and somebody else's printer takes it.
pub trait Json: Sized {
    /// The field of an object; something that is null where there is none.
    #[must_use]
    fn get(&self, key: &str) -> Self;
    /// The names of the fields, of an object.
    fn keys(&self) -> Option<Vec<String>>;
    /// The number of items, of a list.
    fn length(&self) -> Option<u32>;
    /// The item of a list; something that is null where there is none.
    #[must_use]
    fn item(&self, index: u32) -> Self;
    /// The text, of a text.
    fn text(&self) -> Option<String>;
    /// The number, of a whole number from 0 and below [`NUMBER_END`].
    fn number(&self) -> Option<u64>;
    /// The number, of a whole number whose absolute value is below [`NUMBER_END`], and of further ones where those too are kept
    /// apart. Where nothing below zero is ever read or written, there is no need for an own one of this, and of
    /// [`from_integer`](Self::from_integer).
    fn integer(&self) -> Option<i64> {
        self.number().and_then(|number| i64::try_from(number).ok())
    }
    /// The truth, of `true` or `false`.
    fn truth(&self) -> Option<bool>;
    /// Whether it is `null`, or is not there.
    fn is_null(&self) -> bool;

    /// `null`.
    fn from_nothing() -> Self;
    /// A text.
    fn from_text(text: &str) -> Self;
    /// A number.
    fn from_number(number: u64) -> Self;
    /// A number, which may be below zero.
    fn from_integer(number: i64) -> Self {
        u64::try_from(number).map_or_else(|_| Self::from_nothing(), Self::from_number)
    }
    /// `true` or `false`.
    fn from_truth(truth: bool) -> Self;
    /// A list without items.
    fn list() -> Self;
    /// Gives a list one more item.
    fn push(&mut self, value: Self);
    /// An object without fields.
    fn object() -> Self;
    /// Gives an object one more field.
    fn put(&mut self, key: &str, value: Self);
}

/// What can be read from JSON.
///
/// A value is filled in where it lies, from a blank: moving every field through an `Option` to its place would take
/// several times the code.
pub trait FromJson: Sized {
    /// Some value, to be filled in.
    const BLANK: Self;

    /// Fills in a blank. Where the JSON is not a value of this type, gives false, and what is in `self` means nothing.
    fn fill<J: Json>(&mut self, json: &J) -> bool;

    /// The value; `None` where the JSON is not one.
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        let mut value = Self::BLANK;
        value.fill(json).then_some(value)
    }
}

/// What can be written as JSON.
pub trait ToJson {
    /// As JSON.
    fn to_json<J: Json>(&self) -> J;

    /// Whether a field of this value is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// Reads a field of an object.
pub fn fill_field<J: Json, T: FromJson>(value: &mut T, json: &J, key: &str) -> bool {
    value.fill(&json.get(key))
}

/// Writes a field of an object.
pub fn put_field<J: Json, T: ToJson>(json: &mut J, key: &str, value: &T) {
    if !value.is_absent() {
        json.put(key, value.to_json());
    }
}

/// Puts what was read into its place, if it was.
pub(crate) fn fill_with<T>(place: &mut T, value: Option<T>) -> bool {
    let is_there = value.is_some();
    if let Some(value) = value {
        *place = value;
    }
    is_there
}

/// Reads the name of the one field of an object that has no other: how an enum with contents is written.
pub(crate) fn only_key<J: Json>(json: &J) -> Option<String> {
    let mut keys = json.keys()?;
    let only = keys.pop()?;
    keys.is_empty().then_some(only)
}

/// An object with one field.
pub(crate) fn one_field<J: Json, T: ToJson>(key: &str, value: &T) -> J {
    let mut object = J::object();
    object.put(key, value.to_json());
    object
}

/// Reads what is written as a text of its own.
pub(crate) fn fill_text<J: Json, T: FromStr>(value: &mut T, json: &J) -> bool {
    fill_with(value, json.text().and_then(|text| text.parse().ok()))
}

/// Reads one of some words.
pub(crate) fn fill_word<J: Json, T: Copy>(
    value: &mut T,
    json: &J,
    all: &[T],
    word: fn(T) -> &'static str,
) -> bool {
    let named = |text: String| all.iter().copied().find(|value| word(*value) == text);
    fill_with(value, json.text().and_then(named))
}

/// How a field is called in JSON: as in Rust, or as is said.
#[doc(hidden)]
#[macro_export]
macro_rules! json_key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}

/// Reads and writes a struct as an object of its fields, all of which are named here: `Name { one, two as "other" }`.
#[macro_export]
macro_rules! json_object {
    ($name:ident { $($field:ident $(as $key:literal)?),* $(,)? }) => {
        impl $crate::json::FromJson for $name {
            const BLANK: Self = Self { $($field: $crate::json::FromJson::BLANK,)* };

            fn fill<J: $crate::json::Json>(&mut self, json: &J) -> bool {
                // Every field, whatever came of those before: a branch after each would be code.
                true $(& $crate::json::fill_field(&mut self.$field, json, $crate::json_key!($field $($key)?)))*
            }
        }

        impl $crate::json::ToJson for $name {
            fn to_json<J: $crate::json::Json>(&self) -> J {
                let mut object = J::object();
                $($crate::json::put_field(&mut object, $crate::json_key!($field $($key)?), &self.$field);)*
                object
            }
        }
    };
}

/// Reads and writes a struct of one unnamed field as that field.
#[macro_export]
macro_rules! json_wrapper {
    ($name:ident) => {
        impl $crate::json::FromJson for $name {
            const BLANK: Self = Self($crate::json::FromJson::BLANK);

            fn fill<J: $crate::json::Json>(&mut self, json: &J) -> bool {
                self.0.fill(json)
            }
        }

        impl $crate::json::ToJson for $name {
            fn to_json<J: $crate::json::Json>(&self) -> J {
                self.0.to_json()
            }
        }
    };
}

/// Reads and writes a type as the text of its `FromStr` and `Display`.
macro_rules! json_text {
    ($name:ident, $blank:expr) => {
        impl $crate::json::FromJson for $name {
            const BLANK: Self = $blank;

            fn fill<J: $crate::json::Json>(&mut self, json: &J) -> bool {
                $crate::json::fill_text(self, json)
            }
        }

        impl $crate::json::ToJson for $name {
            fn to_json<J: $crate::json::Json>(&self) -> J {
                J::from_text(&self.to_string())
            }
        }
    };
}
pub(crate) use json_text;

/// Reads and writes an enum without contents as the word of its `as_str`, one of its `ALL`.
macro_rules! json_word {
    ($name:ident, $blank:expr) => {
        impl $crate::json::FromJson for $name {
            const BLANK: Self = $blank;

            fn fill<J: $crate::json::Json>(&mut self, json: &J) -> bool {
                $crate::json::fill_word(self, json, Self::ALL, Self::as_str)
            }
        }

        impl $crate::json::ToJson for $name {
            fn to_json<J: $crate::json::Json>(&self) -> J {
                J::from_text(self.as_str())
            }
        }
    };
}
pub(crate) use json_word;

macro_rules! json_numbers {
    ($($number:ident)*) => {
        $(
            impl FromJson for $number {
                const BLANK: Self = 0;

                fn fill<J: Json>(&mut self, json: &J) -> bool {
                    fill_with(self, json.number().and_then(|number| Self::try_from(number).ok()))
                }
            }

            impl ToJson for $number {
                fn to_json<J: Json>(&self) -> J {
                    J::from_number(u64::from(*self))
                }
            }
        )*
    };
}
json_numbers!(u8 u16 u32 u64);

impl FromJson for bool {
    const BLANK: Self = false;

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        fill_with(self, json.truth())
    }
}

impl ToJson for bool {
    fn to_json<J: Json>(&self) -> J {
        J::from_truth(*self)
    }
}

impl FromJson for String {
    const BLANK: Self = Self::new();

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        fill_with(self, json.text())
    }
}

impl ToJson for String {
    fn to_json<J: Json>(&self) -> J {
        J::from_text(self)
    }
}

impl<T: FromJson> FromJson for Option<T> {
    const BLANK: Self = None;

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        json.is_null() || self.insert(T::BLANK).fill(json)
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json<J: Json>(&self) -> J {
        self.as_ref().map_or_else(J::from_nothing, ToJson::to_json)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

fn list_of<T: ToJson, J: Json>(items: &[T]) -> J {
    let mut list = J::list();
    for item in items {
        list.push(item.to_json());
    }
    list
}

impl<T: FromJson> FromJson for Vec<T> {
    const BLANK: Self = Self::new();

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        let Some(length) = json.length() else { return false };
        (0..length).all(|index| {
            let mut item = T::BLANK;
            let is_good = item.fill(&json.item(index));
            self.push(item);
            is_good
        })
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json<J: Json>(&self) -> J {
        list_of(self)
    }
}

impl<T: FromJson, const N: usize> FromJson for [T; N] {
    const BLANK: Self = [const { T::BLANK }; N];

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        json.length().and_then(|length| usize::try_from(length).ok()) == Some(N)
            && (0..).zip(self).all(|(index, item)| item.fill(&json.item(index)))
    }
}

impl<T: ToJson, const N: usize> ToJson for [T; N] {
    fn to_json<J: Json>(&self) -> J {
        list_of(self)
    }
}

impl<T: FromJson> FromJson for BTreeMap<String, T> {
    const BLANK: Self = Self::new();

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        let Some(keys) = json.keys() else { return false };
        // One by one: to collect them would bring a sort, which is a kilobyte or two.
        keys.into_iter().all(|key| {
            let mut value = T::BLANK;
            let is_good = fill_field(&mut value, json, &key);
            self.insert(key, value);
            is_good
        })
    }
}

impl<T: ToJson> ToJson for BTreeMap<String, T> {
    fn to_json<J: Json>(&self) -> J {
        let mut object = J::object();
        for (key, value) in self {
            object.put(key, value.to_json());
        }
        object
    }
}
