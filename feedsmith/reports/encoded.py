"""Values as JSON, whatever text stands in them."""

from typing import Any

import msgspec

from feedsmith.reports.harmless import encodable

_encoder = msgspec.json.Encoder()


def to_json(value: Any) -> str:
    r"""`value` as JSON on one line, with lone surrogates as escapes such as `\ud800`."""
    try:
        return _encoder.encode(value).decode()
    except UnicodeEncodeError:
        return _encoder.encode(encodable(msgspec.to_builtins(value))).decode()
