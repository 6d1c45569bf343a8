//! How an operator writes the addresses of endpoints, and what may be shown of them.

use std::collections::BTreeSet;

/// The most endpoints of a rail: each is asked for every payout.
pub const ENDPOINTS_MAX: usize = 8;
/// How an endpoint's address is named that stands in a variable of the environment, because there is a key in it.
pub(crate) const VARIABLE_PREFIX: &str = "env:";

/// The addresses themselves, taken from the environment where they are named so. Otherwise: what is wrong with them.
pub(super) fn resolved(texts: &[String]) -> Result<Vec<String>, String> {
    let addresses = texts.iter().map(|text| from_environment(text)).collect::<Result<Vec<_>, _>>()?;
    if addresses.is_empty() || addresses.len() > ENDPOINTS_MAX {
        return Err(format!("expected 1 to {ENDPOINTS_MAX} endpoints"));
    }
    let hosts: BTreeSet<String> = addresses.iter().map(|url| name_of(url).to_ascii_lowercase()).collect();
    if hosts.len() < addresses.len() {
        return Err("two endpoints are the same server, which confirms nothing".to_owned());
    }
    Ok(addresses)
}

/// The address itself, taken from the environment where it is named so. Otherwise: what is wrong with it.
pub(crate) fn from_environment(text: &str) -> Result<String, String> {
    match text.strip_prefix(VARIABLE_PREFIX) {
        None => Ok(text.to_owned()),
        Some(name) => std::env::var(name).map_err(|_| format!("{name}: this variable is not set")),
    }
}

/// Whether a text is an address of the web, or names a variable that has one.
pub(crate) fn is_endpoint(text: &str) -> bool {
    if let Some(name) = text.strip_prefix(VARIABLE_PREFIX) {
        return !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    }
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// The scheme, host and port of an endpoint's address; of one in a variable of the environment, its name.
pub(crate) fn host_of(endpoint: &str) -> String {
    if endpoint.starts_with(VARIABLE_PREFIX) { endpoint.to_owned() } else { name_of(endpoint) }
}

/// The scheme, host and port of an address: what may be logged of it.
pub(super) fn name_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_host_is_shown() {
        for (url, name) in [
            ("https://rpc.example/v1/key", "https://rpc.example"),
            ("https://rpc.example:8899?api-key=1", "https://rpc.example:8899"),
            ("https://user:pass@rpc.example/", "https://rpc.example"),
            ("http://[::1]:8899", "http://[::1]:8899"),
        ] {
            assert_eq!(name_of(url), name);
        }
    }
}
