"""Signed objects, protocol section 3."""

from dataclasses import dataclass

from .errors import Refused
from .primitives import SUITE, H, prefix, verify_ed25519, verify_pss


@dataclass(frozen=True)
class Signed:
    """The two parts of a signed object; nothing is verified yet."""

    namespace: str
    payload: bytes
    signature: bytes

    @classmethod
    def parse(cls, namespace: str, data: bytes, most: int) -> "Signed":
        if len(data) > most:
            raise Refused("TooLong")
        if not data:
            raise Refused("Framing")
        if data[0] != SUITE:
            raise Refused(f"UnknownSuite({data[0]})")
        size = int.from_bytes(data[1:5])
        if len(data) < 5 or size > len(data) - 5:
            raise Refused("Framing")
        return cls(namespace, data[5 : 5 + size], data[5 + size :])

    @property
    def hash(self) -> bytes:
        return H(self.namespace, self.payload)

    @property
    def message(self) -> bytes:
        return prefix(self.namespace) + self.payload

    def verify_pss(self, modulus: bytes) -> None:
        if len(self.signature) != len(modulus):
            raise Refused("Signature")
        verify_pss(modulus, self.message, self.signature)

    def verify_ed25519(self, public: bytes) -> None:
        verify_ed25519(public, self.message, self.signature)
