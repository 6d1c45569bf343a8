//! Keys of browsers that play for wallets: made by both, listed and revoked by the wallet alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dripline_server::faucet::{Caller, Settings};
use dripline_server::refusal::Refusal;
use dripline_server::signed_message::SIGNED_MESSAGE_MAX;
use dripline_shared::amount::Amount;
use dripline_shared::api::{
    ClaimRequest, DELEGATIONS_MAX, DelegationList, DelegationListRequest, DelegationRequest,
    DelegationRevocation, DelegationView, OpenRequest,
};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::game::Status;
use dripline_shared::limit::CountLimit;
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::site::NO_CAMPAIGN;
use dripline_shared::statement::{DELEGATION_MAX_MS, Statement};
use dripline_shared::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use dripline_shared::wallet::{Signature, Wallet};

use crate::own_wallets::{HOST, WRONG_PAGES, world_with_site};
use crate::support::dump::dump;
use crate::support::{Directory, ORIGIN, Player, World, at_once, code};

fn caller() -> Caller {
    Caller { prefix: "192.0.2.1".to_owned() }
}

pub(crate) fn signed(player: &Player, statement: &Statement) -> Signature {
    Signature::of(&player.key, statement.to_string().as_bytes())
}

/// What is wrong with a request.
type Change = fn(&mut DelegationRequest);

/// A request of both, changed before they sign.
pub(crate) fn request_with(
    world: &World,
    (owner, browser): (&Player, &Player),
    change: impl FnOnce(&mut DelegationRequest),
) -> DelegationRequest {
    let mut request = DelegationRequest {
        wallet: owner.wallet,
        delegate: browser.wallet,
        until_ms: world.now().plus(7 * DAY_MS),
        site: None,
        client_id: world.client_id(),
        issued_at_ms: world.now(),
        origin: ORIGIN.to_owned(),
        faucet: world.faucet.catalog().faucet,
        signed_message: None,
        signature: Signature([0; 64]),
        countersignature: Signature([0; 64]),
    };
    change(&mut request);
    let statement = request.statement();
    request.signature = signed(owner, &statement);
    request.countersignature = signed(browser, &statement);
    request
}

pub(crate) fn request(world: &World, both: (&Player, &Player)) -> DelegationRequest {
    request_with(world, both, |_| ())
}

pub(crate) fn delegate(world: &World, request: &DelegationRequest) -> Result<DelegationView, Refusal> {
    world.runtime.block_on(world.faucet.delegate(request.clone(), &caller()))
}

/// The page at which something is signed: its origin, and its site.
type Page<'a> = (&'a str, Option<&'a str>);

fn list_at(world: &World, owner: &Player, (origin, site): Page<'_>) -> Result<DelegationList, Refusal> {
    let mut request = DelegationListRequest {
        wallet: owner.wallet,
        client_id: world.client_id(),
        issued_at_ms: world.now(),
        origin: origin.to_owned(),
        faucet: world.faucet.catalog().faucet,
        signed_message: None,
        site: site.map(str::to_owned),
        signature: Signature([0; 64]),
    };
    request.signature = signed(owner, &request.statement());
    world.runtime.block_on(world.faucet.list_delegations(request))
}

fn list(world: &World, owner: &Player) -> Vec<ClientId> {
    let list = list_at(world, owner, (ORIGIN, None)).unwrap();
    list.delegations.into_iter().map(|delegation| delegation.id).collect()
}

pub(crate) fn revoke(
    world: &World,
    by: &Player,
    of: Wallet,
    id: ClientId,
) -> Result<DelegationList, Refusal> {
    revoke_at(world, by, (of, id), (ORIGIN, None))
}

fn revoke_at(
    world: &World,
    by: &Player,
    (of, id): (Wallet, ClientId),
    (origin, site): Page<'_>,
) -> Result<DelegationList, Refusal> {
    let mut request = DelegationRevocation {
        wallet: of,
        client_id: id,
        issued_at_ms: world.now(),
        origin: origin.to_owned(),
        faucet: world.faucet.catalog().faucet,
        signed_message: None,
        site: site.map(str::to_owned),
        signature: Signature([0; 64]),
    };
    request.signature = signed(by, &request.statement());
    world.runtime.block_on(world.faucet.revoke_delegation(request))
}

#[test]
fn a_delegation_is_listed_until_its_wallet_revokes_it_or_its_time_has_passed() {
    let (world, owner, browser) = (World::new(), Player::new(1), Player::new(2));
    let first = delegate(&world, &request(&world, (&owner, &browser))).unwrap();
    assert_eq!((first.delegate, first.site.as_deref()), (browser.wallet, None));
    world.wait(1);
    let short = |request: &mut DelegationRequest| request.until_ms = world.now().plus(HOUR_MS);
    let second = delegate(&world, &request_with(&world, (&owner, &browser), short)).unwrap();
    assert_eq!(list(&world, &owner), [first.id, second.id]);
    assert_eq!(list(&world, &browser), []);
    world.wait(HOUR_MS);
    assert_eq!(list(&world, &owner), [first.id]);
    assert_eq!(revoke(&world, &owner, owner.wallet, first.id).unwrap().delegations, []);
    assert_eq!(list(&world, &owner), []);
    // Once more changes nothing.
    assert_eq!(revoke(&world, &owner, owner.wallet, first.id).unwrap().delegations, []);
}

#[test]
fn the_same_request_has_one_effect_however_often_it_comes_and_none_after_it_was_revoked() {
    let (world, owner, browser) = (World::new(), Player::new(1), Player::new(2));
    let request = request(&world, (&owner, &browser));
    let answers = at_once(&world, 20, |_| {
        let (faucet, caller, request) = (world.faucet.clone(), caller(), request.clone());
        async move { faucet.delegate(request, &caller).await }
    });
    let first = answers[0].clone().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|view| *view == first)));
    assert_eq!(list(&world, &owner), [first.id]);
    revoke(&world, &owner, owner.wallet, first.id).unwrap();
    assert_eq!(code(delegate(&world, &request)), Code::DelegationUnknown);
    let other = request_with(&world, (&owner, &browser), |other| {
        other.client_id = request.client_id;
        other.until_ms = other.until_ms.plus(1);
    });
    assert_eq!(code(delegate(&world, &other)), Code::ClientIdReused);
}

#[test]
fn what_either_has_not_signed_and_what_is_not_for_this_faucet_or_not_for_now_changes_nothing() {
    let directory = Directory::new();
    let world = World::on(&directory, Catalog::first_run());
    let (owner, browser, other) = (Player::new(1), Player::new(2), Player::new(3));
    let before = dump(directory.path());
    let right = request(&world, (&owner, &browser));
    let by_others = [
        DelegationRequest { signature: right.countersignature, ..right.clone() },
        DelegationRequest { countersignature: right.signature, ..right.clone() },
        DelegationRequest { countersignature: signed(&other, &right.statement()), ..right.clone() },
        DelegationRequest { delegate: other.wallet, ..right.clone() },
        DelegationRequest { wallet: other.wallet, ..right.clone() },
        DelegationRequest { until_ms: right.until_ms.plus(1), ..right.clone() },
        DelegationRequest { client_id: world.client_id(), ..right.clone() },
    ];
    for request in &by_others {
        assert_eq!(code(delegate(&world, request)), Code::BadSignature, "{request:?}");
    }
    let wrong: [(Change, Code); 9] = [
        (|it| it.faucet = Hash([1; 32]), Code::WrongFaucet),
        (|it| "https://other.example".clone_into(&mut it.origin), Code::WrongOrigin),
        (|it| it.site = Some("nowhere".to_owned()), Code::UnknownSite),
        (|it| it.issued_at_ms = it.issued_at_ms.minus(6 * MINUTE_MS), Code::StatementTooOld),
        (|it| it.issued_at_ms = it.issued_at_ms.plus(6 * MINUTE_MS), Code::StatementFromFuture),
        (|it| it.until_ms = it.issued_at_ms, Code::InvalidRequest),
        (|it| it.until_ms = Timestamp(0), Code::InvalidRequest),
        (|it| it.until_ms = it.issued_at_ms.plus(DELEGATION_MAX_MS + 1), Code::InvalidRequest),
        (|it| it.until_ms = it.issued_at_ms.plus(u64::MAX), Code::InvalidRequest),
    ];
    for (change, expected) in wrong {
        let request = request_with(&world, (&owner, &browser), change);
        assert_eq!(code(delegate(&world, &request)), expected, "{request:?}");
    }
    assert_eq!(code(delegate(&world, &request(&world, (&owner, &owner)))), Code::InvalidRequest);
    assert_eq!(dump(directory.path()), before);
}

#[test]
fn at_a_page_of_another_origin_or_of_another_site_nothing_is_delegated_listed_or_revoked() {
    let directory = Directory::new();
    let world = world_with_site(&directory);
    let (owner, browser) = (Player::new(1), Player::new(2));
    let made = delegate(&world, &request(&world, (&owner, &browser))).unwrap();
    let before = dump(directory.path());
    for (origin, site, expected) in WRONG_PAGES {
        let at = |request: &mut DelegationRequest| {
            origin.clone_into(&mut request.origin);
            request.site = site.map(str::to_owned);
        };
        let request = request_with(&world, (&owner, &browser), at);
        assert_eq!(code(delegate(&world, &request)), expected, "{origin} {site:?}");
        assert_eq!(code(list_at(&world, &owner, (origin, site))), expected, "{origin} {site:?}");
        let revoked = revoke_at(&world, &owner, (owner.wallet, made.id), (origin, site));
        assert_eq!(code(revoked), expected, "{origin} {site:?}");
    }
    assert_eq!(dump(directory.path()), before);
    let listed = list_at(&world, &owner, (HOST, Some("shop"))).unwrap();
    assert_eq!(listed.delegations.len(), 1, "at a page of the site's own, all of them are listed");
}

#[test]
fn a_key_that_a_wallet_lets_play_on_one_site_opens_nothing_on_another_one_and_nothing_on_none() {
    let directory = Directory::new();
    let world = world_with_site(&directory);
    let (owner, browser) = (Player::new(1), Player::new(2));
    let at_shop = |request: &mut DelegationRequest| {
        HOST.clone_into(&mut request.origin);
        request.site = Some("shop".to_owned());
    };
    delegate(&world, &request_with(&world, (&owner, &browser), at_shop)).unwrap();
    let open_on = |site: Option<&str>| {
        let mut request = open_for(&world, (&owner, &browser));
        request.site = site.map(str::to_owned);
        if site.is_some() {
            // Neither site pays.
            NO_CAMPAIGN.clone_into(&mut request.campaign);
        }
        request.signature = signed(&browser, &request.statement());
        world.try_open(request)
    };
    assert_eq!(code(open_on(None)), Code::NotDelegated);
    assert_eq!(code(open_on(Some("arcade"))), Code::NotDelegated);
    assert!(open_on(Some("shop")).is_ok());
}

#[test]
fn nobody_else_revokes_a_delegation_and_the_browsers_key_does_not_either() {
    let (world, owner, browser) = (World::new(), Player::new(1), Player::new(2));
    let made = delegate(&world, &request(&world, (&owner, &browser))).unwrap();
    assert_eq!(code(revoke(&world, &browser, owner.wallet, made.id)), Code::BadSignature);
    assert_eq!(code(revoke(&world, &browser, browser.wallet, made.id)), Code::DelegationUnknown);
    assert_eq!(list(&world, &owner), [made.id]);
}

#[test]
fn a_wallet_has_a_bounded_number_of_delegations_and_those_that_were_revoked_count_for_another_day() {
    let (world, owner, browser) = (World::new(), Player::new(1), Player::new(2));
    let mut last = None;
    for _ in 0..DELEGATIONS_MAX {
        last = Some(delegate(&world, &request(&world, (&owner, &browser))).unwrap());
    }
    assert_eq!(code(delegate(&world, &request(&world, (&owner, &browser)))), Code::DelegationsUsedUp);
    revoke(&world, &owner, owner.wallet, last.unwrap().id).unwrap();
    assert_eq!(code(delegate(&world, &request(&world, (&owner, &browser)))), Code::DelegationsUsedUp);
    world.wait(DAY_MS);
    delegate(&world, &request(&world, (&owner, &browser))).unwrap();
}

#[test]
fn wallets_that_were_never_seen_count_as_rounds_that_their_network_opens() {
    let mut catalog = Catalog::first_run();
    catalog.limits.opens_per_prefix = CountLimit { burst: 3, every_ms: HOUR_MS };
    let (world, browser) = (World::with(Settings::new(catalog)), Player::new(9));
    for number in 1..=3 {
        delegate(&world, &request(&world, (&Player::new(number), &browser))).unwrap();
    }
    assert_eq!(code(delegate(&world, &request(&world, (&Player::new(4), &browser)))), Code::OpensUsedUp);
    // One that is known may make another.
    delegate(&world, &request(&world, (&Player::new(1), &browser))).unwrap();
}

/// A request of the browser's key to open a round for its owner.
pub(crate) fn open_for(world: &World, (owner, browser): (&Player, &Player)) -> OpenRequest {
    let mut request = world.request(owner, world.first_level());
    request.delegate = Some(browser.wallet);
    request.signature = signed(browser, &request.statement());
    request
}

/// A round that the browser's key has opened for its owner and won, and its claim.
fn won_for(world: &World, (owner, browser): (&Player, &Player)) -> ClaimRequest {
    for bot in 0..30 {
        let open = world.try_open(open_for(world, (owner, browser))).unwrap();
        let play = world.play(&open, bot);
        if play.status == Status::Won {
            // Whoever plays signs the claim.
            let mut claim = world.claim_request(browser, &open, &play);
            let statement =
                open.claim_statement(owner.wallet, ORIGIN, world.faucet.catalog().faucet, play.transcript);
            claim.signature = signed(browser, &statement);
            return claim;
        }
        world.end(&open);
    }
    panic!("thirty rounds were lost");
}

#[test]
fn what_a_browsers_key_plays_for_a_wallet_is_earned_by_the_wallet() {
    let (world, owner, browser) = (World::new(), Player::new(1), Player::new(2));
    assert_eq!(code(world.try_open(open_for(&world, (&owner, &browser)))), Code::NotDelegated);
    delegate(&world, &request(&world, (&owner, &browser))).unwrap();
    let claim = won_for(&world, (&owner, &browser));
    let receipt = world.try_claim(claim).unwrap();
    assert_eq!(receipt.wallet, owner.wallet);
    assert_eq!(world.wallet(&owner).balance, receipt.amount);
    assert_eq!(world.wallet(&browser).balance, Amount::ZERO);
    assert_eq!(world.try_claim(claim).unwrap(), receipt, "the same claim has the same receipt");
}

#[test]
fn a_key_opens_nothing_for_a_wallet_that_has_not_let_it_or_lets_it_no_longer() {
    let (world, owner, browser, other) = (World::new(), Player::new(1), Player::new(2), Player::new(3));
    let short = |request: &mut DelegationRequest| request.until_ms = world.now().plus(HOUR_MS);
    delegate(&world, &request_with(&world, (&owner, &browser), short)).unwrap();
    assert_eq!(code(world.try_open(open_for(&world, (&owner, &other)))), Code::NotDelegated);
    assert_eq!(code(world.try_open(open_for(&world, (&browser, &owner)))), Code::NotDelegated);
    let mut forged = open_for(&world, (&owner, &browser));
    forged.signature = signed(&owner, &forged.statement());
    assert_eq!(code(world.try_open(forged)), Code::BadSignature, "it names another key than signs");
    world.wait(HOUR_MS);
    assert_eq!(code(world.try_open(open_for(&world, (&owner, &browser)))), Code::NotDelegated);
}

#[test]
fn a_claim_of_a_key_that_was_revoked_meanwhile_earns_nothing_and_one_whose_time_has_passed_does() {
    let (world, owner, browser) = (World::new(), Player::new(1), Player::new(2));
    let made = delegate(&world, &request(&world, (&owner, &browser))).unwrap();
    let claim = won_for(&world, (&owner, &browser));
    revoke(&world, &owner, owner.wallet, made.id).unwrap();
    assert_eq!(code(world.try_claim(claim)), Code::NotDelegated);
    assert_eq!(world.wallet(&owner).balance, Amount::ZERO);

    let short = |request: &mut DelegationRequest| request.until_ms = world.now().plus(HOUR_MS);
    delegate(&world, &request_with(&world, (&owner, &browser), short)).unwrap();
    assert!(world.try_claim(claim).is_ok(), "it was let again, before the claim was too late");
    world.wait(HOUR_MS / 2);
    let claim = won_for(&world, (&owner, &browser));
    world.wait(HOUR_MS);
    assert!(world.try_claim(claim).is_ok());
}

/// The envelope of version 1 of Solana's messages that are not transactions: its signing domain, its version, one signer.
pub(crate) fn enveloped(owner: &Player, text: &str) -> Vec<u8> {
    let mut bytes = b"\xffsolana offchain\x01\x01".to_vec();
    bytes.extend(owner.wallet.0);
    bytes.extend(text.as_bytes());
    bytes
}

#[test]
fn a_wallet_may_put_what_it_signs_into_an_envelope_and_nothing_else() {
    let (world, owner, browser) = (World::new(), Player::new(1), Player::new(2));
    let mut request = request(&world, (&owner, &browser));
    let text = request.statement().to_string();
    let sign = |bytes: &[u8]| (Some(STANDARD.encode(bytes)), Signature::of(&owner.key, bytes));
    for other in [enveloped(&browser, &text), enveloped(&owner, &text[1..]), b"something else".to_vec()] {
        (request.signed_message, request.signature) = sign(&other);
        assert_eq!(code(delegate(&world, &request)), Code::BadSignature);
    }
    for nonsense in ["?", &STANDARD.encode(vec![b'a'; SIGNED_MESSAGE_MAX + 1])] {
        request.signed_message = Some(nonsense.to_owned());
        assert_eq!(code(delegate(&world, &request)), Code::InvalidRequest);
    }
    (request.signed_message, request.signature) = sign(&enveloped(&owner, &text));
    let made = delegate(&world, &request).unwrap();
    // However it is signed, it is the same statement.
    (request.signed_message, request.signature) = (None, signed(&owner, &request.statement()));
    assert_eq!(delegate(&world, &request).unwrap(), made);
}
