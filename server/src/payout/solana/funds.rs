//! Whether the treasury has enough for a payout, so that an empty treasury stops payouts before they are signed.

use solana_address::Address;

use super::failure::{BELOW_RENT, NOT_THEIRS};
use super::methods::Account;
use super::transaction::{Draft, TOKEN_PROGRAM, Token, Transfer};
use crate::payout::RailError;
use crate::payout::rpc::{Endpoint, RpcError};

/// How many bytes an account of the token program has, of which the amount is at an offset; and a mint its decimals.
const ACCOUNT_BYTES: usize = 165;
const AMOUNT_AT: usize = 64;
/// Where the bytes of an account's owner begin, and its state, of which this is the one in which it takes tokens.
const OWNER_AT: usize = 32;
const STATE_AT: usize = 108;
const INITIALIZED: u8 = 1;
const MINT_BYTES: usize = 82;
const DECIMALS_AT: usize = 44;

/// What the chain says about the treasury and the recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Funds {
    /// What the treasury's wallet has.
    lamports: u64,
    /// What a wallet must have to stay.
    wallet_minimum: u64,
    /// The token's accounts, where the payout is of one.
    token: Option<TokenFunds>,
    /// What each recipient has, where SOL is paid.
    recipients: Vec<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct TokenFunds {
    mint: Option<Account>,
    /// The treasury's.
    account: Option<Account>,
    /// The recipients', as far as they have one.
    recipients: Vec<Option<Account>>,
    /// What an account must have.
    account_minimum: u64,
}

/// Asks for what [`check`] looks at.
pub(super) fn ask(endpoint: &Endpoint, draft: &Draft) -> Result<Funds, RpcError> {
    let mut addresses = vec![draft.treasury];
    if let Some(token) = &draft.token {
        addresses.extend([token.mint, token.account_of(&draft.treasury)]);
        addresses.extend(draft.transfers.iter().map(|transfer| token.account_of(&transfer.to)));
    } else {
        addresses.extend(draft.transfers.iter().map(|transfer| transfer.to));
    }
    let mut accounts = endpoint.accounts(&addresses)?.into_iter();
    let lamports = accounts.next().flatten().map_or(0, |account| account.lamports);
    let wallet_minimum = endpoint.rent_minimum(0)?;
    let mut recipients = Vec::new();
    let token = if draft.token.is_some() {
        let (mint, account) = (accounts.next().flatten(), accounts.next().flatten());
        // What is not the token program's is made one.
        let of_program = |account: Option<Account>| account.filter(|account| account.owner == TOKEN_PROGRAM);
        let (recipients, account_minimum) =
            (accounts.map(of_program).collect(), endpoint.rent_minimum(ACCOUNT_BYTES)?);
        Some(TokenFunds { mint, account, recipients, account_minimum })
    } else {
        recipients.extend(accounts.map(|account| account.map_or(0, |account| account.lamports)));
        None
    };
    Ok(Funds { lamports, wallet_minimum, token, recipients })
}

/// What the chain takes for the payout at most: the fee, and the rent of the accounts that are made.
pub(super) fn cost(funds: &Funds, draft: &Draft) -> u64 {
    draft.fee().saturating_add(funds.token.as_ref().map_or(0, TokenFunds::rent))
}

impl TokenFunds {
    /// The rent of the accounts that are made.
    fn rent(&self) -> u64 {
        let missing = self.recipients.iter().map(|account| u64::from(account.is_none())).sum::<u64>();
        missing.saturating_mul(self.account_minimum)
    }
}

/// Why the chain would refuse the payout because of a recipient: the wallet would have less than it must, or the token account
/// is somebody else's by now, or frozen.
pub(super) fn unpayable(funds: &Funds, draft: &Draft) -> Option<&'static str> {
    let mut wallets = funds.recipients.iter().zip(&draft.transfers);
    if wallets.any(|(before, transfer)| before.saturating_add(transfer.amount) < funds.wallet_minimum) {
        return Some(BELOW_RENT);
    }
    let accounts = funds.token.iter().flat_map(|token| &token.recipients);
    let mut accounts = accounts.zip(&draft.transfers);
    let takes = |account: &Account, transfer: &Transfer| {
        account.data.get(OWNER_AT..).is_some_and(|data| data.starts_with(transfer.to.as_array()))
            && account.data.get(STATE_AT) == Some(&INITIALIZED)
    };
    accounts
        .any(|(account, transfer)| account.as_ref().is_some_and(|it| !takes(it, transfer)))
        .then_some(NOT_THEIRS)
}

/// What the treasury holds of SOL and of each of these tokens, in the chain's units, in the order in which they are given.
/// `None` stands for SOL.
pub(super) fn holdings(
    endpoint: &Endpoint,
    treasury: &Address,
    tokens: &[Option<Token>],
) -> Result<Vec<u64>, RpcError> {
    let addresses: Vec<Address> =
        tokens.iter().map(|token| token.map_or(*treasury, |token| token.account_of(treasury))).collect();
    let accounts = endpoint.accounts(&addresses)?;
    let held = |(token, account): (&Option<Token>, &Option<Account>)| match (token, account) {
        (_, None) => 0,
        (None, Some(account)) => account.lamports,
        (Some(_), Some(account)) => token_balance(account),
    };
    Ok(tokens.iter().zip(&accounts).map(held).collect())
}

/// What a token account holds; nothing where it is none.
fn token_balance(account: &Account) -> u64 {
    let amount = account.data.get(AMOUNT_AT..).and_then(|data| data.first_chunk::<8>());
    amount.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Whether all of it is there: what is transferred, the fee, the rent of the accounts that are made, and what must stay.
/// Otherwise, for the operator: [what is missing](RailError::Short), or what else keeps it from being paid. `total` is what is
/// transferred.
pub(super) fn check(funds: &Funds, draft: &Draft, total: u64) -> Result<(), RailError> {
    let in_sol = if draft.token.is_some() { 0 } else { total };
    let rent = match &funds.token {
        None => 0,
        Some(token) => {
            check_token(token, draft, total)?;
            token.rent()
        }
    };
    let needed = [in_sol, draft.fee(), rent, funds.wallet_minimum].into_iter().fold(0, u64::saturating_add);
    if funds.lamports < needed {
        return Err(RailError::Short(format!(
            "the treasury {} has {} lamports and needs {needed} for this batch",
            draft.treasury, funds.lamports
        )));
    }
    Ok(())
}

fn check_token(funds: &TokenFunds, draft: &Draft, total: u64) -> Result<(), RailError> {
    let Some(token) = &draft.token else { return Ok(()) };
    let later = |why: String| Err(RailError::Later(why));
    let Some(mint) = &funds.mint else { return later(format!("there is no mint {}", token.mint)) };
    if mint.owner != TOKEN_PROGRAM {
        return later(format!(
            "the mint {} belongs to the program {}: only tokens of {TOKEN_PROGRAM} are paid, not those of Token-2022",
            token.mint, mint.owner
        ));
    }
    let decimals = mint.data.get(DECIMALS_AT).filter(|_| mint.data.len() == MINT_BYTES);
    match decimals {
        None => return later(format!("{} is not a mint", token.mint)),
        Some(decimals) if *decimals != token.decimals => {
            return later(format!(
                "the mint {} has {decimals} decimals, the configuration says {}",
                token.mint, token.decimals
            ));
        }
        Some(_) => {}
    }
    if funds.account.as_ref().is_some_and(|account| account.data.get(STATE_AT) != Some(&INITIALIZED)) {
        return later(format!("the treasury's account of the token {} is frozen", token.mint));
    }
    let balance = funds.account.as_ref().map_or(0, token_balance);
    if balance < total {
        return Err(RailError::Short(format!(
            "the treasury {} has {balance} units of the token {} and needs {total} for this batch",
            draft.treasury, token.mint
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use dripline_shared::payout::BatchId;

    use super::*;

    const RENT: u64 = 2_039_280;
    const MINIMUM: u64 = 890_880;

    fn draft(token: Option<Token>) -> Draft {
        let transfer = |amount| Transfer { to: Address::from([4; 32]), amount };
        Draft {
            batch: BatchId([1; 16]),
            treasury: Address::from([2; 32]),
            token,
            transfers: vec![transfer(300), transfer(700)],
            micro_lamports_per_unit: 0,
        }
    }

    fn account(owner: Address, data: Vec<u8>) -> Account {
        Account { lamports: RENT, owner, data }
    }

    fn funds(lamports: u64, recipients: &[u64]) -> Funds {
        Funds { lamports, wallet_minimum: MINIMUM, token: None, recipients: recipients.to_vec() }
    }

    fn sol(lamports: u64) -> Result<(), RailError> {
        check(&funds(lamports, &[0, 0]), &draft(None), 1_000)
    }

    fn token() -> TokenFunds {
        let mut mint = vec![0; MINT_BYTES];
        mint[DECIMALS_AT] = 6;
        let mut holding = vec![0; ACCOUNT_BYTES];
        holding[AMOUNT_AT..AMOUNT_AT + 8].copy_from_slice(&1_000_u64.to_le_bytes());
        holding[STATE_AT] = INITIALIZED;
        TokenFunds {
            mint: Some(account(TOKEN_PROGRAM, mint)),
            account: Some(account(TOKEN_PROGRAM, holding)),
            recipients: vec![None, None],
            account_minimum: RENT,
        }
    }

    fn tokens(change: impl FnOnce(&mut TokenFunds)) -> Result<(), RailError> {
        let mut token = token();
        change(&mut token);
        let lamports = 5_000 + 2 * RENT + MINIMUM;
        let funds = Funds { token: Some(token), ..funds(lamports, &[]) };
        check(&funds, &draft(Some(Token { mint: Address::from([3; 32]), decimals: 6 })), 1_000)
    }

    #[test]
    fn sol_is_enough_to_the_last_lamport_that_must_stay() {
        assert_eq!(sol(1_000 + 5_000 + MINIMUM), Ok(()));
        assert!(
            sol(1_000 + 5_000 + MINIMUM - 1).unwrap_err().to_string().contains("lamports and needs 896880")
        );
        assert!(sol(0).is_err());
    }

    #[test]
    fn a_token_needs_its_balance_and_the_rent_of_the_accounts_that_are_made() {
        assert_eq!(tokens(|_| ()), Ok(()));
        assert!(tokens(|it| it.recipients.push(None)).unwrap_err().to_string().contains("lamports"));
        assert!(
            tokens(|it| it.account.as_mut().unwrap().data[AMOUNT_AT] -= 1)
                .unwrap_err()
                .to_string()
                .contains("units")
        );
        assert!(tokens(|it| it.account = None).unwrap_err().to_string().contains("has 0 units"));
        // Whatever is sent by an account that is frozen, or none, fails for everybody: that is no recipient's fault.
        for change in [|data: &mut Vec<u8>| data.truncate(70), |data: &mut Vec<u8>| data[STATE_AT] = 2] {
            let told = tokens(|it| change(&mut it.account.as_mut().unwrap().data));
            assert!(told.unwrap_err().to_string().contains("is frozen"));
        }
    }

    #[test]
    fn a_recipient_that_would_have_less_than_an_account_needs_is_told_before_anything_is_signed() {
        let is_below =
            |recipients: &[u64]| unpayable(&funds(0, recipients), &draft(None)) == Some(BELOW_RENT);
        assert!(!is_below(&[MINIMUM - 300, MINIMUM - 700]));
        assert!(is_below(&[MINIMUM - 301, MINIMUM]));
        assert!(is_below(&[MINIMUM, MINIMUM - 701]));
        assert!(is_below(&[MINIMUM, 0]));
        // Accounts of tokens have their rent from the treasury.
        assert!(!is_below(&[]));
    }

    #[test]
    fn a_token_account_that_was_given_away_or_is_frozen_is_told_before_anything_is_signed() {
        let mut theirs = vec![0; ACCOUNT_BYTES];
        theirs[OWNER_AT..OWNER_AT + 32].copy_from_slice(&[4; 32]);
        theirs[STATE_AT] = INITIALIZED;
        let told = |change: fn(&mut Vec<u8>)| {
            let mut data = theirs.clone();
            change(&mut data);
            let recipients =
                vec![Some(account(TOKEN_PROGRAM, theirs.clone())), Some(account(TOKEN_PROGRAM, data))];
            let funds = Funds { token: Some(TokenFunds { recipients, ..token() }), ..funds(0, &[]) };
            unpayable(&funds, &draft(Some(Token { mint: Address::from([3; 32]), decimals: 6 })))
        };
        assert_eq!(told(|_| ()), None);
        assert_eq!(told(|data| data[OWNER_AT] = 5), Some(NOT_THEIRS));
        assert_eq!(told(|data| data[STATE_AT] = 2), Some(NOT_THEIRS));
        assert_eq!(told(|data| data.truncate(70)), Some(NOT_THEIRS));
    }

    #[test]
    fn a_mint_of_another_program_or_with_other_decimals_is_refused() {
        let other = Address::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
        assert!(
            tokens(|it| it.mint.as_mut().unwrap().owner = other)
                .unwrap_err()
                .to_string()
                .contains("Token-2022")
        );
        assert!(
            tokens(|it| it.mint.as_mut().unwrap().data[DECIMALS_AT] = 9)
                .unwrap_err()
                .to_string()
                .contains("9 decimals")
        );
        assert!(
            tokens(|it| it.mint.as_mut().unwrap().data.push(0))
                .unwrap_err()
                .to_string()
                .contains("not a mint")
        );
        assert!(tokens(|it| it.mint = None).unwrap_err().to_string().contains("there is no mint"));
    }
}
