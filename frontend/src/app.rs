//! The frame of the page: who may play in this tab, who the player is, and which place is shown.

use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::api::Api;
use crate::browser::lock::{self, LockEvent};
use crate::browser::page;
use crate::components::frame::Frame;
use crate::hooks::claimer::use_claimer;
use crate::hooks::location::use_location;
use crate::keys::{self, Player};
use crate::pages::gate::{Gate, Obstacle};
use crate::pages::map::MapPage;
use crate::pages::round::RoundPage;
use crate::pages::wallet::WalletPage;
use crate::round::keeping;
use crate::route::Route;
use crate::state::faucet::{FaucetAction, FaucetState};

/// What every place works with. Cheap to clone.
#[derive(Clone, PartialEq)]
pub(crate) struct Dripline {
    /// The server.
    pub(crate) api: Api,
    /// Who plays.
    pub(crate) player: Rc<Player>,
    /// What is known of the faucet and the wallet.
    pub(crate) faucet: UseReducerHandle<FaucetState>,
    /// Goes to another place.
    pub(crate) go: Callback<Route>,
    /// Another key is to be used from now on.
    pub(crate) set_player: Callback<Player>,
}

impl Dripline {
    /// Fetches what the player has.
    pub(crate) fn refresh_wallet(&self) {
        let (api, faucet, wallet) = (self.api.clone(), self.faucet.dispatcher(), self.player.wallet);
        spawn_local(async move { faucet.dispatch(FaucetAction::Wallet(api.wallet(wallet).await)) });
    }

    /// Fetches the levels.
    pub(crate) fn refresh_catalog(&self) {
        let (api, faucet) = (self.api.clone(), self.faucet.dispatcher());
        spawn_local(async move { faucet.dispatch(FaucetAction::Catalog(api.catalog().await)) });
    }
}

/// How far the page has come.
#[derive(Clone, PartialEq)]
enum Stage {
    /// The lock or the key has not come yet.
    Starting,
    /// Something stands in the way.
    Stopped(Obstacle),
    /// The player may play.
    Ready(Rc<Player>),
}

/// The whole page.
#[function_component]
pub(crate) fn App() -> Html {
    let stage = use_state(|| Stage::Starting);
    let claim_lock = {
        let stage = stage.setter();
        Callback::from(move |take_over: bool| {
            let stage = stage.clone();
            lock::request(
                take_over,
                &Callback::from(move |event| match event {
                    LockEvent::Held => load_player(&stage),
                    LockEvent::Elsewhere => stage.set(Stage::Stopped(Obstacle::OtherTab)),
                    LockEvent::Taken => stage.set(Stage::Stopped(Obstacle::TakenOver)),
                }),
            );
        })
    };
    {
        let (claim_lock, stage) = (claim_lock.clone(), stage.setter());
        use_effect_with((), move |()| {
            if page::has_cryptography() {
                claim_lock.emit(false);
            } else {
                stage.set(Stage::Stopped(Obstacle::Insecure));
            }
        });
    }
    let set_player = {
        let stage = stage.setter();
        use_callback((), move |player: Player, ()| stage.set(Stage::Ready(Rc::new(player))))
    };
    match &*stage {
        Stage::Starting => html! { <Gate obstacle={None::<Obstacle>} take_over={claim_lock} /> },
        Stage::Stopped(obstacle) => html! { <Gate obstacle={Some(*obstacle)} take_over={claim_lock} /> },
        Stage::Ready(player) => html! { <Home player={Rc::clone(player)} {set_player} /> },
    }
}

fn load_player(stage: &UseStateSetter<Stage>) {
    let stage = stage.clone();
    spawn_local(async move {
        stage.set(match keys::load().await {
            Ok(player) => Stage::Ready(Rc::new(player)),
            Err(keys::NoRandomness) => Stage::Stopped(Obstacle::Insecure),
        });
    });
}

#[derive(Clone, PartialEq, Properties)]
struct HomeProps {
    player: Rc<Player>,
    set_player: Callback<Player>,
}

/// The page of a player who may play.
#[function_component]
fn Home(props: &HomeProps) -> Html {
    let api = use_state(Api::default);
    let faucet = use_reducer_eq(FaucetState::default);
    let (route, go) = use_location();
    let dripline = Dripline {
        api: (*api).clone(),
        player: Rc::clone(&props.player),
        faucet,
        go,
        set_player: props.set_player.clone(),
    };
    {
        let dripline = dripline.clone();
        use_effect_with(props.player.wallet, move |wallet| {
            dripline.faucet.dispatch(FaucetAction::Player(keeping::is_backed_up(*wallet)));
            dripline.faucet.dispatch(FaucetAction::Claims(keeping::claims()));
            dripline.refresh_catalog();
            dripline.refresh_wallet();
        });
    }
    use_refresh(&dripline);
    use_claimer(&dripline);
    let place = match &route {
        Route::Map => html! { <MapPage dripline={dripline.clone()} /> },
        // A level of its own component: another level starts afresh.
        Route::Play(level) => html! {
            <RoundPage key={level.clone()} dripline={dripline.clone()} level={level.clone()} />
        },
        Route::Wallet => html! { <WalletPage dripline={dripline.clone()} /> },
    };
    html! { <Frame {dripline} {route}>{ place }</Frame> }
}

/// Fetches again when the player comes back to the page, or the network to the player.
#[hook]
fn use_refresh(dripline: &Dripline) {
    let dripline = dripline.clone();
    use_effect_with(dripline.player.wallet, move |_| {
        let refresh = move || {
            if !page::is_hidden() {
                dripline.refresh_catalog();
                dripline.refresh_wallet();
            }
        };
        let online = refresh.clone();
        let listeners = [
            EventListener::new(&page::document(), "visibilitychange", move |_| refresh()),
            EventListener::new(&page::window(), "online", move |_| online()),
        ];
        move || drop(listeners)
    });
}
