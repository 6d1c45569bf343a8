//! Payouts, for players: the way from a request to the writer and back, and what is told of them.

use std::sync::Arc;

use dripline_shared::api::{
    AddressRequest, AddressView, RailList, WithdrawalPage, WithdrawalRequest, WithdrawalView,
};
use dripline_shared::error::Code;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::wallet::Wallet;

use crate::faucet::{Faucet, HISTORY_MAX, Inner, RailAtWork, unreadable};
use crate::payout::{address, view, withdraw};
use crate::play::prove;
use crate::refusal::Refusal;
use crate::store::command::{SetAddress, Withdraw};
use crate::store::{Answer, BoxedReader, Command};

impl Faucet {
    /// The rails, and what they cost now.
    pub async fn rails(&self) -> Result<RailList, Refusal> {
        let (in_force, now) = (self.inner.in_force(), self.inner.edge.now());
        let read = move |reader: &mut BoxedReader| {
            reader.rails().map(|records| view::rails(&in_force, &records, now)).map_err(unreadable)
        };
        self.counted(self.inner.readers.run(read).await.and_then(|list| list))
    }

    /// Sets a payout address.
    pub async fn set_address(&self, request: AddressRequest) -> Result<AddressView, Refusal> {
        self.counted(self.inner.set_address(request).await)
    }

    /// Requests a payout.
    pub async fn withdraw(&self, request: WithdrawalRequest) -> Result<WithdrawalView, Refusal> {
        self.counted(self.inner.withdraw(request).await)
    }

    /// How a withdrawal stands.
    pub async fn withdrawal(&self, id: WithdrawalId) -> Result<WithdrawalView, Refusal> {
        self.counted(self.inner.withdrawal(id).await)
    }

    /// A page of a wallet's withdrawals, the newest first: those with ids below `before`, at most `limit`, which is taken
    /// as 1 to [`HISTORY_MAX`].
    pub async fn withdrawals(
        &self,
        wallet: Wallet,
        before: Option<WithdrawalId>,
        limit: u32,
    ) -> Result<WithdrawalPage, Refusal> {
        let limit = usize::try_from(limit.clamp(1, HISTORY_MAX)).unwrap_or(usize::MAX);
        let now = self.inner.edge.now();
        let read = move |reader: &mut BoxedReader| {
            // One more than asked for tells whether there is another page.
            let found = reader.withdrawals(wallet, before, limit.saturating_add(1)).map_err(unreadable)?;
            Ok(view::page(found, limit, now))
        };
        self.counted(self.inner.readers.run(read).await.and_then(|page| page))
    }
}

impl Inner {
    pub(super) fn rail(&self, id: &str) -> Result<&Arc<RailAtWork>, Refusal> {
        self.rails.get(id).ok_or_else(|| crate::check::rail::unknown(id).into())
    }

    async fn set_address(&self, request: AddressRequest) -> Result<AddressView, Refusal> {
        let (now, in_force) = (self.edge.now(), self.in_force());
        address::addressed(&in_force, &request)?;
        if let Some(at_work) = self.rails.get(&*request.rail) {
            address::check(&*at_work.rail, &request.address)?;
        }
        let proven = move |_: &mut BoxedReader| {
            let message = request.signed_message.as_deref();
            let hash = prove::signed_by_wallet(&request.statement(), message, &request.signature)?;
            // Where there is no such rail, the writer says so.
            if let Ok((_, rules)) = in_force.rail(&request.rail) {
                address::owned(rules, &request)?;
            }
            Ok::<_, Refusal>((request, hash))
        };
        let (request, statement) = self.provers.run(proven).await??;
        let command = SetAddress { now, request, statement };
        match self.writer.change(Command::SetAddress(Box::new(command))).await? {
            Answer::AddressSet { address, .. } => Ok(address::view(&address)),
            _ => Err(Code::Internal.into()),
        }
    }

    async fn withdraw(&self, request: WithdrawalRequest) -> Result<WithdrawalView, Refusal> {
        let now = self.edge.now();
        let decimals = withdraw::addressed(&self.in_force(), &self.assets, &request)?;
        let at_work = self.rails.get(&*request.rail).cloned();
        if let Some(at_work) = &at_work {
            // The rail may have been another one when the address was set.
            address::check(&*at_work.rail, &request.address)?;
        }
        let proven = move |_: &mut BoxedReader| {
            let message = request.signed_message.as_deref();
            let hash = prove::signed_by_wallet(&request.statement(decimals), message, &request.signature)?;
            Ok::<_, Refusal>((request, hash))
        };
        let (request, statement) = self.provers.run(proven).await??;
        let needs_account = match &at_work {
            Some(at_work) => self.needs_account(at_work, &request).await?,
            None => None,
        };
        let id = WithdrawalId::new(now, self.edge.random());
        let command = Withdraw { now, id, request, statement, needs_account };
        match self.writer.change(Command::Withdraw(Box::new(command))).await? {
            Answer::Requested { withdrawal, new } => {
                if let Some(at_work) = at_work.filter(|_| new) {
                    at_work.wanted.notify_one();
                }
                self.withdrawal(withdrawal.id).await
            }
            _ => Err(Code::Internal.into()),
        }
    }

    /// Whether the recipient has no account of the asset yet: asks the chain, where that costs something. `None` where it is not
    /// asked, or does not answer.
    async fn needs_account(
        &self,
        at_work: &RailAtWork,
        request: &WithdrawalRequest,
    ) -> Result<Option<bool>, Refusal> {
        let in_force = self.in_force();
        let rules = in_force.rail_asset(&request.rail, &request.asset);
        if !rules.is_ok_and(|(_, rules)| !rules.account_fee.is_zero()) {
            return Ok(None);
        }
        // Whoever asks for a lot waits, and not everybody else.
        let _one_of_few = at_work.asking.acquire().await.map_err(|_| Code::ShuttingDown)?;
        let rail = Arc::clone(&at_work.rail);
        let (asset, address) = (request.asset.clone(), request.address.clone());
        let answer = tokio::task::spawn_blocking(move || rail.needs_account(&asset, &address)).await;
        match answer.map_err(|_| Code::Internal)? {
            Ok(needs_account) => Ok(Some(needs_account)),
            Err(why) => {
                tracing::warn!(rail = request.rail, %why, "cannot tell what a withdrawal costs");
                Ok(None)
            }
        }
    }

    async fn withdrawal(&self, id: WithdrawalId) -> Result<WithdrawalView, Refusal> {
        let now = self.edge.now();
        let read = move |reader: &mut BoxedReader| reader.withdrawal(id).map_err(unreadable);
        let found = self.readers.run(read).await??.ok_or(Code::WithdrawalUnknown)?;
        Ok(view::withdrawal(found, now))
    }
}
