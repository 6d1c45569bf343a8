//! A TOML file that knows on which line each of its values stands.

use std::fs;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::finding::{Finding, Findings, Place};

/// The largest configuration file, in bytes: a whole catalog has below 100,000.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A parsed file, or none.
#[derive(Debug)]
pub(super) struct Document<'a> {
    file: Option<(&'a Path, &'a str)>,
    root: DeTable<'a>,
}

/// Reads a file that is not too large.
pub(super) fn read(file: &Path) -> Result<String, Finding> {
    let finding = |expected: String| Finding {
        place: Place::File(file.to_path_buf()),
        setting: String::new(),
        expected,
    };
    let size = fs::metadata(file).map_err(|error| finding(format!("cannot be read: {error}")))?.len();
    if size > FILE_BYTES_MAX {
        return Err(finding(format!("expected at most {FILE_BYTES_MAX} bytes")));
    }
    fs::read_to_string(file).map_err(|error| finding(format!("cannot be read: {error}")))
}

impl<'a> Document<'a> {
    /// Parses a file; what cannot be parsed is a finding each, and the rest is read on.
    pub(super) fn new(file: Option<(&'a Path, &'a str)>, findings: &mut Findings) -> Self {
        let Some((_, text)) = file else { return Self { file, root: DeTable::new() } };
        let (root, errors) = DeTable::parse_recoverable(text);
        let document = Self { file, root: root.into_inner() };
        for error in errors {
            findings.add(document.place_of(&error), "", error.message());
        }
        document
    }

    /// A value at the top.
    pub(super) fn get(&self, name: &str) -> Option<&Spanned<DeValue<'a>>> {
        self.root.get(name)
    }

    /// The whole.
    pub(super) fn root(&self) -> &DeTable<'a> {
        &self.root
    }

    /// Where an error is.
    pub(super) fn place_of(&self, error: &Error) -> Place {
        self.place(error.span().map(|span| span.start))
    }

    /// Where a setting is, such as `catalog.levels[2].play.drops`, or the nearest that there is around it.
    pub(super) fn locate(&self, setting: &str) -> Place {
        let mut found = None;
        let mut table = Some(&self.root);
        let mut array = None;
        for step in steps(setting) {
            let next = match step {
                Step::Key(key) => {
                    table.and_then(|table| table.get(key).or_else(|| below_only_key(table, key)))
                }
                Step::Index(index) => array.and_then(|array: &toml::de::DeArray<'_>| array.get(index)),
            };
            let Some(value) = next else { break };
            found = Some(value.span().start);
            table = value.get_ref().as_table();
            array = value.get_ref().as_array();
        }
        self.place(found)
    }

    /// Refuses everything at the top that has another name than these.
    pub(super) fn refuse_unknown(&self, known: &[&str], findings: &mut Findings) {
        for name in self.root.keys() {
            let text: &str = name.get_ref();
            if !known.contains(&text) {
                let expected = format!("unknown section, expected one of {}", known.join(", "));
                findings.add(self.place(Some(name.span().start)), text, expected);
            }
        }
    }

    fn place(&self, offset: Option<usize>) -> Place {
        match (self.file, offset) {
            (Some((file, text)), Some(offset)) => {
                let before = text.get(..offset).unwrap_or(text);
                let line = 1 + before.matches('\n').count();
                Place::Line(file.to_path_buf(), line)
            }
            (Some((file, _)), None) => Place::File(file.to_path_buf()),
            (None, _) => Place::Default,
        }
    }
}

/// `key` in the one table that `table` holds: a game's parameters stand below the game's name.
fn below_only_key<'t, 'a>(table: &'t DeTable<'a>, key: &str) -> Option<&'t Spanned<DeValue<'a>>> {
    let mut values = table.values();
    match (values.next(), values.next()) {
        (Some(only), None) => only.get_ref().as_table()?.get(key),
        _ => None,
    }
}

/// A step from a value to one inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// Reads `levels[2].play` as three steps.
fn steps(setting: &str) -> impl Iterator<Item = Step<'_>> {
    setting.split(['.', '[']).filter(|part| !part.is_empty()).map(|part| {
        let index = part.strip_suffix(']').and_then(|digits| digits.parse().ok());
        index.map_or(Step::Key(part), Step::Index)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[catalog]\nname = 'x'\n\n[[catalog.levels]]\nid = 'a'\n\n[[catalog.levels]]\nid = 'b'\n\
                        [catalog.levels.play.catch]\ndrops = 3\n";

    fn line(setting: &str) -> Option<usize> {
        let mut findings = Findings::default();
        let document = Document::new(Some((Path::new("x.toml"), TEXT)), &mut findings);
        match document.locate(setting) {
            Place::Line(_, line) => Some(line),
            _ => None,
        }
    }

    #[test]
    fn settings_are_found_on_their_lines() {
        assert_eq!(line("catalog.name"), Some(2));
        assert_eq!(line("catalog.levels[0].id"), Some(5));
        assert_eq!(line("catalog.levels[1].id"), Some(8));
        assert_eq!(line("catalog.levels[1].play.drops"), Some(10));
    }

    #[test]
    fn what_is_not_there_is_placed_at_what_is_around_it() {
        assert_eq!(line("catalog.levels[1].missing"), Some(7));
        assert_eq!(line("catalog.levels[7]"), line("catalog.levels"));
        assert_eq!(line("nothing"), None);
    }
}
