"""Key packages, envelopes and the pair secret, protocol sections 5, 6 and 8."""

import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import load_der_private_key

from .cbor import is_bytes, is_uint, payload_fields, shape
from .errors import Refused, any_failure_is, inside
from .primitives import (
    SUITE,
    ZEROS_32,
    H,
    aes_open,
    is_x_wing_key,
    kdf,
    open_oaep,
    x_wing_decapsulate,
)
from .signed import Signed

KEY_PACKAGE = "zechat/key-package/v1"
ENVELOPE = "zechat/envelope/v1"
FIRST_CONTACT_LABEL = "zechat/first-contact/v1"
ACCEPTANCE_LABEL = "zechat/acceptance/v1"
PAIR = "zechat/pair/v1"

WEEK = 7 * 24 * 60 * 60 * 1000
SIZES = (4_096, 16_384, 65_536)
FIRST_CONTACT, LANE = 1, 2
FIXED_HEADER = 1 + 1 + 16 + 1120 + 2


def read_key_package(data: bytes, signer: bytes) -> dict:
    signed = Signed.parse(KEY_PACKAGE, data, 2_048)
    fields = payload_fields(signed.payload, "key-package")
    with inside("Payload"):
        package = {
            "identity": fields.required(0, lambda v: is_bytes(v, 32)),
            "epoch": fields.required(1, lambda v: is_uint(v, 1)),
            "public_key": fields.required(2, is_x_wing_key),
            "created_at": fields.required(3, is_uint),
            "refresh_at": fields.required(4, is_uint),
        }
        fields.end()
        shape(package["epoch"] * 1000 <= package["created_at"])
        shape(package["refresh_at"] == package["created_at"] + WEEK)
    signed.verify_pss(signer)
    return package | {"id": signed.hash}


@dataclass
class Envelope:
    """The parts of an envelope."""

    kind: int
    hint: bytes
    ciphertext: bytes
    r: bytes
    header: bytes
    commitment: bytes
    sealed: bytes

    @classmethod
    def parse(cls, data: bytes) -> "Envelope":
        if len(data) not in SIZES or data[0] != SUITE or data[1] not in (FIRST_CONTACT, LANE):
            raise Refused("CannotOpen")
        if data[1] == FIRST_CONTACT and len(data) == SIZES[0]:
            raise Refused("CannotOpen")
        size = int.from_bytes(data[FIXED_HEADER - 2 : FIXED_HEADER])
        if not 384 <= size <= 512 and not (data[1] == LANE and size == 0):
            raise Refused("CannotOpen")
        end = FIXED_HEADER + size
        return cls(
            data[1],
            data[2:18],
            data[18:1138],
            data[FIXED_HEADER:end],
            data[:end],
            data[end : end + 32],
            data[end + 32 :],
        )

    def open(
        self, seed: bytes, other: bytes, sender: bytes, recipient: bytes, mailbox: bytes
    ) -> bytes:
        transcript = H(ENVELOPE, self.header + sender + recipient + mailbox)
        secret = x_wing_decapsulate(seed, self.ciphertext)
        okm = kdf(ENVELOPE, secret + other, transcript, 32 + 12 + 32)
        if not hmac.compare_digest(okm[44:], self.commitment):
            raise Refused("CannotOpen")
        return unpad(aes_open(okm[:32], okm[32:44], self.sealed, self.header))


def unpad(padded: bytes) -> bytes:
    size = int.from_bytes(padded[:4])
    if len(padded) < 4 or size > len(padded) - 4 or any(padded[4 + size :]):
        raise Refused("CannotOpen")
    return padded[4 : 4 + size]


def open_r(der: bytes, label: str, r: bytes) -> bytes:
    return open_oaep(load_der_private_key(der, None), label, r)


def open_first_contact(
    data: bytes, seed: bytes, sealing_key: bytes, recipient: bytes, mailbox: bytes
) -> dict:
    with any_failure_is("CannotOpen"):
        envelope = Envelope.parse(data)
        if envelope.kind != FIRST_CONTACT:
            raise Refused("CannotOpen")
        r1 = open_r(sealing_key, FIRST_CONTACT_LABEL, envelope.r)
        content = envelope.open(seed, r1, ZEROS_32, recipient, mailbox)
        return {"content": content, "r1": r1, "pairing": H(PAIR, envelope.header)}


def open_lane(
    data: bytes,
    seed: bytes,
    pair: bytes,
    sender: bytes,
    recipient: bytes,
    mailbox: bytes,
    sealing_key: bytes | None,
) -> dict:
    with any_failure_is("CannotOpen"):
        envelope = Envelope.parse(data)
        if envelope.kind != LANE:
            raise Refused("CannotOpen")
        opened = {"content": envelope.open(seed, pair, sender, recipient, mailbox)}
        if sealing_key is not None:
            opened["r2"] = open_r(sealing_key, ACCEPTANCE_LABEL, envelope.r)
        return opened


def pair_secret(r1: bytes, r2: bytes, initiator: bytes, responder: bytes, pairing: bytes) -> bytes:
    return kdf(PAIR, r1 + r2, H(PAIR, initiator + responder + pairing), 32)
