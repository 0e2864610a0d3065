"""What changed in a feed's channel since its last export: after an upgrade, or on the day of a dated change.

An export leaves the definitions that it used in the project's state folder, each once, and notes which feed used which.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from feedsmith.definitions.resolve import FeedSpec
from feedsmith.issues import Issue, Severity, shown
from feedsmith.publish.folder import Staging
from feedsmith.run.job import Job

FOLDER = "channels"
INDEX = "channels.json"
SILENT = frozenset({"note", "reference", "read", "since", "until", "changes", "message", "help", "title", "owner"})
"""Keys of a definition that change nothing in a feed or its checks."""
LISTED = 8
"""Changes that a message names."""
SHOWN = 60
"""Code points of a value that a message shows."""
Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | None"


class Kept(msgspec.Struct, frozen=True):
    """What an export left of a feed: the channel, the day, and the digest of the definition as it counted then."""

    channel: str
    day: str
    digest: str


def keep_channels(state: Path, job: Job, feeds: Collection[str]) -> None:
    """Keep the definitions that these feeds, which were just exported, are made with.

    Nothing is written where the same is kept of the same day.

    Raises:
        OutputError: the state folder cannot be written.
    """
    before = _index(state)
    now = dict(before)
    for name, (tree, digest) in _definitions(job).items():
        for spec in (one for one in job.specs if one.channel == name and one.name in feeds):
            now[spec.name] = Kept(name, job.now.date().isoformat(), digest)
            if not _file(state, digest).is_file():
                _write(state / FOLDER, _file(state, digest).name, tree)
    if now != before:
        _write(state, INDEX, now)
        used = {one.digest for one in now.values()}
        for path in (state / FOLDER).glob("*.json"):
            if path.stem not in used:
                path.unlink(missing_ok=True)


def changes_since(state: Path, job: Job) -> Iterator[Issue]:
    """An issue for each channel that is not as it was at the last export; told for the first feed of it."""
    index = _index(state)
    if not index:
        return
    definitions = _definitions(job)
    told: set[tuple[str, str]] = set()
    for spec in job.specs:
        kept, (tree, digest) = index.get(spec.name), definitions[spec.channel]
        if kept is None or kept.channel != spec.channel or (spec.channel, kept.digest) in told or digest == kept.digest:
            continue
        told.add((spec.channel, kept.digest))
        before = _read(_file(state, kept.digest), object)
        if before is not None and (found := list(_differences(before, tree))):
            yield _issue(spec, kept, found)


def _definitions(job: Job) -> dict[str, tuple[Tree, str]]:
    """Each channel's definition as it counts on the day of the run, and its digest."""
    trees: dict[str, Tree] = {name: channel.node.plain() for name, channel in job.channels.items()}
    return {name: (tree, hashlib.sha256(msgspec.json.encode(tree)).hexdigest()[:32]) for name, tree in trees.items()}


def _index(state: Path) -> dict[str, Kept]:
    return _read(state / INDEX, dict[str, Kept]) or {}


def _file(state: Path, digest: str) -> Path:
    return state / FOLDER / f"{digest}.json"


def _read(path: Path, kind: Any) -> Any:
    """What a file of the state holds; None where it is missing or damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None


def _write(folder: Path, name: str, value: object) -> None:
    with Staging(folder, name) as staging:
        staging.file.write(msgspec.json.encode(value))
        staging.commit(name)


def _issue(spec: FeedSpec, kept: Kept, found: list[str]) -> Issue:
    more = f"; and {len(found) - LISTED} more" if len(found) > LISTED else ""
    message = f"the channel {spec.channel} changed since the run of {kept.day}: {'; '.join(found[:LISTED])}{more}"
    help_ = f"see `feedsmith channels show {spec.channel}`; the next export notes the new definition"
    place = spec.channel_node.place
    return Issue("channel-changed", Severity.INFO, message, place, feed=spec.name, channel=spec.channel, help=help_)


# --- what differs ------------------------------------------------------------------------------------------------


def _differences(before: Tree, after: Tree, path: tuple[str, ...] = ()) -> Iterator[str]:
    """What differs, in words: `field title max length 150 → 120`."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        if before != after:
            yield f"{_about(path)} {_text(before)} → {_text(after)}"
        return
    for key in dict.fromkeys([*before, *after]):
        if key in SILENT and path not in NAMED and path[-1:] != ("group",):  # else it is a name
            continue
        if path in NAMED and (key not in before or key not in after):
            yield f"{_about((*path, key))} is {'new' if key in after else 'gone'}"
        else:
            yield from _differences(before.get(key), after.get(key), (*path, key))


NAMED: Mapping[tuple[str, ...], str] = {
    ("fields",): "field",
    ("checks",): "check",
    ("sets",): "check of the whole feed",
    ("lists",): "list",
    ("group", "fields"): "field of groups",
    ("group", "checks"): "check of groups",
}
"""Sections whose entries have names → what an entry is called."""


def _about(path: tuple[str, ...]) -> str:
    """What a path is about: `field title max length`."""
    for section, title in NAMED.items():
        if path[: len(section)] == section and len(path) > len(section):
            return " ".join((title, *path[len(section) :]))
    return " ".join(path)


def _text(value: Tree) -> str:
    """A value in a few words; none is `nothing`."""
    return shown(_written(value), SHOWN)


def _written(value: Tree) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_written(one)}" for key, one in value.items()) or "nothing"
    if isinstance(value, list):
        return ", ".join(map(_written, value)) or "nothing"
    return "nothing" if value is None else value
