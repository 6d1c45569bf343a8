//! The books in sums, as everybody may see them. Pure.

use std::collections::BTreeMap;

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::api::AssetBooks;

use crate::ledger::HolderRow;

/// What all accounts of an asset hold together that have holders of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSum {
    /// The asset.
    pub asset: Asset,
    /// The kind of their holders.
    pub holder: HolderRow,
    /// In ledger units. Only that of the world may be negative.
    pub balance: i64,
}

/// Why books cannot be shown: the accounts of an asset do not add up to zero, one that must not is negative, or some are
/// of holders that this build does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the accounts of {0} do not add up")]
pub struct Unsound(pub String);

/// The books of each asset that there are accounts of, by rising codes.
pub fn books(sums: &[AccountSum]) -> Result<Vec<AssetBooks>, Unsound> {
    let mut by_asset: BTreeMap<&str, (&Asset, BTreeMap<HolderRow, i128>)> = BTreeMap::new();
    for AccountSum { asset, holder, balance } in sums {
        let (_, balances) = by_asset.entry(&asset.code).or_insert_with(|| (asset, BTreeMap::new()));
        let sum = balances.entry(*holder).or_default();
        *sum = sum.saturating_add(i128::from(*balance));
    }
    by_asset.into_values().map(|(asset, balances)| of_asset(asset, &balances)).collect()
}

fn of_asset(asset: &Asset, balances: &BTreeMap<HolderRow, i128>) -> Result<AssetBooks, Unsound> {
    let unsound = || Unsound(asset.code.clone());
    let amount = |units: i128| i64::try_from(units).ok().and_then(|units| Amount::try_from(units).ok());
    let units = |holder: &HolderRow| balances.get(holder).copied().unwrap_or(0);
    let held = |holders: &[HolderRow]| amount(holders.iter().map(units).sum()).ok_or_else(unsound);
    let sum = balances.values().copied().fold(0_i128, i128::saturating_add);
    if sum != 0 || balances.contains_key(&HolderRow::Unknown) {
        return Err(unsound());
    }
    let world = balances.get(&HolderRow::World).copied().unwrap_or(0);
    Ok(AssetBooks {
        asset: asset.clone(),
        supply: amount(world.saturating_neg()).ok_or_else(unsound)?,
        players: held(&[HolderRow::Player])?,
        pending: held(&[HolderRow::Pending])?,
        // What a server has of a campaign is the campaign's.
        campaigns: held(&[HolderRow::Campaign, HolderRow::Slice])?,
        treasury: held(&[HolderRow::Treasury])?,
        fees: held(&[HolderRow::Fees])?,
        operating: held(&[HolderRow::Operating, HolderRow::Reserved])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(code: &str, holder: HolderRow, balance: i64) -> AccountSum {
        AccountSum { asset: Asset { code: code.to_owned(), decimals: 6 }, holder, balance }
    }

    fn sound() -> Vec<AccountSum> {
        vec![
            sum("DRIP", HolderRow::World, -1_000),
            sum("DRIP", HolderRow::Player, 30),
            sum("DRIP", HolderRow::Pending, 7),
            sum("DRIP", HolderRow::Campaign, 900),
            sum("DRIP", HolderRow::Treasury, 60),
            sum("DRIP", HolderRow::Fees, 3),
        ]
    }

    #[test]
    fn the_supply_is_what_the_world_lacks_and_what_all_others_hold() {
        let mut sums = sound();
        sums.extend([
            sum("COIN", HolderRow::World, -12),
            sum("COIN", HolderRow::Operating, 4),
            sum("COIN", HolderRow::Reserved, 3),
            sum("COIN", HolderRow::Campaign, 3),
            sum("COIN", HolderRow::Slice, 2),
        ]);
        let books = books(&sums).unwrap();
        let figures = |books: &AssetBooks| {
            let held = [books.players, books.pending, books.campaigns, books.treasury, books.fees];
            ([books.supply, books.operating].map(Amount::units), held.map(Amount::units))
        };
        assert_eq!(books[0].asset.code, "COIN");
        assert_eq!(figures(&books[0]), ([12, 7], [0, 0, 5, 0, 0]));
        assert_eq!(figures(&books[1]), ([1_000, 0], [30, 7, 900, 60, 3]));
    }

    #[test]
    fn books_that_do_not_add_up_are_not_shown() {
        let unsound = Err(Unsound("DRIP".to_owned()));
        for (at, balance) in [(0, -999), (1, 31), (1, -30), (0, i64::MIN)] {
            let mut sums = sound();
            sums[at].balance = balance;
            assert_eq!(books(&sums), unsound, "{at}: {balance}");
        }
        // It adds up, but somebody who may not has less than nothing.
        let mut sums = sound();
        sums[1].balance = -1;
        sums[2].balance = 38;
        assert_eq!(books(&sums), unsound);
        let mut sums = sound();
        sums[5].holder = HolderRow::Unknown;
        assert_eq!(books(&sums), unsound);
    }

    #[test]
    fn a_faucet_without_accounts_has_no_books() {
        assert_eq!(books(&[]), Ok(Vec::new()));
    }
}
