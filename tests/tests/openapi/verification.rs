//! Verification: rounds on pages of sites, their tokens, and what the servers of sites are answered.

use axum::http::Method;
use axum::http::header::{AUTHORIZATION, HeaderValue};
use dripline_shared::api::{OpenAnswer, OpenRequest, SiteVerifyAnswer, VerificationAnswer};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::game::{Skill, Status};
use dripline_shared::round::{RoundId, RoundToken};
use dripline_shared::site::{NO_CAMPAIGN, VERIFY_WITHIN_MS};
use dripline_tests::faucet::ORIGIN;
use dripline_tests::levels;
use dripline_tests::player::{self, Player};
use dripline_tests::request::{self, Message};
use serde_json::{Value, json};

use crate::recorder::Log;
use crate::script::{NO_ROUND, NO_TOKEN, Stage, broken_json};
use crate::sites;

/// Where a site's server asks.
pub(crate) const SITE_VERIFY: &str = "/api/v1/siteverify";

/// Asks for the token of a round.
pub(crate) fn token(round: RoundId, token: RoundToken, body: &Value) -> Message {
    let path = format!("/api/v1/rounds/{round}/verification");
    let bearer = HeaderValue::from_str(&format!("Bearer {token}")).expect("visible");
    let mut message =
        request::message(Method::POST, &path, "application/json", body.to_string().into_bytes());
    message.headers_mut().insert(AUTHORIZATION, bearer);
    message
}

/// What a site's server asks.
pub(crate) fn verify(secret: &str, token: &str) -> Message {
    let body = json!({ "secret": secret, "token": token }).to_string();
    request::message(Method::POST, SITE_VERIFY, "application/json", body.into_bytes())
}

/// What the site's page says of itself.
pub(crate) fn page() -> Value {
    json!({ "origin": "https://shop.example" })
}

fn open(stage: &Stage, player: &Player, number: u64, change: impl FnOnce(&mut OpenRequest)) -> OpenRequest {
    let mut open = stage.open(player, number);
    open.site = Some("shop".to_owned());
    change(&mut open);
    player.sign(&mut open);
    open
}

/// Wins a round on the site's page, and claims it.
pub(crate) async fn cleared(stage: &mut Stage, player: &Player, number: u64) -> OpenAnswer {
    for attempt in number..number + 100 {
        let request = open(stage, player, attempt, |_| ());
        let clock = stage.faucet.clock.clone();
        let play = player::play(&mut stage.wire, &clock, &request, Skill::Fair, attempt).await;
        if play.status() == Status::Won {
            let claim = play.claim(player, ORIGIN, stage.catalog.faucet);
            assert!(stage.send(request::claim(&claim)).await.status.is_success());
            return play.opened;
        }
        let ended = stage.send(request::end(play.opened.round, play.opened.token)).await;
        assert!(ended.status.is_success());
    }
    panic!("the bot does not win")
}

/// From a round on a page of a site to what its server is answered, and every reason not to be.
pub(crate) async fn sites_and_servers(log: &Log) {
    let mut catalog: Catalog = levels::quick();
    let mut other = catalog.levels[0].clone();
    "other".clone_into(&mut other.id);
    catalog.levels.push(other);
    let mut stage = Stage::with(log, catalog).await;
    let site = sites::register(&stage.faucet.faucet, "shop").await;
    let player = Player::number(120);
    let nowhere = open(&stage, &player, 1, |open| open.site = Some("nowhere".to_owned()));
    stage.refused(request::open(&nowhere), Code::UnknownSite).await;
    let unpaid = open(&stage, &player, 2, |open| NO_CAMPAIGN.clone_into(&mut open.campaign));
    stage.refused(request::open(&unpaid), Code::CampaignNotOfSite).await;
    let shown = open(&stage, &player, 3, |open| "other".clone_into(&mut open.level));
    stage.refused(request::open(&shown), Code::LevelNotOfSite).await;

    let elsewhere: OpenAnswer = stage.send(request::open(&stage.open(&player, 4))).await.expect();
    stage.refused(token(elsewhere.round, elsewhere.token, &page()), Code::RoundNotOfSite).await;
    assert!(stage.send(request::end(elsewhere.round, elsewhere.token)).await.status.is_success());
    let unclaimed: OpenAnswer = stage.send(request::open(&open(&stage, &player, 5, |_| ()))).await.expect();
    stage.refused(token(unclaimed.round, unclaimed.token, &page()), Code::RoundNotClaimed).await;
    assert!(stage.send(request::end(unclaimed.round, unclaimed.token)).await.status.is_success());

    let cleared = cleared(&mut stage, &player, 100).await;
    let path = format!("/api/v1/rounds/{}/verification", cleared.round);
    broken_json(&mut stage, &path).await;
    broken_json(&mut stage, SITE_VERIFY).await;
    let mut misspelt = token(cleared.round, cleared.token, &page());
    *misspelt.uri_mut() = "/api/v1/rounds/none/verification".parse().expect("a path");
    stage.refused(misspelt, Code::InvalidParameter).await;
    stage.refused(token(NO_ROUND, NO_TOKEN, &page()), Code::RoundUnknown).await;
    stage.refused(token(cleared.round, NO_TOKEN, &page()), Code::WrongToken).await;
    let evil = json!({ "origin": "https://evil.example" });
    stage.refused(token(cleared.round, cleared.token, &evil), Code::OriginNotOfSite).await;
    let made: VerificationAnswer = stage.send(token(cleared.round, cleared.token, &page())).await.expect();
    for (success, secret) in [(false, "of nobody"), (true, &*site.secret), (false, &*site.secret)] {
        let told: SiteVerifyAnswer = stage.send(verify(secret, &made.token)).await.expect();
        assert_eq!((told.success, told.verified.is_some()), (success, success), "{told:?}");
    }
    stage.faucet.clock.pass(VERIFY_WITHIN_MS + 1);
    stage.refused(token(cleared.round, cleared.token, &page()), Code::TokenExpired).await;
    let operator = sites::operator();
    stage.faucet.faucet.end_site(operator, "shop".into()).await.expect("it ends");
    stage.refused(token(cleared.round, cleared.token, &page()), Code::UnknownSite).await;
}
