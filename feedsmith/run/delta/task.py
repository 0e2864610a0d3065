"""The delta of one feed as a task for a worker: what changed, the items that delete, and what is kept of it."""

import hashlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from feedsmith.errors import OutputError
from feedsmith.issues import Issue, Severity
from feedsmith.publish.refusals import refusals
from feedsmith.render.encoding import encode
from feedsmith.reports.report import Counts
from feedsmith.reports.store import IssueWriter
from feedsmith.run.delta.changes import Before, Changes, Left, Part, changes, left
from feedsmith.run.delta.deletes import delete_items
from feedsmith.run.delta.sent import Head, Stretch, read_head, read_sent, write_sent
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.scratch import LENGTH, Section
from feedsmith.run.to_send import DIGEST, delete_fields

ELSEWHERE = "take it away on the channel itself"


@dataclass(frozen=True)
class DeltaTask:
    """What a feed is compared with, and where the results go.

    `stream` and `feed` say which one it is. `size` is about how many products the larger version has. `whole` and
    `since` are the files of what the last whole feed and the deltas after it sent. `partial`: a delta is made, and no
    whole feed. `today` is the run's day as an ordinal. `sent`, `deletes` and `issues` are the files that are written.
    """

    stream: int
    feed: int
    parts: tuple[Part, ...]
    size: int
    whole: Path | None
    since: Path | None
    partial: bool
    today: int
    sent: Path
    deletes: Path
    issues: Path


@dataclass(frozen=True)
class DeltaFound:
    """What changed, in products. `send` has a 1 for each item of a part that a delta holds; a whole feed has none.

    `section` holds the items that delete. `left` counts what left and cannot be deleted by the file. `counts` are those
    of the issues. `problem` says why there is nothing to compare with where there should be.
    """

    new: int
    changed: int
    unchanged: int
    deleted: int
    left: int
    send: tuple[bytes, ...]
    section: Section | None
    counts: Counts
    problem: str = ""


def find_delta(task: DeltaTask, feed: CompiledFeed) -> DeltaFound:
    """Compare a feed with what was sent, write the items that delete, and what is kept for the next time.

    Raises:
        OutputError: the disk refuses.
        RenderError: an item that deletes cannot be written.
    """
    head = Head(_frame(feed), delete_fields(feed.channel))
    before, of, problem = _before(task, head)
    found = changes(before, task.parts, task.size, task.today)
    if task.partial or feed.channel.deletes is None or feed.channel.deletes.way:
        found.gone_before.clear()
    gone = left(before, found, head.fields, of, task.today)
    section = _deletes(task, feed, head, gone)
    write_sent(task.sent, head, _kept(task, found, gone, deleted=section is not None))
    told = [_problem(feed, problem)] if problem else []
    with IssueWriter(task.issues) as issues:
        issues.extend([*told, *_left_alone(feed, gone if section is None else Left())])
    return DeltaFound(
        found.new, found.changed, found.unchanged, len(gone.keys) if section is not None else 0,
        0 if section is not None else len(gone.keys),
        tuple(map(bytes, found.send)) if task.partial else (), section, issues.counts, problem,
    )  # fmt: skip


def _frame(feed: CompiledFeed) -> bytes:
    """The digest of what stands around the items: with other headings, equal rows mean something else."""
    around = feed.template.head_text(feed.context) + "\0" + feed.template.foot_text(feed.context)
    return hashlib.blake2b(around.encode(), digest_size=DIGEST).digest()


def _before(task: DeltaTask, head: Head) -> tuple[Before, Mapping[str, Sequence[str]], str]:
    """What was sent, the names of the fields that its files have, and why it cannot be told."""
    of: dict[str, Sequence[str]] = {}
    frames = []
    problem = ""
    for kind, path in (("whole", task.whole), ("since", task.since)):
        if path is None:
            continue
        try:
            known = read_head(path)
            for _ in read_sent(path):  # to its end: a damaged file must not be found out halfway
                pass
        except OutputError as error:
            problem = error.problem
            continue
        of[kind] = known.fields
        frames.append(known.frame)
    whole, since = (task.whole if "whole" in of else None), (task.since if "since" in of else None)
    if problem:  # without one of both, nothing is known to be unchanged
        frames.append(b"")
    same = all(frame == head.frame for frame in frames)
    return Before(lambda: _stretches(whole), lambda: _stretches(since), same), of, problem


def _stretches(path: Path | None) -> Iterator[Stretch]:
    return iter(()) if path is None else read_sent(path)


# --- what is written -----------------------------------------------------------------------------------------------


def _deletes(task: DeltaTask, feed: CompiledFeed, head: Head, gone: Left) -> Section | None:
    """The items that delete, as a part leaves its items; None where the channel's file knows none."""
    deletes = feed.channel.deletes
    if deletes is None or deletes.way:
        return None
    fields = dict(zip(head.fields, gone.fields, strict=True))
    separator = encode(feed.channel.separator, feed.channel.dialect)
    lengths = array("I")
    with refusals(task.deletes), task.deletes.open("wb") as file:
        for text in delete_items(feed, deletes, fields, len(gone.keys)):
            file.write(text + separator)
            lengths.append(len(text) + len(separator))
        file.write(lengths.tobytes())
    texts = sum(lengths)
    return Section(task.deletes, 0, texts, len(lengths), 0, 0, texts + LENGTH * len(lengths))


def _kept(task: DeltaTask, found: Changes, gone: Left, *, deleted: bool) -> Iterator[Stretch]:
    """Of a whole feed all that it holds; of a delta all that it holds, which is all that was sent since that feed."""
    for part, marks in zip(task.parts, found.send, strict=True):
        rows = part.read()
        yield rows.stretch(marks, digests=False) if task.partial else rows.stretch()
    if task.partial or deleted:
        yield from gone.stretches(days=not task.partial)


# --- what is told --------------------------------------------------------------------------------------------------


def _left_alone(feed: CompiledFeed, gone: Left) -> Iterator[Issue]:
    deletes = feed.channel.deletes
    way = deletes.way if deletes is not None else "its definition says no way to delete"
    for key in gone.keys:
        yield Issue(
            "not-deleted", Severity.WARNING, f"it left the feed and stays on the channel: {way}",
            feed.spec.channel_node.place, product=key, feed=feed.spec.name, channel=feed.spec.channel, help=ELSEWHERE,
            reference=feed.channel.reference,
        )  # fmt: skip


def _problem(feed: CompiledFeed, problem: str) -> Issue:
    return Issue(
        "not-compared", Severity.WARNING,
        f"what was sent before is not known, so everything counts as changed and nothing as deleted: {problem}",
        feed.spec.channel_node.place, feed=feed.spec.name, channel=feed.spec.channel,
        help="nothing is to be done: the next whole export notes it anew",
    )  # fmt: skip
