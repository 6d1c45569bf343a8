//! The page of a player who may play: where the player is, and what is true in every place.

use dripline_shared::round::RoundId;
use yew::Html;

use crate::api::{Api, read};
use crate::app::{Asked, Dripline, Link, Message, Press};
use crate::browser::{edge, page, storage};
use crate::format::fill;
use crate::keys::Player;
use crate::locales::texts;
use crate::pages::Place;
use crate::pages::campaigns::VOUCHER;
use crate::pages::frame::frame;
use crate::pages::round::{self, RoundPlace};
use crate::round::keeping;
use crate::route::Route;
use crate::state::campaigns::{Entered, code};
use crate::state::clock::ClockWatch;
use crate::state::faucet::FaucetState;
use crate::state::news::News;

/// What is counted down is shown anew every so many ticks: once a second.
const TICKS_SHOWN: u32 = 4;
/// What changes by the minute is shown anew every so many ticks.
const TICKS_A_MINUTE: u32 = 240;
/// The claims that wait are looked at every so many ticks: every other second.
const TICKS_CLAIMED: u32 = 8;

/// A stay at a place. What was asked for in one stay is not answered in the next.
pub(crate) type Visit = u32;

/// The page of a player who may play.
pub(crate) struct Home {
    /// What every place works with.
    pub(crate) dripline: Dripline,
    /// The address of the place.
    pub(crate) route: Route,
    /// Where the player is.
    pub(crate) place: Place,
    /// Whether the browser believes that there is a network.
    pub(crate) is_online: bool,
    /// Whether the browser keeps the key, and whatever else is to outlive the page.
    pub(crate) is_kept: bool,
    /// What is told of in passing.
    pub(crate) news: News,
    /// The round whose reward is being claimed by itself.
    pub(super) claiming: Option<RoundId>,
    /// A round whose game has ended, and which the player has left: it goes on to its claim.
    pub(super) finishing: Option<Box<RoundPlace>>,
    /// The newest stay at a place.
    visits: Visit,
    ticks: u32,
    clocks: ClockWatch,
    /// The place has changed and was not shown yet.
    is_arriving: bool,
    /// The name in the window's title.
    title: String,
}

impl Home {
    /// The page of `player`, at the place in the address.
    pub(crate) fn new(link: Link, player: Player) -> Self {
        let dripline = Dripline {
            link,
            api: Api::default(),
            player,
            faucet: FaucetState::default(),
            in_progress: None,
            is_finishing: false,
        };
        let route = Route::parse(&page::path());
        let mut home = Self {
            dripline,
            place: Place::Map,
            route: route.clone(),
            is_online: page::is_online(),
            is_kept: false,
            news: News::default(),
            claiming: None,
            finishing: None,
            visits: 0,
            ticks: 0,
            clocks: ClockWatch::new(edge::wall_clock(), edge::steady_clock()),
            is_arriving: false,
            title: String::new(),
        };
        home.welcome();
        home.follow_voucher();
        home.dripline.refresh_notices();
        home.arrive(route);
        home.finish_kept();
        // Nobody has gone anywhere: the browser puts the focus where it belongs.
        home.is_arriving = false;
        home
    }

    /// Hears of what happened. Tells whether there is something else to be seen.
    pub(crate) fn update(&mut self, message: Message) -> bool {
        if matches!(message, Message::Tick) {
            return self.tick();
        }
        let is_changed = self.heard(message);
        // In play nobody is told of a round in progress, and there is no time for reading what is stored.
        if is_changed && !self.place.is_playing() {
            self.look_for_round();
        }
        is_changed
    }

    fn heard(&mut self, message: Message) -> bool {
        match message {
            Message::Press(press) => return self.pressed(press),
            Message::Go(route) => self.go(route),
            Message::AddressChanged => {
                let route = Route::parse(&page::path());
                let is_followed = self.follow_voucher();
                if route == self.route {
                    return is_followed;
                }
                self.arrive(route);
            }
            Message::NetworkChanged => {
                self.is_online = page::is_online();
                if self.is_online {
                    self.refresh();
                }
            }
            Message::SightChanged => {
                self.refresh();
                return false;
            }
            Message::Restored(player) => self.restored(player),
            Message::Catalog(answer) => self.dripline.faucet.catalog.take(answer),
            Message::Told(asked, answer) => {
                let faucet = &mut self.dripline.faucet;
                match asked {
                    Asked::Campaigns => faucet.campaigns.take(answer.and_then(|text| read(&text))),
                    Asked::Notices => faucet.notices = answer.and_then(|text| read(&text)).ok(),
                    Asked::Voucher(look, is_entered) => {
                        if look.wallet == self.dripline.player.wallet {
                            faucet.voucher_came(look.code, is_entered, answer.and_then(|text| read(&text)));
                            keeping::keep_vouchers(&faucet.vouchers);
                        }
                    }
                }
            }
            Message::Wallet(wallet, answer) => {
                if wallet == self.dripline.player.wallet {
                    self.dripline.faucet.wallet.take(answer);
                    self.place.wallet_came(&self.dripline);
                }
            }
            Message::Rails(answer) => {
                self.dripline.faucet.rails.take(answer);
                if let Place::Wallet(wallet) = &mut self.place {
                    wallet.rails_came(&self.dripline);
                }
            }
            Message::Claimed(round, claimed) => self.claimed(round, claimed),
            Message::Round(visit, event) => match &mut self.place {
                Place::Round(round) if visit == round.visit() => {
                    return round.happened(&self.dripline, event);
                }
                _ => return self.finish(visit, event),
            },
            Message::WalletPage(visit, event) => match &mut self.place {
                Place::Wallet(wallet) if visit == wallet.visit() => {
                    wallet.happened(&mut self.dripline, event);
                }
                _ => return false,
            },
            // Answered before they come here.
            Message::Tick | Message::Lock(_) | Message::Player(_) => return false,
        }
        true
    }

    fn pressed(&mut self, press: Press) -> bool {
        match (press, &mut self.place) {
            (Press::TryAgain, _) => {
                self.dripline.faucet.catalog.retry();
                self.dripline.faucet.wallet.retry();
                self.dripline.refresh_catalog();
                self.dripline.refresh_wallet();
                // The button is gone; the keyboard stays in the place.
                self.is_arriving = true;
                return true;
            }
            (Press::Understood, _) => {
                self.forget_lost_claims();
                self.is_arriving = true;
                return true;
            }
            (Press::Voucher, _) => return self.enter_voucher(&page::field(VOUCHER)),
            (Press::Round(press), Place::Round(round)) => {
                round.pressed(&self.dripline, press);
                return true;
            }
            (Press::Wallet(press), Place::Wallet(wallet)) => {
                wallet.pressed(&mut self.dripline, press);
                return true;
            }
            // Answered before they come here, or meant for a place that was left.
            (Press::TakeOver | Press::Reload | Press::Round(_) | Press::Wallet(_), _) => {}
        }
        false
    }

    /// What the passing of time changes. A game that runs shows its time by itself.
    fn tick(&mut self) -> bool {
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks.is_multiple_of(TICKS_CLAIMED) {
            self.claim_due();
            if let Some(round) = &mut self.finishing {
                round.keep_trying(&self.dripline);
            }
        }
        if self.clocks.has_jumped(edge::wall_clock(), edge::steady_clock()) {
            // Any answer that tells the server's time will do.
            self.dripline.refresh_catalog();
        }
        self.place.tick(&self.dripline);
        let have_news_gone = self.news.tick(self.shows_news() && !page::is_hidden());
        have_news_gone
            || self.ticks.is_multiple_of(TICKS_SHOWN) && self.place.counts_down(&self.dripline)
            || self.ticks.is_multiple_of(TICKS_A_MINUTE) && matches!(self.place, Place::Map)
    }

    /// Whether news are told of where the player is: nothing lies over a game.
    pub(crate) fn shows_news(&self) -> bool {
        !matches!(self.route, Route::Play(_))
    }

    /// Goes to a place, and says so in the address.
    fn go(&mut self, route: Route) {
        page::scroll_to_top();
        if route != self.route {
            page::push_path(&route.path());
            self.arrive(route);
        }
    }

    /// The player is at another place now.
    fn arrive(&mut self, route: Route) {
        // Left before the next is entered: a round that is left is kept for whoever looks for it.
        if let Place::Round(mut round) = std::mem::replace(&mut self.place, Place::Map)
            && round.is_unfinished()
        {
            round.leave();
            self.finishing = Some(round);
        }
        self.place = match (&route, self.finishing.take()) {
            (Route::Play(level), Some(round)) if round.is_of(level) => Place::Round(round),
            (_, finishing) => {
                self.finishing = finishing;
                let visit = self.next_visit();
                Place::enter(&route, &self.dripline, visit)
            }
        };
        self.route = route;
        self.news.moved();
        self.is_arriving = true;
        self.look_for_round();
    }

    fn next_visit(&mut self) -> Visit {
        self.visits = self.visits.wrapping_add(1);
        self.visits
    }

    /// A round that had ended when the page was closed is brought to its claim, wherever the player is.
    fn finish_kept(&mut self) {
        let opening = keeping::opening(self.dripline.player.key).filter(|_| keeping::play().is_over);
        let is_here = |level: &str| matches!(&self.place, Place::Round(round) if round.is_of(level));
        self.finishing = opening.filter(|opening| !is_here(&opening.request.level)).map(|opening| {
            let visit = self.next_visit();
            Box::new(RoundPlace::enter(&self.dripline, &opening.request.level, visit))
        });
        self.look_for_round();
    }

    /// Something happened to a round that the player has left. Nothing of that is seen but what comes of it.
    fn finish(&mut self, visit: Visit, event: round::Event) -> bool {
        let Some(round) = self.finishing.as_mut().filter(|round| round.visit() == visit) else {
            return false;
        };
        round.happened(&self.dripline, event);
        self.let_finished_go()
    }

    /// Lets a round go that has come to its end. Tells whether it has.
    pub(super) fn let_finished_go(&mut self) -> bool {
        let is_finished = self.finishing.as_ref().is_some_and(|round| !round.is_unfinished());
        if let Some(round) = self.finishing.take_if(|_| is_finished)
            && let Some(claim) = round.forfeited(&self.dripline)
        {
            // Nobody saw that: it is told with the claims that were lost.
            let (round, now) = (claim.request.round, self.dripline.api.now());
            self.dripline.faucet.claims = keeping::change_claims(|claims| {
                claims.put(claim);
                claims.give_up(round, now);
            });
        }
        is_finished
    }

    /// The player entered the code of a voucher. Tells whether there is something in it.
    fn enter_voucher(&mut self, text: &str) -> bool {
        let code = code(text);
        let is_something = !code.is_empty();
        if is_something {
            self.dripline.faucet.entered = Entered::Asking;
            self.dripline.look_at_voucher(code, true);
        }
        is_something
    }

    /// Whoever followed a link with the code of a voucher has entered it.
    fn follow_voucher(&mut self) -> bool {
        page::take_fragment(VOUCHER).is_some_and(|text| self.enter_voucher(&text))
    }

    /// A key has come into use.
    fn welcome(&mut self) {
        let dripline = &mut self.dripline;
        self.is_kept = dripline.player.is_kept && storage::is_available();
        self.news = News::default();
        dripline.faucet.welcome(keeping::is_backed_up(dripline.player.key));
        dripline.faucet.claims = keeping::claims();
        dripline.faucet.keep_vouchers(keeping::vouchers());
        dripline.refresh_catalog();
        dripline.refresh_wallet();
        if let Some(closing) = keeping::closing(dripline.player.wallet) {
            dripline.close(closing);
        }
    }

    /// A backup was read: its key is used in place of the present one.
    fn restored(&mut self, player: Player) {
        // Whoever has a text to restore from has a backup.
        keeping::remember_backup(player.key);
        // Only its own key can claim it.
        self.finishing = None;
        self.dripline.player = player;
        self.welcome();
        self.finish_kept();
        if let Place::Round(round) = &mut self.place {
            // It is the other key's: not even its end is this one's affair.
            round.leave();
            self.place = Place::Map;
            self.arrive(self.route.clone());
        }
        if let Place::Wallet(wallet) = &mut self.place {
            wallet.restored(&self.dripline);
        }
    }

    /// Fetches again when the player comes back to the page, or the network to the player.
    fn refresh(&self) {
        if !page::is_hidden() {
            self.dripline.refresh_catalog();
            self.dripline.refresh_wallet();
        }
    }

    fn look_for_round(&mut self) {
        let opening = keeping::opening(self.dripline.player.key);
        self.dripline.in_progress = opening.map(|opening| opening.request.level);
        self.dripline.is_finishing = self.finishing.is_some();
    }

    /// Another tab plays on: what it writes of a round in progress must stay.
    pub(crate) fn forsake(&mut self) {
        if let Place::Round(round) = &mut self.place {
            round.leave();
        }
    }

    /// Whether all is kept that is to outlive the page.
    pub(crate) fn keeps_all(&self) -> bool {
        self.is_kept && !storage::falls_short()
    }

    /// What is seen.
    pub(crate) fn view(&self) -> Html {
        frame(self, self.place.view(&self.dripline).key(&self.route.path()))
    }

    /// What is seen is on the page now.
    pub(crate) fn rendered(&mut self) {
        let name = self.place.name(&self.dripline);
        if name != self.title {
            page::set_title(&fill(texts().window_title, &[("place", name)]));
            self.title = name.to_owned();
        }
        // Whoever followed a link finds its place at the keyboard, and a screen reader begins to read there.
        if std::mem::take(&mut self.is_arriving) {
            page::focus_in_place("main");
        }
        if self.shows_news() && !page::is_hidden() {
            self.news.shown();
        }
        match &mut self.place {
            Place::Round(round) => round.rendered(&self.dripline),
            Place::Wallet(wallet) => wallet.rendered(),
            Place::Map => {}
        }
    }
}
