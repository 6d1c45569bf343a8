//! `dripline health`: whether the server of a configuration, on this machine, can work. For what watches containers, where there
//! is no other program to ask with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ureq::Agent;
use ureq::tls::TlsConfig;

use super::output::say;
use super::{Failure, load};
use crate::config::{Config, Secrets};

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which server it is.
#[derive(Debug, Args)]
pub(super) struct HealthArguments {
    /// The configuration file that the server was started with
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address that it listens on, in place of the configured one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// Asks it.
pub(super) fn run(arguments: &HealthArguments) -> Result<(), Failure> {
    let mut config = load(arguments.config.as_deref(), Secrets::LeftOut)?;
    config.server.listen = arguments.listen.unwrap_or(config.server.listen);
    let url = url(&config)?;
    // It asks this machine alone, by an address that no certificate is for.
    let tls = TlsConfig::builder().disable_verification(true).build();
    let agent: Agent = Agent::config_builder()
        .tls_config(tls)
        .proxy(None)
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .build()
        .into();
    match agent.get(&url).call() {
        Ok(_) => say("ready"),
        Err(error) => Err(Failure::impossible(url, error)),
    }
}

/// Where to ask.
fn url(config: &Config) -> Result<String, Failure> {
    let listen = config.server.listen;
    if listen.port() == 0 {
        return Err(Failure::Argument("server.listen: expected a port that is known before".to_owned()));
    }
    let address = match listen.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    let scheme = if config.tls.files().is_some() { "https" } else { "http" };
    Ok(format!("{scheme}://{}/readyz", SocketAddr::new(address, listen.port())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_server_is_asked_where_this_machine_reaches_it() {
        let asked = |text: &str| {
            let file = Some((Path::new("dripline.toml"), text));
            url(&Config::parse(file, [], Secrets::LeftOut).unwrap()).ok()
        };
        for (listen, expected) in [
            ("0.0.0.0:80", "http://127.0.0.1:80/readyz"),
            ("[::]:80", "http://[::1]:80/readyz"),
            ("192.0.2.1:8080", "http://192.0.2.1:8080/readyz"),
        ] {
            assert_eq!(asked(&format!("[server]\nlisten = '{listen}'\n")).as_deref(), Some(expected));
        }
        assert_eq!(asked("[server]\nlisten = '127.0.0.1:0'\n"), None);
        let tls = "[tls]\ncertificate_file = 'a'\nkey_file = 'b'\n";
        assert_eq!(asked(tls).as_deref(), Some("https://127.0.0.1:8080/readyz"));
    }
}
