//! Vouchers of campaigns, for operators.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::api::operate::{
    MadeVouchers, VOUCHERS_AT_ONCE, VoucherIssue, VoucherList, VoucherRequest,
};
use dripline_shared::error::Code;

use crate::faucet::{Faucet, Operator, unreadable};
use crate::refusal::Refusal;
use crate::store::BoxedReader;
use crate::store::command::{Answer, Change, MakeVouchers};
use crate::store::record::Stored;
use crate::voucher::{IssueRecord, VoucherCode};

impl Faucet {
    /// Makes vouchers of a campaign. Their codes are told this once.
    pub async fn make_vouchers(
        &self,
        who: Operator,
        campaign: Arc<str>,
        request: VoucherRequest,
    ) -> Result<MadeVouchers, Refusal> {
        // One more than may be is refused as well as any number above.
        let count = request.count.min(VOUCHERS_AT_ONCE.saturating_add(1));
        let codes: Vec<VoucherCode> = (0..count).map(|_| VoucherCode::new(&self.inner.edge)).collect();
        let hashes = codes.iter().map(VoucherCode::hash).collect();
        let make = MakeVouchers { campaign, hashes, expires: request.expires_ms };
        self.counted(match self.inner.operate(who, Change::MakeVouchers(make)).await {
            Ok(Answer::Vouchers(issue)) => Ok(MadeVouchers {
                issue: issue.view(0),
                codes: codes.iter().map(VoucherCode::text).collect(),
            }),
            Ok(_) => Err(Code::Internal.into()),
            Err(refusal) => Err(refusal),
        })
    }

    /// The vouchers of a campaign, as they were made.
    pub async fn vouchers(&self, campaign: &str) -> Result<VoucherList, Refusal> {
        self.counted(self.issues(campaign).await)
    }

    /// Revokes those of an issue that nobody has used.
    pub async fn revoke_vouchers(
        &self,
        who: Operator,
        campaign: Arc<str>,
        number: u64,
    ) -> Result<VoucherIssue, Refusal> {
        let change = Change::RevokeVouchers { campaign: Arc::clone(&campaign), number };
        let revoked = self.inner.operate(who, change).await;
        self.counted(revoked)?;
        let issues = self.vouchers(&campaign).await?.issues;
        issues.into_iter().find(|issue| issue.number == number).ok_or_else(|| Code::Internal.into())
    }

    async fn issues(&self, campaign: &str) -> Result<VoucherList, Refusal> {
        let records: Vec<IssueRecord> = self.inner.all_stored("".into()).await?;
        let read = |reader: &mut BoxedReader| reader.vouchers_used().map_err(unreadable);
        let used: BTreeMap<Arc<str>, u64> = self.inner.readers.run(read).await??.into_iter().collect();
        let known = self.inner.in_force().catalog.campaign(campaign).is_some();
        let of_campaign: Vec<&IssueRecord> = records.iter().filter(|it| it.campaign == campaign).collect();
        if of_campaign.is_empty() && !known {
            return Err(Code::UnknownCampaign.into());
        }
        let view = |issue: &&IssueRecord| issue.view(used.get(&issue.id()).copied().unwrap_or(0));
        Ok(VoucherList { issues: of_campaign.iter().map(view).collect() })
    }
}
