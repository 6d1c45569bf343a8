//! Addresses that can be paid to. Pure.

use dripline_shared::wallet::{Wallet, WalletError};
use solana_address::Address;

/// Programs that lie on the curve by chance or by search, and that a person copies by mistake: what is sent to them is
/// lost, or fails the whole transaction.
const PROGRAMS: &[&str] = &[
    "11111111111111111111111111111111",
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
    "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL",
    "ComputeBudget111111111111111111111111111111",
    "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr",
    "Stake11111111111111111111111111111111111111",
    "Vote111111111111111111111111111111111111111",
];

/// Reads the address of a wallet: base58 of 32 bytes that are a public key, so that somebody can sign for what it gets.
/// Otherwise: what was expected.
pub(super) fn payable(text: &str) -> Result<Address, String> {
    let wallet: Wallet =
        text.parse().map_err(|_| "a Solana address: 32 bytes written in base58".to_owned())?;
    if PROGRAMS.contains(&text) {
        return Err("the address of a wallet; this is a program's".to_owned());
    }
    match wallet.key() {
        Ok(_) => Ok(Address::from(wallet.0)),
        Err(WalletError::Weak) => {
            Err("the address of a wallet; this is a key that anybody can sign for".to_owned())
        }
        Err(_) => Err(
            "the address of a wallet; this is not a public key, so a program owns what it gets: give the \
                       wallet's own address, not that of its token account"
                .to_owned(),
        ),
    }
}

/// Reads any address, such as a mint's.
pub(super) fn any(text: &str) -> Option<Address> {
    text.parse::<Wallet>().ok().map(|wallet| Address::from(wallet.0))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;

    #[test]
    fn a_public_key_in_base58_is_an_address() {
        let text = Wallet::of(&SigningKey::from_bytes(&[7; 32])).to_string();
        assert_eq!(payable(&text).unwrap().to_string(), text);
    }

    #[test]
    fn what_is_not_base58_of_32_bytes_is_none() {
        let key = Wallet::of(&SigningKey::from_bytes(&[7; 32])).to_string();
        let longer = format!("1{key}");
        for text in
            ["", "alice", "0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B", &key[..40], &longer, &"1".repeat(128)]
        {
            assert!(payable(text).unwrap_err().contains("base58"), "{text}");
        }
    }

    #[test]
    fn an_address_off_the_curve_is_not_paid_to() {
        // The associated token account of a wallet for USDC, derived so that nobody has its key.
        let owner = Address::from([7; 32]);
        let mint = any("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v").unwrap();
        let account =
            spl_associated_token_account_interface::address::get_associated_token_address(&owner, &mint);
        assert!(payable(&account.to_string()).unwrap_err().contains("not a public key"));
    }

    #[test]
    fn programs_and_keys_of_small_order_are_not_paid_to() {
        for text in PROGRAMS {
            assert!(payable(text).unwrap_err().contains("program"), "{text}");
        }
        let mut order_one = [0; 32];
        order_one[0] = 1;
        assert!(payable(&Wallet(order_one).to_string()).unwrap_err().contains("anybody"));
    }
}
