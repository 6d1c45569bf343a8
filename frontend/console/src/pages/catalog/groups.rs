//! Settings in groups.

use std::rc::Rc;

use serde_json::Value;
use yew::prelude::*;

use super::changes::Sheet;
use crate::components::{SettingProps, setting_field};
use crate::form::Group;

/// Groups of more fields than this take the whole width.
const WIDE: usize = 6;

#[derive(PartialEq)]
pub(crate) struct GroupsProps {
    /// The groups.
    pub(crate) groups: Vec<Group>,
    /// The values.
    pub(crate) sheet: Rc<Sheet>,
    /// Called with a setting and its new value.
    pub(crate) changed: Callback<(String, Value)>,
    /// Whether they can only be seen.
    pub(crate) is_fixed: bool,
}

/// The groups, each with its fields.
#[hook]
pub(crate) fn use_groups(props: &GroupsProps) -> Html {
    let asset = &props.sheet.catalog.asset;
    let group = |group: &Group| {
        html! {
            <fieldset class={if group.fields.len() > WIDE { "card group is-wide" } else { "card group" }} key={group.title.clone()}>
                <legend>{ &group.title }</legend>
                { for group.fields.iter().map(|field| setting_field(SettingProps {
                    field: field.clone(),
                    value: props.sheet.value(field),
                    asset: asset.clone(),
                    mistake: props.sheet.mistake(field).cloned().map(AttrValue::from),
                    live: props.sheet.live(field).map(AttrValue::from),
                    choices: Vec::new(),
                    beside: Html::default(),
                    is_fixed: props.is_fixed,
                    changed: props.changed.clone(),
                })) }
            </fieldset>
        }
    };
    html! { <div class="groups">{ for props.groups.iter().map(group) }</div> }
}
