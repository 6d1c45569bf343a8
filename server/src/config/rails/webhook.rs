//! What a rail of kind `webhook` needs besides what every rail has.

use std::time::Duration;

use super::Rail;
use crate::config::section::Check;
use crate::payout::KeySource;
use crate::payout::webhook::{self, WebhookSettings};
use crate::webhook::is_url;

impl Rail {
    /// Everything that a webhook needs, and of the right form.
    pub(super) fn validate_webhook(&self, id: &str, check: &mut Check<'_>) {
        check.holds(
            self.url.as_deref().is_some_and(is_url),
            &format!("{id}.url"),
            "an https address, an http address on loopback, or \"env:NAME\" for one in a variable of the environment",
        );
        check.holds(
            self.secret_file.is_some() != self.secret_env.is_some(),
            &format!("{id}.{}", if self.secret_file.is_some() { "secret_env" } else { "secret_file" }),
            "either secret_file or secret_env, which say where the secret is that messages are signed with",
        );
        let WebhookSettings { timeout, alert_after_ms, batch_max, .. } = self.webhook();
        let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let ((least, most), setting) = (webhook::TIMEOUT_MS, format!("{id}.timeout_ms"));
        check.within(timeout_ms, least..=most, &setting);
        let ((least, most), setting) = (webhook::ALERT_AFTER_MS, format!("{id}.alert_after_ms"));
        check.within(alert_after_ms, least..=most, &setting);
        check.within(batch_max, 1..=webhook::BATCH_MAX, &format!("{id}.batch_max"));
        if let Some(Err(why)) = self.address_pattern.as_deref().map(webhook::check_pattern) {
            let expected =
                format!("a regular expression of 1 to {} bytes: {why}", webhook::PATTERN_BYTES_MAX);
            check.holds(false, &format!("{id}.address_pattern"), expected);
        }
        let is_hint = |hint: &String| {
            let length = hint.chars().count();
            (1..=webhook::HINT_MAX).contains(&length) && !hint.chars().any(char::is_control)
        };
        check.holds(
            self.address_hint.as_ref().is_none_or(is_hint),
            &format!("{id}.address_hint"),
            format!("1 to {} characters in one line", webhook::HINT_MAX),
        );
    }

    /// What it is opened with. Of settings that are not valid nothing is used.
    pub(super) fn webhook(&self) -> WebhookSettings {
        let secret = match (&self.secret_file, &self.secret_env) {
            (Some(path), _) => KeySource::File(path.clone()),
            (None, name) => KeySource::Variable(name.clone().unwrap_or_default()),
        };
        WebhookSettings {
            url: self.url.clone().unwrap_or_default(),
            secret,
            timeout: Duration::from_millis(self.timeout_ms.unwrap_or(webhook::TIMEOUT_DEFAULT_MS)),
            alert_after_ms: self.alert_after_ms.unwrap_or(webhook::ALERT_AFTER_DEFAULT_MS),
            batch_max: self.batch_max.unwrap_or(1),
            address_pattern: self.address_pattern.clone(),
            address_hint: self.address_hint.clone(),
        }
    }
}
