//! Vouchers: whether one lets a wallet into a campaign.

use dripline_shared::api::Reason;
use dripline_shared::campaign::Campaign;
use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

use crate::check::campaign::name;
use crate::store::record::VoucherRecord;
use crate::voucher::IssueRecord;

/// Whether a voucher lets this wallet into the campaign: as the first that uses it, or as the one that has used it. Gives what is
/// to be stored of it, where that changes.
pub fn take(
    campaign: &Campaign,
    found: Option<(&VoucherRecord, &IssueRecord)>,
    wallet: Wallet,
    now: Timestamp,
) -> Result<Option<VoucherRecord>, Reason> {
    let refused = |code, what: &str| {
        let message = format!("the voucher {what} campaign {}", campaign.title());
        Err(super::reason(code, name(&campaign.id), message))
    };
    let Some((voucher, issue)) = found.filter(|(_, issue)| issue.campaign == campaign.id) else {
        return refused(Code::VoucherUnknown, "is none of the");
    };
    match voucher.used {
        Some((by, _)) if by == wallet => Ok(None),
        Some(_) => refused(Code::VoucherUsed, "was used by another wallet, for the"),
        None if issue.revoked.is_some() => {
            refused(Code::VoucherUnknown, "was revoked by the operator of the")
        }
        None if issue.expires.is_some_and(|expires| now >= expires) => {
            refused(Code::VoucherExpired, "has expired, of the")
        }
        None => Ok(Some(VoucherRecord { used: Some((wallet, now)), ..voucher.clone() })),
    }
}
