"""Feeds that others wrote, beside the checkout: what lint finds in each is true, and nothing else is found."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from feedsmith.errors import SourceError
from feedsmith.issues import Issue, Severity
from feedsmith.run.execute import execute
from feedsmith.run.request import FeedFile, Request
from tests.channels.engine import HERE, NOW

DATA = HERE.resolve().parents[2] / "shared" / "data"
FOLDERS = ("catalogs/feeds", "marketplace/examples", "social/examples")
TABLE = yaml.safe_load((HERE / "examples.yaml").read_text("utf-8"))

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs the examples beside the checkout")


def counted(issues: list[Issue], severity: Severity) -> dict[str, int]:
    return dict(Counter(issue.code for issue in issues if issue.severity is severity))


@pytest.mark.parametrize("one", TABLE["feeds"], ids=lambda one: f"{Path(one['file']).name} as {one['channel']}")
def test_what_is_found_in_an_example(one):
    issues: list[Issue] = []
    request = Request(here=HERE, as_of=NOW, workers=1, feed=FeedFile(DATA / one["file"], one["channel"]))
    if "broken" in one:
        with pytest.raises(SourceError) as raised:
            execute(request, lambda report: None)
        assert one["broken"] in str(raised.value)
        assert raised.value.exit_code == 5
        return
    report = execute(request, lambda report: issues.extend(report.issues()))
    assert counted(issues, Severity.ERROR) == one.get("errors", {})
    assert counted(issues, Severity.WARNING) == one.get("warnings", {})
    assert report.feeds[0].items == one["items"]
    assert all(issue.place.row for issue in issues if issue.severity is Severity.ERROR)
    unknown = [issue.value for issue in issues if issue.code == "unknown-column" and "has no field" in issue.message]
    assert unknown == one.get("unknown", [])


def test_every_example_is_in_the_table():
    files = {path.relative_to(DATA).as_posix() for folder in FOLDERS for path in (DATA / folder).iterdir()}
    named = {one["file"] for one in TABLE["feeds"]} | set(TABLE["others"])
    assert named <= files, "the table names a file that is gone"
    assert files - named == set(), "add these files to tests/channels/examples.yaml"
