//! Vouchers of campaigns: operators make them, and players ask what theirs are for.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_shared::api::operate::{
    MadeVouchers, VOUCHERS_AT_ONCE, VoucherIssue, VoucherList, VoucherRequest,
};
use dripline_shared::api::{VoucherLook, VoucherView};
use dripline_shared::error::Code;

use crate::check;
use crate::faucet::{Faucet, Inner, Operator, unreadable};
use crate::play::view;
use crate::refusal::Refusal;
use crate::store::command::{Answer, Change, MakeVouchers};
use crate::store::record::Stored;
use crate::store::{BoxedReader, Document};
use crate::voucher::{Asked, IssueRecord, VoucherCode};

impl Faucet {
    /// Makes vouchers of a campaign. Asked once more under the same client id, by the same operator, it tells the same codes.
    pub async fn make_vouchers(
        &self,
        who: Operator,
        campaign: Arc<str>,
        request: VoucherRequest,
    ) -> Result<MadeVouchers, Refusal> {
        // One more than may be is refused as well as any number above.
        let count = request.count.min(VOUCHERS_AT_ONCE.saturating_add(1));
        let asked = Asked::new(&campaign, &who.by, request.client_id);
        let in_force = self.inner.in_force();
        let codes: Vec<VoucherCode> =
            (0..count).map(|number| in_force.keys.voucher_code(&asked, number)).collect();
        let hashes = codes.iter().map(VoucherCode::hash).collect();
        let make = MakeVouchers { campaign, asked: asked.hash(), hashes, expires: request.expires_ms };
        let answer = match self.inner.operate(who, Change::MakeVouchers(make)).await {
            Ok(Answer::Vouchers(issue)) => self.inner.used(&issue.id()).await.map(|used| MadeVouchers {
                issue: issue.view(used),
                codes: codes.iter().map(VoucherCode::text).collect(),
            }),
            Ok(_) => Err(Code::Internal.into()),
            Err(refusal) => Err(refusal),
        };
        self.counted(answer)
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

    /// What a code is for, to a wallet that can use it or has used it; on this site, where one is named. Asking changes nothing. One
    /// that is none, that was revoked, or whose campaign is in the catalog no more, has the same answer, whatever it is.
    pub async fn look_at_voucher(
        &self,
        look: VoucherLook,
        site: Option<&str>,
    ) -> Result<VoucherView, Refusal> {
        self.counted(self.inner.look_at_voucher(look, site).await)
    }

    async fn issues(&self, campaign: &str) -> Result<VoucherList, Refusal> {
        let records: Vec<IssueRecord> = self.inner.all_stored("".into()).await?;
        let used = self.inner.all_used().await?;
        let known = self.inner.in_force().catalog.campaign(campaign).is_some();
        let of_campaign: Vec<&IssueRecord> = records.iter().filter(|it| it.campaign == campaign).collect();
        if of_campaign.is_empty() && !known {
            return Err(Code::UnknownCampaign.into());
        }
        let view = |issue: &&IssueRecord| issue.view(used.get(&issue.id()).copied().unwrap_or(0));
        Ok(VoucherList { issues: of_campaign.iter().map(view).collect() })
    }
}

impl Inner {
    /// How many of each issue were used, by the issue's id.
    async fn all_used(&self) -> Result<BTreeMap<Arc<str>, u64>, Refusal> {
        let read = |reader: &mut BoxedReader| reader.vouchers_used().map_err(unreadable);
        Ok(self.readers.run(read).await??.into_iter().collect())
    }

    /// How many of an issue were used: of one that was just made none, but somebody may have asked for it once more.
    async fn used(&self, issue: &str) -> Result<u64, Refusal> {
        Ok(self.all_used().await?.get(issue).copied().unwrap_or(0))
    }

    async fn look_at_voucher(&self, look: VoucherLook, site: Option<&str>) -> Result<VoucherView, Refusal> {
        let (in_force, now) = (self.in_force(), self.edge.now());
        let site = in_force.site_asked(site)?.cloned();
        let hash = VoucherCode::parse(&look.code).ok_or(Code::VoucherUnknown)?.hash();
        let read = move |reader: &mut BoxedReader| -> Result<VoucherView, Refusal> {
            let voucher = reader.voucher(hash).map_err(unreadable)?.ok_or(Code::VoucherUnknown)?;
            let document = reader.document(IssueRecord::KIND, &voucher.issue).map_err(unreadable)?;
            let issue: IssueRecord = Document::read_one(document)?.ok_or(Code::Internal)?;
            let campaign = in_force.catalog.campaign(&issue.campaign).ok_or(Code::VoucherUnknown)?;
            let taken = check::voucher::take(campaign, Some((&voucher, &issue)), look.wallet, now);
            let is_used = match taken {
                Ok(change) => change.is_none(),
                Err(reason) if reason.code == Code::VoucherUnknown => return Err(reason.code.into()),
                Err(reason) => return Err(reason.into()),
            };
            let shared = reader.shared().map_err(unreadable)?;
            let used = (is_used, issue.expires);
            Ok(view::voucher(&in_force, campaign, &shared.campaigns, used, site.as_deref(), now))
        };
        self.readers.run(read).await?
    }
}
