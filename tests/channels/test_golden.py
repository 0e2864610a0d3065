"""The sample shop's feeds in every bundled channel, byte for byte.

Three channels are in the project of the shop itself, all others in `samples/library`, which reads the same catalog.
"""

import shutil
import zipfile
from pathlib import Path

import pytest

from feedsmith.definitions.load import channel_files
from feedsmith.issues import Issue, Severity
from feedsmith.render.xlsx import SHEET
from feedsmith.reports.report import Report
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from tests.channels.engine import HERE, NOW
from tests.conftest import GOLDEN
from tests.helpers import ROOT

SAMPLES = ROOT / "samples"
NAMES = sorted(channel_files(HERE))
OF_THE_SHOP = {"google", "meta", "mirakl"}
JOINED = "joined"
"""The feeds of `samples/joined`, which `tests/run` makes."""
NO_COPY = shutil.ignore_patterns(".feedsmith", "out")


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """The folder of the shop's feeds, report and issues, by the catalog they were made of."""
    found: dict[str, tuple[Path, Report, list[Issue]]] = {}
    for kind in ("csv", "xlsx"):
        shop = tmp_path_factory.mktemp(f"shop-{kind}")
        shutil.copytree(SAMPLES / "shop", shop, dirs_exist_ok=True, ignore=NO_COPY)
        issues: list[Issue] = []
        request = Request(
            project=shop, catalog=(shop / f"catalog.{kind}",), out=shop / "feeds", as_of=NOW, workers=1, write=True
        )
        report = execute(request, lambda report, told=issues: told.extend(report.issues()))
        found[kind] = shop / "feeds", report, issues
    return found


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """The same of `samples/library`."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(SAMPLES, folder, dirs_exist_ok=True, ignore=NO_COPY)
    issues: list[Issue] = []
    request = Request(project=folder / "library", out=folder / "feeds", as_of=NOW, workers=1, write=True)
    report = execute(request, lambda report: issues.extend(report.issues()))
    return folder / "feeds", report, issues


def keep(file: Path, folder: Path) -> None:
    """Copy a feed file; of a workbook the sheet, since how it is compressed depends on the machine's library."""
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as archive:
            (folder / f"{file.name}.xml").write_bytes(archive.read(SHEET))
    else:
        shutil.copy(file, folder)


@pytest.mark.parametrize("channel", sorted(set(NAMES) - OF_THE_SHOP))
def test_feeds_of_the_library(library, golden, tmp_path, channel):
    out, report, _ = library
    for feed in report.feeds:
        if feed.channel == channel:
            for file in feed.files:
                keep(out / Path(file.path).name, tmp_path)
    golden(channel, tmp_path)


@pytest.mark.parametrize("channel", sorted(OF_THE_SHOP))
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_feeds_of_the_sample_shop(exported, golden, tmp_path, kind, channel):
    out, report, _ = exported[kind]
    for feed in report.feeds:
        if feed.channel == channel:
            for file in feed.files:
                keep(out / Path(file.path).name, tmp_path)
    golden(channel, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_channel_exports(exported, library, name):
    """The sample shop's products all pass: a rule that the channel needs stands in its feed of `samples/library`."""
    _, report, issues = exported["csv"] if name in OF_THE_SHOP else library
    feeds = [feed for feed in report.feeds if feed.channel == name]
    assert feeds, f"add samples/library/feeds/{name}.yaml with a feed of the channel {name}"
    assert [feed.name for feed in feeds if not feed.items or feed.rejected] == [], (
        "a feed is empty, or rejects products"
    )
    assert [issue.message for issue in issues if issue.channel == name and issue.severity is Severity.ERROR] == []


def test_feeds_do_not_depend_on_the_format_of_the_catalog(exported):
    files = {
        kind: {path.name: path.read_bytes() for path in folder.iterdir()} for kind, (folder, *_) in exported.items()
    }
    assert files["csv"] == files["xlsx"]


def test_every_expected_folder_has_a_channel():
    assert {path.name for path in GOLDEN.iterdir()} - {*NAMES, JOINED} == set()
