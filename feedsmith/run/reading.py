"""A feed that something else wrote, as the run reads it: its file for a catalog, the channel's fields for columns."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from feedsmith.catalog.conform import Options
from feedsmith.catalog.headings import Claim
from feedsmith.catalog.records import PRODUCT
from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.load import Channel, Project, channel_files, load_channel, project_file, project_from
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import resolve_feeds
from feedsmith.definitions.wrap import NAME
from feedsmith.errors import SourceError, UsageError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.mapping.from_feed import Matched, match
from feedsmith.mapping.inner import ANY
from feedsmith.mapping.wire import Wire, read_from
from feedsmith.run.channel_fields import OF_THE_FIELD
from feedsmith.run.job import Job, Stream
from feedsmith.run.read_groups import as_rows
from feedsmith.run.reading_deletes import deleting_words
from feedsmith.run.reading_fields import id_field
from feedsmith.run.reading_form import group_as_read, headings_of, items_path, variants_form
from feedsmith.run.request import COMMAND_LINE, FeedFile, Request
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.json_groups import NUMBER
from feedsmith.sources.json_items import WRAPPED
from feedsmith.sources.table import ReadOptions, Table, open_table
from feedsmith.values.codes import COUNTRIES, COUNTRY_CURRENCY
from feedsmith.values.currencies import CURRENCIES

REQUESTS = ("method", "operation", "operationType")
"""Where a JSON request says what is to be done with its item."""
VALUE = "{value}"
CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
PLACES = ("shipping", "free_shipping_threshold", "tax")
"""Groups whose country is the one that the feed is for."""
DOMAIN = re.compile(r"https?://[^/:?#]+\.([a-z]{2})(?:[/:?#]|$)", re.IGNORECASE)
BRITISH = {"UK": "GB"}
VANITY = frozenset(
    {"AG", "AI", "AM", "CC", "CO", "FM", "GG", "IM", "IO", "LA", "LY", "ME", "SH", "TO", "TV", "VC", "WS"}
)
"""Countries whose domains shops everywhere use."""
PAGE = "html"
"""The extension of a feed that is read by people."""
MASK = "update_mask"
"""Where a JSON request names the attributes that it changes."""
NO_ITEMS = {"DELETE": "request to delete", "PATCH": "request to patch"}
"""Requests that hold no whole item, and the reason by which they are left out."""
DELETES = "item that deletes"
"""The reason by which rows are left out that the channel takes as a delete."""


def reading_project(request: Request) -> Project:
    """A project of nothing but the feed; its channels are those of the project that the request stands in."""
    path = project_file(request.project, request.here)
    return project_from(_node({}), path.parent if path is not None else request.here)


def open_feed(request: Request, project: Project, scratch: Path) -> tuple[Job, list[Issue]]:
    """The job that reads the feed.

    Raises:
        FeedsmithError: the channel is not there, or the file cannot be read.
    """
    feed = request.feed
    if feed is None:
        raise ValueError("the request names no feed to read")
    channel = load_channel(feed.channel, channel_files(project.folder), COMMAND_LINE)
    shown = str(feed.path)
    table = open_as(request.here / feed.path, feed, channel, project.folder, scratch)
    read_channel, variables = channel_as_read(channel, table)
    found = match(headings_of(table.headings, group=False), read_channel.definition.fields)
    table, issues = _without_repeated(table, found, read_channel.definition)
    market, note = _market(feed, table, found, read_channel.definition)
    entries = {**_feed_entries(feed, market, variables, request.site), **_no_items(table, read_channel.definition)}
    made_up = project_from(_node({"feeds": _node({feed.channel: _node(entries)})}), project.folder)
    spec = replace(
        resolve_feeds(made_up, request.now.date())[0], channel_node=Node(feed.channel, Place(shown), Place(shown))
    )
    wire = Wire(table.format in {"csv", "xlsx"}, read_channel.definition.dialect.decimal)
    claims = {**_id_claim(found, read_channel.definition), **_group_claim(table, read_channel.definition)}
    stream = Stream(PRODUCT.name, (table,), claims, Options(), None, (0,))
    job = Job(
        project=project, channels={feed.channel: read_channel}, specs=(spec,), streams=(stream,), places={}, lookups={},
        taxonomies={}, rates={}, now=request.now, scratch=scratch, reads=wire,
    )  # fmt: skip
    return job, [*issues, *note]


def open_as(path: Path, feed: FeedFile, channel: Channel, folder: Path, scratch: Path) -> Table:
    """The file as a feed of that channel. Definitions of a project in `folder` count; messages name `feed.path`.

    Raises:
        UsageError: the channel's form is not understood.
        NoItemsError: the file can be read, and has no items.
        SourceError: it cannot be read.
    """
    if why := why_unreadable(channel.definition):
        problem = f"the channel {channel.name} has {why}; such a feed cannot be read yet"
        raise UsageError(COMMAND_LINE, problem, "validate the data that it is made of")
    options = ReadOptions(
        encoding=feed.encoding, item=feed.item, header_row=feed.header_row, variants=variants_form(channel, folder),
        wrapped=wrapped_names(channel.definition), usual=items_path(channel, folder),
    )  # fmt: skip
    return _opened(path, options, scratch, str(feed.path), channel.definition)


def _opened(path: Path, options: ReadOptions, scratch: Path, shown: str, definition: ChannelDefinition) -> Table:
    """The feed's table; its headings are in the row where the channel has them, unless more are known in another."""
    usual = definition.header_row if options.header_row is None and definition.header_row > 1 else None
    try:
        table = open_table(path, options, scratch, shown)
    except SourceError:
        if usual is None:
            raise
        return open_table(path, replace(options, header_row=usual), scratch, shown)
    if usual is None or table.header_row == usual or table.format not in {"csv", "xlsx"}:
        return table
    try:
        other = open_table(path, replace(options, header_row=usual), scratch, shown)
    except SourceError:
        return table
    return max(other, table, key=lambda one: len(match(one.headings, definition.fields).fields))


def why_unreadable(definition: ChannelDefinition) -> str:
    """What of the channel's form is not understood when it is read; empty where a feed of it can be read."""
    if definition.format == "xml" and definition.group is not None:
        return "groups with their variants as items"
    if definition.extension == PAGE:
        return "a page for people as its feed"
    return ""


def wrapped_names(definition: ChannelDefinition) -> tuple[str, ...]:
    """The names of the object in a request that is the item; none where the channel's items have such objects."""
    first = {one.name.split(".")[0] for one in definition.fields.values() if one.name and "." in one.name}
    return () if first & set(WRAPPED) else WRAPPED


def _node(value: Any) -> Node:
    return Node(value, COMMAND_LINE, COMMAND_LINE)


def _feed_entries(
    feed: FeedFile, market: Mapping[str, str], variables: Mapping[str, list[str]], site: str
) -> dict[str, Node]:
    """The feed as a project would define it."""
    settings = {**market, **({"site": site} if site else {})}
    return {
        "channel": _node(feed.channel),
        "market": _node({key: _node(value) for key, value in settings.items()}),
        "vars": _node({name: _node([_node(value) for value in values]) for name, values in variables.items()}),
    }


def _no_items(table: Table, definition: ChannelDefinition) -> dict[str, Node]:
    """A request to delete an item or to patch it says not all of it: it is no item. Nor is a row that deletes."""
    around = [heading for heading in REQUESTS if table.format == "json" and heading in table.headings]
    conditions = {
        reason: _node(" or ".join(f'upper(columns["{heading}"]) == "{word}"' for heading in around))
        for word, reason in NO_ITEMS.items()
        if around
    }
    words = deleting_words(definition, table.headings)
    if words and not words.keys() <= set(around):
        said = (f"upper(columns[{json.dumps(name)}]) == {json.dumps(word.upper())}" for name, word in words.items())
        conditions[DELETES] = _node(" and ".join(said))
    if table.format == "json" and MASK in table.headings:
        conditions["request to change some of an item"] = _node(f'columns["{MASK}"] is filled')
    return {"exclude": _node(conditions)} if conditions else {}


# --- the channel -------------------------------------------------------------------------------------------------


def channel_as_read(channel: Channel, table: Table) -> tuple[Channel, dict[str, list[str]]]:
    """The channel as it is read, and the values of the variables that its fields are repeated for."""
    definition = as_rows(channel.definition)
    variables: dict[str, list[str]] = {}
    free = match(table.headings, {key: one for key, one in definition.fields.items() if one.expand is None}).unknown
    for key, one in definition.fields.items():
        if one.expand is not None:
            found = _values_in(one.name or key, free)
            variables[one.expand] = list(dict.fromkeys([*variables.get(one.expand, []), *found]))
    fields = {key: _named(read_from(one), table.headings, definition.format) for key, one in definition.fields.items()}
    orders = {key: columns.order for key, columns in match(table.headings, fields).fields.items() if columns.order}
    for key, order in orders.items():
        fields[key] = fields[key].model_copy(update={"order": list(order)})
    changes = {"fields": fields, "item": "product", "group": group_as_read(definition)}
    return replace(channel, definition=definition.model_copy(update=changes)), variables


def _named(definition: FieldDefinition, headings: Iterable[str], format_: str) -> FieldDefinition:
    """The field under the name that the feed gives it, where the name holds words of the project or the market."""
    name = definition.name or ""
    if not set(NAME.findall(name)) - OF_THE_FIELD:
        return definition
    if format_ == "json" and "." in name:
        return definition.model_copy(update={"name": NAME.sub(ANY, name)})
    pattern = re.compile("[*]?" + ".+?".join(map(re.escape, NAME.split(name)[::2])), re.IGNORECASE)
    known = next((heading for heading in headings if pattern.fullmatch(heading.strip())), NAME.sub(r"\1", name))
    return definition.model_copy(update={"name": known})


def _values_in(name: str, headings: Iterable[str]) -> Iterator[str]:
    """The values that headings have where the name of a repeated field has its variable."""
    before, _, after = name.partition(VALUE)
    pattern = re.compile(f"[*]?{re.escape(before)}(.+){re.escape(after)}", re.IGNORECASE)
    return (found[1] for heading in headings if (found := pattern.fullmatch(heading.strip())))


def _id_claim(found: Matched, definition: ChannelDefinition) -> dict[str, Claim]:
    """The column by which the feed's items are called, where it holds nothing else."""
    key = id_field(found, definition)
    if not key or found.fields[key].way:
        return {}
    return {"id": Claim("id", "id", found.fields[key].whole[0], "names the item")}


def _group_claim(table: Table, definition: ChannelDefinition) -> dict[str, Claim]:
    """The column that says to which group of the file a variant belongs."""
    if definition.group is None or NUMBER not in table.headings:
        return {}
    by = definition.group.by
    return {by: Claim(by, by, NUMBER, "the group in which it stands")}


def _without_repeated(table: Table, found: Matched, definition: ChannelDefinition) -> tuple[Table, tuple[Issue, ...]]:
    """The table; that a heading is repeated is no issue where the field has several values."""
    several = {
        heading for key, columns in found.fields.items() for heading in columns.headings
        if definition.fields[key].repeat is not None
    }  # fmt: skip
    issues = tuple(one for one in table.issues if one.place.column not in several)
    return replace(table, issues=issues), issues


# --- the market --------------------------------------------------------------------------------------------------


def _market(
    feed: FeedFile, table: Table, found: Matched, definition: ChannelDefinition
) -> tuple[dict[str, str], list[Issue]]:
    """The market as given, else as the feed's first values tell, with a note of what was guessed."""
    given = {"country": feed.country, "language": feed.language, "currency": feed.currency}
    market = {key: value for key, value in given.items() if value}
    sample = next(read_table(table), None)
    guessed: dict[str, str] = {}
    if sample is not None and "currency" not in market and (currency := _currency(sample, found, definition)):
        guessed["currency"] = currency
    if sample is not None and "country" not in market:
        country = _country(sample, found, definition)
        known = market.get("currency") or guessed.get("currency")
        if country and known in {None, COUNTRY_CURRENCY.get(country)}:
            guessed["country"] = country
    return {**market, **guessed}, list(_note(feed, table, market, guessed))


def _note(feed: FeedFile, table: Table, given: Mapping[str, str], guessed: Mapping[str, str]) -> Iterator[Issue]:
    missing = [f"--{key}" for key in ("country", "currency") if key not in given]
    if not missing:
        return
    told = ", ".join(f"{key} {value}" for key, value in guessed.items())
    message = f"taken from the feed's values: {told}" if told else "the feed does not tell its country and currency"
    if "country" not in {**given, **guessed}:
        message += "; what the channel asks in single countries only is not checked"
    yield Issue(
        "assumed-market", Severity.INFO, message, Place(table.shown), feed=feed.channel, channel=feed.channel,
        help=f"say it by {' and '.join(missing)}",
    )  # fmt: skip


def _currency(sample: Batch, found: Matched, definition: ChannelDefinition) -> str:
    """The currency that most prices name."""
    codes: Counter[str] = Counter()
    for key, columns in found.fields.items():
        if definition.fields[key].type == "money":
            for text in _texts(sample, columns.headings):
                codes.update(code for code in CODE.findall(text) if code in CURRENCIES)
    return codes.most_common(1)[0][0] if codes else ""


def _country(sample: Batch, found: Matched, definition: ChannelDefinition) -> str:
    """The one country that shipping costs are for, else that of all pages' addresses."""
    named: set[str] = {
        code for key in PLACES if key in found.fields for text in _texts(sample, found.fields[key].headings)
        for code in re.findall(r"(?<![A-Za-z])[A-Z]{2}(?=[:\"])", text) if code in COUNTRIES
    }  # fmt: skip
    if len(named) == 1:
        return named.pop()
    link = next((key for key in ("link", "url", "product_url") if key in found.fields), None)
    if named or link is None or definition.fields[link].type != "url":
        return ""
    hits = map(DOMAIN.match, _texts(sample, found.fields[link].whole))
    ends: set[str] = {hit[1].upper() if hit else "" for hit in hits}
    end = ends.pop() if len(ends) == 1 else ""
    code = BRITISH.get(end, end)
    return code if code in COUNTRIES - VANITY else ""


def _texts(sample: Batch, headings: Iterable[str]) -> Iterator[str]:
    for heading in headings:
        yield from sample.columns[heading].filled
