//! What a guest's key has becomes a wallet's: whole, once, and with what holds the guest back.

use std::collections::BTreeMap;

use dripline_server::faucet::{Operator, Settings};
use dripline_server::ledger::verify_ledger;
use dripline_server::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};
use dripline_server::refusal::Refusal;
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::players::{PlayerView, Standing, TAKEN_OVER_MAX};
use dripline_shared::api::{
    AddressRequest, BalanceMoveAnswer, BalanceMoveRequest, DelegationRequest, Direction, RoundState,
};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::round::{CLAIM_WINDOW_MS, Hash};
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use dripline_shared::wallet::Signature;

use crate::delegations::{delegate, open_for, request, request_with, revoke, signed};
use crate::own_wallets::{HOST, enough, world_with_site};
use crate::support::dump::dump;
use crate::support::{Directory, ORIGIN, Player, START, World, at_once, code};

/// What is wrong with a request.
type Change = fn(&mut BalanceMoveRequest);

fn move_with(
    world: &World,
    (guest, owner): (&Player, &Player),
    change: impl FnOnce(&mut BalanceMoveRequest),
) -> BalanceMoveRequest {
    let mut request = BalanceMoveRequest {
        wallet: guest.wallet,
        to: owner.wallet,
        client_id: world.client_id(),
        issued_at_ms: world.now(),
        origin: ORIGIN.to_owned(),
        faucet: world.faucet.catalog().faucet,
        signature: Signature([0; 64]),
    };
    change(&mut request);
    request.signature = signed(guest, &request.statement());
    request
}

pub(crate) fn move_request(world: &World, both: (&Player, &Player)) -> BalanceMoveRequest {
    move_with(world, both, |_| ())
}

pub(crate) fn moved(world: &World, request: &BalanceMoveRequest) -> Result<BalanceMoveAnswer, Refusal> {
    world.runtime.block_on(world.faucet.move_balance(request.clone()))
}

/// A guest who has earned something, and a wallet that has delegated to the guest's key.
fn guest_and_owner(world: &World) -> (Player, Player, Amount) {
    let (guest, owner) = (Player::new(1), Player::new(2));
    let earned = world.earn(&guest, world.first_level()).balance;
    delegate(world, &request(world, (&owner, &guest))).unwrap();
    (guest, owner, earned)
}

#[test]
fn what_a_guest_has_is_the_wallets_afterwards_and_both_histories_and_the_books_show_it() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let (guest, owner, earned) = guest_and_owner(&world);
    let before = world.wallet(&guest);
    let answer = moved(&world, &move_request(&world, (&guest, &owner))).unwrap();
    assert_eq!((answer.wallet, answer.to, answer.moved_at_ms), (guest.wallet, owner.wallet, world.now()));
    assert_eq!(world.wallet(&guest).balance, Amount::ZERO);
    let after = world.wallet(&owner);
    assert_eq!(after.balance, earned);
    assert_eq!(after.levels, before.levels, "what is reached is the wallet's, too");
    assert_eq!((after.attempts_left, after.streak_days), (before.attempts_left, before.streak_days));
    for (player, direction) in [(&guest, Direction::Out), (&owner, Direction::In)] {
        let page = world.runtime.block_on(world.faucet.history(player.wallet, None, 10)).unwrap();
        let newest = &page.entries[0];
        assert_eq!((newest.kind.as_str(), newest.direction, newest.amount), ("move", direction, earned));
    }
    world.shutdown();
    assert_eq!(verify_ledger(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

#[test]
fn the_key_opens_no_round_for_itself_afterwards_and_goes_on_playing_for_the_wallet() {
    let world = World::new();
    let (guest, owner, _) = guest_and_owner(&world);
    moved(&world, &move_request(&world, (&guest, &owner))).unwrap();
    let level = world.first_level();
    assert_eq!(code(world.try_open(world.request(&guest, level))), Code::BalanceMoved);
    // Nor does it by a key of its own.
    let other = Player::new(3);
    delegate(&world, &request(&world, (&guest, &other))).unwrap();
    assert_eq!(code(world.try_open(open_for(&world, (&guest, &other)))), Code::BalanceMoved);
    assert!(world.try_open(open_for(&world, (&owner, &guest))).is_ok());
    // What was moved away gets nothing more.
    delegate(&world, &request(&world, (&guest, &owner))).unwrap();
    assert_eq!(code(moved(&world, &move_request(&world, (&owner, &guest)))), Code::BalanceMoved);
}

#[test]
fn the_same_request_moves_once_and_gets_the_same_answer_and_no_other_one_moves_again() {
    let world = World::new();
    let (guest, owner, earned) = guest_and_owner(&world);
    let request = move_request(&world, (&guest, &owner));
    let answers = at_once(&world, 20, |_| {
        let (faucet, request) = (world.faucet.clone(), request.clone());
        async move { faucet.move_balance(request).await }
    });
    let first = answers[0].clone().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| *answer == first)));
    assert_eq!(world.wallet(&owner).balance, earned);
    let other = move_with(&world, (&guest, &owner), |other| {
        other.client_id = request.client_id;
        other.issued_at_ms = other.issued_at_ms.plus(1);
    });
    assert_eq!(code(moved(&world, &other)), Code::ClientIdReused);
    assert_eq!(code(moved(&world, &move_request(&world, (&guest, &owner)))), Code::BalanceMoved);
    // Whatever has changed since.
    world.wait(DAY_MS);
    assert_eq!(moved(&world, &request).unwrap(), first);
}

#[test]
fn of_many_requests_at_once_to_several_wallets_one_moves() {
    let world = World::new();
    let (guest, owner, earned) = guest_and_owner(&world);
    let owners: Vec<Player> = (4..8).map(Player::new).collect();
    for other in &owners {
        delegate(&world, &request(&world, (other, &guest))).unwrap();
    }
    let requests: Vec<_> =
        owners.iter().chain([&owner]).cycle().take(20).map(|to| move_request(&world, (&guest, to))).collect();
    let answers = at_once(&world, requests.len(), |number| {
        let (faucet, request) = (world.faucet.clone(), requests[number].clone());
        async move { faucet.move_balance(request).await }
    });
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (1, 19));
    assert!(refused.into_iter().all(|answer| code(answer) == Code::BalanceMoved));
    let balances: Vec<Amount> =
        owners.iter().chain([&owner]).map(|owner| world.wallet(owner).balance).collect();
    assert_eq!(balances.iter().filter(|balance| **balance == earned).count(), 1);
    assert_eq!(balances.iter().filter(|balance| balance.is_zero()).count(), 4);
}

#[test]
fn nothing_moves_while_a_round_can_still_be_claimed_or_a_withdrawal_has_not_ended() {
    let world = World::new();
    let (guest, owner, _) = guest_and_owner(&world);
    let level = world.first_level().to_owned();
    world.wait(DAY_MS);
    let open = world.open(&guest, &level);
    assert_eq!(code(moved(&world, &move_request(&world, (&guest, &owner)))), Code::RoundUnclaimed);
    world.end(&open);
    let (won, play) = world.win(&guest, &level);
    // The one that is open is not the only one that counts: this one is finished, and another one open.
    let again = world.open(&guest, &level);
    world.end(&again);
    assert_eq!(world.view(won.round, Some(won.token)).unwrap().state, RoundState::Finished);
    assert_eq!(code(moved(&world, &move_request(&world, (&guest, &owner)))), Code::RoundUnclaimed);
    let claim = world.claim_request(&guest, &won, &play);
    world.try_claim(claim).unwrap();
    world.wait(DAY_MS);
    let earned = enough(&world, &guest);
    let withdrawal = world.withdraw(&guest, earned, "there");
    assert_eq!(code(moved(&world, &move_request(&world, (&guest, &owner)))), Code::WithdrawalPending);
    world.pay();
    assert_eq!(world.withdrawal(&withdrawal).amount, earned);
    moved(&world, &move_request(&world, (&guest, &owner))).unwrap();
    assert_eq!(world.wallet(&owner).balance, Amount::ZERO, "it was paid to the guest");
}

#[test]
fn a_round_that_nobody_can_claim_any_more_is_in_nobodys_way() {
    let world = World::new();
    let (guest, owner, _) = guest_and_owner(&world);
    let (won, _) = world.win(&guest, world.first_level());
    let last = won.expires_at_ms.plus(CLAIM_WINDOW_MS);
    world.wait_until(last);
    assert_eq!(code(moved(&world, &move_request(&world, (&guest, &owner)))), Code::RoundUnclaimed);
    world.wait_until(last.plus(1));
    assert!(moved(&world, &move_request(&world, (&guest, &owner))).is_ok());
}

#[test]
fn nothing_moves_to_a_wallet_that_does_not_let_the_key_play_for_it_or_not_any_more() {
    let world = World::new();
    let (guest, owner, other) = (Player::new(1), Player::new(2), Player::new(3));
    let unknown = move_request(&world, (&guest, &owner));
    assert_eq!(code(moved(&world, &unknown)), Code::WalletUnknown);
    world.earn(&guest, world.first_level());
    let to = |owner: &Player| code(moved(&world, &move_request(&world, (&guest, owner))));
    assert_eq!(to(&owner), Code::NotDelegated);
    // The other way round does not count, and neither does another key.
    delegate(&world, &request(&world, (&guest, &owner))).unwrap();
    delegate(&world, &request(&world, (&owner, &other))).unwrap();
    assert_eq!(to(&owner), Code::NotDelegated);
    let made = delegate(&world, &request(&world, (&owner, &guest))).unwrap();
    revoke(&world, &owner, owner.wallet, made.id).unwrap();
    assert_eq!(to(&owner), Code::NotDelegated);
    let short = |request: &mut _| short_until(request, &world);
    delegate(&world, &request_with(&world, (&owner, &guest), short)).unwrap();
    world.wait(MINUTE_MS);
    assert_eq!(to(&owner), Code::NotDelegated);
    assert_eq!(to(&guest), Code::InvalidRequest);
}

fn short_until(request: &mut DelegationRequest, world: &World) {
    request.until_ms = world.now().plus(MINUTE_MS);
}

#[test]
fn what_the_key_has_not_signed_and_what_is_not_for_this_faucet_or_not_for_now_changes_nothing() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let (guest, owner, _) = guest_and_owner(&world);
    let before = dump(directory.path());
    let right = move_request(&world, (&guest, &owner));
    for request in [
        BalanceMoveRequest { signature: signed(&owner, &right.statement()), ..right.clone() },
        BalanceMoveRequest { to: Player::new(3).wallet, ..right.clone() },
        BalanceMoveRequest { wallet: owner.wallet, to: guest.wallet, ..right.clone() },
        BalanceMoveRequest { client_id: world.client_id(), ..right },
    ] {
        assert_eq!(code(moved(&world, &request)), Code::BadSignature, "{request:?}");
    }
    let wrong: [(Change, Code); 6] = [
        (|it| it.faucet = Hash([1; 32]), Code::WrongFaucet),
        (|it| "https://other.example".clone_into(&mut it.origin), Code::WrongOrigin),
        (|it| it.origin.push_str(".evil.example"), Code::WrongOrigin),
        (|it| "null".clone_into(&mut it.origin), Code::WrongOrigin),
        (|it| it.issued_at_ms = it.issued_at_ms.minus(6 * MINUTE_MS), Code::StatementTooOld),
        (|it| it.issued_at_ms = it.issued_at_ms.plus(6 * MINUTE_MS), Code::StatementFromFuture),
    ];
    for (change, expected) in wrong {
        let request = move_with(&world, (&guest, &owner), change);
        assert_eq!(code(moved(&world, &request)), expected, "{request:?}");
    }
    assert_eq!(dump(directory.path()), before);
}

/// A faucet on this directory whose rails have changed addresses wait for so long.
fn world_that_waits(directory: &Directory, waits: &[(&str, u64)], now: Timestamp) -> World {
    let rail = |address_wait_ms: u64| {
        let asset = AssetSettings {
            threshold: Amount::from_units(100),
            fee: Amount::ZERO,
            outflow: None,
            dormant_after_ms: None,
            approve_above: None,
        };
        let assets = BTreeMap::from([("DRIP".to_owned(), asset)]);
        RailSettings { driver: RailDriver::Sandbox, assets, address_wait_ms, failures_max: FAILURES_MAX }
    };
    let rails = waits.iter().map(|(id, wait_ms)| ((*id).to_owned(), rail(*wait_ms))).collect();
    let settings = Settings::new(Catalog::first_run());
    let data = Some(directory.path().to_owned());
    World::at(Settings { data, rails: Some(rails), ..settings }, now)
}

/// Has a player be paid somewhere by this rail.
fn set_address(world: &World, player: &Player, rail: &str, address: &str) {
    let mut request = AddressRequest { rail: rail.to_owned(), ..world.address_request(player, address) };
    request.signature = signed(player, &request.statement());
    world.try_set_address(request).unwrap();
}

/// Until when a move is refused that waits; nothing where no waiting will do.
fn waiting(world: &World, both: (&Player, &Player)) -> Option<Timestamp> {
    let refusal = moved(world, &move_request(world, both)).unwrap_err();
    assert_eq!(refusal.code(), Code::MoveWaiting, "{refusal:?}");
    refusal.reasons[0].until_ms
}

#[test]
fn whoever_has_stolen_the_key_of_a_guest_with_an_address_empties_it_no_faster_by_a_wallet_of_their_own() {
    let directory = Directory::new();
    let world = world_that_waits(&directory, &[("sandbox", DAY_MS)], START);
    let (guest, thief, owner) = (Player::new(1), Player::new(2), Player::new(3));
    let balance = world.earn(&guest, world.first_level()).balance;
    set_address(&world, &guest, "sandbox", "home");
    world.wait(MINUTE_MS);
    // All that a thief can make in no time.
    delegate(&world, &request(&world, (&thief, &guest))).unwrap();
    set_address(&world, &thief, "sandbox", "elsewhere");
    let from = world.now().plus(DAY_MS);
    let before = dump(directory.path());
    assert_eq!(waiting(&world, (&guest, &thief)), Some(from));
    assert_eq!(dump(directory.path()), before);
    world.wait_until(from.minus(1));
    assert_eq!(waiting(&world, (&guest, &thief)), Some(from));
    assert_eq!(world.wallet(&guest).balance, balance);
    // Meanwhile the owner is paid at the address that was set, and nothing is left to be moved.
    world.withdraw(&guest, balance, "home");
    world.pay();
    assert_eq!(world.wallet(&guest).balance, Amount::ZERO);
    world.wait_until(from);
    moved(&world, &move_request(&world, (&guest, &thief))).unwrap();
    assert_eq!(world.wallet(&thief).balance, Amount::ZERO);
    // A guest without an address has nothing that could be circumvented.
    let other = Player::new(4);
    world.earn(&other, world.first_level());
    delegate(&world, &request(&world, (&owner, &other))).unwrap();
    assert!(moved(&world, &move_request(&world, (&other, &owner))).is_ok());
}

#[test]
fn the_oldest_delegation_that_holds_counts_from_when_the_faucet_took_it() {
    let directory = Directory::new();
    let world = world_that_waits(&directory, &[("sandbox", HOUR_MS)], START);
    let (guest, owner) = (Player::new(1), Player::new(2));
    world.earn(&guest, world.first_level());
    set_address(&world, &guest, "sandbox", "home");
    let early = |it: &mut DelegationRequest| it.issued_at_ms = it.issued_at_ms.minus(4 * MINUTE_MS);
    let first = delegate(&world, &request_with(&world, (&owner, &guest), early)).unwrap();
    let from = world.now().plus(HOUR_MS);
    assert_eq!(waiting(&world, (&guest, &owner)), Some(from), "and not from what the client says");
    world.wait(30 * MINUTE_MS);
    // One that is newer takes nothing away from it; without it, that one has to wait from its own beginning.
    delegate(&world, &request(&world, (&owner, &guest))).unwrap();
    assert_eq!(waiting(&world, (&guest, &owner)), Some(from));
    revoke(&world, &owner, owner.wallet, first.id).unwrap();
    assert_eq!(waiting(&world, (&guest, &owner)), Some(from.plus(30 * MINUTE_MS)));
    world.wait_until(from.plus(30 * MINUTE_MS));
    assert!(moved(&world, &move_request(&world, (&guest, &owner))).is_ok());
}

#[test]
fn a_delegation_that_ends_before_the_wait_is_over_will_never_do() {
    let directory = Directory::new();
    let world = world_that_waits(&directory, &[("sandbox", MINUTE_MS)], START);
    let (guest, owner) = (Player::new(1), Player::new(2));
    world.earn(&guest, world.first_level());
    set_address(&world, &guest, "sandbox", "home");
    let short = |request: &mut _| short_until(request, &world);
    delegate(&world, &request_with(&world, (&owner, &guest), short)).unwrap();
    assert_eq!(waiting(&world, (&guest, &owner)), None);
    delegate(&world, &request(&world, (&owner, &guest))).unwrap();
    assert_eq!(waiting(&world, (&guest, &owner)), Some(world.now().plus(MINUTE_MS)));
}

#[test]
fn the_rail_that_waits_longest_counts_among_those_of_the_guests_addresses_and_all_for_one_that_is_gone() {
    let directory = Directory::new();
    let rails = [("gone", 0), ("long", DAY_MS), ("short", MINUTE_MS)];
    let world = world_that_waits(&directory, &rails, START);
    let guests: Vec<Player> = (1..4).map(Player::new).collect();
    let owner = Player::new(4);
    for guest in &guests {
        world.earn(guest, world.first_level());
    }
    set_address(&world, &guests[0], "short", "home");
    set_address(&world, &guests[1], "short", "home");
    set_address(&world, &guests[1], "long", "home");
    set_address(&world, &guests[2], "gone", "home");
    for guest in &guests {
        delegate(&world, &request(&world, (&owner, guest))).unwrap();
    }
    let start = world.now();
    assert_eq!(waiting(&world, (&guests[0], &owner)), Some(start.plus(MINUTE_MS)));
    assert_eq!(waiting(&world, (&guests[1], &owner)), Some(start.plus(DAY_MS)));
    let now = world.shutdown();
    let world = world_that_waits(&directory, &rails[1..], now);
    assert_eq!(waiting(&world, (&guests[2], &owner)), Some(start.plus(DAY_MS)), "it may be there again");
    assert_eq!(waiting(&world, (&guests[0], &owner)), Some(start.plus(MINUTE_MS)));
    world.wait_until(start.plus(MINUTE_MS));
    assert!(moved(&world, &move_request(&world, (&guests[0], &owner))).is_ok());
    // An address that waits itself is one, too.
    set_address(&world, &guests[1], "long", "elsewhere");
    assert_eq!(waiting(&world, (&guests[1], &owner)), Some(start.plus(DAY_MS)));
    world.wait_until(start.plus(DAY_MS));
    for guest in &guests[1..] {
        assert!(moved(&world, &move_request(&world, (guest, &owner))).is_ok());
    }
}

fn stand(world: &World, player: &Player, standing: Standing) {
    let who = Operator { by: By::CommandLine, from: None, session: None };
    let stood = world.faucet.set_standing(who, player.wallet, standing, "a look".to_owned());
    world.runtime.block_on(stood).unwrap();
}

fn seen(world: &World, player: &Player) -> PlayerView {
    world.runtime.block_on(world.faucet.player(player.wallet)).unwrap()
}

#[test]
fn a_guest_whom_operators_hold_or_ban_moves_nothing_and_so_no_wallet_comes_to_stand_like_that() {
    let world = World::new();
    let (guest, owner, earned) = guest_and_owner(&world);
    for (standing, expected) in [(Standing::Held, Code::WalletHeld), (Standing::Banned, Code::WalletBanned)] {
        stand(&world, &guest, standing);
        assert_eq!(code(moved(&world, &move_request(&world, (&guest, &owner)))), expected);
    }
    stand(&world, &guest, Standing::Clear);
    moved(&world, &move_request(&world, (&guest, &owner))).unwrap();
    assert_eq!(world.wallet(&owner).balance, earned);
    assert_eq!(seen(&world, &owner).standing.standing, Standing::Clear);
    // What operators have against the wallet stays with it: a ban keeps it from getting anything, a hold does not.
    let (one, other) = (Player::new(5), Player::new(6));
    for guest in [&one, &other] {
        world.earn(guest, world.first_level());
        delegate(&world, &request(&world, (&owner, guest))).unwrap();
    }
    stand(&world, &owner, Standing::Banned);
    assert_eq!(code(moved(&world, &move_request(&world, (&one, &owner)))), Code::WalletBanned);
    stand(&world, &owner, Standing::Held);
    moved(&world, &move_request(&world, (&other, &owner))).unwrap();
    assert_eq!(seen(&world, &owner).standing.standing, Standing::Held);
}

#[test]
fn a_delegation_for_a_site_alone_does_not_let_the_key_move_what_it_has() {
    let directory = Directory::new();
    let world = world_with_site(&directory);
    let (guest, owner) = (Player::new(1), Player::new(2));
    let earned = world.earn(&guest, world.first_level()).balance;
    let on_site = |it: &mut DelegationRequest| {
        HOST.clone_into(&mut it.origin);
        it.site = Some("shop".to_owned());
    };
    delegate(&world, &request_with(&world, (&owner, &guest), on_site)).unwrap();
    let refusal = moved(&world, &move_request(&world, (&guest, &owner))).unwrap_err();
    assert_eq!((refusal.code(), refusal.reasons[0].subject.as_deref()), (Code::NotDelegated, Some("to")));
    assert_eq!(world.wallet(&guest).balance, earned);
    delegate(&world, &request(&world, (&owner, &guest))).unwrap();
    assert!(moved(&world, &move_request(&world, (&guest, &owner))).is_ok());
}

#[test]
fn operators_see_where_to_a_key_has_moved_and_which_keys_a_wallet_took_over_the_last_one_first() {
    let world = World::new();
    let (owner, nobody) = (Player::new(1), Player::new(2));
    let guests: Vec<Player> = (100..).take(TAKEN_OVER_MAX + 1).map(Player::new).collect();
    for guest in &guests {
        world.earn(guest, world.first_level());
        let made = delegate(&world, &request(&world, (&owner, guest))).unwrap();
        moved(&world, &move_request(&world, (guest, &owner))).unwrap();
        revoke(&world, &owner, owner.wallet, made.id).unwrap();
        // Among the delegations that a wallet may have, those count for another day that were revoked.
        world.wait(DAY_MS);
    }
    let view = seen(&world, &owner);
    let newest: Vec<_> = guests.iter().rev().take(TAKEN_OVER_MAX).map(|guest| guest.wallet).collect();
    assert_eq!(view.took_over.iter().map(|it| it.wallet).collect::<Vec<_>>(), newest);
    assert!(view.took_over.is_sorted_by_key(|it| std::cmp::Reverse(it.at_ms)));
    assert_eq!(view.moved_to, None);
    let last = seen(&world, guests.last().unwrap());
    assert_eq!(last.moved_to.map(|it| (it.wallet, it.at_ms)), Some((owner.wallet, view.took_over[0].at_ms)));
    assert_eq!(last.took_over, []);
    // Whoever only delegates has done nothing that operators could look at.
    delegate(&world, &request(&world, (&nobody, &owner))).unwrap();
    let unknown = world.runtime.block_on(world.faucet.player(nobody.wallet));
    assert_eq!(code(unknown), Code::WalletUnknown);
}
