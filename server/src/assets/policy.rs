//! The content security policy of a page: everything from this origin, and of inline scripts only those that the page
//! was built with.

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The file of the console, which shows pages of this origin in frames.
const FRAMING: &str = "console.html";
/// The file of the one page that is shown in a frame, and by this origin only.
const FRAMED: &str = "console/watch.html";

/// The policy of the page in this file: the builder's inline module script, which starts the WebAssembly, is allowed by its hash.
pub(super) fn of_page(name: &str, page: &[u8]) -> HeaderValue {
    let frames = if name == FRAMING { "frame-src 'self'; " } else { "" };
    let ancestors = if name == FRAMED { "'self'" } else { "'none'" };
    let page = String::from_utf8_lossy(page);
    let mut scripts = vec!["'self'".to_owned(), "'wasm-unsafe-eval'".to_owned()];
    scripts.extend(inline_scripts(&page).map(|script| format!("'{}'", hash_source(script))));
    let scripts = scripts.join(" ");
    let policy = format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'none'; {frames}frame-ancestors {ancestors}"
    );
    // Base64 and the words above are all visible ASCII.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// What CSP calls a hash source: `sha256-…`.
fn hash_source(script: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(script)))
}

/// The contents of all `<script>` elements without a `src`, byte for byte as a browser hashes them. The page comes
/// from our own build: this reads what a page builder writes, not any HTML there can be.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script")?;
        let is_inline = !attributes.contains("src=") && !script.is_empty();
        is_inline.then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_allowed_by_their_hash_and_no_others() {
        let page =
            "<html><script type=\"module\">\nstart();\n</script><script src=\"/a.js\"></script></html>";
        assert_eq!(inline_scripts(page).collect::<Vec<_>>(), ["\nstart();\n"]);
        let policy = of_page("index.html", page.as_bytes());
        let policy = policy.to_str().unwrap();
        // `printf '\nstart();\n' | openssl dgst -sha256 -binary | base64`
        let hash = "'sha256-FflUquKLTOFZgk0+8VvCqtWVuUbHfg32FlrpTHo84aw='";
        assert!(policy.contains(hash), "{policy}");
        assert!(!policy.contains("unsafe-inline"));
    }

    #[test]
    fn a_page_without_inline_scripts_allows_none() {
        let policy = of_page("index.html", b"<html><script src=\"/a.js\"></script></html>");
        assert!(!policy.to_str().unwrap().contains("sha256"));
    }

    #[test]
    fn only_the_console_has_frames_and_only_the_watched_round_is_in_one() {
        for (name, frames, ancestors) in [
            ("index.html", false, "'none'"),
            ("console.html", true, "'none'"),
            ("console/watch.html", false, "'self'"),
            ("watch.html", false, "'none'"),
        ] {
            let policy = of_page(name, b"<html></html>");
            let policy = policy.to_str().unwrap();
            assert_eq!(policy.contains("frame-src 'self'"), frames, "{name}");
            assert!(policy.ends_with(&format!("; frame-ancestors {ancestors}")), "{policy}");
        }
    }
}
