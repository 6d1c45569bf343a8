//! A setting of a catalog, as a field.

use dripline_shared::amount::Asset;
use serde_json::Value;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::piece;
use crate::form::{Field, Kind};

#[derive(PartialEq)]
pub(crate) struct SettingProps {
    /// Which setting.
    pub(crate) field: Field,
    /// Its value.
    pub(crate) value: Value,
    /// The asset whose amounts they are.
    pub(crate) asset: Asset,
    /// What the rules say against the value.
    pub(crate) mistake: Option<AttrValue>,
    /// What it is in the catalog in force, where that is something else.
    pub(crate) live: Option<AttrValue>,
    /// What it can be, each as its value and as it reads; anything where there is nothing to choose from.
    pub(crate) choices: Vec<(String, String)>,
    /// What stands beside it.
    pub(crate) beside: Html,
    /// Whether it can only be seen.
    pub(crate) is_fixed: bool,
    /// Called with the setting and its new value.
    pub(crate) changed: Callback<(String, Value)>,
}

/// The field. What is typed stays in it however often it is shown anew meanwhile, and is kept once the field is left. What cannot be read
/// stays in it, too, and is kept nowhere.
pub(crate) fn setting_field(props: SettingProps) -> Html {
    piece!(use_setting, props.field.path, props)
}

#[hook]
fn use_setting(props: &SettingProps) -> Html {
    // What is in it in place of its value, and what is wrong with that.
    let typed = use_state(|| None::<(String, Option<String>)>);
    let of_value = props.field.kind.shown(&props.value, &props.asset);
    let write = {
        let (typed, of_value) = (typed.clone(), of_value.clone());
        Callback::from(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            let mistake = typed.as_ref().and_then(|(_, mistake)| mistake.clone());
            typed.set((text != of_value).then_some((text, mistake)));
        })
    };
    let change = {
        let (typed, changed) = (typed.clone(), props.changed.clone());
        let (field, asset) = (props.field.clone(), props.asset.clone());
        Callback::from(move |event: Event| {
            // What is chosen from has its value by the same name.
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            match field.read(&text, &asset) {
                Ok(value) => {
                    typed.set(None);
                    changed.emit((field.path.clone(), value));
                }
                Err(expected) => typed.set(Some((text, Some(format!("Not kept: {expected}."))))),
            }
        })
    };
    let id = props.field.path.replace(['[', ']', '.'], "-");
    let (hint_id, mistake_id) = (format!("{id}-hint"), format!("{id}-mistake"));
    let (shown, mistake) = match (*typed).clone() {
        Some((text, mistake)) => (text, mistake.map(AttrValue::from)),
        None => (of_value, None),
    };
    let mistake = mistake.or_else(|| props.mistake.clone());
    let unit = match props.field.kind {
        Kind::Amount => props.asset.code.clone(),
        Kind::Percent | Kind::Percents => "%".to_owned(),
        _ => String::new(),
    };
    let is_wrong = mistake.is_some();
    let described = if is_wrong { format!("{hint_id} {mistake_id}") } else { hint_id.clone() };
    let class = if props.live.is_some() { "setting is-changed" } else { "setting" };
    html! {
        <div {class}>
            <label for={id.clone()}>{ &props.field.label }</label>
            <span class="setting-input">
                if props.choices.is_empty() {
                    <input {id} type="text" value={shown} oninput={write} onchange={change} disabled={props.is_fixed}
                        autocomplete="off" spellcheck="false" aria-describedby={described}
                        aria-invalid={if is_wrong { "true" } else { "false" }} />
                } else {
                    <select {id} onchange={change} disabled={props.is_fixed} aria-describedby={described}>
                        { for props.choices.iter().map(|(value, name)| html! {
                            <option value={value.clone()} selected={*value == shown}>{ name }</option>
                        }) }
                    </select>
                }
                { props.beside.clone() }
                if !unit.is_empty() {
                    <span class="setting-unit" aria-hidden="true">{ unit }</span>
                }
            </span>
            <span id={hint_id} class="quiet">
                { props.field.hint }
                if let Some(live) = &props.live {
                    <span class="setting-live">{ format!(" In force: {live}") }</span>
                }
            </span>
            if let Some(mistake) = mistake {
                <span id={mistake_id} class="setting-mistake" role="alert">{ mistake }</span>
            }
        </div>
    }
}
