//! The OpenAPI document: which operation a request is of, which answers it documents, and whether an answer fits.

use std::collections::BTreeMap;
use std::fmt;

use axum::http::Method;
use dripline_shared::error::Code;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::recorder::Exchange;

/// One documented answer of one operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Documented {
    pub(crate) operation: String,
    pub(crate) status: u16,
    /// Of a problem.
    pub(crate) code: Option<Code>,
}

impl fmt::Display for Documented {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.map_or("", |code| code.as_str());
        write!(formatter, "{} {} {code}", self.operation, self.status)
    }
}

/// The document.
#[derive(Debug)]
pub(crate) struct Document {
    json: Value,
    operations: Vec<Operation>,
}

#[derive(Debug)]
struct Operation {
    id: String,
    method: Method,
    /// The path's parts; `None` for a variable one.
    path: Vec<Option<String>>,
    request: Option<Validator>,
    answers: BTreeMap<u16, Answer>,
}

#[derive(Debug)]
struct Answer {
    content_type: String,
    schema: Option<Validator>,
    codes: Vec<Code>,
}

const METHODS: [(&str, Method); 3] = [("get", Method::GET), ("post", Method::POST), ("put", Method::PUT)];

impl Document {
    pub(crate) fn of(openapi: &impl serde::Serialize) -> Self {
        let json = serde_json::to_value(openapi).expect("the document is plain data");
        assert_eq!(json["openapi"].as_str().map(|version| &version[..4]), Some("3.1."));
        let mut document = Self { json, operations: Vec::new() };
        let paths = document.json["paths"].as_object().expect("it has paths");
        let mut operations = Vec::new();
        for (path, item) in paths {
            for (name, method) in METHODS {
                if let Some(operation) = item.get(name) {
                    operations.push(document.operation(path, method, operation));
                }
            }
        }
        document.operations = operations;
        document
    }

    fn operation(&self, path: &str, method: Method, json: &Value) -> Operation {
        let id = json["operationId"].as_str().expect("an operation has an id").to_owned();
        let parts = path.split('/').map(|part| (!part.starts_with('{')).then(|| part.to_owned())).collect();
        let request = json.pointer("/requestBody/content/application~1json/schema");
        let answers = json["responses"].as_object().expect("an operation has answers");
        let answers = answers
            .iter()
            .map(|(status, answer)| (status.parse().expect("a status"), self.answer(answer)))
            .collect();
        Operation { id, method, path: parts, request: request.map(|schema| self.validator(schema)), answers }
    }

    fn answer(&self, json: &Value) -> Answer {
        let content = json["content"].as_object().expect("an answer has a content");
        let (content_type, media) = content.iter().next().expect("of one type");
        let codes = media.pointer("/schema/allOf/1/properties/code/enum").and_then(Value::as_array);
        let codes =
            codes.into_iter().flatten().map(|code| serde_json::from_value(code.clone()).expect("a code"));
        let schema = content_type.ends_with("json").then(|| self.validator(&media["schema"]));
        Answer { content_type: content_type.clone(), schema, codes: codes.collect() }
    }

    /// A validator of a schema that may refer to the document's components.
    fn validator(&self, schema: &Value) -> Validator {
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": self.json["components"],
        });
        jsonschema::validator_for(&whole).unwrap_or_else(|error| panic!("{error}: {schema}"))
    }

    /// Every documented answer.
    pub(crate) fn answers(&self) -> Vec<Documented> {
        let mut all = Vec::new();
        for operation in &self.operations {
            for (status, answer) in &operation.answers {
                let one = |code| Documented { operation: operation.id.clone(), status: *status, code };
                if answer.codes.is_empty() {
                    all.push(one(None));
                }
                all.extend(answer.codes.iter().map(|code| one(Some(*code))));
            }
        }
        all
    }

    /// Checks an exchange; gives which documented answer it was.
    pub(crate) fn check(&self, exchange: &Exchange) -> Documented {
        let Exchange { method, path, body, answer } = exchange;
        let parts: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
        let operation = self.operations.iter().find(|operation| operation.is_of(method, &parts));
        let operation = operation.unwrap_or_else(|| panic!("{method} {path} is not documented"));
        let status = answer.status.as_u16();
        let documented = operation.answers.get(&status);
        let documented = documented.unwrap_or_else(|| panic!("{}: {answer} is not documented", operation.id));
        assert_eq!(answer.content_type(), documented.content_type, "{}: {answer}", operation.id);
        if let Some(schema) = &documented.schema {
            must_fit(schema, &answer.body, &format!("the answer of {}", operation.id));
        }
        if let (true, Some(schema)) = (answer.status.is_success(), &operation.request) {
            must_fit(schema, body, &format!("the request of {}", operation.id));
        }
        if let Some(problem) = answer.code().map(|_| answer.problem()) {
            assert_eq!(problem.status, status, "{answer}");
            assert_eq!(problem.reasons.first().map(|reason| reason.code), Some(problem.code), "{answer}");
            assert!(!problem.detail.is_empty() && !problem.title.is_empty(), "{answer}");
            let waits = answer.headers.get("retry-after").is_some();
            assert_eq!(waits, problem.retry_after_ms.is_some(), "{answer}");
        }
        Documented { operation: operation.id.clone(), status, code: answer.code() }
    }
}

impl Operation {
    fn is_of(&self, method: &Method, parts: &[&str]) -> bool {
        let same =
            |(ours, theirs): (&Option<String>, &&str)| ours.as_deref().is_none_or(|part| part == *theirs);
        self.method == *method && self.path.len() == parts.len() && self.path.iter().zip(parts).all(same)
    }
}

fn must_fit(schema: &Validator, body: &[u8], what: &str) {
    let value: Value = serde_json::from_slice(body).unwrap_or_else(|error| panic!("{what}: {error}"));
    let errors: Vec<String> =
        schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {}", errors.join("\n"));
}
