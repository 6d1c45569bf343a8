//! Puts the modules of JavaScript that the page's Rust imports into the page's own script. wasm-bindgen leaves each in a file of
//! its own, under a name that is not its content's, and a browser would fetch it only after the script that imports it.

use std::{fs, path::Path};

use super::{
    DOCUMENT, files_below,
    modules::{read, write},
};
use crate::failure::Failure;

/// Where trunk puts such modules.
const FOLDER: &str = "snippets";

/// Puts all of them in `folder` into the script, and takes them out of the folder and of what the document loads ahead.
pub(super) fn into_script(script_path: &Path, folder: &Path) -> Result<(), Failure> {
    let modules = folder.join(FOLDER);
    if !modules.is_dir() {
        return Ok(());
    }
    let document_path = folder.join(DOCUMENT);
    let (mut script, mut document) = (read(script_path)?, read(&document_path)?);
    for file in files_below(&modules)? {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().into_owned();
        script = joined(&script, &name, &read(&file)?)
            .ok_or_else(|| Failure::Other(format!("the page's script should import {name} by its names")))?;
        document = without_link(&document, &name);
    }
    write(script_path.to_owned(), &script)?;
    write(document_path, &document)?;
    fs::remove_dir_all(&modules).map_err(|error| Failure::file("remove", &modules, error))
}

/// The script with a module in place of its import, if it imports that. `None` where it calls something in it by another name,
/// or hands the WebAssembly all of it, as wasm-bindgen does with a function that takes and gives nothing but what the browser has.
/// Two things of one name make no script, and terser says so.
fn joined(script: &str, name: &str, module: &str) -> Option<String> {
    let Some((before, after)) = script.split_once(&format!("./{name}")) else {
        // Of a library whose part the page does not use.
        return Some(script.to_owned());
    };
    let (before, names) = before.rsplit_once("import")?;
    if names.contains(" as ") || after.contains(name) {
        return None;
    }
    // What follows is the closing quotation mark.
    let after = after.get(1..)?;
    let own: Vec<_> = module.lines().map(|line| line.strip_prefix("export ").unwrap_or(line)).collect();
    Some(format!("{before}{}\n{}", own.join("\n"), after.strip_prefix(';').unwrap_or(after)))
}

/// The document without the element that has the file loaded ahead.
fn without_link(document: &str, name: &str) -> String {
    let around = document
        .split_once(name)
        .and_then(|(before, after)| Some((before.rsplit_once("<link")?.0, after.split_once('>')?.1)));
    around.map_or_else(|| document.to_owned(), |(before, after)| format!("{before}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "snippets/page-1f/src/own.mjs";

    #[test]
    fn a_module_stands_where_it_was_imported_and_exports_nothing() {
        let script = "import { one } from './snippets/page-1f/src/own.mjs';\nimport { two } from './two.mjs';\none(two);\n";
        let joined = joined(script, NAME, "const a = 1;\nexport function one() {}\n");
        let expected = "const a = 1;\nfunction one() {}\n\nimport { two } from './two.mjs';\none(two);\n";
        assert_eq!(joined.as_deref(), Some(expected));
    }

    #[test]
    fn a_module_that_nobody_imports_is_left_out() {
        let script = "import { one } from './two.mjs';";
        assert_eq!(joined(script, NAME, "function two() {}").as_deref(), Some(script));
    }

    #[test]
    fn a_module_that_is_imported_under_other_names_is_refused() {
        let renamed = "import { one as other } from './snippets/page-1f/src/own.mjs';";
        assert_eq!(joined(renamed, NAME, ""), None);
        let twice = "import { one } from './snippets/page-1f/src/own.mjs';\n\
                     import * as all from './snippets/page-1f/src/own.mjs';";
        assert_eq!(joined(twice, NAME, ""), None);
    }

    #[test]
    fn the_document_loads_it_ahead_no_more() {
        let document = "<link href=/a.css><link href=/snippets/page-1f/src/own.mjs rel=modulepreload><p>";
        assert_eq!(without_link(document, NAME), "<link href=/a.css><p>");
        assert_eq!(without_link("<p>", NAME), "<p>");
    }
}
