//! What a guest's key has becomes a wallet's.

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::api::{
    AddressView, BalanceMoveAnswer, BalanceMoveRequest, DelegationView, Receipt, WithdrawalView,
};
use dripline_shared::error::Code;
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::{HOUR_MS, MINUTE_MS, Timestamp};
use dripline_shared::wallet::Signature;
use dripline_tests::clock::Clock;
use dripline_tests::faucet::ORIGIN;
use dripline_tests::player::{Player, client_id};
use dripline_tests::request;

use crate::claiming::claim;
use crate::delegations;
use crate::payouts::{WEAK, with_fee, with_signature, with_wallet};
use crate::read_keys::post;
use crate::recorder::Log;
use crate::script::{Stage, broken_json};
use crate::standing::stand;

/// Where it is asked for.
pub(crate) const PATH: &str = "/api/v1/balances/move";

/// What is wrong with a request.
type Change = fn(&mut BalanceMoveRequest);

/// A request to move all that the first one has to the second one, changed before it is signed.
pub(crate) fn asked(
    (guest, owner): (&Player, &Player),
    faucet: Hash,
    id: ClientId,
    now: Timestamp,
    change: impl FnOnce(&mut BalanceMoveRequest),
) -> BalanceMoveRequest {
    let mut request = BalanceMoveRequest {
        wallet: guest.wallet,
        to: owner.wallet,
        client_id: id,
        issued_at_ms: now,
        origin: ORIGIN.to_owned(),
        faucet,
        signature: Signature([0; 64]),
    };
    change(&mut request);
    request.signature = Signature::of(&guest.key, request.statement().to_string().as_bytes());
    request
}

/// Moving it, and all that keeps it from being moved.
pub(crate) async fn moves(log: &Log) {
    let mut stage = Stage::start(log, with_fee()).await;
    broken_json(&mut stage, PATH).await;
    let (guest, owner) = (Player::number(130), Player::number(131));
    let faucet = stage.catalog.faucet;
    let of = |stage: &Stage, number, change: Change| {
        asked((&guest, &owner), faucet, client_id(number), stage.faucet.clock.now(), change)
    };
    let nothing: Change = |_| ();
    stage.refused(post(PATH, &of(&stage, 20_000, nothing)), Code::WalletUnknown).await;
    stage.earn(&guest, 20_100).await;
    stage.refused(post(PATH, &of(&stage, 20_001, nothing)), Code::NotDelegated).await;
    let now = stage.faucet.clock.now();
    let delegation = delegations::asked(&owner, faucet, client_id(20_002), now);
    let (delegation, ..) = delegations::signed((&owner, &guest), &delegation);
    let _: DelegationView = stage.send(post(delegations::PATHS[0], &delegation)).await.expect();

    let wrong: [(u64, Change, Code); 5] = [
        (20_003, |it| it.faucet = Hash([1; 32]), Code::WrongFaucet),
        (20_004, |it| "https://other.example".clone_into(&mut it.origin), Code::WrongOrigin),
        (20_005, |it| it.issued_at_ms = it.issued_at_ms.minus(6 * MINUTE_MS), Code::StatementTooOld),
        (20_006, |it| it.issued_at_ms = it.issued_at_ms.plus(6 * MINUTE_MS), Code::StatementFromFuture),
        (20_007, |it| it.to = it.wallet, Code::InvalidRequest),
    ];
    for (number, change, code) in wrong {
        stage.refused(post(PATH, &of(&stage, number, change)), code).await;
    }
    let right = of(&stage, 20_008, nothing);
    let forged = BalanceMoveRequest { client_id: client_id(20_009), ..right.clone() };
    stage.refused(post(PATH, &forged), Code::BadSignature).await;
    stage.refused(with_signature(&right, PATH, "111"), Code::InvalidSignature).await;
    stage.refused(with_wallet(&right, PATH, "nonsense"), Code::InvalidWallet).await;
    stage.refused(with_wallet(&right, PATH, WEAK), Code::WeakWallet).await;
    stand(&stage, &guest, Standing::Banned).await;
    stage.refused(post(PATH, &right), Code::WalletBanned).await;
    stand(&stage, &guest, Standing::Held).await;
    stage.refused(post(PATH, &right), Code::WalletHeld).await;
    stand(&stage, &guest, Standing::Clear).await;

    let play = stage.win(&guest, 20_200).await;
    let claim = claim(&stage, &play, &guest);
    stage.refused(post(PATH, &of(&stage, 20_010, nothing)), Code::RoundUnclaimed).await;
    let _: Receipt = stage.send(request::claim(&claim)).await.expect();
    let now = stage.faucet.clock.now();
    let set = guest.address(&stage.catalog, "alice", client_id(20_011), now);
    let _: AddressView = stage.send(request::set_address(&set)).await.expect();
    let withdrawal =
        guest.withdrawal(&stage.catalog, Amount::from_units(200), "alice", client_id(20_012), now);
    let _: WithdrawalView = stage.send(request::withdraw(&withdrawal)).await.expect();
    stage.refused(post(PATH, &of(&stage, 20_013, nothing)), Code::WithdrawalPending).await;
    for payer in stage.faucet.faucet.payers() {
        for _ in 0..3 {
            payer.step().await.expect("the sandbox pays");
        }
    }

    // It has an address now: the wallet waits as one that takes its place would.
    stage.refused(post(PATH, &of(&stage, 20_016, nothing)), Code::MoveWaiting).await;
    stage.faucet.clock.pass(HOUR_MS);

    let right = of(&stage, 20_014, nothing);
    let moved: BalanceMoveAnswer = stage.send(post(PATH, &right)).await.expect();
    let again: BalanceMoveAnswer = stage.send(post(PATH, &right)).await.expect();
    assert_eq!((moved.to, &moved), (owner.wallet, &again));
    let reused = of(&stage, 20_014, |it| it.issued_at_ms = it.issued_at_ms.minus(1));
    stage.refused(post(PATH, &reused), Code::ClientIdReused).await;
    stage.refused(post(PATH, &of(&stage, 20_015, nothing)), Code::BalanceMoved).await;
    let open = stage.open(&guest, 20_300);
    stage.refused(request::open(&open), Code::BalanceMoved).await;
}
