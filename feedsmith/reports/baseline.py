"""A baseline: the errors and warnings that are known, so that a run tells and fails for new ones only.

The file is JSON that can be reviewed: one issue a line, by code, feed, product and field. The row is no part of it, so
that rows may move. An issue without a product is known by its file.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from feedsmith.errors import UsageError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.encoded import to_json
from feedsmith.reports.harmless import encodable
from feedsmith.reports.report import Report

VERSION = 1
Key = tuple[str, str, str, str]


class _Known(msgspec.Struct, omit_defaults=True):
    code: str
    feed: str = ""
    product: str = ""
    field: str = ""
    path: str = ""


class _File(msgspec.Struct):
    version: int
    issues: list[_Known]


@dataclass(frozen=True)
class Baseline:
    """The keys of known issues.

    `of` says whose they are, where it is no file; with `infos` issues that are infos are known too. Issues with one of
    `passed` as their code are left out whatever they are.
    """

    keys: frozenset[Key]
    of: str = ""
    infos: bool = False
    passed: frozenset[str] = frozenset()

    def new_only(self, report: Report) -> Report:
        """The report without what is known; `known` says how many issues that were."""

        def new() -> Iterator[Issue]:
            return (issue for issue in report.issues() if not self.knows(issue))

        counts = Counter((issue.severity, issue.feed, issue.code) for issue in new())
        known = report.known + report.counts.total() - counts.total()
        return replace(report, issues=new, counts=counts, known=known, known_of=self.of or report.known_of)

    def knows(self, issue: Issue) -> bool:
        """Whether it is one of the baseline."""
        counts = self.infos or issue.severity is not Severity.INFO
        return counts and (key_of(issue) in self.keys or issue.code in self.passed)


def known_keys(report: Report, folder: str) -> frozenset[Key]:
    """What all issues of a report are known by; a path below `folder` as its project would name it."""
    return frozenset(_below(key_of(issue), folder) for issue in report.issues())


def _below(key: Key, folder: str) -> Key:
    code, feed, what, name = key
    return code, feed, what.removeprefix(f"{folder}/") if what.startswith(folder) else what, name


def key_of(issue: Issue) -> Key:
    """What an issue is known by."""
    return tuple(map(encodable, (issue.code, issue.feed, issue.product or issue.place.path, issue.field)))


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file.

    Raises:
        UsageError: it is missing, or no baseline.
    """
    place = Place(str(path))
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except OSError as error:
        problem = f"the baseline cannot be read: {error.strerror or error}"
        raise UsageError(place, problem, "--write-baseline makes it") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(place, f"is no baseline: {error}", "--write-baseline makes it anew") from error
    if found.version != VERSION:
        raise UsageError(
            place, f"is a baseline of version {found.version}, not {VERSION}", "--write-baseline makes it anew"
        )
    return Baseline(frozenset((one.code, one.feed, one.product or one.path, one.field) for one in found.issues))


def baseline_of(report: Report) -> Iterator[str]:
    """The file's text for all errors and warnings of a report, sorted."""
    known = {_line(issue) for issue in report.issues() if issue.severity is not Severity.INFO}
    lines = ",\n".join(sorted(known))
    yield f'{{"version": {VERSION}, "issues": [\n{lines}\n]}}\n'


def _line(issue: Issue) -> str:
    path = "" if issue.product else issue.place.path
    return to_json(_Known(issue.code, issue.feed, issue.product, issue.field, path))
