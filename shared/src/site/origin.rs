//! Origins as browsers write them: what a site's pages are told by is compared letter for letter, so nothing else may be registered.

use std::net::Ipv4Addr;

/// The longest host, in characters (RFC 1035, section 2.3.4, as a text without its last dot).
const HOST_MAX: usize = 253;
/// The longest part of a host between dots.
const LABEL_MAX: usize = 63;

/// Whether a text is an origin of pages as browsers send it (HTML, "serialization of an origin"): a scheme, a host in lower case and
/// in ASCII (other letters as `xn--`), and a port where it is not that of the scheme; no path, no slash at the end, no `*`. Without
/// encryption only this machine can be meant: `localhost`, names below it, and the addresses of loopback. Addresses of IPv6 are none
/// here: a content security policy cannot name them (CSP 3, section 2.3.1), so no frame would ever be shown.
pub fn is_origin(text: &str) -> bool {
    let (rest, default_port, is_encrypted) =
        match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (rest, "443", true),
            (None, Some(rest)) => (rest, "80", false),
            (None, None) => return false,
        };
    let (host, port) = rest.split_at(rest.find(':').unwrap_or(rest.len()));
    let has_port =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| is_port(port) && port != default_port);
    has_port && (is_name(host) || is_v4(host)) && (is_encrypted || is_this_machine(host))
}

/// Whether that is a port as browsers write it: 1 to 65535, without zeros before it.
fn is_port(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits && !text.starts_with('0') && text.parse::<u16>().is_ok()
}

/// Whether a host without encryption can be meant: this machine.
fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// Whether that is an address of four numbers; those with zeros before them are none to Rust.
fn is_v4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

/// Whether that is a name in lower case. One whose last part is a number would be taken for an address (WHATWG URL, "ends in a
/// number").
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let letters =
            label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (1..=LABEL_MAX).contains(&label.len()) && letters && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_number = |label: &str| {
        let hexadecimal =
            label.strip_prefix("0x").map(|digits| digits.bytes().all(|it| it.is_ascii_hexdigit()));
        hexadecimal.unwrap_or_else(|| label.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= HOST_MAX && text.split('.').all(is_label) && !is_number(last)
}
