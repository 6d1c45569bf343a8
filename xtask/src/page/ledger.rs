//! Puts the page of the ledger beside the player's page. It is no part of that one, which is large enough, and needs no
//! compiler: a document, a stylesheet and modules of JavaScript, which only get small and are named after their content.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use super::{
    files_below,
    modules::{SHARED, linked, named_by_content, not_renamed, read, shared_name, small, write},
};
use crate::{failure::Failure, workspace::Workspace};

const DOCUMENT: &str = "ledger.html";
const STYLES: &str = "ledger.css";
/// The folder of it, in that of the frontend.
const FOLDER: &str = "ledger";
/// In an order in which each imports only those before it, with their folders.
const MODULES: [(&str, &str); 8] = [
    ("modules", "encoding.mjs"),
    (FOLDER, "bytes.mjs"),
    (FOLDER, "tree.mjs"),
    (FOLDER, "signed.mjs"),
    (FOLDER, "check.mjs"),
    (FOLDER, "money.mjs"),
    (FOLDER, "words.mjs"),
    (FOLDER, "page.mjs"),
];

/// Adds it to the player's page in `dist`. Gives its own files.
pub(super) fn add(workspace: &Workspace, path: &OsStr) -> Result<Vec<PathBuf>, Failure> {
    let (frontend, dist) = (workspace.root.join("frontend"), workspace.dist());
    let source = frontend.join(FOLDER);
    all_are_known(&source)?;
    println!("▸ making the scripts of the ledger small");
    let mut files = Vec::new();
    for (folder, name) in MODULES {
        files.push((format!("{folder}/{name}"), small(&frontend.join(folder).join(name), path)?));
    }
    files.push((STYLES.to_owned(), read(&source.join(STYLES))?));
    let (mut files, mut names) = named_by_content(files);
    if let Some(missing) = files.iter().find_map(|(_, content)| not_renamed(content, &names)) {
        return Err(Failure::Other(format!("a module imports {missing}, which does not come before it")));
    }
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
    let own = MODULES.into_iter().filter(|(folder, _)| *folder == FOLDER).map(|(_, name)| name);
    let known: BTreeSet<&str> = own.chain([DOCUMENT, STYLES]).collect();
    let unknown = files_below(source)?
        .into_iter()
        .find(|file| !file.file_name().and_then(OsStr::to_str).is_some_and(|name| known.contains(name)));
    match unknown {
        Some(file) => Err(Failure::Other(format!("{} is not in the list of its modules", file.display()))),
        None => Ok(()),
    }
}
