//! The pages inside the binary: which files there are, and how each is handed out.
//!
//! Files are embedded from `dist/` at the workspace's root, where the page is built; `file.br` and `file.gz` beside a
//! file are its compressed forms. A server that was built without pages compiles and says so when asked for one.

mod kept;
mod negotiate;
mod policy;

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub use kept::Kept;
pub(crate) use negotiate::{Accepted, accepts_html};

/// The page that every route of the player's page begins with.
const INDEX: &str = "index.html";
/// How many hexadecimal digits in a file's name make it the name of its content.
const HASH_DIGITS_MIN: usize = 12;

#[derive(rust_embed::RustEmbed)]
// Relative to this package.
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

/// All files, ready to be sent.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    files: BTreeMap<String, Asset>,
}

/// A file with its headers and its forms.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    /// Its media type.
    pub(crate) content_type: HeaderValue,
    /// A weak validator: the same for all forms.
    pub(crate) etag: HeaderValue,
    /// Whether its name changes with its content.
    pub(crate) immutable: bool,
    /// The content security policy, for pages.
    pub(crate) policy: Option<HeaderValue>,
    /// As it is.
    pub(crate) plain: Bytes,
    /// Compressed with Brotli.
    pub(crate) brotli: Option<Bytes>,
    /// Compressed with gzip.
    pub(crate) gzip: Option<Bytes>,
}

impl Asset {
    /// A file of this name that has no other forms and is no page.
    fn alone(name: &str, plain: Bytes) -> Self {
        Self {
            content_type: content_type(name),
            etag: etag(&Sha256::digest(&plain).into()),
            immutable: is_named_by_content(name),
            policy: None,
            plain,
            brotli: None,
            gzip: None,
        }
    }
}

impl Assets {
    /// The files that were embedded when the server was built (a debug build reads them from `dist/` now).
    pub fn embedded() -> Self {
        let names: Vec<Cow<'static, str>> = Dist::iter().collect();
        Self::of(names.into_iter().filter_map(|name| {
            let file = Dist::get(&name)?;
            let bytes = match file.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            // As it was computed when the server was built: whoever reads all files brings all of them into memory.
            Some((name.into_owned(), (bytes, file.metadata.sha256_hash())))
        }))
    }

    /// These files, by their paths without a leading `/`.
    pub fn new(files: impl IntoIterator<Item = (String, Bytes)>) -> Self {
        let with_digest = |(name, bytes): (String, Bytes)| {
            let digest = Sha256::digest(&bytes).into();
            (name, (bytes, digest))
        };
        Self::of(files.into_iter().map(with_digest))
    }

    /// As [`new`](Self::new), with the digest (SHA-256) of each.
    fn of(files: impl IntoIterator<Item = (String, (Bytes, [u8; 32]))>) -> Self {
        let contents: BTreeMap<String, (Bytes, [u8; 32])> = files.into_iter().collect();
        let compressed = |name: &str, suffix: &str| {
            contents.get(&format!("{name}{suffix}")).map(|(bytes, _)| bytes.clone())
        };
        let files = contents
            .iter()
            .filter(|(name, _)| !is_compressed(name, &contents))
            .map(|(name, (plain, digest))| {
                let asset = Asset {
                    content_type: content_type(name),
                    etag: etag(digest),
                    immutable: is_named_by_content(name),
                    policy: has_extension(name, "html").then(|| policy::of_page(name, plain)),
                    plain: plain.clone(),
                    brotli: compressed(name, ".br"),
                    gzip: compressed(name, ".gz"),
                };
                (name.clone(), asset)
            })
            .collect();
        Self { files }
    }

    /// The file at a path, without its leading `/`.
    pub(crate) fn get(&self, path: &str) -> Option<&Asset> {
        self.files.get(path)
    }

    /// The page of its own at a path without its leading `/`: `ledger.html` is at `ledger`.
    pub(crate) fn page(&self, path: &str) -> Option<&Asset> {
        if path.contains('.') { None } else { self.get(&format!("{path}.html")) }
    }

    /// The player's page.
    pub(crate) fn index(&self) -> Option<&Asset> {
        self.get(INDEX)
    }
}

/// Whether a file is the compressed form of another.
fn is_compressed<T>(name: &str, contents: &BTreeMap<String, T>) -> bool {
    let base = name.strip_suffix(".br").or_else(|| name.strip_suffix(".gz"));
    base.is_some_and(|base| contents.contains_key(base))
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, given)| given.eq_ignore_ascii_case(extension))
}

/// The media type by the file's extension; texts are UTF-8.
fn content_type(name: &str) -> HeaderValue {
    // A module is a script like any other (RFC 9239, section 6).
    let extension =
        if has_extension(name, "mjs") { "js" } else { name.rsplit('.').next().unwrap_or_default() };
    let media_type = mime_guess::from_ext(extension).first_or_octet_stream();
    let text = if media_type.type_() == "text" {
        format!("{media_type}; charset=utf-8")
    } else {
        media_type.to_string()
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// A weak validator, by the digest of the content.
fn etag(digest: &[u8; 32]) -> HeaderValue {
    let digest = URL_SAFE_NO_PAD.encode(&digest[..16]);
    HeaderValue::from_str(&format!("W/\"{digest}\"")).unwrap_or(HeaderValue::from_static("W/\"\""))
}

/// Whether a part of the file's name is a digest: `main-1f2e3d4c5b6a7988.css`.
fn is_named_by_content(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|part| {
        part.len() >= HASH_DIGITS_MIN
            && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_forms_belong_to_their_file() {
        let names = ["app.js", "app.js.br", "app.js.gz", "lonely.br"];
        let assets = Assets::new(names.map(|name| (name.to_owned(), Bytes::from(name))));
        let script = assets.get("app.js").unwrap();
        assert_eq!(script.brotli.as_deref(), Some(&b"app.js.br"[..]));
        assert_eq!(script.gzip.as_deref(), Some(&b"app.js.gz"[..]));
        assert!(assets.get("app.js.br").is_none());
        assert!(assets.get("lonely.br").is_some());
        assert!(assets.index().is_none());
    }

    #[test]
    fn names_that_hold_a_digest_are_told_from_others() {
        for name in ["main-1f2e3d4c5b6a7988.css", "snippets/x/dripline-1f2e3d4c5b6a7988_bg.wasm"] {
            assert!(is_named_by_content(name), "{name}");
        }
        for name in
            ["index.html", "facade.js", "snippets/x-1f2e3d4c5b6a7988/inline.js", "dripline-frontend.js"]
        {
            assert!(!is_named_by_content(name), "{name}");
        }
    }

    #[test]
    fn media_types_are_those_that_browsers_insist_on() {
        for (name, expected) in [
            ("index.html", "text/html; charset=utf-8"),
            ("main.css", "text/css; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("page.mjs", "text/javascript; charset=utf-8"),
            ("app.wasm", "application/wasm"),
            ("drop.svg", "image/svg+xml"),
            ("app.webmanifest", "application/manifest+json"),
            ("unknown", "application/octet-stream"),
        ] {
            assert_eq!(content_type(name), expected, "{name}");
        }
    }
}
