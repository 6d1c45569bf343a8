//! What the addresses of `/admin/v1` name.

use axum::extract::RawPathParams;
use dripline_shared::catalog;
use dripline_shared::error::Code;
use dripline_shared::payout::{BatchId, WithdrawalId};
use dripline_shared::round::RoundId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::access::is_id;
use crate::faucet::PLAYERS_MAX;
use crate::http::parameter::{FromPath, SitePlace, parse};
use crate::http::problem::Refused;

/// The most characters of a draft's id.
const DRAFT_ID_MAX: usize = 64;
/// How many entries a page of the audit log has where nothing else is asked for.
const AUDIT_LIMIT_DEFAULT: u32 = 100;
/// The most that it has.
const AUDIT_LIMIT_MAX: u32 = 500;

/// How many players, or rounds, a page has where nothing else is asked for.
const LIMIT_DEFAULT: usize = 50;

/// Declares what is named by an id.
macro_rules! places {
    ($($(#[$meta:meta])* $name:ident: $(#[$of_field:meta])* $field:ident;)*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, IntoParams)]
            #[into_params(parameter_in = Path)]
            pub(super) struct $name {
                $(#[$of_field])*
                pub(super) $field: String,
            }

            impl FromPath for $name {
                fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
                    Ok(Self { $field: id(parts, stringify!($field))? })
                }
            }
        )*
    };
}

places! {
    /// An API key.
    KeyPlace:
        /// The key's id.
        key;
    /// An operator.
    OperatorPlace:
        /// The operator's id.
        operator;
    /// An invitation.
    InvitationPlace:
        /// The invitation's id.
        invitation;
    /// A session.
    SessionPlace:
        /// The session's id.
        session;
    /// A passkey.
    PasskeyPlace:
        /// The passkey's id.
        passkey;
}

/// A passkey of an operator.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct PasskeyOfPlace {
    /// The operator's id.
    pub(super) operator: String,
    /// The passkey's id.
    pub(super) passkey: String,
}

impl FromPath for PasskeyOfPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        Ok(Self { operator: id(parts, "operator")?, passkey: id(parts, "passkey")? })
    }
}

/// The part of this name, which must be an id.
fn id(parts: &RawPathParams, name: &'static str) -> Result<String, Refused> {
    let id: String = parse(parts, name, Code::InvalidParameter)?;
    if is_id(&id) {
        return Ok(id);
    }
    Err(Refused::about(Code::InvalidParameter, name, "expected the 16 digits of an id"))
}

/// A publication.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct PublicationPlace {
    /// The publication's number, from 1.
    pub(super) publication: u64,
}

/// A campaign.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct CampaignPlace {
    /// The campaign's id.
    pub(super) campaign: String,
}

/// Vouchers of a campaign that were made together.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct IssuePlace {
    /// The campaign's id.
    pub(super) campaign: String,
    /// Their number among those of the campaign, from 1.
    pub(super) issue: u64,
}

/// A draft.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DraftPlace {
    /// The draft's id, which whoever makes it chooses: 1 to 64 lower-case letters, digits and hyphens.
    pub(super) draft: String,
}

/// Which revision of a draft.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RevisionOptions {
    /// The revision that is meant.
    pub(super) revision: u64,
}

/// Which page of the audit log.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditOptions {
    /// Only entries with smaller numbers: `next_before` of the page before.
    pub(super) before: Option<u64>,
    /// At most so many entries.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
}

/// From where on the audit log is exported.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditExportOptions {
    /// Only entries with smaller numbers: the last one of the export before.
    pub(super) before: Option<u64>,
}

/// Which page of players.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PlayersOptions {
    /// Only wallets that begin with this: at least 4 characters.
    pub(super) search: Option<String>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// At most so many players.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<usize>,
}

/// Which page of rounds.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RoundsOptions {
    /// Only rounds with smaller ids: `next_before` of the page before.
    pub(super) before: Option<RoundId>,
    /// At most so many rounds.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<usize>,
}

/// A rail.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct RailPlace {
    /// The rail's id.
    pub(super) rail: String,
}

/// A batch.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct BatchPlace {
    /// The batch's id.
    pub(super) batch: BatchId,
}

/// Which page of what waits.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WaitingOptions {
    /// Only withdrawals with greater ids: `next_after` of the page before.
    pub(super) after: Option<WithdrawalId>,
    /// At most so many withdrawals.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<usize>,
}

/// A proposal.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ProposalPlace {
    /// The proposal's id.
    pub(super) proposal: String,
}

/// A webhook of a site.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct WebhookPlace {
    /// The site's id.
    pub(super) site: String,
    /// The webhook's id.
    pub(super) webhook: String,
}

/// A message to a webhook of a site.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DeliveryPlace {
    /// The site's id.
    pub(super) site: String,
    /// The webhook's id.
    pub(super) webhook: String,
    /// The message's number.
    pub(super) delivery: u64,
}

impl PlayersOptions {
    /// How many players are asked for, 1 to 100.
    pub(super) fn limit(&self) -> Result<usize, Refused> {
        page_limit(self.limit)
    }
}

impl RoundsOptions {
    /// How many rounds are asked for, 1 to 100.
    pub(super) fn limit(self) -> Result<usize, Refused> {
        page_limit(self.limit)
    }
}

impl WaitingOptions {
    /// How many withdrawals are asked for, 1 to 100.
    pub(super) fn limit(self) -> Result<usize, Refused> {
        page_limit(self.limit)
    }
}

/// How many are asked for, 1 to 100.
fn page_limit(asked: Option<usize>) -> Result<usize, Refused> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if (1..=PLAYERS_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Refused::about(Code::InvalidParameter, "limit", format!("expected 1 to {PLAYERS_MAX}")))
}

impl AuditOptions {
    /// How many entries are asked for, 1 to 500.
    pub(super) fn limit(self) -> Result<usize, Refused> {
        let limit = self.limit.unwrap_or(AUDIT_LIMIT_DEFAULT);
        let fits = (1..=AUDIT_LIMIT_MAX).contains(&limit).then(|| usize::try_from(limit).ok()).flatten();
        fits.ok_or_else(|| {
            Refused::about(Code::InvalidParameter, "limit", format!("expected 1 to {AUDIT_LIMIT_MAX}"))
        })
    }
}

impl FromPath for CampaignPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let campaign: String = parse(parts, "campaign", Code::InvalidParameter)?;
        if catalog::is_id(&campaign) {
            return Ok(Self { campaign });
        }
        Err(Refused::about(Code::InvalidParameter, "campaign", "expected the id of a campaign"))
    }
}

impl FromPath for IssuePlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let CampaignPlace { campaign } = CampaignPlace::from_path(parts)?;
        Ok(Self { campaign, issue: parse(parts, "issue", Code::InvalidParameter)? })
    }
}

impl FromPath for PublicationPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        Ok(Self { publication: parse(parts, "publication", Code::InvalidParameter)? })
    }
}

impl FromPath for DraftPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let draft: String = parse(parts, "draft", Code::InvalidParameter)?;
        let is_of_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=DRAFT_ID_MAX).contains(&draft.len()) && draft.bytes().all(is_of_id) {
            return Ok(Self { draft });
        }
        let expected = format!("expected 1 to {DRAFT_ID_MAX} lower-case letters, digits and hyphens");
        Err(Refused::about(Code::InvalidParameter, "draft", expected))
    }
}

impl FromPath for RailPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let rail: String = parse(parts, "rail", Code::InvalidParameter)?;
        if catalog::is_id(&rail) {
            return Ok(Self { rail });
        }
        Err(Refused::about(Code::InvalidParameter, "rail", "expected the id of a rail"))
    }
}

impl FromPath for BatchPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        Ok(Self { batch: parse(parts, "batch", Code::InvalidParameter)? })
    }
}

impl FromPath for ProposalPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        Ok(Self { proposal: id(parts, "proposal")? })
    }
}

impl FromPath for WebhookPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let SitePlace { site } = SitePlace::from_path(parts)?;
        Ok(Self { site, webhook: id(parts, "webhook")? })
    }
}

impl FromPath for DeliveryPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let WebhookPlace { site, webhook } = WebhookPlace::from_path(parts)?;
        Ok(Self { site, webhook, delivery: parse(parts, "delivery", Code::InvalidParameter)? })
    }
}
