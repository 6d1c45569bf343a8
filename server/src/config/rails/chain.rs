//! What a rail of every chain needs: servers to ask, and a key.

use std::collections::BTreeSet;

use super::Rail;
use crate::config::section::Check;
use crate::payout::rpc::{host_of, is_endpoint};
use crate::payout::{ENDPOINTS_MAX, KeySource};

impl Rail {
    pub(super) fn validate_chain(&self, id: &str, check: &mut Check<'_>) {
        let endpoints = self.endpoints.as_deref().unwrap_or_default();
        let setting = format!("{id}.endpoints");
        check.within(endpoints.len(), 1..=ENDPOINTS_MAX, &setting);
        check.holds(
            endpoints.iter().all(|endpoint| is_endpoint(endpoint)),
            &setting,
            "addresses such as \"https://rpc.example\", or \"env:NAME\" for one in a variable of the environment",
        );
        // By their hosts: two paths of one server are one witness.
        let hosts: BTreeSet<String> =
            endpoints.iter().map(|endpoint| host_of(endpoint).to_ascii_lowercase()).collect();
        let are_different = hosts.len() == endpoints.len();
        check.holds(are_different, &setting, "different servers: two that are one confirm nothing");
        check.holds(
            self.key_file.is_some() != self.key_env.is_some(),
            &format!("{id}.{}", if self.key_file.is_some() { "key_env" } else { "key_file" }),
            "either key_file or key_env, which say where the treasury's secret key is",
        );
    }

    pub(super) fn key(&self) -> KeySource {
        match (&self.key_file, &self.key_env) {
            (Some(path), _) => KeySource::File(path.clone()),
            (None, name) => KeySource::Variable(name.clone().unwrap_or_default()),
        }
    }
}
