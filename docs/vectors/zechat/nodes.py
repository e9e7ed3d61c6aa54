"""Node documents, logins, requests between nodes, and sealed boxes: protocol sections 11 to 14."""

import re
import unicodedata
from pathlib import Path

from .cbor import Fields, is_bytes, is_text, is_uint, payload_fields, read_map, shape
from .envelopes import SIZES, read_key_package, unpad
from .errors import Refused, any_failure_is, inside
from .primitives import H, HpkeContext, aes_open, kdf, prefix, sha256
from .records import Chain
from .signed import Signed
from .text import base64url, is_node_url

NODE = "zechat/node/v1"
NODE_KEY = "zechat/node-key/v1"
LOGIN = "zechat/login/v1"
PEER = "zechat/peer/v1"
FORWARD = "zechat/forward/v1"
LOOKUP = "zechat/lookup/v1"
LOOKUP_ANSWER = "zechat/lookup-answer/v1"
FIVE_MINUTES = 5 * 60 * 1000
FORWARD_OVERHEAD = 32 + 16 + 32 + 16 + 40
SEALED_LOOKUP = 32 + 16 + 128
ANSWER_OVERHEAD = 32 + 16
MAX_BATCH = 64
MAX_BATCH_BYTES = 4 * 1024 * 1024


def listed_problem_codes() -> frozenset[str]:
    """The list of protocol section 14, from the document itself."""
    text = (Path(__file__).resolve().parents[2] / "protocol.md").read_text()
    listed = re.search(r"\nProblem codes: (.*?)\n\n", text, re.DOTALL)
    return frozenset(re.findall(r"`([a-z_]+)`", listed[1] if listed else ""))


PROBLEM_CODES = listed_problem_codes()


def known_code(code: str) -> str:
    """A code as a reader takes it that may be older than who wrote it."""
    return code if code in PROBLEM_CODES else "internal"


def fingerprint_of(signing_key: bytes) -> bytes:
    return H(NODE_KEY, signing_key)


def is_hash(value: object) -> bool:
    return is_bytes(value, 32)


def is_plain_text(value: object) -> bool:
    """At most 256 bytes, no control characters."""
    return is_text(value, 0, 256) and not any(unicodedata.category(c) == "Cc" for c in value)


def read_node_document(data: bytes, url: str, fingerprint: bytes | None, now: int) -> dict:
    with inside("Signed"):
        signed = Signed.parse(NODE, data, 2_048)
        fields = payload_fields(signed.payload, "node-document")
        with inside("Payload"):
            own_url = fields.required(0, is_node_url)
            signing_key = fields.required(1, is_hash)
            document = {"forward_key": fields.required(2, is_hash)}
            issued = fields.required(3, is_uint)
            expires = fields.required(4, is_uint)
            fields.required(5, is_plain_text)
            document["registration"] = fields.required(6, lambda v: is_uint(v, 0, 2))
            document["retention_seconds"] = fields.required(7, is_uint)
            fields.required(8, is_uint)
            fields.required(9, is_uint)
            document["postage_bits"] = fields.required(10, lambda v: is_uint(v, 0, 40))
            document["name"] = fields.optional(11, is_plain_text)
            document["closing_at"] = fields.optional(64, is_uint)
            document["vault_quota_bytes"] = fields.optional(65, is_uint)
            fields.end()
        signed.verify_ed25519(signing_key)
    if own_url != url:
        raise Refused("OtherUrl")
    document["fingerprint"] = fingerprint_of(signing_key)
    if fingerprint is not None and document["fingerprint"] != fingerprint:
        raise Refused("OtherKey")
    if not issued - FIVE_MINUTES <= now <= expires:
        raise Refused("NotNow")
    return document


def read_login(
    data: bytes, signer: bytes, url: str, fingerprint: bytes, nonce: bytes, now: int
) -> dict:
    with inside("Signed"):
        signed = Signed.parse(LOGIN, data, 2_048)
        fields = payload_fields(signed.payload, "login")
        with inside("Payload"):
            own_url = fields.required(0, is_node_url)
            own_fingerprint = fields.required(1, is_hash)
            own_nonce = fields.required(2, is_hash)
            login = {
                "identity": fields.required(3, is_hash),
                "device": fields.required(4, lambda v: is_bytes(v, 16)),
                "at": fields.required(5, is_uint),
            }
            fields.end()
        signed.verify_pss(signer)
    if (own_url, own_fingerprint) != (url, fingerprint):
        raise Refused("OtherNode")
    if own_nonce != nonce:
        raise Refused("OtherNonce")
    if abs(now - login["at"]) > FIVE_MINUTES:
        raise Refused("Time")
    return login


def read_peer_request(header: str, body: bytes, receiver: bytes, now: int) -> dict:
    with any_failure_is("Header"):
        data = base64url(header)
    with inside("Signed"):
        signed = Signed.parse(PEER, data, 1_024)
        fields = payload_fields(signed.payload, "peer-request")
        with inside("Payload"):
            sender = fields.required(0, is_node_url)
            signing_key = fields.required(1, is_hash)
            own_receiver = fields.required(2, is_hash)
            at = fields.required(3, is_uint)
            body_hash = fields.required(4, is_hash)
            fields.end()
        signed.verify_ed25519(signing_key)
    if own_receiver != receiver:
        raise Refused("OtherReceiver")
    if abs(now - at) > FIVE_MINUTES:
        raise Refused("Time")
    if body_hash != sha256(body):
        raise Refused("Body")
    return {"sender": sender, "fingerprint": fingerprint_of(signing_key)}


def open_forward(box: bytes, fingerprint: bytes, private: bytes) -> dict:
    if len(box) - FORWARD_OVERHEAD not in SIZES:
        raise Refused("CannotOpen")
    context = HpkeContext.of_receiver(private, box[:32], prefix(FORWARD) + fingerprint)
    plain = context.open(box[32:])
    return {
        "mailbox": plain[:32],
        "message_id": plain[32:48],
        "postage": plain[48:88],
        "envelope": plain[88:],
        "envelope_sha256": sha256(plain[88:]),
    }


def open_lookup(sealed: bytes, fingerprint: bytes, private: bytes) -> dict:
    with any_failure_is("CannotOpen"):
        if len(sealed) != SEALED_LOOKUP:
            raise Refused("CannotOpen")
        context = HpkeContext.of_receiver(private, sealed[:32], prefix(LOOKUP) + fingerprint)
        fields = read_map(unpad(context.open(sealed[32:])), "lookup")
        request = {"identity": fields.required(0, is_hash), "from": fields.required(1, is_uint)}
        fields.end()
        return request


def open_lookup_answer(answer: bytes, fingerprint: bytes, receiver: bytes, ikm: bytes) -> dict:
    """What the asker, whose ephemeral key came from `ikm`, reads in the answer."""
    with any_failure_is("CannotOpen"):
        if len(answer) - ANSWER_OVERHEAD not in SIZES:
            raise Refused("CannotOpen")
        context, enc = HpkeContext.of_sender(ikm, receiver, prefix(LOOKUP) + fingerprint)
        secret = context.export(prefix(LOOKUP_ANSWER), 32)
        nonce, sealed = answer[:32], answer[32:]
        okm = kdf(LOOKUP_ANSWER, secret, H(LOOKUP_ANSWER, enc + nonce), 44)
        fields = read_map(unpad(aes_open(okm[:32], okm[32:], sealed, b"")), "lookup-answer")
        found = fields.required(0, lambda v: isinstance(v, bool))
        records = fields.optional(
            1, lambda v: isinstance(v, list) and all(isinstance(r, bytes) for r in v)
        )
        package = fields.optional(2, is_bytes)
        fields.optional(3, lambda v: isinstance(v, bool))
        fields.end()
        return {"found": found, "records": records or [], "key_package": package}


def read_bundle(data: bytes) -> dict:
    with inside("Encoding"):
        fields = read_map(data, "bundle")
        records = fields.required(0, lambda v: isinstance(v, list) and all(map(is_bytes, v)))
        package = fields.required(1, is_bytes)
        invite = fields.optional(64, lambda v: is_bytes(v, 16))
        fields.end()
    with inside("Chain"):
        chain = Chain.verify(records)
    with inside("KeyPackage"):
        key_package = read_key_package(package, chain.signing_key)
    if key_package["identity"] != chain.identity:
        raise Refused("OtherIdentity")
    return {
        "identity": chain.identity,
        "number": chain.number,
        "key_package": key_package["id"],
        "invite": invite,
    }


def read_batch(data: bytes) -> dict:
    """The boxes that one node hands to another, each with its number."""
    shape(len(data) <= MAX_BATCH_BYTES)
    return read_items("batch", data, lambda fields: fields.required(1, is_bytes))


def read_results(data: bytes) -> dict:
    """What became of them: no code, or why not."""

    def code(fields: Fields):
        given = fields.optional(1, lambda v: isinstance(v, str))
        return given if given is None else known_code(given)

    return read_items("batch-results", data, code)


def read_items(rule: str, data: bytes, rest) -> dict:
    fields = read_map(data, rule)
    entries = fields.required(0, lambda v: isinstance(v, list))
    fields.end()
    items = []
    for entry in entries:
        item = Fields(entry)
        items.append([item.required(0, is_uint), rest(item)])
        item.end()
    shape(len(items) <= MAX_BATCH and len({number for number, _ in items}) == len(items))
    return {"items": items}
