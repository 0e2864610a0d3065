"""What is published is the old version or the new one, whole, whatever goes wrong on the way."""

import os
import re
import signal
import stat
from pathlib import Path

import pytest

from feedsmith.cli.exits import code_of
from feedsmith.errors import FeedsmithError
from feedsmith.publish.refusals import refused
from feedsmith.run import finish
from tests.helpers import write_tree
from tests.run.helpers import PROJECT, TEMPLATES, catalog, export, numbers, part_size, rows, shop, stamps, strays

FAILING = TEMPLATES["one.xml.j2"].replace(
    "{{ item }}", "{{ item }}{% if raw.nr == '150' %}{{ raw.nr * 2 / 0 }}{% endif %}"
)
MALFORMED = TEMPLATES["one.xml.j2"].replace("{{ item }}", "{{ item }}{% if raw.nr == '150' %}</b>{% endif %}")


@pytest.fixture
def published(tmp_path):
    """A project whose feeds an earlier run published, and a catalog that is new since."""
    folder = shop(tmp_path, rows(250), envelope="{items: 100}")
    export(folder)
    (folder / "catalog.csv").write_text(catalog([row | {"brand": "Wijs"} for row in rows(300)]))
    return folder


def fails(folder: Path, message: str, code: int, **options) -> str:
    """Export, which must fail with this message and code and leave the published feeds untouched; gives the text."""
    before = stamps(folder)
    with part_size(2000), pytest.raises(FeedsmithError, match=message) as caught:
        export(folder, **options)
    assert caught.value.exit_code == code
    assert stamps(folder) == before
    assert strays(folder) == []
    return str(caught.value)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("template", "reason"), [(FAILING, r"templates/one\.xml\.j2:3: .*"), (MALFORMED, r"templates/one\.xml\.j2: what the template writes is not well-formed.*")]
)  # fmt: skip
def test_a_template_that_fails_on_one_product_fails_its_feed_only(published, template, reason, workers):
    write_tree(published, {"templates/one.xml.j2": template})
    before = stamps(published)
    with part_size(2000):
        ran = export(published, workers=workers)
    assert ran.states == ["failed", "published", "published"]
    assert re.fullmatch(reason, ran.feed("one").reason.splitlines()[0])
    assert stamps(published)["one.xml"] == before["one.xml"]
    assert numbers(published / "out/three.csv") == list(range(1, 301))
    assert code_of(ran.report, "never") == 4
    assert strays(published) == []


def test_when_all_feeds_fail_the_definitions_are_wrong(published):
    (published / "feedsmith.yaml").write_text(
        "market: {currency: EUR}\ncatalog: catalog.csv\nfeeds: {one: {channel: one}}\n"
    )
    write_tree(published, {"templates/one.xml.j2": FAILING})
    ran = export(published)
    assert (ran.states, code_of(ran.report, "never")) == (["failed"], 2)


def appended(path: Path) -> None:
    with path.open("a") as file:
        file.write("x,Deken,1.00,,,,999\n")


def renamed_over(path: Path) -> None:
    (path.parent / "new.csv").write_bytes(path.read_bytes())
    (path.parent / "new.csv").replace(path)


def touched(path: Path) -> None:
    os.utime(path, ns=(1, 1))


CHANGES = {
    "appended to": (appended, "the file was changed while it was read"),
    "renamed over": (renamed_over, "the file was changed while it was read"),
    "written again": (touched, "the file was changed while it was read"),
    "emptied": (lambda path: path.write_bytes(b""), "became shorter while it was read|changed while it was read"),
    "removed": (Path.unlink, "cannot be read: No such file|changed while it was read"),
}


@pytest.mark.parametrize("moment", [1, 4, "last"])
@pytest.mark.parametrize(("change", "message"), CHANGES.values(), ids=CHANGES)
def test_a_source_that_changes_while_it_is_read(published, change, message, moment):
    told = []

    def progress(done, total, products):
        told.append(done)
        if len(told) == moment or (moment == "last" and products == 300):
            change(published / "catalog.csv")

    assert "catalog.csv" in fails(published, message, 5, progress=progress)


def test_a_source_that_is_missing(published):
    (published / "catalog.csv").unlink()
    fails(published, r"catalog\.csv: cannot be read: No such file", 5)


def test_a_byte_that_is_not_utf8_far_down(published):
    raw = (published / "catalog.csv").read_bytes().replace(b"Deken nummer 200", b"D\xe9ken")
    (published / "catalog.csv").write_bytes(raw)
    fails(published, r"catalog\.csv:201", 5)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("name", "feed"), [("one.xml", "one"), ("three.csv", "three")])
def test_a_folder_that_takes_a_feeds_name_fails_that_feed_only(published, name, feed, workers):
    (published / "out" / name).unlink()
    (published / "out" / name).mkdir()
    ran = export(published, workers=workers)
    assert {one.name: str(one.state) for one in ran.report.feeds} == {
        "one": "published", "two": "published", "three": "published", feed: "failed"
    }  # fmt: skip
    assert f"out/{name}: a folder has this name" in ran.feed(feed).reason
    assert code_of(ran.report, "never") == 8
    assert strays(published) == []
    (published / "out" / name).rmdir()
    assert export(published).feed(feed).state == "published"


def test_folders_that_take_the_names_of_all_feeds_are_found_before_the_reading(published):
    (published / "feedsmith.yaml").write_text(PROJECT.split("  two:")[0])
    (published / "out/one.xml").unlink()
    (published / "out/one.xml").mkdir()
    told = []
    fails(published, "a folder has this name", 8, progress=lambda *_: told.append(1))
    assert told == []


def test_one_feed_that_the_disk_refuses_at_the_end_fails_alone(published, monkeypatch):
    """What refuses a file that is sealed: the names of a feed's files are changed one after the other."""
    publish_files = finish.publish_files

    def refuse(folder, files, strays=()):
        if files[0][1] == "three.csv":
            raise refused(folder / "three.csv", OSError(28, "No space left on device"))
        publish_files(folder, files, strays)

    before = stamps(published)
    with monkeypatch.context() as patch:
        patch.setattr(finish, "publish_files", refuse)
        ran = export(published)
    assert ran.states == ["published", "published", "failed"]
    assert "three.csv: the disk is full" in ran.feed("three").reason
    assert code_of(ran.report, "never") == 8
    assert stamps(published)["three.csv"] == before["three.csv"]
    assert strays(published) == []
    assert export(published).states == ["unchanged", "unchanged", "published"]


def test_a_file_in_the_place_of_the_output_folder(published):
    (published / "file").write_bytes(b"")
    fails(published, "a file stands where a folder is needed", 8, out=published / "file")


def test_an_empty_feed_is_held_and_published_by_force(published):
    kept = stamps(published)
    (published / "feedsmith.yaml").write_text(
        PROJECT + "  four: {channel: one, where: nr == '1'}\nexclude: {all: price > 0}\n"
    )
    ran = export(published)
    assert ran.states == ["held"] * 4
    assert {feed.reason for feed in ran.report.feeds} == {"no product is left for it; what is published stays"}
    assert stamps(published) == kept
    assert code_of(ran.report, "never") == 3
    assert export(published, force=True).states == ["published"] * 4
    assert [numbers(published / "out" / name) for name in ("one.xml", "two.json", "three.csv")] == [[], [], []]


def test_one_empty_feed_does_not_hold_the_others(published):
    (published / "feedsmith.yaml").write_text(PROJECT.replace("{channel: two}", "{channel: two, where: price < 0}"))
    before = stamps(published)
    ran = export(published)
    assert ran.states == ["published", "held", "published"]
    after = stamps(published)
    assert [after[f"two-{nr}.json"] for nr in (1, 2, 3)] == [before[f"two-{nr}.json"] for nr in (1, 2, 3)]


def test_the_order_of_calls_at_publishing(published, monkeypatch):
    """All bytes on the disk, then the names, last to first, then the folder: for each feed."""
    calls: list[str] = []
    fsync, replace = os.fsync, Path.replace
    out = published / "out"
    sizes: dict[str, int] = {}

    def noted_fsync(descriptor):
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if out in {path, path.parent}:
            calls.append("fsync folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else f"fsync {path.name}")
            sizes[path.name] = os.fstat(descriptor).st_size
        fsync(descriptor)

    def noted_replace(path, target):
        if target.parent == out:
            assert sizes[path.name] == path.stat().st_size > 0
            calls[:] = [call.replace(path.name, target.name) for call in calls]
            calls.append(f"replace {target.name}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    export(published)
    files = ["one.xml", "two-1.json", "two-2.json", "two-3.json", "three.csv"]
    first_replace = next(at for at, call in enumerate(calls) if call.startswith("replace"))
    assert {f"fsync {name}" for name in files} <= set(calls[:first_replace])
    rest = [call for call in calls[first_replace:] if call.startswith("replace") or call == "fsync folder"]
    assert rest == [
        "replace one.xml", "fsync folder", "replace two-3.json", "replace two-2.json", "replace two-1.json",
        "fsync folder", "replace three.csv", "fsync folder",
    ]  # fmt: skip


def test_interrupted_in_the_middle(published):
    before = stamps(published)

    def progress(done, total, products):
        if products > 100:
            signal.raise_signal(signal.SIGINT)

    for workers in (1, 2):
        with part_size(2000), pytest.raises(KeyboardInterrupt):
            export(published, progress=progress, workers=workers)
        assert stamps(published) == before
        assert strays(published) == []
