//! Operators: who they are, inviting and dismissing them, and what they may do.

use std::sync::Arc;

use dripline_shared::api::access::Role;
use dripline_shared::api::operate::By;
use dripline_shared::api::sign_in::{InvitationRequest, InvitationView, OperatorList, OperatorView};
use dripline_shared::error::Code;

use super::sign_in::operator_of;
use crate::access::{InvitationRecord, OperatorRecord, Token, TokenUse};
use crate::edge::Edge;
use crate::faucet::{Faucet, Operator};
use crate::refusal::Refusal;
use crate::store::command::{AccessChange, Answer, Change, Invite};

/// What the first owner is called until they say another name.
const FIRST_OWNER: &str = "Owner";

/// An invitation that was made, and its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// What whoever is invited gets.
    pub token: Token,
    /// What is known of it.
    pub invitation: InvitationView,
}

impl Faucet {
    /// All operators, and invitations that can still be taken, the oldest first.
    pub async fn operators(&self) -> Result<OperatorList, Refusal> {
        self.counted(self.operators_uncounted().await)
    }

    /// Invites somebody, who may do no more than whoever invites.
    pub async fn invite(&self, who: Operator, request: InvitationRequest) -> Result<Invited, Refusal> {
        let (token, invite) = new_invitation(request, &self.inner.edge);
        let answer = self.inner.operate(who, Change::Access(AccessChange::Invite(invite))).await;
        self.counted(answer.and_then(|answer| invited(token, answer)?.ok_or_else(|| Code::Internal.into())))
    }

    /// Invites the first owner, where there is neither an operator nor an API key. To be called at each start: whoever started a
    /// server reads its log.
    pub async fn invite_first(&self) -> Result<Option<Invited>, Refusal> {
        let request = InvitationRequest { name: FIRST_OWNER.to_owned(), role: Role::Owner, valid_ms: None };
        let (token, invite) = new_invitation(request, &self.inner.edge);
        let who = Operator { by: By::Server, from: None, session: None };
        let answer = self.inner.operate(who, Change::Access(AccessChange::InviteFirst(invite))).await;
        self.counted(answer.and_then(|answer| invited(token, answer)))
    }

    /// Revokes an invitation.
    pub async fn revoke_invitation(&self, who: Operator, id: Arc<str>) -> Result<(), Refusal> {
        let change = AccessChange::RevokeInvitation { id };
        self.counted(self.inner.operate(who, Change::Access(change)).await.map(drop))
    }

    /// Changes what an operator may do, from now on and everywhere.
    pub async fn set_role(&self, who: Operator, id: Arc<str>, role: Role) -> Result<OperatorView, Refusal> {
        let change = AccessChange::SetRole { id, role };
        let answer = self.inner.operate(who, Change::Access(change)).await;
        self.counted(answer.and_then(operator_of).map(|operator| operator.view()))
    }

    /// Dismisses an operator: all their sessions end with it.
    pub async fn dismiss(&self, who: Operator, id: Arc<str>) -> Result<(), Refusal> {
        let change = AccessChange::Dismiss { id };
        self.counted(self.inner.operate(who, Change::Access(change)).await.map(drop))
    }

    async fn operators_uncounted(&self) -> Result<OperatorList, Refusal> {
        let now = self.inner.edge.now();
        let mut operators: Vec<OperatorRecord> = self.inner.all_stored("".into()).await?;
        operators.sort_by(|one, other| (one.made_at, &one.id).cmp(&(other.made_at, &other.id)));
        let mut invitations: Vec<InvitationRecord> = self.inner.all_stored("".into()).await?;
        // Whoever asks has access: the invitation of the first owner is over.
        invitations.retain(|it| it.is_open(now) && it.by != By::Server);
        invitations.sort_by(|one, other| (one.made_at, &one.id).cmp(&(other.made_at, &other.id)));
        Ok(OperatorList {
            operators: operators.iter().map(OperatorRecord::view).collect(),
            invitations: invitations.iter().map(InvitationRecord::view).collect(),
        })
    }
}

/// A new invitation, and how it is made.
pub(super) fn new_invitation(request: InvitationRequest, edge: &Edge) -> (Token, Invite) {
    let token = Token::new(edge.random(), edge.random());
    let invite = Invite { id: token.id(), hash: token.hash(TokenUse::Invitation), request };
    (token, invite)
}

/// An invitation that was made, with its secret; nothing where none was needed.
pub(super) fn invited(token: Token, answer: Answer) -> Result<Option<Invited>, Refusal> {
    match answer {
        Answer::Invited(record) => Ok(Some(Invited { token, invitation: record.view() })),
        Answer::Operated => Ok(None),
        _ => Err(Code::Internal.into()),
    }
}
