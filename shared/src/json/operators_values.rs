//! What operators read and write that is no plain struct and no word: enums with contents, numbers below zero, any JSON.

use serde_json::{Map, Number, Value};

use super::{FromJson, Json, ToJson, fill_field, fill_with, only_key, put_field};
use crate::api::operate::By;
use crate::api::operate::proposals::ProposedAction;
use crate::campaign::{Audience, Campaign};

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

impl FromJson for Campaign {
    const BLANK: Self = Self {
        id: String::new(),
        name: None,
        budget: FromJson::BLANK,
        starts_ms: None,
        ends_ms: None,
        levels: None,
        boost: None,
        pacing: false,
        newcomers: None,
        audience: Audience::Everybody,
        outflow: FromJson::BLANK,
    };

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        let Some(keys) = json.keys() else { return false };
        // What is left out is as in a campaign that does not say it.
        let is_there = |name: &str| keys.iter().any(|key| key == name);
        fill_field(&mut self.id, json, "id")
            & fill_field(&mut self.name, json, "name")
            & fill_field(&mut self.budget, json, "budget")
            & fill_field(&mut self.starts_ms, json, "starts_ms")
            & fill_field(&mut self.ends_ms, json, "ends_ms")
            & fill_field(&mut self.levels, json, "levels")
            & fill_field(&mut self.boost, json, "boost")
            & (!is_there("pacing") || fill_field(&mut self.pacing, json, "pacing"))
            & fill_field(&mut self.newcomers, json, "newcomers")
            & (!is_there("audience") || fill_field(&mut self.audience, json, "audience"))
            & fill_field(&mut self.outflow, json, "outflow")
    }
}

impl ToJson for Campaign {
    fn to_json<J: Json>(&self) -> J {
        let mut object = J::object();
        put_field(&mut object, "id", &self.id);
        put_field(&mut object, "name", &self.name);
        put_field(&mut object, "budget", &self.budget);
        put_field(&mut object, "starts_ms", &self.starts_ms);
        put_field(&mut object, "ends_ms", &self.ends_ms);
        put_field(&mut object, "levels", &self.levels);
        put_field(&mut object, "boost", &self.boost);
        put_field(&mut object, "pacing", &self.pacing.then_some(true));
        put_field(&mut object, "newcomers", &self.newcomers);
        put_field(&mut object, "audience", &self.audience);
        put_field(&mut object, "outflow", &self.outflow);
        object
    }
}

impl FromJson for Audience {
    const BLANK: Self = Self::Everybody;

    fn fill<J: Json>(&mut self, json: &J) -> bool {
        let read = match json.text().as_deref() {
            Some("everybody") => Some(Self::Everybody),
            Some("vouchers") => Some(Self::Vouchers),
            Some(_) => None,
            None => match only_key(json).as_deref() {
                Some("new_wallets") => u64::from_json(&json.get("new_wallets").get("within_ms"))
                    .map(|within_ms| Self::NewWallets { within_ms }),
                Some("site") => {
                    String::from_json(&json.get("site").get("site")).map(|site| Self::Site { site })
                }
                _ => None,
            },
        };
        fill_with(self, read)
    }
}

impl ToJson for Audience {
    fn to_json<J: Json>(&self) -> J {
        match self {
            Self::Everybody => J::from_text("everybody"),
            Self::Vouchers => J::from_text("vouchers"),
            Self::NewWallets { within_ms } => {
                let mut within = J::object();
                put_field(&mut within, "within_ms", within_ms);
                let mut object = J::object();
                object.put("new_wallets", within);
                object
            }
            Self::Site { site } => {
                let mut id = J::object();
                put_field(&mut id, "site", site);
                let mut object = J::object();
                object.put("site", id);
                object
            }
        }
    }

    fn is_absent(&self) -> bool {
        self.is_everybody()
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
