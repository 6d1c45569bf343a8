//! Catalogs that are published while people play.

use std::sync::Arc;

use dripline_server::faucet::{Acted, Operator, Settings, import_catalog};
use dripline_server::refusal::Refusal;
use dripline_server::simulate;
use dripline_server::store::command::KeepDraft;
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::{
    By, Draft, DraftChoice, Publication, PublicationRequest, PublicationStage,
};
use dripline_shared::catalog::{BUDGETS_MAX, Campaign, Catalog};
use dripline_shared::error::Code;
use dripline_shared::reward::FactorName;
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};

use crate::database::Database;
use crate::support::{Directory, Player, START, World, copy_keys, test_edge};

pub(crate) fn unpinned(directory: &Directory) -> Settings {
    Settings { data: Some(directory.path().to_owned()), ..Settings::new(None) }
}

pub(crate) fn editor(name: &str) -> Operator {
    let by = By::Operator { id: name.to_lowercase(), name: name.to_owned() };
    Operator { by, from: Some("192.0.2.7".into()), session: None }
}

impl World {
    pub(crate) fn draft(&self, id: &str, replaces: Option<u64>, change: impl FnOnce(&mut Catalog)) -> Draft {
        self.try_draft(id, replaces, change).unwrap()
    }

    pub(crate) fn try_draft(
        &self,
        id: &str,
        replaces: Option<u64>,
        change: impl FnOnce(&mut Catalog),
    ) -> Result<Draft, Refusal> {
        let live = self.runtime.block_on(self.faucet.live_catalog()).unwrap();
        let mut catalog = live.catalog;
        change(&mut catalog);
        let base = live.publication.number;
        let keep =
            KeepDraft { id: id.into(), name: id.to_owned(), catalog: Arc::new(catalog), base, replaces };
        self.runtime.block_on(self.faucet.keep_draft(editor("Ada"), keep))
    }

    pub(crate) fn try_publish(&self, draft: &Draft, from: Option<Timestamp>) -> Result<Publication, Refusal> {
        let draft_choice = DraftChoice { id: draft.id.clone(), revision: draft.revision };
        self.try_publishing(PublicationRequest {
            draft: Some(draft_choice),
            publication: None,
            replaces: draft.base,
            note: "spring".to_owned(),
            from_ms: from,
        })
    }

    fn try_publishing(&self, request: PublicationRequest) -> Result<Publication, Refusal> {
        match self.runtime.block_on(self.faucet.publish(editor("Ada"), request))? {
            Acted::Done(publication) => Ok(publication),
            Acted::Proposed(proposal) => panic!("one operator is enough: {proposal:?}"),
        }
    }

    pub(crate) fn publish(&self, change: impl FnOnce(&mut Catalog)) -> Publication {
        let draft = self.draft("of-the-moment", None, change);
        self.try_publish(&draft, None).unwrap()
    }

    fn roll_back(&self, number: u64) -> Publication {
        let replaces = self.runtime.block_on(self.faucet.live_catalog()).unwrap().publication.number;
        let (draft, note) = (None, "as before".to_owned());
        let request = PublicationRequest { draft, publication: Some(number), replaces, note, from_ms: None };
        self.try_publishing(request).unwrap()
    }

    pub(crate) fn follow(&self) -> bool {
        self.runtime.block_on(self.faucet.follow()).unwrap()
    }

    fn history_of_catalogs(&self) -> Vec<Publication> {
        self.runtime.block_on(self.faucet.publications()).unwrap().publications
    }
}

pub(crate) fn doubled(amount: Amount) -> Amount {
    amount.checked_add(amount).unwrap()
}

#[test]
fn a_reward_that_is_published_counts_from_the_next_round_on_and_an_open_one_pays_as_it_was_opened() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    let level = world.first_level().to_owned();
    let [before, between, after, back] = [1, 2, 3, 4].map(Player::new);
    let usual = world.earn(&before, &level);
    let (open, play) = world.win(&between, &level);

    let publication = world.publish(|catalog| {
        catalog.levels[0].base = doubled(catalog.levels[0].base);
        catalog.rewards.first_clear = 10_000;
    });
    assert_eq!((publication.number, publication.stage), (2, PublicationStage::Live));
    let receipt = world.try_claim(world.claim_request(&between, &open, &play)).unwrap();
    assert_eq!((receipt.base, receipt.factors.len()), (usual.base, usual.factors.len()));
    let clear = |receipt: &dripline_shared::api::Receipt| {
        receipt
            .factors
            .iter()
            .find(|factor| factor.name == FactorName::FirstClear)
            .map(|factor| factor.basis_points)
    };
    assert_eq!(clear(&receipt), clear(&usual));

    let new = world.earn(&after, &level);
    assert_eq!(new.base, doubled(usual.base));
    assert_ne!(clear(&new), clear(&usual));

    let rolled_back = world.roll_back(1);
    assert_eq!((rolled_back.number, rolled_back.version), (3, world.history_of_catalogs()[2].version));
    assert_eq!(world.earn(&back, &level).base, usual.base);
    let stages: Vec<PublicationStage> = world.history_of_catalogs().iter().map(|it| it.stage).collect();
    assert_eq!(stages, [PublicationStage::Live, PublicationStage::Past, PublicationStage::Past]);
}

#[test]
fn what_was_published_is_in_force_after_a_restart_too_and_so_is_what_is_imported() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    let published = world.publish(|catalog| catalog.levels[0].base = Amount::from_units(7));
    let now = world.shutdown();
    let world = World::at(unpinned(&directory), now);
    assert_eq!(world.faucet.catalog().version, published.version);
    assert_eq!(world.history_of_catalogs().len(), 2);
    let mut catalog = world.runtime.block_on(world.faucet.live_catalog()).unwrap().catalog;
    assert_eq!(catalog.levels[0].base, Amount::from_units(7));
    let now = world.shutdown();

    catalog.levels[0].base = Amount::from_units(8);
    let version = catalog.version();
    let clock = Arc::new(now.0.into());
    import_catalog(directory.path(), None, catalog, "by hand", &test_edge(&clock, 0)).unwrap();
    let world = World::at(unpinned(&directory), now);
    assert_eq!(world.faucet.catalog().version, version);
    let newest = &world.history_of_catalogs()[0];
    assert_eq!((&newest.by, newest.note.as_str()), (&By::CommandLine, "by hand"));
}

#[test]
fn of_two_who_publish_at_once_the_second_is_told_and_keeps_the_draft() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    let first = world.draft("first", None, |catalog| catalog.levels[0].base = Amount::from_units(7));
    let second = world.draft("second", None, |catalog| catalog.levels[1].base = Amount::from_units(9));
    world.try_publish(&first, None).unwrap();
    let refusal = world.try_publish(&second, None).unwrap_err();
    assert_eq!(refusal.code(), Code::CatalogChanged);
    assert_eq!(refusal.reasons[0].subject.as_deref(), Some("2"));
    assert_eq!(world.runtime.block_on(world.faucet.drafts()).unwrap(), [second]);
    assert_eq!(world.history_of_catalogs().len(), 2);
}

#[test]
fn a_draft_is_changed_by_whoever_has_seen_it_and_by_nobody_else() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    let draft = world.draft("summer", None, |catalog| catalog.levels[0].base = Amount::from_units(7));
    let first = Some(draft.revision);
    let next = world.draft("summer", first, |catalog| catalog.levels[0].base = Amount::from_units(8));
    assert!(next.revision > draft.revision);
    let code = |replaces| world.try_draft("summer", replaces, |_| ()).unwrap_err().code();
    assert_eq!((code(first), code(None)), (Code::DraftChanged, Code::DraftChanged));
    assert_eq!(world.try_draft("winter", first, |_| ()).unwrap_err().code(), Code::DraftUnknown);
    assert_eq!(world.try_publish(&draft, None).unwrap_err().code(), Code::DraftChanged);
    let drop = world.faucet.drop_draft(editor("Ada"), "summer".into(), draft.revision);
    assert_eq!(world.runtime.block_on(drop).unwrap_err().code(), Code::DraftChanged);
    world.runtime.block_on(world.faucet.drop_draft(editor("Ada"), "summer".into(), next.revision)).unwrap();
    assert_eq!(world.runtime.block_on(world.faucet.draft("summer")).unwrap_err().code(), Code::DraftUnknown);
}

#[test]
fn a_publication_comes_into_force_at_its_time_and_can_be_cancelled_before() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    let draft = world.draft("later", None, |catalog| catalog.levels[0].base = Amount::from_units(7));
    let at = world.now().plus(HOUR_MS);
    let waiting = world.try_publish(&draft, Some(at)).unwrap();
    assert_eq!(waiting.stage, PublicationStage::Scheduled);
    assert!(!world.follow());
    let other = world.draft("other", None, |catalog| catalog.levels[0].base = Amount::from_units(8));
    assert_eq!(world.try_publish(&other, None).unwrap_err().code(), Code::CatalogScheduled);

    let cancelled = world.runtime.block_on(world.faucet.cancel_publication(editor("Ada"), 2)).unwrap();
    assert_eq!(cancelled.stage, PublicationStage::Cancelled);
    world.wait_until(at);
    assert!(!world.follow());
    let at = world.now().plus(HOUR_MS);
    world.try_publish(&other, Some(at)).unwrap();
    world.wait_until(at.minus(1));
    assert!(!world.follow());
    world.wait_until(at);
    assert!(world.follow());
    assert_eq!(
        world.runtime.block_on(world.faucet.live_catalog()).unwrap().catalog.levels[0].base,
        Amount::from_units(8)
    );
    let late = world.runtime.block_on(world.faucet.cancel_publication(editor("Ada"), 3));
    assert_eq!(late.unwrap_err().code(), Code::PublicationPast);
    let unknown = world.runtime.block_on(world.faucet.cancel_publication(editor("Ada"), 9));
    assert_eq!(unknown.unwrap_err().code(), Code::PublicationUnknown);
}

#[test]
fn what_came_into_force_too_early_by_a_wrong_clock_goes_back_and_can_be_cancelled() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    let before = world.faucet.catalog().version;
    let draft = world.draft("later", None, |catalog| catalog.levels[0].base = Amount::from_units(7));
    let (now, at) = (world.now(), world.now().plus(HOUR_MS));
    world.try_publish(&draft, Some(at)).unwrap();
    world.set_clock(at);
    assert!(world.follow());
    world.set_clock(now);
    assert!(world.follow());
    assert_eq!(world.faucet.catalog().version, before);
    world.runtime.block_on(world.faucet.cancel_publication(editor("Ada"), 2)).unwrap();
    let next = world.publish(|catalog| catalog.levels[0].base = Amount::from_units(8));
    assert_eq!((next.number, next.stage), (3, PublicationStage::Live));
}

#[test]
fn what_is_wrong_with_a_catalog_is_told_with_its_field_and_nothing_is_published() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    world.earn(&Player::new(1), world.first_level());
    let refused = |change: &dyn Fn(&mut Catalog)| {
        let draft = world.draft("wrong", None, |catalog| change(catalog));
        let refusal = world.try_publish(&draft, None).unwrap_err();
        world
            .runtime
            .block_on(world.faucet.drop_draft(editor("Ada"), "wrong".into(), draft.revision))
            .unwrap();
        let reason = refusal.reasons.into_iter().next().unwrap();
        (reason.code, reason.subject.unwrap_or_default())
    };
    let of_field = |field: &str| (Code::CatalogInvalid, field.to_owned());
    assert_eq!(refused(&|it| it.levels[1].id = it.levels[0].id.clone()), of_field("levels[1].id"));
    assert_eq!(
        refused(&|it| it.campaigns[0].budget = Amount::from_units(1)),
        of_field("campaigns[0].budget")
    );
    assert_eq!(refused(&|it| it.asset.code = "OTHER".to_owned()), of_field("asset"));
    assert_eq!(refused(&|_| ()).0, Code::CatalogUnchanged);
    assert_eq!(refused(&|it| it.rewards.drip_max = Amount::ZERO), of_field("rewards.drip_max"));
    // More than the books could hold.
    let endless = Amount::try_from(BUDGETS_MAX).unwrap();
    assert_eq!(
        refused(&|it| {
            let more = Campaign { id: "more".to_owned(), budget: endless, ..it.campaigns[0].clone() };
            it.campaigns.push(more);
        }),
        of_field("campaigns")
    );
    assert_eq!(world.history_of_catalogs().len(), 1);

    let second = Campaign { id: "second".to_owned(), ..world.catalog.campaigns[0].clone() };
    world.publish(|catalog| catalog.campaigns.push(second.clone()));
    assert_eq!(refused(&|it| it.campaigns.truncate(1)), of_field("campaigns"));
}

#[test]
fn a_budget_that_is_raised_can_be_spent_and_one_that_is_lowered_comes_back() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    let supply = || world.runtime.block_on(world.faucet.ledger()).unwrap().assets[0].campaigns;
    let before = supply();
    let raised = doubled(world.catalog.campaigns[0].budget);
    world.publish(|catalog| catalog.campaigns[0].budget = raised);
    world.wait(DAY_MS);
    assert_eq!(supply(), doubled(before));
    world.roll_back(1);
    world.wait(DAY_MS);
    assert_eq!(supply(), before);
}

#[test]
fn a_catalog_that_is_pinned_to_a_file_is_changed_there_alone() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let draft = world.draft("mine", None, |catalog| catalog.levels[0].base = Amount::from_units(7));
    assert_eq!(world.try_publish(&draft, None).unwrap_err().code(), Code::CatalogPinned);
    world.runtime.block_on(world.faucet.pin(draft.catalog.clone(), "changed".to_owned())).unwrap();
    assert_eq!(world.faucet.catalog().version, draft.catalog.version());
    let mut wrong = draft.catalog.clone();
    wrong.campaigns.clear();
    let refusal = world.runtime.block_on(world.faucet.pin(wrong, "wrong".to_owned())).unwrap_err();
    assert_eq!(refusal.code(), Code::CatalogInvalid);
    assert_eq!(world.faucet.catalog().version, draft.catalog.version());
    let live = world.runtime.block_on(world.faucet.live_catalog()).unwrap();
    assert_eq!((live.is_pinned, live.publication.by, live.publication.number), (true, By::File, 2));
}

#[test]
fn every_server_on_a_database_takes_what_is_published_into_force() {
    let database = Database::new();
    let directories = [Directory::new(), Directory::new()];
    let settings =
        |directory: &Directory| Settings { database: Some(database.address()), ..unpinned(directory) };
    let one = World::with(settings(&directories[0]));
    copy_keys(&directories[0], &directories[1]);
    let other = World::numbered(settings(&directories[1]), START, 1);
    let level = one.first_level().to_owned();
    let (open, play) = other.win(&Player::new(1), &level);
    let published = one.publish(|catalog| catalog.levels[0].base = doubled(catalog.levels[0].base));
    assert_ne!(other.faucet.catalog().version, published.version);
    assert!(other.follow());
    assert!(!other.follow());
    assert_eq!(other.faucet.catalog().version, published.version);

    one.wait_until(other.now());
    let usual = one.try_claim(one.claim_request(&Player::new(1), &open, &play)).unwrap();
    assert_eq!(other.earn(&Player::new(2), &level).base, doubled(usual.base));
}

#[test]
fn a_simulation_tells_what_a_draft_would_change() {
    let directory = Directory::new();
    let world = World::with(unpinned(&directory));
    let draft = world.draft("dear", None, |catalog| {
        for level in &mut catalog.levels {
            level.base = doubled(level.base);
        }
    });
    let settings = simulate::Settings { rounds: 200, runs: 5, players: 20, ..simulate::Settings::default() };
    let simulated = world.faucet.simulate(draft.catalog.clone(), settings.clone());
    let report = world.runtime.block_on(simulated).unwrap();
    let against = report.against.unwrap();
    assert!(against.differences.iter().any(|line| line.contains("base")), "{:?}", against.differences);
    assert!(report.simulated.paid.median > against.simulated.paid.median);
    let too_many = simulate::Settings { runs: 100_000, ..settings };
    let refused = world.runtime.block_on(world.faucet.simulate(draft.catalog, too_many));
    assert_eq!(refused.unwrap_err().code(), Code::InvalidRequest);
}
