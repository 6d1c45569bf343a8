//! Requests of the API, before they are sent.

use axum::http::{Method, Request, header};
use dripline_shared::api::{AddressRequest, ClaimRequest, OpenRequest, WithdrawalRequest};
use dripline_shared::payout::WithdrawalId;
use dripline_shared::round::{RoundId, RoundToken};
use dripline_shared::wallet::Wallet;
use serde::Serialize;

/// A request with its body.
pub type Message = Request<Vec<u8>>;

/// A request without a body.
///
/// # Panics
/// Where `path` is no path.
pub fn get(path: &str) -> Message {
    message(Method::GET, path, "", Vec::new())
}

/// A request with any body.
///
/// # Panics
/// Where `path` is no path, or `content_type` no header.
pub fn message(method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Message {
    let mut builder = Request::builder().method(method).uri(path);
    if !content_type.is_empty() {
        builder = builder.header(header::CONTENT_TYPE, content_type);
    }
    builder.body(body).expect("a path and a header")
}

/// A request with a JSON body.
///
/// # Panics
/// Where `path` is no path.
pub fn post<T: Serialize>(path: &str, body: &T) -> Message {
    let body = serde_json::to_vec(body).expect("plain data serialises");
    message(Method::POST, path, "application/json", body)
}

/// The request with a round's token.
///
/// # Panics
/// Never: a token is hexadecimal.
pub fn with_token(mut request: Message, token: RoundToken) -> Message {
    let value = format!("Bearer {token}").try_into().expect("hexadecimal is a header");
    request.headers_mut().insert(header::AUTHORIZATION, value);
    request
}

/// Opens a round.
pub fn open(request: &OpenRequest) -> Message {
    post("/api/v1/rounds", request)
}

/// Sends a segment; `end` with the final one.
pub fn segment(round: RoundId, token: RoundToken, number: u32, end: Option<u32>, bytes: Vec<u8>) -> Message {
    let end = end.map_or(String::new(), |end| format!("?end={end}"));
    let path = format!("/api/v1/rounds/{round}/segments/{number}{end}");
    with_token(message(Method::PUT, &path, "application/octet-stream", bytes), token)
}

/// Looks at a round.
pub fn round(round: RoundId, token: RoundToken) -> Message {
    with_token(get(&format!("/api/v1/rounds/{round}")), token)
}

/// Ends a round.
pub fn end(round: RoundId, token: RoundToken) -> Message {
    with_token(message(Method::POST, &format!("/api/v1/rounds/{round}/end"), "", Vec::new()), token)
}

/// Claims a round.
pub fn claim(request: &ClaimRequest) -> Message {
    post("/api/v1/claims", request)
}

/// Sets a payout address.
pub fn set_address(request: &AddressRequest) -> Message {
    post("/api/v1/addresses", request)
}

/// Withdraws.
pub fn withdraw(request: &WithdrawalRequest) -> Message {
    post("/api/v1/withdrawals", request)
}

/// Looks at a withdrawal.
pub fn withdrawal(withdrawal: WithdrawalId) -> Message {
    get(&format!("/api/v1/withdrawals/{withdrawal}"))
}

/// A page of a wallet's withdrawals.
pub fn withdrawals(wallet: Wallet) -> Message {
    get(&format!("/api/v1/wallets/{wallet}/withdrawals"))
}

/// Looks at a wallet.
pub fn wallet(wallet: Wallet) -> Message {
    get(&format!("/api/v1/wallets/{wallet}"))
}

/// A wallet's history as a table; `query` begins with its question mark.
pub fn table(wallet: Wallet, query: &str) -> Message {
    get(&format!("/api/v1/wallets/{wallet}/history.csv{query}"))
}

/// A page of a wallet's history.
pub fn history(wallet: Wallet, before: Option<u64>) -> Message {
    let before = before.map_or(String::new(), |before| format!("?before={before}&limit=100"));
    get(&format!("/api/v1/wallets/{wallet}/history{before}"))
}
