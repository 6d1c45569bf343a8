//! Which settings a site has, with their names for people, and which of them a mistake is about.

use dripline_shared::api::operate::Mistake;
use serde_json::Value;

use super::fields::{Field, field};
use super::{Kind, setting};

/// The settings of a site itself.
pub(crate) fn site_fields() -> [Field; 5] {
    let named = |name: &str, label, kind, hint| field(name.to_owned(), label, kind, hint);
    let origins =
        "Where its pages are: https://shop.example, and others after a comma. No path, no slash at the end.";
    let campaign =
        "Of those in force. Without one, levels are played for their own sake, as in place of a captcha.";
    [
        named("id", "Id", Kind::Text, "Its pages name it. It is public, and stays as it is for ever."),
        named("name", "Name", Kind::Text, "For operators."),
        named("origins", "Origins", Kind::Ids, origins),
        named(
            "mode",
            "For",
            Kind::Text,
            "A test site pays nothing, and its tokens are for tests. It stays so.",
        ),
        Field { is_optional: true, ..named("campaign", "Pays from", Kind::Text, campaign) },
    ]
}

/// The settings of how it looks.
pub(crate) fn look_fields() -> [Field; 4] {
    let named = |name: &str, label, hint| Field {
        is_optional: true,
        ..field(format!("look.{name}"), label, Kind::Text, hint)
    };
    [
        named("title", "Title", "Above the levels."),
        named("text", "Text", "A line below it."),
        named("accent", "Colour", "Of what can be pressed: #1a73e8."),
        named("accent_dark", "Colour on dark pages", "The same where it is dark."),
    ]
}

/// The address of a webhook. Fields of several are told apart by `of`.
pub(crate) fn webhook_field(of: &str) -> Field {
    let hint = "Of its server, by https: https://shop.example/hooks.";
    field(format!("webhook.{of}"), "Address", Kind::Text, hint)
}

/// The mistake in a setting, or in one of its items, which is named then.
pub(crate) fn mistake_at(whole: &Value, mistakes: &[Mistake], path: &str) -> Option<String> {
    let is_of_item = |field: &str| field.strip_prefix(path).is_some_and(|rest| rest.starts_with('['));
    let mistake = mistakes.iter().find(|it| it.field == path || is_of_item(&it.field))?;
    Some(match setting(whole, &mistake.field) {
        Value::String(item) if mistake.field != path => format!("{item}: expected {}.", mistake.expected),
        _ => format!("Expected {}.", mistake.expected),
    })
}

#[cfg(test)]
mod tests {
    use dripline_shared::catalog::Catalog;
    use dripline_shared::json::{FromJson, ToJson};
    use dripline_shared::site::Site;
    use serde_json::json;

    use super::*;
    use crate::form::edited;

    fn site() -> Site {
        let mut site = Site::BLANK;
        (site.id, site.name) = ("shop".to_owned(), "The shop".to_owned());
        site.origins = vec!["https://shop.example".to_owned()];
        site
    }

    #[test]
    fn every_setting_is_typed_and_read_as_itself_again() {
        let asset = Catalog::first_run().asset;
        let mut typed = site();
        let texts = ["gate", "Gate", "https://a.example, https://b.example", "test", "default"];
        let looks = ["Win", "Play", "#1a73e8", "#ffffff"];
        let fields = site_fields().into_iter().zip(texts).chain(look_fields().into_iter().zip(looks));
        for (field, text) in fields {
            let value = field.read(text, &asset).unwrap();
            typed = edited(&typed, &field.path, &value).unwrap();
            assert_eq!(field.kind.shown(&setting(&typed.to_json(), &field.path), &asset), text);
        }
        let expected = json!({
            "id": "gate", "name": "Gate", "origins": ["https://a.example", "https://b.example"], "mode": "test",
            "campaign": "default",
            "look": { "title": "Win", "text": "Play", "accent": "#1a73e8", "accent_dark": "#ffffff" },
        });
        assert_eq!(serde_json::to_value(&typed).unwrap(), expected);
    }

    #[test]
    fn what_is_emptied_is_not_there_any_more() {
        let with = edited(&site(), "look.accent", &json!("#1a73e8")).unwrap();
        assert_eq!(edited(&with, "look.accent", &Value::Null), Ok(site()));
        let with = edited(&site(), "campaign", &json!("default")).unwrap();
        assert_eq!(edited(&with, "campaign", &Value::Null), Ok(site()));
    }

    #[test]
    fn a_mistake_in_an_item_is_told_at_its_list_and_names_the_item() {
        let mut site = site();
        site.origins = vec!["https://shop.example".to_owned(), "https://Shop.example/".to_owned()];
        let (whole, mistakes) = (site.to_json(), site.mistakes());
        let told = mistake_at(&whole, &mistakes, "origins").unwrap();
        assert!(told.starts_with("https://Shop.example/: expected an origin"), "{told}");
        assert_eq!(mistake_at(&whole, &mistakes, "id"), None);
    }

    #[test]
    fn a_mistake_in_what_is_missing_is_told_at_its_field() {
        let site = Site::BLANK;
        let (whole, mistakes) = (site.to_json(), site.mistakes());
        for path in ["id", "name", "origins"] {
            let told = mistake_at(&whole, &mistakes, path).unwrap();
            assert!(told.starts_with("Expected 1 to "), "{path}: {told}");
        }
    }
}
