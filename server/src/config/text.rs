//! Settings that are texts with a form of their own: read so that a mistake tells the form.

use std::net::SocketAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// What an address to listen on looks like.
const ADDRESS: &str = "expected an address and a port, such as \"127.0.0.1:8080\" or \"[::]:80\"";
/// What a network looks like.
const NETWORK: &str = "expected networks such as \"10.0.0.0/8\" or \"192.0.2.1/32\"";

/// An address to listen on.
pub(super) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    parse(&String::deserialize(deserializer)?, ADDRESS)
}

/// An address to listen on, where the setting is there at all.
pub(super) fn address_if_any<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    address(deserializer).map(Some)
}

/// Networks.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| parse(text, NETWORK)).collect()
}

fn parse<T: FromStr, E: Error>(text: &str, expected: &str) -> Result<T, E> {
    text.parse().map_err(|_| E::custom(expected))
}
