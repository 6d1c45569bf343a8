//! What games say of themselves: short, whole, and about the level at hand.

use std::collections::BTreeSet;

use dripline_shared::game::Game;

use crate::support::levels;

/// A phone shows so many letters of small print on five lines.
const LETTERS_MAX: usize = 190;

pub(crate) fn tells_its_rules_in_a_few_short_sentences<G: Game>() {
    assert!(G::HOW_TO.ends_with('.') && G::HOW_TO.len() <= LETTERS_MAX);
    for params in levels::<G>() {
        assert_words::<G>(&params);
    }
}

/// Asserts that these parameters are put into words as a page can show them.
pub(crate) fn assert_words<G: Game>(params: &G::Params) {
    let goal = G::goal(params);
    assert!(!goal.is_empty() && !goal.ends_with('.'), "{goal}");
    let rules = G::rules(params);
    assert!((3..=6).contains(&rules.len()), "{rules:#?}");
    for rule in &rules {
        assert!(rule.len() <= LETTERS_MAX, "{rule}");
        assert!(rule.ends_with('.') && !rule.contains("  "), "{rule}");
        assert!(rule.starts_with(|first: char| first.is_uppercase()), "{rule}");
    }
    assert_eq!(rules.iter().collect::<BTreeSet<_>>().len(), rules.len(), "{rules:#?}");
}
