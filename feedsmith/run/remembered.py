"""The headings of sources as they were last read: rules that name them are still understood without the file."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from feedsmith.publish.folder import Staging
from feedsmith.sources.spool import SPOOL
from feedsmith.sources.table import Table, fingerprint

NAME = "headings.json"
Headings = Mapping[str, tuple[str, ...]]
"""Source → its headings."""


def remembered(state: Path) -> Headings:
    """What the last export left; nothing where the record is missing or damaged."""
    try:
        return msgspec.json.decode((state / NAME).read_bytes(), type=dict[str, tuple[str, ...]])
    except (OSError, msgspec.DecodeError):
        return {}


def remember(state: Path, headings: Headings) -> None:
    """Note these sources' headings for a run that misses their files."""
    before = remembered(state)
    now = {**before, **headings}
    if now != before:
        with Staging(state, NAME) as staging:
            staging.file.write(msgspec.json.encode(now))
            staging.commit(NAME)


def empty_table(shown: str, headings: tuple[str, ...], scratch: Path, name: str) -> Table:
    """A table without rows, in the place of a file that is missing."""
    path = scratch / f"missing-{name}.csv"
    path.touch()
    return Table(
        shown=shown, source=path, path=path, format="csv", encoding="utf-8", sheet=None, dialect=SPOOL, line_end=b"\n",
        headings=headings, header_row=1, data_offset=0, first_line=1, numbered=True, open_ended=True,
        stamp=fingerprint(path),
    )  # fmt: skip
