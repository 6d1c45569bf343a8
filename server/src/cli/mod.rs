//! The command line: what can be asked for, and how it ends.
//!
//! What was asked for goes to standard output, everything else to standard error. How a command ended is told by its
//! exit code: see [`Failure::exit_code`].

mod access;
mod audit;
mod catalog;
mod catalog_file;
mod failure;
mod health;
mod keys;
mod ledger;
mod output;
mod payouts;
mod play;
mod serve;
mod simulate;
mod store;
mod wallets;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use self::failure::Failure;
use self::output::say;
use crate::config::{self, Config, Secrets};

/// A faucet that pays for short games played in a browser.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes:\n  0  done\n  1  it could not be done: files, network, storage\n  \
    2  wrong arguments or configuration\n  3  what was checked is not as it should be\n  \
    4  the server refused\n  5  the bot did not reach the goal";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the game, the API and the pages
    Serve(serve::ServeArguments),
    /// Check a configuration file; tell every mistake with its line and what was expected there
    CheckConfig {
        /// The file
        file: PathBuf,
        /// Do not look for the secrets that the file names, in files and in the environment: they are elsewhere
        #[arg(long)]
        without_secrets: bool,
    },
    /// Ask the server of a configuration, on this machine, whether it can work: for what watches containers
    Health(health::HealthArguments),
    /// Let a bot play one level through the public API, in real time: a smoke test of any deployment
    Play(play::PlayArguments),
    /// Play thousands of rounds with bots, and days of a faucet with players of several kinds: what a catalog comes to
    Simulate(simulate::SimulateArguments),
    /// The books: every transfer of money
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Payouts that wait or are under way, and pausing a rail
    #[command(subcommand)]
    Payouts(payouts::PayoutsCommand),
    /// Levels, rewards, limits and campaigns
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    /// What is kept of wallets
    #[command(subcommand)]
    Wallets(wallets::WalletsCommand),
    /// The API keys of operators
    #[command(subcommand)]
    Access(access::AccessCommand),
    /// The log of what operators have changed, and of attempts that were refused
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// The keys that the faucet signs with
    #[command(subcommand)]
    Keys(keys::KeysCommand),
}

/// Where settings come from.
#[derive(Debug, Args)]
struct Sources {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data directory, in place of the configured one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A file with the catalog, in place of the configured or stored one
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// The address to listen on, in place of the configured one; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Sources {
    /// The configuration: defaults, file, environment, and these arguments over all of it.
    fn load(&self) -> Result<Config, Failure> {
        let mut config = load(self.config.as_deref(), Secrets::Checked)?;
        if let Some(data) = &self.data {
            config.server.data.clone_from(data);
        }
        if let Some(listen) = self.listen {
            config.server.listen = listen;
        }
        if let Some(catalog) = &self.catalog {
            config.catalog = Some(config::load_catalog(catalog).map_err(Failure::Configuration)?);
        }
        let file = self.config.as_deref().filter(|_| self.listen.is_none());
        match config.exposed(file) {
            Some(finding) => Err(Failure::Configuration(vec![finding])),
            None => Ok(config),
        }
    }
}

/// The configuration of a file, or the defaults, with the variables of this process.
fn load(file: Option<&Path>, secrets: Secrets) -> Result<Config, Failure> {
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Config::load(file, variables, secrets).map_err(Failure::Configuration)
}

/// Does what was asked for.
pub fn run(arguments: Arguments) -> ExitCode {
    let result = match arguments.command {
        Command::Serve(arguments) => serve::run(&arguments),
        Command::CheckConfig { file, without_secrets } => check_config(&file, without_secrets),
        Command::Health(arguments) => health::run(&arguments),
        Command::Play(arguments) => play::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Ledger(command) => ledger::run(&command),
        Command::Payouts(command) => payouts::run(&command),
        Command::Catalog(command) => catalog::run(&command),
        Command::Wallets(command) => wallets::run(&command),
        Command::Access(command) => access::run(&command),
        Command::Audit(command) => audit::run(&command),
        Command::Keys(command) => keys::run(&command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}

fn check_config(file: &Path, without_secrets: bool) -> Result<(), Failure> {
    // Only the file is asked about: variables of the shell it is checked in may differ from the server's. Those that the file
    // names are part of it.
    let secrets = if without_secrets { Secrets::LeftOut } else { Secrets::Checked };
    let config = Config::load(Some(file), [], secrets).map_err(Failure::Configuration)?;
    if let Some(finding) = config.exposed(Some(file)) {
        return Err(Failure::Configuration(vec![finding]));
    }
    let catalog =
        config.catalog.map(|catalog| format!("; catalog {}", catalog.version())).unwrap_or_default();
    say(format_args!("{}: no mistakes{catalog}", file.display()))
}
