"""Catalog text made safe to show: it must not steer a terminal, forge a line or give orders to a build server."""

from typing import Any

RUNNER_ORDERS = {"##[": "#\\x23["}
"""Signs that a build server obeys wherever they stand in a line, and what is shown instead."""
LINE_ORDER = "::"
"""What a build server obeys at the start of a line."""


def harmless(text: str) -> str:
    r"""`text` on one line, with everything invisible or unprintable as an escape such as `\x1b` or `\u202e`.

    That covers control characters, line breaks, bidirectional marks, zero-width signs and lone surrogates.

    >>> print(harmless("a\x1b[2Jb\nc"))
    a\x1b[2Jb\nc
    """
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else _escaped(sign) for sign in text)
    for order, instead in RUNNER_ORDERS.items():
        text = text.replace(order, instead)
    start = len(text) - len(text.lstrip())
    return f"{text[:start]}\\x3a{text[start + 1 :]}" if text.startswith(LINE_ORDER, start) else text


def encodable(value: Any) -> Any:
    r"""`value` with lone surrogates as escapes such as `\ud800`, also inside lists, tuples and dicts.

    A JSON source or a file's name can hold them, and no encoder takes them.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {encodable(key): encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encodable(item) for item in value]
    return value


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
