"""Exported conversations, protocol section 21."""

import json

from .cbor import decode, is_bytes, is_uint, payload_fields
from .errors import Refused, inside
from .events import DeviceChain, read_event
from .primitives import H
from .records import Chain
from .signed import Signed
from .text import base64url

SEAL = "zechat/export/v1"
LINES = "zechat/export-lines/v1"
WITH_TEXT = (1, 2, 12)  # the kinds of events that begin with a text, or hold one as a third


def readable(condition: object) -> None:
    if not condition:
        raise Refused("Unreadable")


def no_member_twice(pairs: list[tuple[str, object]]) -> dict:
    readable(len({name for name, _ in pairs}) == len(pairs))
    return dict(pairs)


def blob(value: object) -> bytes:
    try:
        return base64url(value)
    except Refused as error:
        raise Refused("Unreadable") from error


def identity(value: object) -> bytes:
    read = blob(value)
    readable(len(read) == 32)
    return read


def number(value: object) -> int:
    readable(is_uint(value))
    return value  # type: ignore[return-value]


def text(value: object) -> str:
    readable(isinstance(value, str))
    return value  # type: ignore[return-value]


def flag(value: object) -> bool:
    readable(isinstance(value, bool))
    return value  # type: ignore[return-value]


def blobs(value: object) -> list[bytes]:
    readable(isinstance(value, list))
    return [blob(entry) for entry in value]  # type: ignore[union-attr]


REQUIRED = {
    "head": {"format": number, "identity": identity, "exported_at": number},
    "chain": {"identity": identity, "name": text, "records": blobs},
    "message": {"contact": identity, "mine": flag, "sent_at": number},
    "end": {"seal": blob},
}
OPTIONAL = {"message": {"text": text, "note": text, "event": blob}}


def read_line(line: str) -> dict:
    try:
        members = json.loads(line, object_pairs_hook=no_member_twice)
    except json.JSONDecodeError as error:
        raise Refused("Unreadable") from error
    readable(isinstance(members, dict) and members.get("line") in REQUIRED)
    kind = members.pop("line")
    read = {"line": kind}
    for name, reader in REQUIRED[kind].items():
        readable(name in members)
        read[name] = reader(members.pop(name))
    for name, reader in OPTIONAL.get(kind, {}).items():
        value = members.pop(name, None)
        read[name] = None if value is None else reader(value)
    if kind == "message":
        read["edited"] = flag(members.pop("edited", False))
    readable(not members)
    return read


class Export:
    """What was verified of the lines that were read."""

    def __init__(self) -> None:
        self.head: dict = {}
        self.chains: dict[bytes, Chain] = {}
        self.devices: dict[tuple[bytes, bytes, bytes], DeviceChain] = {}
        self.counts = dict.fromkeys(("people", "mine", "theirs", "edited", "without_event"), 0)
        self.ended = False

    def line(self, line: dict, before: list[str]) -> None:
        if self.ended or (line["line"] == "head") != (not before):
            raise Refused("Order")
        match line["line"]:
            case "head":
                if line["format"] != 1:
                    raise Refused(f"Newer({line['format']})")
                self.head = line
            case "chain":
                self.chain(line)
            case "message":
                self.message(line)
            case "end":
                self.end(line["seal"], before)

    def chain(self, line: dict) -> None:
        with inside("Chain"):
            chain = Chain.verify(line["records"])
        if chain.identity != line["identity"] or chain.identity in self.chains:
            raise Refused("Identity")
        self.chains[chain.identity] = chain
        self.counts["people"] += 1

    def message(self, line: dict) -> None:
        if line["event"] is None:
            self.counts["without_event"] += 1
            return
        me, contact = self.head["identity"], line["contact"]
        sender, recipient = (me, contact) if line["mine"] else (contact, me)
        if sender not in self.chains:
            raise Refused("NoChain")
        with inside("Event"):
            event = read_event(line["event"], self.chains[sender], recipient, None)
        said = None
        if event["kind"] in WITH_TEXT:
            said = decode(event["body"])[2 if event["kind"] == 12 else 0]
        same = line["text"] == said
        if event["sent_at"] != line["sent_at"] or not (same or (line["edited"] and said is not None)):
            raise Refused("Differs")
        match self.devices.setdefault((sender, event["device"], recipient), DeviceChain()).place(event):
            case "again" | "repeated":
                raise Refused("Repeated")
            case "broken":
                raise Refused("BrokenChain")
        self.counts["edited" if not same else "mine" if line["mine"] else "theirs"] += 1

    def end(self, data: bytes, before: list[str]) -> None:
        self.ended = True
        if self.head["identity"] not in self.chains:
            raise Refused("NoChain")
        with inside("Seal"):
            seal = Signed.parse(SEAL, data, 1_024)
            fields = payload_fields(seal.payload, "export-seal")
            with inside("Payload"):
                count = fields.required(0, is_uint)
                hashed = fields.required(1, lambda v: is_bytes(v, 32))
                fields.end()
            seal.verify_pss(self.chains[self.head["identity"]].signing_key)
        if count != len(before) or hashed != H(LINES, "".join(before).encode()):
            raise Refused("Changed")


def read_export(lines: list[str]) -> dict:
    export = Export()
    for index, line in enumerate(lines):
        export.line(read_line(line), [f"{earlier}\n" for earlier in lines[:index]])
    if not export.ended:
        raise Refused("Order")
    missing = sum(max(device.seen) - len(device.seen) for device in export.devices.values())
    return {
        "identity": export.head["identity"],
        "exported_at": export.head["exported_at"],
        **export.counts,
        "missing": missing,
    }
