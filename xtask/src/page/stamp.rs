//! Tells whether the built page still is the one that its sources make. It promises to compare contents, not times: a
//! fresh checkout of the same sources is no change, a page that somebody removed or altered is one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::files_below;
use crate::{failure::Failure, hexadecimal::hexadecimal};

/// A file that remembers of which inputs the page was made, and what it was.
#[derive(Debug)]
pub(super) struct Stamp {
    path: PathBuf,
}

impl Stamp {
    /// The stamp kept at `path`.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Whether `output` is what these inputs made.
    pub(super) fn holds(&self, inputs: &str, output: &Path) -> Result<bool, Failure> {
        let Ok(kept) = fs::read_to_string(&self.path) else { return Ok(false) };
        Ok(output.is_dir() && kept == text(inputs, output)?)
    }

    /// Forgets what was made; a build that is interrupted then is done again.
    pub(super) fn forget(&self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::file("remove", &self.path, error))
            }
            _ => Ok(()),
        }
    }

    /// Remembers that these inputs made `output`.
    pub(super) fn keep(&self, inputs: &str, output: &Path) -> Result<(), Failure> {
        fs::write(&self.path, text(inputs, output)?)
            .map_err(|error| Failure::file("write", &self.path, error))
    }
}

fn text(inputs: &str, output: &Path) -> Result<String, Failure> {
    Ok(format!("{inputs}\n{}\n", digest(output, &[""], &[], "")?))
}

/// A digest of the contents and names of `sources` below `root` but for those of `others`, and of `salt`. A source that is
/// missing counts too.
pub(super) fn digest(root: &Path, sources: &[&str], others: &[&str], salt: &str) -> Result<String, Failure> {
    let mut hasher = Sha256::new();
    let mut absorb = |bytes: &[u8]| {
        hasher.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(bytes);
    };
    absorb(salt.as_bytes());
    for source in sources {
        let path = root.join(source);
        if !path.exists() {
            continue;
        }
        for file in files_below(&path)? {
            let name = file.strip_prefix(root).unwrap_or(&file);
            if others.iter().any(|other| name.starts_with(other)) {
                continue;
            }
            absorb(name.as_os_str().as_encoded_bytes());
            absorb(&fs::read(&file).map_err(|error| Failure::file("read", &file, error))?);
        }
    }
    Ok(hexadecimal(&hasher.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("dripline-xtask-stamp-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("sources")).unwrap();
        fs::create_dir_all(folder.join("dist")).unwrap();
        fs::write(folder.join("sources/one.rs"), "one").unwrap();
        fs::write(folder.join("dist/index.html"), "page").unwrap();
        folder
    }

    fn inputs(folder: &Path) -> String {
        digest(folder, &["sources"], &["sources/other"], "tools 1").unwrap()
    }

    #[test]
    fn a_page_whose_sources_are_unchanged_is_up_to_date() {
        let folder = folder("same");
        let stamp = Stamp::new(folder.join("stamp"));
        let dist = folder.join("dist");
        assert!(!stamp.holds(&inputs(&folder), &dist).unwrap());
        stamp.keep(&inputs(&folder), &dist).unwrap();
        // Written again with the same content: the time differs, the page does not.
        fs::write(folder.join("sources/one.rs"), "one").unwrap();
        assert!(stamp.holds(&inputs(&folder), &dist).unwrap());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_changed_renamed_or_new_source_and_another_tool_make_the_page_stale() {
        let folder = folder("sources");
        let before = inputs(&folder);
        assert_ne!(before, digest(&folder, &["sources"], &[], "tools 2").unwrap());
        fs::write(folder.join("sources/one.rs"), "two").unwrap();
        assert_ne!(before, inputs(&folder));
        fs::write(folder.join("sources/one.rs"), "one").unwrap();
        assert_eq!(before, inputs(&folder));
        fs::write(folder.join("sources/two.rs"), "").unwrap();
        assert_ne!(before, inputs(&folder));
        fs::remove_file(folder.join("sources/two.rs")).unwrap();
        fs::rename(folder.join("sources/one.rs"), folder.join("sources/three.rs")).unwrap();
        assert_ne!(before, inputs(&folder));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_of_another_page_changes_nothing() {
        let folder = folder("others");
        let before = inputs(&folder);
        fs::create_dir_all(folder.join("sources/other")).unwrap();
        fs::write(folder.join("sources/other/two.rs"), "two").unwrap();
        assert_eq!(before, inputs(&folder));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_page_that_was_altered_or_removed_is_stale() {
        let folder = folder("dist");
        let stamp = Stamp::new(folder.join("stamp"));
        let dist = folder.join("dist");
        stamp.keep(&inputs(&folder), &dist).unwrap();
        fs::write(dist.join("index.html"), "altered").unwrap();
        assert!(!stamp.holds(&inputs(&folder), &dist).unwrap());
        fs::remove_dir_all(&dist).unwrap();
        assert!(!stamp.holds(&inputs(&folder), &dist).unwrap());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_forgotten_stamp_holds_no_more() {
        let folder = folder("forget");
        let stamp = Stamp::new(folder.join("stamp"));
        stamp.forget().unwrap();
        stamp.keep(&inputs(&folder), &folder.join("dist")).unwrap();
        stamp.forget().unwrap();
        assert!(!stamp.holds(&inputs(&folder), &folder.join("dist")).unwrap());
        fs::remove_dir_all(folder).unwrap();
    }
}
