//! The only place that fetches. Every call is typed by the shared wire types, has a timeout, and may be sent again:
//! what changes something carries an id of ours, so that twice has the effect of once.

use std::cell::Cell;
use std::rc::Rc;

use dripline_shared::api::{
    CatalogView, ClaimRequest, HistoryPage, OpenAnswer, OpenRequest, Problem, RailList, Receipt, RoundView,
    SegmentAnswer, WalletView, WithdrawalPage, WithdrawalView,
};
use dripline_shared::error::Code;
use dripline_shared::json::{FromJson, ToJson};
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::{RoundId, RoundToken};
use dripline_shared::time::Timestamp;
use dripline_shared::transcript::Segment;
use dripline_shared::wallet::Wallet;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestCache, RequestCredentials, RequestInit, Response};

use crate::browser::{edge, json, page};
use crate::payout::{Answer, Errand};
use crate::state::backoff::Backoff;
use crate::state::clock::ServerClock;

/// How long a request may take, in milliseconds.
const TIMEOUT_MS: u32 = 8_000;
/// How often a request is sent in all before the player is told.
const TRIES: u32 = 4;
/// The longest that a request waits for a busy server before the player is told, in milliseconds.
const PATIENCE_MS: u64 = 5_000;
/// Entries of a page of history.
const HISTORY_LIMIT: u32 = 20;
/// Withdrawals of a page: each takes several lines.
const WITHDRAWALS_LIMIT: u32 = 5;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// Nothing came back: no network, no server, or too late.
    Network,
    /// The server refused, and said why.
    Refused(Box<Problem>),
    /// An answer that is none of ours: its status.
    Strange(u16),
    /// Nothing was sent: the browser did not sign it.
    Unsigned,
}

impl Failure {
    /// The code of a refusal.
    pub(crate) fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            Self::Network | Self::Strange(_) | Self::Unsigned => None,
        }
    }

    /// Whether the same request may well be answered a little later, and after how long: 0 where the server did not
    /// say so.
    pub(crate) fn passes_by_itself(&self) -> Option<u64> {
        match self {
            // Strange is a proxy before a server that is starting or stopping, or a network where visitors sign in first.
            Self::Network | Self::Strange(_) | Self::Unsigned => Some(0),
            Self::Refused(problem) => match problem.code {
                Code::Overloaded
                | Code::StorageUnavailable
                | Code::RailUnreachable
                | Code::ShuttingDown
                | Code::RateLimited
                | Code::RequestTimeout
                | Code::Internal => Some(problem.retry_after_ms.unwrap_or(0)),
                _ => None,
            },
        }
    }
}

/// An answer that tells the server's time.
trait TellsTime {
    fn server_time(&self) -> Timestamp;
}

macro_rules! tells_time {
    ($($answer:ty: $field:ident),* $(,)?) => {
        $(impl TellsTime for $answer {
            fn server_time(&self) -> Timestamp { self.$field }
        })*
    };
}
tells_time! {
    CatalogView: server_time_ms,
    OpenAnswer: server_time_ms,
    RoundView: server_time_ms,
    RailList: server_time_ms,
    SegmentAnswer: server_time_ms,
    WalletView: server_time_ms,
    WithdrawalView: server_time_ms,
}

/// The server, as the page talks to it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Api {
    clock: Rc<Cell<ServerClock>>,
}

impl PartialEq for Api {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.clock, &other.clock)
    }
}

/// A request.
struct Call<'a> {
    method: &'static str,
    path: String,
    token: Option<RoundToken>,
    body: Body<'a>,
}

enum Body<'a> {
    Nothing,
    Json(String),
    Bytes(&'a [u8]),
}

impl Call<'_> {
    fn get(path: String) -> Self {
        Self { method: "GET", path, token: None, body: Body::Nothing }
    }
}

impl Api {
    /// The server's time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.get().at(edge::steady_clock())
    }

    /// The faucet's catalog.
    pub(crate) async fn catalog(&self) -> Result<CatalogView, Failure> {
        self.timed(&Call::get("/api/v1/catalog".to_owned())).await
    }

    /// What a wallet has.
    pub(crate) async fn wallet(&self, wallet: Wallet) -> Result<WalletView, Failure> {
        self.timed(&Call::get(format!("/api/v1/wallets/{wallet}"))).await
    }

    /// A page of a wallet's history, with entries older than `before`.
    pub(crate) async fn history(&self, wallet: Wallet, before: Option<u64>) -> Result<HistoryPage, Failure> {
        let before = before.map_or_else(String::new, |id| format!("&before={id}"));
        let path = format!("/api/v1/wallets/{wallet}/history?limit={HISTORY_LIMIT}{before}");
        read(&patiently(&Call::get(path)).await?)
    }

    /// Opens a round.
    pub(crate) async fn open(&self, request: &OpenRequest) -> Result<OpenAnswer, Failure> {
        self.timed(&post("/api/v1/rounds".to_owned(), request)).await
    }

    /// How a round stands.
    pub(crate) async fn round(&self, round: RoundId, token: RoundToken) -> Result<RoundView, Failure> {
        let call = Call { token: Some(token), ..Call::get(format!("/api/v1/rounds/{round}")) };
        self.timed(&call).await
    }

    /// Sends a segment once; `is_final` says that the game ended with it.
    pub(crate) async fn segment(
        &self,
        round: RoundId,
        token: RoundToken,
        number: u32,
        segment: &Segment,
        is_final: bool,
    ) -> Result<SegmentAnswer, Failure> {
        let end = if is_final { format!("?end={}", segment.length) } else { String::new() };
        let call = Call {
            method: "PUT",
            path: format!("/api/v1/rounds/{round}/segments/{number}{end}"),
            token: Some(token),
            body: Body::Bytes(&segment.bytes),
        };
        let answer = self.read_timed(&exchange(&call).await?)?;
        Ok(answer)
    }

    /// Closes a round that will not be claimed.
    pub(crate) async fn end(&self, round: RoundId, token: RoundToken) -> Result<RoundView, Failure> {
        let call = Call {
            method: "POST",
            path: format!("/api/v1/rounds/{round}/end"),
            token: Some(token),
            body: Body::Nothing,
        };
        self.timed(&call).await
    }

    /// Claims the reward of a round.
    pub(crate) async fn claim(&self, request: &ClaimRequest) -> Result<Receipt, Failure> {
        read(&patiently(&post("/api/v1/claims".to_owned(), request)).await?)
    }

    /// What pays out, and on which terms.
    pub(crate) async fn rails(&self) -> Result<RailList, Failure> {
        self.timed(&Call::get("/api/v1/rails".to_owned())).await
    }

    /// Says where to pay, or requests a withdrawal.
    pub(crate) async fn errand(&self, errand: &Errand) -> Result<Answer, Failure> {
        let place = if errand.is_withdrawal { "withdrawals" } else { "addresses" };
        let call = post_text(format!("/api/v1/{place}"), errand.body.clone());
        let answer = patiently(&call).await?;
        if errand.is_withdrawal {
            self.read_timed(&answer).map(|view| Answer::Withdrawal(Box::new(view)))
        } else {
            read(&answer).map(Answer::Address)
        }
    }

    /// How a withdrawal stands. Asked once: whoever looks again and again need not insist.
    pub(crate) async fn withdrawal(&self, id: WithdrawalId) -> Result<WithdrawalView, Failure> {
        let answer = exchange(&Call::get(format!("/api/v1/withdrawals/{id}"))).await?;
        self.read_timed(&answer)
    }

    /// A page of a wallet's withdrawals, with those older than `before`.
    pub(crate) async fn withdrawals(
        &self,
        wallet: Wallet,
        before: Option<WithdrawalId>,
    ) -> Result<WithdrawalPage, Failure> {
        let before = before.map_or_else(String::new, |id| format!("&before={id}"));
        let path = format!("/api/v1/wallets/{wallet}/withdrawals?limit={WITHDRAWALS_LIMIT}{before}");
        read(&patiently(&Call::get(path)).await?)
    }

    /// Asks for what is at this address, or posts this body there. Gives the text of the answer: one code for many questions.
    pub(crate) async fn ask(&self, path: String, body: Option<String>) -> Result<String, Failure> {
        let call = match body {
            Some(body) => post_text(path, body),
            None => Call::get(path),
        };
        patiently(&call).await
    }

    async fn timed<T: FromJson + TellsTime>(&self, call: &Call<'_>) -> Result<T, Failure> {
        self.read_timed(&patiently(call).await?)
    }

    fn read_timed<T: FromJson + TellsTime>(&self, text: &str) -> Result<T, Failure> {
        let answer: T = read(text)?;
        let mut clock = self.clock.get();
        clock.learn(answer.server_time(), edge::steady_clock());
        self.clock.set(clock);
        Ok(answer)
    }
}

fn post<T: ToJson>(path: String, request: &T) -> Call<'static> {
    // Requests are plain data: they can always be written.
    post_text(path, json::print(request).unwrap_or_default())
}

fn post_text(path: String, json: String) -> Call<'static> {
    Call { method: "POST", path, token: None, body: Body::Json(json) }
}

/// Reads the text of an answer.
pub(crate) fn read<T: FromJson>(text: &str) -> Result<T, Failure> {
    json::parse(text).ok_or(Failure::Strange(200))
}

/// Sends a request until it is answered, a few times.
async fn patiently(call: &Call<'_>) -> Result<String, Failure> {
    let mut backoff = Backoff::new();
    let mut tries = 1;
    loop {
        let failure = match exchange(call).await {
            Ok(text) => return Ok(text),
            Err(failure) => failure,
        };
        let Some(asked_ms) = failure.passes_by_itself() else { return Err(failure) };
        if tries == TRIES || asked_ms > PATIENCE_MS {
            return Err(failure);
        }
        tries += 1;
        TimeoutFuture::new(backoff.next(asked_ms)).await;
    }
}

/// Sends a request once and gives the text of its answer.
async fn exchange(call: &Call<'_>) -> Result<String, Failure> {
    let broken = |_: JsValue| Failure::Network;
    let controller = AbortController::new().map_err(broken)?;
    let init = request_init(call, &controller).map_err(broken)?;
    let timeout = Timeout::new(TIMEOUT_MS, move || controller.abort());
    let response = JsFuture::from(page::window().fetch_with_str_and_init(&call.path, &init)).await;
    let response: Response = response.map_err(broken)?.unchecked_into();
    let text = JsFuture::from(response.text().map_err(broken)?).await.map_err(broken)?;
    drop(timeout);
    let text = text.as_string().unwrap_or_default();
    if response.ok() {
        return Ok(text);
    }
    Err(match json::parse::<Problem>(&text) {
        Some(problem) => Failure::Refused(Box::new(problem)),
        None => Failure::Strange(response.status()),
    })
}

fn request_init(call: &Call<'_>, controller: &AbortController) -> Result<RequestInit, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    if let Some(token) = call.token {
        headers.set("Authorization", &format!("Bearer {token}"))?;
    }
    let init = RequestInit::new();
    init.set_method(call.method);
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&controller.signal()));
    match &call.body {
        Body::Nothing => {}
        Body::Json(json) => {
            headers.set("Content-Type", "application/json")?;
            init.set_body(&json.as_str().into());
        }
        Body::Bytes(bytes) => {
            headers.set("Content-Type", "application/octet-stream")?;
            init.set_body(&Uint8Array::from(*bytes));
        }
    }
    init.set_headers(&headers);
    Ok(init)
}
