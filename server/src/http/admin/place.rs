//! What the addresses of `/admin/v1` name.

use axum::extract::RawPathParams;
use dripline_shared::catalog::is_id;
use dripline_shared::error::Code;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::access::ApiKey;
use crate::http::parameter::{FromPath, parse};
use crate::http::problem::Refused;

/// The most characters of a draft's id.
const DRAFT_ID_MAX: usize = 64;
/// How many entries a page of the audit log has where nothing else is asked for.
const AUDIT_LIMIT_DEFAULT: u32 = 100;
/// The most that it has.
const AUDIT_LIMIT_MAX: u32 = 500;

/// An API key.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct KeyPlace {
    /// The key's id.
    pub(super) key: String,
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

impl FromPath for KeyPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let key: String = parse(parts, "key", Code::InvalidParameter)?;
        if ApiKey::is_id(&key) {
            return Ok(Self { key });
        }
        Err(Refused::about(Code::InvalidParameter, "key", "expected the 16 digits of an id"))
    }
}

impl FromPath for CampaignPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let campaign: String = parse(parts, "campaign", Code::InvalidParameter)?;
        if is_id(&campaign) {
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
