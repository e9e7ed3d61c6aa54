"""Texts with a grammar: node addresses (protocol section 4), names (section 7), base64url."""

import base64
import binascii
import ipaddress
import re
import unicodedata

from .errors import Refused

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LOCAL_TLDS = ("localhost", "local", "internal", "home.arpa")
PRIVATE = [
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fe80::/10",
        "fc00::/7",
    )
]


def host_address(host: str):
    """The address that a host spells, or None if it is a name."""
    if host.startswith("["):
        if not host.endswith("]") or "%" in host:
            raise ValueError("not an address in brackets")
        return ipaddress.IPv6Address(host[1:-1])
    if host.rsplit(".", 1)[-1].isdigit():
        return ipaddress.IPv4Address(host)
    return None


def spelled(address) -> str:
    """RFC 5952, of which section 5 wants the last 32 bits of a mapped address in decimals."""
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return f"[::ffff:{mapped}]" if mapped else f"[{address.compressed}]"


def may_be_plain(host: str, address) -> bool:
    if address is not None:
        return any(address in network for network in PRIVATE if network.version == address.version)
    return "." not in host or any(host == tld or host.endswith("." + tld) for tld in LOCAL_TLDS)


def read_node_url(text: str) -> str:
    """`scheme://host[:port]` in its one spelling, or the name of what is wrong with it."""

    def refuse_unless(condition: object, name: str) -> None:
        if not condition:
            raise Refused(name)

    refuse_unless(len(text.encode()) <= 200, "TooLong")
    match = re.match(r"(https?)://", text)
    refuse_unless(match, "Scheme")
    scheme, rest = match[1], text[match.end() :]  # type: ignore[index]
    refuse_unless(not re.search(r"[/?#@\\]", rest), "Extra")
    host, port = split_port(rest)
    if port is not None:
        refuse_unless(re.fullmatch(r"[1-9][0-9]{0,4}", port, re.ASCII), "Port")
        refuse_unless(int(port) <= 65535, "Port")
        refuse_unless(int(port) != {"https": 443, "http": 80}[scheme], "Port")
    try:
        address = host_address(host)
    except ValueError as error:
        raise Refused("Host") from error
    if address is not None:
        refuse_unless(spelled(address) == host, "Host")
    else:
        labels = host.split(".")
        refuse_unless(all(LABEL.fullmatch(label) for label in labels), "Host")
        refuse_unless(not re.fullmatch(r"0x[0-9a-f]*", labels[-1]), "Host")
    refuse_unless(scheme == "https" or may_be_plain(host, address), "Insecure")
    return text


def split_port(authority: str) -> tuple[str, str | None]:
    """Cuts at the last colon that is not inside brackets."""
    end_of_host = authority.rfind("]") + 1
    host, colon, port = authority[end_of_host:].rpartition(":")
    if not colon:
        return authority, None
    return authority[:end_of_host] + host, port


def is_node_url(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        read_node_url(value)
    except Refused:
        return False
    return True


def is_name(value: object) -> bool:
    """A name that somebody gives themselves."""
    if not isinstance(value, str) or not 1 <= len(value) <= 64 or len(value.encode()) > 256:
        return False
    if value != value.strip():
        return False
    return not any(
        unicodedata.category(character) in ("Cc", "Zl", "Zp")
        or 0x202A <= ord(character) <= 0x202E
        or 0x2066 <= ord(character) <= 0x2069
        for character in value
    )


def base64url(text: object) -> bytes:
    """Without padding, and in the one spelling of the bytes."""
    if not isinstance(text, str) or re.fullmatch(r"[A-Za-z0-9_-]*", text) is None:
        raise Refused("Malformed")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise Refused("Malformed") from error
    if to_base64url(data) != text:
        raise Refused("Malformed")
    return data


def to_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
