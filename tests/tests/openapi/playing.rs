//! A round in play: its segments, its end, and every reason to refuse one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{Method, Request};
use dripline_server::http::Peer;
use dripline_shared::api::{OpenAnswer, RoundState, RoundView, SegmentAnswer};
use dripline_shared::error::Code;
use dripline_shared::game::Skill;
use dripline_shared::time::{DAY_MS, MINUTE_MS};
use dripline_shared::transcript::SEGMENT_BYTES_MAX;
use dripline_tests::answer::Answer;
use dripline_tests::clock::Clock;
use dripline_tests::faucet::{LocalFaucet, settings};
use dripline_tests::levels;
use dripline_tests::play::{Next, Play};
use dripline_tests::player::{Player, client_id};
use dripline_tests::request::{self, Message};
use http_body_util::BodyExt;
use hyper::body::Frame;
use tower::ServiceExt;

use crate::recorder::{Exchange, Log};
use crate::script::{NO_ROUND, NO_TOKEN, Stage};

/// Opens a round of a level that takes longer than a segment.
async fn opened(stage: &mut Stage, player: &Player, number: u64) -> Play {
    let open = player.open(&stage.catalog, "merge-1", client_id(number), stage.faucet.clock.now());
    let answer: OpenAnswer = stage.send(request::open(&open)).await.expect();
    Play::begin(answer, Skill::Fair, number)
}

fn message(play: &Play, next: &Next) -> Message {
    request::segment(play.opened.round, play.opened.token, next.number, next.end, next.bytes.clone())
}

/// A round as it should be, looked at on the way.
pub(crate) async fn a_round(log: &Log) {
    let mut stage = Stage::new(log).await;
    let player = Player::number(50);
    let play = stage.win(&player, 100).await;
    let (round, token) = (play.opened.round, play.opened.token);
    let view: RoundView = stage.send(request::round(round, token)).await.expect();
    assert_eq!((view.state, view.round_secret), (RoundState::Finished, None));
    let claim = play.claim(&player, dripline_tests::faucet::ORIGIN, stage.catalog.faucet);
    assert!(stage.send(request::claim(&claim)).await.status.is_success());
    let view: RoundView = stage.send(request::round(round, token)).await.expect();
    assert_eq!(view.state, RoundState::Claimed);
    assert!(view.receipt.is_some() && view.round_secret.is_some());
    assert!(stage.send(request::segment(round, token, 0, None, vec![0])).await.code().is_some());

    for (path, method) in [("not-hex", Method::GET), ("00", Method::GET), ("00/end", Method::POST)] {
        let path = format!("/api/v1/rounds/{path}");
        stage.refused(request::message(method, &path, "", Vec::new()), Code::InvalidParameter).await;
    }
    for token in [NO_TOKEN, play.opened.token] {
        stage.refused(request::round(NO_ROUND, token), Code::RoundUnknown).await;
        stage.refused(request::end(NO_ROUND, token), Code::RoundUnknown).await;
    }
    stage.refused(request::round(round, NO_TOKEN), Code::WrongToken).await;
    stage.refused(request::get(&format!("/api/v1/rounds/{round}")), Code::WrongToken).await;
    stage.refused(request::end(round, NO_TOKEN), Code::WrongToken).await;
}

/// Segments in the wrong order, at the wrong time, or not as they should be.
pub(crate) async fn segments(log: &Log) {
    let mut stage = Stage::new(log).await;
    let player = Player::number(51);
    let mut play = opened(&mut stage, &player, 200).await;
    let (round, token) = (play.opened.round, play.opened.token);
    let first = play.next_segment().expect("the seed is known");
    let put = |number, end, bytes: &[u8]| request::segment(round, token, number, end, bytes.to_vec());

    stage.refused(message(&play, &first), Code::SegmentEarly).await;
    stage.faucet.clock.reach(first.from.minus(1)).await;
    stage.refused(message(&play, &first), Code::SegmentEarly).await;
    stage.faucet.clock.reach(first.from).await;
    stage.refused(put(1, None, &first.bytes), Code::SegmentOutOfOrder).await;
    stage.refused(put(0, None, &first.bytes[1..]), Code::SegmentMalformed).await;
    stage.refused(put(0, Some(9), &[0; 9]), Code::SegmentMalformed).await;
    stage.refused(put(0, Some(0), &[]), Code::SegmentMalformed).await;
    stage.refused(request::segment(NO_ROUND, token, 0, None, Vec::new()), Code::RoundUnknown).await;
    stage.refused(request::segment(round, NO_TOKEN, 0, None, first.bytes.clone()), Code::WrongToken).await;
    let path = format!("/api/v1/rounds/{round}/segments");
    let raw = |path: &str, kind: &str| {
        request::with_token(request::message(Method::PUT, path, kind, vec![0]), token)
    };
    stage.refused(raw(&format!("{path}/x"), "application/octet-stream"), Code::InvalidParameter).await;
    stage.refused(raw(&format!("{path}/0?end=x"), "application/octet-stream"), Code::InvalidParameter).await;
    stage.refused(raw(&format!("{path}/0"), "text/plain"), Code::UnsupportedMediaType).await;
    stage.refused(put(0, None, &[0; SEGMENT_BYTES_MAX + 1]), Code::BodyTooLarge).await;

    let stored: SegmentAnswer = stage.send(message(&play, &first)).await.expect();
    let again: SegmentAnswer = stage.send(message(&play, &first)).await.expect();
    assert_eq!(stored, again, "sent twice, stored once");
    let mut other = first.bytes.clone();
    other[0] ^= 1;
    stage.refused(put(0, first.end, &other), Code::SegmentConflict).await;
    stage.refused(put(0, Some(8), &first.bytes), Code::SegmentConflict).await;
    play.learn(&stored);

    // The second one after all of the time to think has passed.
    let second = play.next_segment().expect("the seed is known");
    let (_, latest) = play.opened.timing.arrival(play.opened.opened_at_ms, 16);
    stage.faucet.clock.reach(latest.plus(1)).await;
    stage.refused(message(&play, &second), Code::SegmentLate).await;
    stage.faucet.clock.reach(play.opened.expires_at_ms.plus(1)).await;
    stage.refused(message(&play, &second), Code::RoundExpired).await;
    let ended: RoundView = stage.send(request::end(round, token)).await.expect();
    assert_eq!(ended.state, RoundState::Ended, "a round whose time ran out can be closed");
    closed(&mut stage).await;
}

/// What a round that is finished, ended or claimed refuses.
async fn closed(stage: &mut Stage) {
    let player = Player::number(52);
    let play = stage.win(&player, 300).await;
    let (round, token) = (play.opened.round, play.opened.token);
    let view: RoundView = stage.send(request::round(round, token)).await.expect();
    stage
        .refused(request::segment(round, token, view.segments, None, vec![0; 8]), Code::SegmentAfterFinal)
        .await;
    let claim = play.claim(&player, dripline_tests::faucet::ORIGIN, stage.catalog.faucet);
    assert!(stage.send(request::claim(&claim)).await.status.is_success());
    // Once its segments are past their time, only that it was claimed is left of it.
    stage.faucet.clock.pass(3 * DAY_MS);
    // Nothing is deleted before the clock has run steadily for an hour.
    for _ in 0..=7 {
        stage.faucet.faucet.sweep().await.expect("the storage works");
        stage.faucet.clock.pass(10 * MINUTE_MS);
    }
    stage.refused(request::segment(round, token, 0, None, vec![0; 8]), Code::RoundClaimed).await;
    let ended: RoundView = stage.send(request::end(round, token)).await.expect();
    assert_eq!(ended.state, RoundState::Claimed, "a closed round stays as it is");

    let play = opened(stage, &player, 1_400).await;
    let (round, token) = (play.opened.round, play.opened.token);
    let ended: RoundView = stage.send(request::end(round, token)).await.expect();
    assert_eq!(ended.state, RoundState::Ended);
    assert!(ended.round_secret.is_some(), "a closed round shows its secret");
    let again: RoundView = stage.send(request::end(round, token)).await.expect();
    assert_eq!(again.state, RoundState::Ended);
    stage.refused(request::segment(round, token, 0, None, vec![0; 8]), Code::RoundEnded).await;
}

/// A body that never ends, or breaks off.
struct Broken(bool);

impl axum::body::HttpBody for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.0 { Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))) } else { Poll::Pending }
    }
}

/// Bodies that do not arrive.
pub(crate) async fn bodies(log: &Log) {
    let faucet = LocalFaucet::start_with(settings(levels::quick()), |options| {
        options.body_timeout = std::time::Duration::from_millis(1);
    });
    let segment = format!("/api/v1/rounds/{NO_ROUND}/segments/0");
    for (method, path, kind) in [
        (Method::POST, "/api/v1/rounds", "application/json"),
        (Method::POST, "/api/v1/claims", "application/json"),
        (Method::POST, "/api/v1/addresses", "application/json"),
        (Method::POST, "/api/v1/withdrawals", "application/json"),
        (Method::POST, "/api/v1/read-keys", "application/json"),
        (Method::POST, "/api/v1/read-keys/list", "application/json"),
        (Method::POST, "/api/v1/read-keys/revoke", "application/json"),
        (Method::POST, "/api/v1/delegations", "application/json"),
        (Method::POST, "/api/v1/vouchers/look", "application/json"),
        (Method::POST, "/api/v1/balances/move", "application/json"),
        (Method::POST, "/api/v1/delegations/list", "application/json"),
        (Method::POST, "/api/v1/delegations/revoke", "application/json"),
        (Method::POST, "/api/v1/rounds/00000000000000000000000000000000/verification", "application/json"),
        (Method::POST, "/api/v1/siteverify", "application/json"),
        (Method::PUT, &segment[..], "application/octet-stream"),
    ] {
        for (breaks, code) in [(false, Code::RequestTimeout), (true, Code::InvalidRequest)] {
            let request = Request::builder()
                .method(method.clone())
                .uri(path)
                .header("content-type", kind)
                .extension(Peer(([127, 0, 0, 1], 1).into()))
                .body(Body::new(Broken(breaks)))
                .expect("a request");
            let Ok(response) = faucet.router.clone().oneshot(request).await;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.expect("a body").to_bytes().to_vec();
            let answer = Answer { status: parts.status, headers: parts.headers, body };
            assert_eq!(answer.code(), Some(code), "{answer}");
            let (method, path) = (method.clone(), path.to_owned());
            log.add(Exchange { method, path, body: Vec::new(), answer });
        }
    }
}
