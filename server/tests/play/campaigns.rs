//! Campaigns: when they open rounds and for whom, what they add, how their budgets come and go, and how they are spread.

use dripline_server::faucet::Settings;
use dripline_server::ledger::{Verifier, verify_ledger};
use dripline_server::refusal::Refusal;
use dripline_server::store::postgres::audit;
use dripline_shared::amount::Amount;
use dripline_shared::api::{ClaimRequest, OpenAnswer, OpenRequest, Receipt};
use dripline_shared::campaign::{Audience, CLAIMS_AFTER_MS, Campaign, CampaignStage};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::game::Status;
use dripline_shared::limit::MoneyLimit;
use dripline_shared::reward::{FactorName, RewardRules};
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};

use crate::database::Database;
use crate::publications::unpinned;
use crate::support::dump::dump;
use crate::support::{Directory, Player, START, World, code, copy_keys, sign};

const BUDGET: i64 = 100_000;
const FROM: Timestamp = Timestamp(START.0 + DAY_MS);
const TO: Timestamp = Timestamp(FROM.0 + 2 * DAY_MS);
const OVER: Timestamp = Timestamp(TO.0 + CLAIMS_AFTER_MS + 1);

fn units(units: i64) -> Amount {
    Amount::try_from(units).unwrap()
}

/// A catalog whose drips are all of 1,000 units, without cooldowns, with a campaign of two days that starts in a day.
fn with_summer(change: impl FnOnce(&mut Campaign)) -> Catalog {
    let mut catalog = Catalog::first_run();
    catalog.rewards = RewardRules {
        stars: [10_000; 3],
        first_clear: 10_000,
        streak: vec![10_000],
        repeat: vec![10_000],
        drip_max: units(5_000),
    };
    for level in &mut catalog.levels {
        level.base = units(1_000);
        level.cooldown_ms = 0;
    }
    let mut summer = Campaign { id: "summer".to_owned(), ..catalog.campaigns[0].clone() };
    summer.budget = units(BUDGET);
    (summer.starts_ms, summer.ends_ms) = (Some(FROM), Some(TO));
    change(&mut summer);
    catalog.campaigns.push(summer);
    catalog
}

/// A faucet with this catalog, which can be published anew.
fn world(directory: &Directory, catalog: Catalog) -> World {
    let mut world = World::with(unpinned(directory));
    world.publish(|published| *published = catalog.clone());
    world.catalog = catalog;
    world
}

impl World {
    fn request_in(&self, player: &Player, level: &str, campaign: &str) -> OpenRequest {
        sign(player, OpenRequest { campaign: campaign.to_owned(), ..self.request(player, level) })
    }

    fn try_open_in(&self, player: &Player, campaign: &str) -> Result<OpenAnswer, Refusal> {
        self.try_open(self.request_in(player, self.first_level(), campaign))
    }

    /// Wins a round of a campaign, and gives the claim.
    fn win_in(&self, player: &Player, campaign: &str) -> ClaimRequest {
        for bot in 0..30 {
            let open = self.try_open_in(player, campaign).unwrap();
            let play = self.play(&open, bot);
            if play.status == Status::Won {
                return self.claim_request(player, &open, &play);
            }
            self.end(&open);
        }
        panic!("thirty rounds were lost");
    }

    fn earn_in(&self, player: &Player, campaign: &str) -> Receipt {
        self.try_claim(self.win_in(player, campaign)).unwrap()
    }

    /// What campaigns hold by the books, and what came in from outside.
    fn held(&self) -> (i64, i64) {
        self.wait(60_000);
        let books = self.runtime.block_on(self.faucet.ledger()).unwrap().assets.remove(0);
        (books.campaigns.units(), books.supply.units())
    }

    fn standing(&self, campaign: &str) -> (CampaignStage, bool, i64, i64) {
        self.runtime.block_on(self.faucet.refresh_insight()).unwrap();
        let insight = self.faucet.insight().unwrap();
        let found = insight.campaigns.iter().find(|it| &*it.id == campaign).unwrap();
        (found.stage, found.is_used_up, found.paid.units(), found.left.units())
    }
}

fn factor(receipt: &Receipt, name: FactorName) -> Option<u32> {
    receipt.factors.iter().find(|factor| factor.name == name).map(|factor| factor.basis_points)
}

#[test]
fn a_campaign_opens_rounds_from_its_start_until_its_end_and_what_was_opened_pays_after_it() {
    let directory = Directory::new();
    let world = world(&directory, with_summer(|_| ()));
    let player = Player::new(1);
    world.wait_until(FROM.minus(1));
    let before = dump(directory.path());
    let early = world.try_open_in(&player, "summer").unwrap_err();
    assert_eq!((early.code(), early.reasons[0].until_ms), (Code::CampaignNotStarted, Some(FROM)));
    assert_eq!(early.reasons[0].subject.as_deref(), Some("campaign:summer"));
    assert_eq!(dump(directory.path()), before);

    world.wait_until(FROM);
    world.follow();
    let claim = world.win_in(&player, "summer");
    world.wait_until(TO.minus(1));
    let open = world.try_open_in(&player, "summer").unwrap();
    world.end(&open);
    world.wait(1);
    let before = dump(directory.path());
    let late = world.try_open_in(&player, "summer").unwrap_err();
    assert_eq!((late.code(), late.reasons[0].until_ms), (Code::CampaignEnded, None));
    assert_eq!(dump(directory.path()), before);
    // It was opened days before, and cannot be claimed any more; one of the last moment can.
    assert_eq!(code(world.try_claim(claim)), Code::RoundExpired);
}

#[test]
fn a_round_that_was_opened_before_the_end_is_paid_after_it_as_long_as_it_can_be_claimed() {
    let directory = Directory::new();
    let world = world(&directory, with_summer(|_| ()));
    let player = Player::new(1);
    world.wait_until(TO.minus(HOUR_MS));
    world.follow();
    let claim = world.win_in(&player, "summer");
    world.wait_until(TO.plus(DAY_MS - 2 * HOUR_MS));
    world.follow();
    let receipt = world.try_claim(claim).unwrap();
    assert_eq!((receipt.campaign.as_str(), receipt.amount), ("summer", units(1_000)));
    assert_eq!(world.standing("summer"), (CampaignStage::Ending, false, 1_000, BUDGET - 1_000));
}

#[test]
fn a_budget_comes_at_the_start_and_what_is_left_of_it_goes_back_once_after_the_last_claim() {
    let directory = Directory::new();
    let world = world(&directory, with_summer(|_| ()));
    let default = world.catalog.campaigns[0].budget.units();
    assert_eq!(world.held(), (default, default));
    assert_eq!(world.standing("summer"), (CampaignStage::Waiting, false, 0, 0));

    world.wait_until(FROM);
    world.follow();
    assert_eq!(world.held(), (default + BUDGET, default + BUDGET));
    world.earn_in(&Player::new(1), "summer");
    assert_eq!(world.standing("summer"), (CampaignStage::Running, false, 1_000, BUDGET - 1_000));

    // Between its end and the last moment of a claim, nothing moves.
    for moment in [TO, OVER.minus(61_000)] {
        world.wait_until(moment);
        world.follow();
        assert_eq!(world.held(), (default + BUDGET - 1_000, default + BUDGET));
    }
    world.wait_until(OVER);
    world.follow();
    assert_eq!(world.held(), (default, default + 1_000));
    assert_eq!(world.standing("summer"), (CampaignStage::Over, false, 1_000, 0));
    let once = dump(directory.path());
    world.follow();
    assert_eq!(dump(directory.path()), once);

    // A clock that is put back and comes again moves the budget in, and back once more: what was paid stays paid.
    world.set_clock(FROM.plus(HOUR_MS));
    world.follow();
    assert_eq!(world.held(), (default + BUDGET - 1_000, default + BUDGET));
    world.set_clock(OVER);
    world.follow();
    assert_eq!(world.held(), (default, default + 1_000));
    world.shutdown();
    let report = verify_ledger(directory.path(), &[]).unwrap();
    assert_eq!((report.findings, report.held["DRIP"]), (vec![], units(1_000)));
}

#[test]
fn what_is_due_while_no_server_runs_is_done_at_the_next_start_and_once() {
    let directory = Directory::new();
    let world = world(&directory, with_summer(|_| ()));
    let default = world.catalog.campaigns[0].budget.units();
    world.shutdown();
    let restart = |now| World::at(unpinned(&directory), now);
    let mut running = restart(FROM.plus(HOUR_MS));
    running.catalog = with_summer(|_| ());
    assert_eq!(running.held(), (default + BUDGET, default + BUDGET));
    running.earn_in(&Player::new(1), "summer");
    running.shutdown();
    let ending = restart(TO.plus(HOUR_MS));
    assert_eq!(ending.held(), (default + BUDGET - 1_000, default + BUDGET));
    ending.shutdown();
    for _ in 0..2 {
        let over = restart(OVER);
        over.follow();
        assert_eq!(over.held(), (default, default + 1_000));
        over.shutdown();
    }
    assert_eq!(verify_ledger(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

#[test]
fn a_budget_is_locked_from_the_start_until_the_end_and_can_only_be_raised() {
    let directory = Directory::new();
    let world = world(&directory, with_summer(|_| ()));
    let refused = |change: &dyn Fn(&mut Campaign)| -> Vec<String> {
        let draft = world.draft("wrong", None, |catalog| change(&mut catalog.campaigns[1]));
        let published = world.try_publish(&draft, None);
        let drop =
            world.faucet.drop_draft(crate::publications::editor("Ada"), "wrong".into(), draft.revision);
        if let Err(refusal) = published {
            world.runtime.block_on(drop).unwrap();
            assert_eq!(refusal.code(), Code::CatalogInvalid);
            return refusal.reasons.into_iter().filter_map(|reason| reason.subject).collect();
        }
        Vec::new()
    };
    // Before it starts, everything can be changed.
    assert!(refused(&|it| it.budget = units(BUDGET - 1)).is_empty());
    assert!(refused(&|it| it.starts_ms = Some(FROM.plus(1))).is_empty());
    world.wait_until(FROM.plus(1));
    world.follow();
    world.earn_in(&Player::new(1), "summer");
    assert_eq!(refused(&|it| it.budget = units(BUDGET - 2)), ["campaigns[1].budget"]);
    assert_eq!(refused(&|it| it.budget = units(999)), ["campaigns[1].budget"]);
    assert_eq!(refused(&|it| it.starts_ms = Some(FROM.plus(HOUR_MS))), ["campaigns[1].starts_ms"]);
    assert_eq!(refused(&|it| it.starts_ms = None), ["campaigns[1].starts_ms"]);
    // Under other dates it ends and is over.
    assert!(refused(&|it| it.budget = units(2 * BUDGET)).is_empty());
    assert_eq!(world.standing("summer").3, 2 * BUDGET - 1_000);
    assert!(refused(&|it| it.ends_ms = Some(TO.minus(HOUR_MS))).is_empty());
    // Not at once, with its money gone while rounds are in play; nor when it is published for a moment after the end.
    assert_eq!(refused(&|it| it.ends_ms = Some(FROM.plus(2))), ["campaigns[1].ends_ms"]);
    let gone = |name: &str| {
        let draft = world.draft(name, None, |catalog| catalog.campaigns.truncate(1));
        world.try_publish(&draft, None).map(drop).map_err(|refusal| refusal.code())
    };
    world.wait_until(TO);
    world.follow();
    assert_eq!(gone("early"), Err(Code::CatalogInvalid));
    // Rounds can still be claimed: its budget stays.
    assert_eq!(refused(&|it| it.budget = units(BUDGET)), ["campaigns[1].budget"]);
    let undated = |it: &mut Campaign| (it.starts_ms, it.ends_ms) = (None, None);
    assert_eq!(refused(&undated), ["campaigns[1].starts_ms"]);
    world.wait_until(OVER);
    world.follow();
    assert_eq!(gone("late"), Ok(()));
}

#[test]
fn a_pinned_file_that_lowers_a_locked_budget_takes_nothing_back() {
    let directory = Directory::new();
    let pinned = |budget| {
        let catalog = with_summer(|summer| summer.budget = units(budget));
        Settings { data: Some(directory.path().to_owned()), ..Settings::new(catalog) }
    };
    World::at(pinned(BUDGET), FROM).shutdown();
    let world = World::at(pinned(BUDGET / 2), FROM.plus(HOUR_MS));
    assert_eq!(world.standing("summer").3, BUDGET);
}

#[test]
fn a_campaign_pays_for_its_levels_alone_and_for_whom_it_is() {
    let directory = Directory::new();
    let level = Catalog::first_run().levels[0].id.clone();
    let other = Catalog::first_run().levels.iter().find(|it| it.id == "merge-1").unwrap().id.clone();
    let world = world(
        &directory,
        with_summer(|summer| {
            summer.levels = Some(vec![level.clone()]);
            summer.audience = Audience::NewWallets { within_ms: HOUR_MS };
        }),
    );
    let (old, new) = (Player::new(1), Player::new(2));
    world.wait_until(FROM.minus(HOUR_MS));
    world.earn_in(&old, "default");
    world.wait_until(FROM.plus(HOUR_MS));
    world.follow();
    let before = dump(directory.path());
    let elsewhere = world.try_open(world.request_in(&new, &other, "summer"));
    assert_eq!(code(elsewhere), Code::LevelNotInCampaign);
    assert_eq!(code(world.try_open_in(&old, "summer")), Code::NotInAudience);
    assert_eq!(dump(directory.path()), before);
    world.earn_in(&new, "summer");
    world.earn_in(&new, "summer");
    world.wait(HOUR_MS);
    assert_eq!(code(world.try_open_in(&new, "summer")), Code::NotInAudience);
    world.earn_in(&new, "default");
}

#[test]
fn a_boost_is_a_factor_with_a_name_and_a_round_keeps_the_one_that_it_was_opened_with() {
    let directory = Directory::new();
    let mut world = world(&directory, with_summer(|summer| summer.boost = Some(25_000)));
    let [first, second] = [1, 2].map(Player::new);
    world.wait_until(FROM);
    world.follow();
    let plain = world.earn_in(&Player::new(3), "default");
    assert_eq!((plain.amount, factor(&plain, FactorName::Boost)), (units(1_000), None));
    let receipt = world.earn_in(&first, "summer");
    assert_eq!((receipt.amount, factor(&receipt, FactorName::Boost)), (units(2_500), Some(25_000)));

    let claim = world.win_in(&second, "summer");
    world.publish(|catalog| catalog.campaigns[1].boost = None);
    let now = world.shutdown();
    world = World::at(unpinned(&directory), now);
    world.catalog = with_summer(|_| ());
    let receipt = world.try_claim(claim).unwrap();
    assert_eq!((receipt.amount, factor(&receipt, FactorName::Boost)), (units(2_500), Some(25_000)));
    let receipt = world.earn_in(&second, "summer");
    assert_eq!((receipt.amount, factor(&receipt, FactorName::Boost)), (units(1_000), None));
}

/// Two days, and in a window of a day four of the largest drips go out at the pace of the start: a burst is one of them.
fn paced(summer: &mut Campaign) {
    summer.budget = units(40_000);
    summer.outflow = MoneyLimit { ceiling: units(80_000), window_ms: DAY_MS };
    summer.pacing = true;
}

#[test]
fn a_paced_campaign_pays_less_when_many_ask_and_later_when_too_many_do() {
    let directory = Directory::new();
    let mut catalog = with_summer(paced);
    catalog.limits.outflow_newcomers = MoneyLimit { ceiling: units(70_000), window_ms: DAY_MS };
    let world = world(&directory, catalog);
    world.wait_until(FROM);
    world.follow();
    // 20,000 in a day: a burst of 5,000, of which half is paid whole.
    let claims: Vec<ClaimRequest> =
        (1..=8).map(|player| world.win_in(&Player::new(player), "summer")).collect();
    let mut refusals = Vec::new();
    let mut receipts = Vec::new();
    for claim in &claims {
        match world.try_claim(*claim) {
            Ok(receipt) => receipts.push(receipt),
            Err(refusal) => refusals.push(refusal),
        }
    }
    let factors: Vec<u32> =
        receipts.iter().map(|receipt| factor(receipt, FactorName::Pacing).unwrap()).collect();
    assert_eq!(factors[0], 10_000);
    assert!(factors.is_sorted_by(|one, next| one >= next), "{factors:?}");
    assert!(*factors.last().unwrap() < 8_000, "{factors:?}");
    let paid: i64 = receipts.iter().map(|receipt| receipt.amount.units()).sum();
    assert!((2_500..=5_000).contains(&paid), "{paid}");
    for refusal in &refusals {
        assert_eq!(refusal.code(), Code::CeilingReached);
        assert_eq!(refusal.reasons[0].subject.as_deref(), Some("campaign:summer"));
        assert!(refusal.reasons[0].until_ms.is_some());
    }
    // Hours later there is room again.
    world.wait(12 * HOUR_MS);
    assert_eq!(factor(&world.earn_in(&Player::new(100), "summer"), FactorName::Pacing), Some(10_000));
}

#[test]
fn a_campaign_with_dates_ends_by_itself_when_its_budget_is_used_up() {
    let directory = Directory::new();
    let world = world(&directory, with_summer(|summer| summer.budget = units(2_500)));
    let player = Player::new(1);
    world.wait_until(FROM);
    world.follow();
    let late = world.win_in(&Player::new(2), "summer");
    world.earn_in(&player, "summer");
    world.earn_in(&player, "summer");
    assert_eq!(world.standing("summer"), (CampaignStage::Running, true, 2_000, 500));
    let before = dump(directory.path());
    assert_eq!(code(world.try_open_in(&player, "summer")), Code::BudgetUsedUp);
    assert_eq!(dump(directory.path()), before);
    // It has ended, so that its budget is no longer locked; more of it lets it go on, and the round that waits is paid.
    assert_eq!(code(world.try_claim(late)), Code::BudgetUsedUp);
    world.publish(|catalog| catalog.campaigns[1].budget = units(2_000));
    assert_eq!(world.standing("summer").3, 500, "what it was given stays until it is over");
    world.publish(|catalog| catalog.campaigns[1].budget = units(3_000));
    world.try_claim(late).unwrap();
    assert_eq!(world.standing("summer"), (CampaignStage::Running, true, 3_000, 0));
}

#[test]
fn newcomers_share_a_part_of_a_campaign_and_hold_back_nobody_else() {
    let directory = Directory::new();
    let mut catalog = with_summer(|summer| {
        summer.outflow = MoneyLimit { ceiling: units(80_000), window_ms: DAY_MS };
        // Four drips at once: of 5,000 each at most, as the catalog is checked.
        summer.newcomers = Some(2_500);
    });
    catalog.rewards.drip_max = units(1_000);
    catalog.limits.newcomer_ms = HOUR_MS;
    let world = world(&directory, catalog);
    let old = Player::new(1);
    world.earn_in(&old, "default");
    world.wait_until(FROM);
    world.follow();
    let claims: Vec<ClaimRequest> =
        (2..=7).map(|player| world.win_in(&Player::new(player), "summer")).collect();
    let regulars = world.win_in(&old, "summer");
    claims[..5].iter().for_each(|claim| drop(world.try_claim(*claim).unwrap()));
    let refusal = world.try_claim(claims[5]).unwrap_err();
    assert_eq!(refusal.reasons.len(), 1, "{refusal:?}");
    assert_eq!(refusal.reasons[0].subject.as_deref(), Some("campaign:summer:newcomers"));
    world.try_claim(regulars).unwrap();
    world.wait_until(refusal.reasons[0].until_ms.unwrap());
    world.try_claim(claims[5]).unwrap();
}

#[test]
fn several_servers_fund_a_campaign_once_and_return_all_that_their_parts_have_left() {
    let database = Database::new();
    let directories = [Directory::new(), Directory::new()];
    let mut catalog = with_summer(|summer| summer.budget = units(1_000_000));
    catalog.limits.outflow.ceiling = units(1_000_000_000);
    let settings = |directory: &Directory| Settings {
        data: Some(directory.path().to_owned()),
        database: Some(database.address()),
        ..Settings::new(catalog.clone())
    };
    let one = World::with(settings(&directories[0]));
    copy_keys(&directories[0], &directories[1]);
    let other = World::numbered(settings(&directories[1]), START, 1);
    let default = catalog.campaigns[0].budget.units();
    for world in [&one, &other] {
        world.wait_until(FROM);
        world.follow();
    }
    assert_eq!(one.held(), (default + 1_000_000, default + 1_000_000));
    // Claims at both, in turn, so that the budget is divided between them.
    for round in 0..3 {
        for (number, world) in [(1, &one), (2, &other)] {
            world.wait_until(one.now().max(other.now()));
            world.earn_in(&Player::new(10 * round + number), "summer");
        }
    }
    let slices = |world: &World| world.standing("summer").3;
    assert_eq!((slices(&one), slices(&other)), (994_000, 994_000));
    for world in [&one, &other, &one] {
        world.wait_until(OVER);
        world.follow();
    }
    assert_eq!(one.standing("summer"), (CampaignStage::Over, false, 6_000, 0));
    assert_eq!(other.held(), (default, default + 6_000));
    one.shutdown();
    other.shutdown();
    let keys = dripline_server::keys::Keys::read(&directories[0].path().join("keys")).unwrap().unwrap();
    let mut verifier = Verifier::new(&keys);
    audit::scan(&database.address(), &[], &mut verifier).unwrap();
    assert_eq!(verifier.finish().findings, Vec::<String>::new());
}

#[test]
fn each_level_names_the_best_campaign_that_is_open_to_everybody() {
    let directory = Directory::new();
    let mut catalog = with_summer(|summer| {
        summer.name = Some("Summer rain".to_owned());
        summer.boost = Some(12_500);
        summer.budget = units(2_000);
    });
    let level = catalog.levels[0].id.clone();
    let small = Campaign { id: "small".to_owned(), boost: Some(20_000), ..catalog.campaigns[1].clone() };
    let small = Campaign { levels: Some(vec![level.clone()]), ends_ms: Some(TO.minus(DAY_MS)), ..small };
    let closed = Audience::NewWallets { within_ms: DAY_MS };
    let closed = Campaign { id: "closed".to_owned(), boost: Some(30_000), audience: closed, ..small.clone() };
    catalog.campaigns.extend([small, closed]);
    let world = world(&directory, catalog);
    let paid_by = |world: &World| {
        world.follow();
        let levels = world.faucet.catalog().levels;
        [0, 1].map(|index| (levels[index].campaign.clone(), levels[index].pays_max))
    };
    let default = ("default".to_owned(), units(1_000));
    assert_eq!(paid_by(&world), [default.clone(), default.clone()]);
    world.wait_until(FROM);
    let summer = ("summer".to_owned(), units(1_250));
    assert_eq!(paid_by(&world), [("small".to_owned(), units(2_000)), summer.clone()]);
    // A campaign whose budget is used up is not named any more; that of the closed one never paid for one drip.
    world.earn_in(&Player::new(1), "small");
    assert_eq!(paid_by(&world), [summer.clone(), summer]);
    let shown = world.runtime.block_on(world.faucet.campaigns(None)).unwrap();
    let told: Vec<_> =
        shown.iter().map(|it| (it.id.as_str(), it.stage, it.is_used_up, it.left.units())).collect();
    let running = CampaignStage::Running;
    let all = world.catalog.campaigns[0].budget.units();
    let expected = [
        ("default", running, false, all),
        ("summer", running, false, 2_000),
        ("small", running, true, 0),
        ("closed", running, true, 2_000),
    ];
    assert_eq!(told, expected);
    world.wait_until(TO);
    assert_eq!(paid_by(&world), [default.clone(), default]);
    world.wait_until(OVER);
    world.follow();
    let shown = world.runtime.block_on(world.faucet.campaigns(None)).unwrap();
    assert_eq!(shown.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["default"]);
}
