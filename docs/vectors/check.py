#!/usr/bin/env python3
"""Reads every frozen vector with a second implementation of the protocol (the `zechat` folder beside this file).

`python check.py` prints how many valid and invalid cases of each family it read as they should be read, and ends with
an error if one was not. It needs Python 3.11 and `pip install --require-hashes -r requirements.txt`.
"""

import hashlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cddl_verifier import Validator

from zechat import cbor, envelopes, events, exports, live, locks, nodes, small, text, vaults
from zechat.errors import Refused
from zechat.primitives import H, aes_open, kdf, prefix, sha256, x25519_public, x_wing_decapsulate
from zechat.records import Chain
from zechat.signed import Signed

FOLDER = Path(__file__).resolve().parent
GRAMMAR = FOLDER.parent / "protocol.cddl"


class Input:
    """The input of a case; bytes may be those of another case, changed or cut."""

    def __init__(self, cases: list[dict], fields: dict) -> None:
        self.cases = cases
        self.fields = fields

    def other(self, name: str) -> "Input":
        return Input(self.cases, next(c["input"] for c in self.cases if c["name"] == name))

    def blob(self, name: str) -> bytes:
        value = self.fields[name]
        if isinstance(value, str):
            return bytes.fromhex(value)
        data = bytearray(self.other(value["of"]).blob(name))
        if "at" in value:
            data[value["at"]] ^= int(value["xor"], 16)
        return bytes(data[: value.get("keep", len(data))])

    def blob_or_none(self, name: str) -> bytes | None:
        return None if self.fields.get(name) is None else self.blob(name)

    def blobs(self, name: str) -> list[bytes]:
        value = self.fields[name]
        if isinstance(value, dict):
            return self.other(value["of"]).blobs(name)
        return [bytes.fromhex(entry) for entry in value]

    def lines(self, name: str) -> list[str]:
        value = self.fields[name]
        if isinstance(value, list):
            return value
        lines, start = list(self.other(value["of"]).lines(name)), value["from"]
        lines[start : start + value["drop"]] = value["put"]
        return lines

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]


def plain(value: Any) -> Any:
    """Bytes as the vectors write them."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return value


def encoding(given: Input) -> dict:
    cbor.decode(given.blob("bytes"))
    return {}


def hashing(given: Input) -> dict:
    namespace, data = given["namespace"], given.blob("bytes")
    hashed = H(namespace, data)
    return {"hash": hashed, "derived": kdf(namespace, data, hashed, 76)}


def link(given: Input) -> dict:
    if "invite" in given.fields:
        return small.read_invite(given["invite"])
    return small.read_link(given["link"])


def postage(given: Input) -> dict:
    small.check_postage(
        given.blob("postage"),
        given["bits"],
        given.blob("mailbox"),
        given.blob("message_id"),
        given.blob("envelope"),
    )
    return {}


def recovery(given: Input) -> dict:
    return small.derive_recovery(given["words"])


def safety_number(given: Input) -> dict:
    sides = [(given.blob(f"{side}_identity"), given.blob(f"{side}_key")) for side in "ab"]
    return {"digits": small.safety_number(*sides)}


def node_url(given: Input) -> dict:
    return {"url": text.read_node_url(given["url"])}


def name(given: Input) -> dict:
    read = cbor.decode(given.blob("bytes"))
    cbor.shape(text.is_name(read))
    return {"name": read}


def live_frame(given: Input) -> dict:
    again: str | bytes
    if "text" in given.fields:
        again = live.read_text(given["from"], given["text"])
        return {} if again == given["text"] else {"again": again}
    again = live.read_binary(given["from"], given.blob("binary"))
    return {} if again == given.blob("binary") else {"again": again}


def records(given: Input) -> dict:
    chain = Chain.verify(given.blobs("records"))
    return {
        "identity": chain.identity,
        "number": chain.number,
        "head": chain.head,
        "signing_key": chain.signing_key,
        "active": chain.active(),
    }


def chain_order(given: Input) -> dict:
    pinned, offered = (Chain.verify(given.blobs(name)) for name in ("pinned", "offered"))
    overruled = pinned.is_overruled_by(offered, given["first_seen"])
    return {"order": pinned.order(offered), "overruled": overruled}


def event_chain(given: Input) -> dict:
    chain, device = Chain.verify(given.blobs("records")), events.DeviceChain()
    recipient = given.blob("recipient")
    read = [events.read_event(data, chain, recipient, None) for data in given.blobs("events")]
    return {"verdicts": [device.place(event) for event in read]}


def body(given: Input) -> dict:
    events.read_body(given["kind"], given.blob("body"))
    return {}


def worked_example(given: Input) -> dict:
    """A message from end to end, with every value between."""
    fingerprint, private = node_keys(given)
    box, sender, recipient = given.blob("box"), given.blob("sender"), given.blob("recipient")
    opened = nodes.open_forward(box, fingerprint, private)
    envelope = envelopes.Envelope.parse(opened.pop("envelope"))
    secret = x_wing_decapsulate(given.blob("receive_seed"), envelope.ciphertext)
    transcript = H(envelopes.ENVELOPE, envelope.header + sender + recipient + opened["mailbox"])
    okm = kdf(envelopes.ENVELOPE, secret + given.blob("pair"), transcript, 76)
    data = envelopes.unpad(aes_open(okm[:32], okm[32:44], envelope.sealed, envelope.header))
    chain = Chain.verify(given.blobs("sender_records"))
    signed = events.read_content(data)["event"]
    event = events.read_event(signed, chain, recipient, opened["message_id"])
    payload = Signed.parse(events.NAMESPACE, signed, events.MAX_EVENT).payload
    return opened | {
        "node_fingerprint": fingerprint,
        "hpke_info": prefix(nodes.FORWARD) + fingerprint,
        "hpke_enc": box[:32],
        "key_package_hint": envelope.hint,
        "header_sha256": sha256(envelope.header),
        "x_wing_secret": secret,
        "transcript": transcript,
        "key": okm[:32],
        "nonce": okm[32:44],
        "commitment": envelope.commitment,
        "content": data,
        "event_payload": payload,
        "signature_input_sha256": sha256(prefix(events.NAMESPACE) + payload),
        "event_hash": event["hash"],
        "body": event["body"],
        "text": cbor.decode(event["body"])[0],
    }


def bundle(given: Input) -> dict:
    return nodes.read_bundle(given.blob("bundle"))


def content(given: Input) -> dict:
    return events.read_content(given.blob("content"))


def batch(given: Input) -> dict:
    read = nodes.read_batch if given["of"] == "items" else nodes.read_results
    return read(given.blob("bytes"))


def key_package(given: Input) -> dict:
    return envelopes.read_key_package(given.blob("package"), given.blob("signer"))


def login(given: Input) -> dict:
    return nodes.read_login(
        given.blob("login"),
        given.blob("signer"),
        given["url"],
        given.blob("fingerprint"),
        given.blob("nonce"),
        given["now"],
    )


def event(given: Input) -> dict:
    return events.read_event(
        given.blob("event"),
        Chain.verify(given.blobs("records")),
        given.blob("recipient"),
        given.blob("message_id"),
    )


def first_contact(given: Input) -> dict:
    return envelopes.open_first_contact(
        given.blob("envelope"),
        given.blob("receive_seed"),
        given.blob("sealing_key"),
        given.blob("recipient"),
        given.blob("mailbox"),
    )


def lane(given: Input) -> dict:
    return envelopes.open_lane(
        given.blob("envelope"),
        given.blob("receive_seed"),
        given.blob("pair"),
        given.blob("sender"),
        given.blob("recipient"),
        given.blob("mailbox"),
        given.blob_or_none("sealing_key"),
    )


def pair_secret(given: Input) -> dict:
    names = ("r1", "r2", "initiator", "responder", "pairing")
    return {"pair": envelopes.pair_secret(*(given.blob(name) for name in names))}


def node_document(given: Input) -> dict:
    return nodes.read_node_document(
        given.blob("document"), given["url"], given.blob_or_none("fingerprint"), given["now"]
    )


def peer(given: Input) -> dict:
    return nodes.read_peer_request(
        given["header"], given.blob("body"), given.blob("receiver"), given["now"]
    )


def node_keys(given: Input) -> tuple[bytes, bytes]:
    """The fingerprint and the private forward key of a node, from its two private keys."""
    keys = given.blob("node_keys")
    public = small.Ed25519PrivateKey.from_private_bytes(keys[:32]).public_key().public_bytes_raw()
    return nodes.fingerprint_of(public), keys[32:]


def forward(given: Input) -> dict:
    opened = nodes.open_forward(given.blob("box"), *node_keys(given))
    del opened["envelope"]
    return opened


def lookup(given: Input) -> dict:
    fingerprint, private = node_keys(given)
    request = nodes.open_lookup(given.blob("sealed"), fingerprint, private)
    return request | nodes.open_lookup_answer(
        given.blob("answer"), fingerprint, x25519_public(private), given.blob("asker_ikm")
    )


def vault(given: Input) -> dict:
    match given["kind"]:
        case "unlock":
            return vaults.unlock(given.blob("entropy"), given["passphrase"])
        case "chunk":
            return vaults.open_chunk(given.blob("key"), given.blob("vault"), given.blob("chunk"))
        case "manifest":
            return vaults.open_manifest(
                given.blob("manifest"), given.blob("vault"), given.blob("unlock")
            )
        case "backup":
            return vaults.read_backup(given.blob("file"), given.blob("vault"))
        case "rows":
            return vaults.read_rows(given.blob("rows"))
        case "request":
            return vaults.read_request(
                given["header"],
                given["url"],
                given.blob("vault"),
                given["call"],
                given.blob("subject"),
                given["now"],
            )
        case "owner":
            return vaults.read_owner(
                given.blob("owner"),
                given["url"],
                given.blob("fingerprint"),
                given.blob("vault"),
                given.blob("signer"),
                given["now"],
            )
        case kind:
            raise ValueError(kind)


def export(given: Input) -> dict:
    return exports.read_export(given.lines("lines"))


def lock(given: Input) -> dict:
    match given["kind"]:
        case "passphrase":
            return locks.open_passphrase_slot(given.blob("slot"), given["passphrase"])
        case "passkey":
            return locks.open_passkey_slot(given.blob("slot"), given.blob("output"))
        case kind:
            raise ValueError(kind)


FAMILIES: dict[str, Callable[[Input], dict]] = {
    "encoding": encoding,
    "hashing": hashing,
    "link": link,
    "postage": postage,
    "recovery": recovery,
    "safety-number": safety_number,
    "node-url": node_url,
    "name": name,
    "live": live_frame,
    "records": records,
    "chain-order": chain_order,
    "event-chain": event_chain,
    "body": body,
    "worked-example": worked_example,
    "bundle": bundle,
    "content": content,
    "batch": batch,
    "key-package": key_package,
    "login": login,
    "event": event,
    "first-contact": first_contact,
    "pair-secret": pair_secret,
    "lane": lane,
    "padding": lane,
    "node-document": node_document,
    "peer": peer,
    "forward": forward,
    "lookup": lookup,
    "vault": vault,
    "export": export,
    "lock": lock,
}


def wrong(case: dict, outcome: dict | Refused) -> str | None:
    """Says how the outcome of a case is not the one that the file gives."""
    if case["valid"]:
        if isinstance(outcome, Refused):
            return f"refused as {outcome.name}"
        if plain(outcome) != case["expected"]:
            return f"read as {plain(outcome)}, not {case['expected']}"
        return None
    if not isinstance(outcome, Refused):
        return f"accepted, although: {case['reason']}"
    if outcome.name != case["error"]:
        return f"refused as {outcome.name}, not {case['error']}"
    return None


def against_grammar(grammar: Validator, accepted: bool) -> str | None:
    """Compares what was read with the grammar: no object of an accepted case may be outside of it."""
    for rule, data in cbor.READ:
        result = grammar.validate(data, root_type=rule)
        if accepted and not result.valid:
            return f"the grammar's {rule} is otherwise: {'; '.join(result.errors)}"
    return None


class Tally:
    """What was read as it should be, and what was not."""

    def __init__(self) -> None:
        grammar = GRAMMAR.read_text()
        self.grammar = Validator(grammar)
        # Objects of their own; `delivery` is a part of records.
        self.unseen = set(re.findall(r"^([a-z0-9-]+) = \{", grammar, re.MULTILINE)) - {
            "delivery",
            "vault-section",
            "vault-segment",
            "vault-absorbed",
        }
        self.passed = 0
        self.complaints: list[str] = []

    def family(self, name: str, data: bytes) -> None:
        cases = json.loads(data)["cases"]
        for case in cases:
            cbor.READ.clear()
            try:
                outcome: dict | Refused = FAMILIES[name](Input(cases, case["input"]))
            except Refused as refusal:
                outcome = refusal
            complaint = wrong(case, outcome) or against_grammar(self.grammar, case["valid"])
            if case["valid"]:
                self.unseen -= {rule for rule, _ in cbor.READ}
            if complaint:
                self.complaints.append(f"{name}: {case['name']}: {complaint}")
            else:
                self.passed += 1
        valid = sum(case["valid"] for case in cases)
        print(f"{name:<16} {valid:>4} valid {len(cases) - valid:>4} invalid")


def main() -> int:
    tally = Tally()
    sums = [line.split("  ") for line in (FOLDER / "SHA256SUMS").read_text().splitlines()]
    for sum_, file in sums:
        data = (FOLDER / file).read_bytes()
        if hashlib.sha256(data).hexdigest() != sum_:
            tally.complaints.append(f"{file} is not the frozen one")
        name = file.removesuffix(".json")
        if name in FAMILIES:
            tally.family(name, data)
        else:
            tally.complaints.append(f"{name}: no reader for this family")
    frozen = {file for _, file in sums}
    for file in FOLDER.glob("*.json"):
        if file.name not in frozen:
            tally.complaints.append(f"{file.name} is not among the frozen files")
    for rule in sorted(tally.unseen):
        tally.complaints.append(f"no valid vector has the grammar's {rule}")
    for complaint in tally.complaints:
        print(complaint, file=sys.stderr)
    verdict = "FAILED" if tally.complaints else "ok"
    print(f"test result: {verdict}. {tally.passed} passed; {len(tally.complaints)} failed")
    return 1 if tally.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
