"""What a feed is written with: its encoder, its template with what that can name, and the workbook it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.load import Channel, template_file
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.errors import DefinitionError
from feedsmith.issues import Issue, Place
from feedsmith.render.csv import CsvEncoder
from feedsmith.render.encoder import Encoder, OutField
from feedsmith.render.encoding import encode
from feedsmith.render.json import JsonEncoder
from feedsmith.render.load_template import load_template, no_template, plain_template
from feedsmith.render.template import FeedTemplate
from feedsmith.render.xlsx import GROUP_SOURCE, SOURCE, XlsxEncoder
from feedsmith.render.xml import XmlEncoder
from feedsmith.run.book import Book, open_book

NEWLINES: Mapping[str, Literal["\n", "\r\n"]] = {"lf": "\n", "crlf": "\r\n"}


@dataclass(frozen=True)
class Output:
    """How a feed is written; `book` where it is a workbook, `issues` of the owner's template."""

    encoder: Encoder
    template: FeedTemplate
    context: Mapping[str, Any]
    book: Book | None
    issues: list[Issue]


def output_of(
    spec: FeedSpec,
    channel: Channel,
    fields: Sequence[OutField],
    active: Sequence[OutField],
    folder: Path,
    of_group: Sequence[str] | None = None,
    *,
    writes: bool = True,
) -> Output:
    """How the feed is written.

    Args:
        spec: the feed.
        channel: its channel.
        fields: all fields of the channel on this day.
        active: those that can have values.
        folder: the project's.
        of_group: the keys of a group's own fields, where items are groups.
        writes: it is written; one that is only read needs neither template nor workbook.

    Raises:
        DefinitionError: the template or the workbook cannot be used.
    """
    definition = channel.definition
    if not writes:
        encoder = _encoder(definition, None)
        return Output(encoder, no_template(), _context(spec, channel, encoder, active), None, [])
    book, issues = _book(definition, spec, fields, active, folder)
    encoder = _encoder(definition, book)
    context = _context(spec, channel, encoder, active)
    keys = [field.key for field in fields]
    if book is not None:
        template = _sheet(definition, spec.workbook or "workbook", keys, of_group, context)
    else:
        template = _template(channel, folder, keys, of_group, context)
    return Output(encoder, template, context, book, issues)


def _sheet(
    channel: ChannelDefinition, shown: str, keys: Sequence[str], of_group: Sequence[str] | None, context: dict[str, Any]
) -> FeedTemplate:
    """The template of a workbook: a row for each item, of a group its own and those of its variants."""
    parent = channel.group.parent if channel.group is not None else None
    if of_group is None or parent is None:
        return plain_template(SOURCE, shown, keys, context)
    return plain_template(GROUP_SOURCE.format(row=parent.row), shown, of_group, context, keys)


def _book(
    channel: ChannelDefinition, spec: FeedSpec, fields: Sequence[OutField], active: Sequence[OutField], folder: Path
) -> tuple[Book | None, list[Issue]]:
    if channel.format == "xlsx":
        return open_book(channel, spec, fields, active, folder)
    if spec.workbook:
        problem = f"the channel {spec.channel} takes no workbook"
        raise DefinitionError(spec.channel_node.place, problem, "take `workbook:` out of the feed")
    return None, []


def _encoder(definition: ChannelDefinition, book: Book | None) -> Encoder:
    if book is not None:
        return XlsxEncoder(definition.dialect, book.owner.layout if book.owner else None)
    if definition.format == "xml":
        return XmlEncoder(definition.element, definition.dialect)
    if definition.format == "json":
        return JsonEncoder(definition.dialect)
    return CsvEncoder(definition.dialect)


def _context(spec: FeedSpec, channel: Channel, encoder: Encoder, fields: Sequence[OutField]) -> dict[str, Any]:
    """What a template knows besides the items, encoded for its format."""
    feed = {"name": spec.name, "title": spec.title, "link": spec.link, "description": spec.description or spec.title}
    market = {"country": spec.market.country, "language": spec.market.language, "currency": spec.market.currency}
    return {
        **encoder.context(fields),
        "feed": {name: encoder.fixed(text) for name, text in feed.items()},
        "market": {name: encoder.fixed(text) for name, text in market.items()},
        "channel": {"name": encoder.fixed(channel.name), "title": encoder.fixed(channel.definition.title)},
        "vars": {name: encoder.fixed(node.text) for name, node in spec.vars.items() if node.text},
    }


def _template(
    channel: Channel, folder: Path, keys: Sequence[str], of_group: Sequence[str] | None, context: Mapping[str, Any]
) -> FeedTemplate:
    path, dialect = template_file(channel, folder), channel.definition.dialect
    items, variants = (keys, None) if of_group is None else (of_group, keys)
    template = load_template(path, f"templates/{path.name}", items, context, NEWLINES[dialect.newline], variants)
    for text in (template.head_text, template.foot_text) if dialect.encoding != "utf-8" else ():
        try:
            encode(text(context), dialect)
        except ValueError as error:
            hint = "look at the template and at the feed's title, link and description"
            raise DefinitionError(Place(template.path), f"what stands around the items {error}", hint) from error
    return template
