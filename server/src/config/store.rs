//! `[store]`: the database that the store is in, for several servers. Without it, the store is in the data directory.

use std::path::PathBuf;
use std::{env, fmt, fs};

use serde::Deserialize;

use super::section::{Check, Section};
use crate::store::postgres::DatabaseAddress;

/// How an address is given that stands in a variable of the environment.
const VARIABLE_PREFIX: &str = "env:";

/// The database. Its address may hold a password where it comes from the environment, so it is not shown.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// Its address, or `env:NAME`.
    url: Option<String>,
    /// The file of its password.
    password_file: Option<PathBuf>,
    /// The file of the authorities whose certificates it may show.
    ca_file: Option<PathBuf>,
}

impl Section for Store {
    const NAME: &'static str = "store";

    fn validate(&self, check: &mut Check<'_>) {
        let mistakes = check.count();
        self.validate_form(check);
        if check.with_secrets()
            && check.count() == mistakes
            && let Err((setting, why)) = self.address()
        {
            check.holds(false, setting, format!("what it names to be there and right: {why}"));
        }
    }
}

impl Store {
    fn validate_form(&self, check: &mut Check<'_>) {
        let Some(url) = &self.url else {
            let nothing = "nothing without a url: the store is in the data directory";
            check.holds(self.password_file.is_none(), "password_file", nothing);
            check.holds(self.ca_file.is_none(), "ca_file", nothing);
            return;
        };
        if let Some(name) = url.strip_prefix(VARIABLE_PREFIX) {
            let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let expected = "an address, or \"env:NAME\" for one in a variable of the environment";
            return check.holds(!name.is_empty() && is_name, "url", expected);
        }
        let address = match url.parse::<DatabaseAddress>() {
            Ok(address) => address,
            Err(error) => return check.holds(false, "url", error.0),
        };
        let is_apart = !address.has_password() || check.is_variable("url");
        check.holds(
            is_apart,
            "url",
            "no password here: password_file, or \"env:NAME\" for the whole address",
        );
        let is_one = !address.has_password() || self.password_file.is_none();
        check.holds(is_one, "password_file", "nothing where the address has a password");
        let is_used = self.ca_file.is_none() || address.is_encrypted();
        check.holds(is_used, "ca_file", "sslmode=require in the url, or no ca_file");
    }
}

impl Store {
    /// The address of the database, if the store is in one, from the variable and the files that it is in. Otherwise: what
    /// is wrong, without anything secret.
    pub fn database(&self) -> Result<Option<DatabaseAddress>, String> {
        self.address().map_err(|(setting, why)| format!("store.{setting}: {why}"))
    }

    /// The same, with the setting that is wrong apart.
    fn address(&self) -> Result<Option<DatabaseAddress>, (&'static str, String)> {
        let Some(url) = &self.url else { return Ok(None) };
        let in_url = |why: String| ("url", why);
        let (variable, url) = match url.strip_prefix(VARIABLE_PREFIX) {
            Some(name) => {
                let value = env::var(name);
                let value = value
                    .map_err(|_| in_url(format!("the variable {name} of the environment is not set")))?;
                (format!("{name}: "), value)
            }
            None => (String::new(), url.clone()),
        };
        let mut address: DatabaseAddress =
            url.parse().map_err(|error| in_url(format!("{variable}{error}")))?;
        if let Some(file) = &self.password_file {
            if address.has_password() {
                return Err(in_url(format!(
                    "{variable}expected no password, since there is a store.password_file"
                )));
            }
            let in_file = |why: String| ("password_file", format!("{}: {why}", file.display()));
            let password = fs::read_to_string(file).map_err(|error| in_file(error.to_string()))?;
            let password = password.trim_end_matches(['\r', '\n']);
            if password.is_empty() {
                return Err(in_file("expected a password".to_owned()));
            }
            address = address.with_password(password);
        }
        if let Some(file) = &self.ca_file {
            if !address.is_encrypted() {
                return Err(in_url(format!(
                    "{variable}expected sslmode=require, since there is a store.ca_file"
                )));
            }
            address = address.with_authorities(file).map_err(|error| ("ca_file", error.to_string()))?;
        }
        Ok(Some(address))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, password_file, ca_file } = self;
        let shown = url.as_ref().map(|_| "…");
        formatter
            .debug_struct("Store")
            .field("url", &shown)
            .field("password_file", password_file)
            .field("ca_file", ca_file)
            .finish()
    }
}

#[cfg(test)]
mod tests;
