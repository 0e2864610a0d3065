"""The sample of mistakes: each row's issue is found at that row, under the code that the row announces."""

import csv
from collections import defaultdict

import pytest

from feedsmith.issues import Issue, Severity
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from tests.channels.engine import NOW
from tests.helpers import ROOT

FOLDER = ROOT / "samples" / "mistakes"
with (FOLDER / "catalog.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.fixture(scope="session")
def by_row():
    """The issues of each row of the file."""
    found: dict[int | None, list[Issue]] = defaultdict(list)

    def tell(report):
        for issue in report.issues():
            found[issue.place.row].append(issue)

    execute(Request(project=FOLDER, as_of=NOW, workers=1), tell)
    return found


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row["mistake"] for row in ROWS])
def test_mistake(by_row, number):
    wanted = ROWS[number]["expected_code"]
    told = by_row[number + 2]
    if wanted:
        assert wanted in {issue.code for issue in told}
    else:
        assert not [issue.message for issue in told if issue.severity is not Severity.INFO]


def test_every_message_says_what_to_do(by_row):
    told = [issue for issues in by_row.values() for issue in issues if issue.severity is not Severity.INFO]
    assert [issue.code for issue in told if not issue.help and not issue.code.startswith("ragged")] == []
