"""Changes of a channel by date: which fields and limits count on a day, and what differs between two days."""

from datetime import date

import pytest

from feedsmith.definitions.dated import differences
from feedsmith.definitions.load import channel_files, load_channel
from feedsmith.errors import DefinitionError
from tests.helpers import write_tree

OWN = """\
title: Own
owner: Someone
reference: https://own.example/
read: 2026-11-22
format: xml
fields:
  id: {required: true}
  title:
    max: {length: 200, else: cut}
    changes:
      - {from: 2027-03-01, max: {length: 75, else: reject}}
      - {from: 2027-01-01, max: {length: 150, else: cut}, required: true}
      - {from: 2027-06-01, required: ~, note: Shorter.}
  size: {until: 2027-01-31, type: group, group: {a: {}}}
  sizes: {since: 2027-02-01}
  shipping:
    type: group
    group:
      price: {type: money, changes: [{from: 2027-02-01, required: true}]}
checks:
  a: {code: conflicting-values, when: title == id, else: reject, message: x, since: 2027-04-01}
  b: {code: conflicting-values, when: title == id, else: info, message: x, since: 2027-04-01}
"""


@pytest.fixture
def own(tmp_path):
    """Loads the channel of that text."""

    def load(text=OWN):
        write_tree(tmp_path, {"channels/own.yaml": text})
        return load_channel("own", channel_files(tmp_path))

    return load


@pytest.mark.parametrize(
    ("day", "length", "otherwise", "required", "note"),
    [
        ("2026-12-31", 200, "cut", False, ""),
        ("2027-01-01", 150, "cut", True, ""),
        ("2027-02-28", 150, "cut", True, ""),
        ("2027-03-01", 75, "reject", True, ""),
        ("2027-06-01", 75, "reject", False, "Shorter."),
    ],
)
def test_the_changes_up_to_a_day_lie_over_the_field(own, day, length, otherwise, required, note):
    channel = own().on(date.fromisoformat(day))
    title = channel.definition.fields["title"]
    assert (title.max.length, title.max.otherwise, title.always_required, title.note) == (
        length, otherwise, required, note,
    )  # fmt: skip
    assert ("required" in channel.node.map["fields"].map["title"].map) is required


def test_attributes_change_too(own):
    shipping = {day: own().on(day).definition.fields["shipping"] for day in (date(2027, 1, 31), date(2027, 2, 1))}
    assert [one.group["price"].always_required for one in shipping.values()] == [False, True]


def test_a_day_without_changes_gives_the_channel_itself(own):
    channel = own(OWN.split("fields:", maxsplit=1)[0] + "fields: {id: {since: 2027-01-01}}\n")
    assert channel.on(date(2030, 1, 1)) is channel


SAID = [
    ("2027-01-01", "field changes", "title", "max", {"length": 200, "else": "cut"}, {"length": 150, "else": "cut"}),
    ("2027-01-01", "field changes", "title", "required", None, [{}]),
    ("2027-02-01", "field changes", "shipping.price", "required", None, [{}]),
    ("2027-02-01", "field starts", "sizes", "", None, None),
    ("2027-02-01", "field ends", "size", "", None, None),
    ("2027-03-01", "field changes", "title", "max", {"length": 150, "else": "cut"}, {"length": 75, "else": "reject"}),
    ("2027-04-01", "check hardens", "a", "else", "warn", "reject"),
    ("2027-06-01", "field changes", "title", "required", [{}], None),
    ("2027-06-01", "field changes", "title", "note", None, "Shorter."),
]


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2026-01-01", "2028-01-01", 0, 9),
        ("2026-01-01", "2027-01-01", 0, 2),
        ("2027-01-01", "2027-03-01", 2, 6),
        ("2027-04-01", "2027-05-01", 7, 7),
        ("2027-03-31", "2027-04-01", 6, 7),
    ],
)
def test_differences(own, start, end, first, last):
    channel = own()
    found = differences(channel.node, channel.definition, date.fromisoformat(start), date.fromisoformat(end))
    told = [(str(one.day), one.what, one.about, one.key, one.before, one.after) for one in found]
    key = [(one[0], one[1], one[2], one[3]) for one in told]
    assert sorted(key) == sorted((one[0], one[1], one[2], one[3]) for one in SAID[first:last])
    assert all(one in SAID for one in told)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("{from: 2027-01-01, requird: true}", "channels/own.yaml:8:40: unknown key 'requird'"),
        ("{from: soon, required: true}", "channels/own.yaml:8:28: fields.title.changes.0.from"),
        ("{required: true}", "channels/own.yaml:8:21: the key 'from' is missing here"),
        ("{from: 2027-01-01, type: choice}", "needs `values:`"),
    ],
)
def test_a_wrong_change_is_told_before_its_day(own, change, told):
    text = OWN.split("fields:", maxsplit=1)[0] + f"fields:\n  id: {{}}\n  title: {{changes: [{change}]}}\n"
    with pytest.raises(DefinitionError) as caught:
        own(text)
    assert told in str(caught.value)
