"""Identity records and their chains, protocol section 4."""

from dataclasses import dataclass, field

from .cbor import Fields, is_bytes, is_uint, payload_fields, shape
from .errors import Refused, inside
from .primitives import H, is_modulus
from .signed import Signed
from .text import is_node_url

NAMESPACE = "zechat/record/v1"
COMMITMENT = "zechat/recovery-commitment/v1"
GENESIS, UPDATE, RECOVERY = range(3)
ACTIVE, DRAINING = range(2)
MAX_RECORD = 16_384
MAX_CHAIN = 4_096
MAX_CHAIN_BYTES = 1_048_576
LEFT_TO_RECOVERIES = (16, 65_536)
RECOVERY_WINDOW = 72 * 60 * 60 * 1000


@dataclass
class Delivery:
    url: str
    fingerprint: bytes
    intro: bytes
    state: int
    priority: int

    @classmethod
    def parse(cls, value: object) -> "Delivery":
        fields = Fields(value)
        entry = cls(
            fields.required(0, is_node_url),
            fields.required(1, lambda v: is_bytes(v, 32)),
            fields.required(2, lambda v: is_bytes(v, 32)),
            fields.required(3, lambda v: is_uint(v, 0, 1)),
            fields.required(4, is_uint),
        )
        fields.end()
        return entry


def parse_delivery(value: list) -> list[Delivery]:
    entries = [Delivery.parse(entry) for entry in value]
    shape(1 <= len(entries) <= 5)
    shape(any(entry.state == ACTIVE for entry in entries))
    shape(len({entry.fingerprint for entry in entries}) == len(entries))
    return entries


@dataclass
class Record:
    """What a record says, not verified."""

    signed: Signed
    kind: int
    number: int
    previous: bytes | None
    identity: bytes | None
    signing_key: bytes | None
    sealing_key: bytes | None
    recovery: bytes | None
    delivery: list[Delivery] | None
    signed_at: int
    recovery_key: bytes | None

    @classmethod
    def parse(cls, data: bytes) -> "Record":
        signed = Signed.parse(NAMESPACE, data, MAX_RECORD)
        fields = payload_fields(signed.payload, "record")
        with inside("Payload"):
            record = cls.of_fields(signed, fields)
            record.check_kind()
        return record

    @classmethod
    def of_fields(cls, signed: Signed, fields: Fields) -> "Record":
        def hash_(value: object) -> bool:
            return is_bytes(value, 32)

        kind = fields.required(0, lambda v: is_uint(v, 0, 2))
        number = fields.required(1, is_uint)
        previous = fields.optional(2, hash_)
        identity = fields.optional(3, hash_)
        signing_key = fields.optional(4, is_modulus)
        sealing_key = fields.optional(5, is_modulus)
        recovery = fields.optional(6, hash_)
        delivery = fields.optional(7, lambda v: isinstance(v, list))
        signed_at = fields.required(8, is_uint)
        recovery_key = fields.optional(9, hash_)
        fields.end()
        return cls(
            signed,
            kind,
            number,
            previous,
            identity,
            signing_key,
            sealing_key,
            recovery,
            None if delivery is None else parse_delivery(delivery),
            signed_at,
            recovery_key,
        )

    def check_kind(self) -> None:
        all_keys = None not in (self.signing_key, self.sealing_key, self.recovery)
        if self.kind == GENESIS:
            shape(self.number == 0 and self.previous is None and self.identity is None)
            shape(all_keys and self.delivery is not None)
        else:
            shape(self.number > 0 and self.previous is not None and self.identity is not None)
        if self.kind == RECOVERY:
            shape(all_keys)
        shape((self.recovery_key is not None) == (self.kind == RECOVERY))


@dataclass(frozen=True)
class Step:
    """What is remembered of a record of a chain."""

    hash: bytes
    kind: int
    signed_at: int
    recovery: bytes


@dataclass
class Chain:
    """A verified chain: what is in force after its last record, and the signing key after each, by its hash."""

    identity: bytes
    head: bytes
    number: int
    signing_key: bytes
    sealing_key: bytes
    recovery: bytes
    delivery: list[Delivery]
    keys: dict[bytes, bytes] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    size: int = 0

    @classmethod
    def verify(cls, records: list[bytes]) -> "Chain":
        if not records:
            raise Refused("Empty")
        if len(records) > MAX_CHAIN:
            raise Refused("TooMany")
        if sum(map(len, records)) > MAX_CHAIN_BYTES:
            raise Refused("TooLarge")
        chain = cls.begin(records[0])
        for record in records[1:]:
            chain.append(record)
        return chain

    @classmethod
    def begin(cls, data: bytes) -> "Chain":
        with inside("Record"):
            genesis = Record.parse(data)
        if genesis.kind != GENESIS:
            raise Refused("Genesis")
        with inside("Record"):
            genesis.signed.verify_pss(genesis.signing_key)
        head = genesis.signed.hash
        return cls(
            head,
            head,
            0,
            genesis.signing_key,
            genesis.sealing_key,
            genesis.recovery,
            genesis.delivery,
            {head: genesis.signing_key},
            [Step(head, GENESIS, genesis.signed_at, genesis.recovery)],
            len(data),
        )

    def append(self, data: bytes) -> None:
        with inside("Record"):
            record = Record.parse(data)
        if record.kind == GENESIS:
            raise Refused("Genesis")
        self.check_room(record, len(data))
        if record.number != self.number + 1:
            raise Refused(f"Number {{ expected: {self.number + 1}, found: {record.number} }}")
        if record.previous != self.head:
            raise Refused("Previous")
        if record.identity != self.identity:
            raise Refused("Identity")
        self.check_signature(record)
        self.head = record.signed.hash
        self.number = record.number
        self.signing_key = record.signing_key or self.signing_key
        self.sealing_key = record.sealing_key or self.sealing_key
        self.recovery = record.recovery or self.recovery
        self.delivery = record.delivery or self.delivery
        self.keys[self.head] = self.signing_key
        self.steps.append(Step(self.head, record.kind, record.signed_at, self.recovery))
        self.size += len(data)

    def check_room(self, record: Record, length: int) -> None:
        records, size = (0, 0) if record.kind == RECOVERY else LEFT_TO_RECOVERIES
        if len(self.steps) >= MAX_CHAIN - records:
            raise Refused("TooMany")
        if self.size + length > MAX_CHAIN_BYTES - size:
            raise Refused("TooLarge")

    def check_signature(self, record: Record) -> None:
        if record.kind == UPDATE:
            with inside("Record"):
                record.signed.verify_pss(self.signing_key)
            return
        if H(COMMITMENT, record.recovery_key) != self.recovery:
            raise Refused("Recovery")
        with inside("Record"):
            record.signed.verify_ed25519(record.recovery_key)

    def order(self, other: "Chain") -> str:
        """How another chain relates to this one."""
        if any(mine != theirs for mine, theirs in zip(self.keys, other.keys)):
            return "forked"
        if self.number == other.number:
            return "same"
        return "newer" if other.number > self.number else "older"

    def is_overruled_by(self, other: "Chain", first_seen: int) -> bool:
        """Whether a recovery record in the other chain settles a fork in its favour."""
        pairs = zip(self.steps, other.steps)
        fork = next((n for n, (mine, theirs) in enumerate(pairs) if mine.hash != theirs.hash), None)
        if fork is None or self.identity != other.identity:
            return False
        recovery = other.recovery_from(fork)
        if recovery is None or self.recovery_from(fork) is not None:
            return False
        since = max(self.steps[fork].signed_at, first_seen)
        return recovery.signed_at <= since + RECOVERY_WINDOW

    def recovery_from(self, number: int) -> Step | None:
        """The first recovery from a number on by the key that was committed to before it."""
        if number == 0:
            return None
        trusted = self.steps[number - 1].recovery
        pairs = zip(self.steps[number - 1 :], self.steps[number:])
        return next((step for before, step in pairs if step.kind == RECOVERY and before.recovery == trusted), None)

    def active(self) -> list[str]:
        """Where to deliver, lowest priority value first."""
        entries = [entry for entry in self.delivery if entry.state == ACTIVE]
        return [entry.url for entry in sorted(entries, key=lambda entry: entry.priority)]
