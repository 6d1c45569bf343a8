//! What operators read and write that is no plain struct and no word: enums with contents, numbers below zero, any JSON.

use serde_json::{Map, Number, Value};

use super::{FromJson, Json, ToJson, fill_field, fill_with, put_field};
use crate::api::operate::By;
use crate::api::operate::proposals::ProposedAction;

impl FromJson for ProposedAction {
    const BLANK: Self = Self::Approve { withdrawal: FromJson::BLANK };

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        fn field<J: Json, T: FromJson>(json: &J, name: &str) -> Option<T> {
            T::from_json(&json.get(name))
        }
        let read = || {
            Some(match json.get("action").text()?.as_str() {
                "approve" => Self::Approve { withdrawal: field(json, "withdrawal")? },
                "import" => {
                    Self::Import { withdrawal: field(json, "withdrawal")?, request: field(json, "request")? }
                }
                "record" => Self::Record { rail: field(json, "rail")?, request: field(json, "request")? },
                "resume" => Self::Resume { rail: field(json, "rail")?, request: field(json, "request")? },
                "publish" => Self::Publish { request: field(json, "request")? },
                _ => return None,
            })
        };
        fill_with(self, read())
    }
}

impl ToJson for ProposedAction {
    fn to_json<J: Json>(&self) -> J {
        let mut object = J::object();
        let mut is = |action: &str| object.put("action", J::from_text(action));
        match self {
            Self::Approve { withdrawal } => {
                is("approve");
                put_field(&mut object, "withdrawal", withdrawal);
            }
            Self::Import { withdrawal, request } => {
                is("import");
                put_field(&mut object, "withdrawal", withdrawal);
                put_field(&mut object, "request", request);
            }
            Self::Record { rail, request } => {
                is("record");
                put_field(&mut object, "rail", rail);
                put_field(&mut object, "request", request);
            }
            Self::Resume { rail, request } => {
                is("resume");
                put_field(&mut object, "rail", rail);
                put_field(&mut object, "request", request);
            }
            Self::Publish { request } => {
                is("publish");
                put_field(&mut object, "request", request);
            }
        }
        object
    }
}

impl FromJson for By {
    const BLANK: Self = Self::Server;

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        let (mut id, mut name) = (String::new(), String::new());
        let has_name = fill_field(&mut id, json, "id") & fill_field(&mut name, json, "name");
        let read = match json.get("kind").text().as_deref() {
            Some("server") => Some(Self::Server),
            Some("file") => Some(Self::File),
            Some("command_line") => Some(Self::CommandLine),
            Some("operator") => has_name.then_some(Self::Operator { id, name }),
            Some("api_key") => has_name.then_some(Self::ApiKey { id, name }),
            Some("unknown") => Some(Self::Unknown),
            _ => None,
        };
        fill_with(self, read)
    }
}

impl ToJson for By {
    fn to_json<J: Json>(&self) -> J {
        let (kind, name) = match self {
            Self::Server => ("server", None),
            Self::File => ("file", None),
            Self::CommandLine => ("command_line", None),
            Self::Operator { id, name } => ("operator", Some((id, name))),
            Self::ApiKey { id, name } => ("api_key", Some((id, name))),
            Self::Unknown => ("unknown", None),
        };
        let mut object = J::object();
        object.put("kind", J::from_text(kind));
        if let Some((id, name)) = name {
            put_field(&mut object, "id", id);
            put_field(&mut object, "name", name);
        }
        object
    }
}

impl FromJson for i64 {
    const BLANK: Self = 0;

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        fill_with(self, json.integer())
    }
}

impl ToJson for i64 {
    fn to_json<J: Json>(&self) -> J {
        J::from_integer(*self)
    }
}

/// Whatever it is, but for fractions and numbers that are no [`i64`], which are refused.
impl FromJson for Value {
    const BLANK: Self = Self::Null;

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        let read = if json.is_null() {
            Some(Self::Null)
        } else if let Some(truth) = json.truth() {
            Some(Self::Bool(truth))
        } else if let Some(number) = json.integer() {
            Some(Self::Number(Number::from(number)))
        } else if let Some(text) = json.text() {
            Some(Self::String(text))
        } else if let Some(length) = json.length() {
            let items: Option<Vec<Self>> =
                (0..length).map(|index| FromJson::from_json(&json.item(index))).collect();
            items.map(Self::Array)
        } else {
            json.keys().and_then(|keys| {
                let field = |key: String| FromJson::from_json(&json.get(&key)).map(|value| (key, value));
                keys.into_iter().map(field).collect::<Option<Map<String, Self>>>().map(Self::Object)
            })
        };
        fill_with(self, read)
    }
}

impl ToJson for Value {
    fn to_json<J: Json>(&self) -> J {
        match self {
            Self::Null => J::from_nothing(),
            Self::Bool(truth) => J::from_truth(*truth),
            Self::Number(number) => number.as_i64().map_or_else(J::from_nothing, J::from_integer),
            Self::String(text) => J::from_text(text),
            Self::Array(items) => items.to_json(),
            Self::Object(fields) => {
                let mut object = J::object();
                for (key, value) in fields {
                    object.put(key, value.to_json());
                }
                object
            }
        }
    }
}
