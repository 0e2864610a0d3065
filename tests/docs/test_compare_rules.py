"""Each row of the table that compares rules is run: the given products give the expected fields."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
import yaml

from docs.compare import TOOLS, rows
from tests.helpers import write_tree
from tests.run.helpers import export

CHANNEL = """\
title: The channel of the comparison
owner: Nobody
reference: https://channel.example/specification
read: 2026-11-22
format: json
separator: ","
fields:
  id: {required: true}
  title: {max: {length: 30, else: cut}}
  description: {}
  brand: {}
  color: {}
  quantity: {}
  price: {type: money, form: "{amount} {currency}"}
  link: {type: url}
  image_link: {type: url}
  additional_image_link: {type: url, repeat: 9, join: ","}
  custom_label_0: {}
  custom_label_1: {}
  custom_label_2: {}
  custom_label_3: {}
"""
PROJECT = {
    "catalog": "catalog.csv",
    "market": {"country": "NL", "vat": "21"},
    "feeds": {"shop": {"channel": "compare", "output": "shop.json"}},
}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def products(row):
    return [{"id": f"A-{number}", **given} for number, given in enumerate(row.given, 1)]


def written(row):
    found = products(row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for one in found for name in one)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    project = {**PROJECT, **row.write}
    project["feeds"] = {"shop": {**project["feeds"]["shop"], "output": "shop.json"}}
    template = '{"items": [\n{% for item in items %}\n{ {{ item }} }\n{% endfor %}\n]}\n'
    return {
        "feedsmith.yaml": yaml.safe_dump(project, sort_keys=False, allow_unicode=True), "catalog.csv": text.getvalue(),
        "channels/compare.yaml": CHANNEL, "templates/compare.json.j2": template, **row.files,
    }  # fmt: skip


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.feature)
def test_a_row_does_what_it_says(row, tmp_path):
    ran = export(write_tree(tmp_path, written(row)), as_of=NOW)
    sent = {item["id"]: item for item in json.loads((tmp_path / "out/shop.json").read_text("utf-8"))["items"]}
    told = {(issue.product, issue.code) for issue in ran.issues}
    reasons = {issue.product: issue.message for issue in ran.found("filtered")}
    asked = {name for one in row.expect for name in one} - {"out", "warns"}
    for given, expected in zip(products(row), row.expect, strict=True):
        id_ = given["id"]
        wanted = dict(expected)
        assert reasons.get(id_) == wanted.pop("out", None)
        if "warns" in wanted:
            assert (id_, wanted.pop("warns")) in told
        if id_ in sent:
            assert {name: sent[id_][name] for name in asked if name in sent[id_]} == wanted
        else:
            assert wanted == {}
            assert id_ in reasons


def test_a_row_expects_something_of_each_product():
    assert [row.feature for row in rows() if len(row.given) != len(row.expect) or not any(row.expect)] == []
    assert {tool for row in rows() for tool in row.tools} == set(TOOLS)
