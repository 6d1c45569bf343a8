//! JSON for the page: a thin typed layer over whatever has parsed the text.
//!
//! The browser parses and prints JSON itself; serde's code for the same would be a tenth of the page. So the page reads
//! and writes through [`FromJson`] and [`ToJson`], over the browser's values; the server uses serde. Both understand the
//! same JSON: properties in `tests/properties/json.rs` compare them over [`serde_json::Value`] for every type.
//!
//! A type with named fields has one line of [`json_object!`](crate::json_object) next to it (those of [`crate::api`] are
//! in `json/wire.rs`). Unknown fields are ignored, and an `Option` that is missing is `None`. What is not of the
//! expected form gives `None`, without a reason: the page can do nothing about it. Everything is generic over [`Json`],
//! of which the page has one implementation, and what it never calls costs it nothing.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

mod tree;
mod wire;

/// The first whole number that cannot be told from its neighbour in JSON: browsers keep numbers as 64-bit floats.
pub const NUMBER_END: u64 = 1 << 53;

/// A JSON value, as somebody else's parser gives it and somebody else's printer takes it.
pub trait Json: Sized {
    /// The field of an object; `None` where there is none.
    fn get(&self, key: &str) -> Option<Self>;
    /// The text, of a text.
    fn text(&self) -> Option<String>;
    /// The number, of a whole number from 0 and below [`NUMBER_END`].
    fn number(&self) -> Option<u64>;
    /// The truth, of `true` or `false`.
    fn truth(&self) -> Option<bool>;
    /// The items, of a list.
    fn items(&self) -> Option<Vec<Self>>;
    /// The fields, of an object.
    fn entries(&self) -> Option<Vec<(String, Self)>>;
    /// Whether it is `null`.
    fn is_null(&self) -> bool;

    /// `null`.
    fn null() -> Self;
    /// A text.
    fn from_text(text: &str) -> Self;
    /// A number.
    fn from_number(number: u64) -> Self;
    /// `true` or `false`.
    fn from_truth(truth: bool) -> Self;
    /// A list.
    fn from_items(items: Vec<Self>) -> Self;
    /// An object without fields.
    fn object() -> Self;
    /// Gives an object a field more.
    fn put(&mut self, key: &str, value: Self);
}

/// What can be read from JSON.
pub trait FromJson: Sized {
    /// The value; `None` where the JSON is not one.
    fn from_json<J: Json>(json: &J) -> Option<Self>;

    /// The value of a field that is missing, where it may be.
    fn absent() -> Option<Self> {
        None
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
pub fn field<J: Json, T: FromJson>(json: &J, key: &str) -> Option<T> {
    match json.get(key) {
        Some(value) => T::from_json(&value),
        None => T::absent(),
    }
}

/// Writes a field of an object.
pub fn put_field<J: Json, T: ToJson>(json: &mut J, key: &str, value: &T) {
    if !value.is_absent() {
        json.put(key, value.to_json());
    }
}

/// Reads the one field of an object that has no other: how an enum with contents is written.
pub(crate) fn only_field<J: Json>(json: &J) -> Option<(String, J)> {
    let mut fields = json.entries()?;
    let only = fields.pop()?;
    fields.is_empty().then_some(only)
}

/// An object with one field.
pub(crate) fn one_field<J: Json, T: ToJson>(key: &str, value: &T) -> J {
    let mut object = J::object();
    object.put(key, value.to_json());
    object
}

/// Reads what is written as a text of its own.
pub(crate) fn read_text<J: Json, T: FromStr>(json: &J) -> Option<T> {
    json.text()?.parse().ok()
}

/// Writes what is written as a text of its own.
pub(crate) fn write_text<J: Json>(value: &impl Display) -> J {
    J::from_text(&value.to_string())
}

/// Reads one of some words.
pub(crate) fn read_word<J: Json, T: Copy>(json: &J, all: &[T], word: fn(T) -> &'static str) -> Option<T> {
    let text = json.text()?;
    all.iter().copied().find(|value| word(*value) == text)
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
            fn from_json<J: $crate::json::Json>(json: &J) -> Option<Self> {
                Some(Self { $($field: $crate::json::field(json, $crate::json_key!($field $($key)?))?,)* })
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
            fn from_json<J: $crate::json::Json>(json: &J) -> Option<Self> {
                $crate::json::FromJson::from_json(json).map(Self)
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
    ($name:ident) => {
        impl $crate::json::FromJson for $name {
            fn from_json<J: $crate::json::Json>(json: &J) -> Option<Self> {
                $crate::json::read_text(json)
            }
        }

        impl $crate::json::ToJson for $name {
            fn to_json<J: $crate::json::Json>(&self) -> J {
                $crate::json::write_text(self)
            }
        }
    };
}
pub(crate) use json_text;

/// Reads and writes an enum without contents as the word of its `as_str`, one of its `ALL`.
macro_rules! json_word {
    ($name:ident) => {
        impl $crate::json::FromJson for $name {
            fn from_json<J: $crate::json::Json>(json: &J) -> Option<Self> {
                $crate::json::read_word(json, Self::ALL, Self::as_str)
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
                fn from_json<J: Json>(json: &J) -> Option<Self> {
                    Self::try_from(json.number()?).ok()
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
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        json.truth()
    }
}

impl ToJson for bool {
    fn to_json<J: Json>(&self) -> J {
        J::from_truth(*self)
    }
}

impl FromJson for String {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        json.text()
    }
}

impl ToJson for String {
    fn to_json<J: Json>(&self) -> J {
        J::from_text(self)
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        if json.is_null() { Some(None) } else { T::from_json(json).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json<J: Json>(&self) -> J {
        self.as_ref().map_or_else(J::null, ToJson::to_json)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        json.items()?.iter().map(T::from_json).collect()
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json<J: Json>(&self) -> J {
        J::from_items(self.iter().map(ToJson::to_json).collect())
    }
}

impl<T: FromJson> FromJson for [T; 2] {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        match json.items()?.as_slice() {
            [one, two] => Some([T::from_json(one)?, T::from_json(two)?]),
            _ => None,
        }
    }
}

impl<T: ToJson> ToJson for [T; 2] {
    fn to_json<J: Json>(&self) -> J {
        J::from_items(self.iter().map(ToJson::to_json).collect())
    }
}

impl<T: FromJson> FromJson for BTreeMap<String, T> {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        // One by one: to collect them would bring a sort, which is a kilobyte or two.
        let mut map = Self::new();
        for (key, value) in json.entries()? {
            map.insert(key, T::from_json(&value)?);
        }
        Some(map)
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
