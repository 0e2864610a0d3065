"""From the files to a plan: what is refused, and what the chosen channels lack."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.load import channel_files, load_channel
from feedsmith.errors import UsageError
from feedsmith.run.start.joined import COMMAND_LINE, given_fields
from feedsmith.run.start.look import Seen
from feedsmith.run.start.plan import Plan, plan
from feedsmith.run.start.role import role_of
from feedsmith.run.start.sources import Sources, arranged, refused

TITLE = "title"
MISSING_IDENTIFIER = "missing-identifier"
IDENTIFIERS = frozenset({"brand", "gtin", "mpn"})


def begun(seen: Sequence[Seen], channels: tuple[str, ...], folder: Path, scratch: Path, main: str = "") -> Plan:
    """The plan for these files and channels; `main` is the file that holds the products, where somebody said it.

    Raises:
        SourceError: the files hold no products.
        UsageError: nothing tells how the files belong together.
    """
    known = channel_files(folder)
    definitions = [load_channel(name, known).definition for name in channels]
    sources = arranged(seen, scratch, main)
    _check_products(sources, definitions)
    return plan(sources, channels, _open(sources, definitions))


def _check_products(sources: Sources, channels: Sequence[ChannelDefinition]) -> None:
    """Refuse a file of stock or prices for channels that need the names of products."""
    if not any(TITLE in {key, one.means} for channel in channels for key, one in channel.fields.items()):
        return
    role = role_of(sources.first)
    if role.holds not in {"products", "facts"} and TITLE not in given_fields(sources.joined):
        if not sources.joined:
            raise refused(sources.first, role)
        told = [f"{one.name} holds {role_of(one).title}" for one in (sources.first, *joined_files(sources))]
        problem = f"none of the files names products: {'; '.join(told)}"
        raise UsageError(COMMAND_LINE, problem, "give the file of the products too: --catalog PRODUCTS")


def joined_files(sources: Sources) -> Iterator[Seen]:
    """The first file of each source beside the main one."""
    return (one.first for one in sources.joined)


def _open(sources: Sources, channels: Sequence[ChannelDefinition]) -> Iterator[str]:
    """What channels reject for want of a value that nobody may make up."""
    role = role_of(sources.first)
    if role.holds == "facts" and not sources.joined:
        yield f"the file holds {role.title}: give {role.give}"
    checks = [check for channel in channels for check in channel.checks.values()]
    asks = any(check.code == MISSING_IDENTIFIER and check.otherwise == "reject" for check in checks)
    have = {one.field for one in sources.first.claims.values() if sources.first.looks[one.heading].filled}
    if asks and not IDENTIFIERS & (have | given_fields(sources.joined)):
        yield "no column is a brand, a GTIN or an MPN: channels that need one of them reject the products"
