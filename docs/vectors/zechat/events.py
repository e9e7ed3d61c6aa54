"""Events and their bodies, protocol section 7."""

from .cbor import Fields, decode, is_bytes, is_text, is_uint, payload_fields, read_map, shape
from .errors import Refused, inside
from .primitives import ZEROS_32, H
from .records import MAX_CHAIN, Chain
from .signed import Signed
from .text import is_name

NAMESPACE = "zechat/event/v1"
CONVERSATION = "zechat/conversation/v1"
MAX_EVENT = 65_536
YEAR = 31_536_000  # seconds


def conversation_of(one: bytes, other: bytes) -> bytes:
    return H(CONVERSATION, min(one, other) + max(one, other))[:16]


def is_long_text(value: object) -> bool:
    return is_text(value, 1, 16_384)


def is_id(value: object) -> bool:
    return is_bytes(value, 16)


def is_pass(value: object) -> bool:
    return is_bytes(value, 8)


def is_mailbox(value: object) -> bool:
    return is_bytes(value, 32)


def is_ids(value: object) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(map(is_id, value))


def read_text(fields: Fields) -> None:
    fields.required(0, is_long_text)


def read_reply(fields: Fields) -> None:
    fields.required(0, is_long_text)
    fields.required(1, is_id)


def read_reaction(fields: Fields) -> None:
    fields.required(0, is_id)
    fields.required(1, lambda v: is_text(v, 0, 64))


def read_edit(fields: Fields) -> None:
    fields.required(0, is_id)
    fields.required(1, is_long_text)


def read_delete(fields: Fields) -> None:
    fields.required(0, is_id)


def read_typing(_fields: Fields) -> None:
    pass


def read_timer(fields: Fields) -> None:
    fields.required(0, lambda v: is_uint(v, 0, YEAR))


def read_receipt(fields: Fields) -> None:
    delivered = fields.optional(0, is_ids) or []
    read = fields.optional(1, is_ids) or []
    shape(1 <= len(delivered) + len(read) <= 512)


def read_profile(fields: Fields) -> None:
    fields.required(0, is_name)


def read_record_update(_fields: Fields) -> None:
    pass


def read_mailbox_update(fields: Fields) -> None:
    fields.required(0, is_mailbox)


def read_first_contact(fields: Fields) -> None:
    fields.required(0, is_name)
    fields.required(1, is_mailbox)
    fields.required(2, is_long_text)
    fields.optional(3, is_pass)


def read_acceptance(fields: Fields) -> None:
    fields.required(0, is_name)
    fields.required(1, is_mailbox)


BODIES = {
    1: read_text,
    2: read_reply,
    3: read_reaction,
    4: read_edit,
    5: read_delete,
    6: read_receipt,
    7: read_typing,
    8: read_profile,
    9: read_record_update,
    10: read_mailbox_update,
    11: read_timer,
    12: read_first_contact,
    13: read_acceptance,
    14: read_acceptance,  # a reintroduction says the same
}


def read_body(kind: int, body: bytes) -> None:
    """Reads what this version knows; other kinds "need a newer version" and are kept as they are."""
    if kind not in BODIES:
        decode(body)
        return
    fields = read_map(body, f"body-{kind}")
    BODIES[kind](fields)
    fields.end()


def read_event(data: bytes, chain: Chain, recipient: bytes, message_id: bytes | None) -> dict:
    """Reads an event that came under a message id (None: whatever id it says)."""

    def hash_(value: object) -> bool:
        return is_bytes(value, 32)

    with inside("Signed"):
        signed = Signed.parse(NAMESPACE, data, MAX_EVENT)
        fields = payload_fields(signed.payload, "event")
        with inside("Payload"):
            sender = fields.required(0, hash_)
            record = fields.required(1, hash_)
            said_to = fields.required(2, hash_)
            event = {
                "conversation": fields.required(3, is_id),
                "device": fields.required(4, is_id),
                "counter": fields.required(5, lambda v: is_uint(v, 1)),
                "previous": fields.required(6, hash_),
                "sent_at": fields.required(7, is_uint),
            }
            own_id = fields.required(8, is_id)
            event["kind"] = fields.required(9, is_uint)
            event["body"] = fields.required(10, is_bytes)
            event["lifetime"] = fields.optional(11, lambda v: is_uint(v, 1, YEAR))
            fields.end()
            shape((event["counter"] == 1) == (event["previous"] == ZEROS_32))
    if sender != chain.identity:
        raise Refused("Sender")
    if record not in chain.keys:
        raise Refused("UnknownRecord")
    with inside("Signed"):
        signed.verify_pss(chain.keys[record])
    if said_to != recipient:
        raise Refused("Recipient")
    if event["conversation"] != conversation_of(sender, recipient):
        raise Refused("Conversation")
    if message_id is not None and own_id != message_id:
        raise Refused("MessageId")
    with inside("Body"):
        read_body(event["kind"], event["body"])
    return event | {"hash": signed.hash}


class DeviceChain:
    """The events of one device in one conversation."""

    def __init__(self) -> None:
        self.seen: dict[int, dict] = {}

    def place(self, event: dict) -> str:
        """What an event that comes says of those that came before."""
        counter = event["counter"]
        if counter in self.seen:
            return "again" if self.seen[counter]["hash"] == event["hash"] else "repeated"
        before, after = self.seen.get(counter - 1), self.seen.get(counter + 1)
        last = max(self.seen, default=0)
        self.seen[counter] = event
        if before and event["previous"] != before["hash"]:
            return "broken"
        if after and after["previous"] != event["hash"]:
            return "broken"
        if counter < last:
            return "late"
        return "follows" if counter == last + 1 else "gap"


def read_content(data: bytes) -> dict:
    fields = read_map(data, "content")
    content = {
        "event": fields.required(0, is_bytes),
        "key_package": fields.optional(1, is_bytes),
        "records": fields.optional(2, is_bytes_list) or [],
    }
    fields.end()
    return content


def is_bytes_list(value: object) -> bool:
    return isinstance(value, list) and len(value) <= MAX_CHAIN and all(map(is_bytes, value))
