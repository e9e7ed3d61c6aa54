"""A second reader of the ZeChat protocol, written from docs/protocol.md alone.

It reads and checks; it does not seal or sign. Nothing here was taken from the Rust sources, so that a vector which
both readers understand alike shows that the document says enough.
"""
