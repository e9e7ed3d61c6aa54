"""Slots of a lock, protocol section 22."""

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from .cbor import is_bytes, is_uint, read_map
from .errors import Refused, inside
from .primitives import SUITE
from .vaults import open_box

PASSPHRASE = "zechat/lock-passphrase/v1"
PASSKEY = "zechat/lock-passkey/v1"


def check_suite(data: bytes) -> bytes:
    if data and data[0] > SUITE:
        raise Refused(f"Newer({data[0]})")
    if not data or data[0] != SUITE or len(data) > 2_048:
        raise Refused("Length")
    return data[1:]


def open_passphrase_slot(data: bytes, passphrase: str) -> dict:
    encoded = check_suite(data)
    with inside("Encoding"):
        fields = read_map(encoded, "lock-passphrase")
        salt = fields.required(0, lambda v: is_bytes(v, 32))
        memory = fields.required(1, lambda v: is_uint(v, 8_192, 262_144))
        passes = fields.required(2, lambda v: is_uint(v, 1, 16))
        sealed = fields.required(3, lambda v: is_bytes(v, 112))
        fields.end()
    argon2 = Argon2id(salt=salt, length=32, iterations=passes, lanes=1, memory_cost=memory)
    context = salt + memory.to_bytes(8) + passes.to_bytes(8)
    return {"key": open_box(PASSPHRASE, argon2.derive(passphrase.encode()), context, sealed)}


def open_passkey_slot(data: bytes, output: bytes) -> dict:
    encoded = check_suite(data)
    with inside("Encoding"):
        fields = read_map(encoded, "lock-passkey")
        credential = fields.required(0, lambda v: is_bytes(v) and 1 <= len(v) <= 1_023)
        salt = fields.required(1, lambda v: is_bytes(v, 32))
        sealed = fields.required(2, lambda v: is_bytes(v, 112))
        fields.end()
    return {"key": open_box(PASSKEY, output, salt + credential, sealed)}
