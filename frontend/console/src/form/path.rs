//! Settings of a catalog, or of something else, by where they are: `levels[2].base`.

use dripline_shared::json::{FromJson, ToJson};
use serde_json::Value;

/// A part of a path.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Name(&'a str),
    Place(usize),
}

/// The parts of a path: `levels[2].base` has three.
fn parts(path: &str) -> impl Iterator<Item = Part<'_>> {
    path.split(['.', '[']).filter(|part| !part.is_empty()).map(|part| {
        match part.strip_suffix(']').map(str::parse) {
            Some(Ok(place)) => Part::Place(place),
            _ => Part::Name(part),
        }
    })
}

/// The value of a setting: null where there is none.
pub(crate) fn setting(whole: &Value, path: &str) -> Value {
    let found = parts(path).try_fold(whole, |value, part| match part {
        Part::Name(name) => value.get(name),
        Part::Place(place) => value.get(place),
    });
    found.cloned().unwrap_or(Value::Null)
}

/// The same with another value of a setting, or why it cannot have that. What is set to null is not there any more.
pub(crate) fn edited<T: FromJson + ToJson>(of: &T, path: &str, to: &Value) -> Result<T, String> {
    let mut whole: Value = of.to_json();
    put(&mut whole, path, to.clone())?;
    let edited = T::from_json(&whole)
        .ok_or_else(|| "that is more than fits, or something else than what is expected there".to_owned())?;
    // What it does not know, it does not keep.
    if setting(&edited.to_json(), path) == *to { Ok(edited) } else { Err(format!("{path} is no setting")) }
}

fn put(whole: &mut Value, path: &str, to: Value) -> Result<(), String> {
    let mut value = whole;
    let mut rest = parts(path).peekable();
    while let Some(part) = rest.next() {
        let nowhere = || format!("{path} is no setting");
        let is_last = rest.peek().is_none();
        match (part, &mut *value) {
            (Part::Name(name), Value::Object(fields)) if is_last && to.is_null() => {
                fields.remove(name);
                return Ok(());
            }
            (Part::Name(name), Value::Object(fields)) => {
                value = fields.entry(name).or_insert(Value::Object(serde_json::Map::new()));
            }
            (Part::Place(place), Value::Array(items)) => value = items.get_mut(place).ok_or_else(nowhere)?,
            _ => return Err(nowhere()),
        }
    }
    *value = to;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dripline_shared::catalog::Catalog;
    use serde_json::json;

    fn value(catalog: &Catalog) -> Value {
        serde_json::to_value(catalog).unwrap()
    }

    #[test]
    fn a_setting_is_found_by_its_path_and_changed_there_alone() {
        let catalog = Catalog::first_run();
        assert_eq!(setting(&value(&catalog), "levels[1].id"), json!(catalog.levels[1].id));
        let edited = edited(&catalog, "levels[1].base", &json!("123")).unwrap();
        let mut expected = catalog;
        expected.levels[1].base = dripline_shared::amount::Amount::from_units(123);
        assert_eq!(edited, expected);
    }

    #[test]
    fn what_is_not_there_is_null_and_cannot_be_changed() {
        let catalog = Catalog::first_run();
        assert_eq!(setting(&value(&catalog), "levels[999].id"), Value::Null);
        for nowhere in ["levels[999].base", "levels.first", "asset.code.more", "levels[0].invented"] {
            assert!(edited(&catalog, nowhere, &json!("1")).is_err(), "{nowhere}");
        }
    }

    #[test]
    fn a_value_of_another_type_or_range_is_refused() {
        for wrong in [json!("much"), json!(1_u64 << 32), json!(null)] {
            assert!(edited(&Catalog::first_run(), "rewards.first_clear", &wrong).is_err());
        }
    }
}
