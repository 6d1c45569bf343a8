//! Taking money out: which way, how much, what is signed for it, and what came of that.

mod outlets;
mod steps;

use dripline_shared::api::WithdrawalView;
use dripline_shared::error::Code;
use dripline_shared::payout::{WithdrawalId, WithdrawalState};
use dripline_shared::round::ClientId;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::NodeRef;

pub(super) use self::outlets::{counts_down, rail_name, view};
pub(super) use self::steps::refusal;
use crate::api::{Api, Failure};
use crate::app::{Dripline, Link, Message, Visit, later};
use crate::browser::{edge, page};
use crate::pages::wallet::Event;
use crate::pages::wallet::withdrawals::Withdrawals;
use crate::payout::{Answer, Circumstances, Errand};
use crate::state::faucet::FaucetState;
use crate::state::withdraw::{Mistake, Outlet, Wish};

/// What is told of the step, where the keyboard waits for an answer.
const TOLD: &str = "payout-told";
/// What is to be signed.
const CHECK: &str = "payout-check";
/// The field of a step.
const FIELD: &str = "payout-field";

/// What a player can press to take money out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Press {
    /// To say where to be paid by a rail.
    Address(Way),
    /// To withdraw by it.
    Withdraw(Way),
    /// To see what would be signed for what was entered.
    Check,
    /// To change it once more.
    Back,
    /// To sign it.
    Sign,
    /// To send again what was not answered.
    Resend,
    /// To ask again what pays out.
    Rails,
}

/// A rail and one of its assets, by their places in what the server listed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    rail: usize,
    asset: usize,
}

/// How far the player has come.
#[derive(Default)]
pub(super) struct Payout {
    step: Step,
    /// Why the server did not do what it was asked for last.
    failure: Option<Failure>,
    /// Where something is entered.
    field: NodeRef,
    /// Where the keyboard goes once that is on the page.
    focus: Option<&'static str>,
}

/// What is shown below the ways out.
#[derive(Default)]
enum Step {
    /// Nothing was begun, or it was refused.
    #[default]
    Nothing,
    /// Something is to be entered.
    Entering(Entry),
    /// The player is asked to sign what comes of that.
    Checking(Wish, Entry),
    /// It is signed and sent. Where it was entered in this stay, with that.
    Sending(Option<Entry>),
    /// It was signed, sent and not answered.
    Unanswered(Errand, Option<Entry>),
    /// The fee was above what was signed for: what it is now is being asked.
    Repricing(Entry),
    /// The address is set.
    AddressSet,
    /// It was requested: how much, for people, and how it stands.
    Requested(WithdrawalId, String, WithdrawalState),
}

/// What is entered, and how.
struct Entry {
    way: Way,
    /// Whether it is an address; else it is an amount.
    is_address: bool,
    /// What the field begins with.
    text: String,
    /// What is wrong with what was entered.
    mistake: Option<Mistake>,
}

/// The way out of what is known of the faucet and the wallet.
fn outlet(faucet: &FaucetState, way: Way) -> Option<Outlet<'_>> {
    let rail = faucet.rails.ready()?.rails.get(way.rail)?;
    Some(Outlet::of(faucet.wallet.ready()?, rail, rail.assets.get(way.asset)?))
}

/// What the player asks for with what was entered.
fn wish(dripline: &Dripline, entry: &Entry, text: &str) -> Option<Result<Wish, Mistake>> {
    let outlet = outlet(&dripline.faucet, entry.way)?;
    Some(if entry.is_address {
        Wish::address(&outlet.rail.id, text)
    } else {
        outlet.read(text).map(Wish::Withdrawal)
    })
}

impl Payout {
    /// The player pressed something.
    pub(super) fn pressed(&mut self, dripline: &Dripline, visit: Visit, press: Press) {
        match press {
            Press::Address(way) => self.enter(dripline, way, true),
            Press::Withdraw(way) => self.enter(dripline, way, false),
            Press::Rails => dripline.refresh_rails(),
            Press::Check => self.check(dripline),
            press => match (press, std::mem::take(&mut self.step)) {
                (Press::Back, Step::Checking(_, entry)) => self.go(Step::Entering(entry), FIELD),
                (Press::Back, _) => self.go(Step::Nothing, TOLD),
                (Press::Sign, Step::Checking(wish, entry)) => self.sign(dripline, visit, wish, entry),
                (Press::Resend, Step::Unanswered(errand, entry)) => {
                    self.go(Step::Sending(entry), TOLD);
                    send(&dripline.link, &dripline.api, visit, errand);
                }
                (_, step) => self.step = step,
            },
        }
    }

    /// Whether something was signed and is not settled yet: until it is, nothing else can be begun.
    fn is_busy(&self) -> bool {
        matches!(self.step, Step::Sending(..) | Step::Unanswered(..) | Step::Repricing(_))
    }

    fn go(&mut self, step: Step, focus: &'static str) {
        self.step = step;
        self.failure = None;
        self.focus = Some(focus);
    }

    fn enter(&mut self, dripline: &Dripline, way: Way, is_address: bool) {
        let Some(outlet) = outlet(&dripline.faucet, way).filter(|_| !self.is_busy()) else { return };
        let text = if is_address {
            {
                let player = &dripline.player;
                outlet.proposed_address(player.wallet, player.delegate().is_some())
            }
        } else {
            outlet.most().to_decimal(outlet.terms.asset.decimals)
        };
        self.go(Step::Entering(Entry { way, is_address, text, mistake: None }), FIELD);
    }

    /// Reads what was entered, and shows what would be signed for it.
    fn check(&mut self, dripline: &Dripline) {
        let (Step::Entering(entry), Some(field)) = (&mut self.step, self.field.get()) else { return };
        let text = field.unchecked_into::<HtmlInputElement>().value();
        match wish(dripline, entry, &text) {
            Some(Ok(wish)) => {
                let entry = Entry { text, mistake: None, ..*entry };
                self.go(Step::Checking(wish, entry), CHECK);
            }
            Some(Err(mistake)) => {
                entry.mistake = Some(mistake);
                page::focus(FIELD);
            }
            None => {}
        }
    }

    fn sign(&mut self, dripline: &Dripline, visit: Visit, wish: Wish, entry: Entry) {
        let (Some(catalog), Some(client_id)) = (dripline.faucet.catalog.ready(), edge::random()) else {
            return;
        };
        let circumstances = Circumstances {
            faucet: catalog.faucet,
            origin: &page::origin(),
            client_id: ClientId(client_id),
            now: dripline.api.now(),
        };
        let (link, api, wallet) = (dripline.link.clone(), dripline.api.clone(), dripline.player.wallet);
        self.go(Step::Sending(Some(entry)), TOLD);
        // It is sent though the wallet may have been left meanwhile.
        Errand::sign(dripline, wish, &circumstances, move |errand| match errand {
            Ok(errand) => send(&link, &api, visit, errand),
            Err(why) => {
                link.send_message(Message::WalletPage(visit, Event::Answered(wallet, Err(why))));
            }
        });
    }

    /// Sends again what was signed before the page was left, if it was not answered.
    pub(super) fn resume(&mut self, dripline: &Dripline, visit: Visit) {
        if let Some(errand) = Errand::kept(dripline.player.wallet) {
            // Nobody has pressed anything: the keyboard stays where it is.
            self.step = Step::Sending(None);
            self.failure = None;
            send(&dripline.link, &dripline.api, visit, errand);
        }
    }

    /// What was sent was answered, or was not; without a failure, the player did not sign it. Gives the withdrawal that was requested.
    pub(super) fn answered(
        &mut self,
        dripline: &mut Dripline,
        answer: Result<Answer, Option<Failure>>,
    ) -> Option<WithdrawalView> {
        let Step::Sending(entry) = std::mem::take(&mut self.step) else { return None };
        // What is shown may be what was wrong.
        dripline.refresh_wallet();
        match answer {
            Ok(Answer::Address(view)) => {
                dripline.faucet.paid_at(view);
                self.step = Step::AddressSet;
            }
            Ok(Answer::Withdrawal(view)) => {
                let amount = dripline.faucet.money_of(&view.asset, view.amount);
                self.step = Step::Requested(view.id, amount, view.state);
                return Some(*view);
            }
            Err(None) => {
                // Nothing was sent, and whoever went back knows that.
                self.go(entry.map_or(Step::Nothing, Step::Entering), FIELD);
            }
            Err(Some(failure)) => {
                if failure == Failure::Unsigned {
                    // Nothing was sent.
                    self.step = entry.map_or(Step::Nothing, Step::Entering);
                } else if failure.passes_by_itself().is_some() {
                    if let Some(errand) = Errand::kept(dripline.player.wallet) {
                        self.step = Step::Unanswered(errand, entry);
                    }
                } else {
                    dripline.refresh_rails();
                    if let Some(entry) = entry.filter(|_| failure.code() == Some(Code::FeeAboveMaximum)) {
                        self.step = Step::Repricing(entry);
                    }
                }
                self.failure = Some(failure);
            }
        }
        None
    }

    /// What pays out was told anew, or was not: a withdrawal whose fee has risen is shown with the new one.
    pub(super) fn rails_came(&mut self, dripline: &Dripline) {
        match std::mem::take(&mut self.step) {
            Step::Repricing(mut entry) => match wish(dripline, &entry, &entry.text) {
                Some(Ok(wish)) => self.step = Step::Checking(wish, entry),
                Some(Err(mistake)) => {
                    entry.mistake = Some(mistake);
                    self.step = Step::Entering(entry);
                }
                None => {}
            },
            step => self.step = step,
        }
    }

    /// The withdrawals were told anew: how the one stands that was requested here.
    pub(super) fn withdrawals_came(&mut self, withdrawals: &Withdrawals) {
        if let Step::Requested(id, _, state) = &mut self.step
            && let Some(known) = withdrawals.state_of(*id)
        {
            *state = known;
        }
    }

    /// What is seen is on the page now.
    pub(super) fn rendered(&mut self) {
        if let Some(id) = self.focus.take() {
            page::focus(id);
        }
    }
}

/// Sends what was signed, and tells the wallet of this visit what became of it.
fn send(link: &Link, api: &Api, visit: Visit, errand: Errand) {
    let api = api.clone();
    later(link, async move {
        let wallet = errand.wallet;
        Message::WalletPage(visit, Event::Answered(wallet, errand.send(api).await.map_err(Some)))
    });
}
