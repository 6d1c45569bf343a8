//! A report as tables for people.

use std::collections::BTreeSet;
use std::fmt;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::game::Skill;

use super::record::Step;
use super::report::{
    KindFigures, LevelFigures, LimitFigures, RefusalFigures, Report, Simulated, SkillFigures, Spread,
};

/// What separates columns.
const GAP: &str = "  ";

/// Rows of cells under a head. The first column stands on the left, the others on the right.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|cell| (*cell).to_owned()).collect()] }
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            writeln!(formatter, "{}", cells.collect::<Vec<_>>().join(GAP).trim_end())?;
        }
        Ok(())
    }
}

/// A report and the words for it.
impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (asked, now) = (&self.settings, &self.simulated);
        let before = self.against.as_ref().map(|against| &against.simulated);
        writeln!(formatter, "catalog {}", now.catalog)?;
        writeln!(
            formatter,
            "seed {}, at least {} rounds of each game; {} days of {} players, paid by campaign {}",
            asked.seed, asked.rounds, asked.runs, asked.players, asked.campaign
        )?;
        if let Some(against) = &self.against {
            writeln!(formatter, "\nCompared with catalog {}", against.simulated.catalog)?;
            writeln!(formatter, "Figures in brackets are that catalog's.\n")?;
            if against.differences.is_empty() {
                writeln!(formatter, "no differences")?;
            }
            against.differences.iter().try_for_each(|line| writeln!(formatter, "{line}"))?;
        }
        levels(formatter, now, before)?;
        players(formatter, now, before)?;
        budget(formatter, now, before)?;
        refusals(formatter, now, before)?;
        limits(formatter, self, before)
    }
}

fn title(formatter: &mut fmt::Formatter<'_>, title: impl fmt::Display) -> fmt::Result {
    writeln!(formatter, "\n{title}\n")
}

/// A figure, with that of the other catalog in brackets, where there is one.
fn beside<T>(now: &T, before: Option<&T>, write: impl Fn(&T) -> String) -> String {
    match before {
        Some(before) => format!("{} ({})", write(now), write(before)),
        None => write(now),
    }
}

fn money(asset: &Asset) -> impl Fn(&Amount) -> String {
    let decimals = asset.decimals;
    move |amount| amount.to_decimal(decimals)
}

fn spread<T>(spread: &Spread<T>, write: impl Fn(&T) -> String) -> String {
    format!("{} [{}..{}]", write(&spread.median), write(&spread.p5), write(&spread.p95))
}

fn levels(formatter: &mut fmt::Formatter<'_>, now: &Simulated, before: Option<&Simulated>) -> fmt::Result {
    title(formatter, "Levels: how often they are won, and how long a round takes")?;
    let mut table = Table::new(&["level", "skill", "rounds", "won", "1, 2, 3 stars", "seconds, median"]);
    for level in &now.levels {
        let other = before.and_then(|before| before.levels.iter().find(|other| other.id == level.id));
        for figures in &level.skills {
            let other = other.and_then(|other| of_skill(other, figures.skill));
            table.row([
                level.id.clone(),
                skill(figures.skill).to_owned(),
                figures.rounds.to_string(),
                beside(figures, other, |figures| percent(figures.win_basis_points)),
                beside(figures, other, stars),
                beside(figures, other, |figures| seconds(figures.time_ms.median)),
            ]);
        }
    }
    write!(formatter, "{table}")
}

fn of_skill(level: &LevelFigures, skill: Skill) -> Option<&SkillFigures> {
    level.skills.iter().find(|figures| figures.skill == skill)
}

const fn skill(skill: Skill) -> &'static str {
    match skill {
        Skill::Random => "random",
        Skill::Fair => "fair",
        Skill::Strong => "strong",
    }
}

fn percent(basis_points: u64) -> String {
    format!("{}.{} %", basis_points / 100, basis_points % 100 / 10)
}

fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1_000, ms % 1_000 / 100)
}

/// The shares of wins with one, two and three stars, in percent.
fn stars(figures: &SkillFigures) -> String {
    if figures.won == 0 {
        return "-".to_owned();
    }
    let share = |count: &u64| count.saturating_mul(100).checked_div(figures.won).unwrap_or(0).to_string();
    figures.stars.iter().map(share).collect::<Vec<_>>().join("/")
}

fn players(formatter: &mut fmt::Formatter<'_>, now: &Simulated, before: Option<&Simulated>) -> fmt::Result {
    let code = &now.asset.code;
    title(
        formatter,
        format_args!("Players: {code} per hour of being there, and a day (median [5 % .. 95 % of days])"),
    )?;
    let mut table =
        Table::new(&["kind", "players", "wallets", "an hour", "a day", "rounds", "won", "drips", "unpaid"]);
    for figures in &now.players {
        let other = before.and_then(|before| before.players.iter().find(|other| other.kind == figures.kind));
        let amount = |of: fn(&KindFigures) -> &Spread<Amount>| {
            let now = spread(of(figures), money(&now.asset));
            let before = other.zip(before).map(|(other, before)| spread(of(other), money(&before.asset)));
            beside(&now, before.as_ref(), String::clone)
        };
        let count =
            |of: fn(&KindFigures) -> u64| beside(&of(figures), other.map(of).as_ref(), u64::to_string);
        table.row([
            figures.kind.as_str().to_owned(),
            figures.players.to_string(),
            figures.wallets.to_string(),
            amount(|figures| &figures.drip_per_hour),
            amount(|figures| &figures.drip_per_day),
            count(|figures| figures.rounds.median),
            count(|figures| figures.won.median),
            count(|figures| figures.drips.median),
            count(|figures| figures.unpaid.median),
        ]);
    }
    write!(formatter, "{table}")
}

fn budget(formatter: &mut fmt::Formatter<'_>, now: &Simulated, before: Option<&Simulated>) -> fmt::Result {
    let write = money(&now.asset);
    let was = |of: &dyn Fn(&Simulated) -> Option<Amount>| before.and_then(of);
    let paid = [now.paid.p5, now.paid.median, now.paid.p95].map(|amount| write(&amount));
    title(
        formatter,
        format_args!(
            "Budget: {} {} at first; what is left of it, by hour (UTC)",
            write(&now.budget),
            now.asset.code
        ),
    )?;
    let mut table = Table::new(&["hour", "5 %", "median", "95 %"]);
    for (figures, index) in now.hours.iter().zip(0_usize..) {
        let cell = |of: fn(&Spread<Amount>) -> Amount| {
            let other = was(&|before| before.hours.get(index).map(|hour| of(&hour.left)));
            let other = other.zip(before).map(|(amount, before)| money(&before.asset)(&amount));
            beside(&write(&of(&figures.left)), other.as_ref(), String::clone)
        };
        let cells = [cell(|left| left.p5), cell(|left| left.median), cell(|left| left.p95)];
        table.row(std::iter::once(figures.hour.to_string()).chain(cells));
    }
    let other = before.map(|before| spread(&before.paid, money(&before.asset)));
    let [p5, median, p95] = paid;
    let text = beside(&format!("{median} [{p5}..{p95}]"), other.as_ref(), String::clone);
    writeln!(formatter, "{table}\npaid in a day: {text} {}", now.asset.code)
}

fn refusals(formatter: &mut fmt::Formatter<'_>, now: &Simulated, before: Option<&Simulated>) -> fmt::Result {
    title(formatter, "Refusals in a day, by reason (median [5 % .. 95 % of days])")?;
    // What only one of the two catalogs refuses was not refused by the other.
    let counts = |simulated: &Simulated, key: &Refused<'_>| {
        let same = simulated.refusals.iter().find(|figures| refused(figures) == *key);
        same.map_or(Spread { p5: 0, median: 0, p95: 0 }, |figures| figures.per_day)
    };
    let all = now.refusals.iter().chain(before.into_iter().flat_map(|before| &before.refusals));
    let reasons: BTreeSet<Refused<'_>> = all.map(refused).collect();
    if reasons.is_empty() {
        return writeln!(formatter, "none");
    }
    let mut table = Table::new(&["reason", "of", "a day"]);
    for reason in reasons {
        let (step, code, ceiling) = reason;
        let name = ceiling.map_or_else(|| code.to_owned(), |ceiling| format!("{code} {ceiling}"));
        let other = before.map(|before| counts(before, &reason));
        let count = beside(&counts(now, &reason), other.as_ref(), |counts| spread(counts, u64::to_string));
        table.row([name, step.as_str().to_owned(), count]);
    }
    write!(formatter, "{table}")
}

/// What refusals are told apart by.
type Refused<'a> = (Step, &'static str, Option<&'a str>);

fn refused(figures: &RefusalFigures) -> Refused<'_> {
    (figures.step, figures.code, figures.ceiling.as_deref())
}

fn limits(formatter: &mut fmt::Formatter<'_>, report: &Report, before: Option<&Simulated>) -> fmt::Result {
    let (now, runs) = (&report.simulated, report.settings.limit_runs);
    title(
        formatter,
        format_args!(
            "Limits: {} paid in a day with each, and without it (median of {runs} days)",
            now.asset.code
        ),
    )?;
    let mut table = Table::new(&["limit", "with", "without", "hostile, with", "hostile, without"]);
    for figures in &now.limits {
        let other = before.and_then(|before| {
            before
                .limits
                .iter()
                .find(|other| other.limit == figures.limit)
                .map(|other| (other, money(&before.asset)))
        });
        let cell = |of: fn(&LimitFigures) -> Amount| {
            let other = other.as_ref().map(|(other, write)| write(&of(other)));
            beside(&money(&now.asset)(&of(figures)), other.as_ref(), String::clone)
        };
        table.row([
            figures.limit.to_owned(),
            cell(|limit| limit.paid),
            cell(|limit| limit.paid_without),
            cell(|limit| limit.hostile),
            cell(|limit| limit.hostile_without),
        ]);
    }
    write!(formatter, "{table}")
}
