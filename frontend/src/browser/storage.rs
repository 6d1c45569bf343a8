//! Small texts that outlive the page: `localStorage`. Where the browser blocks it, they live as long as the page.

use std::cell::RefCell;

use dripline_shared::json::{FromJson, ToJson};

use crate::browser::json;

/// What is kept. Each name is used for one thing only; its number rises when the form of the value changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// How the round in progress was opened, and the server's answer.
    Opening,
    /// The play of the round in progress.
    Play,
    /// The round that is over and that the server has not said to be closed.
    Closing,
    /// Won rounds whose reward has not arrived yet.
    Claims,
    /// The request about money that was signed and not answered yet.
    Errand,
    /// The wallet whose key has been backed up.
    BackedUp,
    /// The codes of vouchers.
    Vouchers,
    /// Whether sound is on.
    Sound,
}

impl Slot {
    const fn name(self) -> &'static str {
        match self {
            Self::Opening => "dripline/opening/1",
            Self::Play => "dripline/play/2",
            Self::Closing => "dripline/closing/1",
            Self::Claims => "dripline/claims/1",
            Self::Errand => "dripline/errand/1",
            Self::BackedUp => "dripline/backed-up/1",
            Self::Vouchers => "dripline/vouchers/1",
            Self::Sound => "dripline/sound/1",
        }
    }
}

thread_local! {
    /// Stands in for a storage that is blocked or full.
    static MEMORY: RefCell<Vec<(Slot, String)>> = const { RefCell::new(Vec::new()) };
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Whether what is kept will outlive the page.
pub(crate) fn is_available() -> bool {
    storage().is_some_and(|storage| {
        let probe = "dripline/probe";
        storage.set_item(probe, "1").is_ok() && storage.remove_item(probe).is_ok()
    })
}

/// Whether something could not be written, and lives only as long as the page.
pub(crate) fn falls_short() -> bool {
    MEMORY.with_borrow(|memory| !memory.is_empty())
}

/// Reads a text.
pub(crate) fn read(slot: Slot) -> Option<String> {
    let remembered = MEMORY
        .with_borrow(|memory| memory.iter().find_map(|(kept, text)| (*kept == slot).then(|| text.clone())));
    remembered.or_else(|| storage()?.get_item(slot.name()).ok().flatten())
}

/// Writes a text. Returns whether it will outlive the page.
pub(crate) fn write(slot: Slot, text: &str) -> bool {
    let kept = storage().is_some_and(|storage| storage.set_item(slot.name(), text).is_ok());
    forget(slot);
    if !kept {
        MEMORY.with_borrow_mut(|memory| memory.push((slot, text.to_owned())));
    }
    kept
}

/// Forgets what stands in for a text.
fn forget(slot: Slot) {
    MEMORY.with_borrow_mut(|memory| memory.retain(|(kept, _)| *kept != slot));
}

/// Forgets a text.
pub(crate) fn remove(slot: Slot) {
    forget(slot);
    if let Some(storage) = storage() {
        // A storage that cannot remove could not write either.
        let _removed = storage.remove_item(slot.name());
    }
}

/// Reads a value; what is not of the expected form counts as absent.
pub(crate) fn read_value<T: FromJson>(slot: Slot) -> Option<T> {
    json::parse(&read(slot)?)
}

/// Writes a value. Returns whether it will outlive the page.
pub(crate) fn write_value<T: ToJson>(slot: Slot, value: &T) -> bool {
    json::print(value).is_some_and(|text| write(slot, &text))
}
