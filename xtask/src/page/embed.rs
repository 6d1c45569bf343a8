//! Puts beside the player's page what other sites show of it: the loader that their pages name, the document of the frame that it
//! makes, the playground, and a package for those who build their pages with npm. It needs no compiler.
//!
//! The document of the frame is the player's page with a script and a stylesheet before it, so the two cannot differ.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha384};

use super::modules::{SHARED, linked, read, shared_name, write};
use super::names::DIGITS;
use crate::{failure::Failure, hexadecimal::hexadecimal, process, runner::Runner, workspace::Workspace};

/// Where all of it is, in the sources and in the pages.
const FOLDER: &str = "embed";
/// The loader's place: it stays for as long as the loader keeps what it promises to pages.
const LOADER: &str = "v1";
/// What stands in the loader for the bridge's address and digest.
const BRIDGE: [&str; 2] = ["/embed/bridge.js", "bridge-integrity"];
/// What the loader may weigh in Brotli, in bytes: pages of others pay for it.
const LOADER_BYTES_MAX: usize = 3_000;
/// What the frame and the playground take for a colour, and for a language.
const TAKEN: [&str; 2] = ["colour.js", "language.js"];
/// Where the player's page starts its module: what goes before it runs before it.
const START: &str = "<script type=module>";
/// Where the document begins, and how it does in a frame: the script shows it, for without it a host's page could have the player's key
/// shown or copied.
const HIDDEN: [&str; 2] = ["<html", "<html hidden"];
/// What else may be done to scripts that nothing imports.
const COMPRESS: &str = "passes=3,ecma=2020,unsafe_arrows";

/// Adds it to the player's page in `dist`. Gives its own files.
pub(super) fn add(workspace: &Workspace, path: &OsStr) -> Result<Vec<PathBuf>, Failure> {
    let (source, dist) = (workspace.root.join("frontend").join(FOLDER), workspace.dist());
    let folder = dist.join(FOLDER);
    fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, error))?;
    println!("▸ making the scripts for other sites small");
    let script = |names: &[&str]| small(&source, names, path);
    let bridge = script(&["bridge.js"])?;
    let mut files = loader(&script(&["loader.js"])?, &bridge)
        .ok_or_else(|| Failure::Other(format!("the loader names no {BRIDGE:?}")))?;
    let frame = by_content("frame", "js", script(&[&TAKEN[..], &["looks.js", "frame.js"]].concat())?);
    let styles = by_content("frame", "css", read(&source.join("frame.css"))?);
    let document = framed(&read(&dist.join("index.html"))?, &frame.0, &styles.0)
        .ok_or_else(|| Failure::Other(format!("the player's page has no {START} or no {}", HIDDEN[0])))?;
    files.extend([frame, styles, ("frame.html".to_owned(), document)]);
    files.extend(playground(&source, &dist, path)?);
    files.iter().map(|(name, content)| write(folder.join(name), content)).collect()
}

/// Refuses a loader that is too large for the pages of others.
pub(super) fn is_small(workspace: &Workspace, sizes: &[(PathBuf, usize)]) -> Result<(), Failure> {
    let loader = workspace.dist().join(FOLDER).join(format!("{LOADER}.js"));
    match sizes.iter().find(|(file, _)| *file == loader) {
        Some((_, size)) if *size <= LOADER_BYTES_MAX => Ok(()),
        size => Err(Failure::Other(format!(
            "expected a loader of at most {LOADER_BYTES_MAX} bytes in Brotli, not {}",
            size.map_or_else(|| "none".to_owned(), |(_, size)| size.to_string())
        ))),
    }
}

/// Packs the package for npm.
pub(super) fn pack(workspace: &Workspace, runner: &Runner) -> Result<(), Failure> {
    let folder = workspace.package();
    fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, error))?;
    let mut npm = process::command("npm");
    npm.args(["pack", "--silent", "--offline", "--pack-destination"])
        .arg(&folder)
        .current_dir(workspace.root.join("frontend").join(FOLDER).join("package"));
    runner.quiet("packing the package for other sites (1 s)", &mut npm)
}

/// A file's name, and what is in it.
type Named = (String, String);

/// The loader at its place, at the address that never changes, the bridge to wallets, whose address and digest the loader has in it, and the
/// word on which of these there are. `None` if the loader does not say where those belong.
fn loader(script: &str, bridge: &str) -> Option<Vec<Named>> {
    let (bridge_place, bridge_integrity) = placed(&format!("{LOADER}.bridge"), bridge);
    let [place, integrity] = BRIDGE;
    if BRIDGE.iter().any(|word| script.matches(word).count() != 1) {
        return None;
    }
    let script =
        script.replace(place, &format!("/{FOLDER}/{bridge_place}")).replace(integrity, &bridge_integrity);
    let (immutable, integrity) = placed(LOADER, &script);
    let told = format!(
        "{{\"script\":\"/{FOLDER}/{immutable}\",\"integrity\":\"{integrity}\",\
         \"bridge\":\"/{FOLDER}/{bridge_place}\",\"bridge_integrity\":\"{bridge_integrity}\"}}\n"
    );
    Some(vec![
        (format!("{LOADER}.js"), script.clone()),
        (immutable, script),
        (bridge_place, bridge.to_owned()),
        (format!("{LOADER}.json"), told),
    ])
}

/// The name of a script after its content, and what pages write so that they take it with no other.
fn placed(stem: &str, script: &str) -> (String, String) {
    let digest = hexadecimal(&Sha256::digest(script));
    let integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(script)));
    (format!("{stem}.{}.js", &digest[..DIGITS]), integrity)
}

/// The document of the frame: the player's page, after this script and this stylesheet. What it links to opens elsewhere.
fn framed(page: &str, script: &str, styles: &str) -> Option<String> {
    let [shown, hidden] = HIDDEN;
    let (before, after) = page.split_once(START)?;
    let before = before.contains(shown).then(|| before.replacen(shown, hidden, 1))?;
    Some(format!(
        "{before}<meta name=robots content=noindex><base target=_blank>\
         <link href=/{FOLDER}/{styles} rel=stylesheet><script src=/{FOLDER}/{script}></script>{START}{after}"
    ))
}

/// The page where a site's developers try it out.
fn playground(source: &Path, dist: &Path, path: &OsStr) -> Result<Vec<Named>, Failure> {
    let script =
        by_content("playground", "js", small(source, &[&TAKEN[..], &["playground.js"]].concat(), path)?);
    let styles = by_content("playground", "css", read(&source.join("playground.css"))?);
    let mut names = vec![
        (format!("{FOLDER}/playground.js"), format!("{FOLDER}/{}", script.0)),
        (format!("{FOLDER}/playground.css"), format!("{FOLDER}/{}", styles.0)),
    ];
    for shared in SHARED {
        names.push((shared.to_owned(), shared_name(dist, shared)?));
    }
    let page = source.join("playground.html");
    let document = linked(&read(&page)?, &names)
        .map_err(|name| Failure::Other(format!("{} names no {name}", page.display())))?;
    Ok(vec![script, styles, ("playground.html".to_owned(), document)])
}

fn by_content(stem: &str, extension: &str, content: String) -> Named {
    let digest = hexadecimal(&Sha256::digest(&content));
    (format!("{stem}-{}.{extension}", &digest[..DIGITS]), content)
}

/// Scripts, one after the other, without what only people need.
fn small(folder: &Path, scripts: &[&str], path: &OsStr) -> Result<String, Failure> {
    let mut terser = process::command("terser");
    terser.args(scripts).args(["--compress", COMPRESS, "--mangle"]).current_dir(folder).env("PATH", path);
    process::output(&mut terser)
        .ok_or_else(|| Failure::Other(format!("terser cannot read {scripts:?} in {}", folder.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_is_at_its_place_and_at_an_address_of_its_content_with_its_digest() {
        let files = loader("go('/embed/bridge.js','bridge-integrity')", "go()").unwrap();
        // `printf 'go()' | sha256sum` and `| openssl dgst -sha384 -binary | base64`
        let bridge = "v1.bridge.e4a62ff8f51ba28e.js";
        let digest = "sha384-2eR2ebRL3PTAzYG2tevlN+8WTrXsUaQaggr559th5ntotR7G/oN0/gI71qhJrQ5e";
        let script = format!("go('/embed/{bridge}','{digest}')");
        let (immutable, integrity) = placed("v1", &script);
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["v1.js", &immutable, bridge, "v1.json"]);
        assert_eq!([&files[0].1, &files[1].1], [&script; 2]);
        assert_eq!(files[2].1, "go()");
        let told = format!(
            "{{\"script\":\"/embed/{immutable}\",\"integrity\":\"{integrity}\",\
             \"bridge\":\"/embed/{bridge}\",\"bridge_integrity\":\"{digest}\"}}\n"
        );
        assert_eq!(files[3].1, told);
        assert_ne!(loader(&script.replace("go", "run"), "go()"), Some(files));
        assert_eq!(loader("go()", "go()"), None, "a loader that names no bridge");
    }

    #[test]
    fn the_frame_is_the_players_page_with_its_script_before_the_module() {
        let page = "<html lang=en><link href=/main.css><script type=module>start()</script><body>";
        let framed = framed(page, "frame-1.js", "frame-2.css").unwrap();
        let order = [
            "<html hidden lang=en>",
            "/main.css",
            "/embed/frame-2.css",
            "/embed/frame-1.js",
            "<script type=module>start()",
        ];
        let places: Vec<_> = order.iter().map(|part| framed.find(part).unwrap()).collect();
        assert!(places.is_sorted(), "{framed}");
        for other in ["<html lang=en><body>", "<script type=module>start()</script>"] {
            assert_eq!(super::framed(other, "frame-1.js", "frame-2.css"), None, "{other}");
        }
    }
}
