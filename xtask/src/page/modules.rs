//! Modules of JavaScript that need no compiler: they only get small, and are named after their content.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::names::DIGITS;
use crate::{failure::Failure, hexadecimal::hexadecimal, process};

/// A module without what only people need.
pub(super) fn small(module: &Path, path: &OsStr) -> Result<String, Failure> {
    let mut terser = process::command("terser");
    terser.arg(module).args(["--module", "--compress", "--mangle"]).env("PATH", path);
    process::output(&mut terser)
        .ok_or_else(|| Failure::Other(format!("terser cannot read {}", module.display())))
}

/// Files by their names, and what is in them; or old names and new ones.
pub(super) type Pairs = Vec<(String, String)>;

/// Files by their new names, in which what they import has its new name too; and each old name with its new one.
pub(super) fn named_by_content(files: Pairs) -> (Pairs, Pairs) {
    let (mut renamed, mut names) = (Pairs::new(), Pairs::new());
    for (name, mut content) in files {
        for (old, new) in &names {
            content = content.replace(&format!("\"./{old}\""), &format!("\"./{new}\""));
        }
        let digest = hexadecimal(&Sha256::digest(&content));
        let new = match name.split_once('.') {
            Some((stem, extension)) => format!("{stem}-{}.{extension}", &digest[..DIGITS]),
            None => format!("{name}-{}", &digest[..DIGITS]),
        };
        names.push((name, new.clone()));
        renamed.push((new, content));
    }
    (renamed, names)
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
}
