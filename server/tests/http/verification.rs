//! Verification over HTTP: from a page of a site to its server, and what guessing comes to.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use dripline_server::faucet::Operator;
use dripline_server::http::Peer;
use dripline_shared::api::operate::By;
use dripline_shared::api::{LevelView, OpenAnswer, SiteVerifyAnswer, VerificationAnswer};
use dripline_shared::catalog::DEFAULT_CAMPAIGN;
use dripline_shared::error::Code;
use dripline_shared::game::Status;
use dripline_shared::site::{Site, SiteLook, SiteMode};
use dripline_shared::wallet::Signature;
use serde_json::json;

use crate::journey::{Player, open, play};
use crate::support::{Answer, Server};

/// A server with a site, and the secret of that.
pub(crate) async fn server() -> (Server, String) {
    let site = Site {
        id: "shop".to_owned(),
        name: "Shop".to_owned(),
        mode: SiteMode::Live,
        origins: vec!["https://shop.example".to_owned()],
        campaign: Some(DEFAULT_CAMPAIGN.to_owned()),
        levels: None,
        look: SiteLook::default(),
    };
    let server = Server::start();
    let who = Operator { by: By::CommandLine, from: None, session: None };
    let made = server.faucet.register_site(who, site).await.unwrap();
    (server, made.secret)
}

async fn verify(server: &Server, peer: &str, secret: &str, token: &str) -> Answer {
    let body = json!({ "secret": secret, "token": token }).to_string();
    let peer = Peer(SocketAddr::new(peer.parse().unwrap(), 50_000));
    let request =
        Request::post("/api/v1/siteverify").header("content-type", "application/json").extension(peer);
    server.send(request.body(Body::from(body)).unwrap()).await
}

pub(crate) async fn token(server: &Server, opened: &OpenAnswer, body: serde_json::Value) -> Answer {
    let request = Request::post(format!("/api/v1/rounds/{}/verification", opened.round))
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", opened.token));
    server.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// A round that was won on a page of the site, and claimed.
pub(crate) async fn cleared(server: &Server, first: u8) -> OpenAnswer {
    let levels: Vec<LevelView> = server.get("/api/v1/levels").await.json();
    for number in first..first + 20 {
        let player = Player::new(server, number).await;
        let mut request = player.request(server, &levels[0], 1);
        request.site = Some("shop".to_owned());
        request.signature = Signature::of(&player.key, request.statement().to_string().as_bytes());
        let opened: OpenAnswer = open(server, &request).await.json();
        let (transcript, status) = play(server, &opened).await;
        if status == Status::Won {
            let claim = serde_json::to_vec(&player.claim(&opened, transcript)).unwrap();
            assert_eq!(server.post("/api/v1/claims", claim).await.status, StatusCode::OK);
            return opened;
        }
    }
    panic!("twenty strong bots did not win a first level")
}

fn codes(answer: &Answer) -> Vec<Code> {
    answer.json::<SiteVerifyAnswer>().reasons.into_iter().map(|reason| reason.code).collect()
}

#[tokio::test]
async fn a_page_gets_a_token_and_its_server_learns_by_it_once() {
    let (server, secret) = server().await;
    let opened = cleared(&server, 1).await;
    let elsewhere = token(&server, &opened, json!({ "origin": "https://evil.example" })).await;
    assert_eq!((elsewhere.status, elsewhere.code()), (StatusCode::FORBIDDEN, Code::OriginNotOfSite));
    let body = json!({ "origin": "https://shop.example", "cdata": "order 7" });
    let made: VerificationAnswer = token(&server, &opened, body).await.json();
    let told: SiteVerifyAnswer = verify(&server, "192.0.2.1", &secret, &made.token).await.json();
    let verified = told.verified.unwrap();
    assert_eq!((verified.round, verified.cdata.as_deref()), (opened.round, Some("order 7")));
    let again = verify(&server, "192.0.2.1", &secret, &made.token).await;
    assert_eq!((again.status, codes(&again)), (StatusCode::OK, vec![Code::TokenSpent]));
    // What is no question is no answer either.
    for body in
        ["{}", "[]", r#"{"secret":7,"token":""}"#, r#"{"secret":"","token":"","remoteip":"192.0.2.1"}"#]
    {
        assert_eq!(server.post("/api/v1/siteverify", body).await.code(), Code::InvalidRequest, "{body}");
    }
}

#[tokio::test]
async fn a_flood_of_guesses_is_refused_and_slows_no_sites_server() {
    let (server, secret) = server().await;
    let opened = cleared(&server, 1).await;
    let body = json!({ "origin": "https://shop.example" });
    let made: VerificationAnswer = token(&server, &opened, body).await.json();
    let mut refused = 0;
    for guess in 0..150 {
        let guess = format!("dripline_site_live_0101010101010101_{guess:064}");
        // Neighbours in one network guess together.
        let peer = format!("203.0.113.{}", refused % 200);
        let answer = verify(&server, &peer, &guess, &made.token).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.code(), Code::RateLimited);
            assert!(answer.problem().retry_after_ms.is_some_and(|wait| wait > 0));
            refused += 1;
        } else {
            assert_eq!(codes(&answer), vec![Code::SecretUnknown]);
        }
    }
    assert_eq!(refused, 150 - 20, "a burst is answered, and the rest is not");
    // Forged tokens that a site's own server passes on count for nothing, so that its visitors cannot have it refused.
    for guess in 0..100 {
        let forged = format!("{}{guess}", made.token);
        assert_eq!(codes(&verify(&server, "192.0.2.1", &secret, &forged).await), vec![Code::TokenUnknown]);
    }
    // Whoever has a secret is answered at once, in another network and in the very same.
    let told: SiteVerifyAnswer = verify(&server, "203.0.113.250", &secret, &made.token).await.json();
    assert!(told.success);
    assert_eq!(codes(&verify(&server, "192.0.2.1", &secret, &made.token).await), vec![Code::TokenSpent]);
    let elsewhere = verify(&server, "198.51.100.1", "wrong", &made.token).await;
    assert_eq!(codes(&elsewhere), vec![Code::SecretUnknown], "another network has guesses of its own");
}
