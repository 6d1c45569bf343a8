//! Keys with which programs read a history.

use axum::http::Method;
use axum::http::header::{AUTHORIZATION, HeaderValue};
use dripline_shared::api::{
    HistoryPage, IssuedReadKey, ReadKeyList, ReadKeyListRequest, ReadKeyRequest, ReadKeyRevocation,
};
use dripline_shared::error::Code;
use dripline_shared::read_key::READ_KEYS_MAX;
use dripline_shared::round::{ClientId, Hash};
use dripline_shared::time::{MINUTE_MS, Timestamp};
use dripline_shared::wallet::Signature;
use dripline_tests::clock::Clock;
use dripline_tests::faucet::ORIGIN;
use dripline_tests::player::{Player, client_id};
use dripline_tests::request;
use serde::Serialize;

use crate::payouts::{WEAK, with_signature, with_wallet};
use crate::recorder::Log;
use crate::script::{Stage, broken_json};

/// The addresses of what is asked about keys.
pub(crate) const PATHS: [&str; 3] =
    ["/api/v1/read-keys", "/api/v1/read-keys/list", "/api/v1/read-keys/revoke"];

/// What all requests about keys say, before they are signed: the other two are made of it.
pub(crate) fn asked(player: &Player, faucet: Hash, id: ClientId, now: Timestamp) -> ReadKeyListRequest {
    ReadKeyListRequest {
        wallet: player.wallet,
        client_id: id,
        issued_at_ms: now,
        origin: ORIGIN.to_owned(),
        faucet,
        signature: Signature([0; 64]),
    }
}

/// Signed as each of the three: to make a key, to list them, and to revoke one.
pub(crate) fn signed(
    player: &Player,
    asked: &ReadKeyListRequest,
) -> (ReadKeyRequest, ReadKeyListRequest, ReadKeyRevocation) {
    let ReadKeyListRequest { wallet, client_id, issued_at_ms, origin, faucet, signature } = asked.clone();
    let mut list = asked.clone();
    let mut revocation =
        ReadKeyRevocation { wallet, client_id, issued_at_ms, origin: origin.clone(), faucet, signature };
    let mut issue =
        ReadKeyRequest { wallet, until_ms: None, client_id, issued_at_ms, origin, faucet, signature };
    let sign = |text: String| Signature::of(&player.key, text.as_bytes());
    issue.signature = sign(issue.statement().to_string());
    list.signature = sign(list.statement().to_string());
    revocation.signature = sign(revocation.statement().to_string());
    (issue, list, revocation)
}

/// A request about keys.
pub(crate) fn post<T: Serialize>(path: &str, request: &T) -> request::Message {
    let body = serde_json::to_vec(request).expect("plain data");
    request::message(Method::POST, path, "application/json", body)
}

/// A request with a key.
pub(crate) fn get(path: &str, key: &str) -> request::Message {
    let mut message = request::get(path);
    let value = HeaderValue::from_str(&format!("Bearer {key}")).expect("visible");
    message.headers_mut().insert(AUTHORIZATION, value);
    message
}

/// Making, using, listing and revoking them.
pub(crate) async fn keys(log: &Log) {
    let mut stage = Stage::new(log).await;
    for path in PATHS {
        broken_json(&mut stage, path).await;
    }
    let player = Player::number(99);
    stage.earn(&player, 0).await;
    let (now, faucet) = (stage.faucet.clock.now(), stage.catalog.faucet);
    let of = |number, change: &dyn Fn(&mut ReadKeyListRequest)| {
        let mut request = asked(&player, faucet, client_id(number), now);
        change(&mut request);
        signed(&player, &request)
    };
    let (right, listing, revoking) = of(5_000, &|_| ());
    let issued: IssuedReadKey = stage.send(post(PATHS[0], &right)).await.expect();
    let again: IssuedReadKey = stage.send(post(PATHS[0], &right)).await.expect();
    assert_eq!(issued, again);
    for (number, change, code) in [
        (
            5_001,
            &(|it: &mut ReadKeyListRequest| it.faucet = Hash([1; 32])) as &dyn Fn(&mut _),
            Code::WrongFaucet,
        ),
        (
            5_002,
            &|it: &mut ReadKeyListRequest| "https://other.example".clone_into(&mut it.origin),
            Code::WrongOrigin,
        ),
        (
            5_003,
            &|it: &mut ReadKeyListRequest| it.issued_at_ms = now.minus(6 * MINUTE_MS),
            Code::StatementTooOld,
        ),
        (
            5_004,
            &|it: &mut ReadKeyListRequest| it.issued_at_ms = now.plus(6 * MINUTE_MS),
            Code::StatementFromFuture,
        ),
    ] {
        let (issue, list, _) = of(number, change);
        stage.refused(post(PATHS[0], &issue), code).await;
        stage.refused(post(PATHS[1], &list), code).await;
        let (.., revoke) = of(5_000, change);
        stage.refused(post(PATHS[2], &revoke), code).await;
    }
    let forged = |signature| ReadKeyRequest { signature, ..right.clone() };
    stage.refused(post(PATHS[0], &forged(listing.signature)), Code::BadSignature).await;
    let forged = ReadKeyListRequest { signature: right.signature, ..listing.clone() };
    stage.refused(post(PATHS[1], &forged), Code::BadSignature).await;
    let forged = ReadKeyRevocation { signature: right.signature, ..revoking.clone() };
    stage.refused(post(PATHS[2], &forged), Code::BadSignature).await;
    for path in PATHS {
        stage.refused(with_signature(&listing, path, "111"), Code::InvalidSignature).await;
        stage.refused(with_wallet(&listing, path, "nonsense"), Code::InvalidWallet).await;
        stage.refused(with_wallet(&listing, path, WEAK), Code::WeakWallet).await;
    }
    let until = ReadKeyRequest { until_ms: Some(now.plus(MINUTE_MS)), ..right.clone() };
    let text = until.statement().to_string();
    let until = ReadKeyRequest { signature: Signature::of(&player.key, text.as_bytes()), ..until };
    stage.refused(post(PATHS[0], &until), Code::ClientIdReused).await;
    let stranger = Player::number(97);
    let (issue, ..) = signed(&stranger, &asked(&stranger, faucet, client_id(5_005), now));
    stage.refused(post(PATHS[0], &issue), Code::WalletUnknown).await;
    let (.., unknown) = of(5_006, &|_| ());
    stage.refused(post(PATHS[2], &unknown), Code::ReadKeyUnknown).await;

    let key = issued.key.to_string();
    let page: HistoryPage = stage.send(get("/api/v1/history", &key)).await.expect();
    assert_eq!(page.entries.len(), 1);
    assert!(stage.send(get("/api/v1/history.csv", &key)).await.status.is_success());
    for path in ["/api/v1/history?limit=0", "/api/v1/history.csv?format=excel"] {
        stage.refused(get(path, &key), Code::InvalidParameter).await;
    }
    let list: ReadKeyList = stage.send(post(PATHS[1], &listing)).await.expect();
    assert_eq!(list.keys.len(), 1);
    let left: ReadKeyList = stage.send(post(PATHS[2], &revoking)).await.expect();
    assert_eq!(left.keys, []);
    for path in ["/api/v1/history", "/api/v1/history.csv"] {
        stage.refused(get(path, &key), Code::WrongReadKey).await;
    }
    stage.refused(post(PATHS[0], &right), Code::ReadKeyUnknown).await;
    for number in 1..READ_KEYS_MAX {
        let (issue, ..) = of(6_000 + u64::try_from(number).expect("few"), &|_| ());
        let _: IssuedReadKey = stage.send(post(PATHS[0], &issue)).await.expect();
    }
    let (issue, ..) = of(7_000, &|_| ());
    stage.refused(post(PATHS[0], &issue), Code::ReadKeysUsedUp).await;
}
