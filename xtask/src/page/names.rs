//! Names the page's files after their content, so that browsers may keep them for ever. Trunk names them too, but after
//! the module as cargo made it: another version of `wasm-opt` would then change a file and not its name.

use std::{fs, path::Path};

use sha2::{Digest as _, Sha256};

use super::files_below;
use crate::{failure::Failure, hexadecimal::hexadecimal};

/// How many hexadecimal digits of the content's digest a name holds.
pub(super) const DIGITS: usize = 16;
/// Fewer digits than this in trunk's own names would be a coincidence.
const FEWEST_DIGITS: usize = 12;

/// Renames every file in `dist` that trunk gave a hash, and writes the new names into the page.
pub(super) fn by_content(dist: &Path) -> Result<(), Failure> {
    let index = dist.join("index.html");
    let mut page = fs::read_to_string(&index).map_err(|error| Failure::file("read", &index, error))?;
    for file in files_below(dist)? {
        let Some(name) = file.file_name().and_then(|name| name.to_str()) else { continue };
        let Some(hash) = hash_in(name) else { continue };
        let content = fs::read(&file).map_err(|error| Failure::file("read", &file, error))?;
        let digest = hexadecimal(&Sha256::digest(content));
        let renamed = name.replacen(hash, &digest[..DIGITS], 1);
        fs::rename(&file, file.with_file_name(&renamed))
            .map_err(|error| Failure::file("rename", &file, error))?;
        page = page.replace(name, &renamed);
    }
    fs::write(&index, page).map_err(|error| Failure::file("write", &index, error))
}

/// The part of a file's name that is trunk's hash: `1f2e…` in `page-1f2e…_bg.wasm`.
fn hash_in(name: &str) -> Option<&str> {
    name.rsplit('-')
        .map(|part| {
            let end = part.find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(part.len());
            &part[..end]
        })
        .find(|digits| digits.len() >= FEWEST_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_in_a_name_is_found_and_nothing_else_is_taken_for_it() {
        assert_eq!(hash_in("dripline-frontend-1f2e3d4c5b6a7988_bg.wasm"), Some("1f2e3d4c5b6a7988"));
        assert_eq!(hash_in("dripline-frontend-1f2e3d4c5b6a7988.js"), Some("1f2e3d4c5b6a7988"));
        assert_eq!(hash_in("main-f2e3d4c5b6a7988.css"), Some("f2e3d4c5b6a7988"));
        assert_eq!(hash_in("index.html"), None);
        assert_eq!(hash_in("facade-of-bees.css"), None);
    }

    #[test]
    fn files_are_named_after_their_content_in_the_folder_and_in_the_page() {
        let dist = std::env::temp_dir().join(format!("dripline-xtask-names-{}", std::process::id()));
        fs::create_dir_all(&dist).unwrap();
        fs::write(dist.join("main-1f2e3d4c5b6a7988.css"), "body{}").unwrap();
        fs::write(dist.join("robots.txt"), "").unwrap();
        fs::write(dist.join("index.html"), "<link href=\"/main-1f2e3d4c5b6a7988.css\">").unwrap();
        by_content(&dist).unwrap();
        let digest = hexadecimal(&Sha256::digest("body{}"));
        let name = format!("main-{}.css", &digest[..DIGITS]);
        assert!(dist.join(&name).is_file());
        assert!(dist.join("robots.txt").is_file());
        assert_eq!(fs::read_to_string(dist.join("index.html")).unwrap(), format!("<link href=\"/{name}\">"));
        fs::remove_dir_all(dist).unwrap();
    }
}
