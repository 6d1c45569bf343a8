//! The levels: in the order in which players see them, one of them open.

use std::rc::Rc;

use dripline_shared::catalog::{Catalog, LEVELS_MAX};
use dripline_shared::json::ToJson;
use dripline_shared::level::Level;
use serde_json::Value;
use yew::prelude::*;

use super::changes::Sheet;
use super::groups::{GroupsProps, use_groups};
use crate::components::{button, confirm, piece};
use crate::form::{Kind, duration, level_groups};

#[derive(PartialEq)]
pub(crate) struct LevelsProps {
    /// The catalog.
    pub(crate) sheet: Rc<Sheet>,
    /// Called with a setting and its new value.
    pub(crate) changed: Callback<(String, Value)>,
    /// Called with a catalog that has other levels, or another order.
    pub(crate) replaced: Callback<Catalog>,
    /// Whether they can only be seen.
    pub(crate) is_fixed: bool,
}

/// The levels.
#[hook]
pub(crate) fn use_levels(props: &LevelsProps) -> Html {
    let open = use_state(|| None::<usize>);
    let catalog = &props.sheet.catalog;
    let row = |(index, level): (usize, &Level)| {
        let is_open = *open == Some(index);
        let press = {
            let open = open.clone();
            Callback::from(move |_: MouseEvent| open.set((!is_open).then_some(index)))
        };
        let path = format!("levels[{index}]");
        let mistakes = props.sheet.mistakes_below(&format!("{path}."));
        html! {
            <li key={level.id.clone()} class="level">
                <div class="level-line">
                    <span class="level-name">
                        <button type="button" class="link" onclick={press} aria-expanded={if is_open { "true" } else { "false" }}>
                            { &level.name }
                        </button>
                        <span class="quiet">{ format!(" {}", level.id) }</span>
                        if mistakes > 0 {
                            <span class="badge is-risk">{ "mistake" }</span>
                        } else if !props.is_fixed && !props.sheet.is_as_in_force(&path) {
                            <span class="badge is-on">{ "changed" }</span>
                        }
                    </span>
                    <span><span class="quiet">{ "pays " }</span>{ catalog.asset.format(level.base) }</span>
                    <span><span class="quiet">{ "again after " }</span>{ duration(level.cooldown_ms) }</span>
                    <span class="quiet">{ Kind::Unlock.shown(&level.unlock.to_json(), &catalog.asset) }</span>
                </div>
                if is_open {
                    if !props.is_fixed {
                        { tools(index, catalog, &props.replaced, &open) }
                    }
                    { piece!(use_groups, "", GroupsProps { groups: level_groups(index, level), sheet: Rc::clone(&props.sheet), changed: props.changed.clone(), is_fixed: props.is_fixed }) }
                }
            </li>
        }
    };
    html! { <ol class="card levels" aria-label="Levels">{ for catalog.levels.iter().enumerate().map(row) }</ol> }
}

/// What can be done with a whole level.
fn tools(
    index: usize,
    catalog: &Catalog,
    replaced: &Callback<Catalog>,
    open: &UseStateHandle<Option<usize>>,
) -> Html {
    let act = |to: Option<usize>, change: fn(&mut Vec<Level>, usize)| {
        let (mut catalog, replaced, open) = (catalog.clone(), replaced.clone(), open.clone());
        change(&mut catalog.levels, index);
        Callback::from(move |()| {
            open.set(to);
            replaced.emit(catalog.clone());
        })
    };
    let last = catalog.levels.len().saturating_sub(1);
    html! {
        <div class="buttons">
            { button("Up", index == 0, act(index.checked_sub(1), |levels, index| up(levels, index))) }
            { button("Down", index == last, act(Some(index.saturating_add(1)), |levels, index| down(levels, index))) }
            { button("Copy", catalog.levels.len() >= LEVELS_MAX, act(Some(index.saturating_add(1)), copy)) }
            { confirm("Remove", "Take this level out?".into(), act(None, remove), false) }
        </div>
    }
}

fn up(levels: &mut [Level], index: usize) {
    if let Some(before) = index.checked_sub(1) {
        levels.swap(before, index);
    }
}

fn down(levels: &mut [Level], index: usize) {
    if index.saturating_add(1) < levels.len() {
        levels.swap(index, index.saturating_add(1));
    }
}

fn remove(levels: &mut Vec<Level>, index: usize) {
    if index < levels.len() {
        levels.remove(index);
    }
}

/// Puts a copy behind a level, with an id that no other has.
fn copy(levels: &mut Vec<Level>, index: usize) {
    let Some(level) = levels.get(index) else { return };
    let mut copy = level.clone();
    let is_taken = |id: &str| levels.iter().any(|level| level.id == id);
    let mut ids = (2..=LEVELS_MAX.saturating_add(2)).map(|number| format!("{}-copy-{number}", level.id));
    let first = format!("{}-copy", level.id);
    copy.id = if is_taken(&first) { ids.find(|id| !is_taken(id)).unwrap_or(first) } else { first };
    levels.insert(index.saturating_add(1), copy);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_stands_behind_its_level_with_an_id_of_its_own() {
        let mut levels = Catalog::first_run().levels;
        let id = levels[0].id.clone();
        copy(&mut levels, 0);
        copy(&mut levels, 0);
        let ids: Vec<&str> = levels.iter().take(3).map(|level| level.id.as_str()).collect();
        assert_eq!(ids, [&id, &format!("{id}-copy-2"), &format!("{id}-copy")]);
    }

    #[test]
    fn levels_move_within_their_list_and_no_further() {
        let before = Catalog::first_run().levels;
        let mut levels = before.clone();
        up(&mut levels, 0);
        down(&mut levels, before.len() - 1);
        remove(&mut levels, before.len());
        assert_eq!(levels, before);
        down(&mut levels, 0);
        up(&mut levels, 1);
        assert_eq!(levels, before);
    }
}
