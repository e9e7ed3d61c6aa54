"""Vaults and backup files, protocol section 20."""

import hmac
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from .cbor import Fields, Reader, decode, is_bytes, is_text, is_uint, payload_fields, read_map, shape
from .envelopes import unpad
from .errors import Refused, any_failure_is, inside
from .primitives import SUITE, H, aes_open, kdf
from .signed import Signed

CHUNK = "zechat/vault-chunk/v1"
MANIFEST = "zechat/vault-manifest/v1"
WRAP = "zechat/vault-wrap/v1"
INDEX = "zechat/vault-index/v1"
REQUEST = "zechat/vault-request/v1"
OWNER = "zechat/vault-owner/v1"
MAGIC = b"ZeChat backup 1\n"
CHUNK_SIZES = (4_096, 16_384, 65_536, 262_144)
INDEX_SIZES = (1_104, 8_272, 65_616)
FIVE_MINUTES = 300_000


def is_hash(value: object) -> bool:
    return is_bytes(value, 32)


def is_list(value: object) -> bool:
    return isinstance(value, list)


def unlock(entropy: bytes, passphrase: str) -> dict:
    def secret(namespace: str) -> bytes:
        return kdf(namespace, entropy, H(namespace, b""), 32)

    private = Ed25519PrivateKey.from_private_bytes(secret("zechat/vault-auth/v1"))
    vault = private.public_key().public_bytes_raw()
    stretched = bytes(32)
    if passphrase:
        salt = H("zechat/vault-salt/v1", vault)
        argon2 = Argon2id(salt=salt, length=32, iterations=3, lanes=1, memory_cost=65_536)
        stretched = argon2.derive(passphrase.encode())
    namespace = "zechat/vault-unlock/v1"
    both = stretched + secret("zechat/vault-half/v1")
    return {"vault": vault, "unlock": kdf(namespace, both, H(namespace, vault), 32)}


def open_box(namespace: str, key: bytes, context: bytes, box: bytes) -> bytes:
    nonce, commitment, sealed = box[:32], box[32:64], box[64:]
    keys = kdf(namespace, key, H(namespace, context + nonce), 76)
    if not hmac.compare_digest(keys[44:], commitment):
        raise Refused("CannotOpen")
    return aes_open(keys[:32], keys[32:44], sealed, keys[44:])


def open_chunk(key: bytes, vault: bytes, chunk: bytes) -> dict:
    if len(chunk) not in CHUNK_SIZES or chunk[0] != SUITE:
        raise Refused("CannotOpen")
    content = unpad(open_box(CHUNK, key, vault, chunk[1:]))
    return {"name": H(CHUNK, chunk), "content": content}


def read_manifest(data: bytes, vault: bytes) -> tuple[Signed, dict]:
    with inside("Signed"):
        signed = Signed.parse(MANIFEST, data, 262_144)
        fields = payload_fields(signed.payload, "vault-manifest")
        with inside("Payload"):
            manifest = {
                "vault": fields.required(0, is_hash),
                "version": fields.required(1, lambda v: is_uint(v, 1)),
                "chunks": fields.required(2, lambda v: is_list(v) and len(v) <= 4_096 and all(map(is_hash, v))),
                "wrapped": fields.required(3, lambda v: is_bytes(v, 112)),
                "index": fields.required(4, lambda v: is_bytes(v) and len(v) in INDEX_SIZES),
            }
            fields.end()
    if manifest["vault"] != vault:
        raise Refused("OtherVault")
    with inside("Signed"):
        signed.verify_ed25519(vault)
    return signed, manifest


def open_manifest(data: bytes, vault: bytes, unlock_key: bytes) -> dict:
    signed, manifest = read_manifest(data, vault)
    with any_failure_is("Passphrase"):
        key = open_box(WRAP, unlock_key, vault, manifest["wrapped"])
    with any_failure_is("Index"):
        context = vault + manifest["version"].to_bytes(8)
        index = unpad(open_box(INDEX, key, context, manifest["index"]))
    later = decode(index)[0]
    if later > 1:
        raise Refused(f"Newer({later})")
    with any_failure_is("Index"):
        opened = read_index(index, len(manifest["chunks"]))
    return {
        "version": manifest["version"],
        "hash": signed.hash,
        "chunks": manifest["chunks"],
        "key": key,
        **opened,
    }


def read_index(data: bytes, chunks: int) -> dict:
    fields = read_map(data, "vault-index")
    fields.required(0, lambda v: v == 1)
    index = {
        "identity": fields.required(1, is_hash),
        "saved_at": fields.required(2, is_uint),
        "nodes": fields.required(3, lambda v: is_list(v) and all(isinstance(node, str) for node in v)),
        "sections": [read_section(Fields(v), chunks) for v in fields.required(4, is_list)],
        "has_passphrase": fields.required(5, lambda v: isinstance(v, bool)),
    }
    fields.end()
    devices = [section["device"] for section in index["sections"]]
    shape(len(devices) <= 64 and all(a < b for a, b in zip(devices, devices[1:], strict=False)))
    return index


def read_section(fields: Fields, chunks: int) -> dict:
    def segment(value: object) -> list[int]:
        part = Fields(value)
        first, count = part.required(0, is_uint), part.required(1, lambda v: is_uint(v, 1))
        part.end()
        shape(first + count <= chunks)
        return [first, count]

    def absorbed(value: object) -> list:
        part = Fields(value)
        pair = [part.required(0, lambda v: is_bytes(v, 16)), part.required(1, is_uint)]
        part.end()
        return pair

    section = {
        "device": fields.required(0, lambda v: is_bytes(v, 16)),
        "revision": fields.required(1, is_uint),
        "saved_at": fields.required(2, is_uint),
        "segments": [segment(v) for v in fields.required(3, is_list)],
        "absorbed": [absorbed(v) for v in fields.required(4, is_list)],
    }
    fields.end()
    return section


def read_backup(file: bytes, vault: bytes) -> dict:
    if not file.startswith(MAGIC):
        raise Refused("Newer" if file.startswith(MAGIC[:14]) else "NotOne")
    rest = file[len(MAGIC) :]

    def part() -> bytes:
        nonlocal rest
        size = int.from_bytes(rest[:4])
        if len(rest) < 4 or len(rest) - 4 < size:
            raise Refused("Framing")
        taken, rest = rest[4 : 4 + size], rest[4 + size :]
        return taken

    data = part()
    with inside("Manifest"):
        _, manifest = read_manifest(data, vault)
    for place, name in enumerate(manifest["chunks"]):
        chunk = part()
        if len(chunk) not in CHUNK_SIZES or H(CHUNK, chunk) != name:
            raise Refused(f"Chunk({place})")
    if rest:
        raise Refused("Framing")
    return {"version": manifest["version"], "chunks": manifest["chunks"]}


def read_rows(data: bytes) -> dict:
    rows = []
    with any_failure_is("RowsError"):
        while data:
            reader = Reader(data)
            reader.item()
            fields = read_map(data[: reader.at], "vault-row")
            row = {
                "table": fields.required(0, is_uint),
                "key": fields.required(1, is_bytes),
                "value": fields.optional(2, is_bytes),
            }
            fields.end()
            rows.append(row)
            data = data[reader.at :]
    return {"rows": rows}


def read_request(
    header: str, url: str, vault: bytes, call: int, subject: bytes, now: int
) -> dict:
    try:
        if not header.replace("-", "").replace("_", "").isalnum():
            raise Refused("Header")
        data = urlsafe_b64decode(header + "=" * (-len(header) % 4))
    except Base64Error as error:
        raise Refused("Header") from error
    with inside("Signed"):
        signed = Signed.parse(REQUEST, data, 1_024)
        fields = payload_fields(signed.payload, "vault-request")
        with inside("Payload"):
            own_url = fields.required(0, lambda v: is_text(v, 8, 200))
            own = (
                fields.required(1, is_hash),
                fields.required(2, lambda v: is_uint(v, 0, 4)),
                fields.required(3, is_hash),
            )
            at = fields.required(4, is_uint)
            fields.end()
        signed.verify_ed25519(vault)
    if own_url != url:
        raise Refused("OtherNode")
    if own != (vault, call, subject):
        raise Refused("OtherSubject")
    if abs(now - at) > FIVE_MINUTES:
        raise Refused("Time")
    return {"at": at}


def read_owner(
    data: bytes, url: str, fingerprint: bytes, vault: bytes, signer: bytes, now: int
) -> dict:
    with inside("Signed"):
        signed = Signed.parse(OWNER, data, 2_048)
        fields = payload_fields(signed.payload, "vault-owner")
        with inside("Payload"):
            own = (fields.required(0, lambda v: is_text(v, 8, 200)), fields.required(1, is_hash))
            own_vault = fields.required(2, is_hash)
            owner = {"identity": fields.required(3, is_hash), "at": fields.required(4, is_uint)}
            fields.end()
        signed.verify_pss(signer)
    if own != (url, fingerprint):
        raise Refused("OtherNode")
    if own_vault != vault:
        raise Refused("OtherVault")
    if abs(now - owner["at"]) > FIVE_MINUTES:
        raise Refused("Time")
    return owner
