//! A node's URL in its one permitted spelling: `https://host[:port]`, or `http://` where no
//! certificate can exist. Two different texts are therefore two different nodes.

use alloc::string::String;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest URL, in bytes.
pub const MAX_URL: usize = 200;

/// A node's base URL. Equality is equality of the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeUrl {
    text: String,
    is_https: bool,
    host: String,
    port: u16,
}

/// Why a text is not a node's URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NodeUrlError {
    /// Longer than [`MAX_URL`].
    #[error("longer than {MAX_URL} bytes")]
    TooLong,
    /// Neither `https://` nor `http://`, in lower case.
    #[error("must begin with https:// (or http:// on a private network)")]
    Scheme,
    /// The host is neither a lower-case name nor an address in its usual form.
    #[error("not a host name or address")]
    Host,
    /// Not a port, or the scheme's own one, which is left out.
    #[error("not a port that needs naming")]
    Port,
    /// A path, query, fragment or user name.
    #[error("only a scheme, a host and a port")]
    Extra,
    /// `http://` to a host of the public Internet.
    #[error("http:// is for loopback and private networks only")]
    Insecure,
}

impl NodeUrl {
    /// Parses the strict form of `docs/protocol.md` §4.
    ///
    /// # Errors
    /// [`NodeUrlError`] for any other spelling.
    pub fn parse(text: &str) -> Result<Self, NodeUrlError> {
        if text.len() > MAX_URL {
            return Err(NodeUrlError::TooLong);
        }
        let (is_https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(NodeUrlError::Scheme),
        };
        if rest.contains(['/', '?', '#', '@', '\\']) {
            return Err(NodeUrlError::Extra);
        }
        let (host, port) = split_port(rest)?;
        let default = if is_https { 443 } else { 80 };
        if port == Some(default) {
            return Err(NodeUrlError::Port);
        }
        let is_private = check_host(host)?;
        if !is_https && !is_private {
            return Err(NodeUrlError::Insecure);
        }
        Ok(Self {
            text: text.into(),
            is_https,
            host: host.into(),
            port: port.unwrap_or(default),
        })
    }

    /// The text, as it travels.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host: a name, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host as an address, when it is one.
    pub fn address(&self) -> Option<IpAddr> {
        parse_address(&self.host)
    }

    /// The port, the scheme's own one where none is written.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether the host is this machine by name or address.
    pub fn is_loopback(&self) -> bool {
        match self.address() {
            Some(address) => address.is_loopback(),
            None => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), NodeUrlError> {
    // A colon inside brackets belongs to an IPv6 address.
    let end_of_host = authority.rfind(']').unwrap_or(0);
    let Some(colon) = authority.rfind(':').filter(|colon| *colon > end_of_host) else {
        return Ok((authority, None));
    };
    let (host, port) = authority
        .split_at_checked(colon)
        .ok_or(NodeUrlError::Port)?;
    let digits = port.strip_prefix(':').ok_or(NodeUrlError::Port)?;
    let is_canonical = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if !is_canonical {
        return Err(NodeUrlError::Port);
    }
    let port = digits.parse().map_err(|_| NodeUrlError::Port)?;
    Ok((host, Some(port)))
}

fn parse_address(host: &str) -> Option<IpAddr> {
    match host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

/// Checks the host and says whether it is on this machine or a private network.
fn check_host(host: &str) -> Result<bool, NodeUrlError> {
    if host.starts_with('[') {
        let Some(IpAddr::V6(address)) = parse_address(host) else {
            return Err(NodeUrlError::Host);
        };
        if host != alloc::format!("[{address}]") {
            return Err(NodeUrlError::Host);
        }
        return Ok(address.is_loopback()
            || address.is_unique_local()
            || address.is_unicast_link_local());
    }
    if let Some(IpAddr::V4(address)) = parse_address(host) {
        return Ok(address.is_loopback() || address.is_private() || address.is_link_local());
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A last label of digits would be read as an IPv4 address by some and as a name by others; so
    // would a hexadecimal one.
    let last = host.rsplit('.').next().unwrap_or(host);
    let is_number =
        last.bytes().all(|b| b.is_ascii_digit()) || last.strip_prefix("0x").is_some_and(is_hex);
    if !host.split('.').all(is_label) || is_number {
        return Err(NodeUrlError::Host);
    }
    let private = [".localhost", ".local", ".internal", ".home.arpa"];
    Ok(!host.contains('.') || private.iter().any(|suffix| host.ends_with(suffix)))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

impl fmt::Display for NodeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for NodeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeUrl({})", self.text)
    }
}

impl core::str::FromStr for NodeUrl {
    type Err = NodeUrlError;
    fn from_str(text: &str) -> Result<Self, NodeUrlError> {
        Self::parse(text)
    }
}

impl Serialize for NodeUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for NodeUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<C> encode::Encode<C> for NodeUrl {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.text)?.ok()
    }
}

impl<'b, C> decode::Decode<'b, C> for NodeUrl {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Self::parse(d.str()?).map_err(decode::Error::message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_is_accepted() {
        for text in [
            "https://example.org",
            "https://a.b-c.example:8443",
            "https://xn--bcher-kva.example",
            "https://192.0.2.7:444",
            "https://[2001:db8::1]:8443",
            "https://localhost",
            "http://localhost:8008",
            "http://node-a.localhost:8008",
            "http://127.0.0.1:8008",
            "http://10.1.2.3",
            "http://192.168.0.9:81",
            "http://172.16.0.1",
            "http://[::1]:8008",
            "http://[fd00::1]",
            "http://[fe80::1]",
            "http://node-b:8008",
            "http://chat.home.arpa",
        ] {
            assert_eq!(
                NodeUrl::parse(text).map(|url| url.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn every_other_spelling_is_refused() {
        use NodeUrlError::{Extra, Host, Insecure, Port, Scheme, TooLong};
        for (text, error) in [
            ("", Scheme),
            ("example.org", Scheme),
            ("ftp://example.org", Scheme),
            ("HTTPS://example.org", Scheme),
            (" https://example.org", Scheme),
            ("https://example.org/", Extra),
            ("https://example.org/x", Extra),
            ("https://example.org?x", Extra),
            ("https://example.org#x", Extra),
            ("https://user@example.org", Extra),
            ("https://example.org\\x", Extra),
            ("https://", Host),
            ("https://Example.org", Host),
            ("https://exa mple.org", Host),
            ("https://example.org ", Host),
            ("https://example..org", Host),
            ("https://example.org.", Host),
            ("https://-a.example", Host),
            ("https://a_b.example", Host),
            ("https://bücher.example", Host),
            ("https://1.2.3", Host),
            ("https://01.2.3.4", Host),
            ("https://1.2.3.256", Host),
            ("https://2130706433", Host),
            ("https://127.0.0.0x1", Host),
            ("https://[2001:DB8::1]", Host),
            ("https://[2001:0db8::1]", Host),
            ("https://[::1", Host),
            ("https://[127.0.0.1]", Host),
            ("https://example.org:443", Port),
            ("http://localhost:80", Port),
            ("https://example.org:", Port),
            ("https://example.org:0", Port),
            ("https://example.org:08", Port),
            ("https://example.org:65536", Port),
            ("https://example.org:+1", Port),
            ("http://example.org", Insecure),
            ("http://192.0.2.1", Insecure),
            ("http://172.32.0.1", Insecure),
            ("http://[2001:db8::1]", Insecure),
            ("http://0.0.0.0", Insecure),
        ] {
            assert_eq!(NodeUrl::parse(text).map(|_| ()), Err(error), "{text}");
        }
        let long = format!("https://{}.example", "a".repeat(MAX_URL));
        assert_eq!(NodeUrl::parse(&long), Err(TooLong));
        let long_label = format!("https://{}.example", "a".repeat(64));
        assert_eq!(NodeUrl::parse(&long_label), Err(Host));
    }

    #[test]
    fn parts_are_as_written() {
        let url = NodeUrl::parse("http://[::1]:8008").unwrap();
        assert_eq!(
            (url.host(), url.port(), url.is_https()),
            ("[::1]", 8008, false)
        );
        assert!(url.is_loopback() && url.address().is_some());
        let url = NodeUrl::parse("https://example.org").unwrap();
        assert_eq!(
            (url.host(), url.port(), url.is_https()),
            ("example.org", 443, true)
        );
        assert!(!url.is_loopback() && url.address().is_none());
    }
}
