"""Several values in one text: JSON, and values between signs, perhaps quoted as CSV quotes them."""

import json
import re
from typing import Any

QUOTED = re.compile(r'\s*"((?:[^"]|"")*)"\s*')


def json_list(text: str) -> list[Any] | None:
    """The values of a JSON list, or of one with single quotes, as some pages show it; None for any other text."""
    if not (text.startswith("[") and text.endswith("]")):
        return None
    found = parsed_json(text.replace("'", '"') if text.startswith("['") and '"' not in text else text)
    return [one for one in found if one not in ("", None)] if isinstance(found, list) else None


def parsed_json(text: str) -> Any:
    """What a text of JSON holds, numbers as texts; None where it is none."""
    try:
        return json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None


def json_object(text: str, way: tuple[str, ...]) -> str | None:
    """What an object in a cell has at the end of `way`, as a cell of its own; None where it has nothing there."""
    found = parsed_json(text)
    for name in way:
        found = found.get(name) if isinstance(found, dict) else None
    if found is None or isinstance(found, str):
        return found or None
    if isinstance(found, bool):
        return "true" if found else "false"
    return json.dumps(found, ensure_ascii=False)


def parted(text: str, sign: str, within: str = "") -> list[str]:
    """The pieces between the signs, without outer blanks; a piece in quotes may hold the sign, and quotes twice.

    `within` is another sign after which quotes count: that between the attributes of a group.

    >>> parted('red, "blue, dark", 5" wide', ",")
    ['red', 'blue, dark', '5" wide']
    """
    if '"' not in text:
        return [one.strip() for one in text.split(sign)]
    stops = re.compile("|".join(map(re.escape, filter(None, (sign, within)))))
    found: list[str] = []
    start = at = 0
    while True:
        quoted = QUOTED.match(text, at)
        if quoted and (quoted.end() == len(text) or stops.match(text, quoted.end())):
            at = quoted.end()
        stop = stops.search(text, at)
        if stop is None:
            break
        if stop[0] == sign:
            found.append(text[start : stop.start()])
            start = stop.end()
        at = stop.end()
    return [_unquoted(piece) for piece in (*found, text[start:])]


def _unquoted(piece: str) -> str:
    match = QUOTED.fullmatch(piece)
    return match[1].replace('""', '"') if match else piece.strip()
