"""Which feeds `--delta` makes, and which it cannot."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.load import Channel
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.errors import DefinitionError, UsageError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.publish.settings import TargetSettings
from feedsmith.run.delta.sent import delta_name
from feedsmith.run.mapped_feed import MappedFeed, MappedField
from feedsmith.run.to_send import key_fields

COMMAND_LINE = Place("command line")
ONE_ADDRESS = (
    "end the address with `/`; or write `method: POST` where it takes each file as a message; "
    "or send whole feeds there by another feed without `deltas`"
)
SWITCH = "write `deltas: true` into the feed, and export it once without --delta"


def refused(spec: FeedSpec, channel: Channel) -> str:
    """Why the channel takes no deltas of the feed; empty where it does."""
    definition = channel.definition
    if definition.semantics != "update":
        return f"the channel {spec.channel} deletes what its file lacks, so each file must hold all items"
    if definition.whole:
        return f"the channel {spec.channel} needs all items in each file: {definition.whole}"
    return ""


def one_address(settings: TargetSettings) -> bool:
    """Whether a target keeps one file, whatever it is called: what is sent last replaces what was there."""
    to = str(settings.to)
    web = to.startswith(("http://", "https://")) and not to.endswith("/")
    return web and settings.method == "PUT" and settings.field is None


def check_deltas(spec: FeedSpec, channel: Channel, names: Collection[str]) -> None:
    """Refuse `deltas: true` where the channel takes none, or where a delta would stand in the place of another feed.

    Raises:
        DefinitionError: it takes none, another feed has the delta's name, or a target has one address for all files.
    """
    if spec.deltas and (why := refused(spec, channel)):
        raise DefinitionError(spec.channel_node.place, why, "take `deltas: true` out of the feed")
    for target in spec.targets.values() if spec.deltas else ():
        if one_address(target.settings):
            problem = f"the delta would take the place of the whole feed at {target.settings.to}"
            raise DefinitionError(target.node.key_place, f"target {target.name}: {problem}", ONE_ADDRESS)
    if spec.deltas and (name := delta_name(spec.name)) in names:
        raise DefinitionError(spec.channel_node.place, f"its delta is called as the feed {name}", "rename that feed")


def check_key(feed: MappedFeed) -> None:
    """Refuse deltas of items that nothing tells apart.

    Raises:
        DefinitionError: the channel has no key.
    """
    if feed.spec.deltas and not key_fields(feed):
        problem = f"the channel {feed.spec.channel} does not say by which field an item is known"
        hint = "give it a check `unique` with the code duplicate-id under `sets:`"
        raise DefinitionError(feed.spec.channel_node.place, problem, hint)


def with_delete_fields(
    spec: FeedSpec, channel: ChannelDefinition, fields: tuple[MappedField, ...]
) -> tuple[MappedField, ...]:
    """The fields, where those that items which delete need are written even if no product has them."""
    if not spec.deltas or channel.deletes is None:
        return fields
    needed = {*channel.deletes.fields, *channel.deletes.values}
    return tuple(replace(one, active=one.active or one.key in needed) for one in fields)


def with_deltas(
    specs: list[FeedSpec], channels: Mapping[str, Channel], *, limited: bool
) -> tuple[list[FeedSpec], list[FeedSpec]]:
    """The feeds that have deltas, and the others.

    Raises:
        UsageError: none has, or only a part of the catalog is read.
    """
    if limited:
        problem = "--delta with --limit: all products beyond the limit would count as deleted"
        raise UsageError(COMMAND_LINE, problem, "leave one of the two out")
    able = [spec for spec in specs if spec.deltas]
    if not able:
        why = refused(specs[0], channels[specs[0].channel])
        names = " ".join(spec.name for spec in specs)
        if len(specs) == 1 and why:
            raise UsageError(specs[0].channel_node.place, f"{names} has no delta: {why}", "export it without --delta")
        raise UsageError(COMMAND_LINE, f"--delta: no feed of {names} says `deltas: true`", SWITCH)
    return able, [spec for spec in specs if not spec.deltas]


def left_out(specs: Iterable[FeedSpec], channels: Mapping[str, Channel]) -> list[Issue]:
    """That feeds were asked for and have no deltas: the others are made all the same, as a cron line wants it."""
    return [_left_out(spec, refused(spec, channels[spec.channel])) for spec in specs]


def _left_out(spec: FeedSpec, why: str) -> Issue:
    message = f"no delta was made: {why or 'the feed does not say `deltas: true`'}"
    return Issue(
        "no-delta", Severity.INFO, message, spec.channel_node.place, feed=spec.name, channel=spec.channel,
        help="export it without --delta" if why else SWITCH,
    )  # fmt: skip
