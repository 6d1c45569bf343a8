//! The transaction that settles a batch. Pure.
//!
//! It is a legacy transaction with one signature, the treasury's. Its instructions: the compute units that it may use
//! and the price of one (the priority fee), a memo with the batch's id in hexadecimal, and the transfers. The memo tells
//! a batch apart from everything else that the treasury ever signed, from the chain alone.

use dripline_shared::payout::BatchId;
use solana_address::Address;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_message::Message;
use solana_system_interface::instruction::transfer;
use solana_transaction::Transaction;
use spl_associated_token_account_interface::address::get_associated_token_address;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
use spl_token_interface::instruction::transfer_checked;

use super::key::TreasuryKey;

/// The memo program, version 2.
const MEMO_PROGRAM: Address = Address::from_str_const("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
/// The SPL token program. Token-2022 is another one, whose transfers may take fees or run foreign programs.
pub(super) const TOKEN_PROGRAM: Address = spl_token_interface::ID;

/// The most bytes of a transaction (`PACKET_DATA_SIZE`): IPv6's least MTU without headers.
const TRANSACTION_BYTES_MAX: usize = 1_232;
/// How many transfers of SOL fit into one transaction.
pub(super) const SOL_TRANSFERS_MAX: usize = 19;
/// How many transfers of an SPL token fit, each with the creation of the recipient's token account.
pub(super) const TOKEN_TRANSFERS_MAX: usize = 9;

/// What one signature costs, in lamports.
const SIGNATURE_LAMPORTS: u64 = 5_000;
/// What the memo and the compute budget may use, in compute units.
const BASE_UNITS: u32 = 20_000;
/// What a transfer of SOL may use, in compute units: three times as much as it does.
const SOL_UNITS: u32 = 500;
/// What the creation of a token account and a transfer to it may use, in compute units: finding the account's address
/// takes more or less by chance.
const TOKEN_UNITS: u32 = 50_000;
/// The most that a transaction pays for its priority, in lamports, whatever the price of a compute unit.
const PRIORITY_LAMPORTS_MAX: u64 = 5_000_000;
const MICRO: u64 = 1_000_000;

/// A transfer to a wallet, in the chain's units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transfer {
    pub(super) to: Address,
    pub(super) amount: u64,
}

/// An SPL token of the legacy token program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) mint: Address,
    pub(super) decimals: u8,
}

impl Token {
    /// Where a wallet holds it.
    pub(super) fn account_of(&self, wallet: &Address) -> Address {
        get_associated_token_address(wallet, &self.mint)
    }
}

/// What a transaction is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) batch: BatchId,
    pub(super) treasury: Address,
    /// The token, or SOL.
    pub(super) token: Option<Token>,
    pub(super) transfers: Vec<Transfer>,
    /// What the operator pays for the priority of a compute unit, in millionths of a lamport.
    pub(super) micro_lamports_per_unit: u64,
}

impl Draft {
    /// All that is transferred; `None` where that is more than the chain can count.
    pub(super) fn total(&self) -> Option<u64> {
        self.transfers.iter().try_fold(0_u64, |sum, transfer| sum.checked_add(transfer.amount))
    }

    /// The compute units that the transaction may use.
    fn units(&self) -> u32 {
        let each = if self.token.is_some() { TOKEN_UNITS } else { SOL_UNITS };
        let transfers = u32::try_from(self.transfers.len()).unwrap_or(u32::MAX);
        each.saturating_mul(transfers).saturating_add(BASE_UNITS)
    }

    /// The price of a compute unit, so low that all of them stay within the most that is paid.
    fn price(&self) -> u64 {
        let most = PRIORITY_LAMPORTS_MAX.saturating_mul(MICRO) / u64::from(self.units());
        self.micro_lamports_per_unit.min(most)
    }

    /// What the transaction costs, in lamports: the signature and the priority. Rent for new accounts comes on top.
    pub(super) fn fee(&self) -> u64 {
        let priority = u64::from(self.units()).saturating_mul(self.price()).div_ceil(MICRO);
        SIGNATURE_LAMPORTS.saturating_add(priority)
    }

    fn instructions(&self) -> Result<Vec<Instruction>, String> {
        let mut instructions = vec![ComputeBudgetInstruction::set_compute_unit_limit(self.units())];
        if self.price() > 0 {
            instructions.push(ComputeBudgetInstruction::set_compute_unit_price(self.price()));
        }
        let memo = self.batch.to_string().into_bytes();
        instructions.push(Instruction { program_id: MEMO_PROGRAM, accounts: Vec::new(), data: memo });
        for Transfer { to, amount } in &self.transfers {
            let Some(token) = &self.token else {
                instructions.push(transfer(&self.treasury, to, *amount));
                continue;
            };
            // Always: the account may be closed between now and the execution. Where it is there, nothing happens.
            instructions.push(create_associated_token_account_idempotent(
                &self.treasury,
                to,
                &token.mint,
                &TOKEN_PROGRAM,
            ));
            let (from, into) = (token.account_of(&self.treasury), token.account_of(to));
            let sent = transfer_checked(
                &TOKEN_PROGRAM,
                &from,
                &token.mint,
                &into,
                &self.treasury,
                &[],
                *amount,
                token.decimals,
            );
            instructions.push(sent.map_err(|error| error.to_string())?);
        }
        Ok(instructions)
    }

    /// The signed transaction. Fails where it would be too large to be sent: a batch may have been made for another rail,
    /// before the configuration changed.
    pub(super) fn sign(&self, key: &TreasuryKey, blockhash: &Hash) -> Result<Transaction, String> {
        let message = Message::new_with_blockhash(&self.instructions()?, Some(&self.treasury), blockhash);
        let bytes = message.serialize();
        // In front of the message are the number of signatures, in a byte, and the signature.
        if bytes.len() + 65 > TRANSACTION_BYTES_MAX {
            return Err(format!("{} transfers do not fit into one transaction", self.transfers.len()));
        }
        Ok(Transaction { signatures: vec![key.sign(&bytes)], message })
    }

    /// The transaction without a signature, which nobody can execute.
    pub(super) fn unsigned(&self) -> Result<Transaction, String> {
        let message = Message::new(&self.instructions()?, Some(&self.treasury));
        Ok(Transaction { signatures: vec![solana_signature::Signature::default()], message })
    }
}

/// How many lamports the transfers of a transaction move: instruction 2 of the system program, 4 bytes, and the lamports, 8
/// bytes, both with the lowest byte first.
pub(super) fn lamports_sent(transaction: &Transaction) -> u64 {
    const TRANSFER: [u8; 4] = [2, 0, 0, 0];
    let message = &transaction.message;
    let sent = message.instructions.iter().filter_map(|instruction| {
        let program = message.account_keys.get(usize::from(instruction.program_id_index))?;
        let lamports = instruction.data.strip_prefix(&TRANSFER)?.try_into().ok()?;
        (*program == solana_system_interface::program::ID).then(|| u64::from_le_bytes(lamports))
    });
    sent.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payout::KeySource;

    fn key() -> TreasuryKey {
        // Every test has a thread of its own, and a file of its own.
        let (process, thread) = (std::process::id(), std::thread::current().id());
        let path = std::env::temp_dir().join(format!("dripline-transaction-{process}-{thread:?}.json"));
        let pair = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).to_keypair_bytes();
        std::fs::write(&path, format!("{:?}", pair.to_vec())).unwrap();
        let key = TreasuryKey::read(&KeySource::File(path.clone())).unwrap();
        std::fs::remove_file(path).unwrap();
        key
    }

    fn draft(token: Option<Token>, count: usize) -> Draft {
        let recipient = |number| {
            let key = ed25519_dalek::SigningKey::from_bytes(&[number; 32]);
            Transfer { to: Address::from(key.verifying_key().to_bytes()), amount: u64::MAX / 256 }
        };
        Draft {
            batch: BatchId([0xfe; 16]),
            treasury: key().address(),
            token,
            transfers: (0..u8::try_from(count).unwrap()).map(recipient).collect(),
            micro_lamports_per_unit: 1_000,
        }
    }

    fn size(draft: &Draft) -> usize {
        wincode::serialize(&draft.sign(&key(), &Hash::new_from_array([3; 32])).unwrap()).unwrap().len()
    }

    fn token() -> Token {
        Token { mint: Address::from([8; 32]), decimals: 6 }
    }

    #[test]
    fn as_many_transfers_as_a_batch_may_have_fit_into_a_transaction() {
        let (sol, tokens) =
            (size(&draft(None, SOL_TRANSFERS_MAX)), size(&draft(Some(token()), TOKEN_TRANSFERS_MAX)));
        assert!(sol <= TRANSACTION_BYTES_MAX, "{sol} bytes");
        assert!(tokens <= TRANSACTION_BYTES_MAX, "{tokens} bytes");
        for (token, count) in [(None, SOL_TRANSFERS_MAX + 1), (Some(token()), TOKEN_TRANSFERS_MAX + 1)] {
            let refused = draft(token, count).sign(&key(), &Hash::default()).unwrap_err();
            assert_eq!(refused, format!("{count} transfers do not fit into one transaction"));
        }
    }

    #[test]
    fn the_signature_is_the_treasurys_over_the_message() {
        let draft = draft(None, 2);
        let transaction = draft.sign(&key(), &Hash::new_from_array([3; 32])).unwrap();
        let wallet = dripline_shared::wallet::Wallet(draft.treasury.to_bytes());
        let signature = dripline_shared::wallet::Signature(transaction.signatures[0].into());
        wallet.verify(&transaction.message.serialize(), &signature).unwrap();
        assert_eq!(transaction.message.header.num_required_signatures, 1);
        assert_eq!(transaction.message.account_keys[0], draft.treasury);
    }

    #[test]
    fn the_batchs_id_is_in_the_memo() {
        let message = draft(None, 1).unsigned().unwrap().message;
        let memo = message
            .instructions
            .iter()
            .find(|it| message.account_keys[usize::from(it.program_id_index)] == MEMO_PROGRAM)
            .unwrap();
        assert_eq!(memo.data, "fe".repeat(16).into_bytes());
    }

    #[test]
    fn a_transaction_pays_for_its_priority_up_to_a_cap() {
        let mut draft = draft(None, 10);
        assert_eq!(draft.units(), 25_000);
        assert_eq!(draft.fee(), 5_025);
        draft.micro_lamports_per_unit = 0;
        assert_eq!(draft.fee(), 5_000);
        draft.micro_lamports_per_unit = u64::MAX;
        assert_eq!(draft.fee(), 5_005_000);
    }

    #[test]
    fn a_total_beyond_what_the_chain_can_count_is_none() {
        let mut draft = draft(None, 2);
        assert_eq!(draft.total(), Some(u64::MAX / 256 * 2));
        draft.transfers[0].amount = u64::MAX;
        assert_eq!(draft.total(), None);
    }
}
