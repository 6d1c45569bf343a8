//! The level map: every game with its levels, what each pays, what was reached, and when it pays again.

use dripline_shared::api::{CatalogView, LevelView, WalletView};
use dripline_shared::level::Unlock;
use dripline_shared::time::{SECOND_MS, Timestamp};

use crate::app::Dripline;
use crate::components::element::{Element, Name, element, text, unseen};
use crate::components::icon::{Icon, icon};
use crate::components::link::link;
use crate::components::notice::{Weight, notice};
use crate::components::stars::{stars, stars_unknown};
use crate::format::{countdown, counted, fill, number, plural, roughly, span};
use crate::locales::texts;
use crate::pages::{campaigns, notices};
use crate::route::Route;
use crate::state::faucet::{Fetched, Lock, Standing};

/// The level map.
pub(crate) fn view(dripline: &Dripline) -> Element {
    let now = dripline.api.now();
    let map = element("div", "map");
    match &dripline.faucet.catalog {
        Fetched::Waiting => map.with(skeleton()),
        Fetched::Failed(failure) => map.with(notices::failed(dripline, failure)),
        // With the levels come the campaigns that pay for them, or nothing of those: what is read already stays where it is.
        Fetched::Ready(_) if matches!(dripline.faucet.campaigns, Fetched::Waiting) => map.with(skeleton()),
        Fetched::Ready(catalog) => {
            let mut map = map
                .with(lead(dripline, catalog))
                .group(news(dripline))
                .group(campaigns::banners(dripline, now))
                .with(campaigns::voucher(dripline));
            for levels in games(catalog) {
                map.push(game(dripline, &levels, now));
            }
            map
        }
    }
}

/// Whether a level, a claim or a limit waits for a moment.
pub(crate) fn counts_down(dripline: &Dripline) -> bool {
    let faucet = &dripline.faucet;
    // What has just ceased to wait has to be shown once more.
    let since = dripline.api.now().minus(2 * SECOND_MS);
    let waits = faucet.wallet.ready().is_some_and(|wallet| {
        !wallet.limits.is_empty() || wallet.levels.values().any(|level| level.pays_again_at_ms > since)
    });
    waits || !faucet.claims.0.is_empty()
}

/// The levels of the catalog, game by game, in the catalog's order.
fn games(catalog: &CatalogView) -> Vec<Vec<&LevelView>> {
    let mut games: Vec<Vec<&LevelView>> = Vec::new();
    for level in &catalog.levels {
        match games.iter_mut().find(|levels| levels.first().is_some_and(|first| first.game == level.game)) {
            Some(levels) => levels.push(level),
            None => games.push(vec![level]),
        }
    }
    games
}

/// Keeps the place of the levels until they have come.
fn skeleton() -> Element {
    let mut skeleton =
        element("div", "skeleton").attribute(Name::Role, "status").with(unseen(texts().loading));
    for _ in 0..3 {
        skeleton.push(element("div", "skeleton-game"));
    }
    skeleton
}

fn lead(dripline: &Dripline, catalog: &CatalogView) -> Element {
    let hour = catalog.asset.format(roughly(catalog.typical_hour));
    let wallet = dripline.faucet.wallet.ready().filter(|wallet| wallet.drips > 0);
    let words = element("div", "")
        .with(text("h1", "", texts().lead_title))
        .with(text("p", "", texts().lead))
        .with(text("p", "lead-honest", &fill(texts().typical_hour, &[("amount", &hour)])));
    element("section", "lead").with(words).maybe(wallet.map(figures))
}

fn figures(wallet: &WalletView) -> Element {
    let stars: u32 = wallet.levels.values().map(|level| u32::from(level.best_stars)).sum();
    element("dl", "lead-figures")
        .with(figure(wallet.drips, texts().drips))
        .with(figure(u64::from(stars), texts().stars_reached))
        .with(figure(u64::from(wallet.streak_days), texts().streak))
}

fn figure(value: u64, name: &str) -> Element {
    element("div", "lead-figure").with(text("dd", "", &number(value))).with(text(
        "dt",
        "",
        plural(name, value),
    ))
}

/// What the player should know before playing.
fn news(dripline: &Dripline) -> Vec<Element> {
    let mut news = Vec::new();
    if let Some(level) = &dripline.in_progress {
        let title = fill(texts().round_in_progress, &[("level", dripline.faucet.level_name(level))]);
        let resume = link(&dripline.link, Route::Play(level.clone()), "button").text(texts().resume);
        news.push(notice(Weight::Calm, &title, vec![resume]));
    }
    news.extend(notices::claims(dripline));
    news.extend(notices::unknown(dripline));
    news.extend(notices::limits(dripline));
    news
}

fn game(dripline: &Dripline, levels: &[&LevelView], now: Timestamp) -> Element {
    let section = element("section", "game");
    let Some(first) = levels.first() else { return section };
    let facts = first.level.play.facts();
    let reached = dripline.faucet.wallet.ready().map(|_| {
        let stars = levels.iter().map(|view| u32::from(dripline.faucet.progress(&view.id).best_stars));
        stars.sum::<u32>().to_string()
    });
    let heading = ["game-", facts.id].concat();
    let total = [reached.unwrap_or_else(|| "–".to_owned()), (levels.len() * 3).to_string()].join(" / ");
    let head = element("header", "game-head")
        .with(text("h2", "", facts.name).attribute(Name::Id, &heading))
        .with(text("p", "game-how", facts.how_to))
        .with(
            element("p", "game-stars")
                .with(icon(Icon::Star))
                .with(unseen(texts().stars).text(" "))
                .text(&total),
        );
    let mut list = element("ol", "levels");
    for (number, view) in (1_u32..).zip(levels) {
        list.push(level(dripline, number, dripline.faucet.at_best(view), now));
    }
    section.attribute(Name::AriaLabelledby, &heading).with(head).with(list)
}

fn level(dripline: &Dripline, number: u32, view: &LevelView, now: Timestamp) -> Element {
    let standing = dripline.faucet.standing(&view.level, now);
    let progress = dripline.faucet.progress(&view.id);
    let is_cleared = progress.clears > 0;
    let class = match (is_cleared, &standing) {
        (false, Standing::Locked(_)) => "level is-locked",
        (false, Standing::Resting(_)) => "level is-resting",
        (false, Standing::Open) => "level is-open",
        (false, Standing::Unknown) if view.level.unlock == Unlock::Open => "level is-open",
        // What was cleared is not known either.
        (_, Standing::Unknown) => "level",
        (true, Standing::Locked(_)) => "level is-cleared is-locked",
        (true, Standing::Resting(_)) => "level is-cleared is-resting",
        (true, Standing::Open) => "level is-cleared is-open",
    };
    let valve = element("span", "valve").attribute(Name::AriaHidden, "true");
    let valve = if is_cleared { valve.with(icon(Icon::Check)) } else { valve.text(&number.to_string()) };
    let heading = ["level-", view.id.as_str()].concat();
    let card = element("article", "level-card")
        .attribute(Name::AriaLabelledby, &heading)
        .with(text("h3", "", &view.level.name).attribute(Name::Id, &heading))
        .with(text("p", "level-goal", &view.goal))
        .with(if standing == Standing::Unknown { stars_unknown() } else { stars(progress.best_stars) })
        .with(pays(dripline, view))
        .with(act(dripline, view, &standing, now));
    element("li", class).with(valve).with(card)
}

fn pays(dripline: &Dripline, view: &LevelView) -> Element {
    let most = fill(texts().pays_up_to, &[("amount", &dripline.faucet.money(view.pays_max))]);
    let again = fill(texts().pays_every, &[("time", &span(view.level.cooldown_ms))]);
    let amount =
        element("span", "level-amount").with(icon(Icon::Drop)).text(&dripline.faucet.money(view.pays));
    element("p", "level-pays")
        .with(amount)
        .with(text("span", "level-more", &most).text(" · ").text(&again))
        .maybe(campaigns::mark(dripline, &view.campaign))
}

/// What must be reached first, in words.
pub(crate) fn locked_by(lock: &Lock) -> String {
    match lock {
        Lock::Level(name) => fill(texts().locked_by_level, &[("level", name)]),
        Lock::Stars(missing) => counted(texts().locked_by_stars, u64::from(*missing)),
    }
}

/// What the player can do with a level, and when.
fn act(dripline: &Dripline, view: &LevelView, standing: &Standing, now: Timestamp) -> Element {
    let act = element("div", "level-act");
    let play = |class| {
        link(&dripline.link, Route::Play(view.id.clone()), class)
            .text(texts().play)
            .with(unseen(" ").text(&view.level.name))
    };
    match standing {
        Standing::Open => act.with(play("button")),
        Standing::Unknown if view.level.unlock == Unlock::Open => act.with(play("button")),
        Standing::Unknown => act.with(text("span", "level-lock", texts().wallet_unknown)),
        Standing::Resting(until) => {
            let rest = fill(texts().pays_again_in, &[("time", &countdown(until.since(now)))]);
            act.with(play("button is-quiet"))
                .with(element("span", "level-rest").with(icon(Icon::Clock)).text(&rest))
        }
        Standing::Locked(lock) => {
            let reason = locked_by(lock);
            act.with(element("span", "level-lock").with(icon(Icon::Lock)).text(&reason))
        }
    }
}
