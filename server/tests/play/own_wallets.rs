//! Wallets of players' own, on pages of sites: what they sign there to be paid, and how owners of addresses prove them.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dripline_server::faucet::{Operator, Settings};
use dripline_server::ledger::verify_ledger;
use dripline_server::payout::evm::{EvmSettings, Finality};
use dripline_server::payout::{AssetSettings, FAILURES_MAX, KeySource, RailDriver, RailSettings};
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::{AddressRequest, WithdrawalRequest};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use dripline_shared::site::{Site, SiteLook, SiteMode};
use dripline_shared::time::{DAY_MS, MINUTE_MS};
use dripline_shared::wallet::Signature;

use k256::ecdsa::SigningKey;
use sha3::{Digest as _, Keccak256};

use crate::delegations::enveloped;
use crate::support::chain::Chain;
use crate::support::dump::dump;
use crate::support::{Directory, Player, World, code};

pub(crate) const HOST: &str = "https://shop.example";

pub(crate) fn world_with_site(directory: &Directory) -> World {
    let world = World::on(directory, Catalog::first_run());
    for (id, origin) in [("shop", HOST), ("arcade", "https://arcade.example")] {
        let site = Site {
            id: id.to_owned(),
            name: id.to_owned(),
            mode: SiteMode::Live,
            origins: vec![origin.to_owned()],
            campaign: None,
            levels: None,
            look: SiteLook::default(),
        };
        let who = Operator { by: By::CommandLine, from: None, session: None };
        world.runtime.block_on(world.faucet.register_site(who, site)).unwrap();
    }
    world
}

/// The same request as a wallet signs it on a page, in an envelope.
fn address_on(owner: &Player, request: AddressRequest, origin: &str, site: Option<&str>) -> AddressRequest {
    let request = AddressRequest { origin: origin.to_owned(), site: site.map(str::to_owned), ..request };
    let message = enveloped(owner, &request.statement().to_string());
    AddressRequest {
        signature: Signature::of(&owner.key, &message),
        signed_message: Some(STANDARD.encode(&message)),
        ..request
    }
}

fn withdrawal_on(
    owner: &Player,
    request: WithdrawalRequest,
    origin: &str,
    site: Option<&str>,
) -> WithdrawalRequest {
    let request = WithdrawalRequest { origin: origin.to_owned(), site: site.map(str::to_owned), ..request };
    let message = enveloped(owner, &request.statement(6).to_string());
    WithdrawalRequest {
        signature: Signature::of(&owner.key, &message),
        signed_message: Some(STANDARD.encode(&message)),
        ..request
    }
}

/// What a player has who has earned enough to withdraw it.
pub(crate) fn enough(world: &World, player: &Player) -> Amount {
    let mut balance = world.earn(player, world.first_level()).balance;
    while balance < Amount::from_units(50_000) {
        world.wait(DAY_MS);
        balance = world.earn(player, world.first_level()).balance;
    }
    balance
}

#[test]
fn a_wallet_on_a_sites_page_sets_its_address_and_withdraws_and_the_books_know_what_it_has_signed() {
    let directory = Directory::new();
    let world = world_with_site(&directory);
    let owner = Player::new(1);
    let earned = enough(&world, &owner);
    let set = address_on(&owner, world.address_request(&owner, "there"), HOST, Some("shop"));
    assert_eq!(world.try_set_address(set).unwrap().address, "there");
    let request =
        withdrawal_on(&owner, world.withdrawal_request(&owner, earned, "there"), HOST, Some("shop"));
    let withdrawal = world.try_withdraw(request.clone()).unwrap();
    assert_eq!(world.try_withdraw(request).unwrap().id, withdrawal.id, "sent again, it is the same one");
    assert_eq!(world.money(&owner).pending, earned);
    world.pay();
    assert_eq!(world.money(&owner).pending, Amount::ZERO);
    world.shutdown();
    assert_eq!(verify_ledger(directory.path(), &[]).unwrap().findings, Vec::<String>::new());
}

#[test]
fn a_page_of_another_origin_or_of_another_site_sets_no_address_and_withdraws_nothing() {
    let directory = Directory::new();
    let world = world_with_site(&directory);
    let owner = Player::new(1);
    let earned = world.earn(&owner, world.first_level()).balance;
    world.try_set_address(world.address_request(&owner, "there")).unwrap();
    let before = dump(directory.path());
    for (origin, site, expected) in [
        (HOST, None, Code::WrongOrigin),
        (HOST, Some("arcade"), Code::WrongOrigin),
        (HOST, Some("nowhere"), Code::UnknownSite),
        ("https://shop.example.evil.example", Some("shop"), Code::WrongOrigin),
        ("https://evilshop.example", Some("shop"), Code::WrongOrigin),
        ("https://shop.example:8443", Some("shop"), Code::WrongOrigin),
        ("https://shop.example/", Some("shop"), Code::WrongOrigin),
        ("http://shop.example", Some("shop"), Code::WrongOrigin),
        ("null", Some("shop"), Code::WrongOrigin),
        ("", Some("shop"), Code::WrongOrigin),
    ] {
        let set = address_on(&owner, world.address_request(&owner, "elsewhere"), origin, site);
        assert_eq!(code(world.try_set_address(set)), expected, "{origin} {site:?}");
        let request = world.withdrawal_request(&owner, earned, "there");
        let withdraw = withdrawal_on(&owner, request, origin, site);
        assert_eq!(code(world.try_withdraw(withdraw)), expected, "{origin} {site:?}");
    }
    // What is signed for one page is not signed for another one, and not for another faucet.
    let right = address_on(&owner, world.address_request(&owner, "elsewhere"), HOST, Some("shop"));
    let own_origin = world.address_request(&owner, "elsewhere").origin;
    for other in [
        AddressRequest { origin: own_origin, ..right.clone() },
        AddressRequest { signed_message: None, ..right.clone() },
        AddressRequest { address: "nowhere".to_owned(), ..right.clone() },
        AddressRequest { client_id: world.client_id(), ..right.clone() },
    ] {
        assert_eq!(code(world.try_set_address(other)), Code::BadSignature);
    }
    let faucet = AddressRequest { faucet: Hash([1; 32]), ..right.clone() };
    assert_eq!(code(world.try_set_address(faucet)), Code::WrongFaucet);
    assert_eq!(dump(directory.path()), before);
    world.wait(6 * MINUTE_MS);
    assert_eq!(code(world.try_set_address(right)), Code::StatementTooOld);
}

#[test]
fn the_proof_that_an_address_is_its_owners_is_only_taken_where_there_is_a_chain_to_prove_it_on() {
    let world = World::new();
    let owner = Player::new(1);
    world.earn(&owner, world.first_level());
    let request = AddressRequest {
        ownership: Some(format!("0x{}", "00".repeat(65))),
        ..world.address_request(&owner, "there")
    };
    assert_eq!(code(world.try_set_address(request)), Code::InvalidRequest);
}

/// The address of the key of 32 bytes `0b`, and another one.
const ADDRESS: &str = "0xf288ECAF15790EfcAc528946963A6Db8c3f8211d";
const OTHER_ADDRESS: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
const CHAIN_ID: u64 = 8_453;

/// A faucet that pays on an EVM chain, to addresses that have to be proven or need not.
fn world_on_chain(needs_ownership: bool) -> World {
    let settings = EvmSettings {
        endpoints: Vec::new(),
        chain_id: CHAIN_ID,
        needs_ownership,
        key: KeySource::Variable("NOBODY_READS_IT".to_owned()),
        finality: Finality::Finalized,
        max_fee_per_gas: 1,
        priority_fee_per_gas: None,
        replace_after_ms: MINUTE_MS,
        disperse: None,
        coin: "ETH".to_owned(),
        assets: BTreeMap::new(),
    };
    let asset = AssetSettings {
        threshold: Amount::from_units(100),
        fee: Amount::ZERO,
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    let rail = RailSettings {
        driver: RailDriver::Evm(settings),
        assets: BTreeMap::from([("DRIP".to_owned(), asset)]),
        address_wait_ms: MINUTE_MS,
        failures_max: FAILURES_MAX,
    };
    let mut settings = Settings::new(Catalog::first_run());
    settings.rails = Some(BTreeMap::from([("base".to_owned(), rail)]));
    settings.drivers.insert("base".to_owned(), Arc::new(Chain::default()));
    World::with(settings)
}

/// What `personal_sign` answers of the key of ADDRESS.
fn personal_sign(text: &str) -> String {
    let key = SigningKey::from_slice(&[0x0b; 32]).unwrap();
    let message = format!("\x19Ethereum Signed Message:\n{}{text}", text.len());
    let (signature, recovery) = key.sign_prehash_recoverable(&Keccak256::digest(message.as_bytes()));
    let bytes = signature.to_bytes().into_iter().chain([27 + recovery.to_byte()]);
    bytes.fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// The same request with a proof of what `other` says.
fn proven(request: &AddressRequest, other: &AddressRequest, chain_id: u64) -> AddressRequest {
    let ownership = Some(personal_sign(&other.ownership_statement(chain_id).to_string()));
    AddressRequest { ownership, ..request.clone() }
}

#[test]
fn an_address_that_has_to_be_proven_is_set_once_its_owner_has_signed_that_this_wallet_is_paid_there() {
    let world = world_on_chain(true);
    let rail = world.runtime.block_on(world.faucet.rails()).unwrap().rails.remove(0);
    assert_eq!((rail.chain_id, rail.needs_ownership), (Some(CHAIN_ID), true));
    let (player, other) = (Player::new(1), Player::new(2));
    for player in [&player, &other] {
        world.earn(player, world.first_level());
    }
    let request = world.address_request(&player, ADDRESS);
    assert_eq!(code(world.try_set_address(request.clone())), Code::OwnershipNeeded);
    let later = world.address_request(&player, ADDRESS);
    let of_other = world.address_request(&other, ADDRESS);
    let elsewhere = AddressRequest { origin: "https://evil.example".to_owned(), ..request.clone() };
    let of_faucet = AddressRequest { faucet: Hash([1; 32]), ..request.clone() };
    for (said, chain_id) in [
        (&later, CHAIN_ID),
        (&of_other, CHAIN_ID),
        (&elsewhere, CHAIN_ID),
        (&of_faucet, CHAIN_ID),
        (&request, 1),
    ] {
        let wrong = proven(&request, said, chain_id);
        assert_eq!(code(world.try_set_address(wrong)), Code::BadSignature);
    }
    for ownership in ["", "0x", "00", "0xzz", &personal_sign("")[2..]] {
        let wrong = AddressRequest { ownership: Some(ownership.to_owned()), ..request.clone() };
        let code = code(world.try_set_address(wrong));
        assert!(matches!(code, Code::InvalidRequest | Code::BadSignature), "{ownership}: {code:?}");
    }
    let not_theirs = world.address_request(&player, OTHER_ADDRESS);
    assert_eq!(code(world.try_set_address(proven(&not_theirs, &not_theirs, CHAIN_ID))), Code::BadSignature);
    let lower = world.address_request(&player, &ADDRESS.to_lowercase());
    assert_eq!(code(world.try_set_address(proven(&lower, &lower, CHAIN_ID))), Code::InvalidAddress);
    assert!(world.wallet(&player).addresses.is_empty(), "nothing of all that has set an address");

    let right = proven(&request, &request, CHAIN_ID);
    let set = world.try_set_address(right.clone()).unwrap();
    assert_eq!((set.address.as_str(), set.usable_from_ms), (ADDRESS, world.now()));
    world.wait(10 * MINUTE_MS);
    // A repeat is answered again, also without the proof: it changes nothing.
    assert_eq!(world.try_set_address(right).unwrap(), set);
    assert_eq!(world.try_set_address(request).unwrap(), set);
}

#[test]
fn where_nothing_has_to_be_proven_a_proof_is_checked_all_the_same_and_shortens_no_wait() {
    let world = world_on_chain(false);
    let player = Player::new(1);
    world.earn(&player, world.first_level());
    world.try_set_address(world.address_request(&player, OTHER_ADDRESS)).unwrap();
    world.wait(10 * MINUTE_MS);
    let (request, later) = (world.address_request(&player, ADDRESS), world.address_request(&player, ADDRESS));
    assert_eq!(code(world.try_set_address(proven(&request, &later, CHAIN_ID))), Code::BadSignature);
    // Whoever has stolen the wallet's key can prove an address of their own as well.
    let set = world.try_set_address(proven(&request, &request, CHAIN_ID)).unwrap();
    assert_eq!(set.usable_from_ms, world.now().plus(MINUTE_MS));
}
