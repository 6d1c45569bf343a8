//! The audit log: who has changed what, and who was kept from it.

use dripline_shared::api::operate::{AuditLine, AuditPage};
use serde_json::Value;
use yew::prelude::*;

use crate::components::{button, download, use_action, use_loaded, use_pages};
use crate::session::use_session;
use crate::{edge, format, json};

/// The page.
#[hook]
pub(crate) fn use_audit() -> Html {
    let session = use_session();
    let action = use_action();
    let pages = use_pages();
    let (page, again) = use_loaded::<AuditPage>(pages.path("audit".to_owned(), '?'));
    let save = {
        let (action, api) = (action.clone(), session.api.clone());
        Callback::from(move |()| {
            let api = api.clone();
            action.run(async move {
                let lines = api.get_text("audit.jsonl").await?;
                download("audit.jsonl", "application/x-ndjson", &lines);
                Ok(String::new())
            });
        })
    };
    let next = page.here().and_then(|page| page.next_before);
    html! {
        <>
            <p class="quiet">
                { "Nothing in it is ever changed or deleted: every entry has the hash of the one before. " }
                <code>{ "dripline audit verify" }</code>{ " checks that." }
            </p>
            { action.view() }
            <div class="buttons">
                { pages.buttons(next, &again) }
                { button("Save as JSON lines", action.is_busy(), save) }
            </div>
            { page.view(|page| html! {
                <ol class="audit">{ for page.lines.iter().map(entry) }</ol>
            }) }
        </>
    }
}

fn entry(line: &AuditLine) -> Html {
    let AuditLine { number, at_ms, entry, .. } = line;
    let refused = entry.refused.map(|code| {
        html! {
            <span class="badge is-risk">{ format!("refused: {}", format::words(code.as_str())) }</span>
        }
    });
    html! {
        <li key={*number} class="audit-entry">
            <span class="audit-number">{ *number }</span>
            <div class="audit-text">
                <p>
                    <strong>{ format::words(&entry.action) }</strong>
                    if let Some(subject) = &entry.subject {
                        { " " }<code>{ subject }</code>
                    }
                    { " " }{ for refused }
                </p>
                <p class="quiet">
                    { format!("{} by {}", edge::moment(*at_ms), format::by(&entry.by)) }
                    if let Some(from) = &entry.from {
                        { format!(", from {from}") }
                    }
                </p>
                if entry.before.is_some() || entry.after.is_some() {
                    <details>
                        <summary>{ "Before and after" }</summary>
                        <dl class="audit-values">
                            { value("Before", entry.before.as_ref()) }
                            { value("After", entry.after.as_ref()) }
                        </dl>
                    </details>
                }
            </div>
        </li>
    }
}

fn value(name: &str, value: Option<&Value>) -> Html {
    let text = value.map_or_else(|| "nothing".to_owned(), json::laid_out);
    html! { <><dt>{ name }</dt><dd><pre>{ text }</pre></dd></> }
}
