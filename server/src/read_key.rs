//! Read-only keys: issuing and revoking them, and whether one opens a history. Pure.
//!
//! What a key opens is no secret of the wallet's (movements are in the public log). It is for programs: a player hands one of
//! them a word that reads one history, moves nothing, and can be taken back.

use dripline_shared::api::{
    IssuedReadKey, ReadKeyListRequest, ReadKeyRequest, ReadKeyRevocation, ReadKeyView, Reason,
};
use dripline_shared::error::Code;
use dripline_shared::read_key::READ_KEYS_MAX;
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;

use crate::check;
use crate::in_force::InForce;
use crate::refusal::Refusal;
use crate::store::ENDED_KEEP_MS;
use crate::store::command::{Answer, IssueReadKey, RevokeReadKey};
use crate::store::record::ReadKeyRecord;
use crate::store::working::{Effect, WorkingSet};

/// A request about read-only keys.
pub(crate) trait Addressed {
    /// The faucet that it names, and the origin of its page.
    fn addressee(&self) -> (Hash, &str);
}

macro_rules! addressed {
    ($($request:ty),*) => {
        $(impl Addressed for $request {
            fn addressee(&self) -> (Hash, &str) {
                (self.faucet, &self.origin)
            }
        })*
    };
}
addressed!(ReadKeyRequest, ReadKeyListRequest, ReadKeyRevocation);

/// Checks whom a request is for, before its signature is looked at.
pub(crate) fn addressed(in_force: &InForce, request: &impl Addressed) -> Result<(), Refusal> {
    let (faucet, origin) = request.addressee();
    check::statement::faucet(in_force.faucet, faucet)?;
    Ok(check::statement::origin(&in_force.origins, origin)?)
}

/// Decides. A repeat of a request gets the same key, as long as it holds.
pub(crate) fn issue(
    in_force: &InForce,
    set: &WorkingSet,
    command: &IssueReadKey,
) -> Result<(Answer, Vec<Effect>), Refusal> {
    let (request, now) = (&command.request, command.now);
    if let Some(record) = set.read_key(request.wallet, request.client_id) {
        if record.request != command.statement {
            return Err(Code::ClientIdReused.into());
        }
        if !record.holds(now) {
            return Err(Code::ReadKeyUnknown.into());
        }
        return Ok((Answer::ReadKeyIssued { record: *record, new: false }, Vec::new()));
    }
    check::statement::issued_at(request.issued_at_ms, now)?;
    if request.until_ms.is_some_and(|until| until <= now) {
        let message = "expected a moment that is still to come".to_owned();
        let subject = Some("until_ms".to_owned());
        return Err(Reason { code: Code::InvalidRequest, message, subject, until_ms: None }.into());
    }
    // Keys of wallets cost nothing: who has not played has no history, and leaves nothing behind.
    let wallet = set.wallet(request.wallet).ok_or(Code::WalletUnknown)?;
    let is_remembered = |key: &&ReadKeyRecord| key.ends_at.is_none_or(|end| now.since(end) < ENDED_KEEP_MS);
    if set.read_keys(request.wallet).filter(is_remembered).count() >= READ_KEYS_MAX {
        let message = format!(
            "a wallet may have {READ_KEYS_MAX} read-only keys; one that is revoked counts for another day"
        );
        return Err(Refusal::new(Code::ReadKeysUsedUp, message));
    }
    let record = ReadKeyRecord {
        wallet: request.wallet,
        client_id: request.client_id,
        request: command.statement,
        hash: in_force.keys.read_key(request.wallet, request.client_id, now).hash(),
        issued_at: now,
        ends_at: request.until_ms,
        is_revoked: false,
    };
    let effects = vec![Effect::Wallet(wallet.awake_at(now)), Effect::ReadKey(record)];
    Ok((Answer::ReadKeyIssued { record, new: true }, effects))
}

/// Decides to revoke a key. One that holds no more stays as it is.
pub(crate) fn revoke(set: &WorkingSet, command: &RevokeReadKey) -> Result<(Answer, Vec<Effect>), Refusal> {
    let (request, now) = (&command.request, command.now);
    let key = set.read_key(request.wallet, request.client_id).ok_or(Code::ReadKeyUnknown)?;
    let mut effects = Vec::new();
    if key.holds(now) {
        check::statement::issued_at(request.issued_at_ms, now)?;
        effects.extend(set.wallet(request.wallet).map(|wallet| Effect::Wallet(wallet.awake_at(now))));
        effects.push(Effect::ReadKey(ReadKeyRecord { ends_at: Some(now), is_revoked: true, ..*key }));
    }
    Ok((Answer::ReadKeyRevoked, effects))
}

/// A key that was issued, with the key itself.
pub(crate) fn issued(in_force: &InForce, record: &ReadKeyRecord) -> IssuedReadKey {
    IssuedReadKey {
        id: record.client_id,
        wallet: record.wallet,
        key: in_force.keys.read_key(record.wallet, record.client_id, record.issued_at),
        issued_at_ms: record.issued_at,
        until_ms: record.ends_at,
    }
}

/// Those that hold, as their owner sees them: the oldest first.
pub(crate) fn views(mut records: Vec<ReadKeyRecord>, now: Timestamp) -> Vec<ReadKeyView> {
    records.retain(|record| record.holds(now));
    records.sort_unstable_by_key(|record| (record.issued_at, record.client_id));
    let view = |record: ReadKeyRecord| ReadKeyView {
        id: record.client_id,
        issued_at_ms: record.issued_at,
        until_ms: record.ends_at,
    };
    records.into_iter().map(view).collect()
}
