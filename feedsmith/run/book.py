"""The workbook that a feed becomes: one of our own with a single sheet, or an owner's template that is filled."""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from feedsmith.definitions.channel import ChannelDefinition, Envelope
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.model import nearest
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.errors import DefinitionError
from feedsmith.issues import Issue, Severity
from feedsmith.render.encoder import OutField
from feedsmith.render.leaves import leaves
from feedsmith.render.owner_workbook import OwnerWorkbook, Wanted, read_owner_workbook
from feedsmith.render.xlsx import DECLARATION, MOST_ROWS, SHEET, workbook_parts

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of all members: an unchanged feed is an unchanged file."""
PART = 200
"""Bytes of the zip file for each member besides its content."""
GZIP = ".gz"


@dataclass(frozen=True)
class Book:
    """What a workbook is made of besides its rows: an owner's file, or the name of the one sheet."""

    sheet: str
    first_row: int = 2
    owner: OwnerWorkbook | None = None

    @property
    def member(self) -> str:
        """The member of the zip file that holds the rows."""
        return self.owner.member if self.owner else SHEET

    @property
    def around(self) -> int:
        """Bytes of the file besides the rows, at most."""
        if self.owner is not None:
            return len(self.owner.raw)
        return sum(len(text) + PART for text in workbook_parts(self.sheet).values())

    def parts(self) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
        """The other members, in order."""
        if self.owner is not None:
            yield from self.owner.parts()
            return
        for name, text in workbook_parts(self.sheet).items():
            yield new_member(name), (DECLARATION + text).encode()

    def envelope(self, limits: Envelope) -> Envelope:
        """The channel's limits, and the rows that a sheet has."""
        most = MOST_ROWS - self.first_row + 1
        return limits.model_copy(update={"items": min(limits.items or most, most)})


def new_member(name: str) -> zipfile.ZipInfo:
    """A member of a zip file, to be compressed."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def open_book(
    channel: ChannelDefinition, spec: FeedSpec, fields: Sequence[OutField], active: Sequence[OutField], folder: Path
) -> tuple[Book, list[Issue]]:
    """The workbook of a feed, with what is worth telling of an owner's template.

    Args:
        channel: the channel.
        spec: the feed, which may name a template.
        fields: all fields of the channel on this day.
        active: those that can have values.
        folder: the project's, from which the template's path goes.

    Raises:
        DefinitionError: the template cannot be filled, or lacks the heading of a required field.
    """
    if spec.output.endswith(GZIP):
        place = spec.channel_node.place
        raise DefinitionError(place, "a workbook is compressed already", "give `output` a name without .gz")
    if not spec.workbook:
        return Book(channel.sheet), []
    wanted = Wanted(spec.sheet or "", spec.header_row or channel.header_row, spec.first_row or channel.first_row)
    names = frozenset(_headings(fields))
    owner = read_owner_workbook(folder / spec.workbook, spec.workbook, wanted, names)
    issues = [*_lacking(owner, spec, active), *_unknown(owner, spec, names), *_lost(owner, spec)]
    return Book(owner.sheet, owner.layout.first_row, owner), issues


def _headings(fields: Sequence[OutField]) -> list[str]:
    return [leaf.field.name for field in fields for leaf in leaves(field)]


def _is_needed(definition: FieldDefinition) -> bool:
    return definition.always_required and not definition.uncertain


def _lacking(owner: OwnerWorkbook, spec: FeedSpec, active: Sequence[OutField]) -> Iterator[Issue]:
    """Fields with values for which the sheet has no column; a required one is a mistake."""
    for field in active:
        missing = [name for name in _headings([field]) if name not in owner.layout.slots]
        if not missing:
            continue
        hint = nearest(missing[0], owner.headings.values())
        if _is_needed(field.definition):
            raise DefinitionError(owner.place, f"has no heading {missing[0]!r}, which the channel requires", hint)
        shown = ", ".join(missing)
        yield _issue(owner, spec, f"the workbook has no heading for {shown}; the values are not sent", hint, field.key)


def _unknown(owner: OwnerWorkbook, spec: FeedSpec, names: frozenset[str]) -> Iterator[Issue]:
    for heading in owner.headings.values():
        if heading not in names:
            message = f"the heading {heading!r} of the workbook is no field of the channel; its cells stay empty"
            yield _issue(owner, spec, message, nearest(heading, names), severity=Severity.INFO)


def _lost(owner: OwnerWorkbook, spec: FeedSpec) -> Iterator[Issue]:
    for lost in owner.lost:
        yield _issue(owner, spec, f"the workbook's sheet cannot be filled without a loss: {lost}", "look at the result")


def _issue(
    owner: OwnerWorkbook,
    spec: FeedSpec,
    message: str,
    hint: str,
    field: str = "",
    severity: Severity = Severity.WARNING,
) -> Issue:
    return Issue(
        "unknown-column", severity, message, owner.place, feed=spec.name, channel=spec.channel, field=field, help=hint
    )
