//! Puts what signs in browsers that cannot beside the player's page: a module of ours, which lends it to the browser, and the
//! library that it calls. The page's document says where they are, and loads neither.

use std::ffi::OsStr;

use super::{
    DOCUMENT,
    modules::{named_by_content, read, small, write},
};
use crate::{
    failure::Failure,
    provide::{PageTools, tools},
    workspace::Workspace,
};

/// The module that the document names.
const MODULE: &str = "curve.mjs";

/// Adds both to the player's page in `dist`.
pub(super) fn add(workspace: &Workspace, tools: &PageTools, path: &OsStr) -> Result<(), Failure> {
    let (source, dist) = (workspace.root.join("frontend").join("curve").join(MODULE), workspace.dist());
    let files = vec![
        (tools::CURVE_FILE.to_owned(), small(&tools.curve, path)?),
        (MODULE.to_owned(), small(&source, path)?),
    ];
    let (files, names) = named_by_content(files);
    let document = dist.join(DOCUMENT);
    let mut page = read(&document)?;
    for (old, new) in names.iter().filter(|(old, _)| old == MODULE) {
        if !page.contains(old) {
            return Err(Failure::Other(format!("{} names no {old}", document.display())));
        }
        page = page.replace(old, new);
    }
    write(document, &page)?;
    for (name, content) in files {
        write(dist.join(name), &content)?;
    }
    Ok(())
}
