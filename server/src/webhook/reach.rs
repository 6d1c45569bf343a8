//! Where messages may go whose addresses others choose: to the public network, and never into the operator's own.
//!
//! An address is looked at when it is registered, and what its name leads to each time that a message is sent: of what the name
//! service answers, exactly what was looked at is connected to, so nobody can answer otherwise in between. Redirects are not followed,
//! and no proxy is used, which would look names up by itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use dripline_shared::api::operate::webhooks::WEBHOOK_URL_MAX;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use super::receiver::{Receiver, config};

/// What is expected of an address.
const EXPECTED: &str = "an address by https of at most 500 visible ASCII characters, without a user or a fragment, that leads to the \
                        public network";

/// Where messages may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the public network, by https.
    Public,
    /// There, and to this machine itself, also without encryption: for trying out.
    PublicOrLoopback,
}

impl Reach {
    fn admits(self, address: IpAddr) -> bool {
        is_public(address) || (self == Self::PublicOrLoopback && address.is_loopback())
    }

    /// Checks an address as somebody writes it. What was expected otherwise.
    pub(crate) fn check(self, url: &str) -> Result<(), &'static str> {
        let is_text = url.len() <= WEBHOOK_URL_MAX && url.bytes().all(|byte| byte.is_ascii_graphic());
        let uri =
            url.parse::<Uri>().ok().filter(|_| is_text && !url.contains(['#', '\\'])).ok_or(EXPECTED)?;
        let authority = uri.authority().filter(|it| !it.as_str().contains('@')).ok_or(EXPECTED)?;
        let host = authority.host().to_ascii_lowercase();
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let is_local_name = host == "localhost" || host.ends_with(".localhost");
        let (is_here, is_admitted) = match host.parse::<IpAddr>() {
            Ok(address) => (address.is_loopback(), self.admits(address)),
            Err(_) => (is_local_name, !host.is_empty() && (!is_local_name || self == Self::PublicOrLoopback)),
        };
        let is_safe = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => is_here && self == Self::PublicOrLoopback,
            _ => false,
        };
        if is_safe && is_admitted { Ok(()) } else { Err(EXPECTED) }
    }
}

/// Whether an address is one of the public network, by the registries of addresses for special purposes (IANA; RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast();
    let is_reserved = match address.octets() {
        // This network; of carriers (RFC 6598); of protocols; the relays of 6to4; of benchmarks; reserved, and everybody.
        [0 | 240..=255, ..]
        | [100, 64..=127, ..]
        | [192, 0, 0, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..] => true,
        _ => false,
    };
    !is_special && !is_reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Addresses of IPv4 behind a translator (RFC 6052).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Of protocols, with those that have addresses of IPv4 in them; of documentation; 6to4, which has such, too.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // All that is given out is here.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

/// Looks names up, and refuses what leads elsewhere: also where only one of several addresses does.
#[derive(Debug)]
struct Guard {
    names: DefaultResolver,
    reach: Reach,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        if found.iter().all(|address| self.reach.admits(address.ip())) {
            Ok(found)
        } else {
            Err(Error::Other("its name does not lead to the public network".into()))
        }
    }
}

/// Sends messages to where they may go.
#[derive(Debug)]
pub(crate) struct Reachable {
    agent: Agent,
    reach: Reach,
}

impl Reachable {
    /// One that waits so long for an answer.
    pub(crate) fn new(reach: Reach, timeout: Duration) -> Self {
        let config = config(timeout).proxy(None).build();
        let guard = Guard { names: DefaultResolver::default(), reach };
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), guard), reach }
    }

    /// Where messages may go.
    pub(crate) fn reach(&self) -> Reach {
        self.reach
    }

    /// The receiver at this address.
    pub(crate) fn receiver(&self, url: &str) -> Result<Receiver, String> {
        self.reach.check(url).map_err(|expected| format!("expected {expected}"))?;
        Ok(Receiver::by(&self.agent, url))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;
    use crate::payout::rpc::server::Server;
    use crate::webhook::{Attempt, Status};

    const ATTEMPT: Attempt<'_> = Attempt { id: "msg_1", seconds: 1, signatures: "v1,AA==", body: b"{}" };

    #[test]
    fn addresses_of_the_operators_own_network_are_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.7",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.7",
            "::ffff:127.0.0.1",
            "::ffff:93.184.216.34",
            "::127.0.0.1",
            "64:ff9b::10.0.0.7",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "64:ff9b::1.1.1.1",
            "2001:200::1",
            "2606:4700:4700::1111",
            "2a00:1450:4001:800::200e",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn messages_go_by_https_and_only_for_trying_out_to_this_machine() {
        for (url, is_public, is_for_trials) in [
            ("https://shop.example/hooks?key=1", true, true),
            ("https://shop.example:8443", true, true),
            ("https://1.1.1.1/hook", true, true),
            ("https://[2606:4700::1]/hook", true, true),
            ("https://localhost/hook", false, true),
            ("https://a.localhost./hook", false, true),
            ("https://127.0.0.1/hook", false, true),
            ("http://127.0.0.1:3000/hook", false, true),
            ("http://[::1]:3000/hook", false, true),
            ("http://localhost:3000", false, true),
            ("http://shop.example/hook", false, false),
            ("http://1.1.1.1/hook", false, false),
            ("https://10.0.0.7/hook", false, false),
            ("https://169.254.169.254/latest/meta-data", false, false),
            ("https://[::ffff:10.0.0.7]/hook", false, false),
            ("https://[fd00::1]/hook", false, false),
            ("https://0.0.0.0/", false, false),
            ("https://user@shop.example/", false, false),
            ("https://127.0.0.1@shop.example/", false, false),
            ("https://shop.example/#part", false, false),
            ("https://shop.example\\@10.0.0.7/", false, false),
            ("https://", false, false),
            ("https://a b", false, false),
            ("ftp://shop.example/", false, false),
            ("shop.example", false, false),
            ("/hook", false, false),
            ("", false, false),
        ] {
            assert_eq!(Reach::Public.check(url).is_ok(), is_public, "{url}");
            assert_eq!(Reach::PublicOrLoopback.check(url).is_ok(), is_for_trials, "{url}");
        }
        let long = format!("https://shop.example/{}", "x".repeat(WEBHOOK_URL_MAX));
        assert!(Reach::Public.check(&long).is_err());
    }

    #[test]
    fn what_a_name_leads_to_is_looked_at_when_a_message_is_sent() {
        let server = Server::answering("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
        let port = server.url.trim_end_matches('/').split(':').nth(2).and_then(|rest| rest.split('/').next());
        let url = format!("http://localhost:{}/hook", port.unwrap());
        let timeout = Duration::from_secs(20);
        let open = Reachable::new(Reach::PublicOrLoopback, timeout);
        let answer = open.receiver(&url).unwrap().tell(ATTEMPT);
        assert_eq!(answer, Ok(Status { status: 204, retry_after: None }));
        assert_eq!(server.requests(), 1);
        // As if the name had passed for a public one when it was registered.
        let guarded = Reachable::new(Reach::Public, timeout);
        assert!(guarded.receiver(&url).is_err());
        let error = Receiver::by(&guarded.agent, &url).tell(ATTEMPT).unwrap_err();
        assert!(error.contains("does not lead to the public network"), "{error}");
        assert_eq!(server.requests(), 1);
    }

    /// Answers with one header after the other, for as long as somebody listens.
    fn trickling() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
            let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while sent.is_ok() {
                // What comes is read, and then nothing comes for a moment.
                match stream.read(&mut [0; 4_096]) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(_) => sent = stream.write_all(b"x: y\r\n"),
                }
            }
        });
        url
    }

    #[test]
    fn an_answer_whose_beginning_never_ends_is_none() {
        let reachable =
            |timeout_ms| Reachable::new(Reach::PublicOrLoopback, Duration::from_millis(timeout_ms));
        let tell = |url: &str, timeout_ms| reachable(timeout_ms).receiver(url).unwrap().tell(ATTEMPT);
        let error = tell(&trickling(), 300).unwrap_err();
        assert!(error.contains("timeout"), "{error}");
        let long = Server::answering("HTTP/1.1 200 OK\r\n".to_owned() + &"x: y\r\n".repeat(100_000));
        assert!(tell(&long.url, 20_000).is_err());
        let on_and_on = Server::answering("HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000));
        assert!(tell(&on_and_on.url, 20_000).is_err());
    }

    #[test]
    fn a_redirect_is_not_followed_and_an_endless_answer_is_not_read() {
        let other = Server::json("{}");
        let head = format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {}\r\n", other.url);
        let redirecting = Server::answering(head + "connection: close\r\ncontent-length: 0\r\n\r\n");
        let endless =
            Server::answering(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(300_000)));
        let reachable = Reachable::new(Reach::PublicOrLoopback, Duration::from_secs(20));
        let tell = |server: &Server| reachable.receiver(&server.url).unwrap().tell(ATTEMPT).unwrap().status;
        assert_eq!((tell(&redirecting), tell(&endless)), (307, 200));
        assert_eq!(other.requests(), 0);
    }
}
