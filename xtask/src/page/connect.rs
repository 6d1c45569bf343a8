//! Puts the program for players with wallets of their own beside the player's page: modules of JavaScript and a stylesheet, of which
//! that page loads nothing before a player asks for it. The page's document says where it is.

use std::{ffi::OsStr, path::PathBuf};

use super::{
    DOCUMENT,
    modules::{Pairs, named_by_content, read, small, write},
};
use crate::{failure::Failure, workspace::Workspace};

/// The stylesheet, which the program has the browser load.
const STYLES: &str = "connect.css";
/// The module that the document names.
const PROGRAM: &str = "connect.mjs";
/// In an order in which each imports only those before it, with the folders of the frontend that they are in: the bridge to wallets is
/// the widget's as well.
const MODULES: [(&str, &str); 14] = [
    ("embed", "wallets.js"),
    ("connect", "encoding.mjs"),
    ("connect", "checksum.mjs"),
    ("connect", "statements.mjs"),
    ("connect", "connection.mjs"),
    ("connect", "phrases.mjs"),
    ("connect", "server.mjs"),
    ("connect", "reading.mjs"),
    ("connect", "sheet.mjs"),
    ("connect", "agreement.mjs"),
    ("connect", "guest.mjs"),
    ("connect", "delegating.mjs"),
    ("connect", "sanction.mjs"),
    ("connect", PROGRAM),
];

/// Adds it to the player's page in `dist`. Gives its files.
pub(super) fn add(workspace: &Workspace, path: &OsStr) -> Result<Vec<PathBuf>, Failure> {
    let (source, dist) = (workspace.root.join("frontend"), workspace.dist());
    println!("▸ making the program for wallets small");
    let mut files = vec![(STYLES.to_owned(), read(&source.join("connect").join(STYLES))?)];
    for (folder, name) in MODULES {
        files.push((name.to_owned(), small(&source.join(folder).join(name), path)?));
    }
    let (files, names) = named_by_content(files);
    if let Some(missing) = files.iter().find_map(|(_, content)| not_renamed(content, &names)) {
        return Err(Failure::Other(format!("a module imports {missing}, which does not come before it")));
    }
    let document = dist.join(DOCUMENT);
    let mut page = read(&document)?;
    for (old, new) in names.iter().filter(|(old, _)| old == PROGRAM) {
        if !page.contains(old) {
            return Err(Failure::Other(format!("{} names no {old}", document.display())));
        }
        page = page.replace(old, new);
    }
    write(document, &page)?;
    files.into_iter().map(|(name, content)| write(dist.join(name), &content)).collect()
}

/// The first file beside it that a module names, and that has no new name.
fn not_renamed<'a>(module: &'a str, names: &Pairs) -> Option<&'a str> {
    let imports = module.split("\"./").skip(1).filter_map(|rest| rest.split('"').next());
    imports.into_iter().find(|file| names.iter().all(|(_, new)| new != file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_imports_has_to_come_before_it() {
        let names = vec![("one.mjs".to_owned(), "one-1.mjs".to_owned())];
        assert_eq!(not_renamed("import{a}from\"./one-1.mjs\";a(\"/two.mjs\")", &names), None);
        let module = "import{a}from\"./one-1.mjs\";import{b}from\"./two.mjs\"";
        assert_eq!(not_renamed(module, &names), Some("two.mjs"));
    }
}
