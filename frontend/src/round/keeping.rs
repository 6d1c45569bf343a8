//! Keeps the round in progress, the one that is to be closed and the claims that wait, so that a reload finds them.

use dripline_shared::wallet::Wallet;

use crate::browser::storage::{self, Slot};
use crate::play::board::Board;
use crate::state::campaigns::Voucher;
use crate::state::claims::PendingClaims;
use crate::state::journal::{Closing, Opening, Play, Stretch};

/// The round in progress that this key has opened, for whichever wallet, if there is one.
pub(crate) fn opening(key: Wallet) -> Option<Opening> {
    storage::read_value::<Opening>(Slot::Opening).filter(|opening| opening.key() == key)
}

/// Keeps how a round was opened, before its request is sent and again with its answer.
pub(crate) fn keep_opening(opening: &Opening) {
    storage::write_value(Slot::Opening, opening);
}

/// The play of the round in progress.
pub(crate) fn play() -> Play {
    storage::read_value(Slot::Play).unwrap_or_default()
}

/// Keeps the play of the round in progress.
pub(crate) fn keep_play(play: &Play) {
    storage::write_value(Slot::Play, play);
}

/// Forgets the round in progress.
pub(crate) fn forget_round() {
    storage::remove(Slot::Opening);
    storage::remove(Slot::Play);
}

/// The round of this wallet that is over and not closed with the server, if there is one.
pub(crate) fn closing(wallet: Wallet) -> Option<Closing> {
    storage::read_value::<Closing>(Slot::Closing).filter(|closing| closing.wallet == wallet)
}

/// Keeps which round is to be closed.
pub(crate) fn keep_closing(closing: &Closing) {
    storage::write_value(Slot::Closing, closing);
}

/// Forgets the round that is to be closed if it is this one.
pub(crate) fn forget_closing(closing: &Closing) {
    if storage::read_value::<Closing>(Slot::Closing).as_ref() == Some(closing) {
        storage::remove(Slot::Closing);
    }
}

/// The claims that wait.
pub(crate) fn claims() -> PendingClaims {
    storage::read_value(Slot::Claims).unwrap_or_default()
}

/// Changes the claims that wait, and keeps them. Gives what is kept then.
pub(crate) fn change_claims(change: impl FnOnce(&mut PendingClaims)) -> PendingClaims {
    let mut claims = claims();
    change(&mut claims);
    storage::write_value(Slot::Claims, &claims);
    claims
}

/// The codes of vouchers that are kept.
pub(crate) fn vouchers() -> Vec<String> {
    storage::read_value(Slot::Vouchers).unwrap_or_default()
}

/// Keeps the codes of these vouchers.
pub(crate) fn keep_vouchers(vouchers: &[Voucher]) {
    let codes: Vec<String> = vouchers.iter().map(|voucher| voucher.code.clone()).collect();
    storage::write_value(Slot::Vouchers, &codes);
}

/// Whether the key of this wallet has been backed up.
pub(crate) fn is_backed_up(wallet: Wallet) -> bool {
    storage::read(Slot::BackedUp).is_some_and(|text| text == wallet.to_string())
}

/// Remembers that the key of this wallet has been backed up.
pub(crate) fn remember_backup(wallet: Wallet) {
    storage::write(Slot::BackedUp, &wallet.to_string());
}

/// Brings a stored play up to what was played since.
pub(crate) fn record(play: &mut Play, board: &dyn Board) {
    play.segments = board.segments().iter().map(Stretch::from).collect();
    play.rest = Stretch::from(&board.rest());
    play.is_over = board.status() != dripline_shared::game::Status::Playing;
}
