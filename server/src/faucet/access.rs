//! Who may operate the faucet: finding out whether an API key holds, keys for others, and the audit log.
//!
//! A key is looked up in the store at each request: one that was revoked by any server holds nowhere from then on.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use dripline_shared::api::access::{ApiKeyList, ApiKeyRequest, ApiKeyRotation, ApiKeySecret, ApiKeyView};
use dripline_shared::api::operate::{AuditEntry, AuditLine, AuditPage};
use dripline_shared::error::Code;
use dripline_shared::time::Timestamp;
use serde_json::json;

use crate::access::{ApiKey, ApiKeyRecord};
use crate::edge::Edge;
use crate::faucet::{Faucet, Operator, unreadable};
use crate::operate::audit;
use crate::refusal::Refusal;
use crate::store::BoxedReader;
use crate::store::command::{Answer, Change, MakeKey, RotateKey};
use crate::store::record::AuditRecord;

/// The most entries of a page of the audit log.
pub const AUDIT_PAGE_MAX: usize = 500;
/// The most entries of an export of it by HTTP.
pub const AUDIT_EXPORT_MAX: usize = 10_000;

/// How many entries are read at a time where it is looked what was written since.
const AUDIT_NEWS_PAGE: usize = 100;

/// Whoever showed a key that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// Why.
    pub refusal: Refusal,
    /// The key, where its secret was right.
    pub key: Option<Box<ApiKeyRecord>>,
}

impl Faucet {
    /// The key that was shown from this address, if it holds; an error where that cannot be found out.
    pub async fn admit(
        &self,
        shown: ApiKey,
        address: IpAddr,
    ) -> Result<Result<ApiKeyRecord, Denied>, Refusal> {
        let now = self.inner.edge.now();
        let id = shown.id();
        let Some(record) = self.inner.stored_if_any::<ApiKeyRecord>(&id).await? else {
            return Ok(Err(Denied { refusal: Code::AccessWrong.into(), key: None }));
        };
        Ok(match record.admit(&shown, address, now) {
            Ok(()) => Ok(record),
            Err(not_held) => {
                let key = not_held.is_known.then(|| Box::new(record));
                Err(Denied { refusal: not_held.refusal, key })
            }
        })
    }

    /// Notes that a key was used, if that was not noted within the last minute.
    pub async fn note_key_use(&self, who: &Operator, key: &ApiKeyRecord) -> Result<(), Refusal> {
        if !key.is_use_noted(self.inner.edge.now()) {
            return Ok(());
        }
        let change = Change::NoteKeyUse { id: key.id.as_str().into() };
        self.inner.operate(who.clone(), change).await.map(drop)
    }

    /// Writes into the audit log that something was refused, and how many attempts before it, which were like it, were not written.
    pub async fn note_refusal(
        &self,
        who: Operator,
        action: &str,
        subject: Option<String>,
        code: Code,
        unwritten: u64,
    ) -> Result<(), Refusal> {
        let entry = AuditEntry {
            by: who.by.clone(),
            from: who.from.as_deref().map(str::to_owned),
            action: action.to_owned(),
            subject,
            before: None,
            after: (unwritten > 0).then(|| json!({ "unwritten": unwritten })),
            refused: Some(code),
        };
        self.inner.operate(who, Change::Note(Box::new(entry))).await.map(drop)
    }

    /// All API keys, also those that hold no more.
    pub async fn api_keys(&self) -> Result<ApiKeyList, Refusal> {
        let now = self.inner.edge.now();
        let records: Result<Vec<ApiKeyRecord>, Refusal> = self.inner.all_stored("".into()).await;
        self.counted(records.map(|mut records| {
            records.sort_by(ApiKeyRecord::by_age);
            ApiKeyList { keys: records.iter().map(|record| record.view(now)).collect() }
        }))
    }

    /// Makes an API key, which may do no more than that of whoever gives it.
    pub async fn make_api_key(&self, who: Operator, request: ApiKeyRequest) -> Result<ApiKeySecret, Refusal> {
        let (key, make) = new_key(request, &self.inner.edge);
        let answer = self.inner.operate(who, Change::MakeKey(make)).await;
        self.counted(answer.and_then(|answer| with_secret(&key, answer, self.inner.edge.now())))
    }

    /// Gives an API key a new secret.
    pub async fn rotate_api_key(
        &self,
        who: Operator,
        id: &str,
        rotation: ApiKeyRotation,
    ) -> Result<ApiKeySecret, Refusal> {
        let key = self.api_key(id).await.and_then(|record| new_secret(&record, &self.inner.edge));
        let key = self.counted(key)?;
        let rotate = RotateKey { id: id.into(), hash: key.hash(), rotation };
        let answer = self.inner.operate(who, Change::RotateKey(rotate)).await;
        self.counted(answer.and_then(|answer| with_secret(&key, answer, self.inner.edge.now())))
    }

    /// Revokes an API key: it holds no more, on any server.
    pub async fn revoke_api_key(&self, who: Operator, id: Arc<str>) -> Result<ApiKeyView, Refusal> {
        let answer = self.inner.operate(who, Change::RevokeKey { id }).await;
        self.counted(answer.and_then(|answer| match answer {
            Answer::KeyChanged(record) => Ok(record.view(self.inner.edge.now())),
            _ => Err(Code::Internal.into()),
        }))
    }

    /// A page of the audit log, the newest first: entries with numbers below `before`, at most `limit`, which is taken as 1 to
    /// [`AUDIT_PAGE_MAX`].
    pub async fn audit_page(&self, before: Option<u64>, limit: usize) -> Result<AuditPage, Refusal> {
        let records = self.audit(before, limit.clamp(1, AUDIT_PAGE_MAX)).await;
        let records = self.counted(records)?;
        let lines: Result<Vec<AuditLine>, Code> = records.iter().map(audit::view).collect();
        let next_before = records.last().map(|record| record.number).filter(|number| *number > 1);
        Ok(AuditPage { lines: self.counted(lines.map_err(Refusal::from))?, next_before })
    }

    /// Entries of the audit log as lines of JSON, the newest first: those with numbers below `before`, at most
    /// [`AUDIT_EXPORT_MAX`].
    pub async fn audit_lines(&self, before: Option<u64>) -> Result<String, Refusal> {
        let records = self.counted(self.audit(before, AUDIT_EXPORT_MAX).await)?;
        Ok(records.iter().map(audit::line).collect())
    }

    /// The number of the newest entry of the audit log, 0 where there is none, and what the changes are about that were written
    /// after the one with number `seen`: of `key.make` that is `key`. Without `seen` nothing is.
    pub async fn audit_news(&self, seen: Option<u64>) -> Result<(u64, BTreeSet<String>), Refusal> {
        let (mut topics, mut newest, mut before) = (BTreeSet::new(), None, None);
        loop {
            let limit = if newest.is_none() { 1 } else { AUDIT_NEWS_PAGE };
            let records = self.audit(before, limit).await?;
            let number = *newest.get_or_insert(records.first().map_or(0, |record| record.number));
            let seen = seen.unwrap_or(number);
            for record in records.iter().filter(|record| record.number > seen) {
                let entry = audit::view(record)?.entry;
                if entry.refused.is_none() {
                    topics.extend(entry.action.split('.').next().map(str::to_owned));
                }
            }
            before = records.last().map(|record| record.number).filter(|last| *last > seen.saturating_add(1));
            if before.is_none() {
                return Ok((number, topics));
            }
        }
    }

    async fn audit(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditRecord>, Refusal> {
        let read = move |reader: &mut BoxedReader| reader.audit(before, limit).map_err(unreadable);
        self.inner.readers.run(read).await?
    }

    async fn api_key(&self, id: &str) -> Result<ApiKeyRecord, Refusal> {
        self.inner.stored(id, Code::ApiKeyUnknown).await
    }
}

/// A new key, and how it is made.
pub(super) fn new_key(request: ApiKeyRequest, edge: &Edge) -> (ApiKey, MakeKey) {
    let key = ApiKey::new(request.mode, edge.random(), edge.random());
    let make = MakeKey { id: key.id(), hash: key.hash(), request };
    (key, make)
}

/// A key with a new secret.
pub(super) fn new_secret(record: &ApiKeyRecord, edge: &Edge) -> Result<ApiKey, Refusal> {
    ApiKey::with_secret(record.mode, &record.id, edge.random()).ok_or_else(|| Code::Internal.into())
}

/// A key that was made or rotated, with its secret.
pub(super) fn with_secret(key: &ApiKey, answer: Answer, now: Timestamp) -> Result<ApiKeySecret, Refusal> {
    match answer {
        Answer::KeyChanged(record) => Ok(ApiKeySecret { secret: key.to_string(), key: record.view(now) }),
        _ => Err(Code::Internal.into()),
    }
}
