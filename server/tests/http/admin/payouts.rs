//! Payouts by HTTP: rails, batches, and what is said of single withdrawals.

use dripline_shared::amount::Amount;
use dripline_shared::api::access::Role;
use dripline_shared::api::operate::payouts::{PauseKind, Payouts, WaitingPage, WaitsFor};
use dripline_shared::api::operate::proposals::{Proposal, ProposalStage};
use dripline_shared::api::{RailList, WalletView, WithdrawalView};
use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalState;
use serde_json::{Value, json};

use super::desk::{APPROVE_ABOVE, Desk};
use crate::process::run;
use crate::support::Answer;

impl Desk {
    async fn said(&self, withdrawal: &WithdrawalView, verb: &str, body: Option<Value>) -> Answer {
        let path = format!("/admin/v1/withdrawals/{}/{verb}", withdrawal.id);
        self.operators.own("POST", &path, body).await
    }

    async fn of_rail(&self, verb: &str, body: Value) -> Answer {
        self.operators.own("POST", &format!("/admin/v1/rails/sandbox/{verb}"), Some(body)).await
    }

    async fn balance(&self) -> Amount {
        let view: WalletView =
            self.operators.server.get(&format!("/api/v1/wallets/{}", self.wallet())).await.json();
        view.balance
    }
}

#[tokio::test]
async fn a_rail_is_paused_with_a_reason_that_players_read_and_resumed() {
    let desk = Desk::start("pause").await;
    let paused: Payouts = desk.of_rail("pause", json!({ "reason": "Maintenance" })).await.json();
    let pause = paused.rails[0].pause.as_ref().unwrap();
    assert_eq!((pause.kind, pause.why.as_str()), (PauseKind::Halted, "Maintenance"));
    let rails: RailList = desk.operators.server.get("/api/v1/rails").await.json();
    assert_eq!(rails.rails[0].paused.as_deref(), Some("Maintenance"));
    for wrong in [
        "",
        "two\nlines",
        "paid \u{2066}later",
        "\u{feff}recovery: I looked",
        "recovery: I looked",
        "treasury low: soon",
    ] {
        let answer = desk.of_rail("pause", json!({ "reason": wrong })).await;
        assert_eq!((answer.code(), answer.subject().as_deref()), (Code::InvalidRequest, Some("reason")));
    }
    let withdrawal = desk.withdraw(APPROVE_ABOVE).await;
    desk.set_gate(true);
    desk.pay().await;
    let queue: WaitingPage = desk.operators.own("GET", "/admin/v1/rails/sandbox/queue", None).await.json();
    assert_eq!(queue.withdrawals[0].waits_for, WaitsFor::Turn);
    assert_eq!(queue.withdrawals[0].withdrawal.id, withdrawal.id);
    let resumed: Payouts = desk.of_rail("resume", json!({})).await.json();
    assert_eq!(resumed.rails[0].pause, None);
    desk.pay().await;
    assert_eq!(desk.withdrawal(&withdrawal).await.state, WithdrawalState::Paid);
    let elsewhere =
        desk.operators.own("POST", "/admin/v1/rails/elsewhere/pause", Some(json!({ "reason": "x" })));
    assert_eq!(elsewhere.await.code(), Code::UnknownRail);
    let answer = desk.of_rail("resume", json!({ "examined": "nonsense" })).await;
    assert_eq!((answer.code(), answer.subject().as_deref()), (Code::InvalidRequest, Some("examined")));
}

#[tokio::test]
async fn a_batch_is_cancelled_and_its_money_goes_back() {
    let desk = Desk::start("cancel").await;
    let before = desk.balance().await;
    let withdrawal = desk.withdraw(APPROVE_ABOVE).await;
    desk.pay().await;
    let payouts: Payouts = desk.operators.own("GET", "/admin/v1/payouts", None).await.json();
    let batch = &payouts.rails[0].batches[0];
    assert_eq!(batch.withdrawals.iter().map(|it| it.id).collect::<Vec<_>>(), [withdrawal.id]);
    let give = desk.said(&withdrawal, "return", Some(json!({ "reason": "a mistake" }))).await;
    assert_eq!(give.code(), Code::RailRuns);
    let path = format!("/admin/v1/batches/{}/cancel", batch.id);
    let cancelled: Payouts = desk.operators.own("POST", &path, None).await.json();
    assert!(cancelled.rails[0].batches[0].cancelled_at_ms.is_some());
    desk.pay().await;
    assert_eq!(desk.withdrawal(&withdrawal).await.state, WithdrawalState::Returned);
    assert_eq!(desk.balance().await, before);
    assert_eq!(desk.operators.own("POST", &path, None).await.code(), Code::BatchUnknown);
}

#[tokio::test]
async fn a_withdrawal_that_needs_approval_is_in_review_until_it_is_approved_and_paid_once_then() {
    let desk = Desk::start("approve").await;
    desk.set_gate(true);
    let withdrawal = desk.withdraw(APPROVE_ABOVE + 1).await;
    assert_eq!(withdrawal.state, WithdrawalState::Review);
    desk.pay().await;
    assert_eq!(desk.withdrawal(&withdrawal).await.state, WithdrawalState::Review);
    let waiting: WaitingPage = desk.operators.own("GET", "/admin/v1/withdrawals", None).await.json();
    assert_eq!(waiting.withdrawals[0].waits_for, WaitsFor::Approval);
    let approved: WithdrawalView = desk.said(&withdrawal, "approve", None).await.json();
    assert_eq!(approved.state, WithdrawalState::Queued);
    assert_eq!(desk.said(&withdrawal, "approve", None).await.code(), Code::NotForApproval);
    desk.pay().await;
    assert_eq!(desk.withdrawal(&withdrawal).await.state, WithdrawalState::Paid);
    let answer = desk.said(&withdrawal, "return", Some(json!({ "reason": "too late" }))).await;
    assert_eq!(answer.code(), Code::WithdrawalEnded);
}

#[tokio::test]
async fn a_withdrawal_that_is_refused_gives_its_money_back_with_the_reason() {
    let desk = Desk::start("refuse").await;
    let before = desk.balance().await;
    let withdrawal = desk.withdraw(APPROVE_ABOVE + 1).await;
    assert!(desk.balance().await < before);
    let body = json!({ "reason": "This address is somebody else's" });
    let returned: WithdrawalView = desk.said(&withdrawal, "return", Some(body)).await.json();
    assert_eq!(returned.state, WithdrawalState::Returned);
    assert_eq!(returned.reason.as_deref(), Some("This address is somebody else's"));
    assert_eq!(desk.balance().await, before);
    assert_eq!(desk.said(&withdrawal, "approve", None).await.code(), Code::NotForApproval);
    let entry = desk.operators.audit().await.remove(1).entry;
    assert_eq!(entry.action, "withdrawal.return");
    assert_eq!(entry.before.unwrap()["stage"], "unapproved");
}

#[tokio::test]
async fn what_was_paid_elsewhere_is_imported_and_recorded_as_by_commands() {
    let desk = Desk::start("import").await;
    let queued = desk.withdraw(APPROVE_ABOVE).await;
    let import = |transaction: &str| Some(json!({ "transaction": transaction }));
    assert_eq!(desk.said(&queued, "import", import("elsewhere-1")).await.code(), Code::RailRuns);
    let _: Payouts = desk.of_rail("pause", json!({ "reason": "Restored from a backup" })).await.json();
    let paid: WithdrawalView = desk.said(&queued, "import", import("elsewhere-1")).await.json();
    assert_eq!((paid.state, paid.transaction.as_deref()), (WithdrawalState::Paid, Some("elsewhere-1")));
    let again: WithdrawalView = desk.said(&queued, "import", import("elsewhere-1")).await.json();
    assert_eq!(again.transaction, paid.transaction, "again is no mistake");
    assert_eq!(desk.said(&queued, "import", import("another")).await.code(), Code::WithdrawalEnded);
    let before = desk.balance().await;
    let body = json!({ "transaction": "elsewhere-2", "to": "alice", "amount": "15" });
    let recorded: WithdrawalView = desk.of_rail("payouts", body).await.json();
    assert_eq!((recorded.wallet, recorded.state), (desk.wallet(), WithdrawalState::Paid));
    assert_eq!(desk.balance().await, before.saturating_sub(Amount::from_units(15)));
    let nobody = json!({ "transaction": "elsewhere-3", "to": "nobody", "amount": "15" });
    assert_eq!(desk.of_rail("payouts", nobody).await.code(), Code::WalletUnknown);
    let too_much = json!({ "transaction": "elsewhere-4", "to": "alice", "amount": "999999999999" });
    let treasurer = desk.operators.of_role(Role::Treasurer).await;
    let path = "/admin/v1/rails/sandbox/payouts";
    let answer = desk.operators.send(&treasurer.secret, "POST", path, Some(too_much)).await;
    assert_eq!(answer.code(), Code::BalanceTooLow);
}

#[tokio::test]
async fn a_rail_in_recovery_stays_so_when_it_is_paused_and_is_resumed_by_two_operators() {
    let desk = Desk::start("recovery").await;
    let operators = &desk.operators;
    desk.set_gate(true);
    desk.somebody_signs();
    let before = desk.withdraw(APPROVE_ABOVE).await;
    desk.pay().await;
    assert_eq!(desk.withdrawal(&before).await.state, WithdrawalState::Paid);
    desk.somebody_signs();
    operators.server.pass(60_000);
    let after = desk.withdraw(APPROVE_ABOVE).await;
    desk.pay().await;
    let payouts: Payouts = operators.own("GET", "/admin/v1/payouts", None).await.json();
    let recovery = payouts.rails[0].pause.clone().unwrap();
    assert_eq!(recovery.kind, PauseKind::Recovery, "{recovery:?}");
    let paused: Payouts = desk.of_rail("pause", json!({ "reason": "Maintenance" })).await.json();
    assert_eq!(paused.rails[0].pause.as_ref(), Some(&recovery));
    let answer = desk.of_rail("resume", json!({})).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.text());
    let proposal: Proposal = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((proposal.amount, proposal.asset.as_deref()), (None, Some("DRIP")));
    desk.pay().await;
    assert_eq!(desk.withdrawal(&after).await.state, WithdrawalState::Queued);
    let path = format!("/admin/v1/proposals/{}/confirm", proposal.id);
    let confirmed = operators.send(&operators.other, "POST", &path, None).await.json::<Proposal>();
    assert_eq!(confirmed.stage, ProposalStage::Confirmed);
    desk.pay().await;
    assert_eq!(desk.withdrawal(&after).await.state, WithdrawalState::Paid);
    // A pause by hand is nobody else's business.
    let _: Payouts = desk.of_rail("pause", json!({ "reason": "Maintenance" })).await.json();
    let resumed: Payouts = desk.of_rail("resume", json!({})).await.json();
    assert_eq!(resumed.rails[0].pause, None);
}

#[tokio::test]
async fn the_command_lists_what_waits_for_an_operator_apart_from_the_queue() {
    let desk = Desk::start("list").await;
    let (large, small) = (desk.withdraw(APPROVE_ABOVE + 1).await, desk.withdraw(APPROVE_ABOVE).await);
    let place = desk.operators.folder.0.to_str().unwrap().to_owned();
    let list = move |arguments: &[&str]| {
        let arguments = [&["payouts", "list", "--data", &place][..], arguments].concat();
        let (code, told, failed) = run(&arguments);
        assert_eq!(code, 0, "{failed}");
        told
    };
    let told = list(&[]);
    let (queue, of_operators) = told.split_once("for an operator").unwrap();
    assert!(queue.contains(&small.id.to_string()) && of_operators.contains(&large.id.to_string()), "{told}");
    let told: Value = serde_json::from_str(&list(&["--json"])).unwrap();
    assert_eq!(told["rails"][0]["waiting"][0]["id"], small.id.to_string());
    assert_eq!(told["rails"][0]["for_an_operator"][0]["id"], large.id.to_string());
}
