//! Keys with which programs read a history: made, used, listed and revoked by their owner alone.

use dripline_server::export::Format;
use dripline_server::faucet::Settings;
use dripline_server::refusal::Refusal;
use dripline_shared::amount::Amount;
use dripline_shared::api::{
    HistoryPage, IssuedReadKey, ReadKeyList, ReadKeyListRequest, ReadKeyRequest, ReadKeyRevocation,
};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::read_key::{READ_KEYS_MAX, ReadKey};
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::statement::Statement;
use dripline_shared::time::{DAY_MS, MINUTE_MS, Timestamp};
use dripline_shared::wallet::{Signature, Wallet};

use crate::support::dump::dump;
use crate::support::{Directory, ORIGIN, Player, World, at_once, code};

fn signed(player: &Player, statement: &Statement) -> Signature {
    Signature::of(&player.key, statement.to_string().as_bytes())
}

fn request(world: &World, player: &Player, until_ms: Option<Timestamp>) -> ReadKeyRequest {
    let mut request = ReadKeyRequest {
        wallet: player.wallet,
        until_ms,
        client_id: world.client_id(),
        issued_at_ms: world.now(),
        origin: ORIGIN.to_owned(),
        faucet: world.faucet.catalog().faucet,
        signature: Signature([0; 64]),
    };
    request.signature = signed(player, &request.statement());
    request
}

fn issue(world: &World, request: &ReadKeyRequest) -> Result<IssuedReadKey, Refusal> {
    world.runtime.block_on(world.faucet.issue_read_key(request.clone()))
}

fn list_request(world: &World, player: &Player) -> ReadKeyListRequest {
    let mut request = ReadKeyListRequest {
        wallet: player.wallet,
        client_id: world.client_id(),
        issued_at_ms: world.now(),
        origin: ORIGIN.to_owned(),
        faucet: world.faucet.catalog().faucet,
        signature: Signature([0; 64]),
    };
    request.signature = signed(player, &request.statement());
    request
}

fn try_list(world: &World, request: ReadKeyListRequest) -> Result<ReadKeyList, Refusal> {
    world.runtime.block_on(world.faucet.list_read_keys(request))
}

fn listed(world: &World, player: &Player) -> Vec<ClientId> {
    try_list(world, list_request(world, player)).unwrap().keys.into_iter().map(|key| key.id).collect()
}

fn revocation(world: &World, player: &Player, id: ClientId) -> ReadKeyRevocation {
    let mut request = ReadKeyRevocation {
        wallet: player.wallet,
        client_id: id,
        issued_at_ms: world.now(),
        origin: ORIGIN.to_owned(),
        faucet: world.faucet.catalog().faucet,
        signature: Signature([0; 64]),
    };
    request.signature = signed(player, &request.statement());
    request
}

fn revoke(world: &World, request: ReadKeyRevocation) -> Result<ReadKeyList, Refusal> {
    world.runtime.block_on(world.faucet.revoke_read_key(request))
}

fn read(world: &World, key: ReadKey) -> Result<HistoryPage, Refusal> {
    world.runtime.block_on(world.faucet.history_by_key(key, None, 100))
}

fn opens(world: &World, key: ReadKey) -> Result<Wallet, Code> {
    world.runtime.block_on(world.faucet.read_key_wallet(key)).map_err(|refusal| refusal.code())
}

/// Somebody who has a drip, in a new faucet.
fn somebody() -> (World, Player) {
    let (world, player) = (World::new(), Player::new(1));
    world.earn(&player, world.first_level());
    (world, player)
}

#[test]
fn a_key_reads_its_owners_history_with_what_paid_it_and_no_other() {
    let (world, player) = somebody();
    let other = Player::new(2);
    world.earn(&other, world.first_level());
    let key = issue(&world, &request(&world, &player, None)).unwrap();
    assert_eq!((key.wallet, key.until_ms), (player.wallet, None));
    while world.money(&player).balance < Amount::from_units(50_000) {
        world.wait(DAY_MS);
        world.earn(&player, world.first_level());
    }
    let withdrawal = world.withdraw(&player, Amount::from_units(50_000), "me");
    world.pay();
    let paid = world.withdrawal(&withdrawal);
    let page = read(&world, key.key).unwrap();
    let public = world.runtime.block_on(world.faucet.history(player.wallet, None, 100)).unwrap();
    assert_eq!(page.entries.len(), public.entries.len());
    let newest = &page.entries[0];
    assert_eq!((newest.withdrawal, &newest.transaction), (Some(withdrawal.id), &paid.transaction));
    assert!(paid.transaction.is_some() && public.entries.iter().all(|entry| entry.transaction.is_none()));
    assert_eq!(opens(&world, key.key), Ok(player.wallet));
    let table = world.runtime.block_on(world.faucet.export(key.wallet, Format::Koinly, None)).unwrap();
    assert!(String::from_utf8(table).unwrap().contains(paid.transaction.as_deref().unwrap()));
}

#[test]
fn the_same_request_gets_the_same_key_however_often_it_comes_and_nothing_secret_is_stored() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    let request = request(&world, &player, None);
    let answers = at_once(&world, 20, |_| {
        let (faucet, request) = (world.faucet.clone(), request.clone());
        async move { faucet.issue_read_key(request).await }
    });
    let first = answers[0].as_ref().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref() == Ok(first)));
    assert_eq!(listed(&world, &player), [request.client_id]);
    let other = ReadKeyRequest { until_ms: Some(world.now().plus(DAY_MS)), ..request.clone() };
    let other = ReadKeyRequest { signature: signed(&player, &other.statement()), ..other };
    assert_eq!(code(issue(&world, &other)), Code::ClientIdReused);
    world.wait(DAY_MS);
    assert_eq!(issue(&world, &request).as_ref(), Ok(first), "a repeat is known, however old it is");
    let stored = dump(directory.path());
    let secret = first.key.to_string();
    assert!(!stored.contains(&secret) && !stored.to_lowercase().contains(&secret["drip_ro_".len()..]));
    let now = world.shutdown();
    let mut settings = Settings::new(Catalog::first_run());
    settings.data = Some(directory.path().to_owned());
    let world = World::at(settings, now);
    assert_eq!(opens(&world, first.key), Ok(player.wallet));
}

#[test]
fn a_key_ends_when_it_is_revoked_and_when_its_time_is_over() {
    let (world, player) = somebody();
    let until = world.now().plus(MINUTE_MS);
    let short = issue(&world, &request(&world, &player, Some(until))).unwrap();
    let request = request(&world, &player, None);
    let long = issue(&world, &request).unwrap();
    assert_eq!(listed(&world, &player), [short.id, long.id]);
    world.wait(MINUTE_MS - 1);
    assert_eq!(opens(&world, short.key), Ok(player.wallet));
    world.wait(1);
    assert_eq!(opens(&world, short.key), Err(Code::WrongReadKey));
    let revocation = revocation(&world, &player, long.id);
    for _ in 0..2 {
        assert_eq!(revoke(&world, revocation.clone()).map(|left| left.keys), Ok(Vec::new()));
        assert_eq!(opens(&world, long.key), Err(Code::WrongReadKey));
        assert_eq!(code(read(&world, long.key)), Code::WrongReadKey);
    }
    assert_eq!(code(issue(&world, &request)), Code::ReadKeyUnknown, "a repeat does not bring it back");
    assert_eq!(listed(&world, &player), []);
}

#[test]
fn only_the_wallets_own_signature_makes_lists_and_revokes_keys() {
    let (world, player) = somebody();
    let thief = Player::new(2);
    world.earn(&thief, world.first_level());
    let key = issue(&world, &request(&world, &player, None)).unwrap();
    let forged = ReadKeyRequest { wallet: player.wallet, ..request(&world, &thief, None) };
    assert_eq!(code(issue(&world, &forged)), Code::BadSignature);
    let forged = ReadKeyListRequest { wallet: player.wallet, ..list_request(&world, &thief) };
    assert_eq!(code(try_list(&world, forged)), Code::BadSignature);
    let forged = ReadKeyRevocation { wallet: player.wallet, ..revocation(&world, &thief, key.id) };
    assert_eq!(code(revoke(&world, forged)), Code::BadSignature);
    // Of another wallet there is no key of this id.
    assert_eq!(code(revoke(&world, revocation(&world, &thief, key.id))), Code::ReadKeyUnknown);
    assert_eq!(opens(&world, key.key), Ok(player.wallet));
    // What was signed for one thing does not pass for another, for another faucet, or later.
    let listing = list_request(&world, &player);
    let id = listing.client_id;
    let swapped = ReadKeyRevocation { signature: listing.signature, ..revocation(&world, &player, id) };
    assert_eq!(code(revoke(&world, swapped)), Code::BadSignature);
    let elsewhere = ReadKeyListRequest { faucet: Hash([1; 32]), ..listing.clone() };
    assert_eq!(code(try_list(&world, elsewhere)), Code::WrongFaucet);
    let elsewhere = ReadKeyListRequest { origin: "https://evil.example".to_owned(), ..listing.clone() };
    assert_eq!(code(try_list(&world, elsewhere)), Code::WrongOrigin);
    let (late, revocation) = (request(&world, &player, None), revocation(&world, &player, key.id));
    world.wait(6 * MINUTE_MS);
    assert_eq!(code(try_list(&world, listing)), Code::StatementTooOld);
    assert_eq!(code(issue(&world, &late)), Code::StatementTooOld);
    assert_eq!(code(revoke(&world, revocation)), Code::StatementTooOld);
    assert_eq!(opens(&world, key.key), Ok(player.wallet));
}

#[test]
fn a_wallet_has_so_many_keys_and_one_that_ended_counts_for_another_day() {
    let (world, player) = somebody();
    let issue_one = || issue(&world, &request(&world, &player, None));
    let keys: Vec<IssuedReadKey> = (0..READ_KEYS_MAX).map(|_| issue_one().unwrap()).collect();
    assert_eq!(code(issue_one()), Code::ReadKeysUsedUp);
    revoke(&world, revocation(&world, &player, keys[3].id)).unwrap();
    assert_eq!(code(issue_one()), Code::ReadKeysUsedUp);
    world.wait(DAY_MS - 1);
    assert_eq!(code(issue_one()), Code::ReadKeysUsedUp);
    world.wait(1);
    issue_one().unwrap();
    assert_eq!(listed(&world, &player).len(), READ_KEYS_MAX);
}

#[test]
fn a_key_that_could_never_hold_and_one_of_a_stranger_are_refused() {
    let (world, player) = somebody();
    let over = request(&world, &player, Some(world.now()));
    assert_eq!(code(issue(&world, &over)), Code::InvalidRequest);
    let stranger = Player::new(7);
    assert_eq!(code(issue(&world, &request(&world, &stranger, None))), Code::WalletUnknown);
    assert_eq!(listed(&world, &stranger), []);
    let made_up = format!("drip_ro_{}", "0".repeat(64)).parse().unwrap();
    assert_eq!(opens(&world, made_up), Err(Code::WrongReadKey));
}
