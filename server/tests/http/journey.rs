//! A round over HTTP, from its opening to its receipt and into the wallet's history.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use dripline_shared::api::{
    CatalogView, ClaimRequest, FaucetKeys, HistoryPage, LevelView, OpenAnswer, OpenRequest, Receipt,
    RoundState, RoundView, SegmentAnswer, WalletView,
};
use dripline_shared::error::Code;
use dripline_shared::game::replay::{Advance, Session};
use dripline_shared::game::{Bot, Game, GameParams, GameVisitor, Skill, Status};
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{ClientId, Hash, Seed, transcript_next, transcript_start};
use dripline_shared::statement::receipt_text;
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;

use crate::support::{Answer, ORIGIN, Server};

pub(crate) struct Player {
    pub(crate) key: SigningKey,
    pub(crate) faucet: Hash,
}

impl Player {
    pub(crate) async fn new(server: &Server, number: u8) -> Self {
        let catalog: CatalogView = server.get("/api/v1/catalog").await.json();
        Self { key: SigningKey::from_bytes(&[number; 32]), faucet: catalog.faucet }
    }

    pub(crate) fn request(&self, server: &Server, level: &LevelView, client_id: u8) -> OpenRequest {
        let mut request = OpenRequest {
            wallet: Wallet::of(&self.key),
            level: level.id.clone(),
            campaign: "default".to_owned(),
            site: None,
            client_id: ClientId([client_id; 16]),
            issued_at_ms: server.now(),
            origin: ORIGIN.to_owned(),
            faucet: self.faucet,
            rules_version: level.level.play.facts().rules_version,
            abandon: None,
            voucher: None,
            signature: Signature([0; 64]),
        };
        request.signature = Signature::of(&self.key, request.statement().to_string().as_bytes());
        request
    }

    pub(crate) fn claim(&self, opened: &OpenAnswer, transcript: Hash) -> ClaimRequest {
        let statement = opened.claim_statement(Wallet::of(&self.key), ORIGIN, self.faucet, transcript);
        ClaimRequest {
            round: opened.round,
            signature: Signature::of(&self.key, statement.to_string().as_bytes()),
        }
    }
}

pub(crate) async fn open(server: &Server, request: &OpenRequest) -> Answer {
    server.post("/api/v1/rounds", serde_json::to_vec(request).unwrap()).await
}

async fn put(server: &Server, opened: &OpenAnswer, number: u32, segment: &Segment, is_final: bool) -> Answer {
    let end = if is_final { format!("?end={}", segment.length) } else { String::new() };
    let request = Request::put(format!("/api/v1/rounds/{}/segments/{number}{end}", opened.round))
        .header("content-type", "application/octet-stream")
        .header("authorization", format!("Bearer {}", opened.token));
    server.send(request.body(Body::from(segment.bytes.clone())).unwrap()).await
}

/// Plays with what is known so far, and says what the next segment is and whether it is the last.
struct Ahead<'a> {
    opened: &'a OpenAnswer,
    seeds: &'a [Seed],
}

struct Played {
    segments: Vec<Segment>,
    status: Status,
}

impl GameVisitor for Ahead<'_> {
    type Output = Played;

    fn visit<G: Game>(self, params: &G::Params) -> Played
    where
        GameParams: From<G::Params>,
    {
        let mut bot = G::Bot::new(
            Skill::Strong,
            SegmentRng::new(&Seed(self.opened.round.0.repeat(2).try_into().unwrap())),
        );
        let mut session = Session::<G>::new(params.clone(), self.seeds.to_vec());
        loop {
            let wanted = bot.decide(session.game(), session.params());
            match session.advance(wanted) {
                Advance::Stepped | Advance::SegmentEnded => {}
                Advance::WaitingForSeed | Advance::Nothing => {
                    return Played { segments: session.segments().to_vec(), status: session.status() };
                }
            }
        }
    }
}

/// Plays a round to its end on the server's clock; gives the last running hash and whether it was won.
pub(crate) async fn play(server: &Server, opened: &OpenAnswer) -> (Hash, Status) {
    let mut seeds = opened.seeds.to_vec();
    let mut transcript = transcript_start(opened.round, opened.level_hash, opened.rules_version);
    let mut length = 0;
    for number in 0.. {
        // A bot is a function of what it sees, so playing from the start again comes to the same segments.
        let played = opened.level.play.visit(Ahead { opened, seeds: &seeds });
        let index = usize::try_from(number).unwrap();
        let segment = &played.segments[index];
        let is_final = played.status != Status::Playing && index + 1 == played.segments.len();
        server.pass(opened.timing.least_ms(length + segment.length) - opened.timing.least_ms(length));
        length += segment.length;
        let answer: SegmentAnswer = put(server, opened, number, segment, is_final).await.json();
        transcript = transcript_next(transcript, number, segment.length, &segment.bytes);
        if is_final {
            return (transcript, played.status);
        }
        seeds.extend(answer.seed);
    }
    unreachable!("a round ends")
}

/// A player who has won a round of the first level.
pub(crate) async fn winner(server: &Server) -> (Player, OpenAnswer, Hash) {
    let levels: Vec<LevelView> = server.get("/api/v1/levels").await.json();
    for number in 1..=50 {
        let player = Player::new(server, number).await;
        let opened: OpenAnswer = open(server, &player.request(server, &levels[0], 1)).await.json();
        let (transcript, status) = play(server, &opened).await;
        if status == Status::Won {
            return (player, opened, transcript);
        }
    }
    panic!("fifty strong bots did not win a first level")
}

#[tokio::test]
async fn a_won_round_is_claimed_once_and_shows_in_the_wallet() {
    let server = Server::start();
    let (player, opened, transcript) = winner(&server).await;
    let wallet = Wallet::of(&player.key);
    let claim = serde_json::to_vec(&player.claim(&opened, transcript)).unwrap();
    let receipt: Receipt = server.post("/api/v1/claims", claim.clone()).await.json();
    assert!(receipt.outcome.won && !receipt.amount.is_zero());
    let keys: FaucetKeys = server.get("/.well-known/dripline-keys.json").await.json();
    let key = keys.keys.iter().find(|key| key.id == receipt.key_id).unwrap();
    key.public_key.verify(receipt_text(&receipt).as_bytes(), &receipt.signature).unwrap();
    assert_eq!(server.post("/api/v1/claims", claim).await.json::<Receipt>(), receipt);
    let view: WalletView = server.get(&format!("/api/v1/wallets/{wallet}")).await.json();
    assert_eq!((view.balance, view.drips), (receipt.amount, 1));
    let history: HistoryPage = server.get(&format!("/api/v1/wallets/{wallet}/history?limit=1")).await.json();
    assert_eq!(history.entries.len(), 1);
    assert_eq!(history.entries[0].round, Some(opened.round));
    let metrics = server.metrics.exposition().unwrap();
    assert!(metrics.contains("dripline_claims_total 1"), "{metrics}");
    assert!(metrics.ends_with("# EOF\n"));
    assert!(!metrics.contains(&wallet.to_string()) && !metrics.contains(&opened.round.to_string()));
}

#[tokio::test]
async fn a_round_is_shown_and_ended_with_its_token_alone() {
    let server = Server::start();
    let levels: Vec<LevelView> = server.get("/api/v1/levels").await.json();
    let player = Player::new(&server, 1).await;
    let request = player.request(&server, &levels[0], 1);
    let opened: OpenAnswer = open(&server, &request).await.json();
    assert_eq!(
        open(&server, &request).await.json::<OpenAnswer>().round,
        opened.round,
        "sent twice, opened once"
    );
    let path = format!("/api/v1/rounds/{}", opened.round);
    let denied = server.get(&path).await;
    assert_eq!((denied.code(), denied.header("www-authenticate")), (Code::WrongToken, Some("Bearer")));
    let wrong = format!("Bearer {}", "0".repeat(64));
    assert_eq!(server.get_with(&path, &[("authorization", &wrong)]).await.code(), Code::WrongToken);
    let right = format!("bearer {}", opened.token);
    let view: RoundView = server.get_with(&path, &[("authorization", &right)]).await.json();
    assert_eq!((view.state, view.segments), (RoundState::Open, 0));
    let again = open(&server, &player.request(&server, &levels[0], 2)).await;
    assert_eq!((again.code(), again.problem().open_round), (Code::RoundOpen, Some(opened.round)));
    let end =
        Request::post(format!("{path}/end")).header("authorization", right).body(Body::empty()).unwrap();
    let ended: RoundView = server.send(end).await.json();
    assert_eq!(ended.state, RoundState::Ended);
}

#[tokio::test]
async fn a_wallet_that_nobody_has_seen_has_nothing() {
    let server = Server::start();
    let wallet = Wallet::of(&SigningKey::from_bytes(&[9; 32]));
    let view: WalletView = server.get(&format!("/api/v1/wallets/{wallet}")).await.json();
    assert!(view.balance.is_zero() && view.levels.is_empty() && view.open_round.is_none());
    let history: HistoryPage = server.get(&format!("/api/v1/wallets/{wallet}/history")).await.json();
    assert!(history.entries.is_empty() && history.next_before.is_none());
}

#[tokio::test]
async fn health_and_readiness_are_told() {
    let server = Server::start();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.get(path).await.status, StatusCode::OK, "{path}");
    }
}
