//! Compresses the page's files ahead of time, so that the server only hands out bytes.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use super::files_below;
use crate::failure::Failure;

/// What gains by compression; pictures and sounds are compressed by their own formats.
const EXTENSIONS: [&str; 9] = ["css", "html", "js", "json", "mjs", "svg", "txt", "wasm", "webmanifest"];
/// The best quality that Brotli has.
const BROTLI_QUALITY: i32 = 11;
/// The widest window that every browser accepts, as a power of two.
const BROTLI_WINDOW: i32 = 24;

/// Writes `file.br` and `file.gz` beside every text and module in `dist`, and tells how large each `.br` is.
pub(super) fn beside(dist: &Path) -> Result<Vec<(PathBuf, usize)>, Failure> {
    let mut sizes = Vec::new();
    for file in files_below(dist)? {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !EXTENSIONS.contains(&extension) {
            continue;
        }
        let content = fs::read(&file).map_err(|error| Failure::file("read", &file, error))?;
        let small = brotli(&content).map_err(|error| Failure::file("compress", &file, error))?;
        write(&with_suffix(&file, ".br"), &small)?;
        write(
            &with_suffix(&file, ".gz"),
            &gzip(&content).map_err(|error| Failure::file("compress", &file, error))?,
        )?;
        sizes.push((file, small.len()));
    }
    Ok(sizes)
}

fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: content.len(),
        ..BrotliEncoderParams::default()
    };
    let mut small = Vec::new();
    brotli::CompressorReader::with_params(content, content.len().max(1), &parameters)
        .read_to_end(&mut small)?;
    Ok(small)
}

/// Without name and time, so that the same content always gives the same bytes.
fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(file, bytes).map_err(|error| Failure::file("write", file, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_get_both_compressions_beside_them_and_pictures_none() {
        let dist = std::env::temp_dir().join(format!("dripline-xtask-compress-{}", std::process::id()));
        fs::create_dir_all(&dist).unwrap();
        let text = "drip ".repeat(1000);
        fs::write(dist.join("app.js"), &text).unwrap();
        fs::write(dist.join("picture.png"), &text).unwrap();
        let sizes = beside(&dist).unwrap();
        let small = fs::read(dist.join("app.js.br")).unwrap();
        assert_eq!(sizes, [(dist.join("app.js"), small.len())]);
        let mut restored = String::new();
        brotli::Decompressor::new(small.as_slice(), 4096).read_to_string(&mut restored).unwrap();
        assert_eq!(restored, text);
        restored.clear();
        let zipped = fs::read(dist.join("app.js.gz")).unwrap();
        flate2::read::GzDecoder::new(zipped.as_slice()).read_to_string(&mut restored).unwrap();
        assert_eq!(restored, text);
        assert!(!dist.join("picture.png.br").exists());
        fs::remove_dir_all(dist).unwrap();
    }
}
