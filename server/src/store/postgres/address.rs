//! Where a database is, and how it is reached. It may hold a password, so it is only ever shown by its host and name.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};
use rustls_tokio_postgres::{MakeRustlsConnect, config_from_ca_cert, config_webpki_roots};

/// What an address looks like.
const FORM: &str = "an address such as \"postgres://dripline@db.example/dripline\"";
/// The port of a database where none is said.
const PORT: u16 = 5_432;
/// How long one try for a connection may take, where nothing else is said.
const CONNECT_WAIT: Duration = Duration::from_secs(3);
/// After how long without a word the other side is asked whether it is still there.
const SILENT_FOR: Duration = Duration::from_secs(10);
/// How often, and how many seconds apart, before the connection is given up.
const ASKED: (u32, Duration) = (3, Duration::from_secs(5));

/// See the module. It is read from a URL, `postgres://user:password@host:port/database?options`, which names a host and a
/// database.
///
/// With `sslmode=require` the connection is encrypted, and the server has to show a certificate for its host: one of a
/// public authority, or of [those that are given](Self::with_authorities). Otherwise it is not encrypted.
#[derive(Clone)]
pub struct DatabaseAddress {
    config: Config,
    encryption: Option<MakeRustlsConnect>,
}

/// Why there is no such address: what was expected. Says nothing of what was given, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct AddressError(pub String);

impl FromStr for DatabaseAddress {
    type Err = AddressError;

    fn from_str(url: &str) -> Result<Self, AddressError> {
        let expected = |what: &str| AddressError(what.to_owned());
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(expected(FORM));
        }
        // Not with the driver's own words: of a password with an '@' in it they may tell the rest.
        let mut config: Config = url.parse().map_err(|_| {
            AddressError(format!("{FORM}, whose options are those of the driver, such as sslmode=require"))
        })?;
        let is_host = |host: &Host| match host {
            Host::Tcp(name) => !name.is_empty() && !name.contains('@'),
            Host::Unix(_) => true,
        };
        if config.get_hosts().is_empty() || !config.get_hosts().iter().all(is_host) {
            return Err(expected(
                "an address that names a host; '@' and '/' in a password are written %40 and %2F",
            ));
        }
        if config.get_dbname().is_none_or(|name| name.is_empty() || name.contains(['@', '/'])) {
            return Err(AddressError(format!("{FORM}, which names a database")));
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WAIT);
        }
        if config.get_application_name().is_none() {
            config.application_name("dripline");
        }
        config.keepalives_idle(SILENT_FOR).keepalives_retries(ASKED.0).keepalives_interval(ASKED.1);
        let is_encrypted = config.get_ssl_mode() == SslMode::Require;
        let encryption = is_encrypted.then(|| MakeRustlsConnect::new(config_webpki_roots()));
        Ok(Self { config, encryption })
    }
}

impl DatabaseAddress {
    /// Whether it holds a password.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// Whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.encryption.is_some()
    }

    /// The same with this password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }

    /// The same, encrypted by a certificate of the authorities in this file of certificates (PEM) and of no other.
    pub fn with_authorities(mut self, file: &Path) -> Result<Self, AddressError> {
        let certificates = config_from_ca_cert(file)
            .map_err(|error| AddressError(format!("certificates in {}: {error}", file.display())))?;
        self.config.ssl_mode(SslMode::Require);
        self.encryption = Some(MakeRustlsConnect::new(certificates));
        Ok(self)
    }

    /// Connects. Must not be called where an async runtime runs tasks: the driver has one of its own.
    pub(super) fn connect(&self) -> Result<Client, postgres::Error> {
        match &self.encryption {
            Some(encryption) => self.config.connect(encryption.clone()),
            None => self.config.connect(NoTls),
        }
    }
}

impl fmt::Display for DatabaseAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "database {} at ", self.config.get_dbname().unwrap_or_default())?;
        let ports = self.config.get_ports();
        for (place, host) in self.config.get_hosts().iter().enumerate() {
            if place > 0 {
                formatter.write_str(", ")?;
            }
            let port = ports.get(place).or_else(|| ports.first()).copied().unwrap_or(PORT);
            match host {
                Host::Tcp(name) => write!(formatter, "{name}:{port}")?,
                Host::Unix(path) => write!(formatter, "{}:{port}", path.display())?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DatabaseAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<DatabaseAddress, AddressError> {
        url.parse()
    }

    #[test]
    fn an_address_shows_its_host_and_its_database_and_no_more() {
        let address = read("postgres://mary:hunter2@db.example:6432,[::1]/drips?sslmode=require").unwrap();
        assert_eq!(address.to_string(), "database drips at db.example:6432, ::1:5432");
        for shown in [format!("{address:?}"), address.to_string()] {
            assert!(!shown.contains("hunter2") && !shown.contains("mary"), "{shown}");
        }
        assert!(address.has_password() && address.is_encrypted());
        let address = read("postgres://mary@db.example/drips").unwrap();
        assert!(!address.has_password() && !address.is_encrypted());
        assert!(address.with_password("hunter2").has_password());
    }

    #[test]
    fn what_is_no_address_is_told_without_what_was_given() {
        for wrong in [
            "",
            "hunter2",
            "host=db.example password=hunter2",
            "mysql://mary:hunter2@db.example/drips",
            "postgres://mary:hunter2@db.example",
            "postgres://mary:hunter2@db.example/",
            "postgres://mary:hunter2@/drips",
            "postgres://mary:a@hunter2@db.example/drips",
            "postgres://mary:a@hunter2:b@db.example/drips",
            "postgres://mary:a@b/hunter2@db.example/drips",
            "postgres://mary:a@db.example/drips?hunter2=hunter2",
            "postgres://mary:a@db.example:hunter2/drips",
        ] {
            let told = read(wrong).unwrap_err().to_string();
            assert!(told.starts_with("expected ") && !told.contains("hunter2"), "{wrong}: {told}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_told() {
        let address = read("postgres://mary@db.example/drips").unwrap();
        let told = address.clone().with_authorities(Path::new("/nowhere/ca.pem")).unwrap_err().to_string();
        assert!(told.starts_with("expected certificates in /nowhere/ca.pem: "), "{told}");
        let told = address.with_authorities(&Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
        assert!(told.is_err(), "{told:?}");
    }
}
