//! How settings of a kind are typed in: durations as `1h 30m`, factors in percent, amounts in whole coins.

use std::time::{Duration, SystemTime};

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::campaign::Audience;
use dripline_shared::json::{FromJson, ToJson};
use dripline_shared::level::Unlock;
use serde_json::{Value, json};

use crate::json;

/// What kind of thing a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Count,
    /// Whole numbers, with commas between them.
    Counts,
    /// An amount of the asset.
    Amount,
    /// Basis points, typed in percent.
    Percent,
    /// Basis points of steps, typed in percent with commas between them.
    Percents,
    /// Milliseconds, typed as `1h 30m`.
    Duration,
    /// A moment, typed as `2026-12-01T18:00:00Z`.
    Moment,
    /// Whether something is so: `yes` or `no`.
    Flag,
    /// Ids, with commas between them.
    Ids,
    /// Whom a campaign is for: `everybody`, `vouchers`, `new wallets within 7d`, or `site shop`.
    Audience,
    /// What must have been reached: `open`, `cleared catch-1`, or `20 stars`.
    Unlock,
}

/// Ten thousand are a whole, so hundred are a percent.
const PERCENT: u32 = 100;

impl Kind {
    /// The kind of a setting of a catalog, by its name: `levels.catch-1.base`.
    pub(crate) fn of(setting: &str) -> Self {
        let (before, name) = setting.rsplit_once('.').unwrap_or(("", setting));
        match name {
            "base" | "budget" | "ceiling" | "drip_max" => Self::Amount,
            "first_clear" | "boost" | "newcomers" => Self::Percent,
            "pacing" => Self::Flag,
            "starts_ms" | "ends_ms" => Self::Moment,
            "audience" => Self::Audience,
            "stars" if before == "rewards" => Self::Percents,
            "streak" | "repeat" => Self::Percents,
            "unlock" => Self::Unlock,
            _ if name.ends_with("_ms") => Self::Duration,
            _ => Self::Text,
        }
    }

    /// A value as it is typed.
    pub(crate) fn shown(self, value: &Value, asset: &Asset) -> String {
        match (self, value) {
            (_, Value::Null) => String::new(),
            (Self::Amount, Value::String(units)) => {
                units.parse::<Amount>().map_or_else(|_| units.clone(), |it| it.to_decimal(asset.decimals))
            }
            (Self::Percent, value) => percent(value),
            (Self::Percents, Value::Array(steps)) => joined(steps.iter().map(percent)),
            (Self::Counts, Value::Array(numbers)) => joined(numbers.iter().map(plain)),
            (Self::Duration, value) => value.as_u64().map_or_else(|| plain(value), duration),
            (Self::Moment, value) => value.as_u64().map_or_else(|| plain(value), moment),
            (Self::Flag, value) => if *value == json!(true) { "yes" } else { "no" }.to_owned(),
            (Self::Ids, Value::Array(ids)) => {
                joined(ids.iter().map(|id| id.as_str().unwrap_or_default().to_owned()))
            }
            (Self::Audience, value) => audience(value),
            (Self::Unlock, value) => unlock(value),
            (_, value) => plain(value),
        }
    }

    /// What is typed as a value, or what was expected instead.
    pub(crate) fn read(self, text: &str, asset: &Asset) -> Result<Value, String> {
        let text = text.trim();
        match self {
            Self::Text => Ok(json!(text)),
            Self::Count => count(text),
            Self::Counts => listed(text, count),
            Self::Amount => {
                let text = text.strip_suffix(&*asset.code).unwrap_or(text).trim();
                let amount = Amount::from_decimal(text, asset.decimals);
                amount.map(|amount| amount.to_json()).map_err(|_| {
                    format!("expected an amount with at most {} decimals, such as 0.25", asset.decimals)
                })
            }
            Self::Percent => basis_points(text),
            Self::Percents => listed(text, basis_points),
            Self::Duration => humantime::parse_duration(text)
                .ok()
                .and_then(|duration| u64::try_from(duration.as_millis()).ok())
                .map(|duration| json!(duration))
                .ok_or_else(|| "expected a time such as 90s, 5m or 1h 30m".to_owned()),
            Self::Moment => humantime::parse_rfc3339_weak(text)
                .ok()
                .and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok())
                .and_then(|since| u64::try_from(since.as_millis()).ok())
                .map(|at| json!(at))
                .ok_or_else(|| "expected a moment in UTC such as 2026-12-01T18:00:00Z".to_owned()),
            // What is not so is not said: a catalog reads the same then.
            Self::Flag => match text {
                "yes" => Ok(json!(true)),
                "no" => Ok(Value::Null),
                _ => Err("expected yes or no".to_owned()),
            },
            Self::Ids => listed(text, |id| Ok(json!(id))),
            Self::Audience => read_audience(text),
            Self::Unlock => read_unlock(text),
        }
    }
}

/// A value that is not of its kind.
fn plain(value: &Value) -> String {
    match (value, value.as_u64()) {
        (Value::String(text), _) => text.clone(),
        (_, Some(number)) => number.to_string(),
        _ => json::written(value),
    }
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

fn listed(text: &str, read: fn(&str) -> Result<Value, String>) -> Result<Value, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(read).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn count(text: &str) -> Result<Value, String> {
    text.parse::<u64>().map(|number| json!(number)).map_err(|_| "expected a whole number".to_owned())
}

fn percent(value: &Value) -> String {
    let Some(points) = value.as_u64() else { return plain(value) };
    let (whole, rest) = (points / u64::from(PERCENT), points % u64::from(PERCENT));
    let text = format!("{whole}.{rest:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn basis_points(text: &str) -> Result<Value, String> {
    let expected = || "expected percent with at most two decimals, such as 125".to_owned();
    let text = text.strip_suffix('%').unwrap_or(text).trim();
    // Percent with two decimals are basis points, as coins with two decimals are cents.
    let points = Amount::from_decimal(text, 2).map_err(|_| expected())?.units();
    u32::try_from(points).map(|points| json!(points)).map_err(|_| expected())
}

/// A span of time as people write it: `1h 30m`.
pub(crate) fn duration(milliseconds: u64) -> String {
    humantime::format_duration(Duration::from_millis(milliseconds)).to_string()
}

fn moment(milliseconds: u64) -> String {
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds));
    // Beyond the year 9999 it has no such form.
    let at = at.filter(|_| milliseconds < 253_402_300_800_000);
    at.map_or_else(|| milliseconds.to_string(), |at| humantime::format_rfc3339_seconds(at).to_string())
}

fn audience(value: &Value) -> String {
    match Audience::from_json(value) {
        Some(Audience::Everybody) => "everybody".to_owned(),
        Some(Audience::Vouchers) => "vouchers".to_owned(),
        Some(Audience::NewWallets { within_ms }) => format!("new wallets within {}", duration(within_ms)),
        Some(Audience::Site { site }) => format!("site {site}"),
        None => plain(value),
    }
}

fn read_audience(text: &str) -> Result<Value, String> {
    let within = |time| match Kind::Duration.read(time, &Asset { code: String::new(), decimals: 0 }) {
        Ok(within) => Ok(json!({ "new_wallets": { "within_ms": within } })),
        Err(expected) => Err(expected),
    };
    match (text, text.strip_prefix("new wallets within "), text.strip_prefix("site ")) {
        // Everybody is what is meant where nothing is said.
        ("everybody", ..) => Ok(Value::Null),
        ("vouchers", ..) => Ok(json!("vouchers")),
        (_, Some(time), _) => within(time),
        (_, _, Some(site)) => Ok(json!({ "site": { "site": site } })),
        _ => Err("expected everybody, vouchers, new wallets within 7d, or site <id>".to_owned()),
    }
}

fn unlock(value: &Value) -> String {
    match Unlock::from_json(value) {
        Some(Unlock::Open) => "open".to_owned(),
        Some(Unlock::Cleared(level)) => format!("cleared {level}"),
        Some(Unlock::Stars(stars)) => format!("{stars} stars"),
        None => plain(value),
    }
}

fn read_unlock(text: &str) -> Result<Value, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let unlock = match words[..] {
        ["open"] => Some(Unlock::Open),
        ["cleared", level] => Some(Unlock::Cleared(level.to_owned())),
        [stars, "stars" | "star"] => stars.parse().ok().map(Unlock::Stars),
        _ => None,
    };
    unlock
        .map(|unlock| unlock.to_json())
        .ok_or_else(|| "expected open, cleared catch-1, or 20 stars".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset() -> Asset {
        Asset { code: "DRIP".to_owned(), decimals: 6 }
    }

    #[test]
    fn what_is_shown_of_a_value_is_read_as_that_value_again() {
        for (kind, value, text) in [
            (Kind::Text, json!("Rain"), "Rain"),
            (Kind::Count, json!(40), "40"),
            (Kind::Counts, json!([3, 9]), "3, 9"),
            (Kind::Amount, json!("250000"), "0.25"),
            (Kind::Percent, json!(12_550), "125.5"),
            (Kind::Percents, json!([10_000, 8_000]), "100, 80"),
            (Kind::Duration, json!(5_400_000), "1h 30m"),
            (Kind::Duration, json!(0), "0s"),
            (Kind::Moment, json!(1_796_148_000_000_u64), "2026-12-01T18:00:00Z"),
            (Kind::Flag, json!(true), "yes"),
            (Kind::Ids, json!(["catch-1", "pipes-1"]), "catch-1, pipes-1"),
            (Kind::Audience, json!("vouchers"), "vouchers"),
            (
                Kind::Audience,
                json!({ "new_wallets": { "within_ms": 604_800_000 } }),
                "new wallets within 7days",
            ),
            (Kind::Unlock, json!("open"), "open"),
            (Kind::Unlock, json!({"cleared": "catch-1"}), "cleared catch-1"),
            (Kind::Unlock, json!({"stars": 20}), "20 stars"),
        ] {
            assert_eq!(kind.shown(&value, &asset()), text);
            assert_eq!(kind.read(text, &asset()), Ok(value), "{text}");
        }
    }

    #[test]
    fn the_kind_of_a_setting_is_that_of_its_field() {
        assert_eq!(Kind::of("levels.catch-1.base"), Kind::Amount);
        assert_eq!(Kind::of("rewards.stars"), Kind::Percents);
        assert_eq!(Kind::of("levels.catch-1.stars"), Kind::Text);
        assert_eq!(Kind::of("limits.outflow.window_ms"), Kind::Duration);
    }

    #[test]
    fn what_is_as_if_it_were_not_said_is_not_said() {
        assert_eq!(Kind::Flag.read("no", &asset()), Ok(Value::Null));
        assert_eq!(Kind::Audience.read("everybody", &asset()), Ok(Value::Null));
    }

    #[test]
    fn units_may_be_typed_too() {
        assert_eq!(Kind::Percent.read(" 80 % ", &asset()), Ok(json!(8_000)));
        assert_eq!(Kind::Amount.read("1.5 DRIP", &asset()), Ok(json!("1500000")));
    }

    #[test]
    fn what_is_none_of_its_kind_is_refused() {
        for (kind, text) in [
            (Kind::Count, "-1"),
            (Kind::Count, "many"),
            (Kind::Counts, "1, x"),
            (Kind::Amount, "0.0000001"),
            (Kind::Amount, "-1"),
            (Kind::Percent, "1.234"),
            (Kind::Percent, "99999999999"),
            (Kind::Duration, "5"),
            (Kind::Duration, "soon"),
            (Kind::Moment, "tomorrow"),
            (Kind::Flag, "perhaps"),
            (Kind::Audience, "friends"),
            (Kind::Unlock, "closed"),
        ] {
            assert!(kind.read(text, &asset()).is_err(), "{text}");
        }
    }
}
