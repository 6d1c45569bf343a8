//! The cookie of a session, and that a request comes from the page that it is for.

use axum::http::header::{COOKIE, InvalidHeaderValue};
use axum::http::{HeaderMap, HeaderValue};
use dripline_shared::api::sign_in::CSRF_HEADER;
use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use dripline_shared::time::SECOND_MS;
use subtle::ConstantTimeEq;

use super::origin;
use crate::access::Token;
use crate::access::session::SESSION_MS;
use crate::faucet::OpenSession;
use crate::http::problem::Refused;

/// The cookie's name: by its beginning, browsers take it from this host alone, by an encrypted connection (or on this machine),
/// and for every path.
pub const COOKIE_NAME: &str = "__Host-dripline";
/// For whom browsers keep it: no other site's page has it sent, and no script reads it.
const COOKIE_FOR: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";

/// What the cookie of a request shows, if there is one that could be of a session.
pub(super) fn token_of(headers: &HeaderMap) -> Option<Token> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE_NAME)?.1.parse().ok()
}

/// What has a browser keep the cookie of a session.
pub(super) fn keep(token: &Token) -> Result<HeaderValue, InvalidHeaderValue> {
    let seconds = SESSION_MS.div_euclid(SECOND_MS);
    let mut value =
        HeaderValue::from_str(&format!("{COOKIE_NAME}={token}; Max-Age={seconds}; {COOKIE_FOR}"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What has a browser forget it.
pub(super) fn forget() -> Result<HeaderValue, InvalidHeaderValue> {
    HeaderValue::from_str(&format!("{COOKIE_NAME}=; Max-Age=0; {COOKIE_FOR}"))
}

/// Whether a request that would change something comes from the page of its session: it repeats what that page alone was told,
/// and its browser tells no other origin.
pub(super) fn is_from_its_page(headers: &HeaderMap, open: &OpenSession) -> Result<(), Refused> {
    let told = headers.get(CSRF_HEADER).and_then(|told| told.to_str().ok()?.parse::<Hash>().ok());
    if !told.is_some_and(|told| bool::from(told.0.ct_eq(&open.csrf.0))) {
        let message = "expected what csrf of /admin/v1/me says";
        return Err(Refused::about(Code::CsrfRefused, CSRF_HEADER, message));
    }
    if !origin::is_of(headers, &open.session.origin) {
        let message = format!("expected a page of {}", open.session.origin);
        return Err(Refused::about(Code::CsrfRefused, "origin", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token::new([1; 8], [2; 32])
    }

    #[test]
    fn the_cookie_that_is_kept_is_the_one_that_is_read() {
        let kept = keep(&token()).unwrap();
        let kept = kept.to_str().unwrap();
        for needed in
            ["__Host-dripline=", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=43200"]
        {
            assert!(kept.contains(needed), "{needed}: {kept}");
        }
        assert!(!kept.contains("Domain"), "{kept}");
        let (pair, _) = kept.split_once(';').unwrap();
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, format!("theme=dark; {pair}").parse().unwrap());
        assert_eq!(token_of(&headers), Some(token()));
    }

    #[test]
    fn other_cookies_are_none() {
        for text in ["", "dripline=1", "__Host-dripline=", "__Host-dripline=nonsense", "__host-dripline=x"] {
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, text.parse().unwrap());
            assert_eq!(token_of(&headers), None, "{text}");
        }
        assert_eq!(token_of(&HeaderMap::new()), None);
    }
}
