//! What about a configuration is no mistake, and worth a thought all the same.

use dripline_shared::api::overview::{Warning, WarningKind};

use super::Config;

impl Config {
    /// What is worth a thought.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let mut warn = |kind, text: String| warnings.push(Warning { kind, text });
        if self.tls.files().is_none() && self.server.plain_http {
            let listeners =
                [("server.listen", Some(self.server.listen)), ("admin.listen", self.admin.listen)];
            let exposed = listeners.into_iter().filter_map(|(setting, listen)| Some((setting, listen?)));
            for (setting, listen) in exposed.filter(|(_, listen)| !listen.ip().is_loopback()) {
                warn(
                    WarningKind::PlainHttp,
                    format!(
                        "{setting} is {listen}, which speaks plain HTTP: server.plain_http says that this is meant"
                    ),
                );
            }
        }
        if !self.server.listen.ip().is_loopback() && self.server.public_origins.is_empty() {
            let text = "server.public_origins is empty: nobody can play but on the machine itself";
            warn(WarningKind::NoOrigins, text.to_owned());
        }
        if let Some(listen) = self.metrics.listen.filter(|listen| !listen.ip().is_loopback()) {
            let text = format!("metrics.listen is {listen}: whoever reaches that address reads the metrics");
            warn(WarningKind::MetricsExposed, text);
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secrets;

    fn kinds(text: &str) -> Vec<WarningKind> {
        let file = std::path::Path::new("dripline.toml");
        let config = Config::parse(Some((file, text)), [], Secrets::LeftOut).unwrap();
        config.warnings().iter().map(|warning| warning.kind).collect()
    }

    #[test]
    fn a_server_of_this_machine_alone_is_warned_of_nothing() {
        assert_eq!(kinds(""), []);
        assert_eq!(kinds("[metrics]\nlisten = '127.0.0.1:9100'\n[server]\nplain_http = true"), []);
    }

    #[test]
    fn each_address_that_others_reach_without_encryption_is_named() {
        let open = "[server]\nlisten = '0.0.0.0:80'\nplain_http = true\n";
        assert_eq!(kinds(open), [WarningKind::PlainHttp, WarningKind::NoOrigins]);
        let both = format!("{open}public_origins = ['https://play.example']\n[admin]\nlisten = '[::]:81'\n");
        assert_eq!(kinds(&both), [WarningKind::PlainHttp, WarningKind::PlainHttp]);
        let metrics = "[metrics]\nlisten = '0.0.0.0:9100'\n";
        assert_eq!(kinds(metrics), [WarningKind::MetricsExposed]);
        let encrypted = format!("{open}[tls]\ncertificate_file = 'a'\nkey_file = 'b'\n");
        assert_eq!(kinds(&encrypted), [WarningKind::NoOrigins]);
    }
}
