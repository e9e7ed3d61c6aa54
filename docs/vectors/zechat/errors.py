"""What a reader refuses, by the names of docs/protocol.md, "Names of refusals"."""

from collections.abc import Iterator
from contextlib import contextmanager


class Refused(Exception):
    """A refusal; `name` says why."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@contextmanager
def inside(outer: str) -> Iterator[None]:
    """Names the object in which a refusal happened: `Shape` becomes `Payload(Shape)`."""
    try:
        yield
    except Refused as refusal:
        raise Refused(f"{outer}({refusal.name})") from refusal


@contextmanager
def any_failure_is(name: str) -> Iterator[None]:
    """Makes every refusal look the same."""
    try:
        yield
    except Refused as refusal:
        raise Refused(name) from refusal
