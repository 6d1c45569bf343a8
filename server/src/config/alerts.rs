//! `[alerts]`: when something is the matter, and who is told.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::section::{Check, Section};
use crate::alert::AlertRules;
use crate::alert::usual::UsualRule;
use crate::faucet::{AlertReceiver, AlertSettings};
use crate::payout::KeySource;
use crate::webhook::{check_secret, is_url};

/// When something is the matter, and who is told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// Where messages are sent to; nobody is told where it is not set.
    url: Option<String>,
    /// The file of the secret that they are signed with.
    secret_file: Option<PathBuf>,
    /// The variable of the environment that holds it instead.
    secret_env: Option<String>,
    /// How long an answer may take, in milliseconds.
    timeout_ms: u64,
    /// From which share of a campaign's budget on there is an alert, in per cent.
    budget_percent: u32,
    /// Below which share of what is owed the treasuries hold too little, in per cent.
    treasury_percent: u32,
    /// By how many times as much, or as little, refusals and claims of an hour are far off the usual.
    unusual_factor: u64,
    /// How many of them in an hour are too few to be far off.
    unusual_least: u64,
}

impl Default for Alerts {
    fn default() -> Self {
        let AlertRules { budget_percent, treasury_percent, unusual } = AlertRules::default();
        Self {
            url: None,
            secret_file: None,
            secret_env: None,
            timeout_ms: 10_000,
            budget_percent,
            treasury_percent,
            unusual_factor: unusual.factor,
            unusual_least: unusual.least,
        }
    }
}

impl Section for Alerts {
    const NAME: &'static str = "alerts";

    fn validate(&self, check: &mut Check<'_>) {
        check.holds(
            self.url.as_deref().is_none_or(is_url),
            "url",
            "an https address, an http address on loopback, or \"env:NAME\" for one in a variable of the environment",
        );
        let secrets = [self.secret_file.is_some(), self.secret_env.is_some()];
        check.holds(
            secrets.into_iter().filter(|is_there| *is_there).count() == usize::from(self.url.is_some()),
            if self.secret_env.is_some() { "secret_env" } else { "secret_file" },
            "with a url, either secret_file or secret_env, which say where the secret is that messages are signed with",
        );
        check.within(self.timeout_ms, 1_000..=60_000, "timeout_ms");
        check.within(self.budget_percent, 1..=100, "budget_percent");
        check.within(self.treasury_percent, 0..=1_000, "treasury_percent");
        check.within(self.unusual_factor, 2..=1_000, "unusual_factor");
        check.within(self.unusual_least, 1..=1_000_000_000, "unusual_least");
        if check.with_secrets()
            && let Some(receiver) = self.receiver()
            && let Err(why) = check_secret(&receiver.secret)
        {
            let setting = if self.secret_env.is_some() { "secret_env" } else { "secret_file" };
            check.holds(false, setting, format!("what it names to be there and right: {why}"));
        }
    }
}

impl Alerts {
    /// What a faucet is started with.
    pub fn settings(&self) -> AlertSettings {
        let unusual = UsualRule { factor: self.unusual_factor, least: self.unusual_least };
        let (budget_percent, treasury_percent) = (self.budget_percent, self.treasury_percent);
        let rules = AlertRules { budget_percent, treasury_percent, unusual };
        AlertSettings { rules, receiver: self.receiver() }
    }

    fn receiver(&self) -> Option<AlertReceiver> {
        let secret = match (&self.secret_file, &self.secret_env) {
            (Some(path), _) => KeySource::File(path.clone()),
            (None, name) => KeySource::Variable(name.clone()?),
        };
        let timeout = Duration::from_millis(self.timeout_ms);
        Some(AlertReceiver { url: self.url.clone()?, secret, timeout })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Secrets};

    fn parse(text: &str, secrets: Secrets) -> Result<Config, Vec<String>> {
        let file = std::path::Path::new("dripline.toml");
        let parsed = Config::parse(Some((file, text)), [], secrets);
        parsed.map_err(|findings| findings.iter().map(ToString::to_string).collect())
    }

    fn mistake(settings: &str) -> String {
        parse(&format!("[alerts]\n{settings}\n"), Secrets::LeftOut).unwrap_err().remove(0)
    }

    #[test]
    fn a_receiver_has_an_address_and_one_secret() {
        let text = "[alerts]\nurl = 'https://hooks.example/a'\nsecret_file = '/run/secrets/alerts'\nbudget_percent = 90\n";
        let settings = parse(text, Secrets::LeftOut).unwrap().alerts.settings();
        let receiver = AlertReceiver {
            url: "https://hooks.example/a".to_owned(),
            secret: KeySource::File("/run/secrets/alerts".into()),
            timeout: Duration::from_secs(10),
        };
        assert_eq!((settings.receiver, settings.rules.budget_percent), (Some(receiver), 90));
        assert_eq!(Alerts::default().settings(), AlertSettings::default());
        // The secret is looked for where the server starts.
        let found = parse(text, Secrets::Checked).unwrap_err();
        assert!(
            found[0].starts_with("dripline.toml:3: alerts.secret_file: expected what it names"),
            "{found:?}"
        );
    }

    #[test]
    fn what_is_wrong_is_told_by_its_setting() {
        for (settings, place) in [
            (
                "url = 'http://hooks.example'\nsecret_env = 'A'",
                "dripline.toml:2: alerts.url: expected an https",
            ),
            ("url = 'https://hooks.example'", "alerts.secret_file: expected with a url, either"),
            ("secret_env = 'A'", "dripline.toml:2: alerts.secret_env: expected with a url, either"),
            (
                "url = 'https://hooks.example'\nsecret_env = 'A'\nsecret_file = 'b'",
                "dripline.toml:3: alerts.secret_env: expected with a url, either",
            ),
            (
                "budget_percent = 0",
                "dripline.toml:2: alerts.budget_percent: expected a whole number from 1 to 100",
            ),
            ("unusual_factor = 1", "dripline.toml:2: alerts.unusual_factor: expected a whole number from 2"),
            (
                "timeout_ms = 10",
                "dripline.toml:2: alerts.timeout_ms: expected a whole number from 1000 to 60000",
            ),
        ] {
            let told = mistake(settings);
            assert!(told.contains(place), "{settings}: {told}");
        }
    }
}
