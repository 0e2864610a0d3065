"""Items that are groups: a product with its variants, however the catalog is sorted."""

import csv
import io
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsmith.errors import DefinitionError
from feedsmith.issues import Issue
from feedsmith.reports.report import Report
from feedsmith.run import regroup
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.table import ReadOptions, open_table
from tests.helpers import write_tree

HEAD = """title: A channel of the tests
owner: Nobody
reference: https://channel.example/specification
read: 2026-11-22
kind: own
item: group
"""
NESTED = (
    HEAD
    + """format: json
group:
  separator: ", "
  fields:
    id: {from: group.id or first.id, required: true}
    name: {from: item_group_title, required: {else: info}}
    min_price: {type: money, form: minor object, from: lowest.price}
    max_price: {type: money, form: minor object, from: highest.price}
    colors: {from: each.color, repeat: 10}
    pieces: {type: integer, from: total.quantity}
    size: {type: integer, from: group.size}
  checks:
    dear: {code: too-dear, when: highest.price > 100, field: max_price, else: reject, message: "{{ name }} is too dear"}
fields:
  id: {required: true}
  title: {required: true}
  price: {type: money, form: minor, required: true}
  quantity: {type: integer}
  color: {}
sets:
  twice: {check: unique, key: id, code: duplicate-id, message: "{{ id }} twice", else: keep_first}
"""
)
LINES = (
    HEAD
    + """format: csv
group:
  fields:
    parentage: {from: "'parent' if group.size > 1 else none"}
    theme: {from: "'Color' if group.size > 1 else none"}
    id: {from: group.id or first.id}
    title: {from: first.title}
fields:
  parentage: {value: child}
  theme: {}
  id: {required: true}
  title: {required: true}
  price: {type: money, form: "{amount}"}
"""
)
PLAIN = HEAD.replace("item: group\n", "format: csv\ntemplate: lines.plain.j2\n") + "fields: {id: {}, title: {}}\n"
TREE = {
    "channels/nested.yaml": NESTED,
    "channels/lines.yaml": LINES,
    "channels/plain.yaml": PLAIN,
    "templates/nested.json.j2": """{% for item in items %}
{ {{ item }}, "variants": [{% for variant in variants %}{ {{ variant }} }{% endfor %}]}
{% endfor %}
""",
    "templates/lines.csv.j2": """{{ header }}
{% for item in items %}
{% if raw.parentage %}
{{ item }}
{% endif %}
{% for variant in variants %}
{{ variant }}
{% endfor %}
{% endfor %}
""",
    "templates/lines.plain.j2": "{{ header }}\n{% for item in items %}\n{{ item }}\n{% endfor %}\n",
    "feedsmith.yaml": """catalog:
  source: ["*.csv"]
  columns: {item_group_id: groep}
market: {country: NL, currency: EUR}
feeds:
  nested: {channel: nested, fields: {group.name: "{{ first.title }}!"}}
  lines: {channel: lines}
  plain: {channel: plain}
""",
}
HEADINGS = "id,groep,title,price,quantity,color"
PARENTS = """group:
  fields:
    id: {from: group.id}
    title: {from: title}
    kind: {from: "'parent' if first.below is filled"}
  parent:
    row: kind
    child: below
    copies: [price]
    moves: [title]
    common: [color, pieces]
fields:
  id: {required: true}
  kind: {}
  below: {from: item_group_id if group.size > 1}
  title: {required: true}
  price: {type: money, form: "{amount}"}
  color: {}
  pieces: {type: integer, from: total.quantity}
"""
PARENT_TEMPLATE = TREE["templates/lines.csv.j2"].replace("raw.parentage", "raw.kind")
ROWS = [
    "A1,A,Deken rood,10.00,1,rood",
    "B1,B,Trui,20.00,2,",
    "S,,Sok,5,3,",
    "A2,A,Deken blauw,12.50,4,blauw",
    "B1,B,Trui dubbel,20.00,5,",
    "T,,Tas,,6,",
    "A3,A,Deken geel,not a price,7,geel",
    "D1,D,Duur,99,8,",
    "D2,D,Duurder,101,9,",
]


def made(folder: Path, files: dict[str, list[str]], **options: object) -> tuple[Report, list[Issue]]:
    """An export of these files."""
    catalogs = {name: "\n".join([HEADINGS, *rows, ""]) for name, rows in files.items()}
    write_tree(folder, {**TREE, **catalogs})
    issues: list[Issue] = []
    request = Request(project=folder, write=True, **options)
    return execute(request, lambda report: issues.extend(report.issues())), issues


def nested(folder: Path) -> dict[str, dict]:
    """The groups of the nested feed by id."""
    lines = (folder / "out" / "nested.json").read_text("utf-8").splitlines()
    return {group["id"]: group for group in map(json.loads, lines)}


@pytest.mark.parametrize("workers", [1, 2])
def test_groups_come_together_in_the_order_of_their_first_product(tmp_path, workers):
    report, issues = made(tmp_path, {"a.csv": ROWS[:4], "b.csv": ROWS[4:]}, workers=workers)
    groups = nested(tmp_path)
    assert list(groups) == ["A", "B", "S"]
    euro = {"currency": "EUR"}
    assert groups["A"] == {
        "id": "A", "name": "Deken rood!", "min_price": {"amount": 1000, **euro}, "max_price": {"amount": 1250, **euro},
        "colors": ["rood", "blauw"], "pieces": 5, "size": 2,
        "variants": [
            {"id": "A1", "title": "Deken rood", "price": 1000, "quantity": 1, "color": "rood"},
            {"id": "A2", "title": "Deken blauw", "price": 1250, "quantity": 4, "color": "blauw"},
        ],
    }  # fmt: skip
    assert [variant["title"] for variant in groups["B"]["variants"]] == ["Trui"], "the second B1 left, by a set check"
    assert groups["B"]["pieces"] == 2, "and what the group says of its variants is worked out again"
    feed = next(feed for feed in report.feeds if feed.name == "nested")
    assert (feed.items, feed.rejected, feed.filtered, feed.products_in) == (4, 5, 0, 9)
    places = {(one.code, one.product, one.place.path, one.place.row) for one in issues if one.feed == "nested"}
    assert ("duplicate-id", "B1", "b.csv", 2) in places
    assert ("missing-required", "T", "b.csv", 3) in places
    assert ("too-dear", "D1", "b.csv", 5) in places
    assert [source.rows for source in report.sources] == [4, 5]


def test_lines_of_groups_and_of_their_variants_have_the_same_columns(tmp_path):
    made(tmp_path, {"a.csv": ROWS})
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "lines.csv").read_text("utf-8"))))
    assert [(row["parentage"], row["theme"], row["id"], row["price"]) for row in rows][:4] == [
        ("parent", "Color", "A", ""), ("child", "", "A1", "10.00"), ("child", "", "A2", "12.50"), ("child", "", "A3", ""),
    ]  # fmt: skip
    assert [row["id"] for row in rows if row["parentage"] == "parent"] == ["A", "B", "D"], (
        "a product alone has no parent"
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_groups(tmp_path_factory, groups, rng: random.Random):
    rows = [f"P{number},G{group},Naam,10,1,c{number}" for number, group in enumerate(groups)]
    expected: dict[str, set[str]] = {}
    for number, group in enumerate(groups):
        expected.setdefault(f"G{group}", set()).add(f"P{number}")
    rng.shuffle(rows)
    folder = tmp_path_factory.mktemp("order")
    made(folder, {"a.csv": rows})
    found = {key: {variant["id"] for variant in group["variants"]} for key, group in nested(folder).items()}
    assert found == expected
    first = dict.fromkeys(row.split(",")[1] for row in rows)
    assert list(nested(folder)) == list(first), "a group stands where its first product stood"


def test_many_buckets_and_parts_give_the_same_bytes(tmp_path, monkeypatch):
    rows = [f"P{number},G{number * 7919 % 800},Naam,10,1,c{number}" for number in range(2500)]
    made(tmp_path / "one", {"a.csv": rows})
    monkeypatch.setattr(regroup, "BUCKET", 5000)
    monkeypatch.setattr(regroup, "PART_BYTES", 3000)
    made(tmp_path / "many", {"a.csv": rows})
    for name in ("nested.json", "lines.csv", "plain.csv"):
        assert (tmp_path / "one/out" / name).read_bytes() == (tmp_path / "many/out" / name).read_bytes()


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("channels/nested.yaml", ("lowest.price", "lowest.title"), "has no 'title'"),
        ("channels/nested.yaml", ("lowest.price", "cheapest.price"), "there is no 'cheapest'"),
        ("channels/nested.yaml", ("group:\n", "group:\n  by: style\n"), "'style' is no field of a product"),
        ("channels/nested.yaml", ("item: group", "item: product"), "item: group"),
        ("channels/nested.yaml", ("highest.price > 100", "highest.prise > 100"), "'prise'"),
        ("templates/nested.json.j2", ("{% for variant in variants %}{ {{ variant }} }{% endfor %}", ""), "needs one loop"),
        ("templates/nested.json.j2", ("{{ variant }}", "{{ variant.nam }}"), "variant has no 'nam'"),
        ("templates/lines.plain.j2", ("{{ item }}", "{% for variant in variants %}{% endfor %}"), "has no variants"),
        ("feedsmith.yaml", ("group.name", "group.nam"), "no field 'nam'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path, file, change, said):
    assert change[0] in TREE[file]
    write_tree(tmp_path, {**TREE, file: TREE[file].replace(*change), "a.csv": "\n".join([HEADINGS, *ROWS])})
    with pytest.raises(DefinitionError) as caught:
        execute(Request(project=tmp_path, write=True), lambda _: None)
    assert said in str(caught.value)


def with_parents(folder: Path, form: str, more: str = "") -> list[list[str]]:
    """The rows of a feed whose groups have rows of their own: id, kind, below, title, price, color, pieces."""
    tree = {
        "channels/rows.yaml": HEAD + f"format: {form}\n" + PARENTS,
        "templates/rows.csv.j2": PARENT_TEMPLATE,
        "feedsmith.yaml": "catalog: {source: a.csv, columns: {item_group_id: groep}}\n"
        f"market: {{country: NL, currency: EUR}}\nfeeds: {{rows: {{channel: rows{more}}}}}\n",
        "a.csv": "\n".join([HEADINGS, *ROWS[:4], *ROWS[5:6], "C1,C,Sjaal,8,9,wit", "C2,C,Sjaal,8,9,wit", ""]),
    }
    write_tree(folder, tree)
    report = execute(Request(project=folder, write=True), lambda _: None)
    assert [(feed.rejected, len(feed.files)) for feed in report.feeds] == [(0, 1)]
    if form == "csv":
        return list(csv.reader(io.StringIO((folder / "out" / "rows.csv").read_text("utf-8"))))[1:]
    table = open_table(folder / "out" / "rows.xlsx", ReadOptions(), folder, "rows.xlsx")
    (batch,) = read_table(table)
    columns = [batch.columns[name].values for name in table.headings]
    return [[cell or "" for cell in row] for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_group_has_a_row_above_its_variants(tmp_path, form):
    assert with_parents(tmp_path, form) == [
        ["A", "parent", "", "Deken rood", "10.00", "", "5"],
        ["A1", "", "A", "", "10.00", "", ""],
        ["A2", "", "A", "", "12.50", "", ""],
        ["B1", "", "", "Trui", "20.00", "", "2"],
        ["S", "", "", "Sok", "5.00", "", "3"],
        ["T", "", "", "Tas", "", "", "6"],
        ["C", "parent", "", "Sjaal", "8.00", "wit", "18"],
        ["C1", "", "C", "", "8.00", "", ""],
        ["C2", "", "C", "", "8.00", "", ""],
    ]


def test_what_rules_ask_over_a_group_is_asked_of_what_is_not_left_out(tmp_path):
    rows = with_parents(tmp_path, "csv", more=', exclude: {"no blue one": color == "blauw"}')
    assert rows[0] == ["A1", "", "", "Deken rood", "10.00", "rood", "1"], "the last one of its group stands alone"


def test_conditions_may_ask_over_a_group(tmp_path):
    rows = with_parents(tmp_path, "csv", more=', where: "group.size > 1 and lowest.price < 9"')
    assert [row[0] for row in rows] == ["C", "C1", "C2"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("row: kind", "row: below"), "'below' is no field of the group"),
        (("moves: [title]", "moves: [titel]"), "'titel' is no field of a variant"),
        (("child: below", "child: beside"), "'beside' is no field of a variant"),
    ],
)
def test_what_is_wrong_with_a_row_of_a_group_is_said(tmp_path, monkeypatch, change, said):
    assert change[0] in PARENTS
    monkeypatch.setitem(globals(), "PARENTS", PARENTS.replace(*change))
    with pytest.raises(DefinitionError, match=said):
        with_parents(tmp_path, "csv")


def test_a_workbook_of_groups_needs_rows_for_them(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PARENTS", "group: {}\nfields: {id: {}}\n")
    with pytest.raises(DefinitionError, match="a workbook of groups says what their rows are"):
        with_parents(tmp_path, "xlsx")
