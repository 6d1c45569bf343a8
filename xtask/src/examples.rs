//! The examples in Rust: each is a package of its own that people copy, so it has to build by its own manifest.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{failure::Failure, process, runner::Runner, workspace::Workspace};

/// Lints each example in Rust in a copy, as it is built by whoever has copied it. What it depends on is taken at the versions
/// of our lock file, so that a release of somebody else's changes nothing here.
pub(crate) fn lint(workspace: &Workspace, runner: &Runner) -> Result<(), Failure> {
    let examples = workspace.root.join("docs").join("examples");
    for package in packages(&examples)? {
        let name = package.strip_prefix(&examples).unwrap_or(&package);
        let copy = workspace.target.join("examples").join(name);
        copy_package(&package, &copy)?;
        copy_file(&workspace.root.join("Cargo.lock"), &copy.join("Cargo.lock"))?;
        let mut cargo = process::cargo(&copy);
        cargo.args(["clippy", "--quiet", "--target-dir"]).arg(&workspace.target);
        cargo.args(["--", "--deny", "warnings"]);
        runner.quiet(&format!("lints of the example {}", name.display()), &mut cargo)?;
    }
    Ok(())
}

/// The folders in `examples` that are packages of Rust, by their names.
fn packages(examples: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = files(examples)?;
    found.retain(|place| place.join("Cargo.toml").is_file());
    found.sort();
    Ok(found)
}

/// Copies a package that is a manifest and a folder of sources.
fn copy_package(package: &Path, copy: &Path) -> Result<(), Failure> {
    let (from, to) = (package.join("src"), copy.join("src"));
    // A source that is no more must not be built.
    match fs::remove_dir_all(copy) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::file("remove", copy, error));
        }
        _ => {}
    }
    fs::create_dir_all(&to).map_err(|error| Failure::file("create", &to, error))?;
    copy_file(&package.join("Cargo.toml"), &copy.join("Cargo.toml"))?;
    for source in files(&from)? {
        copy_file(&source, &to.join(source.strip_prefix(&from).unwrap_or(&source)))?;
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::copy(from, to).map(|_bytes| ()).map_err(|error| Failure::file("copy", from, error))
}

/// What is in a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error| Failure::file("read", folder, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        found.push(entry.map_err(unreadable)?.path());
    }
    Ok(found)
}
