//! Wallets of players' own, on pages of sites: what they sign there to be paid, and how owners of addresses prove them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dripline_server::faucet::Operator;
use dripline_server::ledger::verify_ledger;
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::{AddressRequest, WithdrawalRequest};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use dripline_shared::site::{Site, SiteLook, SiteMode};
use dripline_shared::time::MINUTE_MS;
use dripline_shared::wallet::Signature;

use crate::delegations::enveloped;
use crate::support::dump::dump;
use crate::support::{Directory, Player, World, code};

const HOST: &str = "https://shop.example";

fn world_with_site(directory: &Directory) -> World {
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

#[test]
fn a_wallet_on_a_sites_page_sets_its_address_and_withdraws_and_the_books_know_what_it_has_signed() {
    let directory = Directory::new();
    let world = world_with_site(&directory);
    let owner = Player::new(1);
    let earned = world.earn(&owner, world.first_level()).balance;
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
