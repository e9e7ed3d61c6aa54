"""Contact links, invites, postage, safety numbers and recovery phrases: protocol sections 9, 10, 15 and 16."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mnemonic import Mnemonic

from .errors import Refused, any_failure_is
from .primitives import H, kdf, prefix, sha256
from .records import COMMITMENT
from .text import base64url, is_node_url

LINK = "zechat/link/v1"
POSTAGE = "zechat/postage/v1"
SAFETY_NUMBER = "zechat/safety-number/v1"
RECOVERY_KEY = "zechat/recovery-key/v1"
VAULT_HALF = "zechat/vault-half/v1"


def read_checked(text: str) -> tuple[str, bytes]:
    """The node of a link, and what stands between the version and the checksum."""
    address, sharp, token = text.strip().partition("#")
    node, path, rest = address.removesuffix("/").rpartition("/i")
    if not sharp or not path or rest:
        raise Refused("NotALink")
    if not is_node_url(node):
        raise Refused("BadNode")
    with any_failure_is("Typo"):
        data = base64url(token)
    body, checksum = data[:-4], data[-4:]
    if len(data) < 5 or H(LINK, node.encode() + body)[:4] != checksum:
        raise Refused("Typo")
    if body[0] != 1:
        raise Refused("TooNew")
    return node, body[1:]


def read_link(text: str) -> dict:
    node, body = read_checked(text)
    if len(body) not in (42, 50, 58, 66):
        raise Refused("Typo")
    after_pass = 50 if len(body) in (50, 66) else 42
    read = {
        "node": node,
        "identity": body[:32],
        "node_mark": body[32:42],
        "invite": body[after_pass:] or None,
    }
    # Cases that are older than passes do not name them.
    return read | ({"pass": body[42:50]} if after_pass == 50 else {})


def read_invite(text: str) -> dict:
    """An invite to a node, which leads to nobody."""
    node, body = read_checked(text)
    if len(body) != 10 + 16:
        raise Refused("Typo")
    return {"node": node, "node_mark": body[:10], "token": body[10:]}


def leading_zero_bits(data: bytes) -> int:
    return 8 * len(data) - int.from_bytes(data).bit_length()


def check_postage(
    postage: bytes, bits: int, mailbox: bytes, message_id: bytes, envelope: bytes
) -> None:
    """Whether postage pays where `bits` of work are wanted; an invite token is not work."""
    kind, value = postage[0], postage[1:]
    used = {0: 0, 1: 8, 2: 16}.get(kind)
    if len(postage) != 40 or used is None or any(value[used:]):
        raise Refused("PostageError")
    if bits == 0:
        return
    work = H(POSTAGE, mailbox + message_id + sha256(envelope) + value[:8])
    if kind != 1 or leading_zero_bits(work) < bits:
        raise Refused("NotEnough")


def check_side(identity: bytes, modulus: bytes) -> None:
    if len(identity) != 32:
        raise Refused("Length")
    if modulus[:1] == b"\0":
        raise Refused("Modulus")
    if not 3072 <= int.from_bytes(modulus).bit_length() <= 4096:
        raise Refused("Size")
    if modulus[-1] % 2 == 0:
        raise Refused("Modulus")


def safety_number(one: tuple[bytes, bytes], other: tuple[bytes, bytes]) -> str:
    check_side(*one)
    check_side(*other)
    digits = "".join(half_safety_number(*side) for side in sorted([one, other]))
    return " ".join(digits[at : at + 5] for at in range(0, 60, 5))


def half_safety_number(identity: bytes, modulus: bytes) -> str:
    current = H(SAFETY_NUMBER, identity + modulus)
    for _ in range(5_199):
        current = sha256(prefix(SAFETY_NUMBER) + current + identity + modulus)
    groups = (int.from_bytes(current[at : at + 5]) % 100_000 for at in range(0, 30, 5))
    return "".join(f"{group:05}" for group in groups)


def read_phrase(words: str) -> bytes:
    book = Mnemonic("english")
    given = words.split()
    if len(given) != 12:
        raise Refused(f"Count({len(given)})")
    for place, word in enumerate(given, start=1):
        if word not in book.wordlist:
            raise Refused(f"UnknownWord({place})")
    if not book.check(" ".join(given)):
        raise Refused("Checksum")
    return bytes(book.to_entropy(given))


def derive_recovery(words: str) -> dict:
    entropy = read_phrase(words)
    seed = kdf(RECOVERY_KEY, entropy, H(RECOVERY_KEY, b""), 32)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return {
        "entropy": entropy,
        "recovery_seed": seed,
        "recovery_public": public,
        "commitment": H(COMMITMENT, public),
        "vault_half": kdf(VAULT_HALF, entropy, H(VAULT_HALF, b""), 32),
    }
