//! The configuration: one TOML file, over defaults, under `DRIPLINE_…` variables of the environment.
//!
//! A section is a file here: what it holds, its defaults, and its `validate`. `docs/configuration.md` lists all of it.
//! Every mistake is reported at once, each with the file and line (or the variable) and what was expected. Secrets are
//! not in the file: the faucet makes its own keys and keeps them in the data directory, and those of others stand in files
//! or variables that the file names.

mod admin;
mod alerts;
mod catalog;
mod clients;
mod connections;
mod document;
mod emergency;
mod finding;
mod log;
mod metrics;
mod notices;
mod prices;
mod rails;
mod section;
mod server;
mod sites;
mod store;
mod text;
mod throttle;
mod tls;
mod traces;
mod warnings;
mod work;

use std::net::SocketAddr;
use std::path::Path;

use dripline_shared::catalog::Catalog;

use crate::access::passkey::domain_of;

pub use self::admin::Admin;
pub use self::alerts::Alerts;
pub use self::catalog::{
    load as load_catalog, of_text as catalog_of_text, read_text as catalog_text, to_toml as catalog_to_toml,
};
pub use self::clients::Clients;
pub use self::connections::Connections;
pub use self::emergency::Emergency;
pub use self::finding::{Finding, Place};
pub use self::log::Log;
pub use self::metrics::Metrics;
pub use self::notices::Notices;
pub use self::prices::Prices;
pub use self::rails::Rails;
pub use self::section::Secrets;
pub use self::server::Server;
pub use self::sites::Sites;
pub use self::store::Store;
pub use self::throttle::Throttle;
pub use self::tls::Tls;
pub use self::traces::Traces;
pub use self::work::Work;

use self::document::Document;
use self::finding::Findings;
use self::section::{Section, Source};

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where it listens and keeps its data.
    pub server: Server,
    /// The certificate that it shows.
    pub tls: Tls,
    /// The database that the store is in, for several servers.
    pub store: Store,
    /// How connections are served.
    pub connections: Connections,
    /// What players are told.
    pub notices: Notices,
    /// How clients' addresses are found and grouped.
    pub clients: Clients,
    /// How many requests an address may make.
    pub throttle: Throttle,
    /// Where operators are served.
    pub admin: Admin,
    /// When something is the matter, and who is told.
    pub alerts: Alerts,
    /// What sites may do.
    pub sites: Sites,
    /// The metrics' own listener.
    pub metrics: Metrics,
    /// The log.
    pub log: Log,
    /// Where traces are sent to.
    pub traces: Traces,
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
            tls: section::read(source, &mut findings),
            store: section::read(source, &mut findings),
            connections: section::read(source, &mut findings),
            notices: section::read(source, &mut findings),
            clients: section::read(source, &mut findings),
            throttle: section::read(source, &mut findings),
            admin: section::read(source, &mut findings),
            alerts: section::read(source, &mut findings),
            sites: section::read(source, &mut findings),
            traces: section::read(source, &mut findings),
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
            Tls::NAME,
            Store::NAME,
            Connections::NAME,
            Notices::NAME,
            Clients::NAME,
            Throttle::NAME,
            Admin::NAME,
            Alerts::NAME,
            Sites::NAME,
            Metrics::NAME,
            Log::NAME,
            Traces::NAME,
            Work::NAME,
            Emergency::NAME,
            Rails::NAME,
            Prices::NAME,
            catalog::NAME,
        ];
        document.refuse_unknown(&known, &mut findings);
        findings.into_result(config)
    }

    /// Every origin whose pages may prompt, for a server that listens on `port`: the first is the one that others are told.
    pub fn origins(&self, port: u16) -> Vec<String> {
        let scheme = if self.tls.files().is_some() { "https" } else { "http" };
        let local = ["localhost", "127.0.0.1"].map(|host| format!("{scheme}://{host}:{port}"));
        self.server.public_origins.iter().cloned().chain(local).collect()
    }

    /// Every origin whose pages may sign operators in, for a server that serves operators on `port`: the first is the one that
    /// they are told. Those where passkeys do not work come last, so that whoever asks from one is told why.
    pub fn admin_origins(&self, port: u16) -> Vec<String> {
        let scheme = if self.tls.files().is_some() { "https" } else { "http" };
        let local = ["localhost", "127.0.0.1"].map(|host| format!("{scheme}://{host}:{port}"));
        let configured: &[String] = match (&self.admin.origin, self.admin.listen) {
            (Some(origin), _) => std::slice::from_ref(origin),
            (None, None) => &self.server.public_origins,
            // Players' pages are elsewhere.
            (None, Some(_)) => &[],
        };
        let mut origins: Vec<String> = configured.iter().cloned().chain(local).collect();
        origins.sort_by_key(|origin| domain_of(origin).is_err());
        origins
    }

    /// Where it would speak plain HTTP to whoever is not on this machine, though nobody said that this is meant: what players
    /// sign and are answered could be read and changed on the way. Of the `file`, if there is one.
    pub fn exposed(&self, file: Option<&Path>) -> Option<Finding> {
        let is_meant = self.server.plain_http || self.clients.has_remote_proxy();
        if self.tls.files().is_some() || is_meant {
            return None;
        }
        let listeners = [("server.listen", Some(self.server.listen)), ("admin.listen", self.admin.listen)];
        let is_exposed = |(_, listen): &(_, SocketAddr)| !listen.ip().is_loopback();
        let listeners = listeners.into_iter().filter_map(|(setting, listen)| Some((setting, listen?)));
        let (setting, listen) = listeners.into_iter().find(is_exposed)?;
        Some(Finding {
            place: file.map_or(Place::Default, |file| Place::File(file.to_path_buf())),
            setting: setting.to_owned(),
            expected: format!(
                "expected an address of this machine alone, such as \"127.0.0.1:{}\", or TLS: on {listen} others would be \
                 served without encryption. Write a certificate and its key into [tls] (certificate_file, key_file); or, \
                 where a proxy of yours speaks TLS to players, its network into [clients] (proxies = [\"10.0.0.2/32\"]); \
                 or plain_http = true into [server]",
                listen.port()
            ),
        })
    }
}

#[cfg(test)]
mod tests;
