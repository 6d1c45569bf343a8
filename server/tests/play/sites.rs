//! Sites: rounds on their pages, levels that are cleared for nothing, and what the servers of sites learn.

use std::collections::BTreeSet;

use dripline_server::faucet::{Operator, Settings};
use dripline_server::ledger::{Verifier, verify_ledger};
use dripline_server::refusal::Refusal;
use dripline_server::store::postgres::audit;
use dripline_server::verification::test_secret::{ALWAYS_FAILS, ALWAYS_PASSES, ALWAYS_SPENT};
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::sites::SiteWeek;
use dripline_shared::api::{
    OpenAnswer, OpenRequest, Receipt, SiteVerifyAnswer, SiteVerifyRequest, VerificationAnswer,
    VerificationRequest, Verified,
};
use dripline_shared::catalog::{Catalog, DEFAULT_CAMPAIGN};
use dripline_shared::error::Code;
use dripline_shared::game::Status;
use dripline_shared::level::Unlock;
use dripline_shared::site::{
    CDATA_MAX, IDEMPOTENCY_KEY_MAX, NO_CAMPAIGN, Site, SiteLook, SiteMode, VERIFY_WITHIN_MS,
};
use dripline_shared::time::DAY_MS;

use crate::database::Database;
use crate::support::{Directory, Player, START, World, code, copy_keys, sign};

const HOST: &str = "https://shop.example";

/// The secrets of the sites' servers.
pub(crate) struct Secrets {
    shop: String,
    gate: String,
    trial: String,
}

pub(crate) fn site(id: &str, mode: SiteMode, campaign: Option<&str>) -> Site {
    Site {
        id: id.to_owned(),
        name: id.to_owned(),
        mode,
        origins: vec![HOST.to_owned()],
        campaign: campaign.map(str::to_owned),
        levels: None,
        look: SiteLook::default(),
    }
}

/// Registers a shop that pays, a gate that is passed for nothing, which shows one level, and a site for trying out.
pub(crate) fn register(world: &World) -> Secrets {
    let made = |site: Site| {
        let who = Operator { by: By::CommandLine, from: None, session: None };
        world.runtime.block_on(world.faucet.register_site(who, site)).unwrap().secret
    };
    let levels = Some(vec![world.catalog.levels[0].id.clone()]);
    Secrets {
        shop: made(site("shop", SiteMode::Live, Some(DEFAULT_CAMPAIGN))),
        gate: made(Site { levels, ..site("gate", SiteMode::Live, None) }),
        trial: made(site("trial", SiteMode::Test, None)),
    }
}

fn world() -> (World, Secrets) {
    let world = World::new();
    let secrets = register(&world);
    (world, secrets)
}

/// How a faucet of this catalog is set up whose data is in this folder.
pub(crate) fn keeping(directory: &Directory, catalog: Catalog) -> Settings {
    Settings { data: Some(directory.path().to_owned()), ..Settings::new(catalog) }
}

/// Such a faucet, with what its sites have, and the token of a level that was cleared on the shop's page.
fn kept(directory: &Directory) -> (World, Secrets, String) {
    let world = World::with(keeping(directory, Catalog::first_run()));
    let own = register(&world);
    let (open, _) = world.clear(&Player::new(1), "shop", DEFAULT_CAMPAIGN);
    let token = world.token(&open, page(HOST, None)).unwrap().token;
    (world, own, token)
}

fn asked(secret: &str, token: &str, key: Option<&str>) -> SiteVerifyRequest {
    SiteVerifyRequest {
        secret: secret.to_owned(),
        token: token.to_owned(),
        idempotency_key: key.map(str::to_owned),
    }
}

fn page(origin: &str, cdata: Option<&str>) -> VerificationRequest {
    VerificationRequest { origin: origin.to_owned(), cdata: cdata.map(str::to_owned) }
}

/// A secret that differs in its last digit.
fn near(secret: &str) -> String {
    let (rest, last) = secret.split_at(secret.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}

/// The one code of an answer that a token or a secret is not good.
fn why(answer: &SiteVerifyAnswer) -> Code {
    assert!(!answer.success && answer.verified.is_none(), "{answer:?}");
    let [reason] = &answer.reasons[..] else { panic!("one reason: {answer:?}") };
    reason.code
}

fn what(answer: SiteVerifyAnswer) -> Verified {
    assert!(answer.success && answer.reasons.is_empty(), "{answer:?}");
    answer.verified.unwrap()
}

impl World {
    pub(crate) fn on_site(&self, player: &Player, level: &str, site: &str, campaign: &str) -> OpenRequest {
        let request = self.request(player, level);
        sign(player, OpenRequest { site: Some(site.to_owned()), campaign: campaign.to_owned(), ..request })
    }

    /// Wins a round on a page of a site, and claims it.
    pub(crate) fn clear(&self, player: &Player, site: &str, campaign: &str) -> (OpenAnswer, Receipt) {
        for bot in 0..30 {
            let open = self.try_open(self.on_site(player, self.first_level(), site, campaign)).unwrap();
            let play = self.play(&open, bot);
            if play.status == Status::Won {
                let receipt = self.try_claim(self.claim_request(player, &open, &play)).unwrap();
                return (open, receipt);
            }
            self.end(&open);
        }
        panic!("thirty rounds were lost");
    }

    /// What came of a site on this day: rounds cleared, drips, and how much those were.
    fn today(&self, site: &str) -> (u64, u64, Amount) {
        let told = self.runtime.block_on(self.faucet.registered_site_statistics(site, 1)).unwrap();
        let day = told.days.first();
        assert!(day.is_none_or(|day| day.opened >= day.cleared));
        day.map_or((0, 0, Amount::ZERO), |day| (day.cleared, day.drips, day.amount))
    }

    fn token(&self, open: &OpenAnswer, request: VerificationRequest) -> Result<VerificationAnswer, Refusal> {
        self.runtime.block_on(self.faucet.verification(open.round, Some(open.token), request))
    }

    fn verify(&self, secret: &str, token: &str, key: Option<&str>) -> SiteVerifyAnswer {
        self.runtime.block_on(self.faucet.site_verify(asked(secret, token, key))).unwrap()
    }
}

#[test]
fn a_round_of_a_site_is_of_its_levels_and_its_campaign_and_is_paid() {
    let (world, _) = world();
    let player = Player::new(1);
    let (level, other) = (world.first_level().to_owned(), world.catalog.levels[1].id.clone());
    let refused = |site: &str, level: &str, campaign: &str| {
        code(world.try_open(world.on_site(&player, level, site, campaign)))
    };
    assert_eq!(refused("nowhere", &level, DEFAULT_CAMPAIGN), Code::UnknownSite);
    assert_eq!(refused("shop", &level, NO_CAMPAIGN), Code::CampaignNotOfSite);
    assert_eq!(refused("gate", &level, DEFAULT_CAMPAIGN), Code::CampaignNotOfSite);
    assert_eq!(refused("trial", &level, DEFAULT_CAMPAIGN), Code::CampaignNotOfSite);
    assert_eq!(refused("gate", &other, NO_CAMPAIGN), Code::LevelNotOfSite);
    // Without a site, somebody always pays.
    let unpaid = OpenRequest { campaign: NO_CAMPAIGN.to_owned(), ..world.request(&player, &level) };
    assert_eq!(code(world.try_open(sign(&player, unpaid))), Code::UnknownCampaign);
    // The signature is over the site.
    let moved = OpenRequest { site: Some("shop".to_owned()), ..world.request(&player, &level) };
    assert_eq!(code(world.try_open(moved)), Code::BadSignature);

    let (_, receipt) = world.clear(&player, "shop", DEFAULT_CAMPAIGN);
    assert!(receipt.amount > Amount::ZERO && receipt.log.is_some());
    assert_eq!(world.wallet(&player).drips, 1);
    assert_eq!(world.today("shop"), (1, 1, receipt.amount));
    assert_eq!(world.today("gate"), (0, 0, Amount::ZERO));
}

#[test]
fn a_level_for_which_nobody_pays_is_cleared_and_changes_nothing_else() {
    let directory = Directory::new();
    let world = World::with(Settings {
        data: Some(directory.path().to_owned()),
        ..Settings::new(Catalog::first_run())
    });
    register(&world);
    let player = Player::new(1);
    let earned = world.earn(&player, world.first_level());
    let before = world.wallet(&player);
    for (site, campaign) in [("gate", NO_CAMPAIGN), ("trial", NO_CAMPAIGN)] {
        let (open, receipt) = world.clear(&player, site, campaign);
        assert_eq!((receipt.base, receipt.amount), (Amount::ZERO, Amount::ZERO));
        assert_eq!((receipt.factors.len(), receipt.log, &*receipt.campaign), (0, None, NO_CAMPAIGN));
        assert!(receipt.outcome.won && receipt.outcome.stars >= 1);
        // What the level pays elsewhere, and when, is as it was.
        assert_eq!((receipt.balance, receipt.pays_again_at_ms), (earned.balance, earned.pays_again_at_ms));
        let view = world.view(open.round, Some(open.token)).unwrap();
        assert_eq!(view.receipt.as_ref(), Some(&receipt));
        assert_eq!(world.today(site), (1, 0, Amount::ZERO));
    }
    let after = world.wallet(&player);
    assert_eq!((after.balance, after.drips, &after.levels), (before.balance, before.drips, &before.levels));
    assert_eq!((after.streak_days, after.open_round), (before.streak_days, None));
    let history = world.runtime.block_on(world.faucet.history(player.wallet, None, 10)).unwrap();
    assert_eq!(history.entries.len(), 1);
    world.shutdown();
    let report = verify_ledger(directory.path(), &[]).unwrap();
    assert_eq!((report.findings, report.claims), (Vec::new(), 3));
}

#[test]
fn where_nobody_pays_a_locked_level_can_be_played() {
    let mut catalog = Catalog::first_run();
    let last = catalog.levels.len() - 1;
    catalog.levels[last].unlock = Unlock::Stars(3);
    let locked = catalog.levels[last].id.clone();
    let world = World::with(Settings::new(catalog));
    register(&world);
    let player = Player::new(1);
    assert_eq!(
        code(world.try_open(world.on_site(&player, &locked, "shop", DEFAULT_CAMPAIGN))),
        Code::LevelLocked
    );
    assert!(world.try_open(world.on_site(&player, &locked, "trial", NO_CAMPAIGN)).is_ok());
    // And the catalog says so to the page, which shows a locked level as one that cannot be played.
    let shown = |site| {
        let levels = world.faucet.catalog_of_site(site).unwrap().levels;
        levels.into_iter().find(|level| level.id == locked).unwrap().level.unlock
    };
    assert_eq!((shown("shop"), shown("trial")), (Unlock::Stars(3), Unlock::Open));
}

#[test]
fn a_sites_server_learns_once_what_was_played() {
    let (world, own) = world();
    let player = Player::new(1);
    let (open, receipt) = world.clear(&player, "shop", DEFAULT_CAMPAIGN);
    let made = world.token(&open, page(HOST, Some("order 7"))).unwrap();
    assert_eq!((&*made.site, made.mode), ("shop", SiteMode::Live));
    assert_eq!(made.expires_at_ms, receipt.claimed_at_ms.plus(VERIFY_WITHIN_MS));
    assert_eq!(world.token(&open, page(HOST, Some("order 7"))).unwrap().token, made.token);

    let verified = what(world.verify(&own.shop, &made.token, None));
    assert_eq!(
        verified,
        Verified {
            site: "shop".to_owned(),
            mode: SiteMode::Live,
            round: open.round,
            wallet: player.wallet,
            level: receipt.level.clone(),
            score: receipt.outcome.score,
            stars: receipt.outcome.stars,
            amount: receipt.amount,
            asset: receipt.asset.clone(),
            opened_at_ms: open.opened_at_ms,
            claimed_at_ms: receipt.claimed_at_ms,
            origin: HOST.to_owned(),
            cdata: Some("order 7".to_owned()),
        }
    );
    assert_eq!(why(&world.verify(&own.shop, &made.token, None)), Code::TokenSpent);
    assert_eq!(why(&world.verify(&own.shop, &made.token, Some("a"))), Code::TokenSpent);
    // Once is once for the round, whatever its page says then.
    let other = world.token(&open, page(HOST, None)).unwrap().token;
    assert_eq!(why(&world.verify(&own.shop, &other, None)), Code::TokenSpent);
    // It stays spent when its time is over, and is not made any more.
    world.wait(VERIFY_WITHIN_MS + 1);
    assert_eq!(why(&world.verify(&own.shop, &made.token, None)), Code::TokenSpent);
    assert_eq!(code(world.token(&open, page(HOST, None))), Code::TokenExpired);
}

#[test]
fn the_same_request_with_a_key_gets_the_same_answer_and_any_other_does_not() {
    let (world, own) = world();
    let (open, _) = world.clear(&Player::new(1), "shop", DEFAULT_CAMPAIGN);
    let token = world.token(&open, page(HOST, None)).unwrap().token;
    let first = world.verify(&own.shop, &token, Some("order 7"));
    assert!(first.success);
    assert_eq!(world.verify(&own.shop, &token, Some("order 7")), first);
    assert_eq!(why(&world.verify(&own.shop, &token, Some("order 8"))), Code::TokenSpent);
    assert_eq!(why(&world.verify(&own.shop, &token, None)), Code::TokenSpent);
    let other = world.token(&open, page(HOST, Some("x"))).unwrap().token;
    assert_eq!(why(&world.verify(&own.shop, &other, Some("order 7"))), Code::TokenSpent);
    // Also when a first request would come too late.
    world.wait(10 * VERIFY_WITHIN_MS);
    assert_eq!(world.verify(&own.shop, &token, Some("order 7")), first);
    for key in [String::new(), "k".repeat(IDEMPOTENCY_KEY_MAX + 1)] {
        let request = asked(&own.shop, &token, Some(&key));
        assert_eq!(code(world.runtime.block_on(world.faucet.site_verify(request))), Code::InvalidRequest);
    }
}

#[test]
fn what_is_not_good_is_told_apart_and_spends_nothing() {
    let (world, own) = world();
    let (open, _) = world.clear(&Player::new(1), "shop", DEFAULT_CAMPAIGN);
    let token = world.token(&open, page(HOST, None)).unwrap().token;
    assert_eq!(why(&world.verify("", &token, None)), Code::SecretUnknown);
    assert_eq!(why(&world.verify(&near(&own.shop), &token, None)), Code::SecretUnknown);
    assert_eq!(why(&world.verify(&own.gate, &token, None)), Code::TokenOfOtherSite);
    assert_eq!(why(&world.verify(&own.trial, &token, None)), Code::TokenOfOtherSite);
    for bad in ["", "dripline_token_live_", &token[1..], &format!("{token}A"), &token.to_lowercase()] {
        assert_eq!(why(&world.verify(&own.shop, bad, None)), Code::TokenUnknown, "{bad}");
    }
    world.wait(VERIFY_WITHIN_MS);
    assert!(
        world.verify(&own.shop, &token, None).success,
        "all of that has spent nothing, and its time is not over"
    );

    let (open, _) = world.clear(&Player::new(2), "shop", DEFAULT_CAMPAIGN);
    let token = world.token(&open, page(HOST, None)).unwrap().token;
    world.wait(VERIFY_WITHIN_MS + 1);
    assert_eq!(why(&world.verify(&own.shop, &token, None)), Code::TokenExpired);
}

#[test]
fn a_guess_never_comes_to_the_store() {
    let directory = Directory::new();
    let (world, own, token) = kept(&directory);
    // From now on, whatever would read the store is refused.
    let world =
        World::at(Settings { prove_queue: 0, ..keeping(&directory, Catalog::first_run()) }, world.shutdown());
    for (secret, token, expected) in [
        ("", &*token, Code::SecretUnknown),
        (&near(&own.shop), &token, Code::SecretUnknown),
        (&own.shop, "dripline_token_live_", Code::TokenUnknown),
        (&own.shop, &format!("{token}A"), Code::TokenUnknown),
        (&own.gate, &token, Code::TokenOfOtherSite),
    ] {
        assert_eq!(why(&world.verify(secret, token, None)), expected, "{secret} {token}");
    }
    let good = world.faucet.site_verify(asked(&own.shop, &token, None));
    assert_eq!(code(world.runtime.block_on(good)), Code::Overloaded);
}

#[test]
fn whoever_changes_what_is_stored_of_a_claim_that_earns_nothing_is_found_out() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    register(&world);
    for player in 1..=2 {
        world.clear(&Player::new(player), "gate", NO_CAMPAIGN);
    }
    world.shutdown();
    let path = directory.path().join("dripline.sqlite");
    let untouched = std::fs::read(&path).unwrap();
    for (change, finding) in [
        (
            "UPDATE receipts SET json = replace(json, '\"stars\":', '\"stars\":1') WHERE round = 2",
            "no valid signature",
        ),
        ("UPDATE receipts SET json = '{}' WHERE round = 2", "no readable receipt"),
        ("DELETE FROM receipts WHERE round = 2", "no readable receipt"),
        (
            "UPDATE receipts SET json = (SELECT json FROM receipts WHERE round = 1)",
            "is not what its receipt says",
        ),
        ("UPDATE rounds SET wallet = 1", "is not what its receipt says"),
        ("UPDATE rounds SET site = NULL WHERE id = 2", "there is no drip for it"),
    ] {
        std::fs::write(&path, &untouched).unwrap();
        let store = rusqlite::Connection::open(&path).unwrap();
        assert!(store.execute(change, []).unwrap() > 0, "{change}");
        drop(store);
        let findings = verify_ledger(directory.path(), &[]).unwrap().findings;
        assert!(findings.len() == 1 && findings[0].contains(finding), "{change}: {findings:?}");
    }
    std::fs::write(&path, &untouched).unwrap();
    assert_eq!(verify_ledger(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

#[test]
fn a_token_is_made_for_a_claimed_round_of_a_site_and_pages_of_that_site_alone() {
    let (world, _) = world();
    let player = Player::new(1);
    let elsewhere = world.open(&player, world.first_level());
    assert_eq!(code(world.token(&elsewhere, page(HOST, None))), Code::RoundNotOfSite);
    world.end(&elsewhere);
    let open = world.try_open(world.on_site(&player, world.first_level(), "shop", DEFAULT_CAMPAIGN)).unwrap();
    assert_eq!(code(world.token(&open, page(HOST, None))), Code::RoundNotClaimed);
    world.end(&open);
    let (open, _) = world.clear(&player, "shop", DEFAULT_CAMPAIGN);
    for host in [
        "",
        "null",
        "https://shop.example.evil.example",
        "https://shop.example:443",
        "http://shop.example",
        "https://shop.example/",
        "https://Shop.example",
        "https://evilshop.example",
    ] {
        assert_eq!(code(world.token(&open, page(host, None))), Code::OriginNotOfSite, "{host}");
    }
    let long = "é".repeat(CDATA_MAX / 2 + 1);
    assert_eq!(code(world.token(&open, page(HOST, Some(&long)))), Code::InvalidRequest);
    assert!(world.token(&open, page(HOST, Some(&long[..CDATA_MAX - 1]))).is_ok());
    let nobody = world.faucet.verification(open.round, None, page(HOST, None));
    assert_eq!(code(world.runtime.block_on(nobody)), Code::WrongToken);
}

#[test]
fn of_many_requests_at_once_one_is_told() {
    let (world, own) = world();
    let (open, _) = world.clear(&Player::new(1), "gate", NO_CAMPAIGN);
    let token = world.token(&open, page(HOST, None)).unwrap().token;
    let answers: Vec<SiteVerifyAnswer> = world.runtime.block_on(async {
        let requests = (0..100).map(|_| {
            let (faucet, request) = (world.faucet.clone(), asked(&own.gate, &token, None));
            tokio::spawn(async move { faucet.site_verify(request).await.unwrap() })
        });
        let requests: Vec<_> = requests.collect();
        let mut answers = Vec::new();
        for request in requests {
            answers.push(request.await.unwrap());
        }
        answers
    });
    assert_eq!(answers.iter().filter(|answer| answer.success).count(), 1);
    let codes: BTreeSet<Code> = answers.iter().filter(|answer| !answer.success).map(why).collect();
    assert_eq!(codes, BTreeSet::from([Code::TokenSpent]));
}

#[test]
fn what_was_verified_is_so_after_a_restart() {
    let directory = Directory::new();
    let (world, own, token) = kept(&directory);
    let answer = world.verify(&own.shop, &token, Some("order 7"));
    assert!(answer.success);
    let world = World::at(keeping(&directory, Catalog::first_run()), world.shutdown());
    assert_eq!(world.verify(&own.shop, &token, Some("order 7")), answer);
    assert_eq!(why(&world.verify(&own.shop, &token, None)), Code::TokenSpent);
}

#[test]
fn a_token_of_one_server_is_good_once_on_all() {
    let database = Database::new();
    let directories = [Directory::new(), Directory::new()];
    let settings = |directory: &Directory| Settings {
        data: Some(directory.path().to_owned()),
        database: Some(database.address()),
        ..Settings::new(Catalog::first_run())
    };
    let one = World::with(settings(&directories[0]));
    let own = register(&one);
    copy_keys(&directories[0], &directories[1]);
    let other = World::numbered(settings(&directories[1]), START, 1);
    let (open, _) = one.clear(&Player::new(1), "gate", NO_CAMPAIGN);
    other.wait_until(one.now());
    let token = other.token(&open, page(HOST, Some("x"))).unwrap().token;
    assert_eq!(one.token(&open, page(HOST, Some("x"))).unwrap().token, token);
    let at_once = |world: &World| {
        let faucet = world.faucet.clone();
        let requests = (0..20).map(move |_| faucet.clone()).map(|faucet| {
            let request = asked(&own.gate, &token, None);
            async move { faucet.site_verify(request).await.unwrap().success }
        });
        requests.map(|request| world.runtime.spawn(request)).collect::<Vec<_>>()
    };
    let requests: Vec<_> = at_once(&one).into_iter().chain(at_once(&other)).collect();
    let told = one.runtime.block_on(async {
        let mut told = 0;
        for request in requests {
            told += usize::from(request.await.unwrap());
        }
        told
    });
    assert_eq!(told, 1);

    let (open, _) = one.clear(&Player::new(2), "shop", DEFAULT_CAMPAIGN);
    other.wait_until(one.now());
    let token = one.token(&open, page(HOST, None)).unwrap().token;
    let answer = other.verify(&own.shop, &token, Some("order 7"));
    assert!(answer.success);
    assert_eq!(one.verify(&own.shop, &token, Some("order 7")), answer);
    assert_eq!(why(&one.verify(&own.shop, &token, None)), Code::TokenSpent);
    one.shutdown();
    other.shutdown();
    let keys = dripline_server::keys::Keys::read(&directories[0].path().join("keys")).unwrap().unwrap();
    let mut verifier = Verifier::new(&keys);
    audit::scan(&database.address(), &[], &mut verifier).unwrap();
    assert_eq!(verifier.finish().findings, Vec::<String>::new());
}

#[test]
fn the_secrets_for_tests_answer_always_the_same_and_take_tokens_of_test_sites_alone() {
    let (world, own) = world();
    let (open, _) = world.clear(&Player::new(1), "trial", NO_CAMPAIGN);
    let token = world.token(&open, page(HOST, Some("order 7"))).unwrap().token;
    for _ in 0..2 {
        let verified = what(world.verify(ALWAYS_PASSES, &token, None));
        assert_eq!((&*verified.site, verified.mode), ("trial", SiteMode::Test));
        assert_eq!((verified.round, verified.cdata.as_deref()), (open.round, Some("order 7")));
        assert_eq!(verified.amount, Amount::ZERO);
        assert!(world.verify(ALWAYS_PASSES, "dripline_token_test_anything", None).success);
        assert_eq!(why(&world.verify(ALWAYS_FAILS, &token, None)), Code::TokenUnknown);
        assert_eq!(why(&world.verify(ALWAYS_SPENT, &token, None)), Code::TokenSpent);
    }
    assert!(what(world.verify(&own.trial, &token, None)).stars >= 1, "nothing was spent by them");

    let (open, _) = world.clear(&Player::new(2), "gate", NO_CAMPAIGN);
    let token = world.token(&open, page(HOST, None)).unwrap().token;
    for secret in [ALWAYS_PASSES, ALWAYS_FAILS, ALWAYS_SPENT] {
        assert_eq!(why(&world.verify(secret, &token, None)), Code::TokenUnknown);
    }
    assert_eq!(why(&world.verify(&own.trial, &token, None)), Code::TokenOfOtherSite);
    assert!(world.verify(&own.gate, &token, None).success);
}

/// What came of a site on the last days: rounds opened, cleared, drips, amount.
fn came_of(world: &World, site: &str) -> Vec<(u64, u64, u64, Amount)> {
    let days = world.runtime.block_on(world.faucet.registered_site_statistics(site, 90)).unwrap().days;
    days.iter().map(|day| (day.opened, day.cleared, day.drips, day.amount)).collect()
}

#[test]
fn what_comes_of_a_site_is_counted_once_and_on_its_day() {
    let (world, _) = world();
    assert_eq!(came_of(&world, "shop"), []);
    let player = Player::new(1);
    let level = world.first_level().to_owned();
    // Opening the same once more, a refusal, a round that is given up, and one on the faucet's own page count for nothing.
    let request = world.on_site(&player, &level, "shop", DEFAULT_CAMPAIGN);
    let lost = world.try_open(request.clone()).unwrap();
    assert_eq!(world.try_open(request).unwrap().round, lost.round);
    assert!(world.try_open(world.on_site(&player, &level, "shop", NO_CAMPAIGN)).is_err());
    world.end(&lost);
    world.earn(&Player::new(2), &level);
    assert_eq!(came_of(&world, "shop"), [(1, 0, 0, Amount::ZERO)]);

    let (open, play) = loop {
        let open = world.try_open(world.on_site(&player, &level, "shop", DEFAULT_CAMPAIGN)).unwrap();
        let play = world.play(&open, u32::try_from(came_of(&world, "shop")[0].0).unwrap());
        if play.status == Status::Won {
            break (open, play);
        }
        world.end(&open);
    };
    let opened = came_of(&world, "shop")[0].0;
    let claim = world.claim_request(&player, &open, &play);
    let receipt = world.try_claim(claim).unwrap();
    assert_eq!(world.try_claim(claim).unwrap(), receipt, "claiming it again gives the same receipt");
    assert_eq!(came_of(&world, "shop"), [(opened, 1, 1, receipt.amount)]);

    // On the next day, and where nobody pays.
    world.wait(DAY_MS);
    world.clear(&Player::new(3), "gate", NO_CAMPAIGN);
    let (_, next) = world.clear(&player, "shop", DEFAULT_CAMPAIGN);
    let days = came_of(&world, "shop");
    assert_eq!((days.len(), days[0].1, days[0].3), (2, 1, next.amount));
    assert_eq!(days[1], (opened, 1, 1, receipt.amount));
    let of_gate = came_of(&world, "gate");
    assert_eq!((of_gate.len(), of_gate[0].1, of_gate[0].2, of_gate[0].3), (1, 1, 0, Amount::ZERO));
    assert_eq!(came_of(&world, "trial"), []);
    // The list of all adds up seven days: the first of these is out of it on the eighth.
    let week = |site: &str| {
        let registered = world.runtime.block_on(world.faucet.registered_sites()).unwrap();
        let SiteWeek { opened, cleared, drips } =
            registered.sites.iter().find(|it| it.id == site).expect("the site is in the list").week;
        (opened, cleared, drips)
    };
    let second = days[0].0;
    assert_eq!(week("shop"), (opened + second, 2, 2));
    assert_eq!(week("gate"), (of_gate[0].0, 1, 0));
    world.wait(6 * DAY_MS);
    assert_eq!(week("shop"), (second, 1, 1));
    world.wait(DAY_MS);
    assert_eq!(week("shop"), (0, 0, 0));
}
