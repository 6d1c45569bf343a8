//! The page as one component: it holds everything that changes, hears of everything that happens, and shows it.
//!
//! What happens is a [`Message`]. `update` hands it to whom it concerns, down to the file of the place where the player
//! is; `view` asks the same files what is to be seen. This file itself decides who may play in this tab.

mod claims;
mod dripline;
mod home;

use dripline_shared::api::{CatalogView, RailList, VoucherLook, WalletView};
use dripline_shared::round::RoundId;
use dripline_shared::wallet::Wallet;
use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use web_sys::EventTarget;
use yew::html::Scope;
use yew::{Component, Context, Html};

pub(crate) use self::dripline::{Dripline, later};
pub(crate) use self::home::{Home, Visit};
use crate::api::Failure;
use crate::browser::lock::{self, LockEvent};
use crate::browser::page;
use crate::keys::{self, NoKey, Player};
use crate::pages::gate::{Obstacle, gate};
use crate::pages::{round, wallet};
use crate::round::claiming::Claimed;
use crate::route::Route;

/// How often the page looks at the clock, in milliseconds: a pause that is used up must end well within the reserve that
/// a round keeps in hand.
const TICK_MS: u32 = 250;

/// Takes messages to the page.
pub(crate) type Link = Scope<App>;

/// Whatever happens to the page.
pub(crate) enum Message {
    /// A moment has passed.
    Tick,
    /// The player pressed something.
    Press(Press),
    /// The player follows a link to a place.
    Go(Route),
    /// The player went back or forward.
    AddressChanged,
    /// The network went or came.
    NetworkChanged,
    /// The page was hidden, or can be seen again.
    SightChanged,
    /// Who may play: this tab or another one.
    Lock(LockEvent),
    /// The player of this browser.
    Player(Result<Player, NoKey>),
    /// The key of a backup has taken the place of the present one.
    Restored(Player),
    /// The levels came, or did not.
    Catalog(Result<CatalogView, Failure>),
    /// What was asked in one of the simple ways was answered with this text, or was not.
    Told(Asked, Result<String, Failure>),
    /// What this wallet has came, or did not.
    Wallet(Wallet, Result<WalletView, Failure>),
    /// What pays out came, or did not.
    Rails(Result<RailList, Failure>),
    /// A claim was answered.
    Claimed(RoundId, Claimed),
    /// Something happened to the round of this visit.
    Round(Visit, round::Event),
    /// Something came that the wallet's page of this visit had asked for.
    WalletPage(Visit, wallet::Event),
}

/// What is asked for of which nothing but the answer has to be known.
pub(crate) enum Asked {
    /// What the levels are paid out of.
    Campaigns,
    /// What the operator has to tell.
    Notices,
    /// What a code is for, and whether the player has just entered it.
    Voucher(VoucherLook, bool),
}

/// What a player can press, apart from links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Press {
    /// To play in this tab and no more in the other.
    TakeOver,
    /// To fetch again what did not come.
    TryAgain,
    /// To be told no more of rewards that were lost.
    Understood,
    /// To load the page anew.
    Reload,
    /// To use the code of a voucher.
    Voucher,
    /// A button of a round.
    Round(round::Press),
    /// A button of the wallet's page.
    Wallet(wallet::Press),
}

/// How far the page has come.
enum Stage {
    /// The lock or the key has not come yet.
    Starting,
    /// Something stands in the way.
    Stopped(Obstacle),
    /// The player may play.
    Ready(Box<Home>),
}

/// The component.
pub(crate) struct App {
    stage: Stage,
    _timer: Interval,
    _listeners: [EventListener; 4],
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(context: &Context<Self>) -> Self {
        let link = context.link();
        let stage = if page::has_cryptography() {
            ask_for_lock(link, false);
            Stage::Starting
        } else {
            Stage::Stopped(Obstacle::Insecure)
        };
        let timer = {
            let link = link.clone();
            Interval::new(TICK_MS, move || link.send_message(Message::Tick))
        };
        Self { stage, _timer: timer, _listeners: listeners(link) }
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        let link = context.link();
        self.stage = match message {
            Message::Press(Press::TakeOver) => {
                ask_for_lock(link, true);
                return false;
            }
            Message::Press(Press::Reload) => {
                page::reload();
                return false;
            }
            Message::Lock(LockEvent::Held) => {
                later(link, async { Message::Player(keys::load().await) });
                return false;
            }
            Message::Lock(LockEvent::Elsewhere) => Stage::Stopped(Obstacle::OtherTab),
            Message::Lock(LockEvent::Taken) => {
                if let Stage::Ready(home) = &mut self.stage {
                    home.forsake();
                }
                Stage::Stopped(Obstacle::TakenOver)
            }
            Message::Player(Err(NoKey::NoRandomness)) => Stage::Stopped(Obstacle::Insecure),
            Message::Player(Err(NoKey::Unusable)) => Stage::Stopped(Obstacle::Unusable),
            Message::Player(Ok(player)) => Stage::Ready(Box::new(Home::new(link.clone(), player))),
            message => {
                return match &mut self.stage {
                    Stage::Ready(home) => home.update(message),
                    Stage::Starting | Stage::Stopped(_) => false,
                };
            }
        };
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        match &self.stage {
            Stage::Starting => gate(context.link(), None),
            Stage::Stopped(obstacle) => gate(context.link(), Some(*obstacle)),
            Stage::Ready(home) => home.view(),
        }
    }

    fn rendered(&mut self, _context: &Context<Self>, _is_first: bool) {
        if let Stage::Ready(home) = &mut self.stage {
            home.rendered();
        }
    }
}

fn ask_for_lock(link: &Link, take_over: bool) {
    lock::request(take_over, &link.callback(Message::Lock));
}

/// Everything outside the page's own elements that it listens to, all the time.
fn listeners(link: &Link) -> [EventListener; 4] {
    let listen = |target: &EventTarget, name: &'static str, message: fn() -> Message| {
        let link = link.clone();
        EventListener::new(target, name, move |_| link.send_message(message()))
    };
    let (window, document) = (page::window(), page::document());
    [
        listen(&window, "popstate", || Message::AddressChanged),
        listen(&window, "online", || Message::NetworkChanged),
        listen(&window, "offline", || Message::NetworkChanged),
        listen(&document, "visibilitychange", || Message::SightChanged),
    ]
}
