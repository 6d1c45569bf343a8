//! Encrypted connections: who gets which certificate, what is refused, and how long a handshake may take.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use dripline_server::http::{Serving, Tls, TlsError, TlsFiles};
use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd, generate_simple_self_signed};
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::process::{Folder, dripline, run};
use crate::serving::{PATIENCE, Running, read_to_end, read_until};

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A certificate for `localhost`, which vouches for itself.
fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// Writes both to files of the folder.
fn write(folder: &Folder, certificate: &CertifiedKey<KeyPair>) -> TlsFiles {
    TlsFiles {
        certificate: folder.file("certificate.pem", &certificate.cert.pem()),
        key: folder.file("key.pem", &certificate.signing_key.serialize_pem()),
    }
}

/// A client that trusts this certificate alone, and speaks these protocols.
fn connector(trusted: &CertifiedKey<KeyPair>, protocols: &[&str]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.cert.der().clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    // Each connection shakes hands in full: what it is shown is what is tested.
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

async fn shake(
    running: &Running,
    trusted: &CertifiedKey<KeyPair>,
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from("localhost").unwrap();
    let shaken = connector(trusted, protocols).connect(name, running.connect().await);
    timeout(PATIENCE, shaken).await.expect("the server answers a handshake")
}

async fn answers(stream: &mut TlsStream<TcpStream>) {
    stream.write_all(REQUEST).await.unwrap();
    assert!(read_until(stream, "ok\n").await.starts_with("HTTP/1.1 200 "));
}

/// A certificate that ends at the beginning of this year.
fn ending(year: i32) -> CertifiedKey<KeyPair> {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_after = date_time_ymd(year, 1, 1);
    let signing_key = KeyPair::generate().unwrap();
    CertifiedKey { cert: params.self_signed(&signing_key).unwrap(), signing_key }
}

#[test]
fn until_when_a_certificate_holds_is_known_also_once_it_is_renewed() {
    let folder = Folder::new("tls-expires");
    let tls = Tls::open(write(&folder, &ending(2030))).unwrap();
    assert_eq!(tls.expires_at().to_string(), "2030-01-01T00:00:00.000Z");
    write(&folder, &ending(2031));
    tls.reload().unwrap();
    assert_eq!(tls.expires_at().to_string(), "2031-01-01T00:00:00.000Z");
}

fn shown(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_shown_to_new_connections_and_the_old_ones_go_on() {
    let folder = Folder::new("tls-reload");
    let (first, second) = (certificate(), certificate());
    let tls = Tls::open(write(&folder, &first)).unwrap();
    let mut running = Running::start(Serving { tls: Some(tls.clone()), ..Serving::default() }, |_| ()).await;
    let mut old = shake(&running, &first, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(old.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    answers(&mut old).await;
    assert_eq!(tls.reload(), Ok(false), "nothing has changed");
    assert!(shake(&running, &second, &[]).await.is_err(), "not in force yet");

    write(&folder, &second);
    assert_eq!(tls.reload(), Ok(true));
    let mut new = shake(&running, &second, &[]).await.unwrap();
    answers(&mut new).await;
    answers(&mut old).await;
    assert_eq!(shown(&new), *second.cert.der());
    assert!(shake(&running, &first, &[]).await.is_err());
    running.stop();
    timeout(PATIENCE, running.task).await.expect("serving ends").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_that_cannot_be_used_is_refused_and_the_one_before_stays() {
    let folder = Folder::new("tls-refused");
    let (first, second) = (certificate(), certificate());
    let files = write(&folder, &first);
    let tls = Tls::open(files.clone()).unwrap();
    let running = Running::start(Serving { tls: Some(tls.clone()), ..Serving::default() }, |_| ()).await;
    let key = second.signing_key.serialize_pem();
    let secret = key.lines().nth(1).unwrap();
    for (certificate, key, expected) in [
        (first.cert.pem(), key.clone(), "expected the key of the certificate in"),
        (second.cert.pem(), first.signing_key.serialize_pem(), "expected the key of the certificate in"),
        (String::new(), key.clone(), "certificate.pem: expected certificates (PEM)"),
        (key.clone(), key.clone(), "certificate.pem: expected certificates (PEM)"),
        (second.cert.pem(), second.cert.pem(), "key.pem: expected a secret key (PEM)"),
        (second.cert.pem(), key.replace(secret, &secret[..9]), "key.pem: expected a "),
        (
            second.cert.pem().replace("MII", "AAA"),
            key.clone(),
            "certificate.pem: expected certificates (PEM)",
        ),
    ] {
        fs::write(&files.certificate, certificate).unwrap();
        fs::write(&files.key, key).unwrap();
        let told = tls.reload().unwrap_err().to_string();
        assert!(told.contains(expected), "{expected}: {told}");
        assert!(!told.contains(&secret[..9]), "{told}");
        assert_eq!(files.check().unwrap_err(), tls.reload().unwrap_err(), "and again");
    }
    fs::remove_file(&files.key).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Key(why)) if why.contains("cannot be read")));
    answers(&mut shake(&running, &first, &[]).await.unwrap()).await;
    assert!(Tls::open(files).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_is_not_finished_takes_a_slot_and_ends_in_time() {
    let folder = Folder::new("tls-stalled");
    let certificate = certificate();
    let tls = Some(Tls::open(write(&folder, &certificate)).unwrap());
    let header_timeout = Duration::from_millis(200);
    let serving = Serving { tls, header_timeout, connections_max: 2, ..Serving::default() };
    let running = Running::start(serving, |_| ()).await;
    let mut silent = running.connect().await;
    let mut slow = running.connect().await;
    slow.write_all(b"\x16\x03\x01").await.unwrap();
    running.until_connections(2).await;
    // Both slots are taken: this one is served once they are free again.
    answers(&mut shake(&running, &certificate, &[]).await.unwrap()).await;
    for stream in [&mut silent, &mut slow] {
        let (read, _) = read_to_end(stream).await;
        assert!(read.is_empty(), "{read:?}");
    }
    running.until_connections(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_in_progress_does_not_hold_up_the_end() {
    let folder = Folder::new("tls-end");
    let tls = Some(Tls::open(write(&folder, &certificate())).unwrap());
    let forever = Duration::from_hours(1);
    let serving = Serving { tls, header_timeout: forever, shutdown_grace: forever, ..Serving::default() };
    let mut running = Running::start(serving, |_| ()).await;
    let mut silent = running.connect().await;
    running.until_connections(1).await;
    running.stop();
    timeout(PATIENCE, running.task).await.expect("serving ends").unwrap();
    assert!(read_to_end(&mut silent).await.0.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_tls_or_speaks_another_protocol_gets_no_answer_and_breaks_nothing() {
    let folder = Folder::new("tls-hostile");
    let certificate = certificate();
    let tls = Some(Tls::open(write(&folder, &certificate)).unwrap());
    let running = Running::start(Serving { tls, ..Serving::default() }, |_| ()).await;
    let mut plain = running.connect().await;
    plain.write_all(REQUEST).await.unwrap();
    let (read, _) = read_to_end(&mut plain).await;
    assert!(!String::from_utf8_lossy(&read).contains("HTTP"), "{read:?}");
    assert!(shake(&running, &certificate, &["h2"]).await.is_err());
    answers(&mut shake(&running, &certificate, &[]).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_came_encrypted_is_told_to_come_so_again() {
    let folder = Folder::new("tls-strict");
    let certificate = certificate();
    let tls = Some(Tls::open(write(&folder, &certificate)).unwrap());
    let encrypted = Running::start(Serving { tls, ..Serving::default() }, |_| ()).await;
    let plain = Running::start(Serving::default(), |_| ()).await;
    let request = |host: &str| format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let told = "strict-transport-security: max-age=31536000\r\n";
    let mut stream = shake(&encrypted, &certificate, &[]).await.unwrap();
    for (host, expected) in [("play.example", true), ("localhost:8443", false)] {
        stream.write_all(request(host).as_bytes()).await.unwrap();
        assert_eq!(read_until(&mut stream, "ok\n").await.contains(told), expected, "{host}");
    }
    let mut stream = plain.connect().await;
    stream.write_all(request("play.example").as_bytes()).await.unwrap();
    assert!(!read_until(&mut stream, "ok\n").await.contains("strict-transport"));
}

#[test]
fn a_server_with_a_certificate_says_so_and_reads_a_renewed_one() {
    let folder = Folder::new("tls-process");
    let files = write(&folder, &certificate());
    let file = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let config = format!(
        "[tls]\ncertificate_file = '{}'\nkey_file = '{}'\n",
        file(&files.certificate),
        file(&files.key)
    );
    let config = file(&folder.file("dripline.toml", &config));
    assert_eq!(run(&["check-config", &config]).0, 0);
    assert_eq!(run(&["health", "--config", &config, "--listen", "127.0.0.1:0"]).0, 2);
    let data = file(&folder.0.join("data"));
    let mut child = dripline(&["serve", "--config", &config, "--listen", "127.0.0.1:0", "--data", &data])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on https://127.0.0.1:"), "{line}");
    let address = line.trim().strip_prefix("listening on https://").unwrap().to_owned();
    let health = || run(&["health", "--config", &config, "--listen", &address]);
    assert_eq!(health(), (0, "ready\n".to_owned(), String::new()));
    let id = child.id().to_string();
    let tell = |signal: &str| {
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    };
    let mut heard = |what: &str| {
        let mut lines = String::new();
        while !lines.contains(what) {
            assert_ne!(log.read_line(&mut lines).unwrap(), 0, "the log ends without {what:?}: {lines}");
        }
    };
    let renewed = certificate();
    write(&folder, &renewed);
    tell("-HUP");
    heard("the certificate was replaced");
    fs::write(&files.key, certificate().signing_key.serialize_pem()).unwrap();
    tell("-HUP");
    heard("the new certificate cannot be used");
    let (code, _, told) = run(&["check-config", &config]);
    assert_eq!(code, 2);
    assert!(
        told.contains("dripline.toml:3: tls.key_file: expected what it names to be there and right"),
        "{told}"
    );
    tell("-TERM");
    assert!(child.wait().unwrap().success());
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("ended in order"), "{rest}");
    assert_eq!(health().0, 1, "it is gone");
}

#[test]
fn a_server_does_not_speak_plain_http_to_others_unless_that_is_meant() {
    let folder = Folder::new("tls-exposed");
    let data = folder.0.join("data");
    let data = data.to_str().unwrap();
    let config = folder.file("dripline.toml", "[server]\nlisten = '0.0.0.0:0'\n");
    let config = config.to_str().unwrap();
    for arguments in [
        &["serve", "--config", config, "--data", data][..],
        &["serve", "--listen", "192.0.2.1:0", "--data", data],
        &["serve", "--listen", "[::]:0", "--data", data],
        &["check-config", config],
    ] {
        let (code, _, told) = run(arguments);
        assert_eq!(code, 2, "{arguments:?}: {told}");
        assert!(told.contains("server.listen: expected an address of this machine alone"), "{told}");
        assert_eq!(told.contains("dripline.toml: "), arguments.contains(&config), "{told}");
    }
    assert!(!folder.0.join("data").exists(), "nothing was begun");
    // What is not a problem: the command line takes it back.
    let mut serving = dripline(&["serve", "--config", config, "--listen", "127.0.0.1:0", "--data", data]);
    let mut child = serving.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
}
