"""Frames of the live socket, protocol section 14."""

import json

from .errors import Refused
from .nodes import FORWARD_OVERHEAD, SEALED_LOOKUP, known_code
from .envelopes import SIZES
from .text import base64url, is_node_url, to_base64url

MAX_LIST = 512
MAX_TEXT = 65_536
MAX_BINARY = 66_560


def malformed(condition: object) -> None:
    if not condition:
        raise Refused("Malformed")


# Text frames: each member is read by a function that gives what is written again.


def number(value: object) -> int:
    malformed(type(value) is int and 0 <= value < 2**64)
    return value  # type: ignore[return-value]


def data(size: int | None):
    def read(value: object) -> str:
        read_bytes = base64url(value)
        malformed(size is None or len(read_bytes) == size)
        return to_base64url(read_bytes)

    return read


def text(value: object) -> str:
    malformed(isinstance(value, str))
    return value  # type: ignore[return-value]


def code(value: object) -> str:
    return known_code(text(value))


def url(value: object) -> str:
    malformed(is_node_url(value))
    return value  # type: ignore[return-value]


def maybe(read):
    return lambda value: None if value is None else read(value)


def one_of(*choices: str):
    def read(value: object) -> str:
        malformed(value in choices)
        return value  # type: ignore[return-value]

    return read


def many(read):
    def read_all(value: object) -> list:
        malformed(isinstance(value, list))
        if len(value) > MAX_LIST:  # type: ignore[arg-type]
            raise Refused("ListTooLong")
        return [read(entry) for entry in value]  # type: ignore[union-attr]

    return read_all


def list_or_nothing(read):
    """A list that may be left out when it is empty."""
    read_all = many(read)
    read_all.when_absent = []
    return read_all


ABSENT = object()


def list_or_absent(read):
    """A list that is left out when it is empty, and then not written either."""
    read_all = many(read)
    read_all.when_absent = ABSENT
    return read_all


def or_absent(read):
    """A member that may be missing, and is then not written either."""

    def read_or_not(value: object) -> object:
        return read(value)

    read_or_not.when_absent = ABSENT
    return read_or_not


class Members(dict):
    """An object, and which of its members came twice."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = {name for name in names if names.count(name) > 1}


def members(**readers):
    """An object with these members; others are ignored."""

    def read(value: object) -> dict:
        malformed(isinstance(value, Members))
        malformed(not value.repeated & readers.keys())  # type: ignore[attr-defined]
        written = {}
        for name, reader in readers.items():
            if name in value:  # type: ignore[operator]
                written[name] = reader(value[name])  # type: ignore[index]
            else:
                malformed(hasattr(reader, "when_absent"))
                if reader.when_absent is not ABSENT:
                    written[name] = reader.when_absent
        return written

    return read


FROM_CLIENT = {
    "login": members(login=data(None)),
    "mailboxes": members(
        request=number,
        add=list_or_nothing(members(mailbox=data(32), kind=one_of("intro", "contact"))),
        remove=list_or_nothing(data(32)),
    ),
    "ack": members(cursor=number),
    "outcomes_seen": members(submissions=many(data(16))),
    "tombstones_seen": members(ids=many(number)),
}
FROM_NODE = {
    "challenge": members(nonce=data(32), url=url, fingerprint=data(32)),
    "welcome": members(cursor=number, time=number, closing_at=or_absent(number)),
    "done": members(request=number),
    "failed": members(
        request=number, code=code, detail=text, mailboxes=list_or_absent(data(32))
    ),
    "accepted": members(submissions=many(data(16))),
    "refused": members(submission=data(16), code=code),
    "outcomes": members(items=many(members(submission=data(16), code=maybe(code)))),
    "tombstones": members(
        items=many(members(id=number, count=number, **{"from": number, "to": number}))
    ),
    "caught_up": members(),
}


def read_text(sender: str, frame: str) -> str:
    """Reads a text frame and writes it again."""
    if len(frame.encode()) > MAX_TEXT:
        raise Refused("TooLong")
    try:
        value = json.loads(frame, object_pairs_hook=Members)
    except ValueError as error:
        raise Refused("Malformed") from error
    readers = FROM_CLIENT if sender == "client" else FROM_NODE
    malformed(isinstance(value, Members) and "type" not in value.repeated)
    malformed(isinstance(value.get("type"), str) and value["type"] in readers)
    written = {"type": value["type"]} | readers[value["type"]](value)
    return json.dumps(written, separators=(",", ":"), ensure_ascii=False)


# Binary frames


def url_and_rest(rest: bytes) -> tuple[str, bytes]:
    malformed(rest and len(rest) > rest[0])
    size = rest[0]
    try:
        node = rest[1 : 1 + size].decode()
    except UnicodeDecodeError as error:
        raise Refused("Malformed") from error
    malformed(is_node_url(node))
    return node, rest[1 + size :]


def read_reply(rest: bytes) -> bytes:
    """What another node answered is not looked at here, whatever its size."""
    malformed(len(rest) >= 5 and rest[4] in (0, 1))
    if rest[4] == 0:
        return rest
    try:
        return rest[:5] + known_code(rest[5:].decode()).encode()
    except UnicodeDecodeError as error:
        raise Refused("Malformed") from error


def read_envelope(rest: bytes) -> bytes:
    malformed(len(rest) - (8 + 8 + 32 + 16) in SIZES)
    return rest


def read_submit(rest: bytes) -> bytes:
    malformed(len(rest) > 16)
    _, box = url_and_rest(rest[16:])
    malformed(len(box) - FORWARD_OVERHEAD in SIZES)
    return rest


def read_lookup(rest: bytes) -> bytes:
    malformed(len(rest) > 4)
    _, sealed = url_and_rest(rest[4:])
    malformed(len(sealed) == SEALED_LOOKUP)
    return rest


def read_ask_document(rest: bytes) -> bytes:
    malformed(len(rest) > 4)
    _, nothing = url_and_rest(rest[4:])
    malformed(not nothing)
    return rest


BINARY_FROM_CLIENT = {2: read_submit, 3: read_lookup, 5: read_ask_document}
BINARY_FROM_NODE = {1: read_envelope, 4: read_reply, 6: read_reply}


def read_binary(sender: str, frame: bytes) -> bytes:
    """Reads a binary frame and writes it again."""
    if len(frame) > MAX_BINARY:
        raise Refused("TooLong")
    malformed(frame)
    readers = BINARY_FROM_CLIENT if sender == "client" else BINARY_FROM_NODE
    if frame[0] not in readers:
        raise Refused("UnknownType")
    return frame[:1] + readers[frame[0]](frame[1:])
