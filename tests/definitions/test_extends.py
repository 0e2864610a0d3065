"""Channel files that extend another one: what lies over what, where each entry stands, and what is refused."""

import pytest

from feedsmith.definitions.load import channel_files, load_channel, template_file
from feedsmith.errors import DefinitionError
from tests.helpers import write_tree

BASE = """\
title: Base
owner: Someone
reference: https://base.example/
read: 2026-11-22
format: xml
lists: {few: [a, b], many: [c]}
fields:
  id: {note: Own key., required: true, max: {length: 50, else: reject}}
  title: {note: Its name., required: true}
  size: {type: choice, values: [s, m]}
  shipping:
    type: group
    group: {country: {type: country}, price: {type: money, form: "{amount}"}}
checks:
  title.same: {code: conflicting-values, field: title, when: title == id, else: warn, message: "title is the id"}
sets:
  id.duplicate: {check: unique, code: duplicate-id, key: id, message: twice}
"""


@pytest.fixture
def load(tmp_path):
    """Loads the channel `own` from its text, beside the channel `base`."""

    def make(text, **others):
        channels = {"base": BASE, "own": text} | others
        write_tree(tmp_path, {f"channels/{name}.yaml": body for name, body in channels.items()})
        return load_channel("own", channel_files(tmp_path))

    return make


def test_everything_is_taken_over(load):
    own, base = load("extends: base").definition, load(BASE).definition
    assert own.model_copy(update={"extends": None}) == base
    assert own.extends == "base"


def test_the_keys_of_an_entry_are_laid_over(load):
    own = load("extends: base\ntitle: Own\nfields: {id: {max: {length: 20}}, extra: {note: More.}}").definition
    assert own.title == "Own"
    assert (own.fields["id"].note, own.fields["id"].always_required) == ("Own key.", True)
    assert (own.fields["id"].max.length, own.fields["id"].max.otherwise) == (20, "reject")
    assert list(own.fields)[-1] == "extra"


def test_entries_and_keys_are_removed(load):
    text = "extends: base\nfields: {size: ~, title: {required: ~}}\nchecks: {title.same: ~}\nsets: {id.duplicate: ~}\nlists: {few: ~}"
    own = load(text).definition
    assert "size" not in own.fields
    assert not own.fields["title"].required
    assert (own.checks, own.sets, own.lists) == ({}, {}, {"many": ["c"]})


def test_the_attributes_of_a_group_merge_by_name(load):
    own = load(
        "extends: base\nfields: {shipping: {group: {price: {form: number}, country: ~, service: {}}}}"
    ).definition
    group = own.fields["shipping"].group
    assert {name: (part.type, part.form) for name, part in group.items()} == {
        "price": ("money", "number"),
        "service": ("text", None),
    }


def test_a_check_keeps_what_is_not_said(load):
    check = load("extends: base\nchecks: {title.same: {else: drop}}").definition.checks["title.same"]
    assert (check.otherwise, check.code, check.when) == ("drop", "conflicting-values", "title == id")


def test_any_other_key_replaces(load):
    dialect = load("extends: base\ndialect: {quote: all}").definition.dialect
    own = load("extends: mid\ndialect: {delimiter: ;}", mid="extends: base\ndialect: {quote: all}").definition
    assert (dialect.quote, own.dialect.quote, own.dialect.delimiter) == ("all", "needed", ";")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("extends: bsae", "channels/own.yaml:1:10: there is no channel 'bsae' to extend\n  hint: did you mean base"),
        ("extends: own", "channels/own.yaml:1:10: a channel cannot extend itself: own extends own"),
        ("extends: [base]", "channels/own.yaml:1:10: "),
        ("extends: base\nfields: {titel: ~}", "channels/own.yaml:2:10: 'titel' is not among the fields of base\n  hint: did you mean title?"),
        ("extends: base\nfields: {shipping: {group: {prijs: ~}}}", "channels/own.yaml:2:29: 'prijs' is not among the attributes"),
        ("extends: base\nfields: {id: {requird: true}}", "channels/own.yaml:2:15: unknown key 'requird'"),
        ("extends: base\nfields: {size: {values: ~}}", "channels/own.yaml:2:16: "),
        ("extends: base\nfields: 1", "channels/own.yaml:2:9: "),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place(load, text, told):
    with pytest.raises(DefinitionError) as caught:
        load(text)
    assert told in str(caught.value)


def test_an_inherited_mistake_names_the_file_in_which_it_stands(tmp_path):
    base = BASE.replace("required: true, max", "requird: true, max")
    write_tree(tmp_path, {"channels/base.yaml": base, "channels/own.yaml": "extends: base\nfields: {id: {note: x}}"})
    with pytest.raises(DefinitionError, match=r"channels/base\.yaml:8:\d+: unknown key 'requird'"):
        load_channel("own", channel_files(tmp_path))


def test_a_detour_back_is_refused(tmp_path):
    write_tree(
        tmp_path, {"channels/a.yaml": "extends: b", "channels/b.yaml": "extends: c", "channels/c.yaml": "extends: b"}
    )
    with pytest.raises(DefinitionError, match=r"channels/c\.yaml:1:10: .*: b extends c extends b"):
        load_channel("a", channel_files(tmp_path))


def test_a_channel_of_the_same_name_extends_the_bundled_one(tmp_path):
    write_tree(tmp_path, {"channels/google.yaml": "extends: google\nfields: {title: {max: {length: 70, else: cut}}}"})
    files = channel_files(tmp_path)
    channel = load_channel("google", files)
    assert channel.path == tmp_path / "channels/google.yaml"
    assert channel.definition.fields["title"].max.length == 70
    assert channel.node.map["fields"].map["id"].place.path == "bundled channels/google.yaml"


# Templates

CHAIN = {"channels/base.yaml": BASE, "channels/mid.yaml": "extends: base", "channels/own.yaml": "extends: mid"}


@pytest.mark.parametrize(
    ("channels", "templates", "found"),
    [
        ({}, ["base.xml.j2"], "base.xml.j2"),
        ({}, ["base.xml.j2", "mid.xml.j2"], "mid.xml.j2"),
        ({}, ["base.xml.j2", "mid.xml.j2", "own.xml.j2"], "own.xml.j2"),
        ({"own": "extends: mid\ntemplate: mine.j2"}, ["own.xml.j2", "mine.j2"], "mine.j2"),
        ({"mid": "extends: base\ntemplate: mine.j2"}, ["mine.j2", "base.xml.j2"], "mine.j2"),
        ({"mid": "extends: base\ntemplate: mine.j2"}, ["mine.j2", "own.xml.j2"], "own.xml.j2"),
        ({"own": "extends: mid\nformat: csv"}, ["base.xml.j2", "own.csv.j2"], "own.csv.j2"),
        ({"own": "extends: mid\nformat: csv"}, ["base.xml.j2", "mid.csv.j2"], "mid.csv.j2"),
        ({"own": "extends: mid\nformat: csv"}, ["base.xml.j2"], None),
        ({"own": "extends: mid\nformat: csv", "base": BASE + "template: base.j2\n"}, ["base.j2"], None),
        ({"own": "extends: mid\ntemplate: mine.j2"}, ["own.xml.j2", "base.xml.j2"], None),
    ],
)
def test_the_template_is_the_nearest_one(tmp_path, channels, templates, found):
    files = CHAIN | {f"channels/{name}.yaml": text for name, text in channels.items()}
    write_tree(tmp_path, files | {f"templates/{name}": "" for name in templates})
    channel = load_channel("own", channel_files(tmp_path))
    if found is None:
        with pytest.raises(DefinitionError, match=r"is not in templates/"):
            template_file(channel, tmp_path)
    else:
        assert template_file(channel, tmp_path) == tmp_path / "templates" / found
