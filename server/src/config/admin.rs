//! `[admin]`: a listener of its own for what operators do, apart from the public one, and what two of them do together.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use dripline_shared::amount::{Amount, Asset};
use serde::Deserialize;

use super::section::{Check, Section};
use super::text;
use crate::access::passkey::domain_of;

/// Where operators are served, and from when on one of them is not enough.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// The address of `/admin`; port 0 takes a free one. Beside what players do, on the public address, where it is not set.
    #[serde(deserialize_with = "text::address_if_any")]
    pub listen: Option<SocketAddr>,
    /// The origin of the page where operators sign in, where it is another one than players'. Passkeys are for its domain, and
    /// work with no other.
    pub origin: Option<String>,
    /// From which amount on, in ledger units by the code of its asset, money is moved by two operators and not by one.
    pub second_operator_above: BTreeMap<String, Amount>,
}

impl Section for Admin {
    const NAME: &'static str = "admin";

    fn validate(&self, check: &mut Check<'_>) {
        let works = self.origin.as_deref().is_none_or(|origin| domain_of(origin).is_ok());
        let expected = "an origin with a name, such as \"https://console.example\": passkeys work by https and not for addresses \
                        in numbers, and by http on localhost alone";
        check.holds(works, "origin", expected);
        let is_code = |code: &String| Asset { code: code.clone(), decimals: 0 }.is_valid();
        let expected = "amounts in ledger units by codes of assets, of 2 to 12 upper-case letters and digits";
        check.holds(self.second_operator_above.keys().all(is_code), "second_operator_above", expected);
    }
}
