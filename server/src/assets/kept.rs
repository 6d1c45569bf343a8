//! The scripts of releases that are past: pages of others may hold the loader to its digest, at an address that names its content, and
//! a loader names its bridge in the same way. Such a page goes on working after the faucet was renewed, for each server keeps these
//! files in a folder and serves from there what its own pages no longer have.
//!
//! A file is only ever what its name says, by its digest: one that is cut off, or that somebody has changed, is not there. Several
//! servers may share the folder and start at once, and it is looked into at each request for what another one has put there meanwhile.

use std::cmp::Reverse;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use dripline_shared::round::Hash;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{Asset, Assets};

/// The folder of the pages in which such files are.
const PLACE: &str = "embed/";
/// How the names begin, that of the bridge first.
const STEMS: [&str; 2] = ["v1.bridge.", "v1."];
/// How they end.
const EXTENSION: &str = ".js";
/// How many hexadecimal digits of the digest (SHA-256) are in a name.
const DIGITS: usize = 16;
/// How many files are kept. Each release has two at most.
const FILES_MAX: usize = 64;
/// How large one may be, in bytes: three times what both are.
const BYTES_MAX: u64 = 64 * 1024;

/// A folder with the loaders and bridges that were ever served from it.
#[derive(Debug, Clone)]
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// Puts the loader and the bridge of these pages into the folder, which is made where there is none, and lets go of the oldest
    /// where there are more than 64 files. An error leaves what was there.
    pub fn keep(folder: PathBuf, assets: &Assets) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let kept = Self { folder };
        for (place, asset) in &assets.files {
            if let Some(name) = name_of(place).filter(|name| is_content_of(name, &asset.plain)) {
                // Also where it is there already: so those of the present release are the newest.
                let mut unfinished = NamedTempFile::new_in(&kept.folder)?;
                unfinished.write_all(&asset.plain)?;
                unfinished.persist(kept.folder.join(name))?;
            }
        }
        kept.prune()?;
        Ok(kept)
    }

    /// Whether a file of this place, without its leading `/`, could be there.
    pub(crate) fn may_have(place: &str) -> bool {
        name_of(place).is_some()
    }

    /// The file of this place. Reads the disk.
    pub(crate) fn read(&self, place: &str) -> Option<Asset> {
        let name = name_of(place)?;
        let mut content = Vec::new();
        File::open(self.folder.join(name)).ok()?.take(BYTES_MAX).read_to_end(&mut content).ok()?;
        is_content_of(name, &content).then(|| Asset::alone(place, content.into()))
    }

    /// Removes the oldest, unless another server was faster. What has another name is somebody else's.
    fn prune(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_str().is_some_and(is_name) {
                let modified = entry.metadata().and_then(|metadata| metadata.modified());
                files.extend(if_there(modified)?.map(|modified| (Reverse(modified), name)));
            }
        }
        files.sort();
        for (_, name) in files.into_iter().skip(FILES_MAX) {
            if_there(fs::remove_file(self.folder.join(name)))?;
        }
        Ok(())
    }
}

/// What came of a file; nothing where it is not there any more.
fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// The name of the file at a place, if it is one of those that are kept.
fn name_of(place: &str) -> Option<&str> {
    place.strip_prefix(PLACE).filter(|name| is_name(name))
}

/// The digits of the digest in a name.
fn digits(name: &str) -> Option<&str> {
    let rest = STEMS.iter().find_map(|stem| name.strip_prefix(stem))?;
    rest.strip_suffix(EXTENSION)
}

fn is_name(name: &str) -> bool {
    let is_digit = |letter: u8| letter.is_ascii_digit() || (b'a'..=b'f').contains(&letter);
    digits(name).is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(is_digit))
}

/// Whether a name is that of this content.
fn is_content_of(name: &str, content: &[u8]) -> bool {
    let digest = Hash(Sha256::digest(content).into()).to_string();
    digits(name).is_some_and(|digits| digest.starts_with(digits))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use axum::body::Bytes;

    use super::*;

    /// A folder of the test's own, gone afterwards.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            Self(std::env::temp_dir().join(format!("dripline-kept-{name}-{}", std::process::id())))
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            let mut names: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// The name of this content.
    fn named(stem: &str, content: &str) -> String {
        let digest = Hash(Sha256::digest(content).into()).to_string();
        format!("{stem}{}.js", &digest[..DIGITS])
    }

    fn pages(files: &[(&str, &str)]) -> Assets {
        Assets::new(
            files
                .iter()
                .map(|(name, content)| (format!("embed/{name}"), Bytes::copy_from_slice(content.as_bytes()))),
        )
    }

    fn keep(folder: &Folder, files: &[(&str, &str)]) -> Kept {
        Kept::keep(folder.0.clone(), &pages(files)).unwrap()
    }

    /// Has a file be of another day.
    fn date(file: &Path, day: u64) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * day);
        File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn what_was_served_is_kept_under_its_name_and_nothing_else_is() {
        let folder = Folder::new("served");
        let (loader, bridge) = (named("v1.", "loader()"), named("v1.bridge.", "bridge()"));
        let other = named("v1.", "another");
        let kept = keep(
            &folder,
            &[
                (&loader, "loader()"),
                (&bridge, "bridge()"),
                (&other, "not what its name says"),
                ("v1.js", "loader()"),
                ("v1.json", "{}"),
                (&named("frame-", "frame()"), "frame()"),
            ],
        );
        let mut expected = [loader.clone(), bridge.clone()];
        expected.sort();
        assert_eq!(folder.names(), expected);
        for (name, content) in [(&loader, "loader()"), (&bridge, "bridge()")] {
            let asset = kept.read(&format!("embed/{name}")).unwrap();
            assert_eq!(asset.plain, content);
            assert_eq!(asset.content_type, "text/javascript; charset=utf-8");
            assert!(asset.immutable);
        }
        assert!(kept.read(&format!("embed/{other}")).is_none());
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_not_there_until_it_is_put_right() {
        let folder = Folder::new("changed");
        let loader = named("v1.", "loader()");
        let place = format!("embed/{loader}");
        let kept = keep(&folder, &[(&loader, "loader()")]);
        for wrong in ["load", "", "evil()"] {
            fs::write(folder.0.join(&loader), wrong).unwrap();
            assert!(kept.read(&place).is_none(), "{wrong}");
        }
        assert!(keep(&folder, &[(&loader, "loader()")]).read(&place).is_some());
    }

    #[test]
    fn only_names_of_scripts_by_their_content_lead_into_the_folder() {
        for (place, expected) in [
            ("embed/v1.1f2e3d4c5b6a7988.js", true),
            ("embed/v1.bridge.1f2e3d4c5b6a7988.js", true),
            ("embed/v1.js", false),
            ("embed/v1.json", false),
            ("embed/v1.1f2e3d4c5b6a798.js", false),
            ("embed/v1.1f2e3d4c5b6a79880.js", false),
            ("embed/v1.1F2E3D4C5B6A7988.js", false),
            ("embed/v1.1f2e3d4c5b6a7988.json", false),
            ("embed/v1.1f2e3d4c5b6a7988.js.new", false),
            ("embed/v1.frame.1f2e3d4c5b6a7988.js", false),
            ("embed/v1./../../keys/aa.js", false),
            ("embed/v1.../../keys/faucet.js", false),
            ("embed/../keys/faucet.json", false),
            ("v1.1f2e3d4c5b6a7988.js", false),
            ("", false),
        ] {
            assert_eq!(Kept::may_have(place), expected, "{place}");
        }
    }

    #[test]
    fn of_too_many_the_oldest_go_and_never_those_of_the_present_release_or_of_somebody_else() {
        let folder = Folder::new("many");
        fs::create_dir_all(&folder.0).unwrap();
        fs::write(folder.0.join("notes.txt"), "mine").unwrap();
        let old: Vec<String> = (0..FILES_MAX).map(|number| format!("old {number}")).collect();
        for (day, content) in (1..).zip(&old) {
            let file = folder.0.join(named("v1.", content));
            fs::write(&file, content).unwrap();
            date(&file, day);
        }
        let (loader, bridge) = (named("v1.", "loader()"), named("v1.bridge.", "bridge()"));
        let kept = keep(&folder, &[(&loader, "loader()"), (&bridge, "bridge()")]);
        assert_eq!(folder.names().len(), FILES_MAX + 1);
        let has = |name: &str| kept.read(&format!("embed/{name}")).is_some();
        assert!(has(&loader) && has(&bridge) && folder.0.join("notes.txt").exists());
        for (number, content) in old.iter().enumerate() {
            assert_eq!(has(&named("v1.", content)), number >= 2, "{number}");
        }
    }

    #[test]
    fn servers_that_start_at_once_on_one_folder_all_keep_what_they_serve() {
        let folder = Folder::new("shared");
        let loader = named("v1.", "loader()");
        let pages = pages(&[(&loader, "loader()")]);
        for round in 0..20 {
            // One more than are kept: so all of them remove the oldest as well.
            for number in 0..=FILES_MAX {
                let content = format!("{round} {number}");
                let file = folder.0.join(named("v1.", &content));
                if folder.0.exists() {
                    fs::write(file, content).unwrap();
                }
            }
            let start =
                || Kept::keep(folder.0.clone(), &pages).map(|kept| kept.read(&format!("embed/{loader}")));
            let kept = std::thread::scope(|scope| {
                let started: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
                started.into_iter().map(|server| server.join().unwrap()).collect::<Vec<_>>()
            });
            for asset in kept {
                assert!(asset.unwrap().is_some());
            }
        }
        assert_eq!(folder.names().len(), FILES_MAX);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told() {
        let folder = Folder::new("no-folder");
        fs::write(&folder.0, "a file").unwrap();
        assert!(Kept::keep(folder.0.clone(), &Assets::default()).is_err());
        fs::remove_file(&folder.0).unwrap();
    }
}
