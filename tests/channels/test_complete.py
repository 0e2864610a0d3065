"""What every bundled channel has: its sources, a feed of the samples, the expected files, cases. A lack says what to add."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from feedsmith.definitions.channel import ItemCheck, SetCheck
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.load import Channel, channel_files, load_channel, template_file
from tests.channels.engine import HERE, base
from tests.channels.inherited import own_checks
from tests.conftest import GOLDEN
from tests.helpers import ROOT

FILES = channel_files(HERE)
NAMES = sorted(FILES)
SAMPLES = ("samples/shop/feedsmith.yaml", "samples/library/feeds/{name}.yaml")


@pytest.fixture(params=NAMES)
def channel(request) -> Channel:
    return load_channel(request.param, FILES)


def rules(channel: Channel) -> Iterator[tuple[str, FieldDefinition | ItemCheck | SetCheck]]:
    """The channel's fields with their attributes, its checks and its checks over all items, by their place in the file."""
    fields = [(f"fields.{name}", one) for name, one in channel.definition.fields.items()]
    while fields:
        name, one = fields.pop()
        yield name, one
        fields += [(f"{name}.group.{part}", inner) for part, inner in one.group.items()]
    yield from ((f"checks.{name}", check) for name, check in channel.definition.checks.items())
    yield from ((f"sets.{name}", check) for name, check in channel.definition.sets.items())


def test_it_says_what_it_is_and_where_that_stands(channel):
    one = channel.definition
    assert one.kind != "own", f"add kind: to channels/{channel.name}.yaml (search, social, marketplace, …)"
    assert one.delivery, f"add delivery: to channels/{channel.name}.yaml: how the channel takes its feed"
    assert one.blank, f"add blank: to channels/{channel.name}.yaml: what an empty value means to the channel"
    assert one.format == "xlsx" or template_file(channel, HERE).is_file()


def test_every_rule_has_a_reference(channel):
    pages = {"reference": channel.definition.reference} | {name: one.reference for name, one in rules(channel)}
    wrong = [f"{name}: {page}" for name, page in pages.items() if page and not page.startswith("https://")]
    assert wrong == [], "a reference is the https address of the owner's page"


def test_every_field_says_what_it_means(channel):
    lacking = [name for name, one in channel.definition.fields.items() if not one.note]
    assert lacking == [], f"add note: to these fields of channels/{channel.name}.yaml, in a few words"


def test_every_issue_says_what_to_do(channel):
    checks = [*channel.definition.checks.items(), *channel.definition.sets.items()]
    assert [name for name, check in checks if not check.help] == [], "add help: to these checks"


def test_it_has_a_sample_feed(channel):
    named = []
    for pattern in SAMPLES:
        path = ROOT / pattern.format(name=channel.name)
        if path.is_file():
            feeds: dict[str, Any] = yaml.safe_load(path.read_text("utf-8")).get("feeds", {})
            named += [name for name, feed in feeds.items() if feed["channel"] == channel.name]
    assert named, f"add samples/library/feeds/{channel.name}.yaml with a feed of this channel (google.yaml shows how)"


def test_it_has_expected_files(channel):
    folder = GOLDEN / channel.name
    hint = f"make tests/golden/{channel.name} by `python -m pytest tests/channels/test_golden.py --update-golden`"
    assert folder.is_dir(), hint
    assert any(folder.iterdir()), hint


def test_its_checks_have_cases(channel):
    """Checks that an extended channel has in the very same words are proved there."""
    path = HERE / f"{channel.name}_cases.yaml"
    own = own_checks(channel.name)
    assert path.is_file() or not own, f"add {path.name} with a case that trips each of {', '.join(sorted(own))}"
    if path.is_file():
        assert base(channel.name).product, f"say the product of the cases in {path.name}: base: {{like: …}}"
