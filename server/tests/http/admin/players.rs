//! Players by HTTP: found, held, banned, released, noted about, and their rounds watched again.

use dripline_shared::api::operate::payouts::{WaitingPage, WaitsFor};
use dripline_shared::api::operate::players::{
    PlayerList, PlayerRounds, PlayerView, RoundClosing, RoundReplay, Standing,
};
use dripline_shared::api::{HistoryPage, LevelView, OpenAnswer, RoundState, WalletView};
use dripline_shared::error::Code;
use dripline_shared::game::Status;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::transcript::Segment;
use serde_json::json;

use super::desk::{APPROVE_ABOVE, Desk};
use crate::journey::{Player, open};

impl Desk {
    fn of_player(&self, what: &str) -> String {
        format!("/admin/v1/players/{}{what}", self.wallet())
    }

    async fn stand(&self, verb: &str) -> PlayerView {
        let body = json!({ "reason": format!("to {verb}") });
        self.operators.own("POST", &self.of_player(&format!("/{verb}")), Some(body)).await.json()
    }
}

#[tokio::test]
async fn a_player_is_found_by_the_beginning_of_its_key_and_among_the_newest() {
    let desk = Desk::start("found").await;
    let operators = &desk.operators;
    let newest: PlayerList = operators.own("GET", "/admin/v1/players?limit=1", None).await.json();
    assert_eq!(newest.players.len(), 1);
    let text = desk.wallet().to_string();
    for length in [4, 8, text.len()] {
        let path = format!("/admin/v1/players?search={}", &text[..length]);
        let found: PlayerList = operators.own("GET", &path, None).await.json();
        assert!(found.players.iter().any(|player| player.wallet == desk.wallet()), "{path}");
    }
    for wrong in
        ["search=abc", "search=0000", "cursor=x", "search=abcd&cursor=x", "limit=0", "limit=101", "page=1"]
    {
        let answer = operators.own("GET", &format!("/admin/v1/players?{wrong}"), None).await;
        assert_eq!(answer.code(), Code::InvalidParameter, "{wrong}");
    }
    // Page by page, all that there are, each once.
    let levels: Vec<LevelView> = operators.server.get("/api/v1/levels").await.json();
    for number in 60..65 {
        let player = Player::new(&operators.server, number).await;
        let _: OpenAnswer =
            open(&operators.server, &player.request(&operators.server, &levels[0], 1)).await.json();
    }
    let (mut wallets, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/admin/v1/players?limit=2{cursor}");
        let page: PlayerList = operators.own("GET", &path, None).await.json();
        wallets.extend(page.players.iter().map(|player| player.wallet));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all: PlayerList = operators.own("GET", "/admin/v1/players?limit=100", None).await.json();
    assert_eq!(wallets, all.players.iter().map(|player| player.wallet).collect::<Vec<_>>());
    assert!(wallets.len() >= 6 && wallets.contains(&desk.wallet()));
}

#[tokio::test]
async fn a_banned_player_is_told_so_and_keeps_what_it_has() {
    let desk = Desk::start("banned").await;
    let operators = &desk.operators;
    let wallet = format!("/api/v1/wallets/{}", desk.wallet());
    let before: WalletView = operators.server.get(&wallet).await.json();
    let banned = desk.stand("ban").await;
    assert_eq!(
        (banned.standing.standing, banned.standing.reason.as_deref()),
        (Standing::Banned, Some("to ban"))
    );
    assert_eq!(desk.try_withdraw(APPROVE_ABOVE).await.code(), Code::WalletBanned);
    let levels: Vec<LevelView> = operators.server.get("/api/v1/levels").await.json();
    let request = desk.player().request(&operators.server, &levels[0], 77);
    let answer = open(&operators.server, &request).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (403, Code::WalletBanned));
    let after: WalletView = operators.server.get(&wallet).await.json();
    assert_eq!((after.money, after.drips), (before.money, before.drips));
    let again = operators.own("POST", &desk.of_player("/ban"), Some(json!({ "reason": "again" }))).await;
    assert_eq!(again.code(), Code::StandingUnchanged);
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!((entry.action.as_str(), entry.refused), ("player.ban", Some(Code::StandingUnchanged)));
    desk.stand("release").await;
    let entry = operators.audit().await.remove(0).entry;
    assert_eq!(entry.action, "player.release");
    assert_eq!(entry.before.unwrap()["standing"], "banned");
    assert_eq!(entry.after.unwrap()["reason"], "to release");
    assert_eq!(desk.withdraw(APPROVE_ABOVE).await.state, WithdrawalState::Queued);
}

#[tokio::test]
async fn what_a_held_player_withdraws_is_in_review_until_it_is_released_and_is_paid_once_then() {
    let desk = Desk::start("held").await;
    let operators = &desk.operators;
    let before = desk.withdraw(10).await;
    operators.server.pass(1);
    let held = desk.stand("hold").await;
    assert_eq!(held.waiting.iter().map(|it| it.id).collect::<Vec<_>>(), [before.id]);
    let after = desk.withdraw(11).await;
    desk.set_gate(true);
    desk.pay().await;
    for withdrawal in [&before, &after] {
        assert_eq!(desk.withdrawal(withdrawal).await.state, WithdrawalState::Review);
    }
    let waiting: WaitingPage = operators.own("GET", "/admin/v1/withdrawals?limit=1", None).await.json();
    assert_eq!(waiting.withdrawals[0].waits_for, WaitsFor::Release);
    assert_eq!((waiting.withdrawals[0].withdrawal.id, waiting.next_after), (before.id, Some(before.id)));
    let path = format!("/admin/v1/withdrawals?after={}", before.id);
    let rest: WaitingPage = operators.own("GET", &path, None).await.json();
    assert_eq!(rest.withdrawals.iter().map(|it| it.withdrawal.id).collect::<Vec<_>>(), [after.id]);
    desk.stand("release").await;
    desk.pay().await;
    for withdrawal in [&before, &after] {
        assert_eq!(desk.withdrawal(withdrawal).await.state, WithdrawalState::Paid);
    }
}

#[tokio::test]
async fn notes_are_for_operators_and_not_in_the_audit_log() {
    let desk = Desk::start("notes").await;
    let operators = &desk.operators;
    let note = |text: &str| {
        let (path, body) = (desk.of_player("/notes"), json!({ "text": text }));
        async move { operators.own("POST", &path, Some(body)).await }
    };
    let noted: PlayerView = note(" plays at night ").await.json();
    assert_eq!(noted.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(), ["plays at night"]);
    for wrong in ["", "\n", "plays\u{2028}released", &"x".repeat(501)] {
        assert_eq!(note(wrong).await.code(), Code::InvalidRequest);
    }
    let told = operators.own("GET", "/admin/v1/audit.jsonl", None).await.text();
    assert!(told.contains("player.note") && !told.contains("at night"), "{told}");
    let stranger = "11111111111111111111111111111112";
    let path = format!("/admin/v1/players/{stranger}/notes");
    assert_eq!(
        operators.own("POST", &path, Some(json!({ "text": "who?" }))).await.code(),
        Code::WalletUnknown
    );
    assert_eq!(
        operators.own("GET", &format!("/admin/v1/players/{stranger}"), None).await.code(),
        Code::WalletUnknown
    );
    assert_eq!(operators.own("GET", "/admin/v1/players/nobody", None).await.code(), Code::InvalidWallet);
}

#[tokio::test]
async fn a_round_can_be_watched_again_from_what_is_told_of_it() {
    let desk = Desk::start("replay").await;
    let operators = &desk.operators;
    let rounds: PlayerRounds = operators.own("GET", &desk.of_player("/rounds"), None).await.json();
    let won = rounds.rounds.iter().find(|round| round.round == desk.round).unwrap();
    assert_eq!(won.closing, RoundClosing::Claimed);
    let history: HistoryPage = operators.own("GET", &desk.of_player("/history"), None).await.json();
    assert_eq!((history.entries[0].round, Some(history.entries[0].amount)), (Some(desk.round), won.amount));
    let path = format!("/admin/v1/rounds/{}", desk.round);
    let told: RoundReplay = operators.own("GET", &path, None).await.json();
    assert_eq!((told.wallet, told.state, told.outcome), (desk.wallet(), RoundState::Claimed, won.outcome));
    let bytes = |text: &str| -> Vec<u8> {
        text.as_bytes()
            .chunks_exact(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    };
    let segments: Vec<Segment> = told
        .play
        .iter()
        .map(|played| Segment { length: played.length, bytes: bytes(&played.inputs) })
        .collect();
    let seeds: Vec<_> = told.play.iter().map(|played| played.seed).collect();
    let seed = |segment: u32| seeds[usize::try_from(segment).unwrap()];
    let replayed = told.level.unwrap().play.replay(&segments, seed).unwrap();
    let outcome = told.outcome.unwrap();
    assert_eq!((replayed.status, replayed.score), (Status::Won, outcome.score));
    let nobody = "0".repeat(32);
    assert_eq!(
        operators.own("GET", &format!("/admin/v1/rounds/{nobody}"), None).await.code(),
        Code::RoundUnknown
    );
}
