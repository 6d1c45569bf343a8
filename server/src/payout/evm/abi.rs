//! The calls of contracts that the rail makes, encoded as Solidity's ABI says it. Pure.

use super::address::{Address, keccak};
use super::hex::Word;

/// Who gets how much, in the chain's units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) to: Address,
    pub(super) amount: u128,
}

/// A call that is under construction.
struct Call(Vec<u8>);

impl Call {
    /// Of the function with this name and these types.
    fn of(function: &str) -> Self {
        Self(keccak(function.as_bytes()).iter().take(4).copied().collect())
    }

    fn word(mut self, word: Word) -> Self {
        self.0.extend(word.0);
        self
    }

    fn number(self, number: usize) -> Self {
        self.word(Word::from(u128::try_from(number).unwrap_or(u128::MAX)))
    }

    /// A list of addresses and one of amounts: where they begin, after `before` words of other arguments, and then each with
    /// its length.
    fn transfers(self, before: usize, transfers: &[Transfer]) -> Self {
        let first = before.saturating_add(2).saturating_mul(32);
        let second = transfers.len().saturating_add(1).saturating_mul(32).saturating_add(first);
        let mut call = self.number(first).number(second).number(transfers.len());
        for transfer in transfers {
            call = call.word(transfer.to.word());
        }
        call = call.number(transfers.len());
        for transfer in transfers {
            call = call.word(Word::from(transfer.amount));
        }
        call
    }
}

/// ERC-20: pays somebody.
pub(super) fn transfer(transfer: &Transfer) -> Vec<u8> {
    Call::of("transfer(address,uint256)").word(transfer.to.word()).word(Word::from(transfer.amount)).0
}

/// ERC-20: what somebody has.
pub(super) fn balance_of(owner: Address) -> Vec<u8> {
    Call::of("balanceOf(address)").word(owner.word()).0
}

/// ERC-20: what somebody lets somebody else take.
pub(super) fn allowance(owner: Address, spender: Address) -> Vec<u8> {
    Call::of("allowance(address,address)").word(owner.word()).word(spender.word()).0
}

/// ERC-20: how many decimals a token has. Not every token tells.
pub(super) fn decimals() -> Vec<u8> {
    Call::of("decimals()").0
}

/// Disperse.app: pays the native coin to many.
pub(super) fn disperse_ether(transfers: &[Transfer]) -> Vec<u8> {
    Call::of("disperseEther(address[],uint256[])").transfers(0, transfers).0
}

/// Whom a call of [`disperse_ether`] pays how much; nobody, where it is another call or torn.
pub(super) fn dispersed_ether(call: &[u8]) -> Vec<Transfer> {
    let function = Call::of("disperseEther(address[],uint256[])").0;
    call.strip_prefix(function.as_slice()).and_then(read_transfers).unwrap_or_default()
}

/// Reads two lists that begin where the first two words say, each with its length.
fn read_transfers(arguments: &[u8]) -> Option<Vec<Transfer>> {
    let word = |at: usize| Some(Word(*arguments.get(at..)?.first_chunk()?));
    let number = |at: usize| usize::try_from(word(at)?.number()).ok();
    let list = |at: usize| {
        let start = number(at)?;
        let first = start.checked_add(32)?;
        let end = first.checked_add(number(start)?.checked_mul(32)?)?;
        (end <= arguments.len()).then(|| (first..end).step_by(32))
    };
    let (to, amounts) = (list(0)?, list(32)?);
    if to.len() != amounts.len() {
        return None;
    }
    let transfer =
        |(to, amount)| Some(Transfer { to: Address::of_word(&word(to)?)?, amount: word(amount)?.number() });
    to.zip(amounts).map(transfer).collect()
}

/// Disperse.app: takes the sum of a token from the caller, and pays it to many.
pub(super) fn disperse_token(token: Address, transfers: &[Transfer]) -> Vec<u8> {
    Call::of("disperseToken(address,address[],uint256[])").word(token.word()).transfers(1, transfers).0
}

/// The topic of ERC-20's event that something moved from somebody to somebody.
pub(super) fn transfer_event() -> Word {
    Word(keccak(b"Transfer(address,address,uint256)"))
}

#[cfg(test)]
mod tests {
    use super::super::hex::text;
    use super::*;

    fn address(byte: u8) -> Address {
        Address([byte; 20])
    }

    fn words(data: &[u8]) -> Vec<String> {
        data[4..]
            .chunks(32)
            .map(|word| text(word).trim_start_matches("0x").trim_start_matches('0').to_owned())
            .collect()
    }

    #[test]
    fn functions_have_the_selectors_that_everybody_knows() {
        let to = Transfer { to: address(0x11), amount: 0xabc };
        for (data, selector) in [
            (transfer(&to), "0xa9059cbb"),
            (balance_of(address(1)), "0x70a08231"),
            (allowance(address(1), address(2)), "0xdd62ed3e"),
            (decimals(), "0x313ce567"),
            (disperse_ether(&[to]), "0xe63d38ed"),
            (disperse_token(address(3), &[to]), "0xc73a2d60"),
        ] {
            assert_eq!(text(&data[..4]), selector);
        }
        let topic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
        assert_eq!(transfer_event().to_string(), topic);
    }

    #[test]
    fn lists_are_where_their_offsets_say() {
        let transfers =
            [Transfer { to: address(0x11), amount: 5 }, Transfer { to: address(0x22), amount: u128::MAX }];
        let (one, two, most) = ("11".repeat(20), "22".repeat(20), "f".repeat(32));
        assert_eq!(words(&disperse_ether(&transfers)), ["40", "a0", "2", &one, &two, "2", "5", &most]);
        let token = "33".repeat(20);
        assert_eq!(
            words(&disperse_token(address(0x33), &transfers)),
            [&token, "60", "c0", "2", &one, &two, "2", "5", &most]
        );
    }
}
