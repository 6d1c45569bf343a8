//! Modules of JavaScript that need no compiler: they only get small, and are named after their content; and documents that link to
//! them.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{files_below, names::DIGITS};
use crate::{failure::Failure, hexadecimal::hexadecimal, process};

/// What pages beside the player's share with it.
pub(super) const SHARED: [&str; 2] = ["main.css", "icon.svg"];

/// A module without what only people need.
pub(super) fn small(module: &Path, path: &OsStr) -> Result<String, Failure> {
    let mut terser = process::command("terser");
    terser.arg(module).args(["--module", "--compress", "--mangle"]).env("PATH", path);
    process::output(&mut terser)
        .ok_or_else(|| Failure::Other(format!("terser cannot read {}", module.display())))
}

/// Files by their names, and what is in them; or old names and new ones.
pub(super) type Pairs = Vec<(String, String)>;

/// Files by their new names, in which what they import has its new name too; and each old name with its new one. A file may be told
/// with its folder (`ledger/page.mjs`): modules of other folders import it from there (`../ledger/page.mjs`). Here none has a folder any more.
pub(super) fn named_by_content(files: Pairs) -> (Pairs, Pairs) {
    let mut known: Vec<(String, String, String)> = Vec::new();
    let mut renamed = Pairs::new();
    for (path, mut content) in files {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        for (of_folder, old, new) in &known {
            let old = if of_folder == folder { format!("./{old}") } else { format!("../{of_folder}/{old}") };
            content = content.replace(&format!("\"{old}\""), &format!("\"./{new}\""));
        }
        let digest = hexadecimal(&Sha256::digest(&content));
        let new = match name.split_once('.') {
            Some((stem, extension)) => format!("{stem}-{}.{extension}", &digest[..DIGITS]),
            None => format!("{name}-{}", &digest[..DIGITS]),
        };
        known.push((folder.to_owned(), name.to_owned(), new.clone()));
        renamed.push((new, content));
    }
    (renamed, known.into_iter().map(|(_, old, new)| (old, new)).collect())
}

/// The first file that a module names as one beside it or in a folder beside its own, and that has no new name.
pub(super) fn not_renamed<'a>(module: &'a str, names: &Pairs) -> Option<&'a str> {
    let mut files = module.split('"').filter(|text| text.starts_with("./") || text.starts_with("../"));
    files.find(|text| names.iter().all(|(_, new)| text.strip_prefix("./") != Some(new.as_str())))
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

/// The text of a file.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::file("read", file, error))
}

/// Writes a file, and gives its path.
pub(super) fn write(file: PathBuf, content: &str) -> Result<PathBuf, Failure> {
    fs::write(&file, content).map_err(|error| Failure::file("write", &file, error))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: &str) -> (String, String) {
        (name.to_owned(), content.to_owned())
    }

    #[test]
    fn a_module_imports_what_came_before_it_by_its_new_name_and_is_named_after_that() {
        let page = "import{a}from\"./one.mjs\";a()";
        let built = |one: &str| named_by_content(vec![file("one.mjs", one), file("page.mjs", page)]);
        let (files, names) = built("export let a=1");
        let one = format!("one-{}.mjs", &hexadecimal(&Sha256::digest("export let a=1"))[..DIGITS]);
        assert_eq!(files[0], (one.clone(), "export let a=1".to_owned()));
        assert_eq!(files[1].1, format!("import{{a}}from\"./{one}\";a()"));
        assert_eq!(names, [file("one.mjs", &one), file("page.mjs", &files[1].0)]);
        assert_ne!(built("export let a=2").0[1].0, files[1].0, "another import is another page");
    }

    #[test]
    fn a_module_of_another_folder_is_imported_from_there_and_lies_beside_it_in_the_end() {
        let page = "import{a}from\"../modules/one.mjs\";a()";
        let (files, names) =
            named_by_content(vec![file("modules/one.mjs", "export let a=1"), file("ledger/page.mjs", page)]);
        let one = format!("one-{}.mjs", &hexadecimal(&Sha256::digest("export let a=1"))[..DIGITS]);
        assert_eq!(files[1].1, format!("import{{a}}from\"./{one}\";a()"));
        assert_eq!(names, [file("one.mjs", &one), file("page.mjs", &files[1].0)]);
        // Of the same name in its own folder, there is none.
        let own = "import{a}from\"./one.mjs\";a()";
        let (files, names) =
            named_by_content(vec![file("modules/one.mjs", "export let a=1"), file("ledger/page.mjs", own)]);
        assert_eq!(not_renamed(&files[1].1, &names), Some("./one.mjs"));
    }

    #[test]
    fn what_a_module_imports_has_to_come_before_it() {
        let names = vec![file("one.mjs", "one-1.mjs")];
        assert_eq!(not_renamed("import{a}from\"./one-1.mjs\";a(\"/two.mjs\")", &names), None);
        for other in ["./two.mjs", "../modules/two.mjs"] {
            let module = format!("import{{a}}from\"./one-1.mjs\";import{{b}}from\"{other}\"");
            assert_eq!(not_renamed(&module, &names), Some(other));
        }
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
