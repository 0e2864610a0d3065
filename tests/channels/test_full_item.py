"""A product that has everything: the item bears every attribute of the definition, in the shape that Google reads."""

import yaml

from feedsmith.definitions.load import channel_files, load_channel
from tests.channels.engine import HERE, Bench, cell

FULL = yaml.safe_load((HERE / "full_item.yaml").read_text("utf-8"))


def test_item_with_all_attributes(tmp_path):
    columns = {**FULL["same"], **FULL["given"]}
    market = {"country": "CH", "currency": "CHF", "language": "de", "zone": "Europe/Zurich"}
    bench = Bench("google", {"market": market}, list(columns), tmp_path)
    seen = bench.run([{name: cell(name, value) for name, value in columns.items()}])
    assert not seen.rejected, seen.issues
    assert seen.out == {**FULL["same"], **FULL["read"]}


def test_item_leaves_out_no_attribute():
    fields = load_channel("google", channel_files(HERE)).definition.fields
    full = {**FULL["same"], **FULL["read"]}
    assert set(full) == set(fields)
    for name, field in fields.items():
        groups = full[name] if isinstance(full[name], list) else [full[name]]
        assert set(field.group) == {part for group in groups if isinstance(group, dict) for part in group}
