//! TLS: a certificate and its key from two files, read again when they change.
//!
//! Connections that are open keep the certificate that they began with. What cannot be used of new files (one is not there, the
//! key is of another certificate) is refused, and what was in force stays so.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use dripline_shared::time::{SECOND_MS, Timestamp};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

/// What is spoken inside: see [`super::serve`].
const PROTOCOL: &[u8] = b"http/1.1";

/// Where a certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate of the server, then those between it and an authority that browsers know (PEM).
    pub certificate: PathBuf,
    /// The secret key of the first of them (PEM).
    pub key: PathBuf,
}

/// Why a certificate and its key cannot be used. Says nothing of what is in the key's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The certificate's file.
    #[error("{0}")]
    Certificate(String),
    /// The key's file, or a key that is not the certificate's.
    #[error("{0}")]
    Key(String),
    /// The library cannot do it at all.
    #[error("{0}")]
    Library(String),
}

/// A certificate that can be shown, until when it holds, and the digest of the files that it came from.
struct Pair {
    shown: Arc<CertifiedKey>,
    expires_at: Timestamp,
    digest: [u8; 32],
}

/// What connections are encrypted with. Cheap to clone; all clones show the same certificate.
#[derive(Clone)]
pub struct Tls {
    files: Arc<TlsFiles>,
    provider: Arc<CryptoProvider>,
    shown: Arc<Shown>,
    acceptor: TlsAcceptor,
}

/// The certificate in force.
struct Shown(RwLock<Pair>);

impl TlsFiles {
    /// Whether both can be used together.
    pub fn check(&self) -> Result<(), TlsError> {
        self.read(&ring::default_provider(), None).map(drop)
    }

    /// What both files hold; `None` where that is what is `known` already.
    fn read(&self, provider: &CryptoProvider, known: Option<[u8; 32]>) -> Result<Option<Pair>, TlsError> {
        let certificate = bytes(&self.certificate).map_err(TlsError::Certificate)?;
        let key = bytes(&self.key).map_err(TlsError::Key)?;
        let digest = digest(&certificate, &key);
        if known == Some(digest) {
            return Ok(None);
        }
        let in_certificate = |why: &dyn fmt::Display| {
            TlsError::Certificate(format!(
                "{}: expected certificates (PEM): {why}",
                self.certificate.display()
            ))
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&certificate)
            .collect::<Result<_, _>>()
            .map_err(|error| in_certificate(&error))?;
        if chain.is_empty() {
            return Err(in_certificate(&"there is none"));
        }
        let of_key = |why: &str| TlsError::Key(format!("{}: {why}", self.key.display()));
        // Not with the reader's own words, which may tell of what is there.
        let key = PrivateKeyDer::from_pem_slice(&key).map_err(|_| of_key("expected a secret key (PEM)"))?;
        let key = provider.key_provider.load_private_key(key).map_err(|_| {
            of_key("expected a key that can sign: ECDSA, Ed25519, or RSA of at least 2048 bits")
        })?;
        let pair = CertifiedKey::new(chain, key);
        pair.keys_match().map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                of_key(&format!("expected the key of the certificate in {}", self.certificate.display()))
            }
            error => in_certificate(&error),
        })?;
        let own = pair.end_entity_cert().map_err(|error| in_certificate(&error))?;
        let expires_at = expires_at(own).ok_or_else(|| in_certificate(&"it says no end"))?;
        Ok(Some(Pair { shown: Arc::new(pair), expires_at, digest }))
    }
}

impl Tls {
    /// Reads the files.
    pub fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let unusable = |error: &dyn fmt::Display| TlsError::Library(error.to_string());
        let pair = files.read(&provider, None)?.ok_or_else(|| unusable(&"no certificate"))?;
        let shown = Arc::new(Shown(RwLock::new(pair)));
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(&error))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { files: Arc::new(files), provider, shown, acceptor })
    }

    /// Reads the files again, and shows what they hold from the next connection on. Tells whether that is something else
    /// than before. May wait for the disk.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let known = self.shown.0.read().unwrap_or_else(PoisonError::into_inner).digest;
        let Some(pair) = self.files.read(&self.provider, Some(known))? else { return Ok(false) };
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = pair;
        Ok(true)
    }

    /// Until when the certificate holds that is shown.
    pub fn expires_at(&self) -> Timestamp {
        self.shown.0.read().unwrap_or_else(PoisonError::into_inner).expires_at
    }

    /// What takes connections.
    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let pair = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&pair.shown))
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shown")
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

/// The end of a certificate's validity.
fn expires_at(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let seconds = u64::try_from(certificate.validity().not_after.timestamp()).unwrap_or_default();
    Some(Timestamp(seconds.saturating_mul(SECOND_MS)))
}

fn bytes(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    fs::read(file).map(Zeroizing::new).map_err(|error| format!("{}: cannot be read: {error}", file.display()))
}

/// One for both, so that neither can change without it.
fn digest(certificate: &[u8], key: &[u8]) -> [u8; 32] {
    let length = u64::try_from(certificate.len()).unwrap_or(u64::MAX);
    Sha256::new()
        .chain_update(length.to_be_bytes())
        .chain_update(certificate)
        .chain_update(key)
        .finalize()
        .into()
}
