//! Solana: pays SOL and tokens of the SPL token program from the treasury's wallet.
//!
//! A batch is one transaction: as many transfers as fit, with the batch's id in a memo (`transaction`). What is kept of
//! a candidate is the signed transaction and what is needed to tell later whether it is dead (`envelope`). All that
//! decides is pure: what the endpoints' answers mean (`verdict`, `scan`), whose fault a failure is (`failure`), what an
//! address is (`address`),
//! until when a transaction can come (`window`). What asks is `methods` (how) and `inquiry` (what for).
//!
//! What a transaction costs, and the rent of token accounts that it creates, is paid by the treasury's SOL: what was signed
//! says what it is at most, and [`Rail::cost`] what it was.
//! Whoever has no token account yet pays a fee besides, each time ([`SolanaAsset::account_fee`]): recipients who close their
//! accounts again would gain the rent otherwise.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dripline_shared::amount::{Amount, Asset};
use dripline_shared::payout::RailKind;
use dripline_shared::time::Timestamp;
use solana_address::Address;
use solana_hash::Hash;

use crate::edge::Edge;
use crate::payout::rpc::{Endpoint, Rpc, RpcError};
use crate::payout::rules::COIN_DECIMALS;
use crate::payout::transfers::{asset_of, transfers};
use crate::payout::witnesses::{agreed, witnesses};
use crate::payout::{
    Evidence, History, Holdings, Pace, Rail, RailError, RailRules, Signed, Trial, Verdict, units,
};
use crate::store::record::{BatchFacts, BatchRecord, Candidate, RailRecord, WithdrawalRecord};

mod address;
mod envelope;
mod evidence;
mod failure;
mod funds;
mod inquiry;
mod key;
mod methods;
mod scan;
mod settings;
mod transaction;
mod verdict;
mod window;

pub(crate) use key::{check as check_key, new as new_key};
pub use settings::{CHAIN_DECIMALS_MAX, PRIORITY_FEE_MAX, SOL_DECIMALS, SolanaAsset, SolanaSettings};

use envelope::Envelope;
use failure::Failure;
use key::TreasuryKey;
use methods::HISTORY_MAX;
use transaction::{Draft, SOL_TRANSFERS_MAX, TOKEN_TRANSFERS_MAX, Token, Transfer};
use verdict::Judgement;

/// A block is final some 13 seconds after it was made: so many batches under way settle a hundred withdrawals and more each
/// second.
const PACE: Pace = Pace { batches_max: 128, calls_max: 4 };

/// See the module.
#[derive(Debug)]
pub struct Solana {
    rpc: Rpc,
    genesis_hash: String,
    key: TreasuryKey,
    assets: BTreeMap<Arc<str>, OnChain>,
    micro_lamports_per_unit: u64,
    /// The coin that the chain is paid in, as the ledger counts it.
    coin: Asset,
    /// The transaction since which the treasury was examined last.
    remembered: Mutex<Option<String>>,
}

/// What an asset is on the chain.
#[derive(Debug, Clone, Copy)]
struct OnChain {
    /// The token, or SOL.
    token: Option<Token>,
    /// How many of the chain's units a ledger unit is.
    scale: u64,
}

/// What a dry run of a payout came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// Why it would fail, as the chain tells it; `None` where it would not.
    pub error: Option<String>,
    /// What the programs said.
    pub logs: Vec<String>,
    /// How many compute units it took, where the endpoint tells.
    pub units: Option<u64>,
}

/// Whether a text is the address of an SPL token's mint, or anything else of 32 bytes in base58.
pub(crate) fn is_key(text: &str) -> bool {
    address::any(text).is_some()
}

impl Solana {
    /// Opens the rail: reads the key, and checks that each asset fits the chain. Asks nobody. The clock of `edge` tells
    /// how long an endpoint that failed rests.
    pub fn open(settings: &SolanaSettings, rules: &RailRules, edge: Edge) -> Result<Self, RailError> {
        let on_chain = |(code, rules): (&Arc<str>, &crate::payout::AssetRules)| {
            let asset = settings.assets.get(&**code);
            let asset = asset.ok_or_else(|| RailError::Later(format!("{code}: what is it on the chain?")))?;
            let on_chain = OnChain::new(asset, rules.asset.decimals);
            Ok((Arc::clone(code), on_chain.map_err(|why| RailError::Later(format!("{code}: {why}")))?))
        };
        Ok(Self {
            rpc: Rpc::open(&settings.endpoints, methods::UNHEALTHY, edge).map_err(RailError::Later)?,
            genesis_hash: settings.genesis_hash.clone(),
            key: TreasuryKey::read(&settings.key).map_err(RailError::Later)?,
            assets: rules.assets.iter().map(on_chain).collect::<Result<_, RailError>>()?,
            micro_lamports_per_unit: settings.priority_fee_micro_lamports.min(PRIORITY_FEE_MAX),
            coin: rules
                .coin
                .clone()
                .unwrap_or_else(|| Asset { code: settings.coin.clone(), decimals: COIN_DECIMALS }),
            remembered: Mutex::default(),
        })
    }

    /// The treasury's address, in base58.
    pub fn treasury(&self) -> String {
        self.key.address().to_string()
    }

    /// Lets an endpoint try the payout of a batch without effect. What it gets is not signed, so that nobody can execute
    /// it.
    pub fn dry_run(&self, batch: &BatchFacts) -> Result<DryRun, RailError> {
        use base64::Engine as _;
        let transaction = self.draft(batch)?.unsigned().map_err(RailError::Later)?;
        let bytes = wincode::serialize(&transaction).map_err(|error| RailError::Later(error.to_string()))?;
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        let simulation = self.rpc.any(|endpoint| endpoint.simulate_transaction(&text))?;
        Ok(DryRun {
            error: simulation.error.map(|error| error.to_string()),
            logs: simulation.logs.unwrap_or_default(),
            units: simulation.units,
        })
    }

    /// What each endpoint answers, or why it does not.
    fn all<T>(&self, question: impl Fn(&Endpoint) -> Result<T, RpcError>) -> Vec<Result<T, String>> {
        let answers = self.rpc.all(|endpoint| {
            endpoint.check_chain(&self.genesis_hash)?;
            question(endpoint)
        });
        answers.into_iter().map(|answer| answer.map_err(|error| error.to_string())).collect()
    }

    fn remembered(&self) -> MutexGuard<'_, Option<String>> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why a recipient cannot be paid, where enough endpoints say so.
    fn unpayable(&self, draft: &Draft) -> Option<&'static str> {
        let answers = self.all(|endpoint| Ok(funds::unpayable(&funds::ask(endpoint, draft)?, draft)));
        agreed(&answers).ok().flatten()
    }

    fn draft(&self, batch: &BatchFacts) -> Result<Draft, RailError> {
        let asset = asset_of(&self.assets, batch)?;
        let transfers = transfers(batch, u128::from(asset.scale), address::payable)?;
        Ok(Draft {
            batch: batch.record.id,
            treasury: self.key.address(),
            token: asset.token,
            transfers: transfers.into_iter().map(|(to, amount)| Transfer { to, amount }).collect(),
            micro_lamports_per_unit: self.micro_lamports_per_unit,
        })
    }
}

impl OnChain {
    fn new(asset: &SolanaAsset, ledger_decimals: u8) -> Result<Self, String> {
        let decimals = asset.chain_decimals;
        let scale = units::scale(ledger_decimals, decimals).and_then(|scale| u64::try_from(scale).ok());
        let scale = scale.ok_or_else(|| {
            format!(
                "it has {decimals} decimals on the chain, expected at least the ledger's {ledger_decimals}"
            )
        })?;
        let token = match &asset.mint {
            None if decimals == SOL_DECIMALS => None,
            None => return Err(format!("without a mint it is SOL, which has {SOL_DECIMALS} decimals")),
            Some(mint) => {
                let mint = address::any(mint).ok_or("expected a mint: 32 bytes in base58")?;
                Some(Token { mint, decimals })
            }
        };
        Ok(Self { token, scale })
    }
}

impl Rail for Solana {
    fn kind(&self) -> RailKind {
        RailKind::Solana
    }

    fn check_address(&self, address: &str) -> Result<(), String> {
        address::payable(address).map(|_| ())
    }

    fn needs_account(&self, asset: &str, address: &str) -> Result<bool, RailError> {
        let token = self.assets.get(asset).and_then(|asset| asset.token);
        let (Some(token), Ok(address)) = (token, address::payable(address)) else { return Ok(false) };
        let accounts = self.rpc.any(|endpoint| {
            endpoint.check_chain(&self.genesis_hash)?;
            endpoint.accounts(&[token.account_of(&address)])
        })?;
        Ok(accounts.iter().all(Option::is_none))
    }

    fn is_own(&self, address: &str) -> bool {
        address::any(address).is_some_and(|address: Address| address == self.key.address())
    }

    fn batch_max(&self) -> usize {
        let all_sol = self.assets.values().all(|asset| asset.token.is_none());
        if all_sol { SOL_TRANSFERS_MAX } else { TOKEN_TRANSFERS_MAX }
    }

    fn pace(&self) -> Pace {
        PACE
    }

    fn horizon(&self) -> Result<Option<u64>, RailError> {
        let heights = witnessed(self.all(Endpoint::finalized))?;
        Ok(window::horizon(heights.into_iter().map(|(height, _)| height)))
    }

    fn history(&self, since: Option<&str>) -> Result<History, RailError> {
        let treasury = self.key.address();
        // What was there once may be thrown away by now: everything since then was examined as it came.
        let is_remembered = since.is_some() && self.remembered().as_deref() == since;
        let answers = self.all(|endpoint| {
            // The height first: whatever is final at it is in the history.
            let (height, _) = endpoint.finalized()?;
            if let Some(since) = since
                && !is_remembered
                && endpoint.taken(since)?.is_none()
            {
                // It would tell what it has as if that were everything since then.
                return Ok((height, Err(format!("{} does not have {since} any more, or not yet, so that what the treasury has done since then cannot be told", endpoint.name))));
            }
            let found = endpoint.history(&treasury, since)?.ok_or_else(|| {
                format!(
                    "the treasury was in more than {HISTORY_MAX} transactions since the last one that was examined"
                )
            });
            Ok((height, found))
        });
        let (configured, mut whole, mut why) = (answers.len(), Vec::new(), None);
        for answer in answers {
            match answer {
                Ok((height, Ok(found))) => whole.push((height, found)),
                Ok((_, Err(not_whole))) => why = Some(not_whole),
                Err(error) => why = Some(error),
            }
        }
        if whole.len() < witnesses(configured) {
            return Err(RailError::Later(why.unwrap_or_default()));
        }
        *self.remembered() = since.map(str::to_owned);
        let height = whole.iter().map(|(height, _)| *height).min();
        let transactions = union(whole.into_iter().map(|(_, found)| found));
        Ok(History { transactions: transactions.into_iter().map(Arc::from).collect(), height })
    }

    fn is_signed_by_treasury(&self, transaction: &str) -> Result<bool, RailError> {
        let treasury = self.key.address();
        let answers = self.all(|endpoint| endpoint.is_signer(&treasury, transaction));
        // One that says so is enough to look.
        let known: Vec<bool> = answers.iter().flatten().flatten().copied().collect();
        if known.is_empty() {
            let why = answers.into_iter().find_map(Result::err);
            let nobody =
                || format!("no endpoint knows the transaction {transaction}, which one of them has named");
            return Err(RailError::Later(why.unwrap_or_else(nobody)));
        }
        Ok(known.contains(&true))
    }

    fn sign(&self, batch: &BatchFacts, _rail: &RailRecord, _now: Timestamp) -> Result<Signed, RailError> {
        let draft = self.draft(batch)?;
        let total = draft
            .total()
            .ok_or_else(|| RailError::Later("the chain cannot count the batch's sum".to_owned()))?;
        let (funds, blockhash) = self.rpc.any(|endpoint| {
            endpoint.check_chain(&self.genesis_hash)?;
            // The blockhash last, for it ages.
            Ok((funds::ask(endpoint, &draft)?, endpoint.latest_blockhash()?))
        })?;
        let heights = witnessed(self.all(Endpoint::finalized))?;
        let claimed = verdict::Signed {
            last_valid_block_height: blockhash.last_valid_block_height,
            signing_slot: blockhash.slot,
        };
        let window = window::window(claimed, &heights).map_err(RailError::Later)?;
        funds::check(&funds, &draft, total)?;
        if funds::unpayable(&funds, &draft).is_some()
            && let Some(reason) = self.unpayable(&draft)
        {
            return Err(RailError::Refused { reason: reason.into() });
        }
        let transaction =
            draft.sign(&self.key, &Hash::new_from_array(blockhash.hash)).map_err(RailError::Later)?;
        let envelope =
            Envelope::new(&transaction, window).map_err(|error| RailError::Later(error.to_string()))?;
        let bytes = envelope.to_bytes().map_err(|error| RailError::Later(error.to_string()))?;
        let cost = units::cost(funds::cost(&funds, &draft).into(), SOL_DECIMALS, self.coin.decimals);
        Ok(Signed { id: envelope.signature.into(), bytes, nonce: None, cost })
    }

    fn send(&self, _batch: &BatchRecord, candidate: &Candidate, _now: Timestamp) -> Result<(), RailError> {
        let envelope = Envelope::read(&candidate.id, &candidate.bytes)
            .map_err(|error| RailError::Later(error.to_string()))?;
        let answers = self.rpc.all(|endpoint| endpoint.send_transaction(envelope.transaction()));
        let mut last = None;
        let mut was_answered = false;
        for answer in answers {
            match answer {
                // A refusal is an answer, too: whether the transaction is dead is for the verdict to find out.
                Err(RpcError::Refused { message, .. }) => {
                    was_answered = true;
                    tracing::debug!(candidate = %candidate.id, message, "an endpoint did not take a transaction");
                }
                Err(error) => last = Some(error),
                Ok(()) => was_answered = true,
            }
        }
        last.filter(|_| !was_answered).map_or(Ok(()), |error| Err(error.into()))
    }

    fn verdict(&self, batch: &BatchFacts, _now: Timestamp) -> Result<Verdict, RailError> {
        let batch = &batch.record;
        let (dead, alive): (Vec<&Candidate>, Vec<&Candidate>) =
            batch.candidates.iter().rev().partition(|candidate| candidate.is_dead);
        let candidate = match alive.as_slice() {
            [] => return Ok(Verdict::Expired),
            [candidate] => candidate,
            _ => return Ok(Verdict::Unknown { why: "two candidates of the batch are alive".to_owned() }),
        };
        let envelope = match Envelope::read(&candidate.id, &candidate.bytes) {
            Ok(envelope) => envelope,
            Err(error) => return Ok(Verdict::Unknown { why: error.to_string() }),
        };
        let dead: Vec<&str> = dead.iter().map(|candidate| &*candidate.id).collect();
        Ok(match inquiry::inquire(&self.rpc, &self.genesis_hash, &envelope, &dead) {
            Judgement::Alive => Verdict::Alive,
            Judgement::Settled => Verdict::Settled { transaction: Arc::clone(&candidate.id) },
            Judgement::Expired => Verdict::Expired,
            Judgement::Failed(error) => match failure::of(&error) {
                Failure::Recipient(reason) => Verdict::Failed { reason: reason.into() },
                // It moved nothing and never will, as if it had not been executed: the same batch may be signed again,
                // which waits until there is enough. No recipient is to pay for an empty treasury.
                Failure::TreasuryShort => {
                    tracing::error!(batch = %batch.id, %error, "a payout failed because the treasury has too little");
                    Verdict::Expired
                }
            },
            Judgement::NeedsScan => {
                Verdict::Unknown { why: "the finalized blocks were not scanned".to_owned() }
            }
            Judgement::Unknown(why) => Verdict::Unknown { why },
        })
    }

    fn cost(&self, batch: &BatchFacts) -> Result<Amount, RailError> {
        let mut cost = 0_u64;
        for candidate in batch.record.alive() {
            let answers = self.all(|endpoint| endpoint.taken(&candidate.id));
            let of_it = match agreed(&answers).map_err(RailError::Later)? {
                Some((taken, true)) => {
                    // What it has paid out it says itself, whatever the configuration says by now.
                    let envelope = Envelope::read(&candidate.id, &candidate.bytes);
                    let paid_out = envelope.and_then(|envelope| envelope.lamports_sent());
                    taken.saturating_sub(paid_out.map_err(|error| RailError::Later(error.to_string()))?)
                }
                Some((taken, false)) => taken,
                None => 0,
            };
            cost = cost.saturating_add(of_it);
        }
        Ok(units::cost(cost.into(), SOL_DECIMALS, self.coin.decimals))
    }

    fn holdings(&self) -> Result<Option<Holdings>, RailError> {
        let treasury = self.key.address();
        let tokens: Vec<Option<Token>> = self.assets.values().map(|asset| asset.token).collect();
        // What the chain is paid with, unless it is paid out besides: nothing is told twice.
        let has_coin = tokens.iter().any(Option::is_none);
        let asked: Vec<Option<Token>> = tokens.iter().copied().chain((!has_coin).then_some(None)).collect();
        let held = self.rpc.any(|endpoint| {
            endpoint.check_chain(&self.genesis_hash)?;
            funds::holdings(endpoint, &treasury, &asked)
        })?;
        let amount = |((code, asset), held): ((&Arc<str>, &OnChain), u64)| {
            (Arc::clone(code), units::ledger_units(u128::from(held), u128::from(asset.scale)))
        };
        let coin = held.get(tokens.len()).copied().map(u128::from);
        let coin = coin.map(|held| units::held(held, SOL_DECIMALS, &self.coin));
        let amounts = self.assets.iter().zip(held).map(amount).chain(coin).collect();
        Ok(Some(Holdings { address: treasury.to_string(), amounts }))
    }

    fn treasury_address(&self) -> Option<String> {
        Some(self.treasury())
    }

    fn evidence(&self, withdrawal: &WithdrawalRecord, transaction: &str) -> Result<Evidence, RailError> {
        self.evidence_of(withdrawal, transaction)
    }

    fn try_out(&self, batch: &BatchFacts) -> Result<Option<Trial>, RailError> {
        let DryRun { error, logs, units } = self.dry_run(batch)?;
        let units = units.map(|units| format!("it takes {units} compute units"));
        Ok(Some(Trial { failure: error, notes: units.into_iter().chain(logs).collect() }))
    }
}

/// What the endpoints answered, where there are enough who did.
fn witnessed<T>(answers: Vec<Result<T, String>>) -> Result<Vec<T>, RailError> {
    let wanted = witnesses(answers.len());
    let (mut found, mut failure) = (Vec::new(), None);
    for answer in answers {
        match answer {
            Ok(answer) => found.push(answer),
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        Some(error) if found.len() < wanted => {
            Err(RailError::Later(format!("one endpoint's word is not enough: {error}")))
        }
        _ => Ok(found),
    }
}

/// What is in any of these histories, each the oldest first. The newest is one that its endpoint's history ends with.
fn union(histories: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for history in histories {
        let known: HashSet<&String> = all.iter().collect();
        let mut more: Vec<String> = history.into_iter().filter(|id| !known.contains(id)).collect();
        more.append(&mut all);
        all = more;
    }
    all
}

#[cfg(test)]
mod tests;
