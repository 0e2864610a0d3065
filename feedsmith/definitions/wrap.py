"""Fixed JSON around a value: `[{"value": {value}, "language_tag": "{language}_{country}"}]`.

`{value}` stands once and outside of quotes. Any other name is filled in before the first row, encoded: with its quotes
where it stands alone, without them inside a text.
"""

import re
from collections.abc import Mapping

import msgspec

VALUE = "{value}"
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\{([a-z_]+(?:\.[\w-]+)?)\}')
NAME = re.compile(r"\{([a-z_]+(?:\.[\w-]+)?)\}")


def check_wrap(wrap: str) -> None:
    """Refuse a wrap that would not give valid JSON.

    Raises:
        ValueError: says why.
    """
    names = {name: "" for name in NAME.findall(wrap) if name != "value"}
    text = filled_wrap(wrap, names)
    places = [match.span() for match in TOKEN.finditer(text) if match[0] == VALUE]
    if len(places) != 1:
        raise ValueError("needs {value} once, outside of quotes")
    start, end = places[0]
    try:
        msgspec.json.decode(text[:start] + "0" + text[end:])
    except msgspec.DecodeError as error:
        raise ValueError(f"is not valid JSON around {{value}}: {error}") from error


def filled_wrap(wrap: str, words: Mapping[str, str]) -> str:
    """The wrap with all names but `{value}` filled in.

    Raises:
        ValueError: a name is not among the words, or `{value}` stands in quotes.
    """

    def encoded(name: str) -> str:
        if name not in words:
            raise ValueError(f"the feed has no {{{name}}}")
        # A brace that comes with a word is no place to fill.
        return msgspec.json.encode(words[name]).decode().replace("{", "\\u007b")

    def inside(match: re.Match[str]) -> str:
        if match[0] == VALUE:
            raise ValueError("has {value} in quotes: it is encoded with the quotes that it needs")
        return encoded(match[1])[1:-1]

    def token(match: re.Match[str]) -> str:
        if match[1] is None:
            return NAME.sub(inside, match[0])
        return VALUE if match[0] == VALUE else encoded(match[1])

    return TOKEN.sub(token, wrap)


def around(wrap: str) -> tuple[str, str]:
    """What stands before and after the value of a filled wrap."""
    match = next(match for match in TOKEN.finditer(wrap) if match[0] == VALUE)
    return wrap[: match.start()], wrap[match.end() :]
