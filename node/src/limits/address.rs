//! From which address a request comes, as far as the operator's own proxies can be believed.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// An address that limits count for: a whole /64 network of IPv6, since everybody has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The address as limits see it; nothing for this machine's own.
    pub fn of(address: IpAddr) -> Option<Self> {
        let address = address.to_canonical();
        (!address.is_loopback()).then(|| Self::named(address))
    }

    /// The same for any address.
    fn named(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(whole) => {
                IpAddr::V6(Ipv6Addr::from_bits(whole.to_bits() & (u128::MAX << 64)))
            }
        })
    }
}

/// The client's address: the last one on the way that is not a trusted proxy. What lies before that is
/// the client's own word, whatever its bytes are. A proxy that passes something on and names nobody counts
/// itself, even on this machine: otherwise there would be no limit for what comes through it. Where a node `is_public`, what comes
/// from this machine comes from such a proxy, a tunnel or an onion service; else from whoever works here, who has no limit.
pub fn client_address<'a>(
    connected: IpAddr,
    forwarded_for: impl DoubleEndedIterator<Item = &'a [u8]>,
    trusted: &[IpNet],
    is_public: bool,
) -> Option<ClientAddress> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut nearest = connected.to_canonical();
    if !is_trusted(nearest) {
        return ClientAddress::of(nearest);
    }
    let hops = forwarded_for.flat_map(|header| header.split(|byte| *byte == b','));
    for hop in hops.rev() {
        let named = std::str::from_utf8(hop).ok();
        let Some(address) = named.and_then(|hop| parse(hop.trim())) else {
            return Some(ClientAddress::named(nearest));
        };
        nearest = address;
        if !is_trusted(nearest) {
            break;
        }
    }
    if is_public {
        return Some(ClientAddress::named(nearest));
    }
    ClientAddress::of(nearest)
}

/// Some proxies add a port.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').split(']').next().unwrap_or(hop);
    let address = bare.parse::<IpAddr>().ok().or_else(|| {
        hop.parse::<std::net::SocketAddr>()
            .ok()
            .map(|with_port| with_port.ip())
    })?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(connected: &str, forwarded_for: &[&[u8]]) -> Option<ClientAddress> {
        let trusted = ["127.0.0.0/8", "10.0.0.0/8"].map(|net| net.parse().unwrap());
        let connected = connected.parse().unwrap();
        client_address(connected, forwarded_for.iter().copied(), &trusted, false)
    }

    #[test]
    fn a_tunnel_that_names_nobody_counts_itself_on_a_public_node() {
        let trusted = ["127.0.0.0/8".parse().unwrap()];
        let tunnel = "127.0.0.1".parse().unwrap();
        let seen = |named: &[&[u8]]| client_address(tunnel, named.iter().copied(), &trusted, true);
        assert_eq!(seen(&[]), Some(ClientAddress::named(tunnel)));
        let named = "198.51.100.9".parse().unwrap();
        assert_eq!(seen(&[b"198.51.100.9"]), Some(ClientAddress::named(named)));
    }

    fn client(connected: &str, forwarded_for: &[&str]) -> String {
        let bytes: Vec<&[u8]> = forwarded_for.iter().map(|text| text.as_bytes()).collect();
        match seen(connected, &bytes) {
            Some(ClientAddress(address)) => address.to_string(),
            None => "nobody".to_owned(),
        }
    }

    /// A header that cannot be read whole was left out whole, and the client was taken for this machine.
    #[test]
    fn a_client_that_puts_strange_bytes_before_its_address_is_limited_all_the_same() {
        let whose = |bytes: &[u8]| seen("127.0.0.1", &[bytes]).map(|address| address.0.to_string());
        let theirs = Some("198.51.100.9".to_owned());
        assert_eq!(whose(b"\x80, 198.51.100.9"), theirs);
        assert_eq!(whose(b"\xff\xfe,,, 198.51.100.9"), theirs);
        let proxy = Some("127.0.0.1".to_owned());
        assert_eq!(whose(b"198.51.100.9, \x80"), proxy);
        assert_eq!(whose(b""), proxy);
        assert_eq!(whose(b"unknown"), proxy);
    }

    #[test]
    fn only_proxies_that_are_trusted_are_believed() {
        assert_eq!(client("203.0.113.1", &["198.51.100.9"]), "203.0.113.1");
        assert_eq!(client("127.0.0.1", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(
            client("::ffff:127.0.0.1", &["198.51.100.9"]),
            "198.51.100.9"
        );
        assert_eq!(client("127.0.0.1", &[]), "nobody");
    }

    #[test]
    fn an_address_that_the_client_made_up_is_not_believed() {
        let forged = ["1.1.1.1, 198.51.100.9"];
        assert_eq!(client("127.0.0.1", &forged), "198.51.100.9");
        let two_proxies = ["1.1.1.1, 198.51.100.9", "10.0.0.2"];
        assert_eq!(client("127.0.0.1", &two_proxies), "198.51.100.9");
        assert_eq!(
            client("127.0.0.1", &["198.51.100.9, nonsense"]),
            "127.0.0.1"
        );
    }

    #[test]
    fn ports_and_brackets_are_read() {
        assert_eq!(client("127.0.0.1", &["198.51.100.9:4711"]), "198.51.100.9");
        assert_eq!(client("127.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::");
        assert_eq!(client("127.0.0.1", &["2001:db8::7"]), "2001:db8::");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let of = |text: &str| ClientAddress::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:203.0.113.1"), of("203.0.113.1"));
        assert_eq!(of("::1"), None);
        assert_eq!(of("127.0.0.9"), None);
    }
}
