//! Two operators: what one of them may not do alone waits for another one.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::access::Role;
use dripline_shared::api::operate::proposals::{Proposal, ProposalStage, Proposals, ProposedAction};
use dripline_shared::api::operate::{LiveCatalog, Publication};
use dripline_shared::api::{WalletView, WithdrawalView};
use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::DAY_MS;
use serde_json::json;

use super::desk::{Desk, SECOND_ABOVE};
use super::publication_of;
use crate::support::Answer;

fn proposed(answer: &Answer) -> Proposal {
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

impl Desk {
    async fn approve_as(&self, key: &str, withdrawal: &WithdrawalView) -> Answer {
        let path = format!("/admin/v1/withdrawals/{}/approve", withdrawal.id);
        self.operators.send(key, "POST", &path, None).await
    }

    async fn confirm_as(&self, key: &str, proposal: &Proposal) -> Answer {
        let path = format!("/admin/v1/proposals/{}/confirm", proposal.id);
        self.operators.send(key, "POST", &path, None).await
    }
}

#[tokio::test]
async fn a_large_approval_waits_for_another_operator() {
    let desk = Desk::start("second").await;
    let (ada, grace) = (desk.operators.owner.clone(), desk.operators.other.clone());
    desk.set_gate(true);
    let withdrawal = desk.withdraw(SECOND_ABOVE + 1).await;
    let proposal = proposed(&desk.approve_as(&ada, &withdrawal).await);
    assert_eq!(proposal.stage, ProposalStage::Open);
    assert_eq!(proposal.proposed, ProposedAction::Approve { withdrawal: withdrawal.id });
    assert_eq!(proposal.amount, Some(Amount::from_units(SECOND_ABOVE + 1)));
    assert_eq!(proposal.until_ms, proposal.at_ms.plus(DAY_MS));
    assert_eq!(proposed(&desk.approve_as(&ada, &withdrawal).await), proposal, "asked again it is the same");
    desk.pay().await;
    assert_eq!(desk.withdrawal(&withdrawal).await.state, WithdrawalState::Review);
    assert_eq!(desk.confirm_as(&ada, &proposal).await.code(), Code::SameOperator);
    let confirmed: Proposal = desk.confirm_as(&grace, &proposal).await.json();
    assert_eq!(confirmed.stage, ProposalStage::Confirmed);
    assert_eq!(desk.confirm_as(&grace, &proposal).await.code(), Code::ProposalEnded);
    desk.pay().await;
    assert_eq!(desk.withdrawal(&withdrawal).await.state, WithdrawalState::Paid);
    let all: Proposals = desk.operators.own("GET", "/admin/v1/proposals", None).await.json();
    assert_eq!(all.proposals, [confirmed]);
    let told = desk.operators.audit().await;
    let approved = told.iter().find(|line| line.entry.action == "withdrawal.approve").unwrap();
    assert_eq!(approved.entry.after.as_ref().unwrap()["proposal"]["id"], proposal.id);
    let view: WalletView =
        desk.operators.server.get(&format!("/api/v1/wallets/{}", desk.wallet())).await.json();
    assert_eq!(view.money["DRIP"].paid, Amount::from_units(SECOND_ABOVE + 1), "once");
}

#[tokio::test]
async fn keys_that_one_operator_knows_are_one_operator() {
    let desk = Desk::start("same").await;
    let operators = &desk.operators;
    let (one, two) = (operators.of_role(Role::Treasurer).await, operators.of_role(Role::Treasurer).await);
    let withdrawal = desk.withdraw(SECOND_ABOVE + 1).await;
    let proposal = proposed(&desk.approve_as(&one.secret, &withdrawal).await);
    for same in [&one.secret, &two.secret, &operators.owner] {
        assert_eq!(desk.confirm_as(same, &proposal).await.code(), Code::SameOperator);
    }
    // Grace makes a key, which is of another operator until Ada has rotated it and knows its secret.
    let request = json!({ "name": "of Grace", "role": "treasurer" });
    let of_grace = operators.send(&operators.other, "POST", "/admin/v1/keys", Some(request)).await;
    let of_grace: dripline_shared::api::access::ApiKeySecret = of_grace.json();
    let rotate = format!("/admin/v1/keys/{}/rotate", of_grace.key.id);
    let rotated: dripline_shared::api::access::ApiKeySecret =
        operators.own("POST", &rotate, Some(json!({}))).await.json();
    assert_eq!(desk.confirm_as(&rotated.secret, &proposal).await.code(), Code::SameOperator);
    let confirmed: Proposal = desk.confirm_as(&operators.other, &proposal).await.json();
    assert_eq!(confirmed.stage, ProposalStage::Confirmed);
}

#[tokio::test]
async fn a_proposal_of_a_key_that_was_revoked_cannot_be_confirmed() {
    let desk = Desk::start("revoked").await;
    let operators = &desk.operators;
    let treasurer = operators.of_role(Role::Treasurer).await;
    let withdrawal = desk.withdraw(SECOND_ABOVE + 1).await;
    let proposal = proposed(&desk.approve_as(&treasurer.secret, &withdrawal).await);
    operators.own("POST", &format!("/admin/v1/keys/{}/revoke", treasurer.key.id), None).await;
    assert_eq!(desk.confirm_as(&operators.other, &proposal).await.code(), Code::AccessRefused);
    assert_eq!(desk.withdrawal(&withdrawal).await.state, WithdrawalState::Review);
    // What cannot be confirmed can be withdrawn, and asked for anew.
    let path = format!("/admin/v1/proposals/{}/withdraw", proposal.id);
    let withdrawn: Proposal = operators.own("POST", &path, None).await.json();
    assert_eq!(withdrawn.stage, ProposalStage::Withdrawn);
    let proposal = proposed(&desk.approve_as(&operators.owner, &withdrawal).await);
    operators.server.pass(DAY_MS);
    assert_eq!(desk.confirm_as(&operators.other, &proposal).await.code(), Code::ProposalEnded);
    let all: Proposals = operators.own("GET", "/admin/v1/proposals", None).await.json();
    let stages: Vec<ProposalStage> = all.proposals.iter().map(|proposal| proposal.stage).collect();
    assert_eq!(stages, [ProposalStage::Expired, ProposalStage::Withdrawn]);
}

#[tokio::test]
async fn of_many_who_confirm_at_once_one_does_it() {
    let desk = Arc::new(Desk::start("at-once").await);
    let grace = desk.operators.other.clone();
    let withdrawal = desk.withdraw(SECOND_ABOVE + 1).await;
    let proposal = Arc::new(proposed(&desk.approve_as(&desk.operators.owner, &withdrawal).await));
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let (desk, proposal, grace) = (Arc::clone(&desk), Arc::clone(&proposal), grace.clone());
        tasks.push(tokio::spawn(async move { desk.confirm_as(&grace, &proposal).await }));
    }
    let (mut done, mut late) = (0, 0);
    for task in tasks {
        let answer = task.await.unwrap();
        if answer.is_problem() {
            // Whoever comes later meets what is approved already, or the end of the proposal.
            assert!(
                [Code::ProposalEnded, Code::NotForApproval].contains(&answer.code()),
                "{}",
                answer.text()
            );
            late += 1;
        } else {
            done += 1;
        }
    }
    assert_eq!((done, late), (1, 7));
    let told = desk.operators.audit().await;
    let approved = |line: &&dripline_shared::api::operate::AuditLine| {
        line.entry.action == "withdrawal.approve" && line.entry.refused.is_none()
    };
    assert_eq!(told.iter().filter(approved).count(), 1);
}

#[tokio::test]
async fn a_catalog_that_raises_budgets_by_much_waits_for_another_operator() {
    let desk = Desk::start("budget").await;
    let operators = &desk.operators;
    let raised = |units: u32| {
        move |catalog: &mut dripline_shared::catalog::Catalog| {
            let budget = &mut catalog.campaigns[0].budget;
            *budget = budget.checked_add(Amount::from_units(units)).unwrap();
        }
    };
    let publish =
        |body| async move { operators.own("POST", "/admin/v1/catalog/publications", Some(body)).await };
    let small = operators.draft(&operators.owner, "small", raised(SECOND_ABOVE)).await;
    let _: Publication = publish(publication_of(&small)).await.json();
    let large = operators.draft(&operators.owner, "large", raised(SECOND_ABOVE + 1)).await;
    let before: LiveCatalog = operators.live().await;
    let proposal = proposed(&publish(publication_of(&large)).await);
    assert_eq!(proposal.amount, Some(Amount::from_units(SECOND_ABOVE + 1)));
    assert_eq!(operators.live().await, before);
    let confirmed: Proposal = desk.confirm_as(&operators.other, &proposal).await.json();
    assert_eq!(confirmed.stage, ProposalStage::Confirmed);
    assert_eq!(operators.live().await.catalog, large.catalog);
}

#[tokio::test]
async fn a_draft_that_is_another_one_by_then_is_not_what_was_proposed() {
    let desk = Desk::start("swapped").await;
    let operators = &desk.operators;
    let raised = |units: u32| {
        move |catalog: &mut dripline_shared::catalog::Catalog| {
            let budget = &mut catalog.campaigns[0].budget;
            *budget = budget.checked_add(Amount::from_units(units)).unwrap();
        }
    };
    let seen = operators.draft(&operators.owner, "swapped", raised(SECOND_ABOVE + 1)).await;
    let before = operators.live().await;
    let path = "/admin/v1/catalog/publications";
    let proposal = proposed(&operators.own("POST", path, Some(publication_of(&seen))).await);
    let dropped = format!("/admin/v1/catalog/drafts/swapped?revision={}", seen.revision);
    assert_eq!(operators.own("DELETE", &dropped, None).await.status.as_u16(), 200);
    let other = operators.draft(&operators.owner, "swapped", raised(100 * SECOND_ABOVE)).await;
    assert!(other.revision > seen.revision);
    assert_eq!(desk.confirm_as(&operators.other, &proposal).await.code(), Code::DraftChanged);
    assert_eq!(operators.live().await, before);
}

#[tokio::test]
async fn what_cannot_be_done_any_more_is_not_done_by_confirming_it() {
    let desk = Desk::start("too-late").await;
    let operators = &desk.operators;
    let withdrawal = desk.withdraw(SECOND_ABOVE + 1).await;
    let proposal = proposed(&desk.approve_as(&operators.owner, &withdrawal).await);
    let path = format!("/admin/v1/withdrawals/{}/return", withdrawal.id);
    let body = json!({ "reason": "a mistake" });
    let returned: WithdrawalView = operators.own("POST", &path, Some(body)).await.json();
    assert_eq!(returned.state, WithdrawalState::Returned, "giving money back needs one operator");
    assert_eq!(desk.confirm_as(&operators.other, &proposal).await.code(), Code::NotForApproval);
    assert_eq!(desk.withdrawal(&withdrawal).await.state, WithdrawalState::Returned);
}
