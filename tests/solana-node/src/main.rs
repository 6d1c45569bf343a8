//! A Solana node for Dripline's tests: the real virtual machine (transactions, signatures, fees, rent, tokens, expiry of
//! blockhashes) behind JSON-RPC, on a free loopback port, in memory.
//!
//! `dripline-solana-node <treasury> [<slot in ms>]` gives the treasury 1,000 SOL, prints one line,
//! `{"url": "http://127.0.0.1:…", "genesis_hash": "…"}`, and then does what the lines of its standard input say, answering
//! each with a line, `done` or what went wrong:
//!
//! - `forward <blocks>` makes so many blocks at once, which expires blockhashes and finalizes transactions;
//! - `fund <address> <lamports>` lets an account have so many lamports, no more and no less;
//! - `mint <address> <decimals> <owner> <amount>` makes a mint of the token program and gives an owner so many of its units;
//! - `mint-2022 <address> <decimals>` makes a mint that belongs to Token-2022.
//!
//! It ends with its standard input, so no test leaves one behind.

use std::error::Error;
use std::io::{BufRead, Write};
use std::thread;
use std::time::{Duration, Instant};

use surfpool_sdk::{BlockProductionMode, Pubkey, SimnetCommand, Surfnet};

/// What the treasury is given, in lamports.
const TREASURY_LAMPORTS: u64 = 1_000_000_000_000;
/// How long a slot takes, unless told otherwise.
const SLOT_MS: u64 = 50;
/// How many blocks a node is ahead of the last one that is final. It finalizes nothing before it has made so many.
const FINALIZED_BEHIND: u64 = 31;
/// How long blocks may take to be made.
const FORWARD_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the node is watched for whether it still makes blocks.
const SETTLE: Duration = Duration::from_millis(25);
const TOKEN: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const TOKEN_2022: &str = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
/// What a mint must have, in lamports.
const MINT_LAMPORTS: u64 = 1_461_600;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let treasury: Pubkey = arguments.next().ok_or("expected the treasury's address")?.parse()?;
    let slot_ms = arguments.next().map_or(Ok(SLOT_MS), |text| text.parse())?;
    let node = Surfnet::builder()
        .offline(true)
        .block_production_mode(BlockProductionMode::Clock)
        .slot_time_ms(slot_ms)
        .airdrop_addresses(vec![treasury])
        .airdrop_sol(TREASURY_LAMPORTS)
        .start()
        .await?;
    // It would execute a transaction once more for each of its instructions, to measure them, on a copy of all that it has;
    // during what it calls a runbook it does not.
    node.send_command(SimnetCommand::StartRunbookExecution("without measuring instructions".to_owned()))?;
    // Until the first blocks are final, nothing can be told of the history.
    forward(&node, 2 * FINALIZED_BEHIND)?;
    let genesis_hash = node.rpc_client().get_genesis_hash()?;
    println!("{{\"url\": \"{}\", \"genesis_hash\": \"{genesis_hash}\"}}", node.rpc_url());
    for line in std::io::stdin().lock().lines() {
        match obey(&node, &line?) {
            Ok(()) => println!("done"),
            Err(error) => println!("{error}"),
        }
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn obey(node: &Surfnet, line: &str) -> Result<(), Box<dyn Error>> {
    match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["forward", blocks] => forward(node, blocks.parse()?),
        ["fund", address, lamports] => {
            Ok(node.cheatcodes().fund_sol(&address.parse()?, lamports.parse()?)?)
        }
        ["mint", address, decimals, owner, amount] => {
            mint(node, address, decimals.parse()?, TOKEN)?;
            node.cheatcodes().fund_token(&owner.parse()?, &address.parse()?, amount.parse()?, None)?;
            Ok(())
        }
        ["mint-2022", address, decimals] => mint(node, address, decimals.parse()?, TOKEN_2022),
        _ => Err(format!("cannot do: {line}").into()),
    }
}

/// Makes at least so many blocks, and waits for them; then blocks come by the clock again.
fn forward(node: &Surfnet, blocks: u64) -> Result<(), Box<dyn Error>> {
    let client = node.rpc_client();
    let height = || client.get_epoch_info().map(|epoch| epoch.block_height);
    let aim = height()? + blocks;
    let deadline = Instant::now() + FORWARD_TIMEOUT;
    let mut now = height()?;
    while now < aim {
        for _ in now..aim {
            node.send_command(SimnetCommand::SlotForward(None))?;
        }
        // A command may be lost among those of the clock: once nothing moves any more, what is missing is asked again.
        loop {
            thread::sleep(SETTLE);
            let before = std::mem::replace(&mut now, height()?);
            if now == before || now >= aim {
                break;
            }
        }
        if Instant::now() > deadline {
            return Err("the blocks were not made in time".into());
        }
    }
    node.send_command(SimnetCommand::UpdateBlockProductionMode(BlockProductionMode::Clock))?;
    Ok(())
}

/// Writes a mint without authorities into the chain's state: 4 bytes and a key for who may mint, the supply, the
/// decimals, whether it is initialised, and 4 bytes and a key for who may freeze.
fn mint(node: &Surfnet, address: &str, decimals: u8, program: &str) -> Result<(), Box<dyn Error>> {
    let mut data = [0_u8; 82];
    data[36..44].copy_from_slice(&u64::MAX.to_le_bytes());
    data[44] = decimals;
    data[45] = 1;
    node.cheatcodes().set_account(&address.parse()?, MINT_LAMPORTS, &data, &program.parse()?)?;
    Ok(())
}
