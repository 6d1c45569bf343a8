//! Payouts, for operators: what is done about rails and withdrawals; how they stand is in [`look`]. The same as `dripline payouts` does where the
//! store is; here beside whatever is under way.

use std::sync::Arc;

use dripline_shared::amount::Amount;
use dripline_shared::api::operate::By;
use dripline_shared::api::operate::payouts::{ImportRequest, Payouts, RecordRequest, ResumeRequest};
use dripline_shared::api::operate::proposals::ProposedAction;
use dripline_shared::api::{Reason, WithdrawalView};
use dripline_shared::error::Code;
use dripline_shared::payout::{BatchId, RailKind, WithdrawalId};
use dripline_shared::text::is_line;
use dripline_shared::wallet::Wallet;

use crate::faucet::proposals::Acted;
use crate::faucet::recovery::{Unproven, Unrecorded, paid_before, witnessed};
use crate::faucet::{Faucet, Inner, Operator, RailAtWork, unreadable};
use crate::payout::pause::RESERVED;
use crate::payout::{RailRules, transaction_id};
use crate::refusal::Refusal;
use crate::store::command::{
    CancelBatch, Change, Correction, GiveBackWithdrawal, ImportPayout, Known, RecordPayout, Second, SetPause,
};
use crate::store::record::{Stage, WithdrawalRecord};
use crate::store::{Answer, BoxedReader, Command};

mod look;

pub use look::{QUEUE_MAX, WaitingFor};

/// The most characters of a reason that players are told.
const REASON_MAX: usize = 200;

impl Faucet {
    /// Pauses a rail for this reason, or lets it run again, by the server itself. A paused one signs and sends nothing; what was
    /// requested waits.
    pub async fn set_pause(&self, rail: &str, why: Option<&str>) -> Result<(), Refusal> {
        let who = Operator { by: By::Server, from: None, session: None };
        self.inner.set_pause(who, rail, why, Known::default(), Second::Unasked).await.map(drop)
    }

    /// Wants a batch not to be paid any more, by the server itself; what was sent of it may be faster. Tells whether there is
    /// such a batch that has not ended.
    pub async fn cancel_batch(&self, batch: BatchId) -> Result<bool, Refusal> {
        self.inner.cancel(Operator { by: By::Server, from: None, session: None }, batch).await
    }

    /// Pauses a rail for this reason, which players are told.
    pub async fn pause_rail(&self, who: Operator, rail: &str, reason: &str) -> Result<Payouts, Refusal> {
        let paused = async {
            let why = told_reason(reason)?;
            self.inner.set_pause(who, rail, Some(why), Known::default(), Second::Unasked).await
        };
        self.counted(paused.await)?;
        self.payouts().await
    }

    /// Lets a rail run again; where its chain shows what the store does not, that may need a second operator.
    pub async fn resume_rail(
        &self,
        who: Operator,
        rail: &str,
        request: ResumeRequest,
    ) -> Result<Acted<Payouts>, Refusal> {
        let proposed = ProposedAction::Resume { rail: rail.to_owned(), request: request.clone() };
        let acted = self.inner.resume(who, rail, request, self.inner.asks(proposed)).await;
        let acted = self.counted(acted)?;
        let payouts = self.payouts().await?;
        Ok(acted.map(|()| payouts))
    }

    /// Wants a batch not to be paid any more.
    pub async fn cancel_batch_by(&self, who: Operator, batch: BatchId) -> Result<Payouts, Refusal> {
        if self.counted(self.inner.cancel(who, batch).await)? {
            self.payouts().await
        } else {
            self.counted(Err(Code::BatchUnknown.into()))
        }
    }

    /// Approves a withdrawal that waits for that; a large one may need a second operator.
    pub async fn approve_withdrawal(
        &self,
        who: Operator,
        withdrawal: WithdrawalId,
    ) -> Result<Acted<WithdrawalView>, Refusal> {
        let second = self.inner.asks(ProposedAction::Approve { withdrawal });
        let acted = self.counted(self.inner.approve(who, withdrawal, second).await)?;
        self.with_view(acted, withdrawal).await
    }

    /// Gives the money of a withdrawal that waits back whole. The player is told why.
    pub async fn return_withdrawal(
        &self,
        who: Operator,
        withdrawal: WithdrawalId,
        reason: &str,
    ) -> Result<WithdrawalView, Refusal> {
        let returned = async {
            let reason = told_reason(reason)?.into();
            let give = GiveBackWithdrawal { now: self.inner.edge.now(), withdrawal, reason };
            self.inner.correct(who, Command::GiveBackWithdrawal(give), Second::Unasked).await
        };
        self.counted(returned.await)?;
        self.withdrawal(withdrawal).await
    }

    /// Records by which transaction a withdrawal was paid; a large one may need a second operator.
    pub async fn import_payout(
        &self,
        who: Operator,
        withdrawal: WithdrawalId,
        request: ImportRequest,
    ) -> Result<Acted<WithdrawalView>, Refusal> {
        let second = self.inner.asks(ProposedAction::Import { withdrawal, request: request.clone() });
        let acted = self.counted(self.inner.import(who, withdrawal, request, second).await)?;
        self.with_view(acted, withdrawal).await
    }

    /// Records a payout whose withdrawal the store does not have; a large one may need a second operator.
    pub async fn record_payout(
        &self,
        who: Operator,
        rail: &str,
        request: RecordRequest,
    ) -> Result<Acted<WithdrawalView>, Refusal> {
        let proposed = ProposedAction::Record { rail: rail.to_owned(), request: request.clone() };
        let acted = self.inner.record(who, rail, request, self.inner.asks(proposed)).await;
        match self.counted(acted)? {
            Acted::Done(withdrawal) => Ok(Acted::Done(self.withdrawal(withdrawal).await?)),
            Acted::Proposed(proposal) => Ok(Acted::Proposed(proposal)),
        }
    }

    async fn with_view(
        &self,
        acted: Acted<()>,
        withdrawal: WithdrawalId,
    ) -> Result<Acted<WithdrawalView>, Refusal> {
        match acted {
            Acted::Done(()) => Ok(Acted::Done(self.withdrawal(withdrawal).await?)),
            Acted::Proposed(proposal) => Ok(Acted::Proposed(proposal)),
        }
    }
}

impl Inner {
    async fn set_pause(
        &self,
        who: Operator,
        rail: &str,
        why: Option<&str>,
        known: Known,
        second: Second,
    ) -> Result<Acted<()>, Refusal> {
        let wanted = &self.rail(rail)?.wanted;
        let pause = SetPause { now: self.edge.now(), rail: rail.into(), why: why.map(Arc::from), known };
        let change = Change::Payout(Box::new(Command::SetPause(pause)));
        let acted = match self.operate_with(who, change, second).await? {
            Answer::RailSet(_) => Acted::Done(()),
            Answer::Proposed(record) => Acted::proposed(&record, self.edge.now()),
            _ => return Err(Code::Internal.into()),
        };
        wanted.notify_one();
        Ok(acted)
    }

    pub(super) async fn resume(
        &self,
        who: Operator,
        rail: &str,
        request: ResumeRequest,
        second: Second,
    ) -> Result<Acted<()>, Refusal> {
        let ResumeRequest { next_nonce, examined } = request;
        // Solana is the only chain on which a treasury is examined by its transactions.
        let named = |text: String| {
            transaction_id(RailKind::Solana, &text)
                .map(Arc::from)
                .map_err(|expected| of_field("examined", format!("expected {expected}")))
        };
        let known = Known { next_nonce, examined: examined.map(named).transpose()? };
        self.set_pause(who, rail, None, known, second).await
    }

    async fn cancel(&self, who: Operator, batch: BatchId) -> Result<bool, Refusal> {
        let cancel = CancelBatch { now: self.edge.now(), batch };
        let change = Change::Payout(Box::new(Command::CancelBatch(cancel)));
        match self.operate(who, change).await? {
            Answer::Cancelling { open } => {
                self.ring_all();
                Ok(open)
            }
            _ => Err(Code::Internal.into()),
        }
    }

    pub(super) async fn approve(
        &self,
        who: Operator,
        withdrawal: WithdrawalId,
        second: Second,
    ) -> Result<Acted<()>, Refusal> {
        match self.operate_with(who, Change::Approve { withdrawal }, second).await? {
            Answer::Requested { .. } => {
                self.ring_all();
                Ok(Acted::Done(()))
            }
            Answer::Proposed(record) => Ok(Acted::proposed(&record, self.edge.now())),
            _ => Err(Code::Internal.into()),
        }
    }

    /// Has an operator's word about a withdrawal decided and stored.
    async fn correct(&self, who: Operator, command: Command, second: Second) -> Result<Acted<()>, Refusal> {
        match self.operate_with(who, Change::Payout(Box::new(command)), second).await? {
            Answer::Corrected(correction) => corrected(correction).map(Acted::Done),
            Answer::Proposed(record) => Ok(Acted::proposed(&record, self.edge.now())),
            _ => Err(Code::Internal.into()),
        }
    }

    pub(super) async fn import(
        &self,
        who: Operator,
        id: WithdrawalId,
        request: ImportRequest,
        second: Second,
    ) -> Result<Acted<()>, Refusal> {
        let read = move |reader: &mut BoxedReader| reader.withdrawal(id).map_err(unreadable);
        let found = self.readers.run(read).await??.ok_or(Code::WithdrawalUnknown)?.record;
        let in_force = self.in_force();
        let (_, rules) = in_force.rail(&found.rail)?;
        let transaction = named(rules, &request.transaction)?;
        let is_checked = !request.unchecked && !found.stage.state().is_final();
        let nonce = if is_checked { self.witnessed(&found, &transaction).await? } else { None };
        let (now, batch) = (self.edge.now(), BatchId::new(self.edge.now(), self.edge.random()));
        let import = ImportPayout { now, withdrawal: id, batch, transaction: transaction.into(), nonce };
        self.correct(who, Command::ImportPayout(import), second).await
    }

    pub(super) async fn record(
        &self,
        who: Operator,
        rail: &str,
        request: RecordRequest,
        second: Second,
    ) -> Result<Acted<WithdrawalId>, Refusal> {
        let in_force = self.in_force();
        let (_, rules) = in_force.rail(rail)?;
        let RecordRequest { transaction, to, amount, asset, wallet, unchecked } = request;
        let transaction = named(rules, &transaction)?;
        let mut of_rail = rules.assets.keys();
        let code = match (asset, of_rail.next(), of_rail.next()) {
            (Some(code), ..) => code,
            (None, Some(only), None) => only.to_string(),
            _ => return Err(of_field("asset", "expected one of those that the rail pays".to_owned())),
        };
        let (_, of_asset) = in_force.rail_asset(rail, &code)?;
        let fee = of_asset.fee;
        let leaves = amount.checked_add(fee).filter(|leaves| *leaves > fee);
        let leaves = leaves.ok_or_else(|| of_field("amount", "expected more than nothing".to_owned()))?;
        let wallet = match wallet {
            Some(wallet) => wallet,
            None => self.only_wallet_at(rail, &to).await?,
        };
        let unrecorded = Unrecorded {
            rail,
            asset: &code,
            to: &to,
            transaction: &transaction,
            wallet,
            amount: (leaves, fee),
        };
        let (now, random) = (self.edge.now(), self.edge.random());
        let withdrawal = unrecorded.withdrawal(now, random);
        let nonce = if unchecked { None } else { self.witnessed(&withdrawal, &transaction).await? };
        let (id, batch) = (withdrawal.id, BatchId::new(now, self.edge.random()));
        let record = RecordPayout { withdrawal, batch, transaction: transaction.into(), nonce };
        let acted = self.correct(who, Command::RecordPayout(Box::new(record)), second).await?;
        Ok(acted.map(|()| id))
    }

    /// The only wallet that has had this address by a rail.
    async fn only_wallet_at(&self, rail: &str, address: &str) -> Result<Wallet, Refusal> {
        let (rail, address): (Arc<str>, Arc<str>) = (rail.into(), address.into());
        let read = move |reader: &mut BoxedReader| reader.wallets_at(&rail, &address).map_err(unreadable);
        match self.readers.run(read).await??.as_slice() {
            [wallet] => Ok(*wallet),
            [] => Err(Code::WalletUnknown.into()),
            several => {
                let several = several.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                Err(of_field("wallet", format!("expected one of {several}")))
            }
        }
    }

    /// Asks the chain whether a transaction has paid a withdrawal. Gives its nonce.
    async fn witnessed(
        &self,
        withdrawal: &WithdrawalRecord,
        transaction: &str,
    ) -> Result<Option<u64>, Refusal> {
        let at_work: &Arc<RailAtWork> = self.rail(&withdrawal.rail)?;
        let (record, id) = (withdrawal.clone(), transaction.to_owned());
        let read = move |reader: &mut BoxedReader| paid_before(&record, &id, reader).map_err(unreadable);
        let before: Amount = self.readers.run(read).await??;
        let _one_of_few = at_work.asking.acquire().await.map_err(|_| Code::ShuttingDown)?;
        let rail = Arc::clone(&at_work.rail);
        let (record, id) = (withdrawal.clone(), transaction.to_owned());
        let asked = tokio::task::spawn_blocking(move || witnessed(&*rail, &record, &id, before)).await;
        asked.map_err(|_| Code::Internal)?.map_err(|unproven| match unproven {
            Unproven::Unreachable(_) => Refusal::new(Code::RailUnreachable, unproven.to_string()),
            Unproven::Contradicted(why) => {
                let message = format!("by the chain's word, {transaction} has not paid this: {why}");
                Refusal::new(Code::EvidenceMissing, message)
            }
        })
    }
}

/// The refusal of a request because of one of its fields.
fn of_field(field: &str, message: String) -> Refusal {
    let subject = Some(field.to_owned());
    Refusal::from(Reason { code: Code::InvalidRequest, message, subject, until_ms: None })
}

/// A reason that players are told, if it can be one: those of the rail itself begin as no other may.
fn told_reason(text: &str) -> Result<&str, Refusal> {
    let text = text.trim();
    if !(1..=REASON_MAX).contains(&text.chars().count()) || !is_line(text) {
        let message = format!("expected 1 to {REASON_MAX} characters, in one line, none of them invisible");
        return Err(of_field("reason", message));
    }
    match RESERVED.iter().find(|reserved| text.starts_with(**reserved)) {
        Some(reserved) => {
            let message = format!("expected a reason that does not begin with \"{reserved}\"");
            Err(of_field("reason", message))
        }
        None => Ok(text),
    }
}

/// The id of a transaction as a rail writes it.
fn named(rules: &RailRules, transaction: &str) -> Result<String, Refusal> {
    transaction_id(rules.kind, transaction)
        .map_err(|expected| of_field("transaction", format!("expected {expected}")))
}

/// What an operator's word about a withdrawal came to, as a refusal where nothing has changed.
fn corrected(correction: Correction) -> Result<(), Refusal> {
    let refused = |code, message: String| Err(Refusal::new(code, message));
    match correction {
        Correction::Done | Correction::WasSo => Ok(()),
        Correction::Unknown => Err(Code::WithdrawalUnknown.into()),
        Correction::TooLittle { balance } => refused(
            Code::BalanceTooLow,
            format!(
                "the wallet has {balance} ledger units: the rest was earned after the backup; record what there is"
            ),
        ),
        Correction::RailRuns { rail } => refused(
            Code::RailRuns,
            format!("{rail} runs, or will by itself, and might pay it meanwhile: pause it first"),
        ),
        Correction::Batched { batch } => refused(
            Code::WithdrawalBatched,
            format!(
                "it is in the batch {batch}: cancelling that gives its money back, unless it is paid before"
            ),
        ),
        Correction::MayBePaid { batch } => refused(
            Code::WithdrawalBatched,
            format!("it is in the batch {batch}, and what was sent of that may still be executed, or was"),
        ),
        Correction::Ended { stage } => refused(
            Code::WithdrawalEnded,
            match stage {
                Stage::Paid { transaction, at, .. } => format!("it was paid by {transaction}, at {at}"),
                Stage::Returned { at, .. } => format!("its money is back, less the fee, since {at}"),
                Stage::Cancelled { at, .. } => format!("its money is back whole, since {at}"),
                Stage::Queued | Stage::Held | Stage::Unapproved | Stage::Batched(_) => {
                    "it has not ended".to_owned()
                }
            },
        ),
    }
}
