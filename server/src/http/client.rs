//! Who is at the other end: the client's address, which proxies may tell, and the network prefix that limits count by.
//!
//! A header is believed only when the peer that sent it is a proxy of the operator's, and only as far from the right
//! as addresses are proxies themselves: whatever a client wrote before the first proxy got it is never used.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// The header that tells a client the id of its request, to be named when asking the operator about it.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id of a request that a proxy may give, in bytes.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// Which header the operator's proxies write. Only that one is read, for a proxy passes the others on unchecked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: client, proxy`.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy` of RFC 7239.
    Forwarded,
}

/// How clients' addresses are found and grouped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clients {
    /// The networks of the operator's proxies.
    pub proxies: Vec<IpNet>,
    /// The header that they write.
    pub header: ForwardedHeader,
    /// Whether the ids are believed that they give requests, in `X-Request-Id`.
    pub believe_request_ids: bool,
    /// How many bits of an IPv4 address name a network, `8..=32`.
    pub prefix_v4: u8,
    /// How many bits of an IPv6 address name a network, `16..=64`.
    pub prefix_v6: u8,
}

impl Default for Clients {
    /// No proxies; networks of 256 IPv4 addresses, and of the 48 bits that one IPv6 customer has.
    fn default() -> Self {
        Self {
            proxies: Vec::new(),
            header: ForwardedHeader::default(),
            believe_request_ids: false,
            prefix_v4: 24,
            prefix_v6: 48,
        }
    }
}

/// The peer of a connection, as the listener knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// The client of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// The network that it is in.
    pub network: IpNet,
}

impl Clients {
    /// The client of a request that `peer` sent with these headers. Without a peer (a request that came over no
    /// network) the address is `0.0.0.0`.
    pub fn client(&self, peer: Option<Peer>, headers: &HeaderMap) -> Client {
        let peer =
            peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Peer(address)| address.ip()).to_canonical();
        let address = if self.is_proxy(peer) { self.forwarded(peer, headers) } else { peer };
        Client { address, network: self.network(address) }
    }

    /// The id that a proxy has given a request, where that is believed: 1 to 64 letters, digits, `-`, `_` and `.`, in the last
    /// of the headers, for the client's own may be before it.
    pub(super) fn request_id<'a>(&self, peer: Option<Peer>, headers: &'a HeaderMap) -> Option<&'a str> {
        let is_believed = self.believe_request_ids && self.is_proxy(peer?.0.ip().to_canonical());
        let told = headers.get_all(REQUEST_ID).iter().next_back().filter(|_| is_believed)?.to_str().ok()?;
        let is_of_id = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        ((1..=REQUEST_ID_BYTES_MAX).contains(&told.len()) && told.bytes().all(is_of_id)).then_some(told)
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(&address))
    }

    /// Walks from the nearest hop outwards until an address that is no proxy. A hop that is not an address (or hidden)
    /// ends the walk at the proxy that wrote it.
    fn forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer;
        for hop in self.hops(headers).into_iter().rev() {
            let Some(address) = hop else { return nearest };
            nearest = address;
            if !self.is_proxy(address) {
                return nearest;
            }
        }
        nearest
    }

    /// Every hop that the header tells, the farthest first; `None` for one that is not an address.
    fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let (name, read): (_, fn(&str) -> Option<IpAddr>) = match self.header {
            ForwardedHeader::XForwardedFor => (HeaderName::from_static("x-forwarded-for"), address_of),
            ForwardedHeader::Forwarded => (HeaderName::from_static("forwarded"), forwarded_for),
        };
        let mut hops = Vec::new();
        for value in headers.get_all(name) {
            match value.to_str() {
                Ok(text) => hops.extend(text.split(',').map(|element| read(element.trim()))),
                Err(_) => hops.push(None),
            }
        }
        hops
    }

    /// The network of an address.
    fn network(&self, address: IpAddr) -> IpNet {
        let bits = match address {
            IpAddr::V4(_) => self.prefix_v4,
            IpAddr::V6(_) => self.prefix_v6,
        };
        IpNet::new(address, bits).map_or_else(|_| IpNet::from(address), |network| network.trunc())
    }
}

/// Whom an address is counted as by what is counted per address: an IPv4 address as itself, an IPv6 address as the /64
/// that its host may pick any number of addresses from.
pub(super) fn counted_as(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(_) => IpNet::new(address, 64).map_or(address, |network| network.network()),
    }
}

/// The address in one element of `Forwarded`: the value of its `for`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then(|| address_of(value.trim_matches('"')))?
    })
}

/// An address, with or without a port: `192.0.2.7`, `192.0.2.7:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = bare
        .and_then(|inner| inner.parse().ok())
        .or_else(|| text.parse::<IpAddr>().ok())
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients(header: ForwardedHeader) -> Clients {
        let proxies = vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:ffff::/48".parse().unwrap()];
        Clients { proxies, header, ..Clients::default() }
    }

    fn seen(clients: &Clients, peer: &str, name: &'static str, values: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        let peer = Peer(SocketAddr::new(peer.parse().unwrap(), 4711));
        clients.client(Some(peer), &headers).address.to_string()
    }

    #[test]
    fn a_header_of_a_peer_that_is_no_proxy_is_not_believed() {
        let clients = clients(ForwardedHeader::XForwardedFor);
        assert_eq!(seen(&clients, "198.51.100.1", "x-forwarded-for", &["192.0.2.7"]), "198.51.100.1");
        assert_eq!(seen(&Clients::default(), "10.0.0.1", "x-forwarded-for", &["192.0.2.7"]), "10.0.0.1");
    }

    #[test]
    fn the_nearest_hop_that_is_no_proxy_is_the_client() {
        let clients = clients(ForwardedHeader::XForwardedFor);
        for (values, expected) in [
            (&["192.0.2.7"][..], "192.0.2.7"),
            (&["203.0.113.9, 192.0.2.7, 10.1.1.1"], "192.0.2.7"),
            (&["203.0.113.9", "192.0.2.7,10.1.1.1"], "192.0.2.7"),
            (&["10.9.9.9, 10.1.1.1"], "10.9.9.9"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["[2001:db8::1]:443, 192.0.2.7:55"], "192.0.2.7"),
            (&["::ffff:192.0.2.7"], "192.0.2.7"),
            (&["192.0.2.7, unknown"], "10.0.0.1"),
            (&["192.0.2.7, nonsense, 10.1.1.1"], "10.1.1.1"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(seen(&clients, "10.0.0.1", "x-forwarded-for", values), expected, "{values:?}");
        }
    }

    #[test]
    fn only_a_proxy_that_is_believed_about_it_gives_a_request_its_id() {
        let believing = Clients { believe_request_ids: true, ..clients(ForwardedHeader::XForwardedFor) };
        let id = |clients: &Clients, peer: &str, told: &[&str]| {
            let mut headers = HeaderMap::new();
            for told in told {
                headers.append("x-request-id", told.parse().unwrap());
            }
            let peer = Peer(SocketAddr::new(peer.parse().unwrap(), 1));
            clients.request_id(Some(peer), &headers).map(str::to_owned)
        };
        assert_eq!(id(&believing, "10.0.0.1", &["a-1_b.2"]).as_deref(), Some("a-1_b.2"));
        assert_eq!(
            id(&believing, "10.0.0.1", &["of-the-client", "of-the-proxy"]).as_deref(),
            Some("of-the-proxy")
        );
        assert_eq!(id(&believing, "198.51.100.1", &["a-1"]), None);
        assert_eq!(id(&clients(ForwardedHeader::XForwardedFor), "10.0.0.1", &["a-1"]), None);
        for wrong in ["", "a b", "a\"b", "a,b", &"a".repeat(65)] {
            assert_eq!(id(&believing, "10.0.0.1", &[wrong]), None, "{wrong}");
        }
        assert_eq!(id(&believing, "10.0.0.1", &[]), None);
        assert_eq!(believing.request_id(None, &HeaderMap::new()), None);
    }

    #[test]
    fn only_the_configured_header_is_read() {
        let clients = clients(ForwardedHeader::Forwarded);
        assert_eq!(seen(&clients, "10.0.0.1", "x-forwarded-for", &["192.0.2.7"]), "10.0.0.1");
        for (values, expected) in [
            (&["for=192.0.2.7;proto=https"][..], "192.0.2.7"),
            (&["by=10.0.0.2; For=\"[2001:db8::1]:443\""], "2001:db8::1"),
            (&["for=203.0.113.9, for=192.0.2.7, for=10.1.1.1"], "192.0.2.7"),
            (&["for=_hidden"], "10.0.0.1"),
            (&["proto=https"], "10.0.0.1"),
        ] {
            assert_eq!(seen(&clients, "10.0.0.1", "forwarded", values), expected, "{values:?}");
        }
    }

    #[test]
    fn neighbours_share_a_network_and_strangers_do_not() {
        let clients = Clients::default();
        let network = |address: &str| {
            let peer = Peer(SocketAddr::new(address.parse().unwrap(), 1));
            clients.client(Some(peer), &HeaderMap::new()).network.to_string()
        };
        assert_eq!(network("192.0.2.7"), "192.0.2.0/24");
        assert_eq!(network("192.0.2.255"), "192.0.2.0/24");
        assert_eq!(network("2001:db8:1:2::3"), "2001:db8:1::/48");
        assert_eq!(network("::ffff:192.0.2.9"), "192.0.2.0/24");
    }

    #[test]
    fn hosts_of_one_ipv6_link_are_counted_as_one() {
        let key = |address: &str| counted_as(address.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("192.0.2.7"), key("192.0.2.8"));
    }
}
