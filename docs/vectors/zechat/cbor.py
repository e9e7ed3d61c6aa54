"""Deterministic CBOR, protocol section 2."""

from .errors import Refused, inside

MAX_DEPTH = 8
FIRST_SKIPPED_KEY = 64

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)


class Reader:
    """Reads one item after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise Refused("Truncated")
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken

    def head(self) -> tuple[int, int, bool]:
        """The major type, its argument, and whether the argument stood in the first byte."""
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major in (NEGATIVE, TAG):
            raise Refused("Unsupported")
        if major == SIMPLE:
            if info not in (20, 21):
                raise Refused("Unsupported")
            return major, info, True
        if info < 24:
            return major, info, True
        if info > 27:
            raise Refused("Unsupported")
        size = 1 << (info - 24)
        argument = int.from_bytes(self.take(size))
        shortest_for_less = 24 if size == 1 else 1 << (8 * size // 2)
        if argument < shortest_for_less:
            raise Refused("NotShortest")
        return major, argument, False

    def item(self, depth: int = 0):
        major, argument, _ = self.head()
        if major == UNSIGNED:
            return argument
        if major == BYTES:
            return self.take(argument)
        if major == TEXT:
            try:
                return self.take(argument).decode()
            except UnicodeDecodeError as error:
                raise Refused("NotText") from error
        if major == SIMPLE:
            return argument == 21
        if depth == MAX_DEPTH:
            raise Refused("TooDeep")
        if argument > len(self.data) - self.at:  # each entry takes a byte at least
            raise Refused("Truncated")
        if major == ARRAY:
            return [self.item(depth + 1) for _ in range(argument)]
        return self.map(argument, depth)

    def map(self, count: int, depth: int) -> dict:
        entries: dict = {}
        last = -1
        for _ in range(count):
            major, key, _ = self.head()
            if major != UNSIGNED or key <= last:
                raise Refused("Keys")
            last = key
            entries[key] = self.item(depth + 1)
        return entries


def decode(data: bytes):
    """Reads exactly one item."""
    reader = Reader(data)
    item = reader.item()
    if reader.at != len(data):
        raise Refused("TrailingBytes")
    return item


def shape(condition: object) -> None:
    if not condition:
        raise Refused("Shape")


def is_uint(value: object, least: int = 0, most: int = 2**64 - 1) -> bool:
    return type(value) is int and least <= value <= most


def is_bytes(value: object, size: int | None = None) -> bool:
    return isinstance(value, bytes) and (size is None or len(value) == size)


def is_text(value: object, least: int, most: int) -> bool:
    """A text of so many bytes."""
    return isinstance(value, str) and least <= len(value.encode()) <= most


class Fields:
    """The fields of a map of the protocol: takes what is known, refuses what is not."""

    def __init__(self, value: object) -> None:
        shape(isinstance(value, dict))
        self.left = dict(value)  # type: ignore[call-overload]

    def optional(self, key: int, accepts) -> object | None:
        if key not in self.left:
            return None
        value = self.left.pop(key)
        shape(accepts(value))
        return value

    def required(self, key: int, accepts):
        shape(key in self.left)
        return self.optional(key, accepts)

    def end(self) -> None:
        shape(all(key >= FIRST_SKIPPED_KEY for key in self.left))


# Every object that was read, with its rule in the grammar: for those who compare.
READ: list[tuple[str, bytes]] = []


def read_map(data: bytes, rule: str) -> Fields:
    """Reads a map that the grammar has under this name."""
    READ.append((rule, data))
    return Fields(decode(data))


def payload_fields(payload: bytes, rule: str) -> Fields:
    with inside("Payload"):
        return read_map(payload, rule)
