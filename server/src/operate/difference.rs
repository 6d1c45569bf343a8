//! How two catalogs differ, setting by setting.

use std::collections::{BTreeMap, BTreeSet};

use dripline_shared::api::operate::Difference;
use dripline_shared::catalog::Catalog;
use serde_json::Value;

/// What differs, by the names of settings.
pub fn differences(before: &Catalog, after: &Catalog) -> Vec<Difference> {
    let (mut before, mut after) = (settings(before), settings(after));
    let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    let difference = |setting: String| {
        let (before, after) = (before.remove(&setting), after.remove(&setting));
        (before != after).then_some(Difference { setting, before, after })
    };
    names.into_iter().filter_map(difference).collect()
}

/// Differences as lines: `- setting = before` and `+ setting = after`.
pub fn lines(differences: &[Difference]) -> Vec<String> {
    let line = |sign: char, setting: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("{sign} {setting} = {value}"))
    };
    let of_one = |it: &Difference| [line('-', &it.setting, &it.before), line('+', &it.setting, &it.after)];
    differences.iter().flat_map(of_one).flatten().collect()
}

/// Every setting of a catalog with its value. Levels and campaigns go by their ids, so that a new one in the middle is
/// one difference and not a shift of all the others; their order is a setting of its own.
fn settings(catalog: &Catalog) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    // Plain data always serialises.
    flatten("", &serde_json::to_value(catalog).unwrap_or_default(), &mut settings);
    settings
}

fn flatten(path: &str, value: &Value, settings: &mut BTreeMap<String, String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(&below(name), value, settings);
            }
        }
        Value::Array(elements) => match elements.iter().map(id_of).collect::<Option<Vec<&str>>>() {
            Some(ids) if !ids.is_empty() => {
                settings.insert(below("order"), ids.join(", "));
                for (id, element) in ids.iter().zip(elements) {
                    flatten(&below(id), element, settings);
                }
            }
            _ => drop(settings.insert(path.to_owned(), value.to_string())),
        },
        _ => drop(settings.insert(path.to_owned(), value.to_string())),
    }
}

fn id_of(value: &Value) -> Option<&str> {
    value.get("id")?.as_str()
}

#[cfg(test)]
mod tests {
    use dripline_shared::amount::Amount;

    use super::*;

    #[test]
    fn equal_catalogs_do_not_differ() {
        assert!(differences(&Catalog::first_run(), &Catalog::first_run()).is_empty());
    }

    #[test]
    fn differences_are_told_by_setting() {
        let ours = Catalog::first_run();
        let mut theirs = ours.clone();
        theirs.levels[0].base = Amount::from_units(7);
        theirs.limits.newcomer_ms += 1;
        let id = &ours.levels[0].id;
        assert_eq!(
            lines(&differences(&ours, &theirs)),
            [
                format!("- levels.{id}.base = \"{}\"", ours.levels[0].base),
                format!("+ levels.{id}.base = \"7\""),
                format!("- limits.newcomer_ms = {}", ours.limits.newcomer_ms),
                format!("+ limits.newcomer_ms = {}", theirs.limits.newcomer_ms),
            ]
        );
    }

    #[test]
    fn a_level_taken_away_shifts_no_others() {
        let ours = Catalog::first_run();
        let mut theirs = ours.clone();
        let id = theirs.levels.remove(0).id;
        let lines = lines(&differences(&ours, &theirs));
        let about = |line: &&String| line.contains(&format!("levels.{id}.")) || line.contains("levels.order");
        assert_eq!(lines.iter().filter(about).count(), lines.len(), "{lines:?}");
    }
}
