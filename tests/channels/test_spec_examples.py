"""The example files of the specification beside the checkout: their headings are known, and stand in the same order."""

import csv
import re
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from feedsmith.definitions.load import channel_files, load_channel
from tests.channels.engine import HERE
from tests.conftest import GOLDEN

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "marketplace" / "examples"
FILES = {
    "beslist": "beslist-full.xml",
    "kieskeurig": "kieskeurig-full.csv",
    "tweakers": "hardware-info-style-full.csv",
    "idealo": "idealo-full.csv",
    "kelkoo": "kelkoo-full.xml",
    "prisjakt": "prisjakt-offer-full.csv",
    "prisjakt_local": "prisjakt-local-offer-full.csv",
    "billiger": "billiger-full.csv",
    "criteo": "criteo-full.csv",
    "awin": "awin-full.csv",
    "daisycon": "daisycon-full.csv",
}


def headings(path: Path, delimiter: str) -> list[str]:
    """The names of the first item's columns or elements, each once."""
    if path.suffix == ".xml":
        product = next(etree.parse(path).iter("product"))
        return list(dict.fromkeys(str(child.tag) for child in product))
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(dict.fromkeys(next(csv.reader(file, delimiter=delimiter))))


def place(names: list[str], heading: str) -> int:
    """The number of the field that is written under the heading; -1 where there is none."""
    for number, name in enumerate(names):
        pattern = re.escape(name).replace(r"\{n\}", "[0-9]+").replace(r"\{value\}", r"\w+")
        if re.fullmatch(pattern, heading):
            return number
    return -1


def places(channel: str, path: Path) -> dict[str, int]:
    """Heading → the number of its field."""
    definition = load_channel(channel, channel_files(HERE)).definition
    names = [one.name or key for key, one in definition.fields.items()]
    return {heading: place(names, heading) for heading in headings(path, definition.dialect.delimiter)}


@pytest.mark.skipif(not EXAMPLES.exists(), reason="needs the specification beside the checkout")
@pytest.mark.parametrize("channel", FILES)
def test_example_has_no_heading_that_the_channel_lacks(channel):
    found = places(channel, EXAMPLES / FILES[channel])
    assert found
    assert [heading for heading, number in found.items() if number < 0] == []
    assert all(before <= after for before, after in pairwise(found.values())), found


@pytest.mark.parametrize("channel", FILES)
def test_expected_feed_has_the_headings_in_the_order_of_the_definition(channel):
    (path,) = (GOLDEN / channel).iterdir()
    found = list(places(channel, path).values())
    assert found == sorted(found)
    assert found[0] >= 0
