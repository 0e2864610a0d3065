"""The JSON Schemas: what feedsmith reads validates, what it refuses does not."""

import re
from functools import cache

import jsonschema
import pytest
import yaml

from feedsmith.definitions.load import channel_files, load_channel
from feedsmith.run.schema import channel_schema, project_schema, system_schema
from tests.helpers import ROOT

PROJECTS = sorted(
    path for path in (ROOT / "samples").rglob("*.yaml") if path.name not in {"mistakes.yaml", "articles.yaml"}
)
CHANNELS = sorted((ROOT / "channels").glob("*.yaml"))
SYSTEMS = sorted((ROOT / "feedsmith/catalog/systems").glob("*.yaml"))


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: NO is a text, 2027-01-31 too."""


Core.yaml_implicit_resolvers = {}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false|True|False)$"), list("tfTF"))
Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(~|null|)$"), ["~", "n", ""])
Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("^[-+]?[0-9]+$"), list("-+0123456789"))
Core.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)$"), list("-+.0123456789")
)


def loaded(text):
    return yaml.load(text, Core)  # noqa: S506 - a safe loader


@cache
def validator(kind):
    files = channel_files(ROOT)
    made = {
        "project": lambda: project_schema(load_channel(name, files) for name in files),
        "channel": channel_schema,
        "system": system_schema,
    }[kind]()
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


def mistakes(kind, text):
    return [
        f"{'/'.join(map(str, one.absolute_path))}: {one.message}"[:300]
        for one in validator(kind).iter_errors(loaded(text))
    ]


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_sample_projects_are_valid(path):
    assert mistakes("project", path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", CHANNELS, ids=lambda path: path.stem)
def test_bundled_channels_are_valid(path):
    assert mistakes("channel", path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", SYSTEMS, ids=lambda path: path.stem)
def test_bundled_systems_are_valid(path):
    assert mistakes("system", path.read_text("utf-8")) == []


VALID = [
    "catalog: a.csv",
    "catalog: [a.csv, b.csv]",
    "catalog: {sources: [a.csv, {path: b.csv, join: sku}]}",
    "catalog: {sources: {a: a.csv, b: {path: [b.csv], join: {id: nr}, missing: skip, max_age: 2d}}}",
    "feeds: {a: {channel: google, fields: {title: Kom, price: {from: price, steps: strip_html}}}}",
    "feeds: {a: {channel: google, fields: {title: ~, custom_label_0: [{when: price > 1, value: 5}, {value: x}]}}}",
    "feeds: {a: {channel: my_own, fields: {anything: 5}}}",
    "feeds: {a: {channel: etsy, fields: {group.title: Kom}}}",
    "rules: {a: {from: 2027-01-31, where: price > 5, exclude: [price > 9], checks: {missing-required: off}}}",
    "rules: {a: {fields: {title: {parts: [a, b], drop: [a], steps: [{cut: 5}, trim]}}}}",
    "markets: {nl: {country: NL, vat: 21}}",
    "examples: {a: {given: {price: 5.00}, expect: {title: Kom}, rejected: true}}",
    "fields:",
]
WRONG = [
    ("feds: {}", "'feds' was unexpected"),
    ("version: 2", "1 was expected"),
    ("catalog: {sorce: a.csv}", ""),
    ("feeds: {a: {}}", "'channel' is a required property"),
    ("feeds: {a: {channel: google, fields: {titel: Kom}}}", "'titel' was unexpected"),
    ("feeds: {a: {channel: google, fields: {title: {form: x}}}}", ""),
    ("feeds: {a: {channel: google, fields: {title: {from: x, steps: [strip_htlm]}}}}", ""),
    ("feeds: {a: {channel: google, fields: {title: {from: x, steps: [{cut: 5, trim: ~}]}}}}", ""),
    ("catalog: {source: {path: a.csv, decimal: x}}", ""),
    ("checks: {mine: {when: price > 5}}", ""),
    ("examples: {a: {expect: {title: Kom}}}", "'given' is a required property"),
    ("markets: [nl]", ""),
]


@pytest.mark.parametrize("text", VALID)
def test_every_form_of_a_project_is_valid(text):
    assert mistakes("project", text) == []


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_what_feedsmith_refuses_is_not_valid(text, told):
    assert any(told in one for one in mistakes("project", text))


CHANNEL = "title: A\nowner: B\nreference: https://a.example\nread: 2026-01-31\nformat: csv\n"
WRONG_CHANNELS = [
    (CHANNEL, "'fields' is a required property"),
    (CHANNEL + "fields: {a: {typ: text}}", "'typ' was unexpected"),
    (CHANNEL + "fields: {a: {type: txt}}", ""),
    (CHANNEL + "fields: {a: {max: {length: long}}}", ""),
    ("extends: google\nfields: {a: {typ: text}}", ""),
    ("extends: google\nfeilds: {}", "'feilds' was unexpected"),
]


@pytest.mark.parametrize(("text", "told"), WRONG_CHANNELS)
def test_wrong_channels_are_not_valid(text, told):
    assert any(told in one for one in mistakes("channel", text))


@pytest.mark.parametrize(
    "text", ["extends: google", "extends: google\nfields: {title: {max: {length: 60}}, brand: ~, mine: {from: id}}"]
)
def test_channels_that_extend_another_are_valid(text):
    assert mistakes("channel", text) == []


def test_completion_knows_names_and_what_they_mean():
    made = validator("project").schema
    fields = made["$defs"]["fields_of_google"]["properties"]
    assert fields["title"]["description"]
    assert {"google", "meta", "etsy"} <= set(made["$defs"]["Feed"]["properties"]["channel"]["anyOf"][0]["enum"])
    assert "strip_html" in made["$defs"]["Steps"]["anyOf"][0]["anyOf"][0]["enum"]
