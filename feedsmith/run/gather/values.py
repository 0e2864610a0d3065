"""What stands in the cells of systems: lists of variants, attributes in pairs, pictures, words for ids."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.kinds import json_list, split_urls
from feedsmith.catalog.system import ChildrenDefinition, ImagesDefinition
from feedsmith.run.gather.pieces import is_one_of

DEFAULT_LANGUAGE = "x-default"
"""What an XML file calls the language of its main texts."""
MOST_ID = 50
"""Characters of a product id, the least that channels allow."""
DIGEST = 8
_NEXT_PAIR = re.compile(r",(?=[^\W\d]\w*=)")
_ONE_PICTURE = re.compile(r"https?://[^\s,;|\[\]]+")
_NEXT_PICTURE = re.compile(r"[,;|\n]+")

Pairs = list[tuple[str, str]]


def listed_children(text: str, definition: ChildrenDefinition) -> Iterator[tuple[str, Pairs]]:
    """The variants that a parent's cell lists, with the options of each: `sku=A,size=XS|sku=B,size=S`.

    Without a name for the key the cell is a list of keys.
    """
    if not definition.key:
        yield from ((key, []) for key in json_list(text) or text.split(definition.between))
        return
    for entry in text.split(definition.between):
        pairs = split_pairs(entry)
        key = next((value for name, value in pairs if name == definition.key), None)
        if key:
            others = {definition.key, *definition.ignore}
            yield key, [(name, value) for name, value in pairs if name not in others]


def split_pairs(text: str) -> Pairs:
    """The pairs of `code=value,code=value`; a comma in a value parts nothing. Quotes around a pair are taken off."""
    if text.startswith('[["'):
        return [(name, value) for name, value in json.loads(text)]
    pairs: Pairs = []
    for piece in _NEXT_PAIR.split(text.replace(',"', ",").replace('",', ",").strip(' "')):
        name, sign, value = piece.partition("=")
        if sign and name.strip() and value.strip():
            pairs.append((name.strip(), value.strip().replace('""', '"')))
    return pairs


def pictures_in(text: str, definition: ImagesDefinition, base: str) -> Iterator[str]:
    """The pictures of a cell, those without a host behind `base`."""
    if _ONE_PICTURE.fullmatch(text):
        yield text
        return
    listed = json_list(text)
    pieces = listed if listed is not None else split_urls(text) if "://" in text else _NEXT_PICTURE.split(text)
    for piece in pieces:
        path = piece.strip()
        if not path or is_one_of(path, definition.none):
            continue
        yield with_host(path, base)


def with_host(path: str, base: str) -> str:
    """The address of a picture; as it is where it has a host, or nothing is known."""
    if path.startswith("//"):
        return f"https:{path}"
    if "://" in path or not base:
        return path
    return f"{base.rstrip('/')}/{path.lstrip('/')}"


def listed(values: Sequence[str]) -> str | None:
    """Several values as one cell."""
    if not values:
        return None
    if len(values) == 1:
        return values[0]
    joined = '", "'.join(values)
    if is_plain("".join(values)):
        return f'["{joined}"]'
    return json.dumps(list(values), ensure_ascii=False)


def is_plain(text: str) -> bool:
    """Whether a text stands in JSON as it is."""
    return '"' not in text and "\\" not in text and text.isprintable()


def made_id(parts: Iterable[str]) -> str:
    """An id of a key and the values of options: `shirt-red-l`. A long one is cut, with a digest of the whole."""
    key, *rest = parts
    whole = "-".join([key, *(normalise(part).replace("_", "-") or digest(part) for part in rest)])
    return whole if len(whole) <= MOST_ID else f"{whole[: MOST_ID - DIGEST - 1]}-{digest(whole)}"


def digest(text: str) -> str:
    """A few characters that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST]
