//! Taking money out: which way, how much, what is signed for it, and what came of that.

mod outlets;
mod steps;

use dripline_shared::api::{WithdrawalRequest, WithdrawalView};
use dripline_shared::error::Code;
use dripline_shared::round::ClientId;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::NodeRef;

pub(super) use self::outlets::{counts_down, rail_name, view};
use crate::api::Failure;
use crate::app::{Dripline, Message, Visit};
use crate::browser::{edge, page};
use crate::pages::wallet::Event;
use crate::payout::{self, Answer, Circumstances, Errand};
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
    /// Where something is entered.
    field: NodeRef,
    /// Where the keyboard goes once that is on the page.
    focus: Option<&'static str>,
}

/// What is shown below the ways out.
#[derive(Default)]
enum Step {
    /// Nothing: nothing was begun.
    #[default]
    Nothing,
    /// Something is to be entered.
    Entering(Entry),
    /// The player is asked to sign; with the entry that it came from.
    Checking(Wish, Entry),
    /// It was signed and is sent.
    Sending(Errand),
    /// It was signed, sent and not answered.
    Unanswered(Errand, Failure),
    /// The fee was above what was signed for: what it is now is being asked.
    Repricing(Box<WithdrawalRequest>, Failure),
    /// The server refused it: nothing was changed.
    Refused(Failure),
    /// The address is set.
    AddressSet,
    /// It was requested: how much, for people.
    Requested(String),
}

/// What is to be entered, and how.
#[derive(Clone)]
struct Entry {
    way: Way,
    /// Whether it is an address; else it is an amount.
    is_address: bool,
    /// What the field begins with.
    text: String,
    /// What is wrong with what was entered.
    mistake: Option<Mistake>,
    /// Why the player is asked once more.
    failure: Option<Failure>,
}

/// The way out of what is known of the faucet and the wallet.
fn outlet(faucet: &FaucetState, way: Way) -> Option<Outlet<'_>> {
    let rail = faucet.rails.ready()?.rails.get(way.rail)?;
    Some(Outlet::of(faucet.wallet.ready()?, rail, rail.assets.get(way.asset)?))
}

impl Payout {
    /// The player pressed something.
    pub(super) fn pressed(&mut self, dripline: &Dripline, visit: Visit, press: Press) {
        match press {
            Press::Address(way) => self.enter(dripline, way, true),
            Press::Withdraw(way) => self.enter(dripline, way, false),
            Press::Check => self.check(dripline),
            Press::Back => match std::mem::take(&mut self.step) {
                Step::Checking(_, entry) => self.go(Step::Entering(entry), FIELD),
                _ => self.focus = Some(TOLD),
            },
            Press::Sign => {
                if let Step::Checking(wish, _) = std::mem::take(&mut self.step) {
                    self.sign(dripline, visit, wish);
                }
            }
            Press::Resend => {
                if let Step::Unanswered(errand, _) = std::mem::take(&mut self.step) {
                    self.send(dripline, visit, errand);
                }
            }
            Press::Rails => dripline.refresh_rails(),
        }
    }

    /// Whether something was signed and is not settled yet: until it is, nothing else can be begun.
    fn is_busy(&self) -> bool {
        matches!(self.step, Step::Sending(_) | Step::Unanswered(..) | Step::Repricing(..))
    }

    fn go(&mut self, step: Step, focus: &'static str) {
        self.step = step;
        self.focus = Some(focus);
    }

    fn enter(&mut self, dripline: &Dripline, way: Way, is_address: bool) {
        let Some(outlet) = outlet(&dripline.faucet, way).filter(|_| !self.is_busy()) else { return };
        let text = if is_address {
            outlet.proposed_address(dripline.player.wallet)
        } else {
            outlet.most().to_decimal(outlet.terms.asset.decimals)
        };
        self.go(Step::Entering(Entry { way, is_address, text, mistake: None, failure: None }), FIELD);
    }

    /// Reads what was entered, and shows what would be signed for it.
    fn check(&mut self, dripline: &Dripline) {
        let Step::Entering(entry) = &mut self.step else { return };
        let Some((outlet, field)) = outlet(&dripline.faucet, entry.way).zip(self.field.get()) else { return };
        let text = field.unchecked_into::<HtmlInputElement>().value();
        let wish = if entry.is_address {
            Wish::address(&outlet.rail.id, &text)
        } else {
            outlet.read(&text).map(Wish::Withdrawal)
        };
        match wish {
            Ok(wish) => {
                let entry = Entry { text, mistake: None, failure: None, ..entry.clone() };
                self.go(Step::Checking(wish, entry), CHECK);
            }
            Err(mistake) => {
                entry.mistake = Some(mistake);
                page::focus(FIELD);
            }
        }
    }

    fn sign(&mut self, dripline: &Dripline, visit: Visit, wish: Wish) {
        let (Some(catalog), Some(client_id)) = (dripline.faucet.catalog.ready(), edge::random()) else {
            return;
        };
        let circumstances = Circumstances {
            faucet: catalog.faucet,
            origin: &page::origin(),
            client_id: ClientId(client_id),
            now: dripline.api.now(),
        };
        let errand = Errand::new(&dripline.player, wish, &circumstances);
        payout::keep(&errand);
        self.send(dripline, visit, errand);
    }

    fn send(&mut self, dripline: &Dripline, visit: Visit, errand: Errand) {
        let (api, wallet, sent) = (dripline.api.clone(), dripline.player.wallet, errand.clone());
        self.go(Step::Sending(errand), TOLD);
        dripline
            .later(async move { Message::WalletPage(visit, Event::Answered(wallet, sent.send(&api).await)) });
    }

    /// Sends again what was signed before the page was left, if it was not answered.
    pub(super) fn resume(&mut self, dripline: &Dripline, visit: Visit) {
        if let Some(errand) = payout::kept(dripline.player.wallet) {
            self.send(dripline, visit, errand);
            // Nobody has pressed anything.
            self.focus = None;
        }
    }

    /// What was sent was answered, or was not. Gives the withdrawal that was requested.
    pub(super) fn answered(
        &mut self,
        dripline: &mut Dripline,
        answer: Result<Answer, Failure>,
    ) -> Option<WithdrawalView> {
        let Step::Sending(errand) = std::mem::take(&mut self.step) else { return None };
        // What is shown may be what was wrong.
        dripline.refresh_wallet();
        let (step, requested) = match (answer, errand) {
            (Ok(Answer::Address(view)), _) => {
                dripline.faucet.paid_at(view);
                (Step::AddressSet, None)
            }
            (Ok(Answer::Withdrawal(view)), _) => {
                let amount = dripline.faucet.money_of(&view.asset, view.amount);
                (Step::Requested(amount), Some(*view))
            }
            (Err(failure), errand) if failure.passes_by_itself().is_some() => {
                (Step::Unanswered(errand, failure), None)
            }
            (Err(failure), errand) => {
                dripline.refresh_rails();
                let step = match errand {
                    Errand::Withdrawal(request) if failure.code() == Some(Code::FeeAboveMaximum) => {
                        Step::Repricing(Box::new(request), failure)
                    }
                    _ => Step::Refused(failure),
                };
                (step, None)
            }
        };
        self.step = step;
        requested
    }

    /// What pays out was told anew, or was not: a withdrawal whose fee has risen is shown with the new one.
    pub(super) fn rails_came(&mut self, dripline: &Dripline) {
        if !matches!(self.step, Step::Repricing(..)) {
            return;
        }
        if let Step::Repricing(request, failure) = std::mem::take(&mut self.step) {
            self.step = repriced(dripline, &request, &failure).unwrap_or(Step::Refused(failure));
        }
    }

    /// What was requested has ended: that it is on its way is not true any more, and the list says how it ended.
    pub(super) fn ended(&mut self) {
        if matches!(self.step, Step::Requested(_)) {
            self.step = Step::Nothing;
        }
    }

    /// What is seen is on the page now.
    pub(super) fn rendered(&mut self) {
        if let Some(id) = self.focus.take() {
            page::focus(id);
        }
    }
}

/// The withdrawal of a request for the fee of now, if it can still be made.
fn repriced(dripline: &Dripline, request: &WithdrawalRequest, failure: &Failure) -> Option<Step> {
    let rails = &dripline.faucet.rails.ready()?.rails;
    let rail = rails.iter().position(|rail| rail.id == request.rail)?;
    let asset = rails.get(rail)?.assets.iter().position(|terms| terms.asset.code == request.asset)?;
    let way = Way { rail, asset };
    let outlet = outlet(&dripline.faucet, way)?;
    let text = request.amount.to_decimal(outlet.terms.asset.decimals);
    let entry = Entry { way, is_address: false, text, mistake: None, failure: Some(failure.clone()) };
    Some(match outlet.plan(request.amount) {
        Ok(plan) => Step::Checking(Wish::Withdrawal(plan), entry),
        Err(mistake) => Step::Entering(Entry { mistake: Some(mistake), ..entry }),
    })
}
