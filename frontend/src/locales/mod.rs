//! Every word that is shown. Another language is another value of [`Texts`]: `Texts { play: "Spielen", ..ENGLISH }`
//! says what it has, and falls back to English for the rest.

mod english;
pub(crate) mod failures;

use std::cell::Cell;

use english::ENGLISH;
pub(crate) use english::Texts;

use crate::browser::page;

/// The languages that there are, each with the start of its tags.
static LANGUAGES: [(&str, &Texts); 1] = [("en", &ENGLISH)];

thread_local! {
    static CURRENT: Cell<Option<&'static Texts>> = const { Cell::new(None) };
}

/// The texts for a language's tag, such as `de-CH`; English for one that there is not.
fn for_language(tag: &str) -> &'static Texts {
    let language = tag.split('-').next().unwrap_or_default();
    LANGUAGES
        .iter()
        .find(|(name, _)| language.eq_ignore_ascii_case(name))
        .map_or(&ENGLISH, |(_, texts)| texts)
}

/// The texts in the browser's language.
pub(crate) fn texts() -> &'static Texts {
    CURRENT.get().unwrap_or_else(|| {
        let texts = for_language(&page::language());
        CURRENT.set(Some(texts));
        texts
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_that_there_is_not_falls_back_to_english() {
        for tag in ["en", "EN-gb", "tlh", "", "-"] {
            assert_eq!(for_language(tag).play, ENGLISH.play);
        }
    }
}
