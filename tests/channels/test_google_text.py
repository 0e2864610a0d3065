"""Google's text form: a product that has everything, read back by a reader of Google's own rules."""

import csv
import io
from typing import Any

import pytest
import yaml

from feedsmith.definitions.load import channel_files, load_channel
from tests.channels.engine import HERE, Bench, cell

FULL = yaml.safe_load((HERE / "full_item.yaml").read_text("utf-8"))


def split(text: str, sign: str) -> list[str]:
    """The text at every sign that stands outside of quotes."""
    found, quoted = [""], False
    for one in text:
        quoted ^= one == '"'
        if one == sign and not quoted:
            found.append("")
        else:
            found[-1] += one
    return found


def bare(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def read(heading: str, value: str, *, several: bool, order: list[str]) -> Any:
    """A cell: groups as `a:b` under `name(first:second)` or under the attribute's usual order, several with commas."""
    names = heading.partition("(")[2].rstrip(")").split(":") if "(" in heading else order
    items = split(value, ",") if several else [value]
    if names:
        groups = [dict(zip(names, map(bare, split(item, ":")), strict=True)) for item in items]
        found: list[Any] = [{name: text for name, text in group.items() if text} for group in groups]
    else:
        found = [bare(item) for item in items] if several else items
    return found if several else found[0]


def plain(value: Any) -> Any:
    """What the XML form says, with the lists inside of groups joined."""
    if isinstance(value, dict):
        return {name: ",".join(part) if isinstance(part, list) else part for name, part in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def row(tmp_path_factory) -> dict[str, str]:
    columns = {**FULL["same"], **FULL["given"]}
    market = {"country": "CH", "currency": "CHF", "language": "de", "zone": "Europe/Zurich"}
    bench = Bench("google_tsv", {"market": market}, list(columns), tmp_path_factory.mktemp("text"))
    rows = [{name: cell(name, value) for name, value in columns.items()}]
    feed = bench.feed
    products = bench.conformed(rows)
    (text,) = feed.run(products, {}).texts
    whole = feed.template.head_text(feed.context) + text
    headings, values = csv.reader(io.StringIO(whole, newline=""), delimiter="\t", strict=True)
    return dict(zip(headings, values, strict=True))


def test_text_form_holds_all_that_the_xml_form_holds(row):
    fields = load_channel("google_tsv", channel_files(HERE)).definition.fields
    found = {
        name: read(
            field.name or name, row[field.name or name], several=field.repeat is not None, order=field.order
        )
        for name, field in fields.items()
    }  # fmt: skip
    assert found == {name: plain(value) for name, value in {**FULL["same"], **FULL["read"]}.items()}


def test_headings_name_every_attribute_of_a_group(row):
    groups = load_channel("google", channel_files(HERE)).definition.fields
    written = {heading.partition("(")[0]: heading.partition("(")[2].rstrip(")").split(":") for heading in row}
    for name, field in groups.items():
        if field.group and not name.startswith("structured_"):
            assert sorted(written[name]) == sorted(field.group)


def test_a_supplemental_row_needs_nothing_besides_its_id():
    fields = load_channel("google_supplemental", channel_files(HERE)).definition.fields
    assert [name for name, field in fields.items() if field.required] == ["id"]
    assert [name for name, field in fields.items() if field.from_ or field.default] == ["id"]
