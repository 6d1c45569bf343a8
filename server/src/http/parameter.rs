//! Parts of the address, and the bearer token: what a handler gets apart from a body.

use std::convert::Infallible;
use std::fmt::Display;
use std::str::FromStr;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use dripline_shared::catalog;
use dripline_shared::error::Code;
use dripline_shared::log::NodeHash;
use dripline_shared::payout::WithdrawalId;
use dripline_shared::read_key::ReadKey;
use dripline_shared::round::{RoundId, RoundToken};
use dripline_shared::wallet::Wallet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::problem::Refused;
use crate::export::Format;
use crate::faucet::STATISTICS_DAYS_MAX;
use crate::site::SiteKey;

/// The most entries of a page of history, and the most withdrawals of a page of them.
const HISTORY_LIMIT_MAX: u32 = 100;
/// How many they are where nothing else is asked for.
const HISTORY_LIMIT_DEFAULT: u32 = 50;

/// Of how many days statistics are told where nothing is said.
const DAYS_DEFAULT: u64 = 30;

/// The path's variable parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<T>(pub(super) T);

/// What follows the question mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options<T>(pub(super) T);

/// The round's token, if the request has one that could be one.
#[derive(Clone, Copy)]
pub(super) struct Token(pub(super) Option<RoundToken>);

/// The read-only key of the request, which must have one that could be one.
#[derive(Clone, Copy)]
pub(super) struct KeyOfReader(pub(super) ReadKey);

/// The key of a site, if the request has one that could be one.
#[derive(Debug, Clone)]
pub(super) struct KeyOfSite(pub(super) Option<SiteKey>);

/// A round.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct RoundPlace {
    /// The round's id.
    pub(super) round: RoundId,
}

/// A segment of a round.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct SegmentPlace {
    /// The round's id.
    pub(super) round: RoundId,
    /// The segment's number, from 0.
    pub(super) segment: u32,
}

/// A wallet.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct WalletPlace {
    /// The wallet, base58.
    pub(super) wallet: Wallet,
}

/// A site.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct SitePlace {
    /// The site's id.
    pub(super) site: String,
}

/// A withdrawal.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct WithdrawalPlace {
    /// The withdrawal's id.
    pub(super) withdrawal: WithdrawalId,
}

/// A leaf of the log.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct LeafPlace {
    /// The leaf's number, from 0.
    pub(super) index: u64,
}

/// Which part of what is played and paid.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteOptions {
    /// What this site shows, and what is paid there; without, what is played on the faucet's own page.
    pub(super) site: Option<String>,
}

/// Where a wallet plays. Whatever else is asked means nothing, and is no mistake: that is how a page has asked about a wallet that is not
/// its player's from the beginning.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WalletOptions {
    /// What would refuse claims there is told of the rounds of this site; without, of those on the faucet's own page.
    pub(super) site: Option<String>,
}

/// Of how many days.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DaysOptions {
    /// Of so many days by UTC, with the one that has not ended.
    #[param(minimum = 1, maximum = 90, default = 30)]
    days: Option<u64>,
}

/// How a segment ends.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SegmentOptions {
    /// With the final segment only: how many ticks or turns of it were played when the game ended, at least 1.
    pub(super) end: Option<u32>,
}

/// Which page of a history.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryOptions {
    /// Only entries with smaller ids: `next_before` of the page before.
    pub(super) before: Option<u64>,
    /// At most so many entries.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
}

/// Which table.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportOptions {
    /// Which columns: all that is known, or those that a program imports.
    #[serde(default)]
    #[param(inline)]
    pub(super) format: Format,
    /// Only entries with smaller ids.
    pub(super) before: Option<u64>,
}

/// Which page of withdrawals.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WithdrawalOptions {
    /// Only withdrawals with smaller ids: `next_before` of the page before.
    pub(super) before: Option<WithdrawalId>,
    /// At most so many withdrawals.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
}

/// Which leaf is to be proven.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct InclusionOptions {
    /// The hash of the leaf, as a receipt has it.
    pub(super) leaf: NodeHash,
    /// The size of the log that it is to be proven in: that of the newest head where nothing is said.
    pub(super) size: Option<u64>,
}

/// Which states of the log are compared.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsistencyOptions {
    /// The size of the older one.
    pub(super) first: u64,
    /// The size of the newer one: that of the newest head where nothing is said.
    pub(super) second: Option<u64>,
}

impl DaysOptions {
    /// Of how many days, 1 to 90.
    pub(super) fn days(self) -> Result<u64, Refused> {
        let days = self.days.unwrap_or(DAYS_DEFAULT);
        if (1..=STATISTICS_DAYS_MAX).contains(&days) {
            return Ok(days);
        }
        let expected = format!("expected 1 to {STATISTICS_DAYS_MAX}");
        Err(Refused::about(Code::InvalidParameter, "days", expected))
    }
}

impl HistoryOptions {
    /// How many entries are asked for, 1 to 100.
    pub(super) fn limit(self) -> Result<u32, Refused> {
        page_limit(self.limit)
    }
}

impl WithdrawalOptions {
    /// How many withdrawals are asked for, 1 to 100.
    pub(super) fn limit(self) -> Result<u32, Refused> {
        page_limit(self.limit)
    }
}

fn page_limit(asked: Option<u32>) -> Result<u32, Refused> {
    let limit = asked.unwrap_or(HISTORY_LIMIT_DEFAULT);
    if (1..=HISTORY_LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    let expected = format!("expected 1 to {HISTORY_LIMIT_MAX}");
    Err(Refused::about(Code::InvalidParameter, "limit", expected))
}

impl<S: Send + Sync, T: FromPath> FromRequestParts<S> for Place<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let named = RawPathParams::from_request_parts(parts, state).await;
        let named = named.map_err(|error| Refused::new(Code::InvalidParameter, error.body_text()))?;
        T::from_path(&named).map(Self)
    }
}

/// What is made of the named parts of a path.
pub(super) trait FromPath: Sized {
    /// Parses each part; a part that is not what it should be is refused by its name.
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused>;
}

impl FromPath for RoundPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        Ok(Self { round: parse(parts, "round", Code::InvalidParameter)? })
    }
}

impl FromPath for SegmentPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let round = parse(parts, "round", Code::InvalidParameter)?;
        Ok(Self { round, segment: parse(parts, "segment", Code::InvalidParameter)? })
    }
}

impl FromPath for WalletPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        Ok(Self { wallet: parse(parts, "wallet", Code::InvalidWallet)? })
    }
}

impl FromPath for SitePlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        let site: String = parse(parts, "site", Code::InvalidParameter)?;
        if catalog::is_id(&site) {
            return Ok(Self { site });
        }
        Err(Refused::about(Code::InvalidParameter, "site", "expected the id of a site"))
    }
}

impl FromPath for WithdrawalPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        Ok(Self { withdrawal: parse(parts, "withdrawal", Code::InvalidParameter)? })
    }
}

impl FromPath for LeafPlace {
    fn from_path(parts: &RawPathParams) -> Result<Self, Refused> {
        Ok(Self { index: parse(parts, "index", Code::InvalidParameter)? })
    }
}

/// The part of this name. `code` is for one that is not what it should be.
pub(super) fn parse<T>(parts: &RawPathParams, name: &'static str, code: Code) -> Result<T, Refused>
where
    T: FromStr<Err: Display>,
{
    let text = parts.iter().find(|(key, _)| *key == name).map_or("", |(_, text)| text);
    text.parse().map_err(|error: T::Err| Refused::about(code, name, error.to_string()))
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Options<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(options)) => Ok(Self(options)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => {
                Err(Refused::new(Code::InvalidParameter, error.body_text()))
            }
            Err(_) => Err(Code::InvalidParameter.into()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Token {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(bearer(parts)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for KeyOfReader {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        Ok(Self(bearer(parts).ok_or(Code::WrongReadKey)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for KeyOfSite {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(bearer(parts)))
    }
}

/// What the header `Authorization` says after the word `Bearer`, where that is what is expected.
fn bearer<T: FromStr>(parts: &Parts) -> Option<T> {
    bearer_text(&parts.headers)?.parse().ok()
}

/// The text of the bearer token in the header `Authorization`, if there is one.
pub(super) fn bearer_text(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
