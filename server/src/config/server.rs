//! `[server]`: where it listens, and where it keeps its data.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use dripline_shared::statement::is_origin;
use serde::Deserialize;

use super::section::{Check, Section};
use super::text;

/// The most origins.
const ORIGINS_MAX: usize = 64;

/// Where it listens, and where it keeps its data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The address of the player's page and the API; port 0 takes a free one.
    #[serde(deserialize_with = "text::address")]
    pub listen: SocketAddr,
    /// The data directory, made where it is missing; relative to the working directory.
    pub data: PathBuf,
    /// Origins whose pages may prompt for this faucet, besides `localhost` and `127.0.0.1` on the port it listens on: the
    /// address that players type.
    pub public_origins: Vec<String>,
    /// Whether it may speak plain HTTP on an address that others than this machine reach, without a proxy that it knows.
    pub plain_http: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8_080)),
            data: PathBuf::from("data"),
            public_origins: Vec::new(),
            plain_http: false,
        }
    }
}

impl Section for Server {
    const NAME: &'static str = "server";
    const LISTS: &'static [&'static str] = &["public_origins"];

    fn validate(&self, check: &mut Check<'_>) {
        check.holds(!self.data.as_os_str().is_empty(), "data", "the path of a directory");
        let origins = &self.public_origins;
        check.holds(origins.len() <= ORIGINS_MAX, "public_origins", format!("at most {ORIGINS_MAX} origins"));
        let all = origins.iter().all(|origin| is_origin(origin));
        check.holds(all, "public_origins", "origins such as \"https://play.example\", without a path");
    }
}
