//! What operators do about players: hold, ban, release, note. Pure.
//!
//! How a wallet stands is in its row, which every decision about it has anyway; why, and what was noted, is in a document that
//! none of them reads.

use dripline_shared::api::operate::players::{PlayerNote, Standing};
use dripline_shared::error::Code;
use dripline_shared::wallet::Wallet;
use serde_json::json;

use super::{Decided, Told, line};
use crate::payout::review;
use crate::refusal::Refusal;
use crate::store::command::{Answer, Operation};
use crate::store::record::{Document, PlayerRecord, WalletRecord};
use crate::store::working::{Effect, WorkingSet};

/// The most notes about a wallet.
pub const NOTES_MAX: usize = 50;

/// What is known about a wallet that has played here.
fn known(set: &WorkingSet, wallet: Wallet) -> Result<(&WalletRecord, PlayerRecord), Refusal> {
    let row = set.wallet(wallet).ok_or(Code::WalletUnknown)?;
    let about: Option<PlayerRecord> = set.stored(&wallet.to_string())?;
    Ok((row, about.unwrap_or_else(|| PlayerRecord::new(wallet))))
}

/// Decides to hold, ban or release a wallet. Its withdrawals that are in no batch wait from then on, or need not any more.
pub(super) fn stand(
    set: &WorkingSet,
    operation: &Operation,
    wallet: Wallet,
    standing: Standing,
    reason: &str,
) -> Result<Decided, Refusal> {
    let reason = line("reason", reason)?;
    let (row, about) = known(set, wallet)?;
    if row.standing == standing {
        return Err(Code::StandingUnchanged.into());
    }
    let mut effects = review::restand(set, wallet, standing);
    let told = Told {
        action: match standing {
            Standing::Clear => "player.release",
            Standing::Held => "player.hold",
            Standing::Banned => "player.ban",
        },
        subject: Some(wallet.to_string()),
        before: Some(json!({ "standing": row.standing, "reason": about.reason })),
        after: Some(json!({ "standing": standing, "reason": reason, "withdrawals": effects.len() })),
    };
    effects.push(Effect::Wallet(WalletRecord { standing, ..*row }));
    let about = PlayerRecord {
        reason: Some(reason.to_owned()),
        by: Some(operation.by.clone()),
        at: Some(operation.now),
        ..about
    };
    effects.push(Effect::Document(Document::of(&about)?));
    Ok(Decided { answer: Answer::Operated, effects, told: Some(told) })
}

/// Decides to note something about a wallet. The audit log says that, and not what: it never forgets.
pub(super) fn note(
    set: &WorkingSet,
    operation: &Operation,
    wallet: Wallet,
    text: &str,
) -> Result<Decided, Refusal> {
    let text = line("text", text)?;
    let (_, mut about) = known(set, wallet)?;
    let before = about.notes.len();
    if before >= NOTES_MAX {
        return Err(Refusal::new(
            Code::NotesUsedUp,
            format!("there may be {NOTES_MAX} notes about a wallet"),
        ));
    }
    about.notes.push(PlayerNote { text: text.to_owned(), by: operation.by.clone(), at_ms: operation.now });
    let told = Told {
        action: "player.note",
        subject: Some(wallet.to_string()),
        before: Some(json!({ "notes": before })),
        after: Some(json!({ "notes": about.notes.len() })),
    };
    let effects = vec![Effect::Document(Document::of(&about)?)];
    Ok(Decided { answer: Answer::Operated, effects, told: Some(told) })
}

/// Decides to forget what was noted about a wallet, and of one that nobody holds also why it was released.
pub(super) fn forget(set: &WorkingSet, wallet: Wallet) -> Result<Decided, Refusal> {
    let id = wallet.to_string();
    let about: Option<PlayerRecord> = set.stored(&id)?;
    let is_clear = set.wallet(wallet).is_none_or(|row| row.standing == Standing::Clear);
    let Some(about) = about.filter(|about| is_clear || !about.notes.is_empty()) else {
        return Ok(Decided { answer: Answer::Operated, effects: Vec::new(), told: None });
    };
    let told = Told {
        action: "player.forget",
        subject: Some(id.clone()),
        before: Some(json!({ "notes": about.notes.len() })),
        after: None,
    };
    let left = if is_clear {
        Document::gone::<PlayerRecord>(&id)
    } else {
        Document::of(&PlayerRecord { notes: Vec::new(), ..about })?
    };
    Ok(Decided { answer: Answer::Operated, effects: vec![Effect::Document(left)], told: Some(told) })
}
