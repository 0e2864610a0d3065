"""Each limit of each field of each channel: a value that keeps to it passes, a value just beyond it is told."""

import re
from functools import cache
from typing import Any

import pytest

from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.load import channel_files, load_channel
from feedsmith.issues import Issue
from tests.channels.engine import CHANNELS, HERE, Bench, base, cell
from tests.channels.samples import Sample, samples

LIMIT = re.compile(r"at most [\d,]+|at least [\d,]+|is above|is below|is not accepted here|has no word")
"""What the messages of a field's own limits say; conditions over several fields may still speak of the value."""
EXPANDED = "de"
"""The one value of every variable that repeats a field."""


def key_of(name: str, definition: FieldDefinition) -> str:
    """The field's key; of a field that is repeated by a variable, the one for the first of its values."""
    return f"{name}_{EXPANDED}" if definition.expand else name


@cache
def rows_of_samples(channel: str) -> list[tuple[str, Sample]]:
    """Field and sample, one for each row of the channel's catalog of samples."""
    fields = load_channel(channel, channel_files(HERE)).definition.fields
    return [(key_of(name, one), sample) for name, one in fields.items() for sample in samples(one)]


def rule(key: str, definition: FieldDefinition) -> dict[str, Any]:
    """The rule that takes the field from a column of its own."""
    several = definition.repeat is not None and definition.type != "group"
    return {"from": f"x_{key}", **({"steps": [{"split": "|"}]} if several else {})}


@pytest.fixture(scope="session")
def told(tmp_path_factory):
    """The issues of each row, channel by channel."""

    @cache
    def of(channel: str) -> dict[int, list[Issue]]:
        fields = load_channel(channel, channel_files(HERE)).definition.fields
        rules = {key_of(name, one): rule(key_of(name, one), one) for name, one in fields.items()}
        folder = tmp_path_factory.mktemp(f"{channel}-fields")
        words = dict(base(channel).vars) | {one.expand: [EXPANDED] for one in fields.values() if one.expand}
        example = {"fields": rules, "vars": words}
        bench = Bench(channel, example, [f"x_{key}" for key in rules], folder)
        rows = [{f"x_{key}": cell("", sample.value)} for key, sample in rows_of_samples(channel)]
        found: dict[int, list[Issue]] = {}
        for issue in bench.run(rows).issues:
            found.setdefault((issue.place.row or 0) - 2, []).append(issue)
        return found

    return of


def every_sample() -> list[Any]:
    return [
        pytest.param(channel, row, id=f"{channel} {key}: {sample.kind}")
        for channel in CHANNELS
        for row, (key, sample) in enumerate(rows_of_samples(channel))
    ]


@pytest.mark.parametrize(("channel", "row"), every_sample())
def test_limit(told, channel, row):
    key, sample = rows_of_samples(channel)[row]
    about = {key, f"{key}.{sample.attribute}"}
    own = [issue for issue in told(channel).get(row, []) if issue.field in about]
    found = [issue for issue in own if issue.code in sample.codes]
    if sample.codes:
        assert found, [(issue.code, issue.field, issue.message) for issue in own]
        assert sample.severity in {None, *(issue.severity for issue in found)}
    else:
        assert not [issue.message for issue in own if LIMIT.search(issue.message)]
