"""The primitives of protocol section 1."""

import hashlib
import hmac

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, padding, rsa, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from .errors import Refused

SUITE = 1
ZEROS_32 = bytes(32)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def prefix(namespace: str) -> bytes:
    return bytes([SUITE, len(namespace)]) + namespace.encode("ascii")


def H(namespace: str, data: bytes) -> bytes:  # noqa: N802, the document's name
    return sha256(prefix(namespace) + data)


def hkdf_extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or ZEROS_32, secret, "sha256")


def hkdf_expand(key: bytes, info: bytes, size: int) -> bytes:
    return HKDFExpand(hashes.SHA256(), size, info).derive(key)


def kdf(namespace: str, secret: bytes, transcript: bytes, size: int) -> bytes:
    return hkdf_expand(hkdf_extract(b"", secret), prefix(namespace) + transcript, size)


def aes_open(key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    except (InvalidTag, ValueError) as error:
        raise Refused("CannotOpen") from error


# RSA


def is_modulus(value: object) -> bool:
    """A modulus as it travels: 3072 to 4096 bits, odd, no leading zero byte."""
    if not isinstance(value, bytes) or not value or value[0] == 0 or value[-1] % 2 == 0:
        return False
    return 3072 <= int.from_bytes(value).bit_length() <= 4096


def verify_pss(modulus: bytes, message: bytes, signature: bytes) -> None:
    key = rsa.RSAPublicNumbers(65537, int.from_bytes(modulus)).public_key()
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
    try:
        key.verify(signature, message, pss, hashes.SHA256())
    except InvalidSignature as error:
        raise Refused("Signature") from error


def open_oaep(key: rsa.RSAPrivateKey, label: str, ciphertext: bytes) -> bytes:
    """The 32 bytes inside, or what the implicit rejection gives in their place."""
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label.encode("ascii"))
    try:
        secret = key.decrypt(ciphertext, oaep)
        if len(secret) == 32:
            return secret
    except ValueError:
        pass
    exponent = key.private_numbers().d.to_bytes((key.key_size + 7) // 8)
    reject_key = sha256(prefix("zechat/oaep-reject/v1") + exponent)
    return hmac.digest(reject_key, ciphertext, "sha256")


# Elliptic curves


P25519 = 2**255 - 19


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> None:
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise Refused("Signature") from error


def x25519_exchange(private: bytes, public: bytes) -> bytes:
    try:
        key = x25519.X25519PrivateKey.from_private_bytes(private)
        return key.exchange(x25519.X25519PublicKey.from_public_bytes(public))
    except ValueError as error:  # an output of zeros
        raise Refused("CannotOpen") from error


def x25519_public(private: bytes) -> bytes:
    return x25519.X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def is_small_order(public: bytes) -> bool:
    """Whether every exchange with this X25519 key gives zeros."""
    try:
        x25519_exchange(b"\x42" * 32, public)
    except Refused:
        return True
    return False


# X-Wing

X_WING_LABEL = b"\\.//^\\"
ML_KEM_PUBLIC = 1184
ML_KEM_CIPHERTEXT = 1088


def is_x_wing_key(value: object) -> bool:
    """1184 bytes of ML-KEM-768 in range, then 32 of X25519 not of small order."""
    if not isinstance(value, bytes) or len(value) != ML_KEM_PUBLIC + 32:
        return False
    try:
        mlkem.MLKEM768PublicKey.from_public_bytes(value[:ML_KEM_PUBLIC])
    except ValueError:
        return False
    return not is_small_order(value[ML_KEM_PUBLIC:])


def x_wing_decapsulate(seed: bytes, ciphertext: bytes) -> bytes:
    expanded = hashlib.shake_256(seed).digest(96)
    lattice, curve = expanded[:64], expanded[64:]
    secret_m = mlkem.MLKEM768PrivateKey.from_seed_bytes(lattice).decapsulate(
        ciphertext[:ML_KEM_CIPHERTEXT]
    )
    ephemeral = ciphertext[ML_KEM_CIPHERTEXT:]
    secret_x = x25519_exchange(curve, ephemeral)
    return hashlib.sha3_256(
        secret_m + secret_x + ephemeral + x25519_public(curve) + X_WING_LABEL
    ).digest()


# HPKE, RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode


KEM_SUITE = b"KEM" + (0x0020).to_bytes(2)
HPKE_SUITE = b"HPKE" + (0x0020).to_bytes(2) + (0x0001).to_bytes(2) + (0x0002).to_bytes(2)


def labeled_extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hkdf_extract(salt, b"HPKE-v1" + suite + label + secret)


def labeled_expand(suite: bytes, key: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return hkdf_expand(key, size.to_bytes(2) + b"HPKE-v1" + suite + label + info, size)


class HpkeContext:
    """One message to one receiver, and the secret that both ends can export."""

    def __init__(self, exchanged: bytes, enc: bytes, receiver: bytes, info: bytes) -> None:
        eae = labeled_extract(KEM_SUITE, b"", b"eae_prk", exchanged)
        shared = labeled_expand(KEM_SUITE, eae, b"shared_secret", enc + receiver, 32)
        context = (
            b"\0"
            + labeled_extract(HPKE_SUITE, b"", b"psk_id_hash", b"")
            + labeled_extract(HPKE_SUITE, b"", b"info_hash", info)
        )
        secret = labeled_extract(HPKE_SUITE, shared, b"secret", b"")
        self.key = labeled_expand(HPKE_SUITE, secret, b"key", context, 32)
        self.nonce = labeled_expand(HPKE_SUITE, secret, b"base_nonce", context, 12)
        self.exporter = labeled_expand(HPKE_SUITE, secret, b"exp", context, 32)

    @classmethod
    def of_receiver(cls, private: bytes, enc: bytes, info: bytes) -> "HpkeContext":
        return cls(x25519_exchange(private, enc), enc, x25519_public(private), info)

    @classmethod
    def of_sender(cls, ikm: bytes, receiver: bytes, info: bytes) -> tuple["HpkeContext", bytes]:
        """The sender's side from the key material of its ephemeral key, and `enc`."""
        key = labeled_extract(KEM_SUITE, b"", b"dkp_prk", ikm)
        private = labeled_expand(KEM_SUITE, key, b"sk", b"", 32)
        enc = x25519_public(private)
        return cls(x25519_exchange(private, receiver), enc, receiver, info), enc

    def open(self, sealed: bytes) -> bytes:
        return aes_open(self.key, self.nonce, sealed, b"")

    def export(self, context: bytes, size: int) -> bytes:
        return labeled_expand(HPKE_SUITE, self.exporter, b"sec", context, size)
