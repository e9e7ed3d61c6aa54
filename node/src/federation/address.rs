//! Which addresses this node connects to. Others name the destinations, so an unchecked connection
//! would let them reach into the operator's own network.
//!
//! The check happens where names become addresses, and the connection goes to exactly the addresses
//! that passed: a name that answers differently the second time gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::settings::FederationSettings;

/// Everything that is not the public Internet (IANA special-purpose registries).
const REFUSED_V4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // carrier-grade translation
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, and the clouds' metadata services
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 3),     // multicast, reserved, broadcast
];

/// Only 2000::/3 is the public Internet; these parts of it are not, or carry an IPv4 address.
const REFUSED_V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

const PUBLIC_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Whether loopback and private networks may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateNetworks {
    /// They may: the operator said so.
    Allowed,
    /// They may not.
    Refused,
}

impl PrivateNetworks {
    /// As the operator set it.
    pub fn of(settings: &FederationSettings) -> Self {
        if settings.allow_private_networks {
            Self::Allowed
        } else {
            Self::Refused
        }
    }

    /// Whether a connection to this address is permitted.
    pub fn permit(self, address: IpAddr) -> bool {
        self == Self::Allowed || is_public(address)
    }
}

/// Whether the address belongs to the public Internet.
pub fn is_public(address: IpAddr) -> bool {
    let is_in =
        |net: Result<IpNet, ipnet::PrefixLenError>| net.is_ok_and(|net| net.contains(&address));
    match address {
        IpAddr::V4(_) => !REFUSED_V4
            .iter()
            .any(|(net, bits)| is_in(Ipv4Net::new(*net, *bits).map(IpNet::V4))),
        IpAddr::V6(_) => {
            let (net, bits) = PUBLIC_V6;
            is_in(Ipv6Net::new(net, bits).map(IpNet::V6))
                && !REFUSED_V6
                    .iter()
                    .any(|(net, bits)| is_in(Ipv6Net::new(*net, *bits).map(IpNet::V6)))
        }
    }
}

/// The name leads to no address that may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name leads to addresses of private networks only")]
pub struct OnlyPrivateAddresses;

/// Addresses of a name, on their way.
pub type Found = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// Where names become addresses.
pub trait Names: Send + Sync + 'static {
    /// The addresses that a name has now.
    fn addresses(&self, name: &str) -> Found;
}

/// The system's own way.
#[derive(Debug, Clone, Copy)]
pub struct SystemNames;

impl Names for SystemNames {
    fn addresses(&self, name: &str) -> Found {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Resolves names to the addresses that are permitted.
#[derive(Clone)]
pub struct CheckedResolver {
    rule: PrivateNetworks,
    names: Arc<dyn Names>,
}

impl CheckedResolver {
    /// Checks what these names are.
    pub fn new(rule: PrivateNetworks, names: Arc<dyn Names>) -> Self {
        Self { rule, names }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.rule;
        let found = self.names.addresses(name.as_str());
        Box::pin(async move {
            let found = found.await?.into_iter();
            let permitted: Vec<SocketAddr> = found
                .filter(|address| rule.permit(*address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if permitted.is_empty() {
                return Err(OnlyPrivateAddresses.into());
            }
            let addresses: Addrs = Box::new(permitted.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        let refused = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
        ];
        for address in refused {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        let public = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.0.0.1",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "2001:4860:4860::8888",
        ];
        for address in public {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_operator_may_allow_them() {
        let loopback = "127.0.0.1".parse().unwrap();
        assert!(PrivateNetworks::Allowed.permit(loopback));
        assert!(!PrivateNetworks::Refused.permit(loopback));
    }

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_name_of_this_machine_does_not_resolve() {
        let resolver = |rule| CheckedResolver::new(rule, Arc::new(SystemNames));
        let refused = resolver(PrivateNetworks::Refused);
        let refused = refused.resolve(name("localhost")).await;
        assert!(refused.is_err_and(|error| error.is::<OnlyPrivateAddresses>()));
        let allowed = resolver(PrivateNetworks::Allowed);
        let allowed = allowed.resolve(name("localhost")).await;
        assert!(allowed.is_ok_and(|mut found| found.all(|address| address.ip().is_loopback())));
    }

    /// A name whose owner answers otherwise each time (DNS rebinding), or with some of each.
    #[tokio::test]
    async fn each_answer_for_a_name_is_checked_anew() {
        struct Changing(std::sync::Mutex<Vec<&'static [&'static str]>>);

        impl Names for Changing {
            fn addresses(&self, _: &str) -> Found {
                let answer = self.0.lock().unwrap().remove(0);
                let found = answer.iter().map(|text| text.parse().unwrap()).collect();
                Box::pin(async move { Ok(found) })
            }
        }

        let answers: [&[&str]; 5] = [
            &["1.1.1.1"],
            &["127.0.0.1"],
            &[
                "10.0.0.1",
                "1.1.1.1",
                "::ffff:127.0.0.1",
                "2606:4700::1111",
                "169.254.169.254",
            ],
            &["::ffff:10.0.0.1", "64:ff9b::7f00:1", "0.0.0.0"],
            &[],
        ];
        let names = Arc::new(Changing(std::sync::Mutex::new(answers.to_vec())));
        let resolver = CheckedResolver::new(PrivateNetworks::Refused, names);
        let permitted: [&[&str]; 5] =
            [&["1.1.1.1"], &[], &["1.1.1.1", "2606:4700::1111"], &[], &[]];
        for expected in permitted {
            match resolver.resolve(name("peer.example")).await {
                Ok(found) => {
                    let found: Vec<String> =
                        found.map(|address| address.ip().to_string()).collect();
                    assert_eq!(found, expected);
                }
                Err(error) => {
                    assert!(error.is::<OnlyPrivateAddresses>());
                    assert!(expected.is_empty());
                }
            }
        }
    }
}
