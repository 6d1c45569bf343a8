//! Taking money out: from a drip to a payout, every refusal on the way, and everything that can go wrong with a rail.

use std::collections::BTreeMap;

use dripline_server::faucet::{Progress, Settings};
use dripline_server::ledger::verify_ledger;
use dripline_server::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};
use dripline_shared::amount::Amount;
use dripline_shared::api::{AssetMoney, RailView, WithdrawalRequest, WithdrawalView};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::payout::{RailKind, WithdrawalState};
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::{MINUTE_MS, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::chain::{Chain, Fault};
use crate::support::dump::dump;
use crate::support::{Directory, Player, START, World, at_once, code};

const FEE: Amount = Amount::from_units(50);

fn units(units: u32) -> Amount {
    Amount::from_units(units)
}

/// A rail that pays one asset.
fn rail(asset: &str, settings: AssetSettings) -> RailSettings {
    let assets = BTreeMap::from([(asset.to_owned(), settings)]);
    RailSettings {
        driver: RailDriver::Sandbox,
        assets,
        address_wait_ms: MINUTE_MS,
        failures_max: FAILURES_MAX,
    }
}

/// The rails, as players see them.
fn rails(world: &World) -> Vec<RailView> {
    world.runtime.block_on(world.faucet.rails()).unwrap().rails
}

/// A faucet on this directory that pays by this chain.
fn settings(directory: &Directory, chain: &Chain) -> Settings {
    let mut settings = Settings::new(Catalog::first_run());
    settings.data = Some(directory.path().to_owned());
    let rail = rail(
        "DRIP",
        AssetSettings {
            threshold: units(100),
            fee: FEE,
            outflow: None,
            dormant_after_ms: None,
            approve_above: None,
        },
    );
    settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rail)]));
    settings.drivers.insert("sandbox".to_owned(), std::sync::Arc::new(chain.clone()));
    settings
}

fn earned(world: &World, number: u32) -> (Player, Amount) {
    let player = Player::new(number);
    let balance = world.earn(&player, world.first_level()).balance;
    (player, balance)
}

fn assert_sound(directory: &Directory) {
    assert_eq!(verify_ledger(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

#[test]
fn a_first_run_pays_in_the_sandbox_at_once_and_without_a_fee() {
    let world = World::new();
    let rails = rails(&world);
    assert_eq!((rails.len(), rails[0].id.as_str(), rails[0].kind), (1, "sandbox", RailKind::Sandbox));
    let asset = &rails[0].assets[0];
    assert_eq!(
        (asset.threshold, asset.fee, &asset.asset),
        (units(50_000), Amount::ZERO, &world.catalog.asset)
    );
    let player = Player::new(1);
    for level in ["catch-1", "pipes-1", "merge-1"] {
        world.earn(&player, level);
    }
    let balance = world.money(&player).balance;
    assert!(balance >= asset.threshold, "the first levels of all games are enough: {balance}");
    let requested = world.withdraw(&player, balance, "anywhere");
    assert_eq!((requested.state, requested.ahead), (WithdrawalState::Queued, Some(0)));
    assert_eq!(world.money(&player), AssetMoney { pending: balance, ..AssetMoney::default() });
    world.pay();
    let paid = world.withdrawal(&requested);
    assert_eq!(
        (paid.state, paid.fee, paid.ended_at_ms),
        (WithdrawalState::Paid, Amount::ZERO, Some(world.now()))
    );
    assert!(paid.transaction.unwrap().starts_with("sandbox-"));
    assert_eq!(world.money(&player), AssetMoney { paid: balance, ..AssetMoney::default() });
    assert_eq!(world.pay_step().unwrap(), [Progress::Idle]);
}

#[test]
fn a_payout_takes_its_steps_one_after_the_other_and_each_is_in_the_store() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let (player, balance) = earned(&world, 1);
    let requested = world.withdraw(&player, units(1_000), "alice");
    let state = || world.withdrawal(&requested).state;
    world.pay_step().unwrap();
    assert_eq!((state(), chain.sent().len()), (WithdrawalState::Sending, 0));
    world.pay_step().unwrap();
    assert_eq!((state(), chain.sent().len()), (WithdrawalState::Sending, 1));
    world.pay_step().unwrap();
    assert_eq!(state(), WithdrawalState::Paid);
    assert_eq!(chain.balance("alice"), 950);
    let left = balance.checked_sub(units(1_000)).unwrap();
    assert_eq!(world.money(&player), AssetMoney { balance: left, pending: Amount::ZERO, paid: units(1_000) });
    assert_sound(&directory);
}

#[test]
fn a_thousand_copies_of_a_request_are_one_withdrawal_with_one_answer() {
    let world = World::new();
    let (player, balance) = earned(&world, 1);
    world.earn(&player, "pipes-1");
    world.earn(&player, "merge-1");
    let all = world.money(&player).balance;
    world.try_set_address(world.address_request(&player, "alice")).unwrap();
    let request = world.withdrawal_request(&player, all, "alice");
    let faucet = world.faucet.clone();
    let answers = at_once(&world, 1_000, move |_| {
        let (faucet, request) = (faucet.clone(), request.clone());
        async move {
            loop {
                match faucet.withdraw(request.clone()).await {
                    Err(refusal) if refusal.code() == Code::Overloaded => tokio::task::yield_now().await,
                    answer => return answer,
                }
            }
        }
    });
    let first = answers[0].clone().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref() == Ok(&first)));
    assert_eq!(world.money(&player), AssetMoney { pending: all, ..AssetMoney::default() });
    assert!(balance < all);
}

#[test]
fn ten_different_requests_at_once_cannot_take_more_than_there_is() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let (player, balance) = earned(&world, 1);
    world.try_set_address(world.address_request(&player, "alice")).unwrap();
    let third = Amount::try_from(balance.units() / 3).unwrap();
    let requests: Vec<WithdrawalRequest> =
        (0..10).map(|_| world.withdrawal_request(&player, third, "alice")).collect();
    let faucet = world.faucet.clone();
    let answers = at_once(&world, 10, move |number| {
        let (faucet, request) = (faucet.clone(), requests[number].clone());
        async move { faucet.withdraw(request).await }
    });
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused = answers
        .iter()
        .filter_map(|answer| answer.as_ref().err())
        .map(dripline_server::refusal::Refusal::code);
    assert_eq!(accepted, 3);
    assert!(refused.eq([Code::BalanceTooLow; 7]));
    world.pay();
    assert_eq!(chain.total(), (third.units() - FEE.units()) * 3);
    assert_sound(&directory);
}

#[test]
fn what_is_wrong_with_a_request_is_told_and_changes_nothing() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let (player, balance) = earned(&world, 1);
    let (other, _) = earned(&world, 2);
    world.try_set_address(world.address_request(&player, "alice")).unwrap();
    let taken = world.withdrawal_request(&player, units(200), "alice");
    world.try_withdraw(taken.clone()).unwrap();
    let before = dump(directory.path());

    let address = |change: &dyn Fn(&mut dripline_shared::api::AddressRequest)| {
        let mut request = world.address_request(&player, "alice");
        change(&mut request);
        let text = request.statement().to_string();
        request.signature = dripline_shared::wallet::Signature::of(&player.key, text.as_bytes());
        request
    };
    let long = "a".repeat(129);
    for (request, expected) in [
        (address(&|it| "wrong".clone_into(&mut it.address)), Code::InvalidAddress),
        (address(&|it| it.address = String::new()), Code::InvalidAddress),
        (address(&|it| "a b".clone_into(&mut it.address)), Code::InvalidAddress),
        (address(&|it| "line\nbreak".clone_into(&mut it.address)), Code::InvalidAddress),
        (address(&|it| it.address.clone_from(&long)), Code::InvalidAddress),
        (address(&|it| "treasury".clone_into(&mut it.address)), Code::OwnAddress),
        (address(&|it| "moon".clone_into(&mut it.rail)), Code::UnknownRail),
        (address(&|it| it.faucet = Hash([1; 32])), Code::WrongFaucet),
        (address(&|it| "https://other.example".clone_into(&mut it.origin)), Code::WrongOrigin),
        (address(&|it| it.issued_at_ms = START.minus(6 * MINUTE_MS)), Code::StatementTooOld),
        (address(&|it| it.issued_at_ms = world.now().plus(6 * MINUTE_MS)), Code::StatementFromFuture),
        (address(&|it| it.wallet = other.wallet), Code::BadSignature),
        (world.address_request(&Player::new(9), "alice"), Code::WalletUnknown),
    ] {
        assert_eq!(code(world.try_set_address(request)), expected);
        assert_eq!(dump(directory.path()), before, "after {expected:?}");
    }

    let withdrawal = |change: &dyn Fn(&mut WithdrawalRequest)| {
        let mut request = world.withdrawal_request(&player, units(200), "alice");
        change(&mut request);
        world.signed_withdrawal(&player, request)
    };
    let above = balance.checked_add(units(1)).unwrap();
    for (request, expected) in [
        (withdrawal(&|it| it.amount = Amount::ZERO), Code::BelowThreshold),
        (withdrawal(&|it| it.amount = units(99)), Code::BelowThreshold),
        (withdrawal(&|it| it.amount = above), Code::BalanceTooLow),
        (withdrawal(&|it| it.amount = Amount::MAX), Code::BalanceTooLow),
        (withdrawal(&|it| it.fee_max = units(49)), Code::FeeAboveMaximum),
        (withdrawal(&|it| "bob".clone_into(&mut it.address)), Code::AddressDiffers),
        (withdrawal(&|it| "moon".clone_into(&mut it.rail)), Code::UnknownRail),
        (withdrawal(&|it| "RAIN".clone_into(&mut it.asset)), Code::UnknownAsset),
        (
            withdrawal(&|it| it.client_id = taken.client_id).with(
                |it| it.amount = units(201),
                &world,
                &player,
            ),
            Code::ClientIdReused,
        ),
        (withdrawal(&|it| it.faucet = Hash([1; 32])), Code::WrongFaucet),
        (withdrawal(&|it| "https://other.example".clone_into(&mut it.origin)), Code::WrongOrigin),
        (withdrawal(&|it| it.issued_at_ms = START.minus(6 * MINUTE_MS)), Code::StatementTooOld),
        (withdrawal(&|it| it.issued_at_ms = world.now().plus(6 * MINUTE_MS)), Code::StatementFromFuture),
        (withdrawal(&|it| it.wallet = other.wallet), Code::BadSignature),
        (WithdrawalRequest { amount: units(300), ..withdrawal(&|_| ()) }, Code::BadSignature),
        (WithdrawalRequest { client_id: ClientId([9; 16]), ..withdrawal(&|_| ()) }, Code::BadSignature),
        (world.withdrawal_request(&other, units(200), "alice"), Code::AddressNotSet),
    ] {
        assert_eq!(code(world.try_withdraw(request)), expected);
        assert_eq!(dump(directory.path()), before, "after {expected:?}");
    }
}

/// A change after another one, signed anew.
trait With {
    fn with(self, change: impl Fn(&mut WithdrawalRequest), world: &World, player: &Player) -> Self;
}

impl With for WithdrawalRequest {
    fn with(mut self, change: impl Fn(&mut Self), world: &World, player: &Player) -> Self {
        change(&mut self);
        world.signed_withdrawal(player, self)
    }
}

#[test]
fn a_stopped_rail_keeps_what_was_requested_until_it_runs_again() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let mut stopped = settings(&directory, &chain);
    stopped.stopped.insert("rail:sandbox".to_owned());
    let world = World::with(stopped);
    assert!(rails(&world)[0].paused.is_some());
    let (player, _) = earned(&world, 1);
    let requested = world.withdraw(&player, units(1_000), "alice");
    world.pay();
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Queued);
    assert!(chain.sent().is_empty());
    let now = world.shutdown();
    let world = World::at(settings(&directory, &chain), now);
    assert_eq!(rails(&world)[0].paused, None);
    world.pay();
    assert_eq!(world.withdrawal(&requested).state, WithdrawalState::Paid);
    assert_eq!(chain.balance("alice"), 950);
}

#[test]
fn a_rail_that_is_stopped_in_the_middle_of_a_payout_signs_and_sends_nothing_more() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    for (number, address) in [(1, "alice"), (2, "bob")] {
        let (player, _) = earned(&world, number);
        world.withdraw(&player, units(1_000), address);
        // The first is taken into a batch and signed, and what is sent gets lost; the second is only taken into one.
        chain.faults([Fault::None, Fault::Forgets]);
        for _ in 0..3 - number {
            world.pay_step().unwrap();
        }
    }
    let sent = chain.sent().len();
    let now = world.shutdown();
    let mut stopped = settings(&directory, &chain);
    stopped.stopped.insert("rail:sandbox".to_owned());
    let world = World::at(stopped, now);
    for _ in 0..3 {
        assert_eq!(world.pay_step().unwrap(), [Progress::Waiting]);
    }
    assert_eq!((chain.sent().len(), chain.total()), (sent, 0));
    let now = world.shutdown();
    let world = World::at(settings(&directory, &chain), now);
    for _ in 0..4 {
        world.pay_step().unwrap();
    }
    assert_eq!((chain.balance("alice"), chain.balance("bob")), (950, 950));
    assert_sound(&directory);
}

#[test]
fn one_bad_recipient_does_not_keep_the_others_from_being_paid() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let mut requested = Vec::new();
    for (number, address) in (1..).zip(["a", "b", "bad", "d", "e", "f"]) {
        let (player, _) = earned(&world, number);
        requested.push((world.withdraw(&player, units(1_000), address), player));
        world.wait(1);
    }
    world.pay();
    for (withdrawal, player) in &requested {
        let after = world.withdrawal(withdrawal);
        let is_bad = after.address == "bad";
        let expected = if is_bad { WithdrawalState::Returned } else { WithdrawalState::Paid };
        assert_eq!((after.state, chain.balance(&after.address)), (expected, if is_bad { 0 } else { 950 }));
        assert_eq!(after.reason.is_some(), is_bad);
        assert_eq!(world.money(player).pending, Amount::ZERO);
    }
    assert_sound(&directory);
}

#[test]
fn what_would_fail_is_never_sent_and_keeps_nobody_else_from_being_paid() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let mut requested = Vec::new();
    for (number, address) in (1..).zip(["a", "b", "hopeless", "d"]) {
        let (player, _) = earned(&world, number);
        requested.push((world.withdraw(&player, units(1_000), address), player));
        world.wait(1);
    }
    world.pay();
    assert_eq!(chain.sent().len(), 2, "the half without it, and who was with it in the other half");
    for (withdrawal, player) in &requested {
        let after = world.withdrawal(withdrawal);
        let is_hopeless = after.address == "hopeless";
        let expected = if is_hopeless { WithdrawalState::Returned } else { WithdrawalState::Paid };
        assert_eq!(after.state, expected);
        assert_eq!(after.reason.as_deref(), is_hopeless.then_some("the address takes nothing"));
        assert_eq!(chain.balance(&after.address), if is_hopeless { 0 } else { 950 });
        assert_eq!(world.money(player).pending, Amount::ZERO);
    }
    assert_sound(&directory);
}

#[test]
fn a_rail_that_is_not_in_the_configuration_or_pays_an_unknown_asset_is_told() {
    let mut settings = Settings::new(Catalog::first_run());
    let rail = rail(
        "MOON",
        AssetSettings {
            threshold: units(100),
            fee: FEE,
            outflow: None,
            dormant_after_ms: None,
            approve_above: None,
        },
    );
    settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rail)]));
    let edge = dripline_server::edge::Edge::system();
    let error = dripline_server::faucet::Faucet::start(settings, edge).unwrap_err().to_string();
    assert_eq!(error, "rails.sandbox.assets.MOON: this faucet has no such asset; it has DRIP");
}

#[test]
fn what_a_rail_does_not_pay_any_more_waits_and_holds_nothing_else_up() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let (player, _) = earned(&world, 1);
    let old = world.withdraw(&player, units(1_000), "alice");
    let now = world.shutdown();
    let mut catalog = Catalog::first_run();
    catalog.asset.code = "RAIN".to_owned();
    let mut other = settings(&directory, &chain);
    other.catalog = Some(catalog);
    let of_rain = rail(
        "RAIN",
        AssetSettings {
            threshold: units(100),
            fee: FEE,
            outflow: None,
            dormant_after_ms: None,
            approve_above: None,
        },
    );
    other.rails = Some(BTreeMap::from([("sandbox".to_owned(), of_rain)]));
    let world = World::at(other, now);
    let (player, _) = earned(&world, 2);
    let new = world.withdraw(&player, units(1_000), "bob");
    world.pay();
    assert_eq!(world.withdrawal(&new).state, WithdrawalState::Paid);
    assert_eq!(world.withdrawal(&old).state, WithdrawalState::Queued);
    let now = world.shutdown();
    let world = World::at(settings(&directory, &chain), now);
    world.pay();
    assert_eq!(world.withdrawal(&old).state, WithdrawalState::Paid);
    assert_sound(&directory);
}

#[test]
fn a_repeated_request_gets_its_withdrawal_though_the_rail_is_gone() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    let (player, _) = earned(&world, 1);
    world.try_set_address(world.address_request(&player, "alice")).unwrap();
    let request = world.withdrawal_request(&player, units(1_000), "alice");
    let another = world.withdrawal_request(&player, units(1_000), "alice");
    let first = world.try_withdraw(request.clone()).unwrap();
    let now = world.shutdown();
    let mut without = settings(&directory, &chain);
    without.rails = Some(BTreeMap::new());
    let world = World::at(without, now);
    assert_eq!(world.try_withdraw(request), Ok(first));
    assert_eq!(code(world.try_withdraw(another)), Code::UnknownRail);
}

#[test]
fn a_batch_that_the_rail_cannot_sign_does_not_hold_up_the_others() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let world = World::with(settings(&directory, &chain));
    for (number, address) in [(1, "alice"), (2, "bob")] {
        let (player, _) = earned(&world, number);
        world.withdraw(&player, units(1_000), address);
        world.pay_step().unwrap();
    }
    // The first batch is refused for ever; each of these is one call.
    chain.faults(std::iter::repeat_n([Fault::Refuses, Fault::None], 10).flatten());
    for _ in 0..6 {
        let _ = world.pay_step();
        world.wait(1_000);
    }
    assert!(chain.balance("alice") + chain.balance("bob") >= 950);
}

#[test]
fn an_address_is_checked_again_when_something_is_withdrawn_to_it() {
    let (directory, chain) = (Directory::new(), Chain::default());
    let mut sandbox = settings(&directory, &chain);
    sandbox.drivers.clear();
    let world = World::with(sandbox);
    let (player, _) = earned(&world, 1);
    world.try_set_address(world.address_request(&player, "treasury")).unwrap();
    let now = world.shutdown();
    let world = World::at(settings(&directory, &chain), now);
    let request = world.withdrawal_request(&player, units(1_000), "treasury");
    assert_eq!(code(world.try_withdraw(request)), Code::OwnAddress);
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => Just(Fault::None),
        2 => Just(Fault::Refuses),
        2 => Just(Fault::HappensUnanswered),
        2 => Just(Fault::Forgets),
        2 => Just(Fault::Expires),
        1 => Just(Fault::CannotTell),
    ]
}

/// More with `DRIPLINE_LONG`.
fn cases() -> u32 {
    if std::env::var_os("DRIPLINE_LONG").is_some() { 400 } else { 12 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    /// Six withdrawals, one of them to an address that fails, by a rail that goes wrong, of a faucet that is stopped in
    /// the middle and started again.
    #[test]
    fn whatever_goes_wrong_everybody_is_paid_exactly_once(
        faults in prop::collection::vec(fault(), 0..40),
        stops in prop::collection::vec(any::<bool>(), 60),
    ) {
        let (directory, chain) = (Directory::new(), Chain::default());
        let mut world = World::with(settings(&directory, &chain));
        let mut requested: Vec<WithdrawalView> = Vec::new();
        for (number, address) in (1..).zip(["a", "b", "bad", "d", "e", "f"]) {
            let (player, _) = earned(&world, number);
            requested.push(world.withdraw(&player, units(1_000), address));
        }
        chain.faults(faults);
        for stop in stops {
            // What the rail refuses is tried again.
            let _ = world.pay_step();
            if stop {
                let now: Timestamp = world.shutdown();
                world = World::at(settings(&directory, &chain), now);
            }
            world.wait(1_000);
        }
        world.pay();
        for withdrawal in &requested {
            let after = world.withdrawal(withdrawal);
            let is_bad = after.address == "bad";
            let expected = if is_bad { WithdrawalState::Returned } else { WithdrawalState::Paid };
            prop_assert_eq!((after.state, chain.balance(&after.address)), (expected, if is_bad { 0 } else { 950 }));
        }
        assert_sound(&directory);
    }
}
