//! Puts the page of the ledger beside the player's page. It is no part of that one, which is large enough, and needs no
//! compiler: a document, a stylesheet and modules of JavaScript, which only get small and are named after their content.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use super::{
    files_below,
    modules::{named_by_content, read, small, write},
};
use crate::{failure::Failure, workspace::Workspace};

const DOCUMENT: &str = "ledger.html";
const STYLES: &str = "ledger.css";
/// In an order in which each imports only those before it.
const MODULES: [&str; 7] =
    ["bytes.mjs", "tree.mjs", "signed.mjs", "check.mjs", "money.mjs", "words.mjs", "page.mjs"];
/// What pages beside the player's share with it.
pub(super) const SHARED: [&str; 2] = ["main.css", "icon.svg"];

/// Adds it to the player's page in `dist`. Gives its own files.
pub(super) fn add(workspace: &Workspace, path: &OsStr) -> Result<Vec<PathBuf>, Failure> {
    let (source, dist) = (workspace.root.join("frontend").join("ledger"), workspace.dist());
    all_are_known(&source)?;
    println!("▸ making the scripts of the ledger small");
    let mut files = Vec::new();
    for module in MODULES {
        files.push((module.to_owned(), small(&source.join(module), path)?));
    }
    files.push((STYLES.to_owned(), read(&source.join(STYLES))?));
    let (mut files, mut names) = named_by_content(files);
    for shared in SHARED {
        names.push((shared.to_owned(), shared_name(&dist, shared)?));
    }
    let document = linked(&read(&source.join(DOCUMENT))?, &names)
        .map_err(|name| Failure::Other(format!("{} names no {name}", source.join(DOCUMENT).display())))?;
    files.push((DOCUMENT.to_owned(), document));
    files.iter().map(|(name, content)| write(dist.join(name), content)).collect()
}

/// A module that is in no list would be missing in the page.
fn all_are_known(source: &Path) -> Result<(), Failure> {
    let known: BTreeSet<&str> = MODULES.into_iter().chain([DOCUMENT, STYLES]).collect();
    let unknown = files_below(source)?
        .into_iter()
        .find(|file| !file.file_name().and_then(OsStr::to_str).is_some_and(|name| known.contains(name)));
    match unknown {
        Some(file) => Err(Failure::Other(format!("{} is not in the list of its modules", file.display()))),
        None => Ok(()),
    }
}

/// The document with new names. Otherwise: the name that it does not have.
pub(super) fn linked(document: &str, names: &[(String, String)]) -> Result<String, String> {
    names.iter().try_fold(document.to_owned(), |document, (old, new)| {
        let (old_link, new_link) = (format!("\"/{old}\""), format!("\"/{new}\""));
        if document.contains(&old_link) {
            Ok(document.replace(&old_link, &new_link))
        } else {
            Err(old.clone())
        }
    })
}

/// What a file of the player's page is called: `main-1f2e….css`.
pub(super) fn shared_name(dist: &Path, name: &str) -> Result<String, Failure> {
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let is_it = |file: &str| {
        file.strip_prefix(stem).is_some_and(|rest| rest.starts_with('-') && rest.ends_with(extension))
    };
    let found = files_below(dist)?.into_iter().find_map(|file| {
        let file = file.file_name()?.to_str()?.to_owned();
        is_it(&file).then_some(file)
    });
    found.ok_or_else(|| Failure::Other(format!("{} should hold {stem}-….{extension}", dist.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: &str) -> (String, String) {
        (name.to_owned(), content.to_owned())
    }

    #[test]
    fn the_document_has_the_new_names_and_one_that_it_lacks_is_told() {
        let document = "<link href=\"/main.css\"><script src=\"/page.mjs\"></script>";
        let names = [file("main.css", "main-1.css"), file("page.mjs", "page-2.mjs")];
        let expected = "<link href=\"/main-1.css\"><script src=\"/page-2.mjs\"></script>";
        assert_eq!(linked(document, &names), Ok(expected.to_owned()));
        assert_eq!(linked(document, &[file("gone.mjs", "gone-3.mjs")]), Err("gone.mjs".to_owned()));
    }
}
