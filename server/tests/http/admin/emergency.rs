//! The emergency stop by HTTP, beside that of the configuration.

use dripline_shared::api::operate::payouts::{EmergencyStops, Payouts};
use dripline_shared::api::{LevelView, OpenAnswer, RailList};
use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalState;
use serde_json::{Value, json};

use super::desk::{APPROVE_ABOVE, Desk};
use super::publication_of;
use crate::journey::{Player, open};

impl Desk {
    async fn stop(&self, name: &str, stopped: bool) -> crate::support::Answer {
        let body = json!({ "name": name, "stopped": stopped, "reason": "a look" });
        self.operators.own("POST", "/admin/v1/emergency", Some(body)).await
    }
}

#[tokio::test]
async fn a_level_that_is_stopped_opens_for_nobody_from_then_on_and_opens_again() {
    let desk = Desk::start("stop-level").await;
    let server = &desk.operators.server;
    let levels: Vec<LevelView> = server.get("/api/v1/levels").await.json();
    let player = Player::new(server, 70).await;
    let game = levels[0].game.clone();
    for (number, name) in [(1, levels[0].id.as_str()), (2, game.as_str()), (3, "campaign:default")] {
        let stopped: EmergencyStops = desk.stop(name, true).await.json();
        assert_eq!(stopped.stopped.iter().map(|stop| stop.name.as_str()).collect::<Vec<_>>(), [name]);
        let refused = open(server, &player.request(server, &levels[0], number)).await;
        assert_eq!(refused.code(), Code::LevelStopped, "{name}");
        let running: EmergencyStops = desk.stop(name, false).await.json();
        assert_eq!(running.stopped, []);
    }
    let _: OpenAnswer = open(server, &player.request(server, &levels[0], 9)).await.json();
    let entries = desk.operators.audit().await;
    let actions: Vec<&str> = entries.iter().take(2).map(|entry| entry.entry.action.as_str()).collect();
    assert_eq!(actions, ["emergency.resume", "emergency.stop"]);
    // What is so already is no mistake, and changes nothing.
    let again: EmergencyStops = desk.stop("campaign:default", false).await.json();
    assert_eq!((again.stopped.len(), desk.operators.audit().await.len()), (0, entries.len()));
}

#[tokio::test]
async fn a_rail_that_is_stopped_pays_nothing_until_it_runs_again() {
    let desk = Desk::start("stop-rail").await;
    desk.set_gate(true);
    let _: Value = desk.stop("rail:sandbox", true).await.json();
    let withdrawal = desk.withdraw(APPROVE_ABOVE).await;
    desk.pay().await;
    assert_eq!(desk.withdrawal(&withdrawal).await.state, WithdrawalState::Queued);
    let rails: RailList = desk.operators.server.get("/api/v1/rails").await.json();
    assert!(rails.rails[0].paused.is_some(), "players are told");
    let payouts: Payouts = desk.operators.own("GET", "/admin/v1/payouts", None).await.json();
    assert!(payouts.rails[0].is_stopped && payouts.rails[0].pause.is_none());
    let _: Value = desk.stop("rail:sandbox", false).await.json();
    desk.pay().await;
    assert_eq!(desk.withdrawal(&withdrawal).await.state, WithdrawalState::Paid);
}

#[tokio::test]
async fn what_the_configuration_stops_is_not_resumed_by_http() {
    let desk = Desk::with("stop-file", |settings| {
        settings.stopped = ["rail:sandbox".to_owned()].into();
    })
    .await;
    assert_eq!(desk.stop("rail:sandbox", false).await.code(), Code::StoppedByFile);
    let stops: EmergencyStops = desk.stop("rail:sandbox", true).await.json();
    assert!(stops.stopped[0].is_in_configuration && stops.stopped[0].reason.as_deref() == Some("a look"));
    assert_eq!(desk.stop("rail:sandbox", false).await.code(), Code::StoppedByFile);
    for wrong in ["", "Level", "rail:", "campaign:a b"] {
        assert_eq!(desk.stop(wrong, true).await.code(), Code::InvalidRequest, "{wrong}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_stopped_and_it_is_told_what_there_is() {
    let desk = Desk::start("stop-misspelt").await;
    let operators = &desk.operators;
    for (wrong, there) in [
        ("cach", "catch"),
        ("catch-9", "catch-1"),
        ("campaign:defualt", "campaign:default"),
        ("rail:sandbx", "rail:sandbox"),
    ] {
        let answer = desk.stop(wrong, true).await;
        assert_eq!(
            (answer.code(), answer.subject().as_deref()),
            (Code::InvalidRequest, Some("name")),
            "{wrong}"
        );
        let text = answer.text();
        assert!(text.contains(&format!("there is no {wrong}")) && text.contains(there), "{text}");
    }
    let stops: EmergencyStops = operators.own("GET", "/admin/v1/emergency", None).await.json();
    assert_eq!(stops.stopped, []);
}

#[tokio::test]
async fn a_level_that_has_gone_from_the_catalog_can_be_stopped_for_rounds_have_pinned_it_and_resumed() {
    let desk = Desk::start("stop-gone").await;
    let operators = &desk.operators;
    let gone = operators.live().await.catalog.levels.pop().unwrap().id;
    let draft = operators.draft(&operators.owner, "without", |catalog| drop(catalog.levels.pop())).await;
    let published =
        operators.own("POST", "/admin/v1/catalog/publications", Some(publication_of(&draft))).await;
    assert!(!published.is_problem(), "{}", published.text());
    let stops: EmergencyStops = desk.stop(&gone, true).await.json();
    assert_eq!(stops.stopped[0].name, gone);
    let stops: EmergencyStops = desk.stop(&gone, false).await.json();
    assert_eq!(stops.stopped, []);
}
