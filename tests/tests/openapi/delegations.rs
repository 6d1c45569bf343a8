//! Keys of browsers that play for wallets.

use dripline_shared::api::{
    ClaimRequest, DELEGATIONS_MAX, DelegationList, DelegationListRequest, DelegationRequest,
    DelegationRevocation, DelegationView, OpenRequest,
};
use dripline_shared::error::Code;
use dripline_shared::game::{Skill, Status};
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::{DAY_MS, MINUTE_MS, Timestamp};
use dripline_shared::wallet::Signature;
use dripline_tests::clock::Clock;
use dripline_tests::faucet::ORIGIN;
use dripline_tests::player::{self, Player, client_id};
use dripline_tests::request;
use serde::Serialize;
use serde_json::Value;

use crate::payouts::{WEAK, with_signature, with_wallet};
use crate::read_keys::post;
use crate::recorder::Log;
use crate::script::{Stage, broken_json};

/// The addresses of what is asked about delegations.
pub(crate) const PATHS: [&str; 3] =
    ["/api/v1/delegations", "/api/v1/delegations/list", "/api/v1/delegations/revoke"];

/// What is wrong with a request.
type Change = fn(&mut DelegationListRequest);

/// What all requests about delegations say, before they are signed: the other two are made of it.
pub(crate) fn asked(player: &Player, faucet: Hash, id: ClientId, now: Timestamp) -> DelegationListRequest {
    DelegationListRequest {
        wallet: player.wallet,
        client_id: id,
        issued_at_ms: now,
        origin: ORIGIN.to_owned(),
        faucet,
        signed_message: None,
        site: None,
        signature: Signature([0; 64]),
    }
}

/// Signed as each of the three: to let the key of a browser play for a week, to list them, and to revoke one.
pub(crate) fn signed(
    (player, browser): (&Player, &Player),
    asked: &DelegationListRequest,
) -> (DelegationRequest, DelegationListRequest, DelegationRevocation) {
    let DelegationListRequest {
        wallet,
        client_id,
        issued_at_ms,
        origin,
        site,
        faucet,
        signed_message,
        signature,
    } = asked.clone();
    let mut list = asked.clone();
    let mut revocation = DelegationRevocation {
        wallet,
        client_id,
        issued_at_ms,
        origin: origin.clone(),
        site: site.clone(),
        faucet,
        signed_message: signed_message.clone(),
        signature,
    };
    let (delegate, until_ms) = (browser.wallet, issued_at_ms.plus(7 * DAY_MS));
    let request = DelegationRequest {
        wallet,
        delegate,
        until_ms,
        site,
        client_id,
        issued_at_ms,
        origin,
        faucet,
        signed_message,
        signature,
        countersignature: signature,
    };
    let sign = |text: String| Signature::of(&player.key, text.as_bytes());
    list.signature = sign(list.statement().to_string());
    revocation.signature = sign(revocation.statement().to_string());
    (by_both((player, browser), request), list, revocation)
}

fn by_both((player, browser): (&Player, &Player), request: DelegationRequest) -> DelegationRequest {
    let text = request.statement().to_string();
    let sign = |by: &Player| Signature::of(&by.key, text.as_bytes());
    DelegationRequest { signature: sign(player), countersignature: sign(browser), ..request }
}

/// A request of the browser's key to open a round for the player.
fn open_for(stage: &Stage, (player, browser): (&Player, &Player), number: u64) -> OpenRequest {
    let open = OpenRequest { delegate: Some(browser.wallet), ..stage.open(player, number) };
    let signature = Signature::of(&browser.key, open.statement().to_string().as_bytes());
    OpenRequest { signature, ..open }
}

/// The claim of a round that the browser's key has won for the player.
async fn won_for(stage: &mut Stage, both: (&Player, &Player), number: u64) -> ClaimRequest {
    for attempt in number..number + 100 {
        let request = open_for(stage, both, attempt);
        let clock = stage.faucet.clock.clone();
        let play = player::play(&mut stage.wire, &clock, &request, Skill::Fair, attempt).await;
        if play.status() == Status::Won {
            return play.claim_for(both.0.wallet, both.1, ORIGIN, stage.catalog.faucet);
        }
        let ended = stage.send(request::end(play.opened.round, play.opened.token)).await;
        assert!(ended.status.is_success());
    }
    panic!("the bot does not win")
}

fn json<T: Serialize>(request: &T) -> Value {
    serde_json::to_value(request).expect("plain data")
}

/// Making, listing and revoking them.
pub(crate) async fn delegations(log: &Log) {
    let mut stage = Stage::new(log).await;
    for path in PATHS {
        broken_json(&mut stage, path).await;
    }
    let (player, browser) = (Player::number(119), Player::number(118));
    let (now, faucet) = (stage.faucet.clock.now(), stage.catalog.faucet);
    let of = |number, change: &dyn Fn(&mut DelegationListRequest)| {
        let mut request = asked(&player, faucet, client_id(number), now);
        change(&mut request);
        signed((&player, &browser), &request)
    };
    let (right, listing, revoking) = of(15_000, &|_| ());
    let made: DelegationView = stage.send(post(PATHS[0], &right)).await.expect();
    let again: DelegationView = stage.send(post(PATHS[0], &right)).await.expect();
    assert_eq!(made, again);
    let wrong: [(u64, Change, Code); 4] = [
        (15_001, |it| it.faucet = Hash([1; 32]), Code::WrongFaucet),
        (15_002, |it| "https://other.example".clone_into(&mut it.origin), Code::WrongOrigin),
        (15_003, |it| it.issued_at_ms = it.issued_at_ms.minus(6 * MINUTE_MS), Code::StatementTooOld),
        (15_004, |it| it.issued_at_ms = it.issued_at_ms.plus(6 * MINUTE_MS), Code::StatementFromFuture),
    ];
    for (number, change, code) in wrong {
        let (request, list, _) = of(number, &change);
        stage.refused(post(PATHS[0], &request), code).await;
        stage.refused(post(PATHS[1], &list), code).await;
        let (.., revoke) = of(15_000, &change);
        stage.refused(post(PATHS[2], &revoke), code).await;
    }
    let forged = |signature| DelegationRequest { signature, ..right.clone() };
    stage.refused(post(PATHS[0], &forged(listing.signature)), Code::BadSignature).await;
    let forged = DelegationListRequest { signature: right.signature, ..listing.clone() };
    stage.refused(post(PATHS[1], &forged), Code::BadSignature).await;
    let forged = DelegationRevocation { signature: right.signature, ..revoking.clone() };
    stage.refused(post(PATHS[2], &forged), Code::BadSignature).await;
    for (path, asked) in PATHS.into_iter().zip([json(&right), json(&listing), json(&revoking)]) {
        stage.refused(with_signature(&asked, path, "111"), Code::InvalidSignature).await;
        stage.refused(with_wallet(&asked, path, "nonsense"), Code::InvalidWallet).await;
        stage.refused(with_wallet(&asked, path, WEAK), Code::WeakWallet).await;
    }
    let both = (&player, &browser);
    let longer = by_both(both, DelegationRequest { until_ms: right.until_ms.plus(1), ..right.clone() });
    stage.refused(post(PATHS[0], &longer), Code::ClientIdReused).await;
    let elsewhere =
        DelegationRequest { site: Some("nowhere".to_owned()), client_id: client_id(15_005), ..right.clone() };
    stage.refused(post(PATHS[0], &by_both(both, elsewhere)), Code::UnknownSite).await;
    let (_, list, revoke) = of(15_008, &|it| it.site = Some("nowhere".to_owned()));
    stage.refused(post(PATHS[1], &list), Code::UnknownSite).await;
    stage.refused(post(PATHS[2], &revoke), Code::UnknownSite).await;
    let past = DelegationRequest { until_ms: now, client_id: client_id(15_006), ..right.clone() };
    stage.refused(post(PATHS[0], &by_both(both, past)), Code::InvalidRequest).await;
    let (.., unknown) = of(15_007, &|_| ());
    stage.refused(post(PATHS[2], &unknown), Code::DelegationUnknown).await;

    let stranger = request::open(&open_for(&stage, (&player, &Player::number(117)), 18_000));
    stage.refused(stranger, Code::NotDelegated).await;
    let claim = won_for(&mut stage, both, 18_100).await;
    let list: DelegationList = stage.send(post(PATHS[1], &listing)).await.expect();
    assert_eq!(list.delegations, [made]);
    let left: DelegationList = stage.send(post(PATHS[2], &revoking)).await.expect();
    assert_eq!(left.delegations, []);
    stage.refused(request::claim(&claim), Code::NotDelegated).await;
    stage.refused(post(PATHS[0], &right), Code::DelegationUnknown).await;
    for number in 1..DELEGATIONS_MAX {
        let (request, ..) = of(16_000 + u64::try_from(number).expect("few"), &|_| ());
        let _: DelegationView = stage.send(post(PATHS[0], &request)).await.expect();
    }
    let (request, ..) = of(17_000, &|_| ());
    stage.refused(post(PATHS[0], &request), Code::DelegationsUsedUp).await;
}
