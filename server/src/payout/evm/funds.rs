//! Whether the treasury has enough for a payout, so that an empty treasury stops payouts before they are signed, and is not
//! taken for a recipient who cannot be paid.

use super::abi;
use super::address::Address;
use super::hex::Word;
use super::methods::At;
use super::payout::Payout;
use crate::payout::RailError;
use crate::payout::rpc::{Endpoint, RpcError};

/// What the chain says about the treasury.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Funds {
    /// What it has of the native coin, in wei, once what waits is executed.
    pub(super) coins: u128,
    /// The token, where the payout is of one.
    pub(super) token: Option<TokenFunds>,
    /// Whether there is a contract where the one that pays many is said to be; of a payout that needs none it is not asked.
    pub(super) has_disperse: bool,
}

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenFunds {
    /// What the treasury has, once what waits is executed; `None` where this is no token.
    pub(super) balance: Option<u128>,
    /// What the contract that pays many may take of it; not asked where it is not needed.
    pub(super) allowance: Option<u128>,
    /// Its decimals, where it tells them.
    pub(super) decimals: Option<u128>,
}

/// Asks for what [`check`] looks at.
pub(super) fn ask(endpoint: &Endpoint, treasury: Address, payout: &Payout) -> Result<Funds, RpcError> {
    let disperse = payout.disperse();
    Ok(Funds {
        coins: least(|at| endpoint.balance(treasury, at))?,
        token: payout.token.map(|token| ask_token(endpoint, treasury, token, disperse)).transpose()?,
        has_disperse: disperse.map_or(Ok(true), |contract| endpoint.is_contract(contract))?,
    })
}

fn ask_token(
    endpoint: &Endpoint,
    treasury: Address,
    token: Address,
    disperse: Option<Address>,
) -> Result<TokenFunds, RpcError> {
    let balance = least(|at| token_balance(endpoint, token, treasury, at))?;
    let allowance = |spender| least(|at| allowance(endpoint, token, (treasury, spender), at));
    let decimals = match endpoint.ask_contract(token, abi::decimals(), At::Latest) {
        Ok(answer) => number(&answer),
        Err(RpcError::Refused { is_unhealthy: false, .. }) => None,
        Err(error) => return Err(error),
    };
    Ok(TokenFunds { balance, allowance: disperse.map(allowance).transpose()?, decimals })
}

/// What somebody has of a token, or of the native coin, in a block.
pub(super) fn held(
    endpoint: &Endpoint,
    owner: Address,
    token: Option<Address>,
    at: At,
) -> Result<u128, RpcError> {
    match token {
        None => endpoint.balance(owner, at),
        Some(token) => {
            let answer = endpoint.ask_contract(token, abi::balance_of(owner), at)?;
            number(&answer).ok_or_else(|| endpoint.nonsense("eth_call", "there is no such token"))
        }
    }
}

/// What somebody has of a token; `None` where it is none.
fn token_balance(
    endpoint: &Endpoint,
    token: Address,
    owner: Address,
    at: At,
) -> Result<Option<u128>, RpcError> {
    match endpoint.ask_contract(token, abi::balance_of(owner), at) {
        Ok(answer) => Ok(number(&answer)),
        Err(RpcError::Refused { is_unhealthy: false, .. }) if at == At::Latest => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the second may take of a token from the first.
fn allowance(
    endpoint: &Endpoint,
    token: Address,
    (owner, spender): (Address, Address),
    at: At,
) -> Result<u128, RpcError> {
    let answer = endpoint.ask_contract(token, abi::allowance(owner, spender), at)?;
    Ok(number(&answer).unwrap_or(0))
}

/// Whether there was too little of a token for a payout in a block, or the contract that pays many might take too little of
/// it; where the node does not know that block's state any more, whether that is so now.
pub(super) fn is_short(
    endpoint: &Endpoint,
    treasury: Address,
    token: Address,
    payout: &Payout,
    block: u64,
) -> Result<bool, RpcError> {
    let of = |at| {
        let balance = endpoint.ask_contract(token, abi::balance_of(treasury), at)?;
        let lent = payout.disperse().map(|it| allowance(endpoint, token, (treasury, it), at)).transpose()?;
        Ok(number(&balance).unwrap_or(0).min(lent.unwrap_or(u128::MAX)))
    };
    let there = match of(At::Number(block)) {
        Err(RpcError::Refused { .. }) => of(At::Latest)?,
        there => there?,
    };
    Ok(there < payout.total)
}

/// What is there now and once what waits is executed: the less of both. Not every node tells the latter.
fn least<T: Ord>(ask: impl Fn(At) -> Result<T, RpcError>) -> Result<T, RpcError> {
    let now = ask(At::Latest)?;
    match ask(At::Pending) {
        Ok(then) => Ok(now.min(then)),
        Err(RpcError::Refused { .. }) => Ok(now),
        Err(error) => Err(error),
    }
}

fn number(answer: &[u8]) -> Option<u128> {
    answer.first_chunk().map(|word| Word(*word).number())
}

/// Whether all of it is there. Otherwise, for the operator: [what is missing](RailError::Short), or what else keeps it from being
/// paid. `gas_cost` is what the gas may cost at most, in wei.
pub(super) fn check(
    funds: &Funds,
    treasury: Address,
    payout: &Payout,
    gas_cost: u128,
) -> Result<(), RailError> {
    if let (Some(disperse), false) = (payout.disperse(), funds.has_disperse) {
        let why = format!("there is no contract at {disperse}, which is to pay many at once");
        return Err(RailError::Later(why));
    }
    if let (Some(token), Some(of_token)) = (payout.token, &funds.token) {
        check_token(token, of_token, treasury, payout)?;
    }
    let in_coins = if payout.token.is_some() { 0 } else { payout.total };
    let needed = in_coins.saturating_add(gas_cost);
    if funds.coins < needed {
        return Err(RailError::Short(format!(
            "the treasury {treasury} has {} wei and needs {needed} for this batch and its gas",
            funds.coins
        )));
    }
    Ok(())
}

fn check_token(
    token: Address,
    funds: &TokenFunds,
    treasury: Address,
    payout: &Payout,
) -> Result<(), RailError> {
    let total = payout.total;
    let balance = funds.balance.ok_or_else(|| RailError::Later(format!("there is no token at {token}")))?;
    if let Some(decimals) = funds.decimals.filter(|decimals| *decimals != u128::from(payout.decimals)) {
        return Err(RailError::Later(format!(
            "the token {token} has {decimals} decimals, the configuration says {}",
            payout.decimals
        )));
    }
    if balance < total {
        return Err(RailError::Short(format!(
            "the treasury {treasury} has {balance} units of the token {token} and needs {total} for this batch"
        )));
    }
    if let (Some(disperse), Some(allowance)) = (payout.disperse(), funds.allowance)
        && allowance < total
    {
        return Err(RailError::Later(format!(
            "the contract {disperse} may take {allowance} units of the token {token} from the treasury {treasury} and needs \
             {total} for this batch: call the token's approve({disperse}, …) with the treasury's key, and tell the rail its \
             next nonce"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::abi::Transfer;
    use super::*;

    const TREASURY: Address = Address([1; 20]);
    const TOKEN: Address = Address([2; 20]);
    const DISPERSE: Address = Address([3; 20]);

    fn payout(token: Option<Address>, recipients: u8) -> Payout {
        let transfers =
            (0..recipients).map(|number| Transfer { to: Address([number + 10; 20]), amount: 500 }).collect();
        Payout::new(token, 6, transfers, Some(DISPERSE)).unwrap()
    }

    fn funds(coins: u128) -> Funds {
        Funds { coins, token: None, has_disperse: true }
    }

    #[test]
    fn coins_are_enough_to_the_last_wei_of_the_gas() {
        let two = payout(None, 2);
        assert_eq!(check(&funds(1_700), TREASURY, &two, 700), Ok(()));
        assert!(check(&funds(1_699), TREASURY, &two, 700).unwrap_err().to_string().contains("needs 1700"));
        assert!(check(&funds(u128::MAX - 1), TREASURY, &two, u128::MAX).is_err());
        let gone = Funds { has_disperse: false, ..funds(1_700) };
        assert!(check(&gone, TREASURY, &two, 700).unwrap_err().to_string().contains("no contract"));
        assert_eq!(check(&gone, TREASURY, &payout(None, 1), 700), Ok(()), "it is not needed");
    }

    #[test]
    fn a_token_needs_its_balance_and_what_the_contract_may_take() {
        let whole = TokenFunds { balance: Some(1_000), allowance: Some(1_000), decimals: Some(6) };
        let checked = |token: TokenFunds| {
            let funds = Funds { token: Some(token), ..funds(700) };
            check(&funds, TREASURY, &payout(Some(TOKEN), 2), 700)
        };
        assert_eq!(checked(whole), Ok(()));
        assert_eq!(checked(TokenFunds { decimals: None, ..whole }), Ok(()));
        for (token, expected) in [
            (TokenFunds { balance: Some(999), ..whole }, "has 999 units"),
            (TokenFunds { balance: None, ..whole }, "no token at"),
            (TokenFunds { allowance: Some(999), ..whole }, "approve(0x0303"),
            (TokenFunds { decimals: Some(18), ..whole }, "has 18 decimals"),
        ] {
            assert!(checked(token).unwrap_err().to_string().contains(expected), "{token:?}");
        }
        let poor = Funds { token: Some(whole), ..funds(699) };
        assert!(
            check(&poor, TREASURY, &payout(Some(TOKEN), 2), 700)
                .unwrap_err()
                .to_string()
                .contains("has 699 wei")
        );
    }
}
