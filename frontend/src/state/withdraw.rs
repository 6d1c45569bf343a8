//! Taking money out: what a player can do with an asset by a rail, and what the player asks for.

use dripline_shared::amount::{Amount, AmountError, Asset};
use dripline_shared::api::{AddressView, AssetMoney, RailAsset, RailView, WalletView};
use dripline_shared::payout::{RailKind, is_address};
use dripline_shared::round::ClientId;
use dripline_shared::statement::Act;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::Wallet;

/// A way out: an asset, and a rail that pays it.
pub(crate) struct Outlet<'a> {
    /// The rail.
    pub(crate) rail: &'a RailView,
    /// The asset, and what the rail asks for it.
    pub(crate) terms: &'a RailAsset,
    /// What the player has of the asset.
    pub(crate) money: AssetMoney,
    /// Where the player is paid by the rail, if that was said.
    pub(crate) address: Option<&'a AddressView>,
}

/// A withdrawal that the player is to agree to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The rail's id.
    pub(crate) rail: String,
    /// The asset.
    pub(crate) asset: Asset,
    /// How much leaves the balance.
    pub(crate) amount: Amount,
    /// What of it is the fee: the most that is agreed to.
    pub(crate) fee: Amount,
    /// Where the rest goes.
    pub(crate) address: String,
}

/// What a player asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    /// To be paid there by a rail.
    Address {
        /// The rail's id.
        rail: String,
        /// The address.
        address: String,
    },
    /// To be paid.
    Withdrawal(Plan),
}

/// What is wrong with what was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// It is no address of any rail.
    NotAnAddress,
    /// It is no number.
    NotANumber,
    /// It has a comma that may stand for the thousands or for the point.
    Ambiguous,
    /// It is finer than the asset can be divided.
    TooFine,
    /// It is nothing.
    Nothing,
    /// It is less than can be withdrawn.
    TooLittle,
    /// It is more than the player has.
    TooMuch,
    /// It is more than can be withdrawn at once.
    TooMuchAtOnce,
    /// The fee would take all of it.
    EatenByFee,
}

impl<'a> Outlet<'a> {
    /// Of what a wallet has, by a rail that pays on these terms.
    pub(crate) fn of(wallet: &'a WalletView, rail: &'a RailView, terms: &'a RailAsset) -> Self {
        let money = wallet.money.get(&terms.asset.code).copied().unwrap_or_default();
        let address = wallet.addresses.iter().find(|address| address.rail == rail.id);
        Self { rail, terms, money, address }
    }

    /// What is missing until something can be withdrawn.
    pub(crate) fn missing(&self) -> Amount {
        self.terms.threshold.saturating_sub(self.money.balance)
    }

    /// The most that can be withdrawn at once.
    pub(crate) fn most(&self) -> Amount {
        let balance = self.money.balance;
        self.terms.maximum.map_or(balance, |maximum| maximum.min(balance))
    }

    /// From when the address is paid to, where that is still to come.
    pub(crate) fn waits_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.address.map(|address| address.usable_from_ms).filter(|from| *from > now)
    }

    /// Whether something can be withdrawn now.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        let has_enough = self.missing().is_zero() && !self.money.balance.is_zero();
        has_enough && self.address.is_some() && self.waits_until(now).is_none()
    }

    /// The address to begin with where one is to be set: the one that is, or what is known to be one. `own` is the
    /// player's wallet.
    pub(crate) fn proposed_address(&self, own: Wallet) -> String {
        match (self.address, self.rail.kind) {
            (Some(set), _) => set.address.clone(),
            (None, RailKind::Sandbox) => own.to_string(),
            // The player's key is an address of the chain, too, but one that no wallet of theirs knows: what is paid
            // there would be in the browser alone.
            (None, RailKind::Evm | RailKind::Solana | RailKind::Webhook) => String::new(),
        }
    }

    /// Reads an amount as a player enters it, as a withdrawal.
    pub(crate) fn read(&self, text: &str) -> Result<Plan, Mistake> {
        // The keys of some phones have a comma and no point. Others write 1,000 for a thousand.
        let text = match text.trim_ascii().split_once(',') {
            Some((whole, fraction)) if fraction.len() == 3 && whole != "0" => return Err(Mistake::Ambiguous),
            Some((whole, fraction)) => &[whole, ".", fraction].concat(),
            None => text.trim_ascii(),
        };
        let amount = Amount::from_decimal(text, self.terms.asset.decimals);
        self.plan(amount.map_err(|error| match error {
            AmountError::NotDecimal => Mistake::NotANumber,
            AmountError::TooManyDecimals => Mistake::TooFine,
            AmountError::OutOfRange => Mistake::TooMuch,
        })?)
    }

    /// The withdrawal of an amount, for the fee of now.
    pub(crate) fn plan(&self, amount: Amount) -> Result<Plan, Mistake> {
        let fee = self.terms.fee;
        if amount.is_zero() {
            Err(Mistake::Nothing)
        } else if amount < self.terms.threshold {
            Err(Mistake::TooLittle)
        } else if amount > self.money.balance {
            Err(Mistake::TooMuch)
        } else if amount > self.most() {
            Err(Mistake::TooMuchAtOnce)
        } else if amount <= fee {
            Err(Mistake::EatenByFee)
        } else {
            let address = self.address.map(|address| address.address.clone()).unwrap_or_default();
            Ok(Plan { rail: self.rail.id.clone(), asset: self.terms.asset.clone(), amount, fee, address })
        }
    }
}

impl Plan {
    /// What arrives of it, if the fee takes all that it may.
    pub(crate) fn arrives(&self) -> Amount {
        self.amount.saturating_sub(self.fee)
    }
}

impl Wish {
    /// To be paid at what a player entered.
    pub(crate) fn address(rail: &str, text: &str) -> Result<Self, Mistake> {
        let address = text.trim_ascii();
        if is_address(address) {
            Ok(Self::Address { rail: rail.to_owned(), address: address.to_owned() })
        } else {
            Err(Mistake::NotAnAddress)
        }
    }

    /// The sentence that says it in the statement that is signed.
    pub(crate) fn sentence(&self) -> String {
        // No sentence tells the id.
        let client_id = ClientId([0; 16]);
        match self.clone() {
            Self::Address { rail, address } => Act::Address { client_id, rail, address, site: None },
            Self::Withdrawal(Plan { rail, asset, amount, fee, address }) => {
                Act::Withdraw { client_id, rail, asset, amount, address, fee_max: fee, site: None }
            }
        }
        .sentence()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
    const OWN: Wallet = Wallet([1; 32]);

    fn terms(threshold: u32, fee: u32) -> RailAsset {
        RailAsset {
            asset: Asset { code: "DRIP".to_owned(), decimals: 6 },
            maximum: None,
            threshold: Amount::from_units(threshold),
            fee: Amount::from_units(fee),
            dormant_after_ms: None,
        }
    }

    fn rail(terms: RailAsset) -> RailView {
        RailView {
            id: "sandbox".to_owned(),
            kind: RailKind::Sandbox,
            assets: vec![terms],
            address_wait_ms: 0,
            paused: None,
            chain_id: None,
            needs_ownership: false,
        }
    }

    /// A wallet with this balance, and an address that is paid to from then on.
    fn wallet(balance: u32, usable_from: Option<Timestamp>) -> WalletView {
        let money = AssetMoney { balance: Amount::from_units(balance), ..AssetMoney::default() };
        let address = |usable_from_ms| AddressView {
            rail: "sandbox".to_owned(),
            address: "there".to_owned(),
            set_at_ms: Timestamp(0),
            usable_from_ms,
        };
        WalletView {
            wallet: OWN,
            balance: money.balance,
            money: BTreeMap::from([("DRIP".to_owned(), money)]),
            addresses: usable_from.map(address).into_iter().collect(),
            drips: 0,
            streak_days: 0,
            levels: BTreeMap::new(),
            attempts_left: 10,
            open_round: None,
            limits: Vec::new(),
            server_time_ms: NOW,
        }
    }

    /// What comes of an amount that is entered where 0.05 of 0.5 can be withdrawn for a fee of 0.01.
    fn read(text: &str) -> Result<u32, Mistake> {
        let (wallet, rail) = (wallet(500_000, Some(NOW)), rail(terms(50_000, 10_000)));
        let plan = Outlet::of(&wallet, &rail, &rail.assets[0]).read(text)?;
        assert_eq!((&plan.rail[..], &plan.address[..]), ("sandbox", "there"));
        assert_eq!(plan.arrives().units(), plan.amount.units() - 10_000);
        Ok(u32::try_from(plan.amount.units()).unwrap())
    }

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        for text in ["0.25", " 0.25 ", "0,25", "0.250000"] {
            assert_eq!(read(text), Ok(250_000), "{text}");
        }
        assert_eq!((read("0.05"), read("0.5")), (Ok(50_000), Ok(500_000)), "the least and the most");
    }

    #[test]
    fn what_is_wrong_with_an_amount_is_told_apart() {
        for text in ["", " ", "all", "-1", "+1", "1e3", "0x1", ".5", "1.", "1.2.3", "1 000", "٣"] {
            assert_eq!(read(text), Err(Mistake::NotANumber), "{text}");
        }
        for text in ["1,000", "0001,500"] {
            assert_eq!(read(text), Err(Mistake::Ambiguous), "{text}");
        }
        assert_eq!(read("0,250"), Ok(250_000), "no thousands begin with a nought");
        assert_eq!(read("0.0500001"), Err(Mistake::TooFine));
        assert_eq!((read("0"), read("0.000000")), (Err(Mistake::Nothing), Err(Mistake::Nothing)));
        assert_eq!(read("0.049999"), Err(Mistake::TooLittle));
        for text in ["0.500001", "7", "99999999999999999999999999"] {
            assert_eq!(read(text), Err(Mistake::TooMuch), "{text}");
        }
    }

    #[test]
    fn no_more_is_proposed_or_taken_than_passes_at_once() {
        let bounded = RailAsset { maximum: Some(Amount::from_units(200_000)), ..terms(50_000, 0) };
        let (wallet, rail) = (wallet(500_000, Some(NOW)), rail(bounded));
        let outlet = Outlet::of(&wallet, &rail, &rail.assets[0]);
        assert_eq!(outlet.most(), Amount::from_units(200_000));
        assert!(outlet.read("0.2").is_ok());
        assert_eq!(outlet.read("0.200001"), Err(Mistake::TooMuchAtOnce));
        assert_eq!(outlet.read("0.500001"), Err(Mistake::TooMuch));
    }

    #[test]
    fn a_fee_that_would_take_all_is_no_withdrawal() {
        let (wallet, rail) = (wallet(500_000, Some(NOW)), rail(terms(1, 10_000)));
        let outlet = Outlet::of(&wallet, &rail, &rail.assets[0]);
        assert_eq!(outlet.read("0.01"), Err(Mistake::EatenByFee));
        assert_eq!(outlet.read("0.010001").map(|plan| plan.arrives()), Ok(Amount::from_units(1)));
    }

    #[test]
    fn an_outlet_is_open_once_there_is_enough_and_an_address_that_is_paid_to() {
        let rail = rail(terms(50_000, 0));
        let is_open = |balance, usable_from| {
            Outlet::of(&wallet(balance, usable_from), &rail, &rail.assets[0]).is_open(NOW)
        };
        assert!(is_open(50_000, Some(NOW)));
        assert!(!is_open(49_999, Some(NOW)));
        assert!(!is_open(50_000, None));
        assert!(!is_open(50_000, Some(NOW.plus(1))));
    }

    #[test]
    fn what_is_missing_and_what_is_waited_for_is_told_until_it_is_there() {
        let rail = rail(terms(50_000, 0));
        let (poor, rich) = (wallet(20_000, Some(NOW.plus(5))), wallet(60_000, Some(NOW)));
        let (poor, rich) = (&poor, &rich);
        let of = |wallet| Outlet::of(wallet, &rail, &rail.assets[0]);
        assert_eq!(of(poor).missing(), Amount::from_units(30_000));
        assert_eq!(of(poor).waits_until(NOW), Some(NOW.plus(5)));
        assert_eq!((of(rich).missing(), of(rich).waits_until(NOW)), (Amount::ZERO, None));
    }

    #[test]
    fn an_asset_that_a_wallet_never_had_is_none_of_its_money() {
        let (wallet, rail) = (wallet(60_000, None), rail(terms(0, 0)));
        let other =
            RailAsset { asset: Asset { code: "USDC".to_owned(), decimals: 6 }, ..rail.assets[0].clone() };
        let outlet = Outlet::of(&wallet, &rail, &other);
        assert_eq!(outlet.money, AssetMoney::default());
        assert!(!outlet.is_open(NOW), "there is nothing to withdraw, though no threshold forbids it");
    }

    #[test]
    fn a_sandbox_is_proposed_the_players_own_wallet_unless_an_address_is_set() {
        let rail = rail(terms(0, 0));
        let proposed =
            |usable_from| Outlet::of(&wallet(0, usable_from), &rail, &rail.assets[0]).proposed_address(OWN);
        assert_eq!(proposed(None), OWN.to_string());
        assert_eq!(proposed(Some(NOW)), "there");
    }

    #[test]
    fn an_address_is_visible_characters_and_nothing_around_them() {
        let address = |text: &str| match Wish::address("sandbox", text) {
            Ok(Wish::Address { address, .. }) => Ok(address),
            other => other.map(|_| String::new()),
        };
        assert_eq!(address(" there\n"), Ok("there".to_owned()));
        for text in ["", "  ", "over there", "dört", &"x".repeat(129)] {
            assert_eq!(address(text), Err(Mistake::NotAnAddress), "{text}");
        }
    }

    #[test]
    fn what_is_asked_for_is_told_in_the_words_that_are_signed() {
        let (wallet, rail) = (wallet(500_000, Some(NOW)), rail(terms(50_000, 10_000)));
        let plan = Outlet::of(&wallet, &rail, &rail.assets[0]).read("0.5").unwrap();
        assert_eq!(
            Wish::Withdrawal(plan).sentence(),
            "Withdraw 0.5 DRIP to there by sandbox. Of this, the fee takes at most 0.01 DRIP."
        );
        assert_eq!(
            Wish::address("sandbox", "there").unwrap().sentence(),
            "Pay what I withdraw from Dripline to there by sandbox. This alone moves no money."
        );
    }
}
