//! All of a state is in its digest: whatever could differ between two machines, shows.

use std::collections::BTreeMap;

use dripline_shared::game::replay::{Session, state_digest};
use dripline_shared::game::{Bot, Game, Skill, Status};
use serde_json::Value;

use crate::support::{dice, levels, seeds};

/// A field of a state by its place, the positions in lists left out: `/tiles/*/kind`.
type Place = String;

pub(crate) fn flipping_any_field_of_a_state_changes_its_digest<G: Game>() {
    let states = states::<G>();
    let mut seen: BTreeMap<Place, Vec<Value>> = BTreeMap::new();
    for (_, json) in &states {
        each_value(json, "", "", &mut |place, _, value| {
            let known = seen.entry(place.to_owned()).or_default();
            if known.len() < 50 && !known.contains(value) {
                known.push(value.clone());
            }
        });
    }
    let mut flips: BTreeMap<Place, u32> = BTreeMap::new();
    for (state, json) in &states {
        flip_each_field(state, json, &seen, &mut flips);
    }
    let untouched: Vec<&Place> =
        flips.iter().filter(|(_, count)| **count == 0).map(|(place, _)| place).collect();
    assert!(untouched.is_empty(), "no other value could be put at {untouched:?}");
    assert!(flips.len() >= 3, "a state has fields: {flips:?}");
}

/// States from the first to the last step of rounds of every level.
fn states<G: Game>() -> Vec<(G, Value)> {
    let mut found = Vec::new();
    for (number, params) in (0..).zip(levels::<G>()) {
        for skill in [Skill::Random, Skill::Fair, Skill::Strong] {
            let mut bot = G::Bot::new(skill, dice(number));
            let mut session = Session::<G>::new(params.clone(), seeds::<G>(&params, number));
            let every = (G::length_max(&params) / 6).clamp(1, 400);
            while session.status() == Status::Playing {
                if session.length().is_multiple_of(every) {
                    found.push(session.game().clone());
                }
                let wanted = bot.decide(session.game(), &params);
                session.advance(wanted);
            }
            found.push(session.game().clone());
        }
    }
    found
        .into_iter()
        .map(|state| {
            let json = serde_json::to_value(&state).expect("a state is plain data");
            // A field left out of the serialisation would be left out of the digest as well.
            let read: G = serde_json::from_value(json.clone()).expect("a state reads back");
            assert_eq!(read, state, "all of a state is serialised");
            (state, json)
        })
        .collect()
}

/// Puts other values at every place of a state; where they make another state, its digest must be another.
fn flip_each_field<G: Game>(
    state: &G,
    json: &Value,
    seen: &BTreeMap<Place, Vec<Value>>,
    flips: &mut BTreeMap<Place, u32>,
) {
    let digest = state_digest(state, 0);
    assert_ne!(digest, state_digest(state, 1), "what is held is in the digest");
    let mut places = Vec::new();
    each_value(json, "", "", &mut |place, pointer, value| {
        if !value.is_object() && !value.is_array() {
            places.push((place.to_owned(), pointer.to_owned(), value.clone()));
        }
    });
    for (place, pointer, value) in places {
        let count = flips.entry(place.clone()).or_default();
        let known = seen.get(&place).map_or(&[][..], Vec::as_slice);
        for other in others(&value).iter().chain(known).filter(|other| **other != value).take(6) {
            let mut altered = json.clone();
            *altered.pointer_mut(&pointer).expect("the place was found there") = other.clone();
            // Not every value fits every field, and a field that is derived may correct itself.
            let Ok(altered) = serde_json::from_value::<G>(altered) else { continue };
            if altered != *state {
                assert_ne!(state_digest(&altered, 0), digest, "{place}: {value} or {other}");
                *count += 1;
            }
        }
    }
}

/// Values that may fit where `value` is.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(flag) => vec![Value::from(!flag)],
        Value::Number(number) => {
            let near =
                number.as_i64().map(|number| [number.wrapping_add(1), number.wrapping_sub(1), number ^ 64]);
            near.into_iter().flatten().map(Value::from).collect()
        }
        Value::String(_) => ["playing", "won", "lost"].map(Value::from).to_vec(),
        Value::Null => [Value::from(0), Value::from(1), Value::from(""), Value::Array(Vec::new())].to_vec(),
        Value::Array(_) | Value::Object(_) => Vec::new(),
    }
}

/// Calls `visit` with the place, the JSON pointer and the value of everything in `value`.
fn each_value(value: &Value, place: &str, pointer: &str, visit: &mut impl FnMut(&str, &str, &Value)) {
    visit(place, pointer, value);
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                each_value(field, &format!("{place}/{name}"), &format!("{pointer}/{name}"), visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                each_value(item, &format!("{place}/*"), &format!("{pointer}/{index}"), visit);
            }
        }
        _ => {}
    }
}
