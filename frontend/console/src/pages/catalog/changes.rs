//! What a draft says against the catalog in force, and the rules against the draft. Pure.

use std::collections::BTreeMap;

use dripline_shared::catalog::Catalog;
use dripline_shared::json::ToJson;
use serde_json::Value;

use crate::form::{Field, setting};

/// A draft beside the catalog in force.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    /// The draft.
    pub(crate) catalog: Catalog,
    /// The draft, as its settings are looked up.
    draft: Value,
    /// The catalog in force.
    live: Value,
    /// What is wrong with the draft, by where it is told.
    mistakes: BTreeMap<String, String>,
}

impl Sheet {
    /// A draft beside what is in force.
    pub(crate) fn new(catalog: Catalog, live: &Catalog) -> Self {
        let mistakes = catalog.validate().err().unwrap_or_default();
        Self {
            draft: catalog.to_json(),
            live: live.to_json(),
            mistakes: mistakes
                .into_iter()
                .map(|it| (it.field, format!("Expected {}.", it.expected)))
                .collect(),
            catalog,
        }
    }

    /// What a setting is.
    pub(crate) fn value(&self, field: &Field) -> Value {
        setting(&self.draft, &field.path)
    }

    /// What the rules say against it.
    pub(crate) fn mistake(&self, field: &Field) -> Option<&String> {
        self.mistakes.get(&field.told_at).or_else(|| self.mistakes.get(&field.path))
    }

    /// How it reads in the catalog in force, where that is something else.
    pub(crate) fn live(&self, field: &Field) -> Option<String> {
        let live = setting(&self.live, &self.path_in_force(&field.path)?);
        (live != self.value(field)).then(|| field.kind.shown(&live, &self.catalog.asset))
    }

    /// Where a setting is in the catalog in force, whose levels and campaigns may stand in another order: nowhere where it has no
    /// such level.
    fn path_in_force(&self, path: &str) -> Option<String> {
        let list = ["levels", "campaigns"].into_iter().find(|list| path.starts_with(&format!("{list}[")));
        let Some(list) = list else { return Some(path.to_owned()) };
        let (place, rest) = path.strip_prefix(list)?.strip_prefix('[')?.split_once(']')?;
        let id = setting(&self.draft, &format!("{list}[{place}].id"));
        let place = self.live.get(list)?.as_array()?.iter().position(|it| it.get("id") == Some(&id))?;
        Some(format!("{list}[{place}]{rest}"))
    }

    /// How many mistakes there are in what begins with `path`.
    pub(crate) fn mistakes_below(&self, path: &str) -> usize {
        self.mistakes.keys().filter(|field| field.starts_with(path)).count()
    }

    /// Whether what is at `path` is as in the catalog in force.
    pub(crate) fn is_as_in_force(&self, path: &str) -> bool {
        self.path_in_force(path)
            .is_some_and(|there| setting(&self.live, &there) == setting(&self.draft, path))
    }

    /// All mistakes, with where they are.
    pub(crate) const fn mistakes(&self) -> &BTreeMap<String, String> {
        &self.mistakes
    }
}

#[cfg(test)]
mod tests {
    use dripline_shared::amount::Amount;

    use super::*;
    use crate::form::level_groups;

    fn field(catalog: &Catalog, index: usize, name: &str) -> Field {
        let groups = level_groups(index, &catalog.levels[index]);
        let fields = groups.into_iter().flat_map(|group| group.fields);
        fields.into_iter().find(|field| field.path == format!("levels[{index}].{name}")).unwrap()
    }

    #[test]
    fn a_level_is_compared_with_the_one_of_its_id_wherever_it_stands() {
        let live = Catalog::first_run();
        let mut catalog = live.clone();
        catalog.levels.swap(0, 1);
        catalog.levels[1].base = Amount::from_units(5);
        let sheet = Sheet::new(catalog.clone(), &live);
        assert_eq!(sheet.live(&field(&catalog, 0, "base")), None);
        let expected = live.levels[0].base.to_decimal(live.asset.decimals);
        assert_eq!(sheet.live(&field(&catalog, 1, "base")), Some(expected));
        assert!(sheet.is_as_in_force("levels[0]"));
        assert!(!sheet.is_as_in_force("levels[1]"));
    }

    #[test]
    fn a_level_that_is_new_is_not_as_in_force_and_has_nothing_to_be_compared_with() {
        let live = Catalog::first_run();
        let mut catalog = live.clone();
        catalog.levels[2].id = "new".to_owned();
        let sheet = Sheet::new(catalog.clone(), &live);
        assert_eq!(sheet.live(&field(&catalog, 2, "base")), None);
        assert!(!sheet.is_as_in_force("levels[2]"));
    }

    #[test]
    fn mistakes_are_counted_where_they_are() {
        let live = Catalog::first_run();
        let mut catalog = live.clone();
        catalog.levels[1].name = String::new();
        let sheet = Sheet::new(catalog.clone(), &live);
        assert!(sheet.mistake(&field(&catalog, 1, "name")).is_some());
        assert_eq!((sheet.mistakes_below("levels[1]"), sheet.mistakes_below("levels[0]")), (1, 0));
        assert_eq!(sheet.mistakes().len(), 1);
    }
}
