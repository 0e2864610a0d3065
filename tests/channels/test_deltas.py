"""Every channel that is updated: the last whole feed and a delta make what a whole feed of the new catalog holds.

The feeds are those of `samples/library`, the new catalog is its catalog with products changed, gone and added.
"""

import csv
import io
import shutil
from pathlib import Path

import pytest

from feedsmith.definitions.load import channel_files, load_channel
from feedsmith.issues import Place
from feedsmith.run.delta.choose import refused
from feedsmith.run.diff.side import FeedFiles, key_of, open_side
from feedsmith.run.execute import execute
from feedsmith.run.ledger import BETWEEN
from feedsmith.run.request import Request
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.json_groups import NUMBER
from tests.channels.engine import HERE, NOW
from tests.helpers import ROOT

FILES = channel_files(HERE)
CHANNELS = {name: load_channel(name, FILES, Place("tests")) for name in sorted(FILES)}
UPDATED = [name for name, channel in CHANNELS.items() if channel.definition.semantics == "update"]
WITH_DELTAS = [name for name in UPDATED if not CHANNELS[name].definition.whole]
CATALOG = (ROOT / "samples/shop/catalog.csv").read_text("utf-8")
GROUPS = {row["item_group_id"] for row in csv.DictReader(io.StringIO(CATALOG))}
"""The keys of what stands above variants: it stays, and without variants nobody sees it."""
REQUESTS = ("method", "operation", "operationType")


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_says_how_it_deletes_where_absence_does_not(name):
    definition = CHANNELS[name].definition
    assert (definition.deletes is not None) is (name in UPDATED)
    for field in definition.deletes.fields if definition.deletes is not None else ():
        assert definition.fields[field].type in {"text", "gtin", "url", "choice"}, "its text must say all of it"


def test_a_channel_whose_file_must_be_whole_has_no_deltas():
    assert {name for name in UPDATED if refused(_spec(name), CHANNELS[name])} == {"google_supplemental", "etsy"}


def _spec(name: str):
    class Spec:
        channel = name

    return Spec


# --- the law ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The `old` and `new` whole feeds, the `delta` between them, and the keys that were told to stay, by channel."""
    folder = tmp_path_factory.mktemp("samples")
    shutil.copytree(ROOT / "samples", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".feedsmith", "out"))
    for path in (folder / "library/feeds").glob("*.yaml"):
        if path.stem in WITH_DELTAS:
            text = path.read_text("utf-8")
            path.write_text(
                text.replace(f"channel: {path.stem}\n", f"channel: {path.stem}\n    deltas: true\n").replace(
                    f"{{channel: {path.stem},", f"{{channel: {path.stem}, deltas: true,"
                ),
                "utf-8",
            )
    for name in ("meta", "mirakl"):  # in the shop's own project
        text = f"feeds:\n  {name}_shop: {{channel: {name}, deltas: true, markets: [nl], extends: [shop]}}\n"
        (folder / f"library/feeds/{name}_shop.yaml").write_text(text, "utf-8")
    told: dict[str, set[str]] = {}

    def run(out: str, *, delta: bool = False, state: str = "state"):
        request = Request(
            project=folder / "library", out=folder / out, state=folder / state, as_of=NOW, workers=1, write=True,
            delta=delta, force=True, channels=tuple(WITH_DELTAS),
        )  # fmt: skip

        def tell(report) -> None:
            for issue in report.issues():
                if issue.code == "not-deleted":
                    told.setdefault(issue.channel, set()).add(issue.product)

        return execute(request, tell)

    found = {"old": run("out")}
    _change(folder / "shop/catalog.csv")
    found["delta"] = run("out", delta=True)
    found["new"] = run("new", state="another")
    return {name: report.feeds for name, report in found.items()}, told


def _change(path: Path) -> None:
    """Change a price, take products and a whole group away, add one."""
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    rows[3]["price"] = "99.95"
    rows[7]["stock_amsterdam"] = "1"
    group = rows[30]["item_group_id"]
    del rows[5]
    left = [row for row in rows if row["item_group_id"] != group]
    new = {**left[-1], "id": "VH-NEW", "gtin": "", "mpn": "NEW-1"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows([*left, new])
    path.write_text(text.getvalue(), "utf-8")


def _items(feeds, name: str, scratch: Path):
    """Key, cells and whether it deletes, of each item of a channel's feeds."""
    channel = CHANNELS[name]
    for feed in feeds:
        if feed.channel != name or not feed.files:
            continue
        paths = tuple(Path(file.path) for file in feed.files)
        folder = scratch / feed.name
        folder.mkdir(parents=True)
        side = open_side(FeedFiles(feed.name, paths, tuple(map(str, paths))), channel, HERE, folder)
        keys = key_of(channel, side, side, ())
        for table in side.tables:
            for batch in read_table(table):
                columns = [
                    [str(one or "") for one in side.fields[key].texts(batch.columns, len(batch))] for key in keys
                ]
                for row, key in enumerate(zip(*columns, strict=True)):
                    if not any(key):
                        continue  # a row above variants that has no key of its own
                    cells = {heading: column[row] for heading, column in batch.columns.items() if column[row]}
                    cells.pop(NUMBER, None)
                    yield (feed.name, *key), cells, _deletes(channel.definition, cells)


def _deletes(definition, cells) -> bool:
    if any(cells.get(name) == "DELETE" for name in REQUESTS):
        return True
    values = definition.deletes.values
    fixed = {(definition.fields[key].name or key): value for key, value in values.items() if "{" not in value}
    return bool(fixed) and all(cells.get(name) == value for name, value in fixed.items())


@pytest.mark.parametrize("name", WITH_DELTAS)
def test_the_whole_feed_and_the_delta_make_the_new_feed(made, tmp_path, name):
    feeds, told = made
    old, new = ({key: cells for key, cells, _ in _items(feeds[one], name, tmp_path / one)} for one in ("old", "new"))
    has = dict(old)
    sent = list(_items(feeds["delta"], name, tmp_path / "delta"))
    for key, cells, deletes in sent:
        if deletes:
            assert key in has, "only what the channel has is deleted"
            del has[key]
        else:
            has[key] = cells
    assert old
    assert new != old
    assert {key: cells for key, cells in has.items() if key in new} == new
    stays = {_joined(key[1:]) for key in has.keys() - new.keys()} - GROUPS
    assert stays == {_joined(one.split(BETWEEN)) for one in told.get(name, ())}
    assert bool(told.get(name)) is bool(CHANNELS[name].definition.deletes.way)
    assert all(feed.delta.deleted + feed.delta.left for feed in feeds["delta"] if feed.channel == name)


def _joined(key) -> str:
    return BETWEEN.join(filter(None, key))
