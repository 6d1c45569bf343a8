//! From which page a request comes, as browsers tell it: pages of others cannot say otherwise.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;
use dripline_shared::error::Code;

use crate::access::Site;
use crate::http::problem::Refused;

/// Where browsers tell whether the page that asks is of the site that is asked.
const FETCH_SITE: &str = "sec-fetch-site";

/// The page that asks to sign somebody in: its origin must be one of those that operators use, and passkeys must work there.
pub(super) fn site(headers: &HeaderMap, allowed: &[String]) -> Result<Site, Refused> {
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()).unwrap_or_default();
    if !allowed.iter().any(|allowed| allowed == origin) {
        let message = format!("expected a page of {}", allowed.join(", "));
        return Err(Refused::about(Code::OriginRefused, "origin", message));
    }
    if !is_same_site(headers) {
        return Err(Refused::about(Code::OriginRefused, FETCH_SITE, "expected same-origin"));
    }
    Site::of(origin).map_err(Refused::from)
}

/// Whether a request is of this origin, as far as its browser tells: some tell one of the two, and programs neither.
pub(super) fn is_of(headers: &HeaderMap, origin: &str) -> bool {
    headers.get_all(ORIGIN).iter().all(|told| told.as_bytes() == origin.as_bytes()) && is_same_site(headers)
}

fn is_same_site(headers: &HeaderMap) -> bool {
    headers.get_all(FETCH_SITE).iter().all(|told| told.as_bytes() == b"same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(told: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in told {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn nobody_signs_in_from_elsewhere_or_where_passkeys_do_not_work() {
        let allowed = ["https://play.example".to_owned(), "http://127.0.0.1:8080".to_owned()];
        let code = |told: &[_]| site(&headers(told), &allowed).err().map(|refused| refused.0.code());
        assert_eq!(code(&[("origin", "https://play.example")]), None);
        assert_eq!(code(&[("origin", "https://play.example"), ("sec-fetch-site", "same-origin")]), None);
        for told in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://play.example.evil.example")],
            &[("origin", "http://play.example")],
            &[("origin", "https://play.example"), ("sec-fetch-site", "same-site")],
            &[("origin", "https://play.example"), ("sec-fetch-site", "cross-site")],
        ] {
            assert_eq!(code(told), Some(Code::OriginRefused), "{told:?}");
        }
        assert_eq!(code(&[("origin", "http://127.0.0.1:8080")]), Some(Code::PasskeysNeedDomain));
    }

    #[test]
    fn a_request_is_of_an_origin_unless_its_browser_tells_another_one() {
        let is_of = |told: &[_]| is_of(&headers(told), "https://play.example");
        assert!(is_of(&[]));
        assert!(is_of(&[("origin", "https://play.example"), ("sec-fetch-site", "same-origin")]));
        assert!(!is_of(&[("origin", "https://evil.example")]));
        assert!(!is_of(&[("origin", "https://play.example"), ("origin", "https://evil.example")]));
        assert!(!is_of(&[("origin", "null")]));
        for site in ["cross-site", "same-site", "none"] {
            assert!(!is_of(&[("sec-fetch-site", site)]), "{site}");
        }
    }
}
