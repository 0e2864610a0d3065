"""Feeds to their targets: what a target has already is not sent, and one target's trouble stays its own."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from feedsmith.definitions.resolve import FeedSpec
from feedsmith.definitions.target import TargetSpec, named
from feedsmith.errors import DeliveryError, TargetBusyError, TargetClosedError
from feedsmith.issues import Place
from feedsmith.publish.deliver import open_target, tried
from feedsmith.publish.numbering import numbered
from feedsmith.publish.settings import PLACEHOLDER, TargetSettings, seconds
from feedsmith.publish.target import Budget, Parcel, Target
from feedsmith.reports.report import Delivery, DeliveryState
from feedsmith.run.deliveries import Deliveries, Sent, sent_now, unsure

NOT_PLAIN = frozenset("/\\\0\r\n")
OF_THE_FILE = frozenset({"name", "within", "retries", "resend_after"})
"""Settings that say nothing of the connection: targets that differ in nothing else share one."""


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A file of a feed: `name` is the published one, `path` where its bytes lie now."""

    path: Path
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class ReadyFeed:
    """A feed to deliver, as `run` published it."""

    spec: FeedSpec
    files: tuple[ReadyFile, ...]
    run: int = 0


@dataclass
class _Order:
    """What is to be done for one feed at one target."""

    due: list[tuple[ReadyFile, str, str]]
    """File, its name there, and the version that we delivered last."""
    gone: list[str]
    """Names there that the feed has no more."""
    names: tuple[str, ...]
    notes: list[str] = field(default_factory=list)
    sent: int = 0


class Courier:
    """Brings feeds to their targets, one after the other; connections are shared and closed at the end.

    Args:
        project: its folder.
        record: what was delivered.
        force: send what is unchanged too, and replace what others have written.
        dry_run: send nothing, and say what would be sent.
    """

    def __init__(self, project: Path, record: Deliveries, *, force: bool = False, dry_run: bool = False) -> None:
        self._project, self._record, self._force, self._dry_run = project, record, force, dry_run
        self._open: dict[str, Target] = {}
        self._trouble: dict[str, DeliveryError] = {}
        """What went wrong at a target: the next feed for it is not tried for long, or not at all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for target in self._open.values():
            with suppress(Exception):  # what was delivered is; a connection that cannot be closed is closed by its end
                target.close()

    def deliver(self, feed: ReadyFeed, target: TargetSpec) -> Delivery:
        """Bring a feed to one target; what fails is told in the delivery."""
        begun = time.monotonic()
        done = Delivery(target.name, str(target.settings.to), DeliveryState.UNCHANGED)
        try:
            order = self._order(feed, target)
            done = replace(done, files=order.names)
            if not order.due and not order.gone:
                return done
            if self._dry_run:
                return replace(done, state=DeliveryState.PLANNED)
            try:
                self._carry_out(feed, target, order)
            finally:
                done = replace(
                    done, bytes=order.sent, notes=tuple(order.notes), seconds=round(time.monotonic() - begun, 3)
                )
        except DeliveryError as error:
            return replace(done, state=DeliveryState.FAILED, reason=_reason(error, done.to), help=error.hint)
        return replace(done, state=DeliveryState.DELIVERED)

    # --- what is to be done ----------------------------------------------------------------------------------

    def _order(self, feed: ReadyFeed, target: TargetSpec) -> _Order:
        settings = target.settings
        known = self._record.known(feed.spec.name, target.name, settings.place)
        by_content = {sent.sha256: sent for sent in known.values()} if settings.dated else {}
        due: list[tuple[ReadyFile, str, str]] = []
        names: list[str] = []
        for file, name in zip(feed.files, names_at(settings, feed), strict=True):
            had = known.get(name) or by_content.get(file.sha256)
            if had is not None and had.sha256 == file.sha256 and not self._again(settings, had):
                names.append(had.name)
                continue
            names.append(name)
            due.append((file, name, "" if had is None or had.name != name or self._force else had.version))
        gone = sorted(set(known).difference(names))
        return _Order(due, gone, tuple(names))

    def _again(self, settings: TargetSettings, had: Sent) -> bool:
        """Whether an unchanged file is sent once more."""
        if self._force:
            return True
        if settings.resend_after is None:
            return False
        age = datetime.now(UTC) - datetime.fromisoformat(had.at)
        return age.total_seconds() >= seconds(settings.resend_after)

    # --- doing it --------------------------------------------------------------------------------------------

    def _carry_out(self, feed: ReadyFeed, target: TargetSpec, order: _Order) -> None:
        """All files, the first one last; then what the feed has no more is removed."""
        settings = target.settings
        who = feed.spec.name, target.name, settings.place
        key = settings.model_dump_json(exclude=set(OF_THE_FILE))
        trouble = self._trouble.get(key)
        if isinstance(trouble, TargetClosedError):
            raise trouble
        budget, retries = Budget(seconds(settings.within)), 0 if trouble is not None else settings.retries
        try:
            if key not in self._open:
                self._open[key] = open_target(settings, self._project)
            there = self._open[key]
            for file, name, since in reversed(order.due):
                parcel = Parcel(file.path, name, file.sha256, file.bytes, budget, since)
                self._record.note(*who, unsure(name, since, feed.run))
                placed = tried(partial(there.put, parcel), retries, budget)
                self._record.note(*who, sent_now(name, file.sha256, file.bytes, placed.version, feed.run))
                order.sent += file.bytes
                order.notes += [placed.note] if placed.note and placed.note not in order.notes else []
            for name in order.gone:
                note = "" if settings.dated else tried(partial(there.remove, name, budget), retries, budget)
                self._record.forget(*who, name)
                order.notes += [note] if note else []
        except (TargetBusyError, TargetClosedError) as error:
            self._trouble[key] = error
            raise


def names_at(settings: TargetSettings, feed: ReadyFeed) -> list[str]:
    """What the feed's files are called at a target.

    Raises:
        DeliveryError: a name is none of a plain file.
    """
    now = datetime.now(UTC)
    words = feed.spec.words | {"date": f"{now:%Y-%m-%d}", "time": f"{now:%H%M%S}", "run": str(feed.run)}
    apart = {"file", "number"} & set(PLACEHOLDER.findall(settings.name))
    names = []
    for number, file in enumerate(feed.files, 1):
        name = named(settings.name, words | {"file": file.name, "number": str(number)})
        name = name if apart or len(feed.files) == 1 else numbered(name, number)
        if not NOT_PLAIN.isdisjoint(name) or name in {"", ".", ".."}:
            raise DeliveryError(Place(str(settings.to)), f"{name!r} is not the name of a file", "correct `name`")
        names.append(name)
    return names


def deliver_all(courier: Courier, feeds: Iterable[ReadyFeed], wanted: Sequence[str] = ()) -> dict[str, list[Delivery]]:
    """The deliveries of each feed by its name; `wanted` names targets, empty for all."""
    return {
        feed.spec.name: [
            courier.deliver(feed, target)
            for target in feed.spec.targets.values()
            if not wanted or target.name in wanted
        ]
        for feed in feeds
    }


def _reason(error: DeliveryError, to: str) -> str:
    """What went wrong; with its place, where that is not the target's address."""
    place = str(error.place) if error.place else ""
    return error.problem if not place or place.startswith(to.rstrip("/")) else f"{place} {error.problem}"
