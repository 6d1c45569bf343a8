//! Which settings a catalog has, by groups, with their names for people. What a game tunes is not named here: it comes from its
//! parameters, so that a new game needs nothing here.

use dripline_shared::amount::Asset;
use dripline_shared::catalog::Campaign;
#[cfg(test)]
use dripline_shared::catalog::Catalog;
use dripline_shared::game::Pace;
use dripline_shared::json::ToJson;
use dripline_shared::level::Level;
use serde_json::Value;

use super::Kind;

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// Where it is in the catalog: `levels[2].play.catch.lives`.
    pub(crate) path: String,
    /// Where mistakes in it are told: `levels[2].play.lives`.
    pub(crate) told_at: String,
    /// What it is called.
    pub(crate) label: String,
    /// What to know about it.
    pub(crate) hint: &'static str,
    /// What kind of thing it is.
    pub(crate) kind: Kind,
    /// Whether it need not be said: an empty field then means that it is not.
    pub(crate) is_optional: bool,
}

impl Field {
    /// What is typed as its value, or what was expected instead.
    pub(crate) fn read(&self, text: &str, asset: &Asset) -> Result<Value, String> {
        if self.is_optional && text.trim().is_empty() { Ok(Value::Null) } else { self.kind.read(text, asset) }
    }
}

/// Settings that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// What they are called together.
    pub(crate) title: String,
    /// They.
    pub(crate) fields: Vec<Field>,
}

pub(super) fn field(path: String, label: &str, kind: Kind, hint: &'static str) -> Field {
    Field { told_at: path.clone(), path, label: label.to_owned(), hint, kind, is_optional: false }
}

fn group(title: &str, fields: Vec<Field>) -> Group {
    Group { title: title.to_owned(), fields }
}

/// The settings of a level.
pub(crate) fn level_groups(index: usize, level: &Level) -> Vec<Group> {
    let at = |name: &str| format!("levels[{index}].{name}");
    let facts = level.play.facts();
    let mut play = vec![
        field(at("stars[0]"), "Score for two stars", Kind::Count, ""),
        Field {
            told_at: at("stars"),
            ..field(at("stars[1]"), "Score for three stars", Kind::Count, "Not below that for two.")
        },
    ];
    if facts.pace == Pace::Turns {
        let hint = "The least time that a person takes: claims that were quicker are refused.";
        play.push(field(at("turn_ms_min"), "Least time for a turn", Kind::Duration, hint));
        let hint = "All turns together, on top of the least time.";
        play.push(field(at("think_ms_max"), "Time to think", Kind::Duration, hint));
    }
    let mut groups = vec![
        group(
            "The level",
            vec![
                field(at("name"), "Name", Kind::Text, "What players read."),
                field(
                    at("id"),
                    "Id",
                    Kind::Text,
                    "Another id is another level: what players have cleared stays with the old one.",
                ),
                field(at("unlock"), "Opens", Kind::Unlock, "open, cleared catch-1, or 20 stars."),
            ],
        ),
        group(
            "What it pays",
            vec![
                field(at("base"), "Base reward", Kind::Amount, "Before all factors."),
                field(at("cooldown_ms"), "Pays again after", Kind::Duration, "Such as 30m or 1h."),
            ],
        ),
        group("How it is judged", play),
    ];
    groups.push(Group { title: format!("How it plays ({})", facts.id), fields: game_fields(index, level) });
    groups
}

/// What the level's game tunes: every parameter that it has.
fn game_fields(index: usize, level: &Level) -> Vec<Field> {
    let Value::Object(play) = level.play.to_json() else { return Vec::new() };
    let fields = play.into_iter().filter_map(|(game, parameters)| match parameters {
        Value::Object(parameters) => Some((game, parameters)),
        _ => None,
    });
    fields
        .flat_map(|(game, parameters)| {
            parameters.into_iter().map(move |(name, value)| {
                let path = format!("levels[{index}].play.{game}.{name}");
                let told_at = format!("levels[{index}].play.{name}");
                let kind = match value {
                    Value::Array(_) => Kind::Counts,
                    Value::Number(_) => Kind::Count,
                    _ => Kind::Text,
                };
                Field { told_at, ..field(path, &words(&name), kind, "") }
            })
        })
        .collect()
}

/// The name of a parameter as people read it: `fall_ticks` is "Fall, in ticks".
fn words(name: &str) -> String {
    const UNITS: [(&str, &str); 4] = [
        ("_ticks", ", in ticks"),
        ("_columns", ", in columns"),
        ("_per_mille", ", in thousandths"),
        ("_parts", ", in parts"),
    ];
    let unit = UNITS.iter().find_map(|(suffix, unit)| Some((name.strip_suffix(suffix)?, *unit)));
    let (name, unit) = unit.unwrap_or((name, ""));
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let text: String = first.into_iter().chain(letters).collect();
    format!("{}{unit}", text.replace('_', " "))
}

/// How drips are computed.
pub(crate) fn reward_groups() -> Vec<Group> {
    let at = |name: &str| format!("rewards.{name}");
    vec![
        group(
            "How well a round was played",
            vec![
                field(
                    at("stars"),
                    "For one, two and three stars",
                    Kind::Percents,
                    "Percent of the base reward.",
                ),
                field(at("first_clear"), "The first time that a level is cleared", Kind::Percent, "Percent."),
            ],
        ),
        group(
            "How often somebody plays",
            vec![
                field(
                    at("streak"),
                    "Days in a row",
                    Kind::Percents,
                    "From the first day on; the last one stays.",
                ),
                field(
                    at("repeat"),
                    "The same level again on one day",
                    Kind::Percents,
                    "From the first time on; never rising.",
                ),
            ],
        ),
        group(
            "At most",
            vec![field(at("drip_max"), "The largest drip", Kind::Amount, "Whatever the factors say.")],
        ),
    ]
}

/// What holds drips back.
pub(crate) fn limit_groups() -> Vec<Group> {
    let count = |name: &str, title: &str| {
        group(
            title,
            vec![
                field(format!("limits.{name}.burst"), "At once", Kind::Count, ""),
                field(format!("limits.{name}.every_ms"), "Then one every", Kind::Duration, ""),
            ],
        )
    };
    let money = |name: &str, title: &str| group(title, money_fields(&format!("limits.{name}")));
    let newcomer = "A wallet has a history from so long after its first drip on.";
    vec![
        money("outflow", "All drips together"),
        money("outflow_per_prefix", "Drips to one network"),
        money("outflow_newcomers", "Drips to wallets without history"),
        group(
            "Newcomers",
            vec![field("limits.newcomer_ms".to_owned(), "Without history for", Kind::Duration, newcomer)],
        ),
        count("drips", "Drips of one wallet"),
        count("attempts", "Rounds of one wallet"),
        count("opens_per_prefix", "Rounds of one network"),
    ]
}

fn money_fields(path: &str) -> Vec<Field> {
    let ceiling = "In any time of that length; a quarter of it may go at once.";
    vec![
        field(format!("{path}.ceiling"), "At most", Kind::Amount, ceiling),
        field(format!("{path}.window_ms"), "In", Kind::Duration, ""),
    ]
}

/// The settings of a campaign.
pub(crate) fn campaign_groups(index: usize, campaign: &Campaign) -> Vec<Group> {
    let at = |name: &str| format!("campaigns[{index}].{name}");
    let optional = |name: &str, label: &str, kind, hint| Field {
        is_optional: true,
        ..field(at(name), label, kind, hint)
    };
    let mut money = vec![field(
        at("budget"),
        "Budget",
        Kind::Amount,
        "All that it may ever pay. Locked from its start on.",
    )];
    money.extend(money_fields(&at("outflow")));
    money.push(optional(
        "newcomers",
        "Share of wallets without history",
        Kind::Percent,
        "Of what it pays in a window.",
    ));
    let moment = "UTC, such as 2026-12-01T18:00:00Z.";
    let when = vec![
        field(at("id"), "Id", Kind::Text, "Another id is another campaign."),
        optional("name", "Name", Kind::Text, "What people read."),
        optional("starts_ms", "Starts", Kind::Moment, moment),
        optional("ends_ms", "Ends", Kind::Moment, moment),
        optional("pacing", "Spread over the time left", Kind::Flag, "yes or no. It needs an end."),
    ];
    let what = vec![
        optional("levels", "Levels", Kind::Ids, "Ids with commas; all where nothing is said."),
        optional("boost", "Boost", Kind::Percent, "Of all its drips, such as 150."),
        optional(
            "audience",
            "For whom",
            Kind::Audience,
            "everybody, vouchers, new wallets within 7d, or site <id>.",
        ),
    ];
    let title = |what: &str| format!("{}: {what}", campaign.id);
    vec![group(&title("when"), when), group(&title("what it pays"), what), group(&title("money"), money)]
}

/// Every field of a catalog. Tests hold it to what a catalog has.
#[cfg(test)]
fn all(catalog: &Catalog) -> Vec<Field> {
    let levels = catalog.levels.iter().enumerate().flat_map(|(index, level)| level_groups(index, level));
    let campaigns = catalog.campaigns.iter().enumerate();
    let campaigns = campaigns.flat_map(|(index, campaign)| campaign_groups(index, campaign));
    let groups = levels.chain(reward_groups()).chain(limit_groups()).chain(campaigns);
    groups.flat_map(|group| group.fields).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::form::setting;

    /// The paths of all values of a catalog that are no objects.
    fn leaves(path: &str, value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) if fields.len() != 1 || !path.ends_with("unlock") => {
                for (name, value) in fields {
                    leaves(&format!("{path}.{name}"), value, into);
                }
            }
            Value::Array(items) if items.iter().all(Value::is_object) && !items.is_empty() => {
                for (place, item) in items.iter().enumerate() {
                    leaves(&format!("{path}[{place}]"), item, into);
                }
            }
            Value::Array(items)
                if path.starts_with(".levels") && path.rsplit('.').next() == Some("stars") =>
            {
                for (place, item) in items.iter().enumerate() {
                    leaves(&format!("{path}[{place}]"), item, into);
                }
            }
            _ => {
                into.insert(path.trim_start_matches('.').to_owned());
            }
        }
    }

    #[test]
    fn every_setting_of_a_catalog_has_a_field_but_for_those_that_are_never_changed() {
        let catalog = Catalog::first_run();
        let mut settings = BTreeSet::new();
        leaves("", &serde_json::to_value(&catalog).unwrap(), &mut settings);
        let fields: BTreeSet<String> = all(&catalog).into_iter().map(|field| field.path).collect();
        let missing: Vec<&String> = settings.difference(&fields).collect();
        let is_fixed = |path: &str| {
            let of_clocked = path.ends_with("turn_ms_min") || path.ends_with("think_ms_max");
            path.starts_with("asset.") || path.ends_with("].id") || of_clocked
        };
        let missing: Vec<_> = missing.into_iter().filter(|path| !is_fixed(path)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_value_is_shown_as_its_kind_and_read_as_itself_again() {
        let catalog = Catalog::first_run();
        let whole = serde_json::to_value(&catalog).unwrap();
        for field in all(&catalog) {
            let value = setting(&whole, &field.path);
            let shown = field.kind.shown(&value, &catalog.asset);
            assert_eq!(field.read(&shown, &catalog.asset), Ok(value), "{}: {shown}", field.path);
        }
    }

    #[test]
    fn mistakes_in_what_a_game_tunes_are_told_at_its_field() {
        let mut catalog = Catalog::first_run();
        let Value::Object(play) = serde_json::to_value(&catalog.levels[0].play).unwrap() else { panic!() };
        let (game, parameters) = play.into_iter().next().unwrap();
        let name = parameters.as_object().unwrap().keys().next().unwrap().clone();
        let path = format!("levels[0].play.{game}.{name}");
        catalog = crate::form::edited(&catalog, &path, &serde_json::json!(0)).unwrap();
        let mistakes = catalog.validate().unwrap_err();
        let fields = game_fields(0, &catalog.levels[0]);
        let field = fields.iter().find(|field| field.path == path).unwrap();
        assert!(mistakes.iter().any(|mistake| mistake.field == field.told_at), "{mistakes:?}");
    }

    #[test]
    fn parameters_are_named_in_words_with_their_units() {
        assert_eq!(words("fall_ticks"), "Fall, in ticks");
        assert_eq!(words("rust_every"), "Rust every");
        assert_eq!(words("gold_per_mille"), "Gold, in thousandths");
    }
}
