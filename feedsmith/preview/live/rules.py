"""Rules of the shown project: where a field's rule stands, what another one would give, writing it in its place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from feedsmith.definitions.load import Project, channel_files, load_channel, load_project
from feedsmith.definitions.origin import DEFAULT_KEYS, compact
from feedsmith.definitions.resolve import FeedSpec, resolve_feeds
from feedsmith.errors import UsageError
from feedsmith.issues import Place
from feedsmith.preview.index.state import State
from feedsmith.preview.live.edit import Edit, digest_of, edited, inside, rule_text
from feedsmith.publish.folder import Staging
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.ranking import ranks_used

BLOCKS: Mapping[str, tuple[str, ...]] = {
    "project": (), "rules": ("rules",), "market": ("markets",), "feed": ("feeds",),
}  # fmt: skip
"""What a layer is called first, and the keys of the block that its own name stands in."""
HERE, OWN = "here", "feed"
"""Where a rule is written: where the present one stands, or in the feed's own block."""


@dataclass(frozen=True)
class Spot:
    """A place that a rule can be written to: the file, the keys from its top, the layer's name."""

    where: str
    shown: str
    path: tuple[str, ...]
    layer: str
    feeds: tuple[str, ...]


def spots(state: State, feed: str, field: str) -> list[Spot]:
    """Where the rule of a field can be written: in the project's own files only."""
    spec = _spec(state.job, feed)
    if spec.channel_node.place.path == "command line":
        return []
    found: list[Spot] = []
    rule = spec.fields.get(field)
    own = spec.layers[-1].origin
    if rule is not None and rule.origin != own:
        feeds = tuple(one.name for one in state.job.specs if _same_rule(one, field, rule.node.place))
        found.append(Spot(HERE, rule.node.place.path, (*_block(rule.origin), "fields", field), rule.origin, feeds))
    key = own.partition(" ")[2]
    feeds = tuple(one.name for one in state.job.specs if one.layers[-1].origin == own)
    found.append(Spot(OWN, spec.channel_node.place.path, ("feeds", key, "fields", field), own, feeds))
    return found


def _same_rule(spec: FeedSpec, field: str, place: Place) -> bool:
    rule = spec.fields.get(field)
    return rule is not None and rule.node.place == place


def _block(origin: str) -> tuple[str, ...]:
    kind, _, name = origin.partition(" ")
    return (*BLOCKS[kind], *([name] if name else []))


def _spec(job: Job, feed: str) -> FeedSpec:
    """The feed of that name; one of products in places is told of with a place's code behind its name."""
    for spec in job.specs:
        if feed == spec.name or feed.startswith(f"{spec.name} "):
            return spec
    raise UsageError(Place(feed), "there is no such feed")


def rule_told(state: State, feed: str, field: str) -> dict[str, Any]:
    """The present rule of a field as text, and where another one can be written."""
    folder = state.job.project.folder
    places = spots(state, feed, field)
    rule = _spec(state.job, feed).fields.get(field)
    text = ""
    if rule is not None and rule.node.value is not None and places:
        text = rule_text(_text(folder, places[0].shown), places[0].path) or compact(rule.node)
    if not text:
        text = _default(state, feed, field)
    told = [{"where": one.where, "file": one.shown, "layer": one.layer, "feeds": list(one.feeds)} for one in places]
    return {"feed": feed, "field": field, "rule": text, "places": told}


def _default(state: State, feed: str, field: str) -> str:
    """The channel's own rule, as it could be written in a project."""
    spec = _spec(state.job, feed)
    node = state.job.channels[spec.channel].node.map["fields"].map.get(field)
    entries = node.map if node is not None else {}
    said = {key: entries[key] for key in DEFAULT_KEYS if key in entries}
    if node is None or not said:
        return f"{{{{ {field} }}}}"
    if set(said) == {"from"}:
        return f"{{{{ {said['from'].text} }}}}"
    return said["value"].text if set(said) == {"value"} else compact(node.with_entries(said))


def _text(folder: Path, shown: str) -> str:
    return inside(folder, shown).read_bytes().decode("utf-8-sig")


def edit_of(state: State, feed: str, field: str, rule: str, where: str) -> Edit:
    """The change that writes a rule.

    Raises:
        FeedsmithError: it cannot be written there.
    """
    if not rule.strip():
        raise UsageError(Place(field), "the rule is empty", "write a text such as {{ brand }} {{ title }}")
    spot = next((one for one in spots(state, feed, field) if one.where == where), None)
    if spot is None:
        raise UsageError(Place(field), "a rule cannot be written here", "the preview changes a project's own files")
    return edited(state.job.project.folder, spot.shown, spot.path, rule)


def tried(state: State, feed: str, edit: Edit) -> tuple[Job, CompiledFeed]:
    """The job and the feed as they would be with a change; nothing is written.

    Raises:
        FeedsmithError: the project would be wrong.
    """
    project = _project(state, {edit.file: edit.after})
    today = state.job.now.date()
    files = channel_files(project.folder)
    specs = {spec.name: spec for spec in resolve_feeds(project, today)}
    name = _spec(state.job, feed).name
    if name not in specs:
        raise UsageError(Place(edit.shown), f"the feed {name!r} would be gone")
    spec = specs[name]
    channel = load_channel(spec.channel, files, spec.channel_node.place).on(today)
    chosen = tuple(specs.get(one.name, one) for one in state.job.specs)
    job = replace(state.job, project=project, specs=chosen, channels={**state.job.channels, spec.channel: channel})
    return job, compile_feed(job, spec)


def check_ranks(state: State, feed: CompiledFeed) -> None:
    """Refuse a feed that was not saved with ranks that are not worked out, as that takes the whole catalog.

    Raises:
        UsageError: it has such a rank.
    """
    name = feed.spec.name
    known = {rank.name for one in state.feeds if one.spec.name == name for rank in ranks_used(one)}
    unknown = [rank.name for rank in ranks_used(feed) if rank.name not in known]
    if unknown:
        problem = f"the rank {unknown[0]!r} is worked out over the whole catalog, and no rule of this feed asks for it"
        raise UsageError(feed.spec.channel_node.place, problem, "save the rule to see what it gives")
    if name in state.silent:
        raise UsageError(feed.spec.channel_node.place, "the feed is still being worked out", "try it in a moment")


def _project(state: State, texts: Mapping[Path, str]) -> Project:
    """The project with other texts in place of some files."""
    old = state.job.project
    return load_project(old.folder / old.shown, state.request.env, texts)


def save(state: State, feed: str, edit: Edit, digest: str) -> None:
    """Write a change, if the file is still what it was when the change was shown.

    Raises:
        UsageError: the file changed meanwhile.
        FeedsmithError: the project would be wrong, or the file cannot be written.
    """
    if digest_of(edit.file.read_bytes()) != digest or edit.digest != digest:
        raise UsageError(Place(edit.shown), "changed meanwhile, so nothing was written", "look at the change again")
    tried(state, feed, edit)
    mode = edit.file.stat().st_mode & 0o777
    with Staging(edit.file.parent, edit.file.name) as staging:
        staging.file.write(edit.after.encode())
        staging.commit(edit.file.name)
    edit.file.chmod(mode)
