//! All that an operator tunes, in one value: levels, rewards, limits, campaigns. Its version is its content's hash.

use std::collections::{BTreeMap, BTreeSet};

mod campaigns;

use serde::{Deserialize, Serialize};

use crate::amount::{Amount, Asset};
use crate::campaign::{Audience, DripRange};
use crate::game::{GameParams, Pace};
use crate::level::{LEVEL_ID_MAX, LEVEL_NAME_MAX, Level, LevelDraft, THINK_MS, TURN_MS, Unlock};
use crate::limit::{CountLimit, Limits, MoneyLimit, WINDOW_MAX_MS};
use crate::reward::{BASIS_POINTS, FACTOR_MAX, RewardRules, STEPS_MAX};
use crate::round::{Hash, ROUND_MS_MAX, Timing, hash, tag};
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};

pub use crate::campaign::Campaign;

/// The most levels of a catalog.
pub const LEVELS_MAX: usize = 256;
/// The most campaigns of a catalog.
pub const CAMPAIGNS_MAX: usize = 64;
/// What all budgets may come to together, in ledger units: a quarter of what an account can hold, so that the books have room
/// for what was funded before.
pub const BUDGETS_MAX: i64 = i64::MAX / 4;
/// The campaign that every level belongs to where nothing else is said.
pub const DEFAULT_CAMPAIGN: &str = "default";

/// Everything in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// What is paid.
    pub asset: Asset,
    /// In the order in which players see them.
    pub levels: Vec<Level>,
    /// How a drip is computed.
    pub rewards: RewardRules,
    /// What holds it back.
    pub limits: Limits,
    /// Budgets. Every drip belongs to one.
    pub campaigns: Vec<Campaign>,
}

/// A mistake in a catalog.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {expected}")]
pub struct CatalogError {
    /// Where: `levels[2].play.drops`.
    pub field: String,
    /// What was expected there.
    pub expected: String,
}

impl Catalog {
    /// What a first run starts with: every game's levels, each unlocked by the one before it in the same game.
    pub fn first_run() -> Self {
        let mut levels: Vec<Level> = Vec::new();
        let mut number_of: BTreeMap<&'static str, u32> = BTreeMap::new();
        for draft in GameParams::default_levels() {
            let game = draft.play.facts().id;
            let number =
                number_of.entry(game).and_modify(|number| *number = number.saturating_add(1)).or_insert(1);
            let unlock = match number.checked_sub(1) {
                Some(before) if before > 0 => Unlock::Cleared(format!("{game}-{before}")),
                _ => Unlock::Open,
            };
            levels.push(draft.price(format!("{game}-{number}"), *number, unlock));
        }
        let whole = |coins: u32| Amount::from_units(coins.saturating_mul(1_000_000));
        let per_hour = |coins| MoneyLimit { ceiling: whole(coins), window_ms: HOUR_MS };
        Self {
            asset: Asset { code: "DRIP".to_owned(), decimals: 6 },
            levels,
            rewards: RewardRules::first_run(),
            limits: Limits {
                attempts: CountLimit { burst: 40, every_ms: MINUTE_MS },
                opens_per_prefix: CountLimit { burst: 400, every_ms: SECOND_MS },
                // At most 60 in any 24 hours: 30 at once, and 30 more as they come back.
                drips: CountLimit { burst: 30, every_ms: DAY_MS / 30 },
                outflow_per_prefix: per_hour(20),
                outflow_newcomers: per_hour(50),
                outflow: per_hour(100),
                newcomer_ms: DAY_MS,
            },
            campaigns: vec![Campaign::plain(DEFAULT_CAMPAIGN, whole(2_000), per_hour(100))],
        }
    }

    /// The level of this id.
    pub fn level(&self, id: &str) -> Option<&Level> {
        self.levels.iter().find(|level| level.id == id)
    }

    /// The campaign of this id.
    pub fn campaign(&self, id: &str) -> Option<&Campaign> {
        self.campaigns.iter().find(|campaign| campaign.id == id)
    }

    /// The smallest and the largest drip of a campaign.
    pub fn range_of(&self, campaign: &Campaign) -> DripRange {
        self.rewards.range_in(campaign, &self.levels)
    }

    /// The content's hash: two catalogs of one version are equal.
    pub fn version(&self) -> Hash {
        // Plain data: strings, numbers and lists always serialise.
        hash(tag::CATALOG, &[&serde_json::to_vec(self).unwrap_or_default()])
    }

    /// Every mistake. With a catalog that has none, each level's largest drip fits at once through every ceiling that
    /// it must pass, newcomers can never take all that is paid, and every level can be unlocked.
    pub fn validate(&self) -> Result<(), Vec<CatalogError>> {
        let mut found = Findings(Vec::new());
        found.check(
            self.asset.is_valid(),
            "asset",
            "a code of 2 to 12 capitals and digits, and 0 to 9 decimals",
        );
        self.validate_rewards(&mut found);
        self.validate_limits(&mut found);
        self.validate_campaigns(&mut found);
        self.validate_levels(&mut found);
        if found.0.is_empty() { Ok(()) } else { Err(found.0) }
    }

    fn validate_rewards(&self, found: &mut Findings) {
        let rules = &self.rewards;
        for (name, steps) in
            [("stars", &rules.stars[..]), ("streak", &rules.streak), ("repeat", &rules.repeat)]
        {
            let within = steps.iter().all(|factor| *factor <= FACTOR_MAX);
            found.check(
                within,
                format!("rewards.{name}"),
                format!("factors from 0 to {FACTOR_MAX} basis points"),
            );
            let length = (1..=STEPS_MAX).contains(&steps.len());
            found.check(length, format!("rewards.{name}"), format!("1 to {STEPS_MAX} factors"));
        }
        let falls = rules.repeat.is_sorted_by(|earlier, later| earlier >= later);
        found.check(falls, "rewards.repeat", "factors that never rise");
        let first = (BASIS_POINTS..=FACTOR_MAX).contains(&rules.first_clear);
        found.check(first, "rewards.first_clear", format!("{BASIS_POINTS} to {FACTOR_MAX} basis points"));
        found.check(!rules.drip_max.is_zero(), "rewards.drip_max", "more than 0");
    }

    fn validate_limits(&self, found: &mut Findings) {
        let limits = &self.limits;
        for (name, limit) in [
            ("attempts", limits.attempts),
            ("opens_per_prefix", limits.opens_per_prefix),
            ("drips", limits.drips),
        ] {
            let within = limit.burst >= 1 && (1..=WINDOW_MAX_MS).contains(&limit.every_ms);
            found.check(
                within,
                format!("limits.{name}"),
                "a burst of at least 1, and 1 ms to a year between two",
            );
        }
        for (name, limit) in [
            ("outflow_per_prefix", limits.outflow_per_prefix),
            ("outflow_newcomers", limits.outflow_newcomers),
            ("outflow", limits.outflow),
        ] {
            check_money(found, &format!("limits.{name}"), limit);
        }
        self.validate_newcomers(found);
        found.check(limits.newcomer_ms <= WINDOW_MAX_MS, "limits.newcomer_ms", "at most a year");
    }

    /// Newcomers share a part of what is paid, never all of it: otherwise a crowd of new keys could take what the others
    /// earn. Of a campaign with a share of its own for them, or that is for them alone, the ceiling over all of them may be
    /// larger than the campaign's.
    fn validate_newcomers(&self, found: &mut Findings) {
        let newcomers = self.limits.outflow_newcomers;
        let shares_all = |campaign: &&Campaign| {
            campaign.newcomers.is_none() && !matches!(campaign.audience, Audience::NewWallets { .. })
        };
        let campaigns = self
            .campaigns
            .iter()
            .filter(shares_all)
            .map(|campaign| (format!("campaign {}'s outflow", campaign.id), campaign.outflow));
        let wholes = std::iter::once(("limits.outflow".to_owned(), self.limits.outflow)).chain(campaigns);
        for (name, whole) in wholes {
            found.check(
                newcomers.is_part_of(&whole),
                "limits.outflow_newcomers",
                format!("a lower ceiling than that of {name}, and less in the same time"),
            );
        }
    }

    fn validate_levels(&self, found: &mut Findings) {
        let count = (1..=LEVELS_MAX).contains(&self.levels.len());
        found.check(count, "levels", format!("1 to {LEVELS_MAX} levels"));
        let mut ids = BTreeSet::new();
        for (index, level) in self.levels.iter().enumerate() {
            let field = format!("levels[{index}]");
            found.check(is_id(&level.id), format!("{field}.id"), ID_EXPECTED);
            if let Unlock::Cleared(id) = &level.unlock {
                // Only levels above can unlock, so there can be no cycle.
                found.check(ids.contains(id), format!("{field}.unlock"), "the id of a level above this one");
            }
            if let Unlock::Stars(stars) = level.unlock {
                let reachable = u32::try_from(index).unwrap_or(u32::MAX).saturating_mul(3);
                found.check(
                    stars <= reachable,
                    format!("{field}.unlock"),
                    "stars that the levels above can give",
                );
            }
            found.check(ids.insert(&level.id), format!("{field}.id"), "an id that no other level has");
            self.validate_level(found, &field, level);
        }
    }

    fn validate_level(&self, found: &mut Findings, field: &str, level: &Level) {
        let name = level.name.chars().count();
        let printable = !level.name.chars().any(char::is_control);
        found.check(
            (1..=LEVEL_NAME_MAX).contains(&name) && printable,
            format!("{field}.name"),
            format!("1 to {LEVEL_NAME_MAX} characters"),
        );
        if let Err((parameter, expected)) = level.play.validate() {
            found.check(false, format!("{field}.play.{parameter}"), expected);
        }
        let [two, three] = level.stars;
        found.check(two <= three, format!("{field}.stars"), "two scores, the second not below the first");
        found.check(level.cooldown_ms <= WINDOW_MAX_MS, format!("{field}.cooldown_ms"), "at most a year");
        let timing = match level.play.pace() {
            Pace::Clocked => level.turn_ms_min == 0 && level.think_ms_max == 0,
            Pace::Turns => TURN_MS.contains(&level.turn_ms_min) && THINK_MS.contains(&level.think_ms_max),
        };
        found.check(
            timing,
            format!("{field}.turn_ms_min"),
            format!(
                "turn games: {} to {} ms a turn and a think_ms_max of {} to {}; clocked games: 0 and 0",
                TURN_MS.start(),
                TURN_MS.end(),
                THINK_MS.start(),
                THINK_MS.end(),
            ),
        );
        let takes = Timing::of(level).expires_at(Timestamp(0)).0;
        found.check(
            takes <= ROUND_MS_MAX,
            format!("{field}.play"),
            format!("a round of at most {ROUND_MS_MAX} ms"),
        );
        for (name, largest, burst) in self.passes(level) {
            found.check(
                largest <= burst,
                format!("{field}.base"),
                format!("a largest drip ({largest}) that fits the burst of {name}, a quarter of its ceiling ({burst})"),
            );
        }
    }
}

const ID_EXPECTED: &str = "1 to 32 lower-case letters, digits and '-'";

/// Whether a text can name a level or a campaign.
pub fn is_id(text: &str) -> bool {
    let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (1..=LEVEL_ID_MAX).contains(&text.len()) && letters
}

fn check_money(found: &mut Findings, field: &str, limit: MoneyLimit) {
    let within = !limit.ceiling.is_zero() && (1..=WINDOW_MAX_MS).contains(&limit.window_ms);
    found.check(within, field, "a ceiling above 0, and a window of 1 ms to a year");
}

struct Findings(Vec<CatalogError>);

impl Findings {
    fn check(&mut self, holds: bool, field: impl Into<String>, expected: impl Into<String>) {
        if !holds {
            self.0.push(CatalogError { field: field.into(), expected: expected.into() });
        }
    }
}

impl LevelDraft {
    /// A level from a game's draft, priced by its number in the game: later levels pay more, and rest longer.
    fn price(self, id: String, number: u32, unlock: Unlock) -> Level {
        Level {
            id,
            name: self.name.to_owned(),
            play: self.play,
            stars: self.stars,
            base: Amount::from_units(number.saturating_mul(10_000)),
            cooldown_ms: u64::from(number).saturating_mul(5 * MINUTE_MS),
            unlock,
            turn_ms_min: self.turn_ms_min,
            think_ms_max: self.think_ms_max,
        }
    }
}
