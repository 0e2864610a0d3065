"""What the tests of rendering share: cells of typed values, and independent readers of each format."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

from lxml import etree

from feedsmith.definitions.channel import Dialect
from feedsmith.definitions.field import FieldDefinition
from feedsmith.render.csv import CsvEncoder
from feedsmith.render.encoder import Cells, OutField
from feedsmith.render.json import JsonEncoder
from feedsmith.render.xml import XmlEncoder
from feedsmith.values.column import Column

NAMESPACE = "http://base.google.com/ns/1.0"
XML_HEAD, XML_FOOT = f'<rss xmlns:g="{NAMESPACE}"><channel><title>t</title>\n', "</channel></rss>\n"


def cells(name: str, values: list[Any], currencies: Column | str = "EUR", /, **definition: Any) -> Cells:
    """A field of a batch; `definition` as in a channel file."""
    field = FieldDefinition.model_validate(definition)
    return Cells(OutField(name, field.name or name, field), Column(values), currencies)


def xml(**dialect: Any) -> XmlEncoder:
    return XmlEncoder("g:{name}", Dialect(**dialect))


def jsons(**dialect: Any) -> JsonEncoder:
    return JsonEncoder(Dialect(**dialect))


def delimited(**dialect: Any) -> CsvEncoder:
    return CsvEncoder(Dialect(**dialect))


def element(node: etree._Element) -> Any:
    """An element's text, or its children as a dict of lists."""
    if len(node) == 0:
        return node.text or ""
    return tree(node)


def tree(node: etree._Element) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for child in node:
        found.setdefault(etree.QName(child).localname, []).append(element(child))
    return found


def read_xml(texts: list[str]) -> list[dict[str, list[Any]]]:
    """The items as lxml reads them: by name the texts or groups."""
    whole = XML_HEAD + "".join(f"<item>{text}</item>\n" for text in texts) + XML_FOOT
    return [tree(item) for item in etree.fromstring(whole.encode()).iter("item")]


def read_json(texts: list[str]) -> list[dict[str, Any]]:
    """The items as the standard library reads them; numbers with a fraction as Decimal."""
    return json.loads("[" + ",".join(f"{{{text}}}" for text in texts) + "]", parse_float=Decimal)


def read_csv(texts: list[str], delimiter: str = ",") -> list[list[str]]:
    """The rows as the standard library reads them."""
    return list(csv.reader(io.StringIO("".join(f"{text}\n" for text in texts), newline=""), delimiter=delimiter))
