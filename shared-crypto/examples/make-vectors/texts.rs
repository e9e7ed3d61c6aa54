//! Families of texts with a grammar: node URLs and names.

use data_encoding::HEXLOWER;
use serde_json::json;
use shared_crypto::cbor;

use crate::family::Family;

pub fn node_url() -> Family {
    let mut family = Family::new(
        "node-url",
        "URLs of nodes, protocol §4: one spelling is accepted.",
    );
    let long_label = format!("https://{}.example", "a".repeat(64));
    let long = format!("https://{}.example", "abc.".repeat(50));
    let longest = format!("https://{}example", "abc.".repeat(46));
    for (name, url) in [
        ("a name", "https://example.org"),
        ("a port", "https://a.b-c.example:8443"),
        ("IDNA", "https://xn--bcher-kva.example"),
        ("IPv4", "https://192.0.2.7:444"),
        ("IPv6", "https://[2001:db8::1]:8443"),
        ("IPv4 in IPv6", "https://[::ffff:192.0.2.7]"),
        ("digits in a name", "https://0.example"),
        ("nearly too long", &longest),
        ("http on localhost", "http://localhost:8008"),
        ("http under localhost", "http://node-a.localhost:8008"),
        ("http on loopback", "http://127.0.0.1:8008"),
        ("http in 10/8", "http://10.1.2.3"),
        ("http in 192.168/16", "http://192.168.0.9:81"),
        ("http in 172.16/12", "http://172.31.255.255"),
        ("http in 169.254/16", "http://169.254.1.1"),
        ("http on ::1", "http://[::1]:8008"),
        ("http in fc00::/7", "http://[fd00::1]"),
        ("http in fe80::/10", "http://[fe80::1]"),
        ("http on a name without a dot", "http://node-b:8008"),
        ("http under home.arpa", "http://chat.home.arpa"),
        ("http under internal", "http://node.internal"),
        ("http under local", "http://node.local"),
    ] {
        family.valid(name, json!({"url": url}), json!({"url": url}));
    }
    for (name, reason, error, url) in [
        ("empty", "no scheme", "Scheme", ""),
        ("no scheme", "a name alone", "Scheme", "example.org"),
        (
            "other scheme",
            "https or http",
            "Scheme",
            "ftp://example.org",
        ),
        (
            "upper-case scheme",
            "lower case",
            "Scheme",
            "HTTPS://example.org",
        ),
        (
            "white space before",
            "nothing around it",
            "Scheme",
            " https://example.org",
        ),
        ("too long", "at most 200 bytes", "TooLong", &long),
        ("trailing slash", "no path", "Extra", "https://example.org/"),
        ("path", "no path", "Extra", "https://example.org/x"),
        ("query", "no query", "Extra", "https://example.org?x"),
        ("fragment", "no fragment", "Extra", "https://example.org#x"),
        ("user", "no user", "Extra", "https://user@example.org"),
        (
            "backslash",
            "some read it as a slash",
            "Extra",
            "https://example.org\\x",
        ),
        ("no host", "a host is needed", "Host", "https://"),
        ("upper case", "lower case", "Host", "https://Example.org"),
        (
            "white space",
            "letters, digits and hyphens",
            "Host",
            "https://exa mple.org",
        ),
        (
            "white space after",
            "nothing around it",
            "Host",
            "https://example.org ",
        ),
        ("empty label", "two dots", "Host", "https://example..org"),
        (
            "trailing dot",
            "another spelling",
            "Host",
            "https://example.org.",
        ),
        (
            "hyphen first",
            "no hyphen at an end",
            "Host",
            "https://-a.example",
        ),
        (
            "hyphen last",
            "no hyphen at an end",
            "Host",
            "https://a-.example",
        ),
        (
            "underscore",
            "letters, digits and hyphens",
            "Host",
            "https://a_b.example",
        ),
        (
            "not ASCII",
            "IDNA in its ASCII form",
            "Host",
            "https://bücher.example",
        ),
        ("long label", "63 bytes at most", "Host", &long_label),
        ("three decimals", "four decimals", "Host", "https://1.2.3"),
        (
            "leading zero",
            "another spelling",
            "Host",
            "https://01.2.3.4",
        ),
        ("256", "decimals up to 255", "Host", "https://1.2.3.256"),
        ("one decimal", "four decimals", "Host", "https://2130706433"),
        (
            "hexadecimal",
            "some read it as an address",
            "Host",
            "https://127.0.0.0x1",
        ),
        (
            "upper case in IPv6",
            "RFC 5952",
            "Host",
            "https://[2001:DB8::1]",
        ),
        (
            "leading zero in IPv6",
            "RFC 5952",
            "Host",
            "https://[2001:0db8::1]",
        ),
        (
            "not shortened IPv6",
            "RFC 5952",
            "Host",
            "https://[2001:db8:0:0:0:0:0:1]",
        ),
        (
            "hexadecimal IPv4 in IPv6",
            "RFC 5952",
            "Host",
            "https://[::ffff:c000:207]",
        ),
        ("bracket open", "no closing bracket", "Host", "https://[::1"),
        (
            "IPv4 in brackets",
            "brackets are for IPv6",
            "Host",
            "https://[127.0.0.1]",
        ),
        ("zone", "no zone", "Host", "https://[fe80::1%eth0]"),
        (
            "own port of https",
            "left out",
            "Port",
            "https://example.org:443",
        ),
        (
            "own port of http",
            "left out",
            "Port",
            "http://localhost:80",
        ),
        (
            "no port after the colon",
            "a number is needed",
            "Port",
            "https://example.org:",
        ),
        ("port 0", "from 1", "Port", "https://example.org:0"),
        (
            "port with a zero before",
            "another spelling",
            "Port",
            "https://example.org:08",
        ),
        (
            "port 65536",
            "up to 65535",
            "Port",
            "https://example.org:65536",
        ),
        (
            "port with a sign",
            "digits only",
            "Port",
            "https://example.org:+1",
        ),
        (
            "http on a public name",
            "private networks only",
            "Insecure",
            "http://example.org",
        ),
        (
            "http on a public IPv4",
            "private networks only",
            "Insecure",
            "http://192.0.2.1",
        ),
        (
            "http beside 172.16/12",
            "private networks only",
            "Insecure",
            "http://172.32.0.1",
        ),
        (
            "http on a public IPv6",
            "private networks only",
            "Insecure",
            "http://[2001:db8::1]",
        ),
        (
            "http on a private IPv4 in IPv6",
            "not one of the private networks",
            "Insecure",
            "http://[::ffff:10.0.0.1]",
        ),
        (
            "http on 0.0.0.0",
            "not one of the private networks",
            "Insecure",
            "http://0.0.0.0",
        ),
        (
            "http under notlocal",
            "local is a whole label",
            "Insecure",
            "http://a.notlocal",
        ),
    ] {
        family.invalid(name, reason, error, json!({"url": url}));
    }
    family
}

pub fn name() -> Family {
    let mut family = Family::new("name", "Names, protocol §7, as CBOR texts.");
    let input = |text: &str| {
        let bytes = cbor::encode(&text.to_owned());
        json!({"bytes": HEXLOWER.encode(&bytes)})
    };
    let widest = "🚆".repeat(64);
    let longest = "n".repeat(64);
    for (case, text) in [
        ("one letter", "A"),
        ("white space inside", "Ada Lovelace"),
        ("right to left", "עדה"),
        ("joined emoji", "👩‍🚀"),
        ("64 characters", &longest),
        ("256 bytes", &widest),
    ] {
        family.valid(case, input(text), json!({"name": text}));
    }
    let too_long = "n".repeat(65);
    for (case, reason, text) in [
        ("empty", "1 character at least", ""),
        ("white space alone", "none around it", "\u{3000}"),
        ("white space before", "none around it", " Ada"),
        ("white space after", "none around it", "Ada\u{a0}"),
        ("65 characters", "64 at most", &too_long),
        ("new line", "no control characters", "A\nB"),
        ("C1", "no control characters", "A\u{9b}B"),
        ("line separator", "no line separators", "A\u{2028}B"),
        ("override", "changes the direction", "A\u{202e}B"),
        ("isolate", "changes the direction", "A\u{2066}B"),
    ] {
        family.invalid(case, reason, "Shape", input(text));
    }
    family
}
