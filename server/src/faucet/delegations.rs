//! Delegations, and what becomes of what a guest had: the way from a request to the writer and back.

use dripline_shared::api::{
    BalanceMoveAnswer, BalanceMoveRequest, DelegationList, DelegationListRequest, DelegationRequest,
    DelegationRevocation, DelegationView,
};
use dripline_shared::error::Code;
use dripline_shared::wallet::Wallet;

use crate::check;
use crate::delegation;
use crate::faucet::settings::Caller;
use crate::faucet::{Faucet, Inner, unreadable};
use crate::play::prove;
use crate::refusal::Refusal;
use crate::store::command::{Delegate, MoveBalance, RevokeDelegation};
use crate::store::{Answer, BoxedReader, Command};

impl Faucet {
    /// Lets the key of a browser play for a wallet.
    pub async fn delegate(
        &self,
        request: DelegationRequest,
        caller: &Caller,
    ) -> Result<DelegationView, Refusal> {
        self.counted(self.inner.delegate(request, caller).await)
    }

    /// Moves all that a guest's key has to a wallet.
    pub async fn move_balance(&self, request: BalanceMoveRequest) -> Result<BalanceMoveAnswer, Refusal> {
        self.counted(self.inner.move_balance(request).await)
    }

    /// The delegations of a wallet that hold, for whoever signs for it.
    pub async fn list_delegations(&self, request: DelegationListRequest) -> Result<DelegationList, Refusal> {
        self.counted(self.inner.list_delegations(request).await)
    }

    /// Revokes a delegation. Gives those that hold afterwards.
    pub async fn revoke_delegation(&self, request: DelegationRevocation) -> Result<DelegationList, Refusal> {
        self.counted(self.inner.revoke_delegation(request).await)
    }
}

impl Inner {
    async fn delegate(&self, request: DelegationRequest, caller: &Caller) -> Result<DelegationView, Refusal> {
        let now = self.edge.now();
        delegation::addressed(&self.in_force(), request.faucet, &request.origin, request.site.as_deref())?;
        let proven = move |_: &mut BoxedReader| {
            let statement = request.statement();
            let hash =
                prove::signed_by_wallet(&statement, request.signed_message.as_deref(), &request.signature)?;
            prove::signed(request.delegate, &statement, &request.countersignature)?;
            Ok::<_, Refusal>((request, hash))
        };
        let (request, statement) = self.provers.run(proven).await??;
        let command = Delegate { now, request, statement, prefix: caller.prefix.clone() };
        match self.writer.change(Command::Delegate(Box::new(command))).await? {
            Answer::Delegated { record, .. } => Ok(delegation::view(&record)),
            _ => Err(Code::Internal.into()),
        }
    }

    async fn move_balance(&self, request: BalanceMoveRequest) -> Result<BalanceMoveAnswer, Refusal> {
        let now = self.edge.now();
        delegation::addressed(&self.in_force(), request.faucet, &request.origin, None)?;
        let proven = move |_: &mut BoxedReader| {
            let hash = prove::signed(request.wallet, &request.statement(), &request.signature)?;
            Ok::<_, Refusal>((request, hash))
        };
        let (request, statement) = self.provers.run(proven).await??;
        let wallet = request.wallet;
        let command = MoveBalance { now, request, statement };
        match self.writer.change(Command::MoveBalance(Box::new(command))).await? {
            Answer::BalanceMoved { moved, .. } => {
                Ok(BalanceMoveAnswer { wallet, to: moved.to, moved_at_ms: moved.at })
            }
            _ => Err(Code::Internal.into()),
        }
    }

    async fn list_delegations(&self, request: DelegationListRequest) -> Result<DelegationList, Refusal> {
        let now = self.edge.now();
        delegation::addressed(&self.in_force(), request.faucet, &request.origin, request.site.as_deref())?;
        check::statement::issued_at(request.issued_at_ms, now)?;
        let wallet = request.wallet;
        let proven = move |_: &mut BoxedReader| {
            let message = request.signed_message.as_deref();
            prove::signed_by_wallet(&request.statement(), message, &request.signature).map(drop)
        };
        self.provers.run(proven).await??;
        self.delegations(wallet).await
    }

    async fn revoke_delegation(&self, request: DelegationRevocation) -> Result<DelegationList, Refusal> {
        let now = self.edge.now();
        delegation::addressed(&self.in_force(), request.faucet, &request.origin, request.site.as_deref())?;
        let wallet = request.wallet;
        let proven = move |_: &mut BoxedReader| {
            let message = request.signed_message.as_deref();
            prove::signed_by_wallet(&request.statement(), message, &request.signature)?;
            Ok::<_, Refusal>(request)
        };
        let request = self.provers.run(proven).await??;
        let command = RevokeDelegation { now, request };
        self.writer.change(Command::RevokeDelegation(Box::new(command))).await?;
        self.delegations(wallet).await
    }

    async fn delegations(&self, wallet: Wallet) -> Result<DelegationList, Refusal> {
        let now = self.edge.now();
        let read = move |reader: &mut BoxedReader| {
            let records = reader.delegations(wallet).map_err(unreadable)?;
            Ok(DelegationList { delegations: delegation::views(records, now) })
        };
        self.readers.run(read).await?
    }
}
