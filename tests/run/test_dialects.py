"""Whole feeds in each dialect of delimited files, also cut into several: what the bytes say, read independently."""

import csv
import io
import json

import pytest

from feedsmith.errors import DefinitionError
from tests.helpers import write_tree
from tests.run.helpers import CHANNEL, HEADINGS, catalog, export, part_size, rows

TEMPLATE = "{{ header }}\n{% for item in items %}\n{{ item }}\n{% endfor %}\n"
PROJECT = "catalog: catalog.csv\nmarket: {currency: EUR, country: NL}\nfeeds: {one: {channel: one, title: TITLE}}\n"
TITLES = ["Deken", "Crème brûlée", "Miłość", "a;b", 'said "x"', "😀 ok"]


def shop(folder, form, more, template=TEMPLATE, title="Shop", number=30):
    products = [row | {"title": f"{TITLES[at % 6]} {at}"} for at, row in enumerate(rows(number))]
    return write_tree(
        folder,
        {
            "feedsmith.yaml": PROJECT.replace("TITLE", title),
            "catalog.csv": catalog(products),
            "channels/one.yaml": CHANNEL.format(format=form, more=more, twice="keep_first"),
            f"templates/one.{form}.j2": template,
        },
    )


def files(folder, kind):
    paths = (folder / "out").glob(f"one*.{kind}")
    return sorted(paths, key=lambda path: int(path.stem.partition("-")[2] or 0))


CASES = [
    ({"delimiter": ";"}, "utf-8", "Miłość"),
    ({"delimiter": ";", "bom": True, "newline": "crlf"}, "utf-8-sig", "Miłość"),
    ({"delimiter": "\t", "encoding": "utf-16", "newline": "crlf"}, "utf-16", "Miłość"),
    ({"delimiter": ";", "encoding": "cp1252", "quote": "all"}, "cp1252", "Mi?osc"),
    ({"delimiter": "\t", "encoding": "iso-8859-2", "quote": "never"}, "iso-8859-2", "Miłość"),
]


@pytest.mark.parametrize(("dialect", "encoding", "shown"), CASES)
@pytest.mark.parametrize("envelope", [{}, {"items": 7}, {"bytes": 900}])
def test_a_dialect_and_an_envelope(tmp_path, dialect, encoding, shown, envelope):
    folder = shop(tmp_path, "csv", f"dialect: {json.dumps(dialect)}\nenvelope: {json.dumps(envelope)}")
    with part_size(700):
        ran = export(folder)
    found = []
    for path, told in zip(files(folder, "csv"), ran.feed("one").files, strict=True):
        raw = path.read_bytes()
        assert len(raw) == told.bytes <= envelope.get("bytes", len(raw))
        text = raw.decode(encoding)
        assert text.count("\r\n") == (text.count("\n") if dialect.get("newline") else 0)
        plain = {"quoting": csv.QUOTE_NONE} if dialect.get("quote") == "never" else {}
        heading, *lines = csv.reader(
            io.StringIO(text, newline=""), delimiter=dialect["delimiter"], strict=True, **plain
        )
        assert heading == list(HEADINGS)
        assert len(lines) == told.items <= envelope.get("items", 30)
        found += [line[1] for line in lines]
    assert len(files(folder, "csv")) > 1 or not envelope
    assert [title.rpartition(" ")[2] for title in found] == [str(at) for at in range(30)]
    assert found[2] == f"{shown} 2"
    lacking = {"cp1252": 10, "iso-8859-2": 10}.get(encoding, 0)
    assert len(ran.found("unfit-character")) == lacking


@pytest.mark.parametrize("envelope", [{"items": 7}, {"bytes": 900}])
def test_nested_json_in_several_files(tmp_path, envelope):
    more = f'separator: ","\nenvelope: {json.dumps(envelope)}'
    folder = shop(tmp_path, "json", more, '{"items": [\n{% for item in items %}\n{ {{ item }} }\n{% endfor %}\n]}\n')
    path = folder / "channels/one.yaml"
    words = 'wrap: \'[{"value": {value}, "tag": "{language}_{country}"}]\''
    path.write_text(path.read_text().replace("brand: {}", f"brand: {{name: a.b.brand, {words}}}"))
    with part_size(700):
        export(folder)
    documents = [json.loads(path.read_bytes()) for path in files(folder, "json")]
    assert len(documents) > 1
    assert all(path.stat().st_size <= envelope.get("bytes", 10**6) for path in files(folder, "json"))
    items = [item for document in documents for item in document["items"]]
    assert [item["nr"] for item in items] == [str(at + 1) for at in range(30)]
    assert items[0]["a"] == {"b": {"brand": [{"value": "Kaap", "tag": "nl_NL"}]}}


def test_what_stands_around_the_items_must_fit_too(tmp_path):
    folder = shop(tmp_path, "csv", "dialect: {encoding: cp1252}", "{{ feed.title }}\n" + TEMPLATE, title="Miłość")
    with pytest.raises(DefinitionError, match="'ł', which cp1252 lacks"):
        export(folder)


def test_a_word_that_the_feed_lacks_has_its_place(tmp_path):
    folder = shop(tmp_path, "json", "", "{% for item in items %}{ {{ item }} }{% endfor %}")
    path = folder / "channels/one.yaml"
    path.write_text(path.read_text().replace("brand: {}", 'brand: {wrap: \'{"a": {value}, "b": {vars.shop}}\'}'))
    with pytest.raises(DefinitionError, match=r"the feed has no \{vars\.shop\}") as caught:
        export(folder)
    assert caught.value.place.path == "channels/one.yaml"
