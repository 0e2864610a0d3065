"""A channel's own error report put on the rows and rules of the project."""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from feedsmith import __version__
from feedsmith.errors import UsageError
from feedsmith.issues import Issue, Severity, shown
from feedsmith.reports.report import Report, SourceReport
from feedsmith.reports.store import read_issues, write_issues
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.feedback.forms import own_check, plain
from feedsmith.run.feedback.places import Asked, Hit, Hits
from feedsmith.run.feedback.told import Feedback, Told, read_feedback
from feedsmith.run.handback.tables import read_tables
from feedsmith.run.mapped_feed import MappedField
from feedsmith.run.opening import open_job
from feedsmith.run.request import COMMAND_LINE, Request, open_project
from feedsmith.run.survey import Progress, compiled_feeds, survey

Tell = Callable[[Report], object]
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
QUOTED = re.compile(r"[\"'`\[]{1,2}([\w:.-]+)[\"'`\]]{1,2}")
"""A word in quotes or brackets: reports without a column for it name the field so."""
WORD = re.compile(r"[a-z0-9]+")
PLAIN_WORD = re.compile(r"\b[a-z]{2,}\b(?!-\d)")
CODE_LENGTH = 40
"""Characters of a code that is made of a message."""


@dataclass(frozen=True)
class Asking:
    """Which report is read, and the headings of a table that are not known."""

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)


def feedback(request: Request, asking: Asking, tell: Tell, progress: Progress | None = None) -> Report:
    """Put the report on rows and rules, and tell.

    Raises:
        UsageError: no channel is named.
        SourceError: the report, or the catalog, cannot be read.
        FeedsmithError: what else is wrong with the project.
    """
    if len(request.channels) != 1 or "*" in request.channels[0]:
        hint = "write --channel NAME: the channel that wrote the report"
        raise UsageError(COMMAND_LINE, "feedback needs one channel", hint)
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as name:
        scratch = Path(name)
        job, _ = open_job(request, open_project(request), scratch)
        here = request.here.resolve() == job.project.folder.resolve()
        path = asking.path if here else request.here / asking.path  # as reports name files: from the project
        read = read_feedback(path, request.channels[0], asking.columns, scratch)
        feeds = compiled_feeds(job)
        fields = _Fields(feeds[number] for number in feeds)
        asked: dict[str, set[str]] = {}
        for one in read.problems:
            asked.setdefault(one.id, set()).add(fields.key(one))
        wanted = Asked({id_: frozenset(keys) for id_, keys in asked.items() if id_})
        found, rows = survey(request, job, feeds, wanted, progress)
        hits = found.found if isinstance(found, Hits) else {}
        kept = scratch / "feedback.issues"
        counts = write_issues(kept, _issues(read, fields, hits))
        source = SourceReport(str(path), read.form, read.records)
        report = Report(
            version=__version__, sources=(source,), products=rows, feeds=(), counts=Counter(counts),
            issues=lambda: read_issues([kept]), folder=str(job.project.folder.resolve()), tables=read_tables(job),
        )  # fmt: skip
        tell(report)
        return report


class _Fields:
    """The fields of the channel, by every word that a report may use for them."""

    def __init__(self, feeds: Iterator[CompiledFeed]) -> None:
        self.feeds = list(feeds)
        self._by_word: dict[str, str] = {}
        fields = [one for feed in self.feeds for one in feed.fields]
        for words in (_keys, _names, _parts):  # a whole name goes before a part of one
            for one in fields:
                for word in words(one):
                    self._by_word.setdefault(_word(word), one.key)

    def key(self, told: Told) -> str:
        """The key of the field that a problem is about; empty where it names none of the channel's."""
        named = re.split(r"[,;]\s*", told.field) if told.field else QUOTED.findall(told.message)
        for name in named:
            parts = (name, name.partition(".")[0], name.rpartition(".")[2], name.rstrip("s"))
            if found := [self._by_word[word] for word in map(_word, parts) if word in self._by_word]:
                return found[0]
        return ""


def _keys(one: MappedField) -> list[str]:
    return [one.key]


def _names(one: MappedField) -> list[str]:
    return [one.out.name, one.out.name.rpartition(":")[2]]


def _parts(one: MappedField) -> list[str]:
    """The parts of a name that is a path, from the end."""
    return one.out.name.split(".")[:0:-1]


def _word(name: str) -> str:
    return plain(CAMEL.sub("_", name))


def _issues(read: Feedback, fields: _Fields, hits: Mapping[tuple[str, str], Hit]) -> Iterator[Issue]:
    for one in read.problems:
        for feed in fields.feeds:
            hit = hits.get((feed.spec.name, one.id))
            if hit is not None:
                yield _placed(one, feed, fields.key(one), hit)
                break
        else:
            yield _unknown(one, fields.feeds[0])


def _placed(told: Told, feed: CompiledFeed, key: str, hit: Hit) -> Issue:
    """A problem on the cell that its field comes from, with the rule and the check that have to do with it."""
    place, value = hit.cells.get(key, (hit.place, ""))
    channel = feed.spec.channel
    return Issue(
        code_of(told, channel), told.severity, _message(told), place, hit.product, feed.spec.name, channel, key,
        shown(value), "; ".join(_help(told, feed, key, hit)), told.link or feed.channel.reference,
    )  # fmt: skip


def _message(told: Told) -> str:
    return f"{told.message}: {told.detail}" if told.detail and told.detail not in told.message else told.message


def _help(told: Told, feed: CompiledFeed, key: str, hit: Hit) -> Iterator[str]:
    """The rule of the field, and our own check that finds the same or would have."""
    rule = next((one.rule for one in feed.fields if one.key == key and one.active), None)
    if rule is not None:
        yield f"rule: {rule.place}"
    elif key:
        yield f"{key} has no rule and no column in this project"
    else:
        yield f"feedsmith explain {hit.product} --feed {feed.spec.name} shows how its values came about"
    own = own_check(feed.spec.channel, told.code)
    same = [one for one in hit.issues if (one.field.partition(".")[0] == key if key else one.code == own)]
    if same:
        yield f"feedsmith tells it too: {', '.join(dict.fromkeys(one.code for one in same))}"
    elif own:
        yield f"the check {own} is about this"


def _unknown(told: Told, feed: CompiledFeed) -> Issue:
    """A product that the catalog does not hold: the feed at the channel is an older one, or of another shop."""
    named = f"the id {told.id!r}" if told.id else "no id"
    help_ = "look whether the product left the catalog, and whether the report is of this shop and of this channel"
    return Issue(
        "feedback-unknown-id", Severity.WARNING,
        f"the report names {named}, which the catalog does not hold: {_message(told)}" if told.id
        else f"the report does not say which product it is about: {_message(told)}",
        told.place, feed=feed.spec.name, channel=feed.spec.channel, value=shown(told.id), help=help_,
    )  # fmt: skip


def code_of(told: Told, channel: str) -> str:
    """The issue code: the channel's owner and its own code, else the words of the message without names and numbers.

    >>> place = Place("report.csv")
    >>> code_of(Told("1", "Missing value [brand]", Severity.ERROR, place, code="Missing_Value"), "google_nl")
    'google-missing-value'
    >>> code_of(Told("1", "The price '12' is too high for SKU-9", Severity.ERROR, place), "meta")
    'meta-the-price-is-too-high-for'
    """
    owner = channel.partition("_")[0]
    text = told.code or QUOTED.sub("", told.message)
    words = (WORD if told.code else PLAIN_WORD).findall(CAMEL.sub(" ", text).lower())
    name = ""
    for word in words:
        if len(name) + len(word) > CODE_LENGTH:
            break
        name += f"-{word}"
    return f"{owner}{name or '-problem'}"
