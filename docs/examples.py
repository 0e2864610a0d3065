"""An item of the feed that is expected of the sample shop, as the page of a channel shows it."""

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

from lxml import etree

from docs.blocks import ROOT
from docs.markdown import cell, code, table
from feedsmith.definitions.channel import Dialect
from feedsmith.definitions.load import Channel

GOLDEN = ROOT / "tests" / "golden"
SHOWN = 300
"""Characters of a value; descriptions are long."""


def example(channel: Channel) -> str:
    """The item as Markdown; empty where no file is expected."""
    folder = GOLDEN / channel.name
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return SHOW[channel.definition.format](files[0], channel.definition.dialect) if files else ""


def _delimited(path: Path, dialect: Dialect) -> str:
    """Heading and value of each cell that is filled, in the last row; lines above the headings have other widths."""
    encoding = "utf-8-sig" if dialect.encoding == "utf-8" else dialect.encoding
    text = path.read_bytes().decode(encoding)
    quoting: Any = csv.QUOTE_NONE if dialect.quote == "never" else csv.QUOTE_MINIMAL
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, quoting=quoting))
    headings = next(row for row in rows if len(row) == len(rows[-1]))
    pairs = zip(headings, rows[-1], strict=True)
    return table(["Column", "Value"], ([code(name), cell(_short(value))] for name, value in pairs if value))


def _json(path: Path, _: Dialect) -> str:
    lines = path.read_text("utf-8").splitlines()
    item = json.loads(lines[0]) if path.suffix == ".jsonl" else _first(json.loads("\n".join(lines)))
    return f"```json\n{json.dumps(_shortened(item), ensure_ascii=False, indent=2)}\n```\n"


def _first(value: Any) -> Any:
    """The first object of the first list that holds objects."""
    if isinstance(value, list):
        return value[0]
    return next((one[0] for one in value.values() if isinstance(one, list) and one and isinstance(one[0], dict)), value)


def _xml(path: Path, _: Dialect) -> str:
    """The element that is repeated most: its names with the prefixes of the file."""
    root = etree.fromstring(path.read_bytes(), etree.XMLParser(remove_blank_text=True))
    repeated = Counter((one.getparent(), one.tag) for one in root.iter("*") if len(one) and one.getparent() is not None)
    (parent, tag), _number = repeated.most_common(1)[0]
    item: Any = parent.find(tag) if parent is not None else root
    etree.indent(item)
    for one in item.iter():
        if one.text and not len(one):
            one.text = _short(one.text)
    item.tail = None
    text = etree.tostring(item, encoding="utf-8").decode()
    for prefix, address in item.nsmap.items():
        text = text.replace(f' xmlns{":" + prefix if prefix else ""}="{address}"', "")
    return f"```xml\n{text}\n```\n"


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    return _short(value) if isinstance(value, str) else value


SHOW = {"csv": _delimited, "json": _json, "xml": _xml}
"""Format → what shows an item of such a file."""
