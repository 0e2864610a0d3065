"""The examples of a project: made-up products that go through the very rules and checks of the feeds.

Each is one row with the catalog's columns, explained as a row of the catalog is; what came of it is held against what
the example expects.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from feedsmith.catalog.headings import Claim, split_key
from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.definitions.project import ExampleDefinition
from feedsmith.errors import DefinitionError, DefinitionErrors, UsageError
from feedsmith.issues import Place
from feedsmith.mapping.printed import printed
from feedsmith.run.compile_feed import compile_feeds
from feedsmith.run.explain import ExplainedFeed, ExplainedField, explain
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.find import Row
from feedsmith.run.job import Job, Stream
from feedsmith.run.opening import open_job
from feedsmith.run.request import Request, open_project
from feedsmith.sources.batch import Batch
from feedsmith.values.column import Column

NOT_FILTERED = "no"
BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Missed:
    """What an example expected and did not get: `about` is a field, `filtered`, `rejected` or an issue code.

    `place` is where the rule stands that gave the value; None where none did.
    """

    about: str
    expected: str
    got: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What one example came to in one feed."""

    name: str
    feed: str
    place: Place
    missed: tuple[Missed, ...]


def run_examples(request: Request, scratch: Path) -> list[ExampleResult]:
    """Every example of the project, in each feed that it is for and that the request asks for.

    Raises:
        UsageError: the project has no examples.
        DefinitionError: an example names a feed, a column or a field that is not there.
        FeedsmithError: the project or its catalog is wrong.
    """
    project = open_project(request)
    if not project.definition.examples:
        hint = "write examples: with `given` and `expect`; docs/rule-tools.md has some"
        raise UsageError(project.root.place, "the project has no examples", hint)
    job, _ = open_job(request, project, scratch)
    feeds = compile_feeds(job)
    cases = _cases(job, feeds)
    told = explain(job, feeds, tuple(case.row for case in cases), made_up=True)
    return [
        ExampleResult(case.name, feed.name, case.node.key_place, tuple(_missed(case, feed)))
        for case, one in zip(cases, told, strict=True)
        for feed in one.feeds
        if case.is_for(feed.name)
    ]


@dataclass(frozen=True)
class _Case:
    """An example with its row, and the feeds' encoders by name."""

    name: str
    definition: ExampleDefinition
    node: Node
    row: Row
    feeds: Mapping[str, CompiledFeed]

    def is_for(self, feed: str) -> bool:
        return not self.definition.feed or any(fnmatchcase(feed, pattern) for pattern in self.definition.feed)

    def encoded(self, feed: str, text: str) -> str:
        """A text as the feed writes it."""
        found = self.feeds.get(feed)
        return found.encoder.fixed(text) if found is not None else text


def _cases(job: Job, feeds: list[CompiledFeed]) -> list[_Case]:
    """The examples with their rows; every wrong name in them is told in one go."""
    nodes = job.project.root.map["examples"].map
    by_name = {feed.spec.name: feed for feed in feeds}
    found: list[_Case] = []
    mistakes: list[DefinitionError] = []
    for name, definition in job.project.definition.examples.items():
        node = nodes[name]
        wrong = [*_unknown_fields(node, feeds), *_unknown_columns(node, job.streams[0])]
        mistakes += wrong
        if not wrong:
            found.append(_Case(name, definition, node, _row(node, job.streams[0]), by_name))
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else DefinitionErrors(tuple(mistakes))
    return found


# --- the row -----------------------------------------------------------------------------------------------------


def _row(node: Node, stream: Stream) -> Row:
    """The row that an example describes, at the example's place."""
    cells: dict[str, str | None] = dict.fromkeys(_headings(stream))
    for key, value in _given(node):
        for heading in _columns(key, stream):
            cells[heading] = _cell(value)
    place = node.key_place
    batch = Batch(
        place.path, None, {heading: Column([cell]) for heading, cell in cells.items()}, [place.row or 1],
        matched={join.name: [True] for join in stream.joins},
    )  # fmt: skip
    return Row(batch, "", "", place)


def _headings(stream: Stream) -> list[str]:
    joined = [column.name for join in stream.joins for column in join.columns]
    return [*(stream.tables[0].headings if stream.tables else ()), *joined]


def _given(node: Node) -> Iterator[tuple[str, Node]]:
    """Key and value of what is given; `title: {nl: …}` is `title[nl]`."""
    for key, value in node.map["given"].map.items():
        if value.map:
            yield from ((f"{key}[{part}]", one) for part, one in value.map.items())
        else:
            yield key, value


def _cell(value: Node) -> str | None:
    """A value as a cell; several as a list in one cell."""
    return ",".join(one.text for one in value.value) if isinstance(value.value, list) else value.text or None


def _columns(key: str, stream: Stream) -> list[str]:
    """The columns that a key names: those of our field, of all its languages where it names none, or a heading."""
    claim = stream.claims.get(key)
    if claim is not None:
        return [claim.heading]
    own = [one.heading for one in stream.claims.values() if _is_of(one, key)]
    return own or [heading for heading in _headings(stream) if heading == key]


def _is_of(claim: Claim, key: str) -> bool:
    return claim.field == key and split_key(claim.key)[1] is not None


def _unknown_columns(node: Node, stream: Stream) -> Iterator[DefinitionError]:
    for key, value in _given(node):
        if not _columns(key, stream):
            known = [*stream.claims, *_headings(stream)]
            yield DefinitionError(value.key_place, f"the catalog has no {key!r}", nearest(key, known))


def _unknown_fields(node: Node, feeds: list[CompiledFeed]) -> Iterator[DefinitionError]:
    definition = node.map.get("feed")
    patterns = [leaf.text for _, leaf in definition.leaves() if leaf.text] if definition is not None else ["*"]
    asked = [feed for feed in feeds if any(fnmatchcase(feed.spec.name, pattern) for pattern in patterns)]
    if not asked and definition is not None:
        names = [feed.spec.name for feed in feeds]
        yield DefinitionError(definition.place, f"no feed fits {' '.join(patterns)!r}", nearest(patterns[0], names))
    known = {one.key for feed in asked for one in feed.written_fields}
    for key, value in node.map["expect"].map.items() if asked and "expect" in node.map else ():
        if key not in known:
            yield DefinitionError(value.key_place, f"no feed of this example has a field {key!r}", nearest(key, known))


# --- what came of it ---------------------------------------------------------------------------------------------


def _missed(case: _Case, feed: ExplainedFeed) -> Iterator[Missed]:
    """What the example expects of this feed and did not get."""
    yield from _missed_state(case, feed)
    fields = {one.key: one for one in (*feed.fields, *(feed.group.fields if feed.group is not None else ()))}
    known = {one.key for one in case.feeds[feed.name].written_fields} if feed.name in case.feeds else set(fields)
    expected = case.node.map.get("expect")
    for key, value in expected.map.items() if expected is not None else ():
        if key in known and not _same(case, feed, fields.get(key), value):
            yield _missed_field(key, value, fields.get(key), feed)
    codes = {issue.code for issue in feed.issues}
    for code in case.definition.issues:
        if code not in codes:
            yield Missed(code, "told", f"not told; told: {', '.join(sorted(codes)) or 'nothing'}", None)


def _missed_state(case: _Case, feed: ExplainedFeed) -> Iterator[Missed]:
    """Whether it was left out or rejected, where the example says so; expected values need an item."""
    wanted = case.definition.filtered
    reason = feed.reason if feed.state == "filtered" else NOT_FILTERED
    if wanted is None and case.definition.expect and feed.state == "filtered":
        wanted = NOT_FILTERED
    if wanted is not None and wanted != reason:
        yield Missed("filtered", wanted, reason, feed.place)
    rejected = case.definition.rejected
    if rejected is not None and rejected is not (feed.state == "rejected"):
        yield Missed("rejected", "yes" if rejected else "no", feed.reason or feed.state, None)


def _same(case: _Case, feed: ExplainedFeed, found: ExplainedField | None, expected: Node) -> bool:
    """Whether a field holds what is expected: a text as it is or as the format writes it, or the values of a list."""
    if isinstance(expected.value, list):
        wanted = [one.text for one in expected.value]
        return wanted == ([printed(one) for one in _listed(found.value)] if found is not None else [])
    text = _held(found)
    if not expected.text:
        return not text
    return text in {_plain(expected.text), _plain(case.encoded(feed.name, expected.text))}


def _held(found: ExplainedField | None) -> str:
    """What the feed holds of a field; of one that its template does not write, what the rule gives."""
    if found is None:
        return ""
    return _plain(found.text if found.written or found.value is None else printed(found.value))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _plain(text: str) -> str:
    """A text as texts are compared: line breaks and runs of blanks are one blank."""
    return BLANKS.sub(" ", text).strip()


def _missed_field(key: str, expected: Node, found: ExplainedField | None, feed: ExplainedFeed) -> Missed:
    wanted = ", ".join(one.text for one in expected.value) if isinstance(expected.value, list) else expected.text
    got = _held(found)
    steps = found.steps if found is not None else ()
    place = steps[-1].place if steps else feed.place
    return Missed(key, wanted, got, place)
