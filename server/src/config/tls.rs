//! `[tls]`: the certificate that the server shows. Without it, it speaks plain HTTP.

use std::path::PathBuf;

use serde::Deserialize;

use super::section::{Check, Section};
use crate::http::{TlsError, TlsFiles};

/// The certificate that the server shows, and its key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The file of the certificate, and of those between it and an authority that browsers know.
    certificate_file: Option<PathBuf>,
    /// The file of its secret key.
    key_file: Option<PathBuf>,
}

impl Section for Tls {
    const NAME: &'static str = "tls";

    fn validate(&self, check: &mut Check<'_>) {
        let both = "a certificate_file and a key_file, or neither";
        match (&self.certificate_file, &self.key_file) {
            (Some(_), None) => check.holds(false, "certificate_file", both),
            (None, Some(_)) => check.holds(false, "key_file", both),
            _ => {}
        }
        if check.with_secrets()
            && let Some(files) = self.files()
            && let Err(error) = files.check()
        {
            let setting = if matches!(error, TlsError::Key(_)) { "key_file" } else { "certificate_file" };
            check.holds(false, setting, format!("what it names to be there and right: {error}"));
        }
    }
}

impl Tls {
    /// Where the certificate and its key are, if it speaks TLS.
    pub fn files(&self) -> Option<TlsFiles> {
        let (certificate, key) = (self.certificate_file.clone()?, self.key_file.clone()?);
        Some(TlsFiles { certificate, key })
    }
}
