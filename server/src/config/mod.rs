//! The configuration: one TOML file, over defaults, under `DRIPLINE_…` variables of the environment.
//!
//! A section is a file here: what it holds, its defaults, and its `validate`. `docs/configuration.md` lists all of it.
//! Every mistake is reported at once, each with the file and line (or the variable) and what was expected. Secrets are
//! not in the file: the faucet makes its own keys and keeps them in the data directory, and those of others stand in files
//! or variables that the file names.

mod catalog;
mod clients;
mod connections;
mod document;
mod emergency;
mod finding;
mod log;
mod metrics;
mod prices;
mod rails;
mod section;
mod server;
mod store;
mod text;
mod throttle;
mod work;

use std::path::Path;

use dripline_shared::catalog::Catalog;

pub use self::catalog::{
    load as load_catalog, of_text as catalog_of_text, read_text as catalog_text, to_toml as catalog_to_toml,
};
pub use self::clients::Clients;
pub use self::connections::Connections;
pub use self::emergency::Emergency;
pub use self::finding::{Finding, Place};
pub use self::log::Log;
pub use self::metrics::Metrics;
pub use self::prices::Prices;
pub use self::rails::Rails;
pub use self::section::Secrets;
pub use self::server::Server;
pub use self::store::Store;
pub use self::throttle::Throttle;
pub use self::work::Work;

use self::document::Document;
use self::finding::Findings;
use self::section::{Section, Source};

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where it listens and keeps its data.
    pub server: Server,
    /// The database that the store is in, for several servers.
    pub store: Store,
    /// How connections are served.
    pub connections: Connections,
    /// How clients' addresses are found and grouped.
    pub clients: Clients,
    /// How many requests an address may make.
    pub throttle: Throttle,
    /// The metrics' own listener.
    pub metrics: Metrics,
    /// The log.
    pub log: Log,
    /// Threads and queues.
    pub work: Work,
    /// What is stopped.
    pub emergency: Emergency,
    /// How players are paid.
    pub rails: Rails,
    /// What drips are worth.
    pub prices: Prices,
    /// Levels, rewards, limits and campaigns, where a file says them; otherwise the store does.
    pub catalog: Option<Catalog>,
}

impl Config {
    /// Reads the file, if there is one, and the variables; gives every mistake in them.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
        secrets: Secrets,
    ) -> Result<Self, Vec<Finding>> {
        let text = file.map(document::read).transpose().map_err(|finding| vec![finding])?;
        Self::parse(file.zip(text.as_deref()), variables, secrets)
    }

    /// As [`Config::load`], of a file that was read already.
    pub fn parse(
        file: Option<(&Path, &str)>,
        variables: impl IntoIterator<Item = (String, String)>,
        secrets: Secrets,
    ) -> Result<Self, Vec<Finding>> {
        let variables: Vec<(String, String)> = variables.into_iter().collect();
        let mut findings = Findings::default();
        let document = Document::new(file, &mut findings);
        let source = Source { document: &document, variables: &variables, secrets };
        let config = Self {
            server: section::read(source, &mut findings),
            store: section::read(source, &mut findings),
            connections: section::read(source, &mut findings),
            clients: section::read(source, &mut findings),
            throttle: section::read(source, &mut findings),
            metrics: section::read(source, &mut findings),
            log: section::read(source, &mut findings),
            work: section::read(source, &mut findings),
            emergency: section::read(source, &mut findings),
            rails: section::read(source, &mut findings),
            prices: section::read(source, &mut findings),
            catalog: catalog::read(&document, &mut findings),
        };
        let known = [
            Server::NAME,
            Store::NAME,
            Connections::NAME,
            Clients::NAME,
            Throttle::NAME,
            Metrics::NAME,
            Log::NAME,
            Work::NAME,
            Emergency::NAME,
            Rails::NAME,
            Prices::NAME,
            catalog::NAME,
        ];
        document.refuse_unknown(&known, &mut findings);
        findings.into_result(config)
    }
}

#[cfg(test)]
mod tests;
