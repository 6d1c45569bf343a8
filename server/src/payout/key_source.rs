//! Where a treasury's secret key, and what else is secret, is read from: once, without leaving copies behind, and without showing a word of it.

use std::fmt::Display;
use std::path::PathBuf;

use zeroize::Zeroizing;

/// The longest text of a key, in bytes: a list of 64 numbers with white space.
const TEXT_BYTES_MAX: u64 = 4_096;

/// Where the secret key is. It is never in the configuration itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
}

impl KeySource {
    /// Reads the key; `parse` tells what it expects otherwise. What is wrong is told without a word of the key.
    pub(crate) fn read<K, E: Display>(&self, parse: impl FnOnce(&str) -> Result<K, E>) -> Result<K, String> {
        let (place, text) = match self {
            Self::File(path) => {
                let place = path.display();
                let size = std::fs::metadata(path).map_err(|error| format!("{place}: {error}"))?.len();
                if size > TEXT_BYTES_MAX {
                    return Err(format!("{place}: expected a key of at most {TEXT_BYTES_MAX} bytes"));
                }
                let text = std::fs::read_to_string(path).map_err(|error| format!("{place}: {error}"))?;
                (place.to_string(), text)
            }
            Self::Variable(name) => {
                (name.clone(), std::env::var(name).map_err(|_| format!("{name}: this variable is not set"))?)
            }
        };
        parse(&Zeroizing::new(text)).map_err(|expected| format!("{place}: expected {expected}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(source: &KeySource) -> String {
        source.read(|_| Err::<(), _>("a key")).unwrap_err()
    }

    #[test]
    fn a_variable_or_a_file_that_is_not_there_is_named() {
        let source = KeySource::Variable("DRIPLINE_NO_SUCH_KEY".to_owned());
        assert_eq!(refused(&source), "DRIPLINE_NO_SUCH_KEY: this variable is not set");
        assert!(refused(&KeySource::File("/nowhere/key.json".into())).starts_with("/nowhere/key.json: "));
    }
}
