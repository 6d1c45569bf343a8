//! Bodies: read whole, bounded in size and time, and either JSON of a known type or the bytes of a segment.
//!
//! Whatever is wrong with a body becomes a [`Refused`] with a stable code; a handler sees only bodies that are what
//! it asked for.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use dripline_shared::error::Code;
use dripline_shared::transcript::SEGMENT_BYTES_MAX;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::App;
use super::problem::Refused;

/// The longest JSON body, in bytes. The longest that is of use, a delegation with the bytes that its wallet signed, has about 3 KiB.
pub const JSON_BYTES_MAX: usize = 4_096;
/// The most that a refusal repeats of what it was sent, in characters.
const ECHO_MAX: usize = 200;

/// A JSON body of at most so many bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonBody<T, const BYTES_MAX: usize = JSON_BYTES_MAX>(pub(super) T);

/// The bytes of a segment.
#[derive(Debug, Clone)]
pub(super) struct SegmentBody(pub(super) Vec<u8>);

impl<T: DeserializeOwned, const BYTES_MAX: usize> FromRequest<App> for JsonBody<T, BYTES_MAX> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        expect_type(request.headers(), "application/json")?;
        let bytes = read(request, BYTES_MAX, app).await?;
        parse(&bytes).map(Self)
    }
}

impl FromRequest<App> for SegmentBody {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        expect_type(request.headers(), "application/octet-stream")?;
        read(request, SEGMENT_BYTES_MAX, app).await.map(Self)
    }
}

/// Refuses a body whose content type (parameters aside) is another one.
fn expect_type(headers: &HeaderMap, expected: &str) -> Result<(), Refused> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Refused::about(Code::UnsupportedMediaType, "content-type", format!("expected {expected}")))
}

/// Reads a body of at most `bytes_max`, within the time that there is for it.
async fn read(request: Request, bytes_max: usize, app: &App) -> Result<Vec<u8>, Refused> {
    let too_large = || Refused::new(Code::BodyTooLarge, format!("expected at most {bytes_max} bytes"));
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if declared.and_then(|text| text.parse().ok()).is_some_and(|length: u64| length > bytes_max as u64) {
        return Err(too_large());
    }
    let body = Limited::new(request.into_body(), bytes_max);
    match tokio::time::timeout(app.options.body_timeout, body.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes().to_vec()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Refused::new(Code::InvalidRequest, "the body could not be read to its end")),
        Err(_) => Err(Refused::new(
            Code::RequestTimeout,
            format!("expected the whole body within {} ms", app.options.body_timeout.as_millis()),
        )),
    }
}

/// Parses JSON: first as any JSON, whose nesting the parser bounds (128 levels; no body has that many), then as what is
/// expected, so that what is not JSON and what is not the right JSON have codes of their own.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    let body: Value = serde_json::from_slice(bytes)
        .map_err(|error| Refused::new(Code::InvalidJson, bounded(&error.to_string())))?;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let field = if field == "." { "body" } else { &field };
        Refused::about(code_of(field, &body), field, bounded(&error.inner().to_string()))
    })
}

/// The code for a field that is not what it should be: wallets and signatures that are text have codes of their own.
fn code_of(field: &str, body: &Value) -> Code {
    let is_text = body.get(field).is_some_and(Value::is_string);
    match field {
        "wallet" if is_text => Code::InvalidWallet,
        "signature" if is_text => Code::InvalidSignature,
        _ => Code::InvalidRequest,
    }
}

/// At most so much of a message that may repeat what a client sent.
fn bounded(message: &str) -> String {
    message.chars().take(ECHO_MAX).collect()
}

#[cfg(test)]
mod tests {
    use dripline_shared::api::{ClaimRequest, OpenRequest};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn refused(bytes: &[u8]) -> (Code, Option<String>) {
        let Refused(refusal) = parse::<ClaimRequest>(bytes).unwrap_err();
        (refusal.code(), refusal.reasons[0].subject.clone())
    }

    fn claim(round: &str, signature: &str) -> Vec<u8> {
        format!(r#"{{"round":{round},"signature":{signature}}}"#).into_bytes()
    }

    #[test]
    fn each_way_in_which_a_body_is_wrong_has_its_code_and_names_the_field() {
        let round = format!("\"{}\"", "0a".repeat(16));
        let signature = format!("\"{}\"", "1".repeat(64));
        assert!(parse::<ClaimRequest>(&claim(&round, &signature)).is_ok());
        let subject = |text: &str| Some(text.to_owned());
        let invalid = Code::InvalidRequest;
        assert_eq!(refused(&claim(&round, "\"0OIl\"")), (Code::InvalidSignature, subject("signature")));
        assert_eq!(refused(&claim(&round, "\"11\"")), (Code::InvalidSignature, subject("signature")));
        assert_eq!(refused(&claim(&round, "7")), (invalid, subject("signature")));
        assert_eq!(refused(&claim("\"0A\"", &signature)), (invalid, subject("round")));
        assert_eq!(refused(&claim(&"[".repeat(200), &signature)).0, Code::InvalidJson);
        assert_eq!(refused(b"{}"), (invalid, subject("body")));
        assert_eq!(refused(b"[1]").0, invalid);
        assert_eq!(refused(b"").0, Code::InvalidJson);
        assert_eq!(refused(b"{\"round\":").0, Code::InvalidJson);
        assert_eq!(refused(b"{} {}").0, Code::InvalidJson);
        assert_eq!(refused(b"\xff").0, Code::InvalidJson);
        assert_eq!(refused(b"{\"extra\":1}"), (invalid, subject("extra")));
    }

    #[test]
    fn a_wallet_that_is_not_one_has_its_code() {
        let Refused(refusal) = parse::<OpenRequest>(br#"{"wallet":"nonsense!"}"#).unwrap_err();
        assert_eq!(refusal.code(), Code::InvalidWallet);
    }

    #[test]
    fn a_refusal_repeats_little_of_what_it_was_sent() {
        let body = format!(r#"{{"{}":1}}"#, "x".repeat(3_000));
        let Refused(refusal) = parse::<ClaimRequest>(body.as_bytes()).unwrap_err();
        assert!(refusal.reasons[0].message.len() <= ECHO_MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_are_more_than_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(parse::<OpenRequest>(&bytes).is_err());
        }

        #[test]
        fn no_json_text_is_more_than_refused(text in r#"[\[\]{}",:0-9a-z\\ ]{0,200}"#) {
            prop_assert!(parse::<OpenRequest>(text.as_bytes()).is_err());
        }
    }
}
