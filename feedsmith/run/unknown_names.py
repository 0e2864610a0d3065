"""Names in a project that mean nothing: codes of `checks:` that no check has, and locks of fields that nothing has."""

from collections.abc import Iterable, Iterator, Mapping

from feedsmith.catalog.records import PRODUCT
from feedsmith.checks.texts import TEXT_CHECKS
from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.load import Channel, Project, channel_files, load_channel
from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.errors import DefinitionError, Mistakes
from feedsmith.run.unknown_fields import OF_GROUP
from feedsmith.texts.catalogue import known_codes

LOCKED = ("catalog", "locked")


def check_names(project: Project, specs: Iterable[FeedSpec], channels: Mapping[str, Channel]) -> None:
    """Refuse names that mean nothing; a feed that was not asked for, or another day, may know what these do not.

    Raises:
        DefinitionError: there is such a name.
    """
    codes = {name: node for spec in specs for name, (check, node) in spec.checks.items() if isinstance(check, str)}
    locks = {node.text: node for node in _locked(project.root)}
    if not codes and not locks:
        return
    definitions = [channel.definition for channel in channels.values()]
    wrong = [*_wrong(codes, locks, definitions, project)]
    if wrong:
        files = channel_files(project.folder)
        named = {feed.channel for feed in project.definition.feeds.values()}
        definitions += [load_channel(name, files).definition for name in sorted(named)]
        wrong = [*_wrong(codes, locks, definitions, project)]
    mistakes = Mistakes()
    for one in wrong:
        mistakes.add(one)
    mistakes.tell()


def _wrong(
    codes: Mapping[str, Node], locks: Mapping[str, Node], channels: Iterable[ChannelDefinition], project: Project
) -> Iterator[DefinitionError]:
    known = {*_codes_of(channels), *_own_checks(project.root)} if codes else set()
    for name, node in codes.items():
        if name not in known:
            problem = f"there is no check {name!r} to switch off or to weigh"
            yield DefinitionError(node.key_place, problem, nearest(name, known))
    fields = {*_fields_of(channels), *PRODUCT.fields, *project.definition.catalog.fields} if locks else set()
    for name, node in locks.items():
        if name not in fields:
            problem = f"locked: no channel of the project has a field {name!r}, so the lock keeps nothing"
            yield DefinitionError(node.place, problem, nearest(name, fields))


def _codes_of(channels: Iterable[ChannelDefinition]) -> Iterator[str]:
    """The codes of all issues: those of feedsmith, and those of channels of one's own."""
    yield from known_codes()
    yield from (check.code for check in TEXT_CHECKS.values())
    for channel in channels:
        yield from (check.code for check in channel.checks.values())
        yield from (check.code for check in channel.sets.values())
        yield from (field.pattern.code for field in channel.fields.values() if field.pattern)
        if channel.group is not None:
            yield from (check.code for check in channel.group.checks.values())
            yield from (field.pattern.code for field in channel.group.fields.values() if field.pattern)


def _own_checks(node: Node) -> Iterator[str]:
    """The checks that the project defines, in whatever layer."""
    for name, entry in node.map.items():
        if name == "checks":
            yield from (check for check, said in entry.map.items() if said.map)
        yield from _own_checks(entry)


def _fields_of(channels: Iterable[ChannelDefinition]) -> Iterator[str]:
    for channel in channels:
        yield from channel.fields
        if channel.group is not None:
            yield from (f"{OF_GROUP}{name}" for name in channel.group.fields)


def _locked(root: Node) -> list[Node]:
    """The names that are locked, each with its place."""
    node = root
    for name in LOCKED:
        if name not in node.map:
            return []
        node = node.map[name]
    return [leaf for _, leaf in node.leaves()] if node.value is not None else []
