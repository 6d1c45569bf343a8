//! Gives short names to what the module and its JavaScript hand to each other. wasm-bindgen ends each name with sixteen
//! random digits, in both files, and no compression makes those small: the page is 8 KB smaller without them. Sections
//! that no browser reads go too.

use std::{collections::HashMap, fs, path::Path};

use crate::failure::Failure;

/// How names begin that wasm-bindgen made up, and that therefore mean nothing to anybody else.
const MADE_UP: [&str; 3] = ["__wbg_", "__wbindgen_", "wasm_bindgen_"];
const CUSTOM: u8 = 0;
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
const FUNCTION: u8 = 0;
/// What the script is called within the module.
const SCRIPT: &str = ".";

/// Shortens the names between a module and its script.
pub(super) fn names_between(module_path: &Path, script_path: &Path) -> Result<(), Failure> {
    let module = fs::read(module_path).map_err(|error| Failure::file("read", module_path, error))?;
    let script =
        fs::read_to_string(script_path).map_err(|error| Failure::file("read", script_path, error))?;
    let (module, script) = shortened(&module, &script).ok_or_else(|| {
        Failure::Other("the module that wasm-bindgen made has a form that is not known here".to_owned())
    })?;
    fs::write(module_path, module).map_err(|error| Failure::file("write", module_path, error))?;
    fs::write(script_path, script).map_err(|error| Failure::file("write", script_path, error))
}

/// Module and script with short names. `None` if the module cannot be read, or the two do not belong together.
fn shortened(module: &[u8], script: &str) -> Option<(Vec<u8>, String)> {
    let (header, mut rest) = module.split_at_checked(8)?;
    let mut names = Names::new(script);
    let mut new = header.to_vec();
    while !rest.is_empty() {
        let kind = byte(&mut rest)?;
        let content = sized(&mut rest)?;
        let content = match kind {
            CUSTOM => continue,
            IMPORTS => imports(content, &mut names)?,
            EXPORTS => exports(content, &mut names)?,
            _ => content.to_vec(),
        };
        new.push(kind);
        put_sized(&mut new, &content);
    }
    Some((new, names.in_script(script)))
}

/// The section of imports: of each the module's name, its own name, and what it is.
fn imports(mut content: &[u8], names: &mut Names<'_>) -> Option<Vec<u8>> {
    let count = number(&mut content)?;
    let mut new = Vec::new();
    put_number(&mut new, count);
    for _ in 0..count {
        names.comes_from(std::str::from_utf8(sized(&mut content)?).ok()?)?;
        put_sized(&mut new, SCRIPT.as_bytes());
        let name = std::str::from_utf8(sized(&mut content)?).ok()?;
        // The script must hand it in under its name.
        if !names.is_in_script(name) || byte(&mut content)? != FUNCTION {
            return None;
        }
        put_sized(&mut new, names.short(name).as_bytes());
        new.push(FUNCTION);
        put_number(&mut new, number(&mut content)?);
    }
    Some(new)
}

/// The section of exports: of each the name, what it is, and its number.
fn exports(mut content: &[u8], names: &mut Names<'_>) -> Option<Vec<u8>> {
    let count = number(&mut content)?;
    let mut new = Vec::new();
    put_number(&mut new, count);
    for _ in 0..count {
        let name = std::str::from_utf8(sized(&mut content)?).ok()?;
        put_sized(&mut new, names.short(name).as_bytes());
        new.push(byte(&mut content)?);
        put_number(&mut new, number(&mut content)?);
    }
    Some(new)
}

/// Which name becomes which.
struct Names<'a> {
    /// Every word of the script: none of them may be given anew.
    words: Vec<&'a str>,
    /// What wasm-bindgen calls the script within the module.
    module: Option<String>,
    short: HashMap<String, String>,
    given: usize,
}

impl<'a> Names<'a> {
    fn new(script: &'a str) -> Self {
        let mut words: Vec<_> = script.split(|letter| !is_of_word(letter)).collect();
        words.sort_unstable();
        Self { words, module: None, short: HashMap::new(), given: 0 }
    }

    /// Learns what the script is called. `None` where imports come from several: one is all that wasm-bindgen makes.
    fn comes_from(&mut self, module: &str) -> Option<()> {
        let known = self.module.get_or_insert_with(|| module.to_owned());
        (known == module).then_some(())
    }

    fn is_in_script(&self, word: &str) -> bool {
        self.words.binary_search(&word).is_ok()
    }

    /// The new name, or the old one where that is not made up.
    fn short(&mut self, name: &str) -> String {
        if !MADE_UP.iter().any(|start| name.starts_with(start)) {
            return name.to_owned();
        }
        if let Some(known) = self.short.get(name) {
            return known.clone();
        }
        let short = loop {
            let candidate = format!("_{:x}", self.given);
            self.given += 1;
            if !self.is_in_script(&candidate) {
                break candidate;
            }
        };
        self.short.insert(name.to_owned(), short.clone());
        short
    }

    /// The script with every word that has a new name replaced.
    fn in_script(&self, script: &str) -> String {
        let mut new = String::with_capacity(script.len());
        let mut rest = script;
        while !rest.is_empty() {
            let word = &rest[..rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len())];
            new.push_str(self.short.get(word).map_or(word, String::as_str));
            rest = &rest[word.len()..];
            let between = &rest[..rest.find(is_of_word).unwrap_or(rest.len())];
            new.push_str(between);
            rest = &rest[between.len()..];
        }
        match &self.module {
            Some(module) => new.replace(&format!("\"{module}\""), &format!("\"{SCRIPT}\"")),
            None => new,
        }
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

fn byte(content: &mut &[u8]) -> Option<u8> {
    let (first, rest) = content.split_first()?;
    *content = rest;
    Some(*first)
}

/// A number as WebAssembly writes it: seven bits a byte, the lowest first.
fn number(content: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..32).step_by(7) {
        let byte = byte(content)?;
        number |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Bytes that follow their number.
fn sized<'a>(content: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(content)?;
    let (bytes, rest) = content.split_at_checked(length)?;
    *content = rest;
    Some(bytes)
}

fn put_number(new: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        new.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    new.push(u8::try_from(number).unwrap_or_default());
}

fn put_sized(new: &mut Vec<u8>, bytes: &[u8]) {
    put_number(new, bytes.len());
    new.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "const _0=1;f({\"./page.js\":{__wbg_fill_0123456789abcdef:a=>wasm.memory}});\
                          wasm.__wbindgen_start(__wbg_init)";
    const AFTER: &str = "const _0=1;f({\".\":{_1:a=>wasm.memory}});wasm._2(__wbg_init)";

    /// A module of these imports and exports, all of them functions.
    fn module(imports: &[(&str, &str)], exports: &[&str]) -> Vec<u8> {
        let section = |kind: u8, entries: &[Vec<&str>], new: &mut Vec<u8>| {
            let mut content = Vec::new();
            put_number(&mut content, entries.len());
            for entry in entries {
                for name in entry {
                    put_sized(&mut content, name.as_bytes());
                }
                content.extend([FUNCTION, 3]);
            }
            new.push(kind);
            put_sized(new, &content);
        };
        let mut new = b"\0asm\x01\0\0\0".to_vec();
        let imports: Vec<_> = imports.iter().map(|(module, name)| vec![*module, *name]).collect();
        section(IMPORTS, &imports, &mut new);
        let exports: Vec<_> = exports.iter().map(|name| vec![*name]).collect();
        section(EXPORTS, &exports, &mut new);
        new
    }

    #[test]
    fn names_that_were_made_up_become_short_in_both_and_others_stay() {
        let before = module(&[("./page.js", "__wbg_fill_0123456789abcdef")], &["memory", "__wbindgen_start"]);
        let (after, script) = shortened(&before, BEFORE).unwrap();
        // `_0` is taken.
        assert_eq!(after, module(&[(".", "_1")], &["memory", "_2"]));
        assert_eq!(script, AFTER);
    }

    #[test]
    fn custom_sections_go() {
        let before = module(&[], &["memory"]);
        let mut with_custom = before.clone();
        with_custom.push(CUSTOM);
        put_sized(&mut with_custom, &[7; 300]);
        assert_eq!(shortened(&with_custom, "").unwrap().0, before);
    }

    #[test]
    fn a_module_that_is_cut_off_or_of_another_script_is_refused() {
        let import = ("./page.js", "__wbg_fill_0123456789abcdef");
        let whole = module(&[import], &[]);
        assert!(shortened(&whole[..whole.len() - 1], BEFORE).is_none());
        assert!(shortened(&whole, "another()").is_none());
        assert!(shortened(&module(&[import, ("./other.js", import.1)], &[]), BEFORE).is_none());
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for written in [0, 1, 127, 128, 300, 16_384, 2_000_000] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, written);
            assert_eq!(number(&mut bytes.as_slice()), Some(written));
        }
    }
}
