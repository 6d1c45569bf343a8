//! What each operation may answer besides its success, for the OpenAPI document.
//!
//! An operation names its codes; statuses, titles and schemas follow from them. Each status has one answer, whose
//! schema is [`Problem`] with the codes that this operation gives under it.

use std::collections::BTreeMap;

use dripline_shared::api::Problem;
use dripline_shared::error::Code;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use super::problem::PROBLEM_JSON;

/// What any operation may answer.
pub(super) const ANY: &[Code] = &[Code::Internal];
/// What any operation may answer that is throttled: all but those for the operator's machines.
pub(super) const THROTTLED: &[Code] = &[Code::RateLimited];
/// What any operation that reads the store may answer.
pub(super) const READS: &[Code] = &[Code::Overloaded, Code::StorageUnavailable];
/// What any operation that changes something may answer.
pub(super) const CHANGES: &[Code] = &[Code::Overloaded, Code::StorageUnavailable, Code::ShuttingDown];
/// What any operation with a JSON body may answer.
pub(super) const JSON: &[Code] = &[
    Code::UnsupportedMediaType,
    Code::BodyTooLarge,
    Code::RequestTimeout,
    Code::InvalidJson,
    Code::InvalidRequest,
];

/// Declares the problems of an operation: a type for `responses(…)` of `utoipa::path`.
macro_rules! problems {
    ($(#[$meta:meta])* $name:ident: [$($group:expr),*], $($code:ident),* $(,)?) => {
        $crate::http::answers::problems! {
            $(#[$meta])* $name: unthrottled [$crate::http::answers::THROTTLED $(, $group)*], $($code),*
        }
    };
    ($(#[$meta:meta])* $name:ident: unthrottled [$($group:expr),* $(,)?], $($code:ident),* $(,)?) => {
        $(#[$meta])*
        pub(super) struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses()
            -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
                let own: &[dripline_shared::error::Code] = &[$(dripline_shared::error::Code::$code),*];
                $crate::http::answers::documented(&[own, $crate::http::answers::ANY, $($group),*])
            }
        }
    };
}
pub(super) use problems;

/// The answers of these codes, by status.
pub(super) fn documented(groups: &[&[Code]]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in groups.iter().copied().flatten().copied() {
        let codes = by_status.entry(code.status()).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), answer(status, &codes).into())).collect()
}

fn answer(status: u16, codes: &[Code]) -> Response {
    let lines: Vec<String> =
        codes.iter().map(|code| format!("- `{}`: {}.", code.as_str(), code.title())).collect();
    let content = ContentBuilder::new().schema(Some(schema(codes))).build();
    let mut response = ResponseBuilder::new().description(lines.join("\n")).content(PROBLEM_JSON, content);
    if status == 429 || status == 503 {
        let seconds = HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(SchemaType::new(Type::Integer)).build()))
            .description(Some("After how many seconds it is worth trying again, where that is known."));
        response = response.header("Retry-After", seconds.build());
    }
    response.build()
}

/// [`Problem`], with one of these codes.
fn schema(codes: &[Code]) -> Schema {
    let one_of = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .enum_values(Some(codes.iter().map(|code| code.as_str())))
        .build();
    let narrowed = ObjectBuilder::new().property("code", one_of).required("code").build();
    AllOfBuilder::new().item(Ref::from_schema_name(Problem::name())).item(narrowed).build().into()
}

/// Makes sure that the document knows [`Problem`] and what it is made of.
pub(super) fn problem_schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    schemas
}
