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
        if address.is_loopback() {
            return None;
        }
        Some(Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(whole) => {
                IpAddr::V6(Ipv6Addr::from_bits(whole.to_bits() & (u128::MAX << 64)))
            }
        }))
    }
}

/// The client's address: the last one on the way that is not a trusted proxy. What lies before that is
/// the client's own word.
pub fn client_address<'a>(
    connected: IpAddr,
    forwarded_for: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[IpNet],
) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut nearest = connected.to_canonical();
    if !is_trusted(nearest) {
        return nearest;
    }
    let hops = forwarded_for.flat_map(|header| header.split(','));
    for hop in hops.rev() {
        let Some(address) = parse(hop.trim()) else {
            return nearest;
        };
        nearest = address;
        if !is_trusted(nearest) {
            break;
        }
    }
    nearest
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

    fn client(connected: &str, forwarded_for: &[&str]) -> String {
        let trusted = ["127.0.0.0/8", "10.0.0.0/8"].map(|net| net.parse().unwrap());
        let connected = connected.parse().unwrap();
        client_address(connected, forwarded_for.iter().copied(), &trusted).to_string()
    }

    #[test]
    fn only_proxies_that_are_trusted_are_believed() {
        assert_eq!(client("203.0.113.1", &["198.51.100.9"]), "203.0.113.1");
        assert_eq!(client("127.0.0.1", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(
            client("::ffff:127.0.0.1", &["198.51.100.9"]),
            "198.51.100.9"
        );
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
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
        assert_eq!(client("127.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(client("127.0.0.1", &["2001:db8::7"]), "2001:db8::7");
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
